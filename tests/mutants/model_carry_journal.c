/*
 * What is carried by the journal.
 *
 * Goal    Who is woken, or told that the journal is behind, knows what came
 *         before it (J2, J3); whose change is taken, of that life is its order
 *         (R1); who is taken as kept is held (J4).
 * Method  with loads that may be late (weak.c).
 */
#include "carry.h"

#include "journal.h"
#include "moorage/journal.h"
#include "world/sleep.h"

enum { ROOM = 4 };

static moor_agent a;
static uint64_t order; /* of a */

static size_t take(moor_changed *changed, bool *behind)
{
    size_t count = 0;

    (void)moor_changes(world, changed, ROOM, &count, behind);
    return count;
}

/* One agent, and nothing to take. */
static void one(void)
{
    moor_changed changed[ROOM];
    moor_config config;
    bool behind;

    carry_nothing();
    sleep_begin();
    sleep_deadlines_pass(true);
    moor_config_default(&config);
    config.journal = true;
    world_make_with(&config);
    a = world_spawn((moor_agent){0}, "a");
    (void)moor_journal_wait(world, 0);
    (void)take(changed, &behind);
    order = changed[0].order;
}

/* Who leaves is not kept. */
static void no_room(void)
{
    one();
    moor_store_relaxed(&world->journal->kept, MOOR_JOURNAL_MAX);
}

/* And it is noted. */
static void no_room_noted(void)
{
    no_room();
    (void)world_finish(a);
}

static bool is_behind(void)
{
    moor_changed changed[ROOM];
    bool behind;

    (void)take(changed, &behind);
    return behind;
}

static bool is_woken(void)
{
    return moor_journal_wait(world, 1) == MOOR_OK;
}

CARRY(behind, world_close_tree(a), is_behind())
CARRY(woken, moor_journal_wake(world), is_woken())

/* In the same record, and its order is another.  Who is taken as its former
 * life may have either: that is read as stale. */
static void use_again(void)
{
    (void)world_close_tree(a);
    (void)world_spawn((moor_agent){0}, "b");
}

static void take_whole(void)
{
    moor_changed changed[ROOM];
    bool behind;
    size_t count = take(changed, &behind);

    for (size_t i = 0; i < count; i++) {
        WORLD_EXPECT(changed[i].agent.bits == a.bits ||
                     changed[i].order != order);
    }
}

/* Taken by the mark of its end, it may have left since. */
static void noted(void)
{
    one();
    (void)world_finish(a);
}

static void close_it(void)
{
    (void)world_close_tree(a);
}

static bool is_held(moor_agent agent)
{
    uint64_t links = moor_load_relaxed(&books_record(world, agent.bits)->links);

    return (links >> TREE_COUNT_BITS & ((1 << TREE_COUNT_BITS) - 1)) != 0;
}

static void take_and_let_go(void)
{
    moor_changed changed[ROOM];
    bool behind;
    size_t count = take(changed, &behind);

    for (size_t i = 0; i < count; i++) {
        WORLD_EXPECT(!changed[i].closed || is_held(changed[i].agent));
        (void)moor_change_done(world, &changed[i]);
    }
}

static void end(void)
{
    moor_store_relaxed(&world->journal->kept, 0);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    CARRY_CASE(no_room, behind, end),
    CARRY_CASE(one, woken, end),
    {"order_of_life", no_room_noted, {use_again, take_whole}, 2, end, 0},
    {"kept", noted, {close_it, take_and_let_go}, 2, world_end, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
