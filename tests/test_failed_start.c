/*
 * A thread that is killed inside moor_start_failed, where its steps look at the
 * clock: the slot is back, and the start has not failed yet.
 */
#include <setjmp.h>
#include <time.h>

#include "told.h"

static jmp_buf killed;
static bool kills; /* who looks at the clock next */

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (kills) {
        kills = false;
        longjmp(killed, 1);
    }
    return __real_clock_gettime(clock, now);
}

static void make_measured(void)
{
    moor_config config;

    moor_config_default(&config);
    config.events = true;
    config.measure_held = true;
    registry = given_config(&config);
}

/* In a record a former life of which has ended so often, in several steps. */
static moor_agent spawn_in_used_record(int ends)
{
    moor_agent former = spawn(registry), agent;

    for (int i = 0; i < ends; i++) {
        if (i > 0) {
            cr_assert_eq(moor_run_again(registry, former, NULL), MOOR_OK);
        }
        completes(registry, former);
    }
    (void)reads(nobody, MOST);
    cr_assert_eq(close_it(registry, former), MOOR_OK);
    (void)reads(nobody, MOST);
    agent = spawn(registry);
    cr_assert_eq(life_index(agent.bits), life_index(former.bits));
    return agent;
}

static void fail_and_be_killed(moor_agent agent)
{
    kills = true;
    if (setjmp(killed) == 0) {
        (void)moor_start_failed(registry, agent);
        cr_assert_fail("nobody looked at the clock");
    }
}

/* It is seen as shut down then: so there is an event of that. */
Test(failed_start, killed_in_it_recovery_tells_of_it)
{
    for (int ends = 1; ends <= 4; ends++) {
        moor_agent agent;

        make_measured();
        agent = spawn_in_used_record(ends);
        fail_and_be_killed(agent);
        cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
        cr_assert_eq(status_of(registry, agent), MOOR_STATUS_SHUTDOWN);
        cr_assert_eq(reads(nobody, MOST), 1, "after %d ends", ends);
        cr_assert_eq(events_of(agent, MOOR_STATUS_SHUTDOWN, 1), 1);
        done(registry);
    }
}
