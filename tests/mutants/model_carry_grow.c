/*
 * What grows: a map gets a level, and the arena of the records a group, while
 * others look; and who is told that a life is gone.
 *
 * Goal    M3: who knows a level finds its segment.  A1: who knows where the
 *         records end has them.  R1: whoever is told stale knows of the end.
 * Method  with loads that may be late (weak.c).
 */
#include "carry.h"

#include "map_inner.h"
#include "world/lives.h"

/* --- a map gets a level -------------------------------------------------- */

enum { STAYS = 8, MOVES = 2, TWO_LEVELS = 12, THREE_LEVELS = 24, SMALL = 1 };

/* With a tag that no other has: so it is missed without a look at others. */
#define MOVES_TAGGED (MOVES | UINT64_C(1) << 60)

static life stays, moves, own, next;

static void small_map(void)
{
    carry_nothing();
    lives_make();
    stays = lives_enter(STAYS, 9);
    moves = lives_enter(MOVES, 9);
    own = lives_begin(MOVES, SMALL);
}

/* Its share is still to move. */
static void larger_map(void)
{
    small_map();
    map_grow(&lives_map, TWO_LEVELS);
}

/* Full: the next one goes where the one that moves has stood. */
static void full_map(void)
{
    carry_nothing();
    lives_make();
    moves = lives_enter(MOVES_TAGGED, 9);
    for (uint64_t low = 1; low < 6; low++)
        (void)lives_enter(STAYS, low);
    own = lives_begin(MOVES, SMALL);
    next = lives_begin(STAYS, 6);
}

static void grow(void)
{
    map_grow(&lives_map, TWO_LEVELS);
    map_grow(&lives_map, THREE_LEVELS);
    moor_store_relaxed(&over, 1);
}

static void grow_and_insert(void)
{
    map_grow(&lives_map, TWO_LEVELS);
    (void)lives_insert(own); /* what moves, moves */
    (void)lives_insert(next);
    moor_store_relaxed(&over, 1);
}

static void insert_own(void)
{
    (void)lives_insert(own);
    moor_store_relaxed(&over, 1);
}

static void find_both(void)
{
    if (lives_find(MOVES, 9) != moves || lives_find(STAYS, 9) != stays) {
        model_fail("lost from sight");
    }
}

static void find_tagged(void)
{
    if (lives_find(MOVES_TAGGED, 9) != moves) model_fail("lost from sight");
}

static void remove_moving(void)
{
    lives_remove(moves);
}

static void insert_another(void)
{
    if (lives_insert(own) != MOOR_OK) model_fail("not inserted");
    if (lives_find(MOVES, SMALL) != own) model_fail("its own is lost");
}

static void grow_too(void)
{
    map_grow(&lives_map, THREE_LEVELS);
    find_both();
}

/* --- a bucket gets a block ----------------------------------------------- */

enum { FULL = 6 }; /* slots of a bucket's own */

static life each[2];

static void full_bucket(void)
{
    carry_nothing();
    lives_make();
    for (uint64_t low = 1; low <= FULL; low++)
        (void)lives_enter(STAYS, low);
    each[0] = lives_begin(STAYS, FULL + 1);
    each[1] = lives_begin(STAYS, FULL + 2);
}

static void insert_each(void)
{
    int self = model_self();

    if (lives_insert(each[self]) != MOOR_OK) model_fail("not inserted");
    if (lives_find(STAYS, FULL + 1 + (uint64_t)self) != each[self]) {
        model_fail("its own is lost");
    }
    if (self == 0) moor_store_relaxed(&over, 1);
}

static void find_in_block(void)
{
    life found = lives_find(STAYS, FULL + 1);

    if (found != 0 && found != each[0]) model_fail("another is found");
}

/* --- the records get a group --------------------------------------------- */

enum { GROUP = 7 }; /* records there are before the arena goes on */

static moor_agent a;

static void full_group(void)
{
    carry_nothing();
    world_make(GROUP + 2, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, NULL);
    for (int i = 1; i < GROUP; i++)
        (void)world_spawn((moor_agent){0}, NULL);
}

static void spawn_one(void)
{
    moor_agent agent;

    (void)world_try_spawn((moor_agent){0}, "x", &agent);
    moor_store_relaxed(&over, 1);
}

static void close_all(void)
{
    (void)world_close_tree(moor_root(world));
    moor_store_relaxed(&over, 1);
}

/* Whoever was admitted before the fence has been met by the walk. */
static void judge_all_closed(void)
{
    world_expect_used(0);
    world_end();
}

/* --- a bag gets a child while what is above is closed -------------------- */

static moor_agent child;

static void no_child(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
    child = a = world_spawn((moor_agent){0}, "a");
}

static void vacant_node(void)
{
    no_child();
    (void)world_close_tree(world_spawn(a, "b"));
}

static void grandchild(void)
{
    no_child();
    child = world_spawn(a, "b");
}

/* All nodes of the first group are in use. */
static void full_nodes(void)
{
    carry_nothing();
    world_make(GROUP + 4, MOOR_ON_COMPLETION);
    child = a = world_spawn((moor_agent){0}, "a");
    for (int i = 0; i < GROUP; i++)
        (void)world_spawn(a, NULL);
}

/* But for one, which is taken here and pushed there. */
static void last_node(void)
{
    carry_nothing();
    world_make(GROUP + 4, MOOR_ON_COMPLETION);
    child = a = world_spawn((moor_agent){0}, "a");
    for (int i = 0; i < GROUP - 1; i++)
        (void)world_spawn(a, NULL);
}

static void spawn_below(void)
{
    moor_agent agent;

    (void)world_try_spawn(child, "x", &agent);
    moor_store_relaxed(&over, 1);
}

static void spawn_below_too(void)
{
    moor_agent agent;

    (void)world_try_spawn(child, "y", &agent);
}

static void close_above(void)
{
    (void)world_close_tree(a);
    moor_store_relaxed(&over, 1);
}

static void fail_above(void)
{
    (void)moor_start_failed(world, a);
    moor_store_relaxed(&over, 1);
}

/* --- a size of plates that nobody had ------------------------------------ */

static void no_names(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
}

static void spawn_long(void)
{
    static const char *const names[] = {
        "one_name_that_needs_a_larger_plate",
        "two_name_that_needs_a_larger_plate",
    };
    moor_agent agent;

    (void)world_try_spawn((moor_agent){0}, names[model_self()], &agent);
    if (model_self() == 0) moor_store_relaxed(&over, 1);
}

/* --- told that it is gone ------------------------------------------------ */

static void one_of(uint32_t running)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    (void)moor_set_limit(world, MOOR_LIMIT_RUNNING, running);
}

static void one(void)
{
    one_of(6);
}

/* The next one is refused behind its record. */
static void one_and_no_slot(void)
{
    one_of(0);
}

static void close_and_spawn(void)
{
    moor_agent agent;

    (void)world_close_tree(a);
    (void)world_try_spawn((moor_agent){0}, "x", &agent);
}

static bool is_stale_above(void)
{
    moor_agent agent;

    return world_try_spawn(a, "y", &agent) == MOOR_STALE;
}

CARRY(gone, close_and_spawn(), world_status(a) == MOOR_STATUS_NOT_FOUND)
CARRY(gone_above, close_and_spawn(), is_stale_above())
CARRY(gone_and_refused, close_and_spawn(),
      world_status(a) == MOOR_STATUS_NOT_FOUND)

static void idle_with_slot(void)
{
    carry_nothing();
    world_make(1, MOOR_ON_TURN_END);
    a = world_spawn((moor_agent){0}, "a");
    (void)world_finish(a);
}

static bool has_no_slot(void)
{
    moor_info info;

    return moor_info_of(world, a, &info) == MOOR_OK && !info.slot;
}

CARRY(reaped, moor_reap(world, NULL), has_no_slot())

static moor_ticket ticket;

static void one_ticket(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
    ticket = world_reserve((moor_agent){0}, "t");
}

static bool is_committed_too_late(void)
{
    moor_agent agent;

    return moor_commit(world, ticket, NULL, NULL, &agent) == MOOR_STALE;
}

CARRY(ended, moor_abandon(world, ticket), is_committed_too_late())

static bool is_refused(void)
{
    moor_agent agent;

    return world_try_spawn((moor_agent){0}, "x", &agent) == MOOR_REFUSED;
}

static void unlimited(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
}

CARRY(depth_lowered, moor_set_limit(world, MOOR_LIMIT_DEPTH, 0), is_refused())
CARRY(children_lowered, moor_set_limit(world, MOOR_LIMIT_CHILDREN, 0),
      is_refused())
CARRY(running_lowered, moor_set_limit(world, MOOR_LIMIT_RUNNING, 0),
      is_refused())

#define LATE(see)                \
    static void see##_late(void) \
    {                            \
        await();                 \
        see();                   \
    }

LATE(find_both)
LATE(find_tagged)
LATE(remove_moving)
LATE(insert_another)
LATE(grow_too)
LATE(insert_each)
LATE(find_in_block)
LATE(spawn_long)
LATE(spawn_below)
LATE(spawn_below_too)
LATE(fail_above)
LATE(close_above)
LATE(spawn_one)
LATE(close_all)

#define PAIR(before, act, see, after)                             \
    {#before " " #act " " #see, before, {act, see}, 2, after, 0}, \
    {                                                             \
#before " " #act " " #see "_late", before,                \
            {act, see##_late }, 2, after, 0                       \
    }

/* clang-format off */
static const struct model_case cases[] = {
    PAIR(small_map, grow, find_both, lives_free),
    PAIR(small_map, grow, remove_moving, lives_free),
    PAIR(small_map, grow, insert_another, lives_free),
    PAIR(small_map, grow, grow_too, lives_free),
    PAIR(larger_map, insert_own, find_both, lives_free),
    PAIR(larger_map, insert_own, remove_moving, lives_free),
    PAIR(larger_map, insert_own, grow_too, lives_free),
    PAIR(full_map, grow_and_insert, find_tagged, lives_free),
    PAIR(full_bucket, insert_each, insert_each, lives_free),
    PAIR(full_bucket, insert_each, find_in_block, lives_free),
    PAIR(no_names, spawn_long, spawn_long, world_end),
    PAIR(no_child, spawn_below, close_above, judge_all_closed),
    PAIR(no_child, close_above, spawn_below, judge_all_closed),
    PAIR(vacant_node, spawn_below, close_above, judge_all_closed),
    PAIR(vacant_node, close_above, spawn_below, judge_all_closed),
    PAIR(grandchild, spawn_below, close_above, judge_all_closed),
    PAIR(grandchild, close_above, spawn_below, judge_all_closed),
    PAIR(no_child, spawn_below, fail_above, judge_all_closed),
    PAIR(no_child, fail_above, spawn_below, judge_all_closed),
    PAIR(full_nodes, spawn_below, spawn_below_too, world_end),
    PAIR(last_node, spawn_below, spawn_below_too, world_end),
    PAIR(full_group, spawn_one, close_all, judge_all_closed),
    PAIR(full_group, close_all, spawn_one, judge_all_closed),
    CARRY_CASE(one, gone, world_end),
    CARRY_CASE(one_and_no_slot, gone_and_refused, world_end),
    CARRY_CASE(one, gone_above, world_end),
    CARRY_CASE(idle_with_slot, reaped, world_end),
    CARRY_CASE(one_ticket, ended, world_end),
    CARRY_CASE(unlimited, depth_lowered, world_end),
    CARRY_CASE(unlimited, children_lowered, world_end),
    CARRY_CASE(unlimited, running_lowered, world_end),
};
/* clang-format on */

WORLD_MAIN(cases)
