/*
 * What is carried: one thread notes something and acts, another one that has
 * seen the act must see the note.
 *
 * Goal    Each pair of DESIGN.md carries what it says, at the public calls.
 * Method  with loads that may be late (weak.c); in one sequence there is
 *         nothing to see, so this is no case of tests/model.
 */
#include "carry.h"
#include "slots.h"
#include "total.h"

static moor_agent a, child;
static moor_ticket ticket;
static struct slots slots;
static struct total total;

/* --- before ------------------------------------------------------------- */

static void make(uint32_t running, moor_release release)
{
    carry_nothing();
    world_make(running, release);
}

static void pending_of(uint32_t running)
{
    make(running, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
}

static void pending(void)
{
    pending_of(6);
}

static void at_one(void)
{
    pending_of(1);
}

static void at_none(void)
{
    make(0, MOOR_ON_COMPLETION);
}

static void ended(void)
{
    pending();
    (void)world_finish(a);
}

static void ended_with_slot(void)
{
    make(1, MOOR_ON_TURN_END);
    a = world_spawn((moor_agent){0}, "a");
    (void)world_finish(a);
}

static void with_child(void)
{
    pending();
    child = world_spawn(a, "child");
}

static void with_last_child(void)
{
    with_child();
    (void)moor_set_limit(world, MOOR_LIMIT_CHILDREN, 1);
}

static void with_ticket(void)
{
    make(6, MOOR_ON_COMPLETION);
    ticket = world_reserve((moor_agent){0}, "t");
}

static void with_last_ticket(void)
{
    with_ticket();
    (void)moor_set_limit(world, MOOR_LIMIT_LIFETIME, 1);
}

static void lifetime_none(void)
{
    make(6, MOOR_ON_COMPLETION);
    (void)moor_set_limit(world, MOOR_LIMIT_LIFETIME, 0);
}

static void depth_none(void)
{
    make(6, MOOR_ON_COMPLETION);
    (void)moor_set_limit(world, MOOR_LIMIT_DEPTH, 0);
}

static void children_none(void)
{
    make(6, MOOR_ON_COMPLETION);
    (void)moor_set_limit(world, MOOR_LIMIT_CHILDREN, 0);
}

static void counters(void)
{
    make(1, MOOR_ON_COMPLETION);
    slots_init(&slots, 1);
    total_init(&total, 1);
}

static void counters_taken(void)
{
    struct slots_view seen;
    struct total_view all;

    counters();
    (void)slots_take(&slots, &seen);
    (void)total_take(&total, &all);
}

/* --- what is looked at -------------------------------------------------- */

static moor_error spawn(moor_agent parent, const char *name)
{
    moor_agent agent;

    return world_try_spawn(parent, name, &agent);
}

static bool spawned(const char *name)
{
    return spawn((moor_agent){0}, name) == MOOR_OK;
}

static bool found_path(const char *path)
{
    moor_agent agent;

    return moor_find_path(world, (moor_agent){0}, path, &agent) == MOOR_OK;
}

static const moor_id own_id = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};

static bool found_id(void)
{
    moor_agent agent;

    return moor_find_id(world, &own_id, &agent) == MOOR_OK;
}

static void commit_own_id(void)
{
    moor_agent agent;

    (void)moor_commit(world, ticket, &own_id, NULL, &agent);
}

static bool polled(void)
{
    moor_request_kind what;

    return moor_poll(world, a, &what) == MOOR_OK &&
           what == MOOR_REQUEST_INTERRUPT;
}

static bool is_turn_one(void)
{
    moor_stats stats;

    return moor_stats_of(world, &stats) == MOOR_OK && stats.turn == 1;
}

static bool counts(moor_limit which, uint32_t used)
{
    moor_capacity capacity;

    return moor_capacity_of(world, (moor_agent){0}, &capacity) == MOOR_OK &&
           capacity.of[which].used == used;
}

static bool limit_is(moor_limit which, uint32_t limit)
{
    moor_capacity capacity;

    return moor_capacity_of(world, (moor_agent){0}, &capacity) == MOOR_OK &&
           capacity.of[which].limit == limit;
}

static bool has_result(void)
{
    char text[8];
    size_t length = 0;

    return moor_result(world, a, text, sizeof text, &length) == MOOR_OK &&
           length == 3;
}

static bool waited(void)
{
    moor_waited answer;

    return moor_wait(world, MOOR_WAIT_ANY, MOOR_UNTIL_IDLE, &a, 1, 0,
                     &answer) == MOOR_OK;
}

static moor_error close_refusing(void)
{
    return moor_close(world, a, MOOR_CLOSE_REFUSE, NULL);
}

static bool took_slot(void)
{
    struct slots_view seen;

    return slots_take(&slots, &seen);
}

static bool took_total(void)
{
    struct total_view seen;

    return total_take(&total, &seen);
}

/* --- the pairs ---------------------------------------------------------- */

CARRY(finish, world_finish(a), world_status(a) == MOOR_STATUS_COMPLETED)
CARRY(finish_lost, world_finish(a), world_finish(a) == MOOR_WRONG_STATUS)
CARRY(finish_text, moor_finish(world, a, MOOR_STATUS_COMPLETED, "abc", 3),
      has_result())
CARRY(finish_wait, world_finish(a), waited())
CARRY(died, moor_died(world, a), world_status(a) == MOOR_STATUS_ERRORED)
CARRY(start, moor_start(world, a), world_status(a) == MOOR_STATUS_RUNNING)
CARRY(start_twice, moor_start(world, a),
      moor_start(world, a) == MOOR_WRONG_STATUS)
CARRY(run_again, moor_run_again(world, a, NULL),
      world_status(a) == MOOR_STATUS_RUNNING)
CARRY(request, moor_request(world, a, MOOR_REQUEST_INTERRUPT), polled())
CARRY(close, world_close_tree(a), world_status(a) == MOOR_STATUS_NOT_FOUND)
CARRY(close_lost, world_close_tree(a), world_close_tree(a) == MOOR_STALE)
CARRY(close_above_lost, world_close_tree(a), world_close_tree(a) == MOOR_STALE)
CARRY(close_path, world_close_tree(a), spawned("a"))
CARRY(abandon, moor_abandon(world, ticket),
      moor_abandon(world, ticket) == MOOR_STALE)
CARRY(commit, commit_own_id(), found_id())
CARRY(spawn_path, spawned("x"), found_path("/root/x"))
CARRY(parent_gone, world_close_tree(a), spawn(a, "x") == MOOR_STALE)
CARRY(spawn_taken, spawned("x"), spawn((moor_agent){0}, "x") == MOOR_PATH_TAKEN)
CARRY(slot_given, world_finish(a), spawned("x"))
CARRY(slot_taken, world_finish(a), counts(MOOR_LIMIT_RUNNING, 0))
CARRY(turn_end, moor_turn_end(world, MOOR_LEFT_KEEP, NULL), spawned("x"))
CARRY(reap, moor_reap(world, NULL), spawned("x"))
CARRY(turn, moor_turn_begin(world, NULL), is_turn_one())
CARRY(limit_running, moor_set_limit(world, MOOR_LIMIT_RUNNING, 1), spawned("x"))
CARRY(limit_lifetime, moor_set_limit(world, MOOR_LIMIT_LIFETIME, 1),
      spawned("x"))
CARRY(limit_depth, moor_set_limit(world, MOOR_LIMIT_DEPTH, 1), spawned("x"))
CARRY(limit_children, moor_set_limit(world, MOOR_LIMIT_CHILDREN, 1),
      spawned("x"))
CARRY(limit_seen, moor_set_limit(world, MOOR_LIMIT_DEPTH, 9),
      limit_is(MOOR_LIMIT_DEPTH, 9))
CARRY(limit_children_seen, moor_set_limit(world, MOOR_LIMIT_CHILDREN, 9),
      limit_is(MOOR_LIMIT_CHILDREN, 9))
CARRY(lifetime_back, moor_abandon(world, ticket), spawned("x"))
CARRY(child_closed, world_close_tree(child), close_refusing() == MOOR_OK)
CARRY(child_there, spawn(a, "x"), close_refusing() == MOOR_HAS_CHILDREN)
CARRY(child_last, world_close_tree(child), spawn(a, "x") == MOOR_OK)
CARRY(slots_given, slots_give(&slots), took_slot())
CARRY(slots_refused, took_slot(), !took_slot())
CARRY(slots_seen, took_slot(), slots_look(&slots).used == 1)
CARRY(slots_limit, slots_set_limit(&slots, 2), took_slot())
CARRY(slots_limit_seen, slots_set_limit(&slots, 2),
      slots_look(&slots).limit == 2)
CARRY(total_given, total_give(&total), took_total())
CARRY(total_refused, took_total(), !took_total())
CARRY(total_seen, took_total(), total_look(&total).used == 1)

/* T1: who has seen the count of a change goes by the limit of then. */
static void change_limit(void)
{
    total_set_limit(&total, 2);
}

static void see_change(void)
{
    struct total_view seen = total_look(&total);

    if (seen.number != 0 && seen.limit != 2) {
        model_fail("the change of a limit is counted, and not seen");
    }
}

/* Who sets a limit passes on what was taken before. */
static void set_limit_between(void)
{
    struct slots_view seen = slots_look(&slots);

    if (seen.used == 1) {
        say();
        slots_set_limit(&slots, 3);
    }
}

static void see_both(void)
{
    if (slots_look(&slots).limit == 3) {
        hear(0);
        hear(1);
    }
}

#define CASE(before, name) CARRY_CASE(before, name, world_end)

static const struct model_case cases[] = {
    CASE(pending, finish),
    CASE(pending, finish_lost),
    CASE(pending, finish_text),
    CASE(pending, finish_wait),
    CASE(pending, died),
    CASE(pending, start),
    CASE(pending, start_twice),
    CASE(ended, run_again),
    CASE(pending, request),
    CASE(pending, close),
    CASE(pending, close_lost),
    CASE(with_child, close_above_lost),
    CASE(pending, close_path),
    CASE(with_ticket, abandon),
    CASE(with_ticket, commit),
    CASE(pending, parent_gone),
    CASE(pending, spawn_path),
    CASE(pending, spawn_taken),
    CASE(at_one, slot_given),
    CASE(at_one, slot_taken),
    CASE(ended_with_slot, turn_end),
    CASE(ended_with_slot, reap),
    CASE(pending, turn),
    CASE(at_none, limit_running),
    CASE(lifetime_none, limit_lifetime),
    CASE(depth_none, limit_depth),
    CASE(children_none, limit_children),
    CASE(pending, limit_seen),
    CASE(pending, limit_children_seen),
    CASE(with_last_ticket, lifetime_back),
    CASE(with_child, child_closed),
    CASE(pending, child_there),
    CASE(with_last_child, child_last),
    CASE(counters_taken, slots_given),
    CASE(counters, slots_refused),
    CASE(counters, slots_seen),
    CASE(counters_taken, slots_limit),
    CASE(counters, slots_limit_seen),
    CASE(counters_taken, total_given),
    CASE(counters, total_refused),
    CASE(counters, total_seen),
    {"total_limit", counters, {change_limit, see_change}, 2, world_end, 0},
    {"slots_chain",
     counters,
     {slots_seen_act, set_limit_between, see_both},
     3,
     world_end,
     0},
};

WORLD_MAIN(cases)
