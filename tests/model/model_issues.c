/*
 * What broke elsewhere: one case for each public report, named after it.
 *
 * Goal    The interleaving of that report leaves no slot behind, hands none out
 *         twice and stops nobody; and a build with that very mistake is caught
 *         (the plants in tests/plants).
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 *
 *   codex_18335_rounds    openai/codex 18335: only a close gave a slot back;
 *                         agents that had finished kept theirs
 *   codex_18335_turns     its way out by a hook at the end of a turn: an agent
 *                         of an earlier turn must not be missed
 *   codex_18335_reserve   its way out by a reserve that reaps: it may meet a
 *                         close of the same agent
 *   codex_two_gates       its successors: two limits, looked at first and
 *                         charged later
 *   codex_13947_cascade   openai/codex 13947: what was below an agent that was
 *                         closed ran on, with its slots
 *   codex_25426_close     openai/codex 25426: the close of an agent that had
 *                         been interrupted waited for ever
 *   elixir_7655_restart   elixir 7655: the count fell when a child died and did
 *                         not rise when it was started again
 *   make_jobserver_token  GNU make: who had a token died, and nobody gave it
 *                         back
 *
 * Elsewhere:
 *   openai/codex 32353   model_residency: mail that waits for a completed agent
 *                        pins it
 *   openai/codex 36095   model_residency: a follow-up meets an eviction, and an
 *                        agent that was unloaded is counted for ever
 * Not here:
 *   openai/codex 42032   its text could not be had; codex_two_gates stands for
 *                        what it is said to be one of
 */
#include "world/world.h"

static moor_agent a, b, spawned[MODEL_THREADS_MAX];
static moor_error answers[MODEL_THREADS_MAX];
static bool saw;

static void make(uint32_t running, moor_release release)
{
    world_make(running, release);
    a = world_spawn((moor_agent){0}, "a");
    b = (moor_agent){0};
    saw = false;
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        answers[i] = MOOR_ERRORS;
        spawned[i] = (moor_agent){0};
    }
}

static void one_slot(void)
{
    make(1, MOOR_ON_COMPLETION);
}

static void one_slot_by_turns(void)
{
    make(1, MOOR_ON_TURN_END);
}

static void one_slot_on_reserve(void)
{
    make(1, MOOR_ON_RESERVE);
}

static void two_slots(void)
{
    make(2, MOOR_ON_COMPLETION);
}

/* One slot, one more life. */
static void idle_and_one_more(void)
{
    make(1, MOOR_ON_COMPLETION);
    world_finish(a);
    moor_set_limit(world, MOOR_LIMIT_LIFETIME, 2);
}

static void parent_and_child(void)
{
    make(3, MOOR_ON_COMPLETION);
    b = world_spawn(a, "b");
}

/* --- what threads do ------------------------------------------------------ */

static void finish_a(void)
{
    answers[model_self()] = world_finish(a);
}

static void finish_b(void)
{
    answers[model_self()] = world_finish(b);
}

static void interrupt_a(void)
{
    answers[model_self()] = moor_interrupt(world, a);
}

static void close_a(void)
{
    answers[model_self()] = moor_close(world, a, MOOR_CLOSE_BY_RULE, NULL);
}

static void spawn_below(moor_agent parent)
{
    static const char *const names[] = {"w", "x", "y", "z"};
    int self = model_self();

    answers[self] = world_try_spawn(parent, names[self], &spawned[self]);
}

static void spawn(void)
{
    spawn_below((moor_agent){0});
}

static void spawn_below_b(void)
{
    spawn_below(b);
}

static void look_and_spawn(void)
{
    saw = moor_is_final(world_status(a));
    spawn();
}

/* Round after round, and no close. */
static void spawn_in_rounds(void)
{
    moor_agent next;

    look_and_spawn();
    if (answers[1] != MOOR_OK) return;
    world_expect_error("finish", world_finish(spawned[1]), MOOR_OK);
    world_expect_error("the next round",
                       world_try_spawn((moor_agent){0}, "next", &next),
                       MOOR_OK);
}

static void end_turns(void)
{
    (void)moor_turn_end(world, MOOR_LEFT_KEEP, NULL);
    (void)moor_turn_begin(world, NULL);
    (void)moor_turn_end(world, MOOR_LEFT_KEEP, NULL);
}

static void run_again(void)
{
    answers[model_self()] = moor_run_again(world, a, NULL);
}

static void die_and_restart(void)
{
    world_expect_error("died", moor_died(world, a), MOOR_OK);
    run_again();
}

/* And is never heard of again. */
static void reserve_below_a(void)
{
    const moor_spawn_options options = {.parent = a, .name = "t"};
    moor_ticket ticket;

    answers[model_self()] = moor_reserve(world, &options, &ticket, NULL);
}

/* --- verdicts ------------------------------------------------------------- */

/* Nothing runs any more, so there is room for the next one. */
static void expect_room(void)
{
    moor_agent next;

    world_expect_used(0);
    world_expect_error("a spawn while nothing runs",
                       world_try_spawn((moor_agent){0}, "room", &next),
                       MOOR_OK);
}

static void expect_nothing_left(void)
{
    moor_stats stats;

    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.live + stats.idle + stats.tickets == 0);
    expect_room();
}

static void judge_rounds(void)
{
    moor_stats stats;

    world_expect_error("finish", answers[0], MOOR_OK);
    if (answers[1] != MOOR_OK) {
        world_expect_error("spawn", answers[1], MOOR_REFUSED);
        if (saw) model_fail("refused because of one that was seen to be idle");
        expect_room();
    }
    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.closed == 0);
    world_end();
}

static void judge_turns(void)
{
    (void)moor_turn_end(world, MOOR_LEFT_KEEP, NULL);
    expect_room();
    world_end();
}

/* While a close has the slot in hand the spawn may be refused. */
static void judge_reserve(void)
{
    world_expect_error("close", answers[2], MOOR_OK);
    if (answers[1] == MOOR_OK) {
        world_expect_used(1);
    } else {
        world_expect_error("spawn", answers[1], MOOR_REFUSED);
        expect_room();
    }
    world_end();
}

/* Of three, the one slot has one.  Two who spawn may be refused by the lifetime
 * limit because of each other; then the agent runs again, or nobody did. */
static void judge_gates(void)
{
    int granted = 0;

    for (int i = 0; i < 3; i++) {
        granted += answers[i] == MOOR_OK;
        if (answers[i] != MOOR_OK) {
            world_expect_error("an admission", answers[i], MOOR_REFUSED);
        }
    }
    if (granted > 1) model_fail("I2: one slot was granted %d times", granted);
    world_expect_used((uint64_t)granted);
    WORLD_EXPECT(world_lifetime_used() ==
                 1U + (answers[1] == MOOR_OK) + (answers[2] == MOOR_OK));
    world_end();
}

static void judge_cascade(void)
{
    world_expect_error("close", answers[0], MOOR_OK);
    expect_nothing_left();
    world_end();
}

static void judge_close(void)
{
    world_expect_error("close", answers[1], MOOR_OK);
    if (answers[0] != MOOR_OK && answers[0] != MOOR_WRONG_STATUS) {
        world_expect_error("interrupt", answers[0], MOOR_STALE);
    }
    expect_nothing_left();
    world_end();
}

static void judge_restart(void)
{
    bool runs = answers[0] == MOOR_OK;

    if (!runs) world_expect_error("run_again", answers[0], MOOR_REFUSED);
    if (runs && answers[1] == MOOR_OK) model_fail("I2: two run in one slot");
    WORLD_EXPECT(runs == (world_status(a) == MOOR_STATUS_RUNNING));
    WORLD_EXPECT(runs || answers[1] == MOOR_OK);
    world_expect_used(1);
    world_end();
}

static void judge_token(void)
{
    world_expect_error("close", answers[1], MOOR_OK);
    if (answers[0] != MOOR_OK && answers[0] != MOOR_FENCED) {
        world_expect_error("reserve", answers[0], MOOR_STALE);
    }
    expect_nothing_left();
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"codex_18335_rounds", one_slot, {finish_a, spawn_in_rounds}, 2,
     judge_rounds, 0},
    {"codex_18335_turns", one_slot_by_turns, {finish_a, end_turns}, 2,
     judge_turns, 0},
    {"codex_18335_reserve", one_slot_on_reserve,
     {finish_a, look_and_spawn, close_a}, 3, judge_reserve, 2},
    {"codex_two_gates", idle_and_one_more, {run_again, spawn, spawn}, 3,
     judge_gates, 2},
    {"codex_13947_cascade", parent_and_child,
     {close_a, spawn_below_b, finish_b}, 3, judge_cascade, 2},
    {"codex_25426_close", one_slot, {interrupt_a, close_a}, 2, judge_close, 0},
    {"elixir_7655_restart", one_slot, {die_and_restart, spawn}, 2,
     judge_restart, 0},
    {"make_jobserver_token", two_slots, {reserve_below_a, close_a}, 2,
     judge_token, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
