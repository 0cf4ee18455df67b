/*
 * Closing a tree while others spawn below it, close it too, or end a run.
 *
 * Goal    I8: nothing hangs below a closed agent, whoever was spawning there;
 *         each member is closed once (I7) and its slot comes back once (I1).
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 *
 *   root - a - b - c      what is made beforehand depends on the case
 */
#include <string.h>

#include "atomic.h"
#include "world/world.h"

static moor_agent a, b, c;
static moor_agent spawned[2];
static moor_error answers[MODEL_THREADS_MAX];
static moor_closed closed[MODEL_THREADS_MAX];
static moor_word fenced; /* the fence is set */
static bool began_after;

static void make_chain(int depth)
{
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    b = depth > 1 ? world_spawn(a, "b") : (moor_agent){0};
    c = depth > 2 ? world_spawn(b, "c") : (moor_agent){0};
    memset(spawned, 0, sizeof spawned);
    memset(closed, 0, sizeof closed);
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
}

static void one(void)
{
    make_chain(1);
}

static void two(void)
{
    make_chain(2);
}

static void two_idle(void)
{
    make_chain(2);
    world_finish(b);
    fenced = (moor_word){0};
    began_after = false;
}

/* Two nodes of a's bag are vacant. */
static void two_closed(void)
{
    moor_agent x, y;

    make_chain(1);
    x = world_spawn(a, "x");
    y = world_spawn(a, "y");
    (void)world_close_tree(x);
    (void)world_close_tree(y);
}

static void three(void)
{
    make_chain(3);
}

static void close_agent(moor_agent agent)
{
    int self = model_self();

    answers[self] = moor_close(world, agent, MOOR_CLOSE_TREE, &closed[self]);
}

static void close_a(void)
{
    close_agent(a);
}

static void close_b(void)
{
    close_agent(b);
}

static void close_c(void)
{
    close_agent(c);
}

static void close_root(void)
{
    close_agent(moor_root(world));
}

static void spawn_below(moor_agent above, const char *name, int which)
{
    answers[model_self()] = world_try_spawn(above, name, &spawned[which]);
}

static void spawn_below_a(void)
{
    spawn_below(a, "x", 0);
}

/* A fence without a close: on a, since b is idle. */
static void fence_turn(void)
{
    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
    moor_store_release(&fenced, 1);
}

static void spawn_behind_b(void)
{
    began_after = moor_load_acquire(&fenced) != 0;
    answers[1] = world_try_spawn(b, "y", &spawned[1]);
}

static void spawn_below_b(void)
{
    spawn_below(b, "y", 1);
}

/* A child, and at once a grandchild. */
static void spawn_two(void)
{
    spawn_below(a, "x", 0);
    if (spawned[0].bits != 0) spawn_below(spawned[0], "y", 1);
}

static void spawn_one(void)
{
    spawn_below(a, "z", 0);
}

static void spawn_other(void)
{
    spawn_below(a, "y", 1);
}

/* Takes both nodes and gives the first one back. */
static void spawn_two_close_first(void)
{
    moor_agent x, y;

    answers[1] = world_try_spawn(a, "x", &x);
    world_expect_error("spawn", world_try_spawn(a, "y", &y), MOOR_OK);
    world_expect_error("close", world_close_tree(x), MOOR_OK);
}

static void finish_b(void)
{
    answers[model_self()] = world_finish(b);
}

/* --- verdicts ------------------------------------------------------------ */

static void expect_spawn(moor_error answer)
{
    if (answer != MOOR_OK && answer != MOOR_STALE && answer != MOOR_FENCED) {
        model_fail("spawn answers %s", moor_error_name(answer));
    }
}

/* Below the root there is nothing any more. */
static void judge_empty(void)
{
    moor_capacity root;
    moor_stats stats;
    uint64_t sum = 0;

    moor_stats_of(world, &stats);
    if (stats.live + stats.idle + stats.tickets > 0) {
        model_fail("I8: %llu agents and %llu tickets are left",
                   (unsigned long long)(stats.live + stats.idle),
                   (unsigned long long)stats.tickets);
    }
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        sum += closed[i].closed;
    if (stats.closed != stats.spawned || sum != stats.closed) {
        model_fail("I7: %llu spawned, %llu closed, %llu told",
                   (unsigned long long)stats.spawned,
                   (unsigned long long)stats.closed, (unsigned long long)sum);
    }
    moor_capacity_of(world, (moor_agent){0}, &root);
    WORLD_EXPECT(root.of[MOOR_LIMIT_CHILDREN].used == 0);
    WORLD_EXPECT(stats.used == 0);
    WORLD_EXPECT(stats.released == stats.closed);
    world_end();
}

/* Thread 0 closes; the others spawn. */
static void judge_spawners(void)
{
    world_expect_error("close", answers[0], MOOR_OK);
    for (int i = 1; i < 3; i++) {
        if (answers[i] != MOOR_ERRORS) expect_spawn(answers[i]);
    }
    judge_empty();
}

/* Thread 0 set a fence above. */
static void judge_fenced(void)
{
    expect_spawn(answers[1]);
    if (answers[1] == MOOR_OK && began_after) {
        model_fail("I8: spawned behind the fence");
    }
    world_end();
}

/* All that was spawned is in a's bag, also one more: so its close finds it. */
static void judge_nodes(void)
{
    moor_stats stats;

    (void)world_spawn(a, "one_more");
    for (int i = 0; i < 2; i++)
        world_expect_error("spawn", answers[i], MOOR_OK);
    world_expect_error("close", world_close_tree(a), MOOR_OK);
    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.live + stats.idle + stats.tickets == 0);
    world_end();
}

/* The first so many threads close. */
static void expect_closers(int count)
{
    world_expect_status(a, MOOR_STATUS_NOT_FOUND);
    for (int i = 0; i < count; i++) {
        if (answers[i] == MOOR_STALE) {
            WORLD_EXPECT(closed[i].previous == MOOR_STATUS_NOT_FOUND);
        } else {
            world_expect_error("close", answers[i], MOOR_OK);
            WORLD_EXPECT(closed[i].previous != MOOR_STATUS_NOT_FOUND);
        }
    }
}

static void judge_two_closers(void)
{
    expect_closers(2);
    judge_empty();
}

static void judge_three_closers(void)
{
    expect_closers(3);
    judge_empty();
}

/* Two close one agent: one was the first. */
static void judge_first(void)
{
    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("I7: closes answer %s and %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    if (answers[2] != MOOR_ERRORS) expect_spawn(answers[2]);
    judge_two_closers();
}

/* The end of the run was in time, or the agent had left. */
static void judge_finish(void)
{
    world_expect_error("close", answers[0], MOOR_OK);
    if (answers[1] != MOOR_OK && answers[1] != MOOR_WRONG_STATUS) {
        world_expect_error("finish", answers[1], MOOR_STALE);
    }
    judge_empty();
}

static void judge_root(void)
{
    moor_agent late;

    world_expect_error("a late spawn",
                       world_try_spawn((moor_agent){0}, "late", &late),
                       MOOR_FENCED);
    judge_spawners();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"spawn_below", one, {close_a, spawn_below_a}, 2, judge_spawners, 0},
    {"spawn_below_twice", two, {close_a, spawn_below_a, spawn_below_b}, 3,
     judge_spawners, 2},
    {"grandchild", two, {close_a, spawn_below_b}, 2, judge_spawners, 3},
    {"fenced_above", two_idle, {fence_turn, spawn_behind_b}, 2, judge_fenced,
     0},
    {"nodes_added", one, {spawn_one, spawn_other}, 2, judge_nodes, 3},
    {"nodes_taken_and_given", two_closed, {spawn_one, spawn_two_close_first}, 2,
     judge_nodes, 3},
    {"child_and_grandchild", one, {close_a, spawn_two}, 2, judge_spawners, 3},
    {"close_twice", two, {close_a, close_a}, 2, judge_first, 3},
    {"close_twice_spawn", one, {close_a, close_a, spawn_below_a}, 3,
     judge_first, 2},
    {"close_parent_child", two, {close_a, close_b}, 2, judge_two_closers, 0},
    {"close_three", three, {close_a, close_b, close_c}, 3,
     judge_three_closers, 2},
    {"finish", two, {close_a, finish_b}, 2, judge_finish, 0},
    {"root", one, {close_root, spawn_below_a}, 2, judge_root, 3},
};
/* clang-format on */

WORLD_MAIN(cases)
