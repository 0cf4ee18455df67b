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

/* --- which bucket ---------------------------------------------------------
 *
 * At level l there are 2^l buckets, each for the hashes that have the same l
 * first bits of the last 26.  A bucket's number is these and a one above them:
 *
 *   26 25            26-l            0
 *   +--+-------------+---------------+
 *   | 1| l bits      | zeros         |
 *   +--+-------------+---------------+
 *
 * At the next level the bucket of that number goes on with the hashes whose
 * next bit is 0, and the one whose number has a 1 there, its child, takes the
 * others.  So the lowest bit of a number says of which level the bucket is a
 * child, and in which segment it lies; without that bit it is the parent's
 * number.  The lowest bit is quickly found; the highest one would not be: that
 * is eight steps of microcode on some processors.
 *
 * The word of the levels:
 *
 *   63    39      38     32 31        27 26       0
 *   +--------+---+---------+------------+---------+
 *   | zeros  | g |  level  |   zeros    |  mask   |
 *   +--------+---+---------+------------+---------+
 *
 *   mask  of the bits of a number at this level
 *   g     perhaps not all buckets have taken their share.  No bucket is of such
 *         a level, so no insert goes on at once, and each readies another one
 *         (map_grow.c).  A small map is not marked: its buckets have soon,
 *         anyway.
 */
#define MAP_ROOT (UINT64_C(1) << MAP_LEVELS) /* the first bucket's number */
#define MAP_GROWING (UINT64_C(1) << 38)

enum { MAP_LEVEL_SHIFT = 32, MAP_SMALL = 16 };

/* Buckets there are at a level. */
static inline uint64_t buckets_at(uint64_t level)
{
    return UINT64_C(1) << level;
}

/* The bit that tells the children of a level from their parents. */
static inline uint64_t map_bit(uint64_t level)
{
    return MAP_ROOT >> level;
}

static inline uint64_t map_levels(uint64_t level)
{
    return level << MAP_LEVEL_SHIFT | (2 * MAP_ROOT - map_bit(level));
}

static inline uint64_t map_level(uint64_t levels)
{
    return (levels & ~MAP_GROWING) >> MAP_LEVEL_SHIFT;
}

/* The number of a hash's bucket. */
static inline uint64_t bucket_of(uint64_t hash, uint64_t levels)
{
    return (uint32_t)(hash | MAP_ROOT) & (uint32_t)levels;
}

/* A segment is kept as the address from which on the numbers of its buckets,
 * shifted to their lowest bit, count half buckets, plus one; 0: there is none.
 */
static inline uint64_t segment_address(const void *segment, uint32_t bit)
{
    uint64_t first = (MAP_ROOT | UINT64_C(1) << bit) >> bit;

    return (uintptr_t)segment - first * (sizeof(struct bucket) / 2) + 1;
}

/* A bucket of a segment that is there. */
static inline struct bucket *map_bucket(const struct map *map, uint64_t number)
{
    uint64_t bit = (uint64_t)__builtin_ctzll(number);
    uint64_t address = moor_load_acquire(&map->segments[bit]); /* M3 */

    return (struct bucket *)(uintptr_t)(address +
                                        (number >> bit) *
                                            (sizeof(struct bucket) / 2) -
                                        1);
}

/* Is the bucket of that head the one for the hash? */
static inline bool map_is_home(uint64_t hash, uint64_t number, uint64_t head)
{
    return bucket_of(hash, map_levels(bucket_level(head))) == number;
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
    return bucket_level(*head) == map_level(levels)
               ? bucket
               : map_locate_from(map, hash, number, head);
}

/* A step towards room for a bucket that has no slot left, which is so when
 * memory was short at the time the map should have grown: one level more, or
 * the share of its child moves out.  True: look again.  False: no memory, or
 * more levels would not help.  Lock-free. */
bool map_catch_up(struct map *map, uint64_t number, uint64_t head);

/* The same for an insert: ready, and not sealed.  Null: no memory.
 * Lock-free. */
struct bucket *map_locate_home(struct map *map, uint64_t hash,
                               uint64_t *number, uint64_t *head);

#endif
