/*
 * Slots that idle agents keep: reap, turn end, run again, and spawners under
 * on_reserve.
 *
 * Goal    I1, I7: of all that take the slot from an idle agent one wins; a slot
 *         is neither lost nor given back twice; and I2: nobody is refused while
 *         there is one to reap.  A slot that a reap has taken and not yet given
 *         back is on its way, and not free: for its sake one may be refused.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include "world/world.h"

static moor_agent a, b;
static moor_agent spawned[MODEL_THREADS_MAX];
static moor_error answers[MODEL_THREADS_MAX];
static uint64_t reaped[MODEL_THREADS_MAX];

static void make(uint32_t limit, moor_release release)
{
    world_make(limit, release);
    a = world_spawn((moor_agent){0}, "a");
    b = (moor_agent){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        answers[i] = MOOR_ERRORS;
        reaped[i] = 0;
    }
}

static void idle(void)
{
    make(1, MOOR_ON_TURN_END);
    world_finish(a);
}

static void idle_and_free(void)
{
    make(2, MOOR_ON_TURN_END);
    world_finish(a);
}

static void idle_without_slot(void)
{
    make(1, MOOR_ON_COMPLETION);
    world_finish(a);
}

static void idle_without_slot_two(void)
{
    make(2, MOOR_ON_COMPLETION);
    world_finish(a);
}

static void reaped_two_slots(void)
{
    uint64_t count;

    make(2, MOOR_ON_TURN_END);
    world_finish(a);
    moor_reap(world, &count);
}

static void live_until_turn_end(void)
{
    make(1, MOOR_ON_TURN_END);
}

static void idle_on_reserve(void)
{
    make(1, MOOR_ON_RESERVE);
    world_finish(a);
}

static void two_idle_on_reserve(void)
{
    make(2, MOOR_ON_RESERVE);
    b = world_spawn((moor_agent){0}, "b");
    world_finish(a);
    world_finish(b);
}

static void reap(void)
{
    answers[model_self()] = moor_reap(world, &reaped[model_self()]);
}

static void end_turn(void)
{
    moor_turn_ended ended;

    answers[model_self()] = moor_turn_end(world, MOOR_LEFT_KEEP, &ended);
    reaped[model_self()] = ended.released;
}

static void interrupt_turn(void)
{
    moor_turn_ended ended;

    answers[model_self()] = moor_turn_end(world, MOOR_LEFT_INTERRUPT, &ended);
    reaped[model_self()] = ended.released;
}

static void run_again(void)
{
    answers[model_self()] = moor_run_again(world, a, NULL);
}

static void finish(void)
{
    answers[model_self()] = world_finish(a);
}

static void run_and_finish(void)
{
    run_again();
    if (answers[model_self()] == MOOR_OK) finish();
}

/* Admissions are noted after the swap: the one that is noted has to be the
 * latest.  True: a ran again by thread 0, then b did, then a once more. */
static bool ran_twice;

static void two_idle_of_earlier_turn(void)
{
    make(2, MOOR_ON_COMPLETION);
    b = world_spawn((moor_agent){0}, "b");
    world_finish(a);
    world_finish(b);
    moor_turn_begin(world, NULL);
    ran_twice = false;
}

static void finish_and_run_both_again(void)
{
    if (world_finish(a) != MOOR_OK) return;
    moor_turn_begin(world, NULL);
    world_expect_error("run b", moor_run_again(world, b, NULL), MOOR_OK);
    world_expect_error("run a", moor_run_again(world, a, NULL), MOOR_OK);
    ran_twice = true;
}

static void close_a(void)
{
    answers[model_self()] = world_close_tree(a);
}

static void spawn(void)
{
    static const char *const names[] = {"x", "y", "z"};
    int self = model_self();

    answers[self] =
        world_try_spawn((moor_agent){0}, names[self], &spawned[self]);
}

/* --- verdicts ------------------------------------------------------------ */

static uint64_t all_reaped(void)
{
    uint64_t sum = 0;

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        sum += reaped[i];
    return sum;
}

static bool is_running(void)
{
    return world_status(a) == MOOR_STATUS_RUNNING;
}

/* a was idle with its slot; thread 0 ran it again. */
static void judge_run_again(void)
{
    moor_stats stats;

    if (answers[0] != MOOR_OK) {
        world_expect_error("run_again", answers[0], MOOR_REFUSED);
        WORLD_EXPECT(all_reaped() == 1); /* and was on its way */
    }
    WORLD_EXPECT(is_running() == (answers[0] == MOOR_OK));
    world_expect_used(is_running());
    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.reaped == all_reaped());
    WORLD_EXPECT(all_reaped() <= 1);
    world_end();
}

/* There is a second slot. */
static void judge_always_runs(void)
{
    world_expect_error("run_again", answers[0], MOOR_OK);
    judge_run_again();
}

/* The first run of a was noted late, perhaps behind the second. */
static void judge_latest(void)
{
    moor_refusal refusal = {.holders_count = 0};
    const moor_spawn_options options = {.name = "c"};
    moor_agent refused;
    moor_info info;

    world_expect_error("run_again", answers[0], MOOR_OK);
    world_expect_error("spawn", moor_spawn(world, &options, &refused, &refusal),
                       ran_twice ? MOOR_REFUSED : MOOR_OK);
    if (ran_twice) {
        WORLD_EXPECT(refusal.holders_count == 2);
        WORLD_EXPECT(refusal.holders[0].agent.bits == b.bits);
        WORLD_EXPECT(refusal.holders[1].agent.bits == a.bits);
    }
    world_expect_error("info", moor_info_of(world, a, &info), MOOR_OK);
    WORLD_EXPECT(info.turn == 1 + (uint64_t)ran_twice);
    world_end();
}

/* Two ran it again: one did. */
static void judge_two_run_again(void)
{
    int ran = (answers[0] == MOOR_OK) + (answers[1] == MOOR_OK);

    for (int i = 0; i < 2; i++) {
        if (answers[i] != MOOR_OK && answers[i] != MOOR_REFUSED) {
            world_expect_error("run_again", answers[i], MOOR_WRONG_STATUS);
        }
    }
    if (ran > 1 || (ran == 0 && all_reaped() == 0)) {
        model_fail("I7: it was run again %d times", ran);
    }
    world_expect_used((uint64_t)ran);
    world_end();
}

static void judge_reaped_once(void)
{
    if (all_reaped() != 1) {
        model_fail("I7: %llu slots came back, not one",
                   (unsigned long long)all_reaped());
    }
    world_expect_used(0);
    world_end();
}

/* Thread 0 ended the run while others ended the turn. */
static void judge_turn(void)
{
    bool keeps = world_used() == 1;

    WORLD_EXPECT(!moor_holds_slot(world_status(a)) || keeps);
    WORLD_EXPECT(all_reaped() == (keeps ? 0 : 1));
    moor_reap(world, &reaped[3]);
    WORLD_EXPECT(all_reaped() == 1);
    world_expect_used(0);
    world_end();
}

/* It ran again with its slot or with another; the reap came before, between
 * or behind. */
static void judge_finish_again(void)
{
    world_expect_status(a, MOOR_STATUS_COMPLETED);
    WORLD_EXPECT(all_reaped() <= 1);
    if (all_reaped() == 0) world_expect_used(1);
    world_end();
}

/* Two charges may be under way, and the agent may have its slot by the time of
 * the swap: what is not needed goes back. */
static void judge_some_run(void)
{
    WORLD_EXPECT(answers[0] == MOOR_OK || answers[1] == MOOR_OK);
    world_expect_used(1);
    world_end();
}

/* A close took the slot, or the reap did. */
static void judge_closed(void)
{
    world_expect_error("close", answers[0], MOOR_OK);
    world_expect_used(0);
    WORLD_EXPECT(all_reaped() <= 1);
    world_end();
}

static int granted(void)
{
    int count = 0;

    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        if (answers[i] == MOOR_OK) {
            count++;
        } else if (answers[i] != MOOR_ERRORS) {
            world_expect_error("spawn", answers[i], MOOR_REFUSED);
        }
    }
    return count;
}

/* One idle agent has the one slot. */
static void judge_on_reserve(void)
{
    if (granted() != 1) model_fail("I2: %d granted, not 1", granted());
    world_expect_used(1);
    world_end();
}

/* Two have the two; one of them may be on its way when the last is refused. */
static void judge_on_reserve_two(void)
{
    if (granted() < 1 || granted() > 2) {
        model_fail("I2: %d granted", granted());
    }
    world_expect_used((uint64_t)granted());
    world_end();
}

/* There was at all times one that was idle, or a free slot. */
static void judge_admitted(void)
{
    world_expect_error("spawn", answers[0], MOOR_OK);
    world_expect_used(1);
    world_end();
}

/* The one slot: the spawner has it, or the agent that runs again. */
static void judge_spawn_or_again(void)
{
    if (granted() != 1) model_fail("I2: %d granted", granted());
    world_expect_used(1);
    WORLD_EXPECT(is_running() == (answers[0] == MOOR_OK));
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"run_again_reap", idle, {run_again, reap}, 2, judge_run_again, 0},
    {"run_again_reap_two", idle_and_free, {run_again, reap, reap}, 3,
     judge_always_runs, 0},
    {"run_again_twice_reap", idle, {run_again, run_again, reap}, 3,
     judge_two_run_again, 0},
    {"run_again_twice", idle_without_slot, {run_again, run_again}, 2,
     judge_two_run_again, 0},
    {"run_again_twice_two_slots", idle_without_slot_two,
     {run_again, run_again}, 2, judge_two_run_again, 0},
    {"run_again_noted_late", two_idle_of_earlier_turn,
     {run_again, finish_and_run_both_again}, 2, judge_latest, 0},
    {"run_again_with_or_without", reaped_two_slots,
     {run_again, run_and_finish}, 2, judge_some_run, 0},
    {"reap_twice", idle, {reap, reap, end_turn}, 3, judge_reaped_once, 0},
    {"finish_turn_end", live_until_turn_end, {finish, end_turn, reap}, 3,
     judge_turn, 0},
    {"finish_turn_interrupt", live_until_turn_end,
     {finish, interrupt_turn, reap}, 3, judge_turn, 0},
    {"rerun_finish_reap", idle, {run_and_finish, reap}, 2,
     judge_finish_again, 0},
    {"close_reap", idle, {close_a, reap}, 2, judge_closed, 0},
    {"on_reserve_two", idle_on_reserve, {spawn, spawn}, 2, judge_on_reserve, 0},
    {"on_reserve_reap", two_idle_on_reserve, {spawn, reap}, 2, judge_admitted,
     0},
    {"on_reserve_three", two_idle_on_reserve, {spawn, spawn, spawn}, 3,
     judge_on_reserve_two, 2},
    {"on_reserve_run_again", idle_on_reserve, {run_again, spawn}, 2,
     judge_spawn_or_again, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
