/*
 * Waiting: what meets a wait, what it answers, and deadlines.
 */
#include "given.h"

#include <pthread.h>
#include <time.h>

#include "books.h"

enum { FAR_MS = 10000, NEAR_MS = 30 };

/* A try over two agents. */
static moor_error try_two(moor_registry *registry, moor_wait_for what,
                          moor_wait_until until, moor_agent a, moor_agent b,
                          moor_waited answers[2])
{
    moor_agent agents[] = {a, b};

    memset(answers, 0x5a, 2 * sizeof *answers);
    return moor_wait(registry, what, until, agents, 2, 0, answers);
}

static moor_error try_one(moor_registry *registry, moor_wait_until until,
                          moor_agent agent, moor_waited *answer)
{
    memset(answer, 0x5a, sizeof *answer);
    return moor_wait(registry, MOOR_WAIT_ALL, until, &agent, 1, 0, answer);
}

/* --- what meets a wait ---------------------------------------------------- */

static const struct row {
    moor_status status;
    bool meets_final, meets_idle;
} rows[] = {
    {MOOR_STATUS_PENDING_INIT, false, false},
    {MOOR_STATUS_RUNNING, false, false},
    {MOOR_STATUS_INTERRUPTED, false, true},
    {MOOR_STATUS_COMPLETED, true, true},
    {MOOR_STATUS_ERRORED, true, true},
    {MOOR_STATUS_SHUTDOWN, true, true},
};

static void expect_one(moor_registry *registry, moor_wait_until until,
                       moor_agent agent, bool met, moor_status status)
{
    moor_waited answer;

    cr_assert_eq(try_one(registry, until, agent, &answer),
                 met ? MOOR_OK : MOOR_TIMED_OUT, "status %d", (int)status);
    cr_assert_eq(answer.met, met);
    cr_assert_eq(answer.status, status);
    cr_assert_eq(answer.requested, MOOR_REQUEST_NONE);
}

Test(wait, for_final_or_idle_in_every_status_under_every_policy)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_registry *registry = given_policy((moor_release)release, 10);

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            moor_agent agent = spawn(registry);

            bring(registry, agent, rows[i].status);
            expect_one(registry, MOOR_UNTIL_FINAL, agent, rows[i].meets_final,
                       rows[i].status);
            expect_one(registry, MOOR_UNTIL_IDLE, agent, rows[i].meets_idle,
                       rows[i].status);
        }
        done(registry);
    }
}

Test(wait, a_closed_or_unknown_one_meets_it_as_not_found)
{
    moor_registry *registry = given();
    moor_agent closed = spawn(registry);
    moor_agent forged = {closed.bits + 1000};

    cr_assert_eq(close_it(registry, closed), MOOR_OK);
    for (int until = MOOR_UNTIL_FINAL; until <= MOOR_UNTIL_IDLE; until++) {
        expect_one(registry, (moor_wait_until)until, closed, true,
                   MOOR_STATUS_NOT_FOUND);
        expect_one(registry, (moor_wait_until)until, forged, true,
                   MOOR_STATUS_NOT_FOUND);
        expect_one(registry, (moor_wait_until)until, nobody, true,
                   MOOR_STATUS_NOT_FOUND);
    }
    done(registry);
}

static bool is_marked(const moor_registry *registry, moor_agent agent)
{
    return word_is_watched(
        moor_load_acquire(&books_record(registry, agent.bits)->state));
}

/* Not one that has met it, nor whoever has its record by now; and what was
 * never handed out is not touched. */
Test(wait, marks_those_that_have_not_met_it_and_nobody_else)
{
    moor_registry *registry = given();
    moor_agent live = spawn(registry), ended = spawn(registry);
    moor_agent closed = spawn(registry), next;
    moor_agent agents[] = {live, ended, closed, {closed.bits + 1000}};
    moor_waited answers[4];

    completes(registry, ended);
    cr_assert_eq(close_it(registry, closed), MOOR_OK);
    next = spawn(registry);
    cr_assert_eq(life_index(next.bits), life_index(closed.bits));
    cr_assert_eq(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, agents, 4,
                           NEAR_MS, answers),
                 MOOR_TIMED_OUT);
    cr_assert(!answers[0].met && answers[1].met && answers[2].met &&
              answers[3].met);
    cr_assert(is_marked(registry, live));
    cr_assert_not(is_marked(registry, ended));
    cr_assert_not(is_marked(registry, next));
    done(registry);
}

/* The root runs for ever. */
Test(wait, the_root_meets_nothing)
{
    moor_registry *registry = given();

    expect_one(registry, MOOR_UNTIL_IDLE, moor_root(registry), false,
               MOOR_STATUS_RUNNING);
    done(registry);
}

Test(wait, run_again_is_waited_for_anew)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    expect_one(registry, MOOR_UNTIL_FINAL, agent, true, MOOR_STATUS_COMPLETED);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    expect_one(registry, MOOR_UNTIL_FINAL, agent, false, MOOR_STATUS_RUNNING);
    done(registry);
}

/* --- any and all ---------------------------------------------------------- */

Test(wait, any_is_met_by_one_and_all_by_all)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry), b = spawn(registry);
    moor_waited answers[2];

    cr_assert_eq(
        try_two(registry, MOOR_WAIT_ANY, MOOR_UNTIL_FINAL, a, b, answers),
        MOOR_TIMED_OUT);
    cr_assert_not(answers[0].met || answers[1].met);
    completes(registry, b);
    cr_assert_eq(
        try_two(registry, MOOR_WAIT_ANY, MOOR_UNTIL_FINAL, a, b, answers),
        MOOR_OK);
    cr_assert_not(answers[0].met);
    cr_assert_eq(answers[0].status, MOOR_STATUS_PENDING_INIT);
    cr_assert(answers[1].met);
    cr_assert_eq(answers[1].status, MOOR_STATUS_COMPLETED);
    cr_assert_eq(
        try_two(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, a, b, answers),
        MOOR_TIMED_OUT);
    cr_assert(!answers[0].met && answers[1].met);
    cr_assert_eq(moor_died(registry, a), MOOR_OK);
    cr_assert_eq(
        try_two(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, a, b, answers),
        MOOR_OK);
    cr_assert(answers[0].met && answers[1].met);
    cr_assert_eq(answers[0].status, MOOR_STATUS_ERRORED);
    done(registry);
}

Test(wait, an_agent_may_be_named_twice)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry);
    moor_waited answers[2];

    cr_assert_eq(
        try_two(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, a, a, answers),
        MOOR_TIMED_OUT);
    completes(registry, a);
    cr_assert_eq(
        try_two(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, a, a, answers),
        MOOR_OK);
    cr_assert(answers[0].met && answers[1].met);
    done(registry);
}

Test(wait, over_many)
{
    enum { MANY = 500 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent agents[MANY];
    moor_waited answers[MANY];

    for (int i = 0; i < MANY; i++) {
        agents[i] = spawn(registry);
    }
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                               agents, MANY, 0, answers),
                     MOOR_TIMED_OUT);
        completes(registry, agents[MANY - 1 - i]);
    }
    cr_assert_eq(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, agents,
                           MANY, 0, answers),
                 MOOR_OK);
    done(registry);
}

Test(wait, a_request_is_seen)
{
    static const moor_request_kind kinds[] = {MOOR_REQUEST_INTERRUPT,
                                              MOOR_REQUEST_SHUTDOWN};
    moor_registry *registry = given();

    for (int i = 0; i < 2; i++) {
        moor_agent agent = spawn(registry);
        moor_waited answer;

        cr_assert_eq(moor_request(registry, agent, kinds[i]), MOOR_OK);
        cr_assert_eq(try_one(registry, MOOR_UNTIL_IDLE, agent, &answer),
                     MOOR_TIMED_OUT);
        cr_assert_eq(answer.requested, kinds[i]);
        cr_assert_eq(answer.status, MOOR_STATUS_PENDING_INIT);
        completes(registry, agent);
        cr_assert_eq(try_one(registry, MOOR_UNTIL_IDLE, agent, &answer),
                     MOOR_OK);
        cr_assert_eq(answer.requested, MOOR_REQUEST_NONE);
    }
    done(registry);
}

Test(wait, bad_arguments)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_waited answer;

#define WAIT(registry, what, until, agents, count, answers)              \
    moor_wait(registry, (moor_wait_for)(what), (moor_wait_until)(until), \
              agents, count, 0, answers)
    cr_expect_eq(WAIT(NULL, 0, 0, &agent, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, 2, 0, &agent, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, -1, 0, &agent, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, 0, 2, &agent, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, 0, -1, &agent, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, 0, 0, NULL, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, 0, 0, &agent, 0, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, 0, 0, &agent, 1, NULL), MOOR_BAD_ARGUMENT);
#undef WAIT
    done(registry);
}

/* --- deadlines ------------------------------------------------------------ */

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

Test(wait, in_vain_ends_at_the_deadline_and_not_before)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_waited answer = {0};
    uint64_t begin = now_ms();

    cr_assert_eq(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &agent, 1,
                           NEAR_MS, &answer),
                 MOOR_TIMED_OUT);
    cr_assert_geq(now_ms() - begin, NEAR_MS - 1);
    cr_assert_lt(now_ms() - begin, FAR_MS);
    cr_assert_eq(answer.status, MOOR_STATUS_PENDING_INIT);
    done(registry);
}

/* Signals of others do not move a deadline. */
static moor_word storm_over;

static void *storm(void *registry)
{
    uint64_t end = now_ms() + FAR_MS;

    while (moor_load_acquire(&storm_over) == 0 && now_ms() < end) {
        event_signal(&((moor_registry *)registry)->event);
    }
    return NULL;
}

Test(wait, the_deadline_holds_in_a_storm_of_signals)
{
    enum { MANY = 1000, STORMS = 3 }; /* a look takes longer than a signal */
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MANY);
    moor_agent agents[MANY];
    moor_waited answers[MANY];
    pthread_t threads[STORMS];

    for (int i = 0; i < MANY; i++) {
        agents[i] = spawn(registry);
    }
    for (int t = 0; t < STORMS; t++) {
        cr_assert_eq(pthread_create(&threads[t], NULL, storm, registry), 0);
    }
    for (int i = 0; i < 5; i++) {
        uint64_t begin = now_ms();

        cr_assert_eq(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                               agents, MANY, NEAR_MS, answers),
                     MOOR_TIMED_OUT);
        cr_assert_lt(now_ms() - begin, FAR_MS / 4);
    }
    moor_store_release(&storm_over, 1);
    for (int t = 0; t < STORMS; t++) {
        cr_assert_eq(pthread_join(threads[t], NULL), 0);
    }
    done(registry);
}

Test(wait, for_what_has_ended_returns_at_once_whatever_the_deadline)
{
    static const uint64_t timeouts[] = {
        0, 1, FAR_MS, 3600000, MOOR_FOREVER - 1, MOOR_FOREVER};
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_waited answer;

    completes(registry, agent);
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                               &agent, 1, timeouts[i], &answer),
                     MOOR_OK);
    }
    done(registry);
}
