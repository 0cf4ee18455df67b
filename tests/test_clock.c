/*
 * Clocks that stand still, jump and go back: ages never wrap, ids stay unique,
 * deadlines hold as far as the clock says so, and nothing hangs.
 *
 * The program is linked so that the library's clock_gettime() comes here first.
 */
#include "given.h"

#include <time.h>

#include "atomic.h"
#include "event.h"
#include "threads.h"

/* --- the clocks ----------------------------------------------------------- */

enum { HOUR = 3600, HOUR_MS = 1000 * HOUR, SOON_MS = 30 };

/* What the coarse clocks say. */
static int64_t coarse_ms, unix_ms;

/* What the exact one says. */
enum exact {
    TRUE_TIME,
    FROZEN,      /* one moment, for ever */
    LEAPS,       /* two hours later from the second look on */
    STUTTERS,    /* every second look is an hour before */
    NEXT_SECOND, /* at the very end of a second */
};

static moor_word exact, looks;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

static int tell(int64_t ms, struct timespec *now)
{
    now->tv_sec = ms / 1000;
    now->tv_nsec = ms % 1000 * 1000000;
    if (now->tv_nsec < 0) {
        now->tv_sec--;
        now->tv_nsec += 1000000000;
    }
    return 0;
}

static int tell_exact(struct timespec *now)
{
    uint64_t look = moor_add_relaxed(&looks, 1);
    int answer = __real_clock_gettime(CLOCK_MONOTONIC, now);

    now->tv_sec += 10 * HOUR;
    switch ((enum exact)moor_load_acquire(&exact)) {
    case TRUE_TIME:
        now->tv_sec -= 10 * HOUR;
        break;
    case FROZEN:
        *now = (struct timespec){.tv_sec = 10 * HOUR};
        break;
    case LEAPS:
        now->tv_sec += look > 0 ? 2 * HOUR : 0;
        break;
    case STUTTERS:
        now->tv_sec -= look % 2 == 1 ? 11 * HOUR : 10 * HOUR;
        break;
    case NEXT_SECOND:
        now->tv_nsec = 999999999;
        break;
    }
    return answer;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    switch (clock) {
    case CLOCK_MONOTONIC_COARSE:
        return tell(coarse_ms, now);
    case CLOCK_REALTIME_COARSE:
        return tell(unix_ms, now);
    case CLOCK_MONOTONIC:
        return tell_exact(now);
    default:
        return __real_clock_gettime(clock, now);
    }
}

static void set_exact(enum exact how)
{
    moor_store_relaxed(&looks, 0);
    moor_store_release(&exact, (uint64_t)how);
}

/* Milliseconds of the true clock. */
static int64_t true_ms(void)
{
    struct timespec now;

    cr_assert_eq(__real_clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- ages ----------------------------------------------------------------- */

/* A stamp has room for 46 bits. */
static const int64_t moments[] = {0,
                                  1,
                                  999,
                                  1000,
                                  INT64_C(1) << 31,
                                  INT64_C(1) << 41,
                                  (INT64_C(1) << 46) - 1};

enum { MOMENTS = sizeof moments / sizeof moments[0] };

static uint64_t age_between(int64_t then, int64_t now)
{
    return now > then ? (uint64_t)(now - then) : 0;
}

static void expect_ages(moor_registry *registry, moor_agent agent,
                        uint64_t want)
{
    moor_refusal refusal;
    moor_agent another;

    cr_assert_eq(info_of(registry, agent).age_ms, want);
    cr_assert_eq(
        moor_spawn(registry, &(moor_spawn_options){0}, &another, &refusal),
        MOOR_REFUSED);
    cr_assert_eq(refusal.holders_count, 1);
    cr_assert_eq(refusal.holders[0].agent.bits, agent.bits);
    cr_assert_eq(refusal.holders[0].age_ms, want);
}

Test(clock, ages_go_by_the_clock_and_never_wrap)
{
    for (int then = 0; then < MOMENTS; then++) {
        for (int now = 0; now < MOMENTS; now++) {
            moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, 1);
            moor_agent agent;

            coarse_ms = moments[then];
            agent = spawn(registry);
            coarse_ms = moments[now];
            expect_ages(registry, agent,
                        age_between(moments[then], moments[now]));
            done(registry);
        }
    }
}

/* The clock may be behind the last admission: the age begins there. */
Test(clock, run_again_never_makes_an_agent_older)
{
    for (int then = 0; then < MOMENTS; then++) {
        for (int again = 0; again < MOMENTS; again++) {
            int64_t last =
                moments[then] > moments[again] ? moments[then] : moments[again];
            moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, 1);
            moor_agent agent;

            coarse_ms = moments[then];
            agent = spawn(registry);
            completes(registry, agent);
            coarse_ms = moments[again];
            cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
            expect_ages(registry, agent, age_between(last, coarse_ms));
            coarse_ms = last + 5;
            expect_ages(registry, agent, 5);
            done(registry);
        }
    }
}

/* --- the order of holders ------------------------------------------------- */

static moor_refusal refusal_of(moor_registry *registry)
{
    moor_refusal refusal;
    moor_agent agent;

    cr_assert_eq(
        moor_spawn(registry, &(moor_spawn_options){0}, &agent, &refusal),
        MOOR_REFUSED);
    return refusal;
}

/* By the clock where it moved, by the number of the admission where it stood.
 */
Test(clock, holders_are_in_order_while_the_clock_stands_and_jumps)
{
    static const int64_t jumps[] = {0,       0, 1, 0,
                                    HOUR_MS, 0, 0, INT64_C(1) << 40};
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_HOLDERS_MAX);
    moor_agent agents[MOOR_HOLDERS_MAX];
    moor_refusal refusal;

    coarse_ms = 1;
    for (int i = 0; i < MOOR_HOLDERS_MAX; i++) {
        coarse_ms += jumps[i];
        agents[i] = spawn(registry);
    }
    refusal = refusal_of(registry);
    cr_assert_eq(refusal.holders_count, MOOR_HOLDERS_MAX);
    for (int i = 0; i < MOOR_HOLDERS_MAX; i++) {
        cr_assert_eq(refusal.holders[i].agent.bits, agents[i].bits, "%d", i);
    }
    done(registry);
}

static bool is_holder(const moor_refusal *refusal, moor_agent agent)
{
    unsigned times = 0;

    for (unsigned i = 0; i < refusal->holders_count; i++) {
        times += refusal->holders[i].agent.bits == agent.bits;
    }
    return times == 1;
}

Test(clock, holders_are_all_there_when_the_clock_goes_back)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_HOLDERS_MAX);
    moor_agent agents[MOOR_HOLDERS_MAX];
    moor_refusal refusal;

    for (int i = 0; i < MOOR_HOLDERS_MAX; i++) {
        coarse_ms = HOUR_MS - i / 2 * 1000;
        agents[i] = spawn(registry);
    }
    refusal = refusal_of(registry);
    cr_assert_eq(refusal.holders_count, MOOR_HOLDERS_MAX);
    for (int i = 0; i < MOOR_HOLDERS_MAX; i++) {
        cr_assert(is_holder(&refusal, agents[i]), "%d", i);
    }
    done(registry);
}

/* --- ids ------------------------------------------------------------------ */

static uint64_t milliseconds_of(moor_id id)
{
    uint64_t ms = 0;

    for (int i = 0; i < 6; i++) {
        ms = ms << 8 | id.bytes[i];
    }
    return ms;
}

static void expect_id(moor_registry *registry, moor_agent agent, int64_t ms)
{
    moor_id id = info_of(registry, agent).id;
    moor_agent found = {0};

    cr_assert_eq(milliseconds_of(id), (uint64_t)ms & ((UINT64_C(1) << 48) - 1));
    cr_assert_eq(id.bytes[6] >> 4, 7, "version");
    cr_assert_eq(id.bytes[8] >> 6, 2, "variant");
    cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_OK);
    cr_assert_eq(found.bits, agent.bits);
}

/* Also when the same milliseconds come again and again, and at both ends of
 * what an id can say. */
Test(clock, ids_are_unique_whatever_the_clock_says)
{
    static const int64_t said[] = {INT64_C(1700000000000),
                                   0,
                                   1,
                                   -1,
                                   -HOUR_MS,
                                   INT64_C(1) << 41,
                                   (INT64_C(1) << 48) - 1,
                                   INT64_C(1) << 48};
    enum { TIMES = 50, SAID = sizeof said / sizeof said[0] };
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    moor_agent agents[TIMES][SAID];

    for (int t = 0; t < TIMES; t++) {
        for (int i = 0; i < SAID; i++) {
            unix_ms = said[i];
            agents[t][i] = spawn(registry);
        }
    }
    for (int t = 0; t < TIMES; t++) {
        for (int i = 0; i < SAID; i++) {
            expect_id(registry, agents[t][i], said[i]);
        }
    }
    done(registry);
}

/* --- deadlines ------------------------------------------------------------ */

static moor_error wait_for(moor_registry *registry, moor_agent agent,
                           uint64_t timeout_ms)
{
    moor_waited answer;

    return moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_IDLE, &agent, 1,
                     timeout_ms, &answer);
}

/* In time by the clock, and so at once. */
Test(clock, a_deadline_has_passed_when_the_clock_leaps)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    int64_t before = true_ms();

    set_exact(LEAPS);
    cr_assert_eq(wait_for(registry, agent, HOUR_MS), MOOR_TIMED_OUT);
    set_exact(TRUE_TIME);
    cr_assert_lt(true_ms() - before, 10000);
    done(registry);
}

/* One look in two is wrong by an hour: the wait ends all the same, and not
 * before its time. */
Test(clock, a_deadline_holds_when_the_clock_stutters)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    for (unsigned i = 0; i < 6; i++) {
        int64_t before = true_ms();

        set_exact(STUTTERS);
        cr_assert_eq(wait_for(registry, agent, SOON_MS), MOOR_TIMED_OUT);
        set_exact(TRUE_TIME);
        cr_assert_geq(true_ms() - before, SOON_MS - 1);
        cr_assert_lt(true_ms() - before, 10000);
    }
    done(registry);
}

/* As a sum of whole nanoseconds. */
static void expect_deadline(uint64_t ms, uint64_t nanoseconds)
{
    struct timespec before, when;
    uint64_t rest = ms % 1000 * 1000000 + nanoseconds;

    __real_clock_gettime(CLOCK_MONOTONIC, &before);
    when = event_deadline(ms);
    cr_assert_geq(when.tv_sec, before.tv_sec + 10 * HOUR + (time_t)(ms / 1000) +
                                   (time_t)(rest / 1000000000));
    cr_assert_eq(when.tv_nsec, (long)(rest % 1000000000));
}

static const uint64_t timeouts[] = {0,
                                    1,
                                    999,
                                    1000,
                                    1001,
                                    UINT32_MAX,
                                    INT64_MAX,
                                    UINT64_C(1) << 63,
                                    UINT64_MAX - 1,
                                    UINT64_MAX};

enum { TIMEOUTS = sizeof timeouts / sizeof timeouts[0] };

Test(clock, deadlines_carry_into_the_next_second_and_never_wrap)
{
    set_exact(NEXT_SECOND);
    for (int i = 0; i < TIMEOUTS; i++) {
        expect_deadline(timeouts[i], 999999999);
    }
}

/* --- met, whatever the clock says ----------------------------------------- */

struct waiter {
    moor_registry *registry;
    moor_agent agent;
    uint64_t timeout_ms;
    bool waits;
    moor_error answer;
};

/* One of the two waits for the other. */
static void *wait_or_end(void *one)
{
    struct waiter *self = (struct waiter *)one;

    self->answer =
        self->waits
            ? wait_for(self->registry, self->agent, self->timeout_ms)
            : finish(self->registry, self->agent, MOOR_STATUS_COMPLETED);
    return NULL;
}

static void expect_met(enum exact how, uint64_t timeout_ms)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    struct waiter both[2] = {{.waits = true}, {.waits = false}};

    for (int i = 0; i < 2; i++) {
        both[i].registry = registry;
        both[i].agent = agent;
        both[i].timeout_ms = timeout_ms;
    }
    set_exact(how);
    together(wait_or_end, 2, both, sizeof both[0]);
    set_exact(TRUE_TIME);
    cr_assert_eq(both[0].answer, MOOR_OK);
    cr_assert_eq(both[1].answer, MOOR_OK);
    done(registry);
}

Test(clock, a_wait_is_met_while_the_clock_stands)
{
    for (int i = 0; i < 100; i++) {
        expect_met(FROZEN, HOUR_MS);
    }
}

Test(clock, a_wait_of_any_length_is_met)
{
    for (int i = 0; i < 100; i++) {
        for (int t = 0; t < TIMEOUTS; t++) {
            if (timeouts[t] >= UINT32_MAX) {
                expect_met(TRUE_TIME, timeouts[t]);
            }
        }
    }
}
