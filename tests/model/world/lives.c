#include "lives.h"

#include <string.h>

#include "map_inner.h"
#include "explore.h"

struct map lives_map;
bool lives_may_count_twice;

static struct arena records;
static const struct hash_key key; /* none is needed */

/* The map goes by the upper bits first, what is said here by the lower.  The
 * tag is the upper byte of both. */
static uint64_t turned(uint64_t high)
{
    uint64_t hash = high & ~BUCKET_LIFE;

    for (uint64_t bit = 1; bit <= MAP_LEVELS; bit++) {
        hash |= (high >> (bit - 1) & 1) * map_bit(bit);
    }
    return hash;
}

static uint64_t hash_of(const struct hash_key *unused,
                        const struct record *which)
{
    (void)unused;
    return turned(moor_load_relaxed(&which->id_high));
}

/* As by id, but for the hash. */
static struct map_kind by_high;

void lives_make(void)
{
    lives_may_count_twice = false;
    by_high = (struct map_kind){hash_of, false};
    memset(&records, 0, sizeof records);
    memset(&lives_map, 0, sizeof lives_map);
    arena_init(&records, sizeof(struct record), offsetof(struct record, stamp),
               1, LIVES_MOST);
    if (!arena_prepare(&records) ||
        !map_init(&lives_map, &by_high, &key, &records)) {
        model_fail("no memory");
    }
}

static struct record *record(life which)
{
    return record_of(&records, which);
}

static struct map_key key_of(uint64_t high, uint64_t low)
{
    return (struct map_key){.hash = turned(high), .high = high, .low = low};
}

static struct map_key own_key(life which)
{
    return key_of(moor_load_relaxed(&record(which)->id_high),
                  moor_load_relaxed(&record(which)->id_low));
}

static life begin(uint32_t index, uint64_t generation, uint64_t high,
                  uint64_t low)
{
    struct record *new = record_at(&records, index);

    moor_store_release(&new->id_high, high); /* as fill_record of grant.c */
    moor_store_release(&new->id_low, low);
    moor_store_release(&new->state, word_make(generation, WORD_RESERVING));
    return life_of(generation, index);
}

life lives_begin(uint64_t high, uint64_t low)
{
    uint32_t index = 0;

    if (!arena_take(&records, &index)) model_fail("no memory");
    return begin(index, LIVES_GENERATION, high, low);
}

moor_error lives_insert(life which)
{
    struct map_key own = own_key(which);

    return map_insert(&lives_map, &own, which);
}

void lives_publish(life which)
{
    moor_word *state = &record(which)->state;
    uint64_t word = moor_load_relaxed(state);

    while (!moor_cas_acq_rel(state, &word, word_reserved(word)))
        continue;
}

life lives_enter(uint64_t high, uint64_t low)
{
    life which = lives_begin(high, low);

    if (lives_insert(which) != MOOR_OK) model_fail("not inserted");
    lives_publish(which);
    return which;
}

void lives_leave(life which)
{
    moor_word *state = &record(which)->state;
    uint64_t word = moor_load_acquire(state);

    while (!moor_cas_acq_rel(state, &word, word_left(word)))
        continue;
}

void lives_remove(life which)
{
    struct map_key own = own_key(which);

    lives_leave(which);
    map_remove(&lives_map, own.hash, which);
}

life lives_again(life which, uint64_t high, uint64_t low)
{
    uint64_t word = moor_load_relaxed(&record(which)->state);

    /* Free first, as leaving makes it; then taken again. */
    moor_store_release(&record(which)->state, word_freed(word));
    return begin(life_index(which), life_generation(which) + 1, high, low);
}

life lives_find(uint64_t high, uint64_t low)
{
    struct map_key wanted = key_of(high, low);
    uint64_t word = 0;
    life found = map_find(&lives_map, &wanted, &word);

    if (found != 0 && !record_is_taken(word, found)) {
        model_fail("found life %llx by a state that is not its own",
                   (unsigned long long)found);
    }
    return found;
}

bool lives_alive(life which)
{
    return record_is_taken(moor_load_acquire(&record(which)->state), which);
}

void lives_expect(life which)
{
    struct map_key own = own_key(which);
    uint64_t word;
    life found = map_find(&lives_map, &own, &word);

    if (found != which) {
        model_fail("life %llx is lost: found %llx", (unsigned long long)which,
                   (unsigned long long)found);
    }
}

void lives_expect_none(uint64_t high, uint64_t low)
{
    struct map_key wanted = key_of(high, low);
    uint64_t word;

    if (map_find(&lives_map, &wanted, &word) != 0) {
        model_fail("(%llx, %llx) is still there", (unsigned long long)high,
                   (unsigned long long)low);
    }
}

/* --- what must hold of every map that nobody uses ------------------------ */

static struct bucket *bucket_number(uint64_t number)
{
    return map_bucket(
        &lives_map,
        bucket_of(turned(number), moor_load_acquire(&lives_map.levels)));
}

/* How often each record's present life counts. */
static unsigned entries[LIVES_MOST];

static void judge_slot(uint64_t number, uint64_t head, uint64_t entry)
{
    life which = entry & BUCKET_LIFE;
    uint64_t high;

    /* Empty: somebody claimed the slot of a dead entry by an older head, and
     * withdrew. */
    if (entry == 0 || !lives_alive(which)) return;
    high = moor_load_relaxed(&record(which)->id_high);
    if ((high & ((UINT64_C(1) << bucket_level(head)) - 1)) != number) {
        model_fail("life %llx is in bucket %llu, where nobody looks",
                   (unsigned long long)which, (unsigned long long)number);
    }
    if (++entries[life_index(which)] > 1 && !lives_may_count_twice) {
        model_fail("life %llx counts twice", (unsigned long long)which);
    }
}

/* A living one stands in a slot of its bucket that counts, or nowhere there: an
 * insert in vain has withdrawn.  (Not so what has moved out by a split.) */
static void judge_uncounted(uint64_t number, uint64_t head, unsigned slot,
                            uint64_t entry)
{
    life which = entry & BUCKET_LIFE;
    uint64_t high;

    if (entry == 0 || !lives_alive(which)) return;
    high = moor_load_relaxed(&record(which)->id_high);
    if ((high & ((UINT64_C(1) << bucket_level(head)) - 1)) == number &&
        !lives_may_count_twice) {
        model_fail("life %llx takes up slot %u and does not count",
                   (unsigned long long)which, slot);
    }
}

static void judge_bucket(uint64_t number)
{
    struct bucket *bucket = bucket_number(number);
    uint64_t head = moor_load_acquire(&bucket->head);

    if ((head & BUCKET_SEALED) != 0) model_fail("a bucket stays sealed");
    for (unsigned at = 0; at < BUCKET_SLOTS_MOST; at++) {
        moor_word *slot = bucket_slot(bucket, at);
        uint64_t entry = slot == NULL ? 0 : moor_load_acquire(slot);

        if ((bucket_bitmap(head) >> at & 1) != 0) {
            judge_slot(number, head, entry);
        } else {
            judge_uncounted(number, head, at, entry);
        }
    }
}

static void judge_map(void)
{
    uint64_t buckets =
        buckets_at(map_level(moor_load_acquire(&lives_map.levels)));

    memset(entries, 0, sizeof entries);
    for (uint64_t number = 0; number < buckets; number++)
        judge_bucket(number);
}

void lives_free(void)
{
    judge_map();
    map_destroy(&lives_map);
    arena_destroy(&records);
}
