/*
 * Lending: whose slot goes where, and what becomes of a lender that ends.  The
 * wait that lends is in test_wait_lending.c.
 */
#include "queued.h"

/* --- lend and take back --------------------------------------------------- */

Test(lending, the_slot_goes_and_comes_under_every_policy)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_registry *registry = given_queue(4, (moor_release)release);
        moor_agent parent = runs(registry, "parent"), child;
        moor_refusal refusal;

        cr_assert_eq(moor_lend(registry, parent), MOOR_OK);
        expect_lent(registry, parent, true);
        cr_assert_eq(used(registry), 0);
        cr_assert_eq(moor_lend(registry, parent), MOOR_WRONG_STATUS);
        cr_assert_eq(stats_of(registry).released, 0, "its run goes on");
        cr_assert_eq(stats_of(registry).live, 1);
        child = spawn_below(registry, parent, "child");
        cr_assert_eq(moor_take_back(registry, parent, NULL, &refusal),
                     MOOR_REFUSED);
        cr_assert_eq(refusal.limit, MOOR_LIMIT_RUNNING);
        cr_assert_eq(refusal.holders_count, 1);
        cr_assert_eq(refusal.holders[0].agent.bits, child.bits);
        expect_lent(registry, parent, true);
        cr_assert_eq(close_it(registry, child), MOOR_OK);
        cr_assert_eq(take_back(registry, parent), MOOR_OK);
        expect_lent(registry, parent, false);
        cr_assert_eq(used(registry), 1);
        cr_assert_eq(take_back(registry, parent), MOOR_NOT_LENT);
        cr_assert_eq(close_it(registry, parent), MOOR_OK);
        cr_assert_eq(used(registry), 0);
        cr_assert_eq(stats_of(registry).released, 2);
        done(registry);
    }
}

/* Every end of a run takes the mark off, and gives nothing back. */
static void end_by_finish(moor_registry *registry, moor_agent agent)
{
    completes(registry, agent);
}

static void end_by_interrupt(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(moor_interrupt(registry, agent), MOOR_OK);
}

static void end_by_death(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(moor_died(registry, agent), MOOR_OK);
}

static void end_by_left(moor_registry *registry, moor_agent agent)
{
    (void)agent;
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_SHUTDOWN, NULL), MOOR_OK);
}

static void end_by_close(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
}

static void (*const ends[])(moor_registry *registry, moor_agent agent) = {
    end_by_finish, end_by_interrupt, end_by_death, end_by_left, end_by_close};

Test(lending, a_lender_that_ends_has_nothing_to_give)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        for (int e = 0; e < 5; e++) {
            moor_registry *registry = given_queue(4, (moor_release)release);
            moor_agent agent = lender(registry, "lender");
            moor_error gone = e < 4 ? MOOR_NOT_LENT : MOOR_STALE;

            ends[e](registry, agent);
            cr_assert_eq(used(registry), 0, "end %d", e);
            cr_assert_eq(stats_of(registry).released, 0, "end %d", e);
            cr_assert_eq(take_back(registry, agent), gone);
            cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
            cr_assert_eq(used(registry), 0, "end %d", e);
            cr_assert_eq(moor_lend(registry, agent),
                         e < 4 ? MOOR_WRONG_STATUS : MOOR_STALE);
            (void)runs(registry, "next");
            cr_assert_eq(used(registry), 1);
            done(registry);
        }
    }
}

/* Run again it holds a slot like any other. */
Test(lending, a_lender_that_ended_runs_again)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent agent = lender(registry, "lender");

    completes(registry, agent);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    expect_lent(registry, agent, false);
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    cr_assert_eq(take_back(registry, agent), MOOR_OK);
    completes(registry, agent);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* What take_back needs it takes from idle agents, as any admission does. */
Test(lending, on_reserve_it_takes_back_what_is_idle)
{
    moor_registry *registry = given_queue(4, MOOR_ON_RESERVE);
    moor_agent agent = lender(registry, "lender");
    moor_agent other = runs(registry, "other");

    completes(registry, other);
    cr_assert(info_of(registry, other).slot);
    cr_assert_eq(take_back(registry, agent), MOOR_OK);
    cr_assert_not(info_of(registry, other).slot);
    cr_assert_eq(used(registry), 1);
    done(registry);
}

static const struct row {
    moor_status status;
    moor_error lend;
} rows[] = {
    {MOOR_STATUS_PENDING_INIT, MOOR_WRONG_STATUS},
    {MOOR_STATUS_RUNNING, MOOR_OK},
    {MOOR_STATUS_INTERRUPTED, MOOR_WRONG_STATUS},
    {MOOR_STATUS_COMPLETED, MOOR_WRONG_STATUS},
    {MOOR_STATUS_ERRORED, MOOR_WRONG_STATUS},
    {MOOR_STATUS_SHUTDOWN, MOOR_WRONG_STATUS},
};

Test(lending, only_who_runs_lends)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_registry *registry = given_policy((moor_release)release, 10);

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            moor_agent agent = spawn(registry);
            struct picture *before;

            bring(registry, agent, rows[i].status);
            before = picture(registry);
            cr_assert_eq(take_back(registry, agent), MOOR_NOT_LENT);
            unchanged(registry, before, "take_back");
            cr_assert_eq(moor_lend(registry, agent), rows[i].lend);
        }
        done(registry);
    }
}

Test(lending, errors)
{
    moor_registry *registry = given();
    moor_agent closed = spawn(registry), root = moor_root(registry);

    cr_assert_eq(close_it(registry, closed), MOOR_OK);
    cr_expect_eq(moor_lend(NULL, closed), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_lend(registry, root), MOOR_IS_ROOT);
    cr_expect_eq(moor_lend(registry, closed), MOOR_STALE);
    cr_expect_eq(moor_lend(registry, nobody), MOOR_NOT_FOUND);
    cr_expect_eq(take_back(NULL, closed), MOOR_BAD_ARGUMENT);
    cr_expect_eq(take_back(registry, root), MOOR_IS_ROOT);
    cr_expect_eq(take_back(registry, closed), MOOR_STALE);
    cr_expect_eq(take_back(registry, nobody), MOOR_NOT_FOUND);
    done(registry);
}

/* It ends while it waits: what it is handed then goes to the next. */
Test(lending, a_lender_that_ends_while_it_takes_back)
{
    for (int e = 0; e < 5; e++) {
        moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
        moor_agent agent = lender(registry, "lender");
        moor_ticket holder = reserve(registry);
        struct queued back = {
            .registry = registry, .kind = A_TAKE_BACK, .agent = agent};
        struct queued next = {.registry = registry, .kind = A_SPAWN};

        comes(&back);
        comes(&next);
        ends[e](registry, agent);
        cr_assert_eq(waiting(registry), 2);
        cr_assert_eq(moor_abandon(registry, holder), MOOR_OK);
        EXPECT_TOLD(&back, e < 4 ? MOOR_NOT_LENT : MOOR_STALE);
        EXPECT_TOLD(&next, MOOR_OK);
        cr_assert_eq(used(registry), 1);
        completes(registry, next.agent);
        cr_assert_eq(used(registry), 0);
        done(registry);
    }
}

Test(lending, of_two_that_take_back_one_does)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent agent = lender(registry, "lender");
    moor_agent holder = runs(registry, "holder");
    struct queued two[2] = {
        {.registry = registry, .kind = A_TAKE_BACK, .agent = agent},
        {.registry = registry, .kind = A_TAKE_BACK, .agent = agent}};

    comes(&two[0]);
    comes(&two[1]);
    completes(registry, holder);
    EXPECT_TOLD(&two[0], MOOR_OK);
    cr_assert_eq(waiting(registry), 1);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 2), MOOR_OK);
    EXPECT_TOLD(&two[1], MOOR_NOT_LENT);
    cr_assert_eq(used(registry), 1);
    expect_lent(registry, agent, false);
    done(registry);
}
