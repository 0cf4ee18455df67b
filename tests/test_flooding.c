/*
 * Hash flooding: ids and names that an attacker may choose, alike in any way or
 * made to collide under a hash that he knows, crowd no bucket of a registry
 * whose key he does not know; so a look-up costs what it always costs.
 *
 * What is measured is how many slots of a bucket count: a look-up reads those
 * of one bucket.
 */
#include "given.h"

#include <stdio.h>

#include "books.h"
#include "id.h"
#include "map_inner.h"

#if defined(MOOR_YIELD)
enum { FLOOD = 1500, SHIFT_STEP = 27, NAME_STEP = 5 };
#else
enum { FLOOD = 6000, SHIFT_STEP = 9, NAME_STEP = 1 };
#endif

/* Of keys at random a bucket has about three: more than LONGEST comes once in
 * 10^11 buckets, and fewer than one in OUTSIDE of all do not find room among
 * the six slots of the bucket's own line. */
enum { LONGEST = 20, OUTSIDE = 20, SHIFTS = 54 };

static moor_registry *unlimited(void)
{
    return given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
}

/* --- how crowded ---------------------------------------------------------- */

struct crowding {
    unsigned longest; /* slots of the fullest bucket */
    unsigned outside; /* slots that are not on their bucket's own line */
};

static struct crowding crowding_of(const struct map *map)
{
    uint64_t levels = moor_load_acquire(&map->levels);
    uint64_t level = map_level(levels);
    struct crowding seen = {0, 0};

    for (uint64_t i = 0; i < buckets_at(level); i++) {
        const struct bucket *bucket =
            map_bucket(map, bucket_of(i << (MAP_LEVELS - level), levels));
        uint64_t slots = bucket_bitmap(moor_load_acquire(&bucket->head));
        unsigned count = (unsigned)__builtin_popcountll(slots);

        seen.longest = count > seen.longest ? count : seen.longest;
        seen.outside += (unsigned)__builtin_popcountll(slots & ~BUCKET_OWN);
    }
    return seen;
}

static void not_crowded(const struct map *map, const char *by, unsigned kind)
{
    struct crowding seen = crowding_of(map);

    cr_assert_leq(seen.longest, LONGEST, "%s %u: %u in one bucket", by, kind,
                  seen.longest);
    cr_assert_leq(seen.outside, FLOOD / OUTSIDE, "%s %u: %u outside", by, kind,
                  seen.outside);
}

/* --- floods of ids -------------------------------------------------------- */

/* One bit and two bits, every pair of them. */
static struct id_words few_bits(unsigned number)
{
    unsigned high = 1;

    while (high * (high + 1) / 2 <= number) {
        high++;
    }
    number -= high * (high - 1) / 2;
    return (struct id_words){
        (high < 64 ? UINT64_C(1) << high : 0) |
            (number < 64 ? UINT64_C(1) << number : 0),
        (high >= 64 ? UINT64_C(1) << (high - 64) : 0) |
            (number >= 64 ? UINT64_C(1) << (number - 64) : 0)};
}

/* Ids that are alike, from 1 on; `shift` says in which bits they count. */
static struct id_words alike(unsigned kind, unsigned shift, unsigned number)
{
    uint64_t count = (uint64_t)number << shift;

    switch (kind) {
    case 0:
        return (struct id_words){0, count};
    case 1:
        return (struct id_words){count, 0};
    case 2:
        return (struct id_words){count, count};
    case 3:
        return (struct id_words){count, ~count};
    case 4:
        return (struct id_words){count, 0 - count};
    case 5:
        return (struct id_words){count << 1 | 1, UINT64_MAX};
    default:
        return few_bits(number);
    }
}

enum { KINDS = 7 };

static void spawn_with_id(moor_registry *registry, struct id_words words)
{
    moor_id id = id_of_words(words);
    moor_spawn_options options = {.id = &id};
    moor_agent agent, found = {0};
    moor_error error = moor_spawn(registry, &options, &agent, NULL);

    cr_assert_eq(error, MOOR_OK, "%s", moor_error_name(error));
    cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_OK);
    cr_assert_eq(found.bits, agent.bits);
}

Test(flooding, ids_that_are_alike)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned shift = 0; shift <= SHIFTS; shift += SHIFT_STEP) {
            moor_registry *registry = unlimited();
            unsigned most = shift == SHIFTS ? 1 << (63 - SHIFTS) : FLOOD;

            for (unsigned i = 1; i < most; i++) {
                spawn_with_id(registry, alike(kind, shift, i));
            }
            not_crowded(&registry->ids, "kind", kind * 100 + shift);
            done(registry);
        }
    }
}

/* --- floods of names ------------------------------------------------------ */

enum { NAME_LENGTH = 56, NAME_KINDS = 24 };

/* The number's eight digits. */
static void put_digits(char *at, unsigned number)
{
    for (int i = 7; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* Names that differ in a few bytes only, here or there. */
static void alike_name(unsigned kind, unsigned number,
                       char name[NAME_LENGTH + 1])
{
    memset(name, 'a', NAME_LENGTH);
    name[NAME_LENGTH] = '\0';
    if (kind < 8) { /* a word of 8 bytes counts */
        put_digits(name + kind * 8 % NAME_LENGTH, number);
    } else { /* two words do, against each other */
        put_digits(name + kind - 8, number);
        put_digits(name + kind, 99999999 - number);
    }
    if (kind == 0) name[8] = '\0';
}

static void spawn_with_name(moor_registry *registry, const char *name)
{
    moor_agent agent = spawn_below(registry, nobody, name);
    moor_agent found = {0};

    cr_assert_eq(moor_find_path(registry, nobody, name, &found), MOOR_OK);
    cr_assert_eq(found.bits, agent.bits);
}

Test(flooding, names_that_are_alike)
{
    for (unsigned kind = 0; kind < NAME_KINDS; kind += NAME_STEP) {
        moor_registry *registry = unlimited();

        for (unsigned i = 1; i < FLOOD; i++) {
            char name[NAME_LENGTH + 1];

            alike_name(kind, i, name);
            spawn_with_name(registry, name);
        }
        not_crowded(&registry->paths, "kind", kind);
        done(registry);
    }
}

/* --- floods by one who knows another key ---------------------------------- */

/* With it these all fall into one bucket. */
static const struct hash_key known = {
    {UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344),
     UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89)}};

enum { CHOSEN = 300, SAME_BITS = 12 };

/* The first bits of a bucket's number. */
static bool falls_into_it(uint64_t hash)
{
    return bucket_of(hash, map_levels(SAME_BITS)) == MAP_ROOT;
}

/* The next number from *number on whose id falls into that bucket. */
static struct id_words choose_id(uint64_t *number)
{
    do {
        ++*number;
    } while (!falls_into_it(hash_id(&known, 0, *number)));
    return (struct id_words){0, *number};
}

static void choose_path(uint64_t *number, char path[40])
{
    int length;

    do {
        length =
            snprintf(path, 40, "/root/n%llu", (unsigned long long)++*number);
    } while (!falls_into_it(hash_text(&known, path, (size_t)length)));
}

Test(flooding, keys_chosen_for_another_key)
{
    moor_registry *registry = unlimited();
    uint64_t id = 0, name = 0;

    for (int i = 0; i < CHOSEN; i++) {
        char path[40];

        choose_path(&name, path);
        spawn_with_name(registry, path + strlen("/root/"));
        spawn_with_id(registry, choose_id(&id));
    }
    not_crowded(&registry->ids, "chosen ids", 0);
    not_crowded(&registry->paths, "chosen names", 0);
    done(registry);
}

/* The same agents where the key is known: so many in one bucket that no further
 * one finds room.  What the tests above would see. */
Test(flooding, keys_chosen_for_the_very_key)
{
    moor_registry *registry = unlimited();
    uint64_t number = 0;
    unsigned spawned = 0;

    registry->key = known;
    for (int i = 0; i < CHOSEN; i++) {
        moor_id id = id_of_words(choose_id(&number));
        moor_spawn_options options = {.id = &id};
        moor_agent agent;

        spawned += moor_spawn(registry, &options, &agent, NULL) == MOOR_OK;
    }
    cr_assert_lt(spawned, CHOSEN);
    cr_assert_eq(used(registry), spawned);
    cr_assert_gt(crowding_of(&registry->ids).longest, LONGEST);
    moor_destroy(registry);
}

/* --- again and again ------------------------------------------------------ */

/* What has left does not fill the buckets. */
Test(flooding, the_same_flood_again_and_again)
{
    moor_registry *registry = unlimited();

    for (int round = 0; round < 8; round++) {
        for (unsigned i = 1; i < FLOOD; i++) {
            spawn_with_id(registry, alike(0, 20, i));
        }
        not_crowded(&registry->ids, "round", (unsigned)round);
        not_crowded(&registry->paths, "round", (unsigned)round);
        cr_assert_eq(used(registry), FLOOD - 1);
        for (unsigned i = 1; i < FLOOD; i++) {
            moor_id id = id_of_words(alike(0, 20, i));
            moor_agent agent;

            cr_assert_eq(moor_find_id(registry, &id, &agent), MOOR_OK);
            cr_assert_eq(close_it(registry, agent), MOOR_OK);
        }
    }
    done(registry);
}

/* --- keys ----------------------------------------------------------------- */

enum { REGISTRIES = 200, WORDS = 4 };

Test(flooding, each_registry_has_a_key_of_its_own)
{
    static uint64_t words[REGISTRIES * WORDS];

    for (int r = 0; r < REGISTRIES; r++) {
        moor_registry *registry = given();

        memcpy(words + (size_t)r * WORDS, registry->key.word,
               sizeof registry->key.word);
        done(registry);
    }
    for (int i = 0; i < REGISTRIES * WORDS; i++) {
        cr_assert_neq(words[i], 0);
        for (int j = 0; j < i; j++) {
            cr_assert_neq(words[i], words[j], "words %d and %d", j, i);
        }
    }
}

/* So what falls together in one does not in another. */
Test(flooding, what_meets_in_one_registry_parts_in_another)
{
    moor_registry *one = given(), *other = given();
    const uint64_t levels = map_levels(SAME_BITS);
    uint64_t meet = 0, meet_again = 0;

    for (uint64_t i = 0; i < 400; i++) {
        for (uint64_t j = 0; j < i; j++) {
            if (bucket_of(hash_id(&one->key, 0, i), levels) ==
                bucket_of(hash_id(&one->key, 0, j), levels)) {
                meet++;
                meet_again += bucket_of(hash_id(&other->key, 0, i), levels) ==
                              bucket_of(hash_id(&other->key, 0, j), levels);
            }
        }
    }
    cr_assert_lt(meet, 200);
    cr_assert_leq(meet_again, 4);
    done(one);
    done(other);
}
