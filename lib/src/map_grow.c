/*
 * Growing: segments, the splits by which a bucket gets its share, and where a
 * key is meanwhile.  See map.h.
 */
#include "map_inner.h"

#include "block.h"
#include "plant.h"

/* Sparse at first, so that a key is seldom in a block; dense when memory is
 * what counts. */
enum { SPARSE = 3, DENSE = 4, MAP_LARGE = 1 << 16 };

_Static_assert(LIFE_INDEX_MAX <= (UINT64_C(1) << MAP_LEVELS) * DENSE,
               "a map of all levels is fit for all records");

static uint64_t capacity(uint64_t level)
{
    uint64_t buckets = buckets_at(level);

    return buckets * (buckets < MAP_LARGE ? SPARSE : DENSE);
}

/* --- segments ------------------------------------------------------------ */

/* The root lies with the only child of level 1. */
static size_t segment_bytes(uint64_t level)
{
    return (level == 1 ? 2 : buckets_at(level - 1)) * sizeof(struct bucket);
}

static moor_word *segment_word(struct map *map, uint64_t level)
{
    return &map->segments[MAP_LEVELS - level];
}

static uint64_t parent_bucket(uint64_t number)
{
    return number & (number - 1);
}

static uint64_t mark(uint64_t level)
{
    return buckets_at(level) > MAP_SMALL ? MAP_GROWING : 0;
}

/* One more than `levels`, which is what the map's word was. */
static bool add_segment(struct map *map, uint64_t levels)
{
    uint64_t level = map_level(levels) + 1, seen = 0;
    moor_word *segment = segment_word(map, level);
    void *made;

    if (moor_load_acquire(segment) == 0) { /* M3 */
        made = block_make(segment_bytes(level));
        if (made == NULL) {
            return false;
        }
        if (!moor_cas_acq_rel(
                segment, &seen,
                segment_address(made, (uint32_t)(MAP_LEVELS - level)))) {
            /* release, M3 */
            block_free(made, segment_bytes(level));
        }
    }
    /* release, M3: who knows the level finds the segment.  Failure: somebody
     * else counted it, or took the mark off; the caller looks again. */
    (void)moor_cas_acq_rel(&map->levels, &levels,
                           map_levels(level) | mark(level));
    return true;
}

/* Too few levels for so many records? */
static bool is_behind(uint64_t level, uint32_t records)
{
    return level < MAP_LEVELS && capacity(level) < records;
}

void map_grow(struct map *map, uint32_t records)
{
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */

    while (is_behind(map_level(levels), records) && add_segment(map, levels)) {
        levels = moor_load_acquire(&map->levels); /* M3 */
    }
}

bool map_init(struct map *map, const struct map_kind *kind,
              const struct hash_key *key, const struct arena *records)
{
    struct bucket *first = block_make(segment_bytes(1));

    map->kind = kind;
    map->key = key;
    map->records = records;
    if (first == NULL) {
        return false;
    }
    for (unsigned level = 0; level < 2; level++) {
        moor_store_relaxed(&first[level].head, bucket_head(1, 0)); /* alone */
        moor_store_release(segment_word(map, level),
                           segment_address(&first[level], MAP_LEVELS - level));
    }
    moor_store_release(&map->levels, map_levels(1));
    return true;
}

void map_destroy(struct map *map)
{
    for (uint64_t level = 1; level <= MAP_LEVELS; level++) {
        size_t bytes = segment_bytes(level);
        struct bucket *first;

        if (moor_load_relaxed(segment_word(map, level)) == 0) { /* alone */
            continue;
        }
        first = map_bucket(map, level == 1 ? MAP_ROOT
                                           : MAP_ROOT | map_bit(level));
        for (size_t b = 0; b < bytes / sizeof *first; b++) {
            bucket_destroy(&first[b]);
        }
        block_free(first, bytes);
    }
}

/* --- split ---------------------------------------------------------------- */

/* Copies the sealed bucket's share for `child`; what it copied, as a set, and
 * false when the seal is gone (somebody else finished). */
static bool copy_share(struct map *map, struct bucket *bucket,
                       struct bucket *child, uint64_t level, uint64_t *moved)
{
    uint64_t head = moor_load_acquire(&bucket->head); /* M1 */
    uint64_t slots = bucket_bitmap(head);

    *moved = 0;
    while (slots != 0) {
        unsigned slot = next_slot(&slots);
        /* acquire, M2. */
        uint64_t entry = moor_load_acquire(bucket_slot(bucket, slot));
        uint64_t hash;
        uint64_t vacant = 0;

        /* acquire, M1: nothing but the last step of the split changes a sealed
         * head, so the slot counted when the entry was read.  (In the slot of
         * a dead one an insert that will fail may stand.) */
        head = moor_load_acquire(&bucket->head);
        if ((head & BUCKET_SEALED) == 0 || bucket_level(head) != level) {
            return false;
        }
        if (!entry_hash(map, entry, &hash) ||
            (hash & map_bit(level + 1)) == 0) {
            continue;
        }
        *moved |= UINT64_C(1) << slot;
        if (MOOR_PLANTED(61)) { /* look, then store */
            if (moor_load_acquire(bucket_slot(child, slot)) == 0) {
                moor_store_release(bucket_slot(child, slot), entry);
            }
            continue;
        }
        /* release, M2.  Failure: another helper put the same entry there. */
        (void)moor_cas_acq_rel(bucket_slot(child, slot), &vacant, entry);
    }
    return true;
}

/* Takes the moved slots' bits and the seal off the bucket.  What stands in the
 * slots is left over there, for the next insert to take. */
static void unseal(struct bucket *bucket, uint64_t level, uint64_t moved)
{
    uint64_t head = moor_load_acquire(&bucket->head); /* M1 */

    /* acquire and release, M1.  Failure: somebody else has finished. */
    if ((head & BUCKET_SEALED) != 0 && bucket_level(head) == level) {
        (void)moor_cas_acq_rel(&bucket->head, &head,
                               bucket_split(head, moved));
    }
}

/* Moves the bucket's share for its next level to the child.  `head` is what
 * the caller saw.  False: no memory. */
static bool split(struct map *map, uint64_t number, struct bucket *bucket,
                  uint64_t head)
{
    uint64_t level = bucket_level(head);
    struct bucket *child = map_bucket(map, number | map_bit(level + 1));
    uint64_t moved;
    uint64_t bitmap = bucket_bitmap(head);
    uint64_t virgin = 0;

    if ((head & BUCKET_SEALED) == 0) {
        unsigned last =
            bitmap == 0 ? 0 : 63U - (unsigned)__builtin_clzll(bitmap);

        if (!bucket_reserve(child, last)) {
            return false;
        }
        /* acquire and release, M1.  Failure: look again. */
        if (!moor_cas_acq_rel(&bucket->head, &head,
                              (head | BUCKET_SEALED) + BUCKET_VERSION)) {
            return true;
        }
    }
    if (!copy_share(map, bucket, child, level, &moved)) {
        return true;
    }
    if (MOOR_PLANTED(22)) { /* before the child can be seen */
        unseal(bucket, level, moved);
    }
    /* release, M1: the child's slots are there.  Failure: it was published. */
    (void)moor_cas_acq_rel(&child->head, &virgin,
                           bucket_head((uint32_t)level + 1, moved));
    unseal(bucket, level, moved);
    return true;
}

/* Lets the bucket take its share, and first those above it. */
static bool make_ready(struct map *map, uint64_t number)
{
    while (moor_load_acquire(&map_bucket(map, number)->head) == 0) { /* M1 */
        uint64_t above = number;
        uint64_t head = 0;

        while (head == 0) {
            above = parent_bucket(above);
            head = moor_load_acquire(&map_bucket(map, above)->head); /* M1 */
        }
        /* A bucket's number is a hash that belongs there.  If it does not
         * belong above any more, the share was taken meanwhile. */
        if ((map_is_home(number, above, head) || MOOR_PLANTED(20)) &&
            !split(map, above, map_bucket(map, above), head)) {
            return false;
        }
    }
    return true;
}

/* --- where a key is ------------------------------------------------------- */

/* The child into which the hash went when `number` was split; `level` is that
 * bucket's.  It is told by the first bit in which the hash is another. */
static uint64_t child_of(uint64_t hash, uint64_t number, uint64_t level)
{
    uint64_t other = bucket_of(hash, map_levels(level)) ^ number;

    return number | UINT64_C(1) << (63 - __builtin_clzll(other));
}

struct bucket *map_locate_from(const struct map *map, uint64_t hash,
                               uint64_t *number, uint64_t *head)
{
    for (;;) {
        struct bucket *bucket = map_bucket(map, *number);

        *head = moor_load_acquire(&bucket->head); /* M1 */
        if (*head == 0) {
            *number = parent_bucket(*number);
        } else if (map_is_home(hash, *number, *head)) {
            return bucket;
        } else {
            *number = child_of(hash, *number, bucket_level(*head));
        }
    }
}

/* Buckets in the order in which there are more and more of them. */
static uint64_t bucket_in_turn(uint64_t at)
{
    uint64_t level;

    if (at == 0) {
        return MAP_ROOT;
    }
    level = 64 - (uint64_t)__builtin_clzll(at);
    at -= buckets_at(level - 1);
    return MAP_ROOT | (2 * at + 1) * map_bit(level);
}

/* So that look-ups seldom have to go to a parent, each insert readies one
 * bucket more than its own, until all are, as far as anybody knows. */
static bool ready_another(struct map *map, uint64_t levels)
{
    uint64_t next = moor_load_relaxed(&map->ready); /* a hint, no more */
    uint64_t seen = next;

    if ((levels & MAP_GROWING) == 0) {
        return true;
    }
    if (next >= buckets_at(map_level(levels))) {
        if (MOOR_PLANTED(60)) { /* look, then store */
            moor_store_release(&map->levels, levels & ~MAP_GROWING);
            return true;
        }
        /* release: keeps what M3 has published in the word.  Failure: it has
         * grown again, or somebody else took the mark off. */
        (void)moor_cas_acq_rel(&map->levels, &levels, levels & ~MAP_GROWING);
        return true;
    }
    /* relaxed: whoever comes second does it again, which does no harm. */
    (void)moor_cas_relaxed(&map->ready, &seen, next + 1);
    return make_ready(map, bucket_in_turn(next));
}

bool map_catch_up(struct map *map, uint64_t number, uint64_t head)
{
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */
    uint64_t level = bucket_level(head);

    if (map_level(levels) > level) {
        return make_ready(map, number | map_bit(level + 1));
    }
    return is_behind(level, arena_end(map->records)) &&
           add_segment(map, levels);
}

struct bucket *map_locate_home(struct map *map, uint64_t hash,
                               uint64_t *number, uint64_t *head)
{
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */

    if (!make_ready(map, bucket_of(hash, levels)) ||
        !ready_another(map, levels)) {
        return NULL;
    }
    for (;;) {
        struct bucket *bucket = map_locate(map, hash, number, head);

        if ((*head & BUCKET_SEALED) == 0) {
            return bucket;
        }
        /* Only the split that seals a bucket needs memory. */
        (void)split(map, *number, bucket, *head);
    }
}
