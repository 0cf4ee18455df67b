/*
 * Closing one agent alone: its children move up (`adopt`), or it must have
 * none (`refuse`).
 *
 * Goal    Whoever hung below the one that leaves hangs below the next above
 *         that is there, and counts with it; a close under `refuse` and a
 *         spawn below it never both succeed; what is adopted into a tree that
 *         is being closed is closed with it (I8).
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 *
 *   root - a - b - c      what is made beforehand depends on the case
 */
#include <string.h>

#include "world/world.h"

static moor_agent a, b, c;
static moor_agent spawned;
static moor_ticket ticket;
static moor_error answers[MODEL_THREADS_MAX];

static void make_chain(int depth)
{
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    b = depth > 1 ? world_spawn(a, "b") : (moor_agent){0};
    c = depth > 2 ? world_spawn(b, "c") : (moor_agent){0};
    spawned = (moor_agent){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
}

static void one(void)
{
    make_chain(1);
}

static void one_with_ticket(void)
{
    make_chain(1);
    ticket = world_reserve(a, "t");
}

static void two(void)
{
    make_chain(2);
}

static void three(void)
{
    make_chain(3);
}

static void close_as(moor_agent agent, moor_close_scope scope)
{
    answers[model_self()] = moor_close(world, agent, scope, NULL);
}

static void adopt_a(void)
{
    close_as(a, MOOR_CLOSE_ADOPT);
}

static void adopt_b(void)
{
    close_as(b, MOOR_CLOSE_ADOPT);
}

static void refuse_a(void)
{
    close_as(a, MOOR_CLOSE_REFUSE);
}

static void refuse_b(void)
{
    close_as(b, MOOR_CLOSE_REFUSE);
}

static void cascade_a(void)
{
    close_as(a, MOOR_CLOSE_TREE);
}

static void spawn_below(moor_agent above)
{
    answers[model_self()] = world_try_spawn(above, "x", &spawned);
}

static void spawn_below_a(void)
{
    spawn_below(a);
}

static void spawn_below_b(void)
{
    spawn_below(b);
}

static void abandon(void)
{
    answers[model_self()] = moor_abandon(world, ticket);
}

/* --- verdicts ------------------------------------------------------------ */

static void expect_parent(moor_agent agent, moor_agent above)
{
    moor_info info;
    moor_error error = moor_info_of(world, agent, &info);

    world_expect_error("info", error, MOOR_OK);
    if (error == MOOR_OK && info.parent.bits != above.bits) {
        model_fail("%s hangs below %llx, not %llx", info.path,
                   (unsigned long long)info.parent.bits,
                   (unsigned long long)above.bits);
    }
}

static void expect_children(moor_agent agent, uint64_t children)
{
    moor_capacity below;

    world_expect_error("capacity", moor_capacity_of(world, agent, &below),
                       MOOR_OK);
    if (below.of[MOOR_LIMIT_CHILDREN].used != children) {
        model_fail("%llu children count, not %llu",
                   (unsigned long long)below.of[MOOR_LIMIT_CHILDREN].used,
                   (unsigned long long)children);
    }
}

static void expect_spawn(moor_error answer)
{
    if (answer != MOOR_OK && answer != MOOR_FENCED) {
        world_expect_error("spawn", answer, MOOR_STALE);
    }
}

/* Thread 0 adopted, thread 1 spawned below the one that left. */
static void judge_adopt_spawn(void)
{
    moor_agent root = moor_root(world);

    world_expect_error("adopt", answers[0], MOOR_OK);
    expect_spawn(answers[1]);
    if (answers[1] == MOOR_OK) expect_parent(spawned, root);
    expect_children(root, answers[1] == MOOR_OK);
    world_expect_used(answers[1] == MOOR_OK);
    world_end();
}

/* Spawned below the child of the one that left. */
static void judge_adopt_below(void)
{
    world_expect_error("adopt", answers[0], MOOR_OK);
    world_expect_error("spawn", answers[1], MOOR_OK);
    expect_parent(b, moor_root(world));
    expect_parent(spawned, b);
    expect_children(moor_root(world), 1);
    expect_children(b, 1);
    world_end();
}

/* Two in a row left; the third moves up twice. */
static void judge_both_adopted(void)
{
    world_expect_error("adopt a", answers[0], MOOR_OK);
    world_expect_error("adopt b", answers[1], MOOR_OK);
    expect_parent(c, moor_root(world));
    expect_children(moor_root(world), 1);
    world_expect_used(1);
    world_end();
}

/* The tree of a was closed while b gave its child to a. */
static void judge_cascade(void)
{
    moor_stats stats;

    world_expect_error("close", answers[0], MOOR_OK);
    if (answers[1] != MOOR_OK) {
        world_expect_error("adopt", answers[1], MOOR_STALE);
    }
    moor_stats_of(world, &stats);
    if (stats.live + stats.idle + stats.tickets > 0) {
        model_fail("I8: %llu are left below a closed tree",
                   (unsigned long long)(stats.live + stats.idle));
    }
    WORLD_EXPECT(stats.closed == stats.spawned);
    world_expect_used(0);
    expect_children(moor_root(world), 0);
    world_end();
}

/* One of the two: the close found no child, or the child found no close. */
static void judge_refuse_spawn(void)
{
    expect_spawn(answers[1]);
    if (answers[1] == MOOR_OK) {
        world_expect_error("close", answers[0], MOOR_HAS_CHILDREN);
        expect_parent(spawned, a);
        expect_children(a, 1);
    } else if (answers[0] != MOOR_OK) {
        /* A reservation on its way counts, also one that is not granted. */
        world_expect_error("close", answers[0], MOOR_HAS_CHILDREN);
        world_expect_status(a, MOOR_STATUS_PENDING_INIT);
    }
    world_end();
}

static void judge_refuse_abandon(void)
{
    world_expect_error("abandon", answers[1], MOOR_OK);
    if (answers[0] != MOOR_OK) {
        world_expect_error("close", answers[0], MOOR_HAS_CHILDREN);
        expect_children(a, 0);
        world_expect_error(
            "close", moor_close(world, a, MOOR_CLOSE_REFUSE, NULL), MOOR_OK);
    }
    world_expect_used(0);
    world_end();
}

/* a has a child at any time: first b, then c. */
static void judge_refuse_adopt(void)
{
    world_expect_error("adopt", answers[1], MOOR_OK);
    world_expect_error("close", answers[0], MOOR_HAS_CHILDREN);
    expect_parent(c, a);
    expect_children(a, 1);
    world_end();
}

/* b is closed if it had no child; a only if b was gone. */
static void judge_refuse_both(void)
{
    world_expect_error("close b", answers[1], MOOR_OK);
    if (answers[0] != MOOR_OK) {
        world_expect_error("close a", answers[0], MOOR_HAS_CHILDREN);
        expect_children(a, 0);
    }
    world_end();
}

/* Thread 0 adopts, thread 1 refuses, thread 2 spawns: one closes a. */
static void judge_three(void)
{
    expect_spawn(answers[2]);
    if (answers[0] == MOOR_OK) {
        if (answers[1] != MOOR_HAS_CHILDREN) {
            world_expect_error("refuse", answers[1], MOOR_STALE);
        }
    } else {
        world_expect_error("adopt", answers[0], MOOR_STALE);
        world_expect_error("refuse", answers[1], MOOR_OK);
    }
    world_expect_status(a, MOOR_STATUS_NOT_FOUND);
    if (answers[2] == MOOR_OK) expect_parent(spawned, moor_root(world));
    expect_children(moor_root(world), answers[2] == MOOR_OK);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"adopt_spawn", one, {adopt_a, spawn_below_a}, 2, judge_adopt_spawn, 0},
    {"adopt_spawn_below", two, {adopt_a, spawn_below_b}, 2,
     judge_adopt_below, 0},
    {"adopt_chain", three, {adopt_a, adopt_b}, 2, judge_both_adopted, 0},
    {"cascade_adopt", three, {cascade_a, adopt_b}, 2, judge_cascade, 3},
    {"cascade_adopt_spawn", two, {cascade_a, adopt_b, spawn_below_b}, 3,
     judge_cascade, 2},
    {"refuse_spawn", one, {refuse_a, spawn_below_a}, 2, judge_refuse_spawn, 0},
    {"refuse_abandon", one_with_ticket, {refuse_a, abandon}, 2,
     judge_refuse_abandon, 0},
    {"refuse_adopt", three, {refuse_a, adopt_b}, 2, judge_refuse_adopt, 0},
    {"refuse_refuse", two, {refuse_a, refuse_b}, 2, judge_refuse_both, 0},
    {"adopt_refuse_spawn", one, {adopt_a, refuse_a, spawn_below_a}, 3,
     judge_three, 3},
};
/* clang-format on */

WORLD_MAIN(cases)
