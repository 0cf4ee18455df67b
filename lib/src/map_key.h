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

/* Written in place, word by word: a copy made of larger pieces would wait for
 * the words to arrive in memory. */
static inline void map_key_set_id(struct map_key *made,
                                  const struct hash_key *key, uint64_t high,
                                  uint64_t low)
{
    made->hash = hash_id(key, high, low);
    made->high = high;
    made->low = low;
    made->path = NULL;
    made->length = 0;
}

static inline void map_key_set_path(struct map_key *made,
                                    const struct hash_key *key,
                                    const char *path, size_t length)
{
    made->hash = hash_text(key, path, length);
    made->high = 0;
    made->low = 0;
    made->path = path;
    made->length = length;
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
        const struct plate *plate = record_plate(record);

        return plate != NULL && plate_has_path(plate, key->path, key->length);
    }
    return moor_load_acquire(&record->id_high) == key->high &&
           moor_load_acquire(&record->id_low) == key->low;
}

#endif
