/*
 * Turns: their numbers, what `left` does to whom, and what is answered.
 */
#include "given.h"

static uint64_t begin(moor_registry *registry)
{
    uint64_t turn = 999;

    cr_assert_eq(moor_turn_begin(registry, &turn), MOOR_OK);
    return turn;
}

static moor_turn_ended end(moor_registry *registry, moor_left left)
{
    moor_turn_ended answer;

    memset(&answer, 0x5a, sizeof answer);
    cr_assert_eq(moor_turn_end(registry, left, &answer), MOOR_OK);
    return answer;
}

Test(turn, numbers_rise_by_one)
{
    moor_registry *registry = given();

    cr_assert_eq(stats_of(registry).turn, 0);
    for (uint64_t turn = 1; turn <= 5; turn++) {
        cr_assert_eq(begin(registry), turn);
        cr_assert_eq(stats_of(registry).turn, turn);
        cr_assert_eq(info_of(registry, spawn(registry)).turn, turn);
        cr_assert_eq(end(registry, MOOR_LEFT_SHUTDOWN).turn, turn);
        cr_assert_eq(stats_of(registry).turn, turn, "ending does not count");
    }
    done(registry);
}

Test(turn, there_is_a_turn_before_the_first)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_turn_ended answer = end(registry, MOOR_LEFT_SHUTDOWN);

    cr_assert_eq(answer.turn, 0);
    cr_assert_eq(answer.ended, 1);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_SHUTDOWN);
    done(registry);
}

Test(turn, null_for_the_answers)
{
    moor_registry *registry = given();

    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, NULL), MOOR_OK);
    cr_assert_eq(stats_of(registry).turn, 1);
    cr_assert_eq(moor_turn_begin(NULL, NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_turn_end(NULL, MOOR_LEFT_KEEP, NULL), MOOR_BAD_ARGUMENT);
    done(registry);
}

Test(turn, left_out_of_range)
{
    static const int lefts[] = {MOOR_LEFTS, -1, 1000};
    moor_registry *registry = given();
    struct picture *before;

    (void)spawn(registry);
    before = picture(registry);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(moor_turn_end(registry, (moor_left)lefts[i], NULL),
                     MOOR_BAD_ARGUMENT);
    }
    unchanged(registry, before, "a left out of range");
    done(registry);
}

/* --- what `left` does ----------------------------------------------------- */

/* What it makes of a live agent of the current turn. */
static const struct row {
    moor_status status; /* MOOR_STATUSES: as it was */
    bool fenced;
} lefts[MOOR_LEFTS] = {
    [MOOR_LEFT_KEEP] = {MOOR_STATUSES, false},
    [MOOR_LEFT_INTERRUPT] = {MOOR_STATUS_INTERRUPTED, false},
    [MOOR_LEFT_SHUTDOWN] = {MOOR_STATUS_SHUTDOWN, false},
    [MOOR_LEFT_FENCE] = {MOOR_STATUSES, true},
};

static void expect_left(moor_registry *registry, moor_agent agent,
                        moor_status before, moor_left left, bool of_the_turn)
{
    moor_info info = info_of(registry, agent);
    bool live =
        before == MOOR_STATUS_PENDING_INIT || before == MOOR_STATUS_RUNNING;
    bool touched = live && of_the_turn;

    cr_assert_eq(
        info.status,
        touched && lefts[left].status != MOOR_STATUSES ? lefts[left].status
                                                       : before,
        "left %d, was %d, is %d", (int)left, (int)before, (int)info.status);
    cr_assert_eq(info.fenced, touched && lefts[left].fenced);
    cr_assert(result_is(registry, agent, ""));
}

enum { KINDS = MOOR_STATUSES - MOOR_STATUS_PENDING_INIT };

/* One agent in each status in an earlier turn, and one in each in this. */
static void left_for(moor_release release, moor_left left)
{
    moor_registry *registry = given_policy(release, MOOR_UNLIMITED);
    moor_agent agents[2][KINDS];
    moor_turn_ended answer;

    for (int turn = 0; turn < 2; turn++) {
        for (int k = 0; k < KINDS; k++) {
            agents[turn][k] = spawn(registry);
            bring(registry, agents[turn][k],
                  (moor_status)(MOOR_STATUS_PENDING_INIT + k));
        }
        if (turn == 0) (void)begin(registry);
    }
    answer = end(registry, left);
    cr_assert_eq(answer.turn, 1);
    cr_assert_eq(answer.ended, lefts[left].status == MOOR_STATUSES ? 0 : 2);
    for (int turn = 0; turn < 2; turn++) {
        for (int k = 0; k < KINDS; k++) {
            expect_left(registry, agents[turn][k],
                        (moor_status)(MOOR_STATUS_PENDING_INIT + k), left,
                        turn == 1);
        }
    }
    done(registry);
}

Test(turn, what_is_left_of_the_turn_and_of_no_other)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        for (int left = 0; left < MOOR_LEFTS; left++) {
            left_for((moor_release)release, (moor_left)left);
        }
    }
}

Test(turn, an_earlier_agent_that_ran_again_is_of_this_turn)
{
    moor_registry *registry = given();
    moor_agent again = spawn(registry), earlier = spawn(registry);

    completes(registry, again);
    (void)begin(registry);
    cr_assert_eq(moor_run_again(registry, again, NULL), MOOR_OK);
    cr_assert_eq(end(registry, MOOR_LEFT_INTERRUPT).ended, 1);
    cr_assert_eq(status_of(registry, again), MOOR_STATUS_INTERRUPTED);
    cr_assert_eq(status_of(registry, earlier), MOOR_STATUS_PENDING_INIT);
    done(registry);
}

Test(turn, tickets_and_the_root_are_left_alone)
{
    for (int left = 0; left < MOOR_LEFTS; left++) {
        moor_registry *registry = given();
        moor_ticket ticket = reserve(registry);
        moor_agent agent;

        cr_assert_eq(end(registry, (moor_left)left).ended, 0);
        cr_assert_eq(status_of(registry, moor_root(registry)),
                     MOOR_STATUS_RUNNING);
        cr_assert_not(info_of(registry, moor_root(registry)).fenced);
        cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent),
                     MOOR_OK);
        done(registry);
    }
}

Test(turn, a_fence_lasts_until_close_and_stops_what_is_below)
{
    moor_registry *registry = given();
    moor_agent top = spawn(registry), below = spawn_below(registry, top, NULL);
    moor_spawn_options options = {.parent = below};
    moor_agent agent;

    completes(registry, below);
    (void)end(registry, MOOR_LEFT_FENCE);
    cr_assert(info_of(registry, top).fenced);
    cr_assert_not(info_of(registry, below).fenced, "it was idle");
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_FENCED);
    options.parent = top;
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_FENCED);
    completes(registry, top);
    (void)begin(registry);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_FENCED);
    (void)spawn(registry); /* elsewhere */
    cr_assert_eq(close_it(registry, top), MOOR_OK);
    done(registry);
}

/* --- what is released ----------------------------------------------------- */

static const struct released_row {
    moor_release release;
    moor_left left;
    uint64_t released;
} releases[] = {
    /* Two live agents and three idle ones; which slots come back? */
    {MOOR_ON_COMPLETION, MOOR_LEFT_KEEP, 0},
    {MOOR_ON_COMPLETION, MOOR_LEFT_INTERRUPT, 2},
    {MOOR_ON_COMPLETION, MOOR_LEFT_SHUTDOWN, 2},
    {MOOR_ON_COMPLETION, MOOR_LEFT_FENCE, 0},
    {MOOR_ON_TURN_END, MOOR_LEFT_KEEP, 3},
    {MOOR_ON_TURN_END, MOOR_LEFT_INTERRUPT, 5},
    {MOOR_ON_TURN_END, MOOR_LEFT_SHUTDOWN, 5},
    {MOOR_ON_TURN_END, MOOR_LEFT_FENCE, 3},
    {MOOR_ON_RESERVE, MOOR_LEFT_KEEP, 0},
    {MOOR_ON_RESERVE, MOOR_LEFT_SHUTDOWN, 0},
    {MOOR_ON_CLOSE, MOOR_LEFT_KEEP, 0},
    {MOOR_ON_CLOSE, MOOR_LEFT_SHUTDOWN, 0},
};

Test(turn, released_are_the_slots_that_came_back_by_this_call)
{
    for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++) {
        const struct released_row *row = &releases[i];
        moor_registry *registry = given_policy(row->release, 10);
        uint64_t before;

        for (int n = 0; n < 3; n++) {
            completes(registry, spawn(registry));
        }
        (void)spawn(registry);
        bring(registry, spawn(registry), MOOR_STATUS_RUNNING);
        before = used(registry);
        cr_assert_eq(end(registry, row->left).released, row->released,
                     "%s, left %d", moor_release_name(row->release),
                     (int)row->left);
        cr_assert_eq(before - used(registry), row->released);
        done(registry);
    }
}

/* Reaped: slots given back by the pass over idle agents; those that came back
 * by the end of a run are not among them. */
Test(turn, reaped_counts_the_idle_and_released_both)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 10);

    completes(registry, spawn(registry));
    (void)spawn(registry);
    (void)end(registry, MOOR_LEFT_SHUTDOWN);
    cr_assert_eq(stats_of(registry).reaped, 2);
    cr_assert_eq(stats_of(registry).released, 2);
    done(registry);
    registry = given();
    (void)spawn(registry);
    (void)end(registry, MOOR_LEFT_SHUTDOWN);
    cr_assert_eq(stats_of(registry).reaped, 0);
    cr_assert_eq(stats_of(registry).released, 1);
    done(registry);
}

Test(turn, runs_that_it_ends_are_not_completed)
{
    moor_registry *registry = given();

    (void)spawn(registry);
    (void)end(registry, MOOR_LEFT_INTERRUPT);
    cr_assert_eq(stats_of(registry).completed, 0);
    done(registry);
}
