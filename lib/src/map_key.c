/*
 * The two kinds of keys: ids and paths.
 */
#include "map.h"

#include <string.h>

static uint64_t id_hash_of(const struct hash_key *key,
                           const struct record *record)
{
    /* relaxed: the caller looks at the state word before and after. */
    return hash_id(key, moor_load_relaxed(&record->id_high),
                   moor_load_relaxed(&record->id_low));
}

static bool id_equals(const struct record *record, life which,
                      const struct map_key *key)
{
    (void)which;
    /* acquire, so that the state word is looked at again after them. */
    return moor_load_acquire(&record->id_high) == key->high &&
           moor_load_acquire(&record->id_low) == key->low;
}

static uint64_t path_hash_of(const struct hash_key *key,
                             const struct record *record)
{
    (void)key;
    /* relaxed: the caller looks at the state word before and after. */
    return moor_load_relaxed(&record->path_hash);
}

static bool path_equals(const struct record *record, life which,
                        const struct map_key *key)
{
    const struct names *names;
    bool equal;

    (void)which;
    /* acquire: as for the id. */
    if (moor_load_acquire(&record->path_hash) != key->hash) {
        return false;
    }
    reclaim_enter();
    names = moor_pointer_acquire(&record->names); /* R1 */
    equal = names != NULL && names->path_length == key->length &&
            memcmp(names->text, key->path, key->length) == 0;
    reclaim_leave();
    return equal;
}

const struct map_kind map_by_id = {id_hash_of, id_equals};
const struct map_kind map_by_path = {path_hash_of, path_equals};

struct map_key map_key_of_id(const struct hash_key *key, uint64_t high,
                             uint64_t low)
{
    return (struct map_key){
        .hash = hash_id(key, high, low), .high = high, .low = low};
}

struct map_key map_key_of_path(const struct hash_key *key, const char *path,
                               size_t length)
{
    return (struct map_key){.hash = hash_text(key, path, length),
                            .path = path,
                            .length = length};
}
