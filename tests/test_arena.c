/*
 * The arena: indices, segments that double, reuse, forged indices.
 */
#include <criterion/criterion.h>
#include <stdint.h>

#include "arena.h"
#include "threads.h"

struct thing {
    uint64_t first;
    moor_word link;
    uint64_t last;
};

enum { PLENTY = 1000 };

static struct arena arena;

static void begin(uint32_t first, uint32_t most)
{
    memset(&arena, 0, sizeof arena);
    arena_init(&arena, sizeof(struct thing), offsetof(struct thing, link),
               first, most);
}

static struct thing *thing_at(uint32_t index)
{
    return (struct thing *)arena_at(&arena, index, sizeof(struct thing));
}

static uint32_t take(void)
{
    uint32_t index = 0;

    cr_assert(arena_take(&arena, &index));
    return index;
}

Test(arena, segments_double_and_leave_no_gap)
{
    uint32_t next = 0;

    for (uint32_t s = 0; s < ARENA_SEGMENTS; s++) {
        uint32_t length = arena_segment_length(s);

        cr_assert_eq(arena_segment_begin(s), next);
        cr_assert_eq(length, s < 2 ? 8 : next);
        cr_assert_eq(arena_segment_of(next), s);
        cr_assert_eq(arena_segment_of(next + length - 1), s);
        next += length;
    }
    cr_assert_eq(next, UINT32_C(1) << LIFE_INDEX_BITS);
}

/* Each of a group once, and two that are taken in turn never side by side. */
Test(arena, spreads_what_it_hands_out)
{
    for (uint32_t group = 0; group < 100; group++) {
        unsigned seen = 0;

        for (uint32_t i = 0; i < ARENA_GROUP; i++) {
            uint32_t index = arena_spread(group * ARENA_GROUP + i);

            cr_assert_eq(index / ARENA_GROUP, group);
            seen |= 1U << index % ARENA_GROUP;
            if (i % 2 == 1) {
                cr_assert_eq(index - arena_spread(group * ARENA_GROUP + i - 1),
                             4);
            }
        }
        cr_assert_eq(seen, 0xff);
    }
}

Test(arena, fresh_entries_come_in_order_zeroed_and_apart)
{
    begin(1, PLENTY);
    for (uint32_t i = 1; i < PLENTY; i++) {
        uint32_t index = take();

        cr_assert_eq(index, arena_spread(i));
        cr_assert_eq(thing_at(index)->first | thing_at(index)->last, 0);
        thing_at(index)->first = thing_at(index)->last = i;
    }
    for (uint32_t i = 1; i < PLENTY; i++) {
        cr_assert_eq(thing_at(arena_spread(i))->first, i);
        cr_assert_eq(thing_at(arena_spread(i))->last, i);
    }
    arena_destroy(&arena);
}

Test(arena, begins_where_it_is_told)
{
    begin(2, PLENTY);
    cr_assert_eq(take(), arena_spread(2));
    cr_assert_eq(arena_end(&arena), ARENA_GROUP, "whole groups are there");
    arena_destroy(&arena);
}

Test(arena, gives_no_more_than_it_may_have)
{
    uint32_t index = 77;

    begin(1, 10);
    for (uint32_t i = 1; i < 10; i++) {
        cr_assert_eq(take(), arena_spread(i));
    }
    cr_assert_not(arena_take(&arena, &index));
    arena_give(&arena, 4);
    cr_assert_eq(take(), 4);
    cr_assert_not(arena_take(&arena, &index));
    arena_destroy(&arena);
}

Test(arena, the_one_given_back_last_comes_first)
{
    begin(1, PLENTY);
    for (int i = 0; i < 5; i++) {
        (void)take();
    }
    arena_give(&arena, 2);
    arena_give(&arena, 5);
    arena_give(&arena, 1);
    cr_assert_eq(take(), 1);
    cr_assert_eq(take(), 5);
    cr_assert_eq(take(), 2);
    cr_assert_eq(take(), arena_spread(6));
    arena_destroy(&arena);
}

Test(arena, an_entry_keeps_its_content_and_place_when_given_back)
{
    struct thing *thing;
    uint32_t index;

    begin(1, PLENTY);
    index = take();
    thing = thing_at(index);
    thing->first = 11;
    thing->last = 13;
    arena_give(&arena, index);
    cr_assert_eq(take(), index);
    cr_assert_eq(thing_at(index), thing);
    cr_assert_eq(thing->first, 11);
    cr_assert_eq(thing->last, 13);
    arena_destroy(&arena);
}

static struct thing *found(uint32_t index)
{
    return (struct thing *)arena_find(&arena, index, sizeof(struct thing));
}

Test(arena, finds_what_it_handed_out)
{
    begin(1, PLENTY);
    for (int i = 0; i < 20; i++) {
        (void)take();
    }
    cr_assert_eq(found(1), thing_at(1));
    cr_assert_eq(found(20), thing_at(20));
    cr_assert_eq(found(31), thing_at(31), "it is there, and zero");
    cr_assert_eq(thing_at(31)->first, 0);
    cr_assert_null(found(32));
    cr_assert_null(found((uint32_t)LIFE_INDEX_MAX));
    arena_give(&arena, 20);
    cr_assert_eq(found(20), thing_at(20), "its memory stays");
    arena_destroy(&arena);
}

Test(arena, a_prepared_one_has_its_first_segment)
{
    begin(1, PLENTY);
    cr_assert(arena_prepare(&arena));
    thing_at(0)->first = 1;
    cr_assert_eq(thing_at(0)->last, 0);
    arena_destroy(&arena);
}

Test(arena, an_empty_one_is_destroyed_without_harm)
{
    begin(1, PLENTY);
    arena_destroy(&arena);
}

/* --- several stacks ------------------------------------------------------- */

enum { STACKS = 4 };

static struct arena_stack stacks[STACKS];

static void begin_with_stacks(void)
{
    begin(1, PLENTY);
    memset(stacks, 0, sizeof stacks);
    arena_use_stacks(&arena, stacks, STACKS);
}

static void *take_some(void *indices)
{
    for (int i = 0; i < 5; i++) {
        if (!arena_take(&arena, (uint32_t *)indices + i)) return NULL;
    }
    return NULL;
}

/* Whoever gave them back, on whichever stack they wait. */
Test(arena, what_another_thread_gave_back_comes_before_a_new_one)
{
    uint32_t given[5], taken[5] = {0};
    unsigned left = 0;

    begin_with_stacks();
    for (int i = 0; i < 5; i++) {
        given[i] = take();
    }
    for (int i = 0; i < 5; i++) {
        arena_give(&arena, given[i]);
        left |= 1U << given[i];
    }
    together(take_some, 1, taken, sizeof taken);
    for (int i = 0; i < 5; i++) {
        cr_assert_neq(left & 1U << taken[i], 0, "entry %u", taken[i]);
        left &= ~(1U << taken[i]);
    }
    arena_destroy(&arena);
}

/* --- threads: no entry belongs to two ------------------------------------- */

enum { THREADS = 3, ROUNDS = 20000, HELD = 4 };

static moor_word doubled;

static void own(uint32_t index, uint64_t who)
{
    if (thing_at(index)->first != 0) (void)moor_add_relaxed(&doubled, 1);
    thing_at(index)->first = who;
}

static void disown(uint32_t index, uint64_t who)
{
    if (thing_at(index)->first != who) (void)moor_add_relaxed(&doubled, 1);
    thing_at(index)->first = 0;
    arena_give(&arena, index);
}

static void *churn(void *which)
{
    uint64_t who = *(uint64_t *)which;
    uint32_t held[HELD] = {0};

    for (int i = 0; i < ROUNDS; i++) {
        uint32_t *place = &held[(unsigned)i * 7 % HELD];

        if (*place != 0) {
            disown(*place, who);
            *place = 0;
        } else if (arena_take(&arena, place)) {
            own(*place, who);
        }
    }
    for (int h = 0; h < HELD; h++) {
        if (held[h] != 0) disown(held[h], who);
    }
    return NULL;
}

static void expect_no_double(void)
{
    uint64_t names[THREADS];

    for (int t = 0; t < THREADS; t++) {
        names[t] = (uint64_t)t + 1;
    }
    together(churn, THREADS, names, sizeof names[0]);
    cr_assert_eq(moor_load_relaxed(&doubled), 0);
    cr_assert_leq(arena_end(&arena), arena_group_end(1 + THREADS * HELD));
    arena_destroy(&arena);
}

Test(arena, no_entry_belongs_to_two_threads)
{
    begin(1, PLENTY);
    expect_no_double();
}

Test(arena, nor_with_several_stacks)
{
    begin_with_stacks();
    expect_no_double();
}
