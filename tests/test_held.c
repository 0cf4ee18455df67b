/*
 * How long slots were held: from each charge to what took the slot, whatever
 * that was.
 */
#include "queued.h"

#include "clocked.h"
#include "moorage/journal.h"

/* --- held ----------------------------------------------------------------- */

static moor_registry *given_measured(moor_release release, uint32_t running)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.release = release;
    config.measure_held = true;
    freeze(1000 * SECOND);
    return given_config(&config);
}

static moor_times held(moor_registry *registry)
{
    moor_times sum;

    cr_assert_eq(moor_times_of(registry, NULL, &sum), MOOR_OK);
    return sum;
}

/* So often, so many seconds all together. */
static void expect_held(moor_registry *registry, uint64_t count,
                        uint64_t seconds)
{
    moor_times sum = held(registry);

    cr_expect_eq(sum.count, count, "%llu times, not %llu",
                 (unsigned long long)sum.count, (unsigned long long)count);
    cr_expect_eq(sum.sum_us, seconds * SECOND_US, "%llu us, not %llu s",
                 (unsigned long long)sum.sum_us, (unsigned long long)seconds);
}

/* Each way to give a slot up: of an agent that runs for 3 s by then. */
static void by_finish(moor_registry *registry, moor_agent agent)
{
    completes(registry, agent);
}

static void by_finish_with_text(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(moor_finish(registry, agent, MOOR_STATUS_ERRORED, "e", 1),
                 MOOR_OK);
}

static void by_interrupt(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(moor_interrupt(registry, agent), MOOR_OK);
}

static void by_death(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(moor_died(registry, agent), MOOR_OK);
}

static void by_close(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
}

static void by_close_of_all(moor_registry *registry, moor_agent agent)
{
    (void)agent;
    cr_assert_eq(
        moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
}

static void by_lending(moor_registry *registry, moor_agent agent)
{
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
}

static void by_the_end_of_the_turn(moor_registry *registry, moor_agent agent)
{
    (void)agent;
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_SHUTDOWN, NULL), MOOR_OK);
}

static void (*const ways[])(moor_registry *registry, moor_agent agent) = {
    by_finish, by_finish_with_text, by_interrupt, by_death,
    by_close,  by_close_of_all,     by_lending,   by_the_end_of_the_turn};

Test(held, whatever_ends_it)
{
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);
        moor_agent agent = runs(registry, "a");

        expect_held(registry, 0, 0);
        seconds_pass(3);
        ways[way](registry, agent);
        expect_held(registry, 1, 3);
        cr_expect_eq(held(registry).buckets[20], 1, "2 s < 3 s <= 5 s");
        seconds_pass(3);
        (void)close_it(registry, agent);
        expect_held(registry, 1, 3);
        done(registry);
    }
}

/* An idle agent that has its slot still: 3 s it ran, 3 s it was idle. */
static moor_registry *given_idle(moor_release release, moor_agent *agent)
{
    moor_registry *registry = given_measured(release, 1);

    *agent = runs(registry, "a");
    seconds_pass(3);
    completes(registry, *agent);
    seconds_pass(3);
    expect_held(registry, 0, 0);
    return registry;
}

Test(held, while_idle)
{
    moor_agent agent;
    moor_registry *registry = given_idle(MOOR_ON_CLOSE, &agent);

    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    expect_held(registry, 1, 6);
    done(registry);
    registry = given_idle(MOOR_ON_TURN_END, &agent);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, NULL), MOOR_OK);
    expect_held(registry, 1, 6);
    done(registry);
    registry = given_idle(MOOR_ON_RESERVE, &agent);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    expect_held(registry, 1, 6);
    done(registry);
}

/* The next one has the very slot, and its own time. */
Test(held, until_another_took_it_over)
{
    moor_agent agent;
    moor_registry *registry = given_idle(MOOR_ON_RESERVE, &agent);
    moor_agent next = runs(registry, "next");

    expect_held(registry, 1, 6);
    seconds_pass(2);
    cr_assert_eq(close_it(registry, next), MOOR_OK);
    expect_held(registry, 2, 8);
    done(registry);
}

/* Nobody takes over where one waits: what an idle agent has goes there. */
Test(held, until_it_went_to_one_that_waited)
{
    moor_registry *registry = given_measured(MOOR_ON_RESERVE, 1);
    moor_agent agent = runs(registry, "a");
    struct queued one = {.registry = registry,
                         .kind = A_SPAWN,
                         .patience = {.timeout_ms = MOOR_FOREVER}};

    comes(&one);
    seconds_pass(3);
    completes(registry, agent);
    EXPECT_TOLD(&one, MOOR_OK);
    expect_held(registry, 1, 3);
    done(registry);
}

Test(held, anew_by_running_again)
{
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);
    moor_agent agent = runs(registry, "a");

    seconds_pass(1);
    completes(registry, agent);
    seconds_pass(50);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    seconds_pass(2);
    completes(registry, agent);
    expect_held(registry, 2, 3);
    done(registry);
}

/* A release and an admission in one step. */
Test(held, anew_on_the_slot_that_it_still_has)
{
    moor_agent agent;
    moor_registry *registry = given_idle(MOOR_ON_CLOSE, &agent);

    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    expect_held(registry, 1, 6);
    seconds_pass(2);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    expect_held(registry, 2, 8);
    done(registry);
}

Test(held, but_for_the_time_that_it_was_lent)
{
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);
    moor_agent agent = runs(registry, "a");

    seconds_pass(1);
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    seconds_pass(50);
    cr_assert_eq(moor_take_back(registry, agent, NULL, NULL), MOOR_OK);
    expect_held(registry, 1, 1);
    seconds_pass(2);
    completes(registry, agent);
    expect_held(registry, 2, 3);
    done(registry);
}

Test(held, by_tickets)
{
    static const moor_id nil = {{0}};
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);
    moor_agent parent = runs(registry, "parent"), agent;
    moor_ticket tickets[4];

    for (int i = 0; i < 4; i++) {
        tickets[i] = reserve_below(registry, parent, NULL);
    }
    seconds_pass(1);
    cr_assert_eq(moor_abandon(registry, tickets[0]), MOOR_OK);
    expect_held(registry, 1, 1);
    cr_assert_eq(moor_commit(registry, tickets[1], &nil, NULL, &agent),
                 MOOR_BAD_ID);
    expect_held(registry, 2, 2);
    cr_assert_eq(moor_commit(registry, tickets[2], NULL, NULL, &agent),
                 MOOR_OK);
    seconds_pass(1); /* one charge, from the ticket on */
    cr_assert_eq(moor_start_failed(registry, agent), MOOR_OK);
    expect_held(registry, 3, 4);
    cr_assert_eq(moor_close(registry, parent, MOOR_CLOSE_TREE, NULL), MOOR_OK);
    expect_held(registry, 5, 8);
    done(registry);
}

Test(held, by_several_that_were_spawned_at_once)
{
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 3);
    const moor_spawn_options three[3] = {{.name = NULL}};
    moor_agent agents[3];

    seconds_pass(7);
    cr_assert_eq(moor_spawn_many(registry, three, 3, agents, NULL), MOOR_OK);
    seconds_pass(1);
    for (int i = 0; i < 3; i++) {
        completes(registry, agents[i]);
    }
    expect_held(registry, 3, 3);
    done(registry);
}

Test(held, by_many_in_turn)
{
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);

    for (unsigned i = 0; i < 100; i++) {
        moor_agent agent = spawn(registry);

        seconds_pass(1);
        completes(registry, agent);
        seconds_pass(1);
        if (i % 2 == 0) cr_assert_eq(close_it(registry, agent), MOOR_OK);
        expect_held(registry, i + 1, i + 1);
    }
    done(registry);
}

/* As if it had just been charged. */
Test(held, since_it_was_restored)
{
    moor_kept kept[2] = {{.id = {{1}},
                          .path = "/root/a",
                          .parent = MOOR_KEPT_ROOT,
                          .status = MOOR_STATUS_RUNNING},
                         {.id = {{2}},
                          .path = "/root/b",
                          .parent = MOOR_KEPT_ROOT,
                          .status = MOOR_STATUS_COMPLETED}};
    moor_config config;
    moor_registry *registry;
    moor_restored outcomes[2];
    moor_agent agents[2];

    moor_config_default(&config);
    config.measure_held = true;
    freeze(SECOND);
    cr_assert_eq(
        moor_restore(&config, kept, 2, 0, 2, &registry, agents, outcomes, NULL),
        MOOR_OK);
    expect_held(registry, 0, 0);
    seconds_pass(4);
    completes(registry, agents[0]);
    expect_held(registry, 1, 4);
    done(registry);
}

Test(held, a_clock_that_goes_back_adds_nothing)
{
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);
    moor_agent agent = runs(registry, "a");

    freeze(999 * SECOND);
    completes(registry, agent);
    expect_held(registry, 1, 0);
    done(registry);
}

Test(held, nothing_is_measured_unless_asked_for)
{
    moor_registry *registry = given();
    moor_times waited, sum;

    completes(registry, spawn(registry));
    memset(&waited, 0x5a, sizeof waited);
    cr_assert_eq(moor_times_of(registry, &waited, &sum), MOOR_OK);
    cr_expect_eq(sum.count + sum.sum_us + sum.buckets[0], 0);
    cr_expect_eq(waited.count + waited.sum_us + waited.buckets[0], 0);
    cr_expect_eq(moor_times_of(registry, NULL, NULL), MOOR_OK);
    cr_expect_eq(moor_times_of(NULL, &waited, &sum), MOOR_BAD_ARGUMENT);
    done(registry);
}

/* --- as text -------------------------------------------------------------- */

static char text[20000];

static bool take(void *length, const char *bytes, size_t count)
{
    cr_assert_lt(*(size_t *)length + count, sizeof text);
    memcpy(text + *(size_t *)length, bytes, count);
    *(size_t *)length += count;
    return true;
}

Test(held, in_the_metrics)
{
    moor_registry *registry = given_measured(MOOR_ON_COMPLETION, 6);
    moor_agent agent = runs(registry, "a");
    size_t length = 0;

    moves(UINT64_C(7654321000));
    completes(registry, agent);
    cr_assert_eq(moor_metrics(registry, MOOR_METRICS_PROMETHEUS, take, &length),
                 MOOR_OK);
    cr_expect_not_null(strstr(text, "\nmoorage_held_seconds_sum 7.654321\n"));
    cr_expect_not_null(strstr(text,
                              "\nmoorage_held_seconds_bucket{le=\"5.0\"} 0\n"
                              "moorage_held_seconds_bucket{le=\"10.0\"} 1\n"
                              "moorage_held_seconds_bucket{le=\"20.0\"} 1\n"));
    done(registry);
}
