/*
 * The map: keys to lives.  Collisions are forced by a kind with a constant
 * hash; what is left over in slots, full buckets and growth are looked at.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "map_inner.h"
#include "random.h"

enum { GENERATION = 5, MANY = 3000 };

static struct arena records;
static struct hash_key key;
static struct map map;

/* All keys collide; told apart by the id. */
static uint64_t same_hash(const struct hash_key *unused,
                          const struct record *record)
{
    (void)unused;
    (void)record;
    return 0x1234567890abcdef;
}

static const struct map_kind constant = {same_hash, false};

static void begin(const struct map_kind *kind)
{
    memset(&records, 0, sizeof records);
    memset(&map, 0, sizeof map);
    arena_init(&records, sizeof(struct record), offsetof(struct record, stamp),
               1, LIFE_INDEX_MAX);
    cr_assert(arena_prepare(&records));
    for (int i = 0; i < 4; i++) {
        key.word[i] = random_next();
    }
    cr_assert(map_init(&map, kind, &key, &records));
}

static void end(void)
{
    map_destroy(&map);
    arena_destroy(&records);
}

static struct map_key key_of(uint64_t low)
{
    struct map_key made;

    map_key_set_id(&made, &key, 0, low);
    if (map.kind == &constant) made.hash = same_hash(NULL, NULL);
    return made;
}

static void set_state(life which, enum word_phase phase)
{
    moor_store_release(&record_of(&records, which)->state,
                       word_make(life_generation(which), phase));
}

/* A record with that id, in that phase. */
static life record_with(uint64_t low, enum word_phase phase)
{
    uint32_t index = 0;
    life which;

    cr_assert(arena_take(&records, &index));
    which = life_of(GENERATION, index);
    moor_store_relaxed(&record_at(&records, index)->id_low, low);
    set_state(which, phase);
    return which;
}

static moor_error insert(uint64_t low, life which)
{
    struct map_key sought = key_of(low);

    return map_insert(&map, &sought, which);
}

static life find(uint64_t low)
{
    struct map_key sought = key_of(low);
    uint64_t word = 0;
    life found = map_find(&map, &sought, &word);

    if (found != 0) {
        cr_assert_eq(word,
                     moor_load_acquire(&record_of(&records, found)->state));
    }
    return found;
}

static void remove_key(uint64_t low, life which)
{
    map_remove(&map, key_of(low).hash, which);
}

/* A running agent with that id, entered. */
static life enter(uint64_t low)
{
    life which = record_with(low, WORD_RUNNING);

    cr_assert_eq(insert(low, which), MOOR_OK);
    return which;
}

static const struct map_kind *const kinds[] = {&map_by_id, &constant};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* --- one key at a time ---------------------------------------------------- */

Test(map, what_was_entered_is_found_until_it_is_removed)
{
    for (int k = 0; k < KINDS; k++) {
        life which;

        begin(kinds[k]);
        cr_assert_eq(find(7), 0);
        which = enter(7);
        cr_assert_eq(find(7), which);
        cr_assert_eq(find(8), 0);
        remove_key(7, which);
        cr_assert_eq(find(7), 0);
        remove_key(7, which); /* again: finding none is fine */
        end();
    }
}

/* Whose key counts: any that is taken, an admission in flight included. */
Test(map, an_entry_counts_while_its_record_is_taken)
{
    for (int phase = 0; phase < WORD_PHASES; phase++) {
        bool taken = phase != WORD_FREE && phase != WORD_LEFT;
        life first, second;

        begin(&map_by_id);
        first = record_with(7, WORD_RESERVING);
        second = record_with(7, WORD_RESERVING);
        cr_assert_eq(insert(7, first), MOOR_OK);
        set_state(first, (enum word_phase)phase);
        set_state(second, WORD_RESERVING);
        cr_assert_eq(find(7), taken ? first : 0, "phase %d", phase);
        cr_assert_eq(insert(7, second), taken ? MOOR_PATH_TAKEN : MOOR_OK,
                     "phase %d", phase);
        cr_assert_eq(find(7), taken ? first : second, "phase %d", phase);
        end();
    }
}

Test(map, a_later_life_of_the_record_is_not_the_one_that_was_entered)
{
    life which, later;

    begin(&map_by_id);
    which = enter(7);
    later = life_of(GENERATION + 1, life_index(which));
    set_state(later, WORD_RUNNING); /* the slot is left over */
    cr_assert_eq(find(7), 0);
    cr_assert_eq(insert(7, later), MOOR_OK);
    cr_assert_eq(find(7), later);
    remove_key(7, which);
    cr_assert_eq(find(7), later, "a late sweep takes only its own");
    end();
}

Test(map, a_record_with_another_key_does_not_answer)
{
    life which, later;

    begin(&constant);
    which = enter(7);
    later = life_of(GENERATION + 1, life_index(which));
    moor_store_relaxed(&record_of(&records, which)->id_low, 8);
    set_state(later, WORD_RUNNING);
    cr_assert_eq(find(7), 0);
    cr_assert_eq(find(8), 0, "nobody entered it under this key");
    end();
}

/* --- one bucket full ------------------------------------------------------ */

static life crowd[BUCKET_SLOTS_MOST];

/* As many colliding keys as a bucket can hold. */
static void fill(void)
{
    begin(&constant);
    for (uint64_t i = 0; i < BUCKET_SLOTS_MOST; i++) {
        crowd[i] = enter(i);
    }
}

static void expect_crowd_but(uint64_t missing)
{
    for (uint64_t i = 0; i < BUCKET_SLOTS_MOST; i++) {
        cr_assert_eq(find(i), i == missing ? 0 : crowd[i]);
    }
}

Test(map, a_full_bucket_has_no_room_and_loses_nothing)
{
    life one_more;

    fill();
    one_more = record_with(100, WORD_RUNNING);
    cr_assert_eq(insert(100, one_more), MOOR_NO_MEMORY);
    cr_assert_eq(find(100), 0);
    expect_crowd_but(BUCKET_SLOTS_MOST);
    cr_assert_eq(insert(3, one_more), MOOR_PATH_TAKEN);
    end();
}

Test(map, a_removed_key_makes_room_in_a_full_bucket)
{
    fill();
    for (uint64_t i = 0; i < BUCKET_SLOTS_MOST; i++) {
        life one_more = record_with(100 + i, WORD_RUNNING);

        remove_key(i, crowd[i]);
        cr_assert_eq(find(i), 0);
        cr_assert_eq(insert(100 + i, one_more), MOOR_OK);
        cr_assert_eq(find(100 + i), one_more);
    }
    end();
}

Test(map, entries_of_the_dead_are_swept_when_room_is_needed)
{
    fill();
    for (uint64_t i = 0; i < BUCKET_SLOTS_MOST; i++) {
        life one_more = record_with(100 + i, WORD_RUNNING);

        set_state(crowd[i], WORD_LEFT); /* and nobody removed it */
        cr_assert_eq(insert(100 + i, one_more), MOOR_OK, "%d", (int)i);
        cr_assert_eq(find(100 + i), one_more);
    }
    end();
}

Test(map, removal_takes_the_right_one_of_many)
{
    fill();
    for (uint64_t i = 0; i < BUCKET_SLOTS_MOST; i++) {
        remove_key(i, crowd[i]);
        expect_crowd_but(i);
        cr_assert_eq(insert(i, crowd[i]), MOOR_OK);
    }
    expect_crowd_but(BUCKET_SLOTS_MOST);
    end();
}

/* A key that all share cannot be split; the others go on. */
Test(map, growth_does_not_help_keys_of_one_hash_and_does_no_harm)
{
    fill();
    map_grow(&map, 4096);
    expect_crowd_but(BUCKET_SLOTS_MOST);
    remove_key(0, crowd[0]);
    expect_crowd_but(0);
    cr_assert_eq(insert(0, crowd[0]), MOOR_OK);
    expect_crowd_but(BUCKET_SLOTS_MOST);
    end();
}

/* --- growth --------------------------------------------------------------- */

static life lives[MANY];

static void expect_all(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        cr_assert_eq(find(i), lives[i], "key %d", (int)i);
    }
    cr_assert_eq(find(MANY + count), 0);
}

Test(map, all_are_found_however_it_grows_in_between)
{
    begin(&map_by_id);
    for (uint32_t i = 0; i < MANY; i++) {
        map_grow(&map, i + 1);
        lives[i] = enter(i);
        if (i % 200 == 0) expect_all(i + 1);
    }
    expect_all(MANY);
    end();
}

/* Counted ids are alike; no key of the registry may crowd them. */
Test(map, counted_ids_find_room_under_any_key)
{
    enum { KEYS = 40, COUNTED = 500 };

    for (int k = 0; k < KEYS; k++) {
        begin(&map_by_id);
        for (uint32_t i = 0; i < COUNTED; i++) {
            map_grow(&map, i + 1);
            (void)enter(i);
        }
        end();
    }
}

Test(map, all_are_found_when_it_grows_in_one_leap)
{
    begin(&map_by_id);
    for (uint32_t i = 0; i < 16; i++) {
        lives[i] = enter(i);
    }
    map_grow(&map, MANY);
    expect_all(16); /* before any insert splits a bucket */
    for (uint32_t i = 16; i < MANY; i++) {
        lives[i] = enter(i);
    }
    expect_all(MANY);
    end();
}

/* As when memory was short each time: then room is made when a bucket is full.
 */
Test(map, a_map_that_never_grew_in_time_catches_up)
{
    begin(&map_by_id);
    for (uint32_t i = 0; i < MANY; i++) {
        lives[i] = enter(i);
    }
    expect_all(MANY);
    end();
}

Test(map, duplicates_are_found_however_it_grew)
{
    life other;

    begin(&map_by_id);
    for (uint32_t i = 0; i < 16; i++) {
        lives[i] = enter(i);
    }
    other = record_with(0, WORD_RESERVING);
    for (uint32_t size = 16; size <= MANY; size *= 2) {
        map_grow(&map, size);
        for (uint32_t i = 0; i < 16; i++) {
            moor_store_relaxed(&record_of(&records, other)->id_low, i);
            cr_assert_eq(insert(i, other), MOOR_PATH_TAKEN);
        }
    }
    expect_all(16);
    end();
}

Test(map, keys_are_removed_before_and_after_their_bucket_was_split)
{
    begin(&map_by_id);
    for (uint32_t i = 0; i < 20; i++) {
        lives[i] = enter(i);
    }
    map_grow(&map, MANY);
    for (uint32_t i = 0; i < 20; i += 2) {
        remove_key(i, lives[i]);
        cr_assert_eq(find(i), 0);
        lives[i] = enter(i + 1000); /* splits on its way */
    }
    for (uint32_t i = 0; i < 20; i++) {
        cr_assert_eq(find(i % 2 == 0 ? i + 1000 : i), lives[i]);
        remove_key(i % 2 == 0 ? i + 1000 : i, lives[i]);
        cr_assert_eq(find(i % 2 == 0 ? i + 1000 : i), 0);
    }
    end();
}

Test(map, a_place_is_used_again_and_again)
{
    begin(&map_by_id);
    for (uint64_t i = 0; i < 20000; i++) {
        life which = life_of(GENERATION + i, 1);

        if (i == 0) (void)record_with(0, WORD_FREE);
        moor_store_relaxed(&record_at(&records, 1)->id_low, i);
        set_state(which, WORD_RUNNING);
        cr_assert_eq(insert(i, which), MOOR_OK);
        cr_assert_eq(find(i), which);
        set_state(which, WORD_LEFT);
        if (i % 3 != 0) remove_key(i, which);
    }
    end();
}

/* Three records to a bucket; four from 65,536 buckets on. */
Test(map, a_large_map_is_denser)
{
    enum { LARGE = 1 << 16 };

    begin(&map_by_id);
    map_grow(&map, LARGE / 2 * 3);
    cr_assert_eq(map_level(moor_load_acquire(&map.levels)), 15);
    map_grow(&map, LARGE / 2 * 3 + 1);
    cr_assert_eq(map_level(moor_load_acquire(&map.levels)), 16);
    map_grow(&map, LARGE * 4);
    cr_assert_eq(map_level(moor_load_acquire(&map.levels)), 16);
    map_grow(&map, LARGE * 4 + 1);
    cr_assert_eq(map_level(moor_load_acquire(&map.levels)), 17);
    end();
}
