/*
 * Who has seen the end: a completer, an observer and a spawner at limit 1.
 *
 * Goal    Whoever has seen the idle status is never refused because of that
 *         agent, under on_completion and on_reserve; and who is admitted had
 *         the slot to himself (I2).
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include "world/world.h"

static moor_agent a, spawned[MODEL_THREADS_MAX];
static moor_error answers[MODEL_THREADS_MAX];
static bool saw[MODEL_THREADS_MAX];

static void make(moor_release release)
{
    world_make(1, release);
    a = world_spawn((moor_agent){0}, "a");
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        answers[i] = MOOR_ERRORS;
        saw[i] = false;
    }
}

static void on_completion(void)
{
    make(MOOR_ON_COMPLETION);
}

static void on_reserve(void)
{
    make(MOOR_ON_RESERVE);
}

static void complete(void)
{
    answers[model_self()] = world_finish(a);
}

static void die(void)
{
    answers[model_self()] = moor_died(world, a);
}

static void interrupt(void)
{
    answers[model_self()] = moor_interrupt(world, a);
}

static void close_a(void)
{
    answers[model_self()] = world_close_tree(a);
}

static void look(void)
{
    saw[model_self()] = !moor_holds_slot(world_status(a));
}

static void spawn(void)
{
    static const char *const names[] = {"x", "y", "z"};
    int self = model_self();

    answers[self] =
        world_try_spawn((moor_agent){0}, names[self], &spawned[self]);
}

static void look_and_spawn(void)
{
    look();
    spawn();
}

/* Sees it gone, or its path free. */
static void look_closed_and_spawn(void)
{
    int self = model_self();

    look();
    answers[self] =
        world_try_spawn((moor_agent){0}, saw[self] ? "a" : "y", &spawned[self]);
}

static void reserve_and_abandon(void)
{
    const moor_spawn_options options = {.name = "t"};
    moor_ticket ticket;

    if (moor_reserve(world, &options, &ticket, NULL) == MOOR_OK) {
        world_expect_error("abandon", moor_abandon(world, ticket), MOOR_OK);
    }
}

static int granted(void)
{
    int count = 0;

    for (int i = 1; i < MODEL_THREADS_MAX; i++) {
        if (answers[i] == MOOR_OK) {
            count++;
        } else if (answers[i] != MOOR_ERRORS) {
            world_expect_error("spawn", answers[i], MOOR_REFUSED);
        }
    }
    return count;
}

/* Thread 0 ended the run; the others looked and spawned. */
static void judge(void)
{
    bool seen = false;

    world_expect_error("the end", answers[0], MOOR_OK);
    if (granted() > 1) model_fail("I2: one slot was granted twice");
    for (int i = 1; i < MODEL_THREADS_MAX; i++)
        seen |= saw[i] && answers[i] != MOOR_ERRORS;
    if (seen && granted() == 0) {
        model_fail("refused because of one that was seen to be idle");
    }
    world_end();
}

/* Beside a reservation that may have had the slot. */
static void judge_beside(void)
{
    world_expect_error("the end", answers[0], MOOR_OK);
    if (granted() > 1) model_fail("I2: one slot was granted twice");
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"complete", on_completion, {complete, look_and_spawn}, 2, judge, 0},
    {"complete_two", on_completion,
     {complete, look_and_spawn, look_and_spawn}, 3, judge, 4},
    {"complete_observer", on_completion, {complete, look, look_and_spawn}, 3,
     judge, 0},
    {"died", on_completion, {die, look_and_spawn}, 2, judge, 0},
    {"interrupt", on_completion, {interrupt, look_and_spawn}, 2, judge, 0},
    {"closed", on_completion, {close_a, look_closed_and_spawn}, 2, judge, 0},
    {"abandoned", on_completion,
     {complete, look_and_spawn, reserve_and_abandon}, 3, judge_beside, 3},
    {"reserve_complete", on_reserve, {complete, look_and_spawn}, 2, judge, 0},
    {"reserve_two", on_reserve, {complete, look_and_spawn, look_and_spawn}, 3,
     judge, 2},
    {"reserve_died", on_reserve, {die, look_and_spawn}, 2, judge, 0},
    {"reserve_closed", on_reserve, {close_a, look_closed_and_spawn}, 2,
     judge, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
