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

static uint64_t capacity(uint64_t level)
{
    uint64_t buckets = buckets_at(level);

    return buckets * (buckets < MAP_LARGE ? SPARSE : DENSE);
}

/* --- segments ------------------------------------------------------------ */

static size_t segment_buckets(uint32_t segment)
{
    return segment == 0 ? MAP_FIRST_BUCKETS : (size_t)segment_begin(segment);
}

static size_t segment_bytes(uint32_t segment)
{
    return segment_buckets(segment) * sizeof(struct bucket);
}

/* The bucket that `bucket` takes its share from: without its highest bit. */
static uint64_t parent_bucket(uint64_t bucket)
{
    return bucket - segment_begin(segment_of(bucket));
}

static bool add_segment(struct map *map, uint64_t level)
{
    uint64_t seen = 0;
    void *made;

    if (moor_load_acquire(&map->segments[level]) == 0) { /* M3 */
        made = block_make(segment_bytes((uint32_t)level));
        if (made == NULL) {
            return false;
        }
        if (!moor_cas_acq_rel(
                &map->segments[level], &seen,
                segment_address(made, segment_begin((uint32_t)level)))) {
            /* release, M3 */
            block_free(made, segment_bytes((uint32_t)level));
        }
    }
    /* release, M3: who knows the level finds the segment.  A failed swap:
     * somebody else counted it. */
    (void)moor_cas_acq_rel(&map->levels, &level, level + 1);
    return true;
}

void map_grow(struct map *map, uint32_t records)
{
    uint64_t level = moor_load_acquire(&map->levels); /* M3 */

    while (level < MAP_SEGMENTS &&
           capacity(level) < records &&
           add_segment(map, level)) {
        level = moor_load_acquire(&map->levels); /* M3 */
    }
}

bool map_init(struct map *map, const struct map_kind *kind,
              const struct hash_key *key, const struct arena *records)
{
    struct bucket *first = block_make(segment_bytes(0));

    map->kind = kind;
    map->key = key;
    map->records = records;
    if (first == NULL) {
        return false;
    }
    for (int b = 0; b < MAP_FIRST_BUCKETS; b++) {
        moor_store_relaxed(&first[b].head, bucket_head(1, 0)); /* alone */
    }
    moor_store_release(&map->segments[0], segment_address(first, 0));
    moor_store_release(&map->levels, 1);
    return true;
}

void map_destroy(struct map *map)
{
    for (uint32_t s = 0; s < MAP_SEGMENTS; s++) {
        struct bucket *base;

        if (moor_load_relaxed(&map->segments[s]) == 0) { /* alone */
            continue;
        }
        base = map_bucket(map, segment_begin(s));
        for (size_t b = 0; b < segment_buckets(s); b++) {
            bucket_destroy(&base[b]);
        }
        block_free(base, segment_bytes(s));
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

        /* acquire, M1: while sealed, bits only fall; a slot whose bit is still
         * up held this entry when it was read, if the entry is alive.  (In the
         * slot of a dead one an insert that will fail may stand.) */
        head = moor_load_acquire(&bucket->head);
        if ((head & BUCKET_SEALED) == 0 || bucket_level(head) != level) {
            return false;
        }
        if ((head & (UINT64_C(1) << slot)) == 0 ||
            !entry_hash(map, entry, &hash) ||
            (hash & buckets_at(level)) == 0) {
            continue;
        }
        *moved |= UINT64_C(1) << slot;
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

    /* acquire and release, M1.  Failure: an entry was swept, or somebody else
     * has finished. */
    while ((head & BUCKET_SEALED) != 0 && bucket_level(head) == level &&
           !moor_cas_acq_rel(&bucket->head, &head,
                             bucket_split(head, moved))) {
    }
}

/* Moves the bucket's share for its next level to the child.  `head` is what
 * the caller saw.  False: no memory. */
static bool split(struct map *map, uint64_t number, struct bucket *bucket,
                  uint64_t head)
{
    uint64_t level = bucket_level(head);
    struct bucket *child = map_bucket(map, number + buckets_at(level));
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
 * bucket's. */
static uint64_t child_of(uint64_t hash, uint64_t number, uint64_t level)
{
    uint64_t l = 1;

    while (buckets_at(l) <= number || bucket_of(hash, l) == number) {
        l++;
    }
    assert(l <= level);
    (void)level;
    return bucket_of(hash, l);
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

/* So that look-ups seldom have to go to a parent, each insert readies one
 * bucket more than its own, until all are. */
static bool ready_another(struct map *map, uint64_t levels)
{
    uint64_t next = moor_load_relaxed(&map->ready); /* a hint, no more */
    uint64_t seen = next;

    /* A later look at the word, so `next` is below its end. */
    if (map_is_ready(map, levels)) {
        return true;
    }
    /* relaxed: whoever comes second does it again, which does no harm. */
    (void)moor_cas_relaxed(&map->ready, &seen, next + 1);
    return make_ready(map, next);
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
        if (!split(map, *number, bucket, *head)) {
            return NULL;
        }
    }
}
