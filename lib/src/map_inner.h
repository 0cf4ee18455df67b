/*
 * What the files of the map share: where a key's bucket is, and what a slot is
 * worth.
 *
 *   map.c       find, insert, remove
 *   map_grow.c  segments, splits, where a key is
 *   map_key.c   the two kinds of keys
 */
#ifndef MOOR_MAP_INNER_H
#define MOOR_MAP_INNER_H

#include "bucket.h"
#include "map.h"

static inline life entry_life(uint64_t entry)
{
    return entry & BUCKET_LIFE;
}

static inline struct record *entry_record(const struct map *map, uint64_t entry)
{
    return record_of(map->records, entry_life(entry));
}

/* Does the life that the entry names still hold its key? */
static inline bool entry_alive(const struct map *map, uint64_t entry)
{
    /* acquire, R1. */
    uint64_t word = moor_load_acquire(&entry_record(map, entry)->state);

    return record_is_taken(word, entry_life(entry));
}

/* The hash of a living entry's key; false when it is not alive. */
static inline bool entry_hash(const struct map *map, uint64_t entry,
                              uint64_t *hash)
{
    if (!entry_alive(map, entry)) {
        return false;
    }
    *hash = map->kind->hash_of(map->key, entry_record(map, entry));
    return entry_alive(map, entry);
}

/* The next slot of a set; takes it out. */
static inline unsigned next_slot(uint64_t *slots)
{
    unsigned slot = (unsigned)__builtin_ctzll(*slots);

    *slots &= *slots - 1;
    return slot;
}

/* --- which bucket --------------------------------------------------------- */

enum { MAP_FIRST_BUCKETS = 2, MAP_SMALL = 16 };

/* Buckets there are at a level. */
static inline uint64_t buckets_at(uint64_t level)
{
    return (uint64_t)MAP_FIRST_BUCKETS << (level - 1);
}

static inline uint64_t bucket_of(uint64_t hash, uint64_t level)
{
    return hash & (buckets_at(level) - 1);
}

static inline uint32_t segment_of(uint64_t bucket)
{
    return 63U - (uint32_t)__builtin_clzll(bucket | (MAP_FIRST_BUCKETS - 1));
}

static inline uint64_t segment_begin(uint32_t segment)
{
    return segment == 0 ? 0 : (uint64_t)MAP_FIRST_BUCKETS << (segment - 1);
}

/* A segment is kept as the address that bucket 0 would have if it were in it,
 * plus one; 0: there is none. */
static inline uint64_t segment_address(const void *segment, uint64_t begin)
{
    return (uintptr_t)segment - begin * sizeof(struct bucket) + 1;
}

/* A bucket of a segment that is there. */
static inline struct bucket *map_bucket(const struct map *map, uint64_t bucket)
{
    /* acquire, M3. */
    uint64_t address = moor_load_acquire(&map->segments[segment_of(bucket)]);

    return (struct bucket *)(uintptr_t)(address +
                                        bucket * sizeof(struct bucket) - 1);
}

/* Is the bucket of that head the one for the hash? */
static inline bool map_is_home(uint64_t hash, uint64_t number, uint64_t head)
{
    return bucket_of(hash, bucket_level(head)) == number;
}

/* From a bucket that is perhaps not the one, or not ready, to the one.
 * Lock-free. */
struct bucket *map_locate_from(const struct map *map, uint64_t hash,
                               uint64_t *number, uint64_t *head);

/* The bucket in which the key is, if it is anywhere, its number and its head.
 * Lock-free. */
static inline struct bucket *map_locate(const struct map *map, uint64_t hash,
                                        uint64_t *number, uint64_t *head)
{
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */
    struct bucket *bucket;

    *number = bucket_of(hash, levels);
    bucket = map_bucket(map, *number);
    *head = moor_load_acquire(&bucket->head); /* M1 */
    return bucket_level(*head) == levels
               ? bucket
               : map_locate_from(map, hash, number, head);
}

/* Have all buckets taken their share, as far as anybody knows?  In a small map
 * it is not waited for: they have soon, anyway. */
static inline bool map_is_ready(const struct map *map, uint64_t levels)
{
    uint64_t buckets = buckets_at(levels);

    return buckets <= MAP_SMALL || moor_load_relaxed(&map->ready) >= buckets;
}

/* The same for an insert: ready, and not sealed.  Null: no memory.
 * Lock-free. */
struct bucket *map_locate_home(struct map *map, uint64_t hash,
                               uint64_t *number, uint64_t *head);

#endif
