/*
 * The two kinds of keys, ids and paths: what a record's is, and whether it is
 * the one that is looked for.
 */
#ifndef MOOR_MAP_KEY_H
#define MOOR_MAP_KEY_H

#include "hash.h"
#include "record.h"

/* What is looked for: an id, or a path. */
struct map_key {
    uint64_t hash;
    uint64_t high, low; /* id */
    const char *path;   /* path, or null */
    size_t length;
};

static inline struct map_key map_key_of_id(const struct hash_key *key,
                                           uint64_t high, uint64_t low)
{
    return (struct map_key){
        .hash = hash_id(key, high, low), .high = high, .low = low};
}

static inline struct map_key map_key_of_path(const struct hash_key *key,
                                             const char *path, size_t length)
{
    return (struct map_key){.hash = hash_text(key, path, length),
                            .path = path,
                            .length = length};
}

/* What kind of key a map has. */
struct map_kind {
    /* The hash of a record's key. */
    uint64_t (*hash_of)(const struct hash_key *key, const struct record *);
    bool by_path; /* else by id */
};

extern const struct map_kind map_by_id;
extern const struct map_kind map_by_path;

/* Is the key the record's?  Judged again by the state word afterwards; so the
 * fields are read with acquire. */
static inline bool map_key_is_of(const struct map_key *key, bool by_path,
                                 const struct record *record)
{
    if (by_path) {
        const struct plate *plate;

        if (moor_load_acquire(&record->path_hash) != key->hash) {
            return false;
        }
        plate = record_plate(record);
        return plate != NULL && plate_has_path(plate, key->path, key->length);
    }
    return moor_load_acquire(&record->id_high) == key->high &&
           moor_load_acquire(&record->id_low) == key->low;
}

#endif
