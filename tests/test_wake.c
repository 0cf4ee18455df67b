/*
 * Waiting threads: whatever ends a run wakes its sleepers, all of them, and
 * who was woken finds the slot free.
 */
#include "given.h"

#include <pthread.h>

#include "atomic.h"
#include "threads.h"

enum { FAR_MS = 10000 };

enum deed { FINISH, INTERRUPT, DIED, CLOSE, CLOSE_ABOVE, TURN_END, DEEDS };

struct sleeper {
    pthread_t thread;
    moor_registry *registry;
    moor_agent agents[2];
    size_t count;
    moor_wait_for what;
    uint64_t timeout_ms;
    moor_error error;
    moor_waited answers[2];
};

static void *sleep_on(void *argument)
{
    struct sleeper *s = (struct sleeper *)argument;

    s->error = moor_wait(s->registry, s->what, MOOR_UNTIL_IDLE, s->agents,
                         s->count, s->timeout_ms, s->answers);
    return NULL;
}

static void start_sleeper(struct sleeper *s)
{
    s->error = MOOR_ERRORS;
    cr_assert_eq(pthread_create(&s->thread, NULL, sleep_on, s), 0);
}

static void join(struct sleeper *s, moor_error error)
{
    cr_assert_eq(pthread_join(s->thread, NULL), 0);
    cr_assert_eq(s->error, error, "%s", moor_error_name(s->error));
}

static void perform(moor_registry *registry, enum deed deed, moor_agent above,
                    moor_agent agent)
{
    switch (deed) {
    case FINISH:
        completes(registry, agent);
        break;
    case INTERRUPT:
        cr_assert_eq(moor_interrupt(registry, agent), MOOR_OK);
        break;
    case DIED:
        cr_assert_eq(moor_died(registry, agent), MOOR_OK);
        break;
    case CLOSE:
        cr_assert_eq(close_it(registry, agent), MOOR_OK);
        break;
    case CLOSE_ABOVE:
        cr_assert_eq(close_it(registry, above), MOOR_OK);
        break;
    default:
        cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_SHUTDOWN, NULL),
                     MOOR_OK);
        break;
    }
}

static const moor_status seen_after[DEEDS] = {
    [FINISH] = MOOR_STATUS_COMPLETED,
    [INTERRUPT] = MOOR_STATUS_INTERRUPTED,
    [DIED] = MOOR_STATUS_ERRORED,
    [CLOSE] = MOOR_STATUS_NOT_FOUND,
    [CLOSE_ABOVE] = MOOR_STATUS_NOT_FOUND,
    [TURN_END] = MOOR_STATUS_SHUTDOWN};

/* Many rounds: the sleeper may not have slept yet when the deed is done. */
static void wakes(enum deed deed, uint64_t timeout_ms)
{
    for (int round = 0; round < 100; round++) {
        moor_registry *registry =
            given_policy((moor_release)(round % MOOR_RELEASES), 6);
        moor_agent above = spawn(registry);
        struct sleeper s = {.registry = registry,
                            .agents = {spawn_below(registry, above, NULL)},
                            .count = 1,
                            .timeout_ms = timeout_ms};

        start_sleeper(&s);
        perform(registry, deed, above, s.agents[0]);
        join(&s, MOOR_OK);
        cr_assert(s.answers[0].met);
        cr_assert_eq(s.answers[0].status, seen_after[deed], "deed %d",
                     (int)deed);
        done(registry);
    }
}

Test(wake, whatever_ends_a_run_wakes_its_sleepers)
{
    for (int deed = 0; deed < DEEDS; deed++) {
        wakes((enum deed)deed, MOOR_FOREVER);
        wakes((enum deed)deed, FAR_MS);
    }
}

Test(wake, all_sleepers_are_woken)
{
    enum { SLEEPERS = 5 };
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    struct sleeper s[SLEEPERS];

    for (int i = 0; i < SLEEPERS; i++) {
        s[i] = (struct sleeper){.registry = registry,
                                .agents = {agent},
                                .count = 1,
                                .timeout_ms = MOOR_FOREVER};
        start_sleeper(&s[i]);
    }
    completes(registry, agent);
    for (int i = 0; i < SLEEPERS; i++) {
        join(&s[i], MOOR_OK);
    }
    done(registry);
}

/* Woken by the first, it sleeps on until the second. */
Test(wake, for_all_sleeps_on_until_the_last)
{
    for (int round = 0; round < 200; round++) {
        moor_registry *registry = given();
        struct sleeper s = {.registry = registry,
                            .agents = {spawn(registry), spawn(registry)},
                            .count = 2,
                            .what = MOOR_WAIT_ALL,
                            .timeout_ms = FAR_MS};

        start_sleeper(&s);
        completes(registry, s.agents[round % 2]);
        completes(registry, s.agents[1 - round % 2]);
        join(&s, MOOR_OK);
        cr_assert(s.answers[0].met && s.answers[1].met);
        done(registry);
    }
}

/* An end that is gone again before the sleeper looks: the next one wakes it. */
Test(wake, a_run_that_began_again_is_waited_for)
{
    for (int round = 0; round < 200; round++) {
        moor_registry *registry = given();
        struct sleeper s = {.registry = registry,
                            .agents = {spawn(registry)},
                            .count = 1,
                            .timeout_ms = FAR_MS};

        start_sleeper(&s);
        completes(registry, s.agents[0]);
        cr_assert_eq(moor_run_again(registry, s.agents[0], NULL), MOOR_OK);
        cr_assert_eq(moor_interrupt(registry, s.agents[0]), MOOR_OK);
        join(&s, MOOR_OK);
        cr_assert(s.answers[0].status == MOOR_STATUS_COMPLETED ||
                  s.answers[0].status == MOOR_STATUS_INTERRUPTED);
        done(registry);
    }
}

/* Whoever has seen the idle status is never refused because of that agent. */
static void *spawn_after(void *argument)
{
    struct sleeper *s = (struct sleeper *)argument;
    moor_agent agent;

    s->error = moor_wait(s->registry, MOOR_WAIT_ANY, MOOR_UNTIL_IDLE, s->agents,
                         1, FAR_MS, s->answers);
    if (s->error == MOOR_OK) {
        s->error =
            moor_spawn(s->registry, &(moor_spawn_options){0}, &agent, NULL);
    }
    return NULL;
}

Test(wake, who_was_woken_finds_the_slot_free)
{
    for (int round = 0; round < 300; round++) {
        moor_registry *registry = given_policy(
            round % 2 == 0 ? MOOR_ON_COMPLETION : MOOR_ON_RESERVE, 1);
        struct sleeper s = {.registry = registry, .agents = {spawn(registry)}};

        cr_assert_eq(pthread_create(&s.thread, NULL, spawn_after, &s), 0);
        completes(registry, s.agents[0]);
        join(&s, MOOR_OK);
        done(registry);
    }
}

/* --- the same without a sleep between ------------------------------------- */

enum { ROUNDS = 4000 };

static moor_word current; /* the agent that runs; 0: the other gave up */

struct spinner {
    moor_registry *registry;
    bool ends; /* runs, or else takes the slot as soon as it may */
    int refused;
};

static bool is_live(moor_registry *registry, moor_agent agent)
{
    moor_status status;

    (void)moor_status_of(registry, agent, &status);
    return moor_holds_slot(status);
}

/* One way of five; all free the slot. */
static moor_error end_run(moor_registry *registry, moor_agent agent, int way)
{
    switch (way) {
    case 0:
        return moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
    case 1:
        return moor_interrupt(registry, agent);
    case 2:
        return moor_died(registry, agent);
    case 3:
        return moor_start_failed(registry, agent);
    default:
        return moor_close(registry, agent, MOOR_CLOSE_TREE, NULL);
    }
}

static void end_runs(struct spinner *s)
{
    uint64_t before = 0;

    for (int round = 0; round < ROUNDS; round++) {
        moor_agent agent;

        while ((agent.bits = moor_load_acquire(&current)) == before &&
               in_time()) {
        }
        if (agent.bits == 0) return;
        before = agent.bits;
        s->refused += end_run(s->registry, agent, round % 5) != MOOR_OK;
    }
}

static void take_slots(struct spinner *s)
{
    moor_agent agent = {moor_load_acquire(&current)};

    for (int round = 1; round < ROUNDS; round++) {
        moor_error error;

        while (is_live(s->registry, agent) && in_time()) {
        }
        error = moor_spawn(s->registry, &(moor_spawn_options){0}, &agent, NULL);
        if (error != MOOR_OK) {
            s->refused++;
            agent.bits = 0;
        }
        moor_store_release(&current, agent.bits);
        if (agent.bits == 0) return;
    }
}

static void *spin(void *argument)
{
    struct spinner *s = (struct spinner *)argument;

    if (s->ends) {
        end_runs(s);
    } else {
        take_slots(s);
    }
    return NULL;
}

Test(wake, who_has_seen_the_end_is_never_refused)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    struct spinner spinners[2] = {{registry, true, 0}, {registry, false, 0}};

    moor_store_release(&current, spawn(registry).bits);
    together(spin, 2, spinners, sizeof spinners[0]);
    cr_assert_eq(spinners[1].refused, 0, "refused although it saw the end");
    cr_assert_eq(spinners[0].refused, 0);
    done(registry);
}
