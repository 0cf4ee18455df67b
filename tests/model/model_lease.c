/*
 * Leases: the wheel of what is to be looked at, and the word by which renewing
 * and expiring contend.
 *
 * Goal    No lease is lost: whoever is live when its time has come is ended by
 *         the next admission behind all others.  Of renewing and expiring one
 *         wins.  No slot is given back twice.
 * Method  every schedule up to the order of independent steps, or within three
 *         preemptions where that is too much.
 * Limits  time stands still during a run: it is what the case sets before.
 */
#include "charge.h"
#include "clock.h"
#include "lease.h"
#include "wheel.h"
#include "world/world.h"

enum { TTL = 3, LATER = 1000 };

static moor_agent leased, second;
static moor_ticket ticket;
static moor_error renewed, committed, abandoned;
static bool ran_again;

static moor_agent spawn_leased(const char *name)
{
    const moor_spawn_options options = {.name = name, .ttl_ms = TTL};
    moor_agent agent = {0};

    (void)moor_spawn(world, &options, &agent, NULL);
    return agent;
}

static void make(void)
{
    clock_step_ms = 1;
    world_make(4, MOOR_ON_COMPLETION);
    leased = spawn_leased("leased");
    second = (moor_agent){0};
    renewed = MOOR_ERRORS;
    ran_again = false;
}

/* --- what is given -------------------------------------------------------- */

static void fresh(void)
{
    make();
}

static void due(void)
{
    make();
    clock_step_ms = 1 + TTL;
}

static void due_full(void)
{
    make();
    moor_set_limit(world, MOOR_LIMIT_RUNNING, 1);
    clock_step_ms = 1 + TTL;
}

static void due_running(void)
{
    due();
    moor_start(world, leased);
}

static void due_idle(void)
{
    due();
    world_finish(leased);
}

static void reserved(void)
{
    const moor_spawn_options options = {.name = "second", .ttl_ms = TTL};

    make();
    WORLD_EXPECT(moor_reserve(world, &options, &ticket, NULL) == MOOR_OK);
    committed = abandoned = MOOR_ERRORS;
}

/* Its time has passed, but it was renewed since the wheel was told of it. */
static void due_renewed(void)
{
    make();
    clock_step_ms = TTL;
    WORLD_EXPECT(moor_renew(world, leased) == MOOR_OK);
    clock_step_ms = 1 + TTL;
}

/* --- threads -------------------------------------------------------------- */

static struct wheel *wheel(void)
{
    return (struct wheel *)moor_pointer_acquire(&world->wheel);
}

static void spawn_a(void)
{
    moor_agent agent;

    (void)world_try_spawn((moor_agent){0}, "a", &agent);
}

static void spawn_b(void)
{
    moor_agent agent;

    (void)world_try_spawn((moor_agent){0}, "b", &agent);
}

static void spawn_second(void)
{
    second = spawn_leased("second");
}

static void renew(void)
{
    renewed = moor_renew(world, leased);
}

static void finish(void)
{
    world_finish(leased);
}

static void run_again(void)
{
    ran_again = moor_run_again(world, leased, NULL) == MOOR_OK;
}

static void finish_and_run_again(void)
{
    finish();
    run_again();
}

static void close_leased(void)
{
    world_close_tree(leased);
}

static void close_and_spawn_second(void)
{
    close_leased();
    spawn_second();
}

static void reap(void)
{
    (void)moor_reap(world, NULL);
}

static void end_due_now(void)
{
    lease_end_due(world);
}

/* Into the queue of those that are due: here nobody else comes. */
static void put_one(void)
{
    uint32_t node;

    WORLD_EXPECT(wheel_take_node(wheel(), &node));
    wheel_put(wheel(), node, leased.bits, 1, 1);
}

static void take_one(void)
{
    uint32_t node;
    life which;

    if (wheel_take(wheel(), 1, &node, &which)) {
        WORLD_EXPECT(which == leased.bits);
        wheel_give_node(wheel(), node);
    }
}

static void put_and_take_two(void)
{
    put_one();
    take_one();
    take_one();
}

static void commit_ticket(void)
{
    committed = moor_commit(world, ticket, NULL, NULL, &second);
}

static void abandon_ticket(void)
{
    abandoned = moor_abandon(world, ticket);
}

/* --- verdict -------------------------------------------------------------- */

static bool is_live(moor_agent agent)
{
    moor_status status = world_status(agent);

    return status == MOOR_STATUS_PENDING_INIT || status == MOOR_STATUS_RUNNING;
}

static void judge(void)
{
    if (renewed == MOOR_OK && world_status(leased) == MOOR_STATUS_ERRORED)
        model_fail("it was renewed and has expired");
    if (ran_again && !is_live(leased))
        model_fail("it runs again and has expired");
    clock_step_ms = LATER;
    for (int i = 0; i < 4; i++) /* as often as it may have to move */
        lease_end_due(world);
    if (is_live(leased) || is_live(second))
        model_fail("a lease was lost");
    clock_step_ms = 1;
    world_end();
}

/* With the only slot of an expired lease nobody is refused. */
static void judge_had_it(void)
{
    if (is_live(leased)) model_fail("it has expired and is live");
    if (world_path_owner("/root/a") == 0) model_fail("a was refused");
    judge();
}

/* Where the last one of a queue is looked for: not before the first. */
static void judge_tail(void)
{
    const struct wheel_queue *queue = &wheel()->queues[0];
    uint64_t tail = moor_load_relaxed(&queue->tail) & LIFE_INDEX_MAX;
    uint64_t at = moor_load_relaxed(&queue->head) & LIFE_INDEX_MAX;

    while (at != tail && at != 0) { /* the link is a node's first word */
        at = moor_load_relaxed((const moor_word *)arena_at(
                 &wheel()->nodes, (uint32_t)at, wheel()->nodes.size)) &
             LIFE_INDEX_MAX;
    }
    if (at == 0) model_fail("the tail has fallen behind the head");
    take_one();
    take_one();
    world_end();
}

/* It became an agent, or was given back. */
static void judge_ticket(void)
{
    if ((committed == MOOR_OK) == (abandoned == MOOR_OK))
        model_fail("committed and abandoned, or neither");
    if (committed != MOOR_OK && world_path_owner("/root/second") != 0)
        model_fail("it was abandoned and has its path");
    judge();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"one_admission", due_full, {spawn_a}, 1, judge_had_it, 0},
    {"two_look", due, {end_due_now, end_due_now}, 2, judge,
     3 | MODEL_IF_LARGE},
    {"two_admissions", due, {spawn_a, spawn_b}, 2, judge, 2 | MODEL_IF_LARGE},
    {"renew", due, {end_due_now, renew}, 2, judge, 3 | MODEL_IF_LARGE},
    {"renew_reap", due, {reap, renew}, 2, judge, 3 | MODEL_IF_LARGE},
    {"renewed_before", due_renewed, {end_due_now, end_due_now}, 2, judge,
     3 | MODEL_IF_LARGE},
    {"finish", due, {end_due_now, finish}, 2, judge, 3 | MODEL_IF_LARGE},
    {"finish_and_run_again", due, {end_due_now, finish_and_run_again}, 2,
     judge, 3 | MODEL_IF_LARGE},
    {"finish_and_run_again_running", due_running,
     {end_due_now, finish_and_run_again}, 2, judge, 3 | MODEL_IF_LARGE},
    {"run_again", due_idle, {end_due_now, run_again}, 2, judge,
     3 | MODEL_IF_LARGE},
    {"run_again_two_look", due_idle, {end_due_now, run_again, end_due_now}, 3,
     judge, 2 | MODEL_IF_LARGE},
    {"close", due, {end_due_now, close_leased}, 2, judge, 3 | MODEL_IF_LARGE},
    {"close_and_reuse", due, {end_due_now, close_and_spawn_second}, 2, judge,
     2 | MODEL_IF_LARGE},
    {"tail_is_behind", fresh, {put_one, put_and_take_two}, 2, judge_tail,
     3 | MODEL_IF_LARGE},
    {"put_while_looking", due, {end_due_now, spawn_second}, 2, judge,
     2 | MODEL_IF_LARGE},
    {"put_two", fresh, {spawn_second, renew}, 2, judge, 2 | MODEL_IF_LARGE},
    {"renew_close", fresh, {renew, close_leased}, 2, judge, 0},
    {"commit_abandon", reserved, {commit_ticket, abandon_ticket}, 2,
     judge_ticket, 0},
    {"reap_and_look", due, {reap, end_due_now}, 2, judge, 3 | MODEL_IF_LARGE},
};
/* clang-format on */

WORLD_MAIN(cases)
