/*
 * The on-release hook: once for each charge, by whatever takes the slot, when
 * the slot is free.
 */
#include "books.h"
#include "given.h"

enum { MOST = 32 };

static struct call {
    moor_agent agent;
    moor_status status;
    uint64_t used; /* when it was called */
} calls[MOST];
static size_t calls_count;
static bool spawns; /* it admits a next one */

static void on_release(void *context, moor_registry *registry, moor_agent agent,
                       moor_status status)
{
    cr_assert_eq(context, calls);
    cr_assert_lt(calls_count, MOST);
    calls[calls_count++] = (struct call){agent, status, used(registry)};
    if (spawns) {
        moor_spawn_options options = {.name = "next"};
        moor_agent next;

        spawns = false;
        (void)moor_spawn(registry, &options, &next, NULL);
    }
}

static moor_registry *make(moor_release release, uint32_t running, bool events)
{
    moor_config config;

    moor_config_default(&config);
    config.release = release;
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.events = events;
    config.on_release = on_release;
    config.on_release_context = calls;
    calls_count = 0;
    spawns = false;
    return given_config(&config);
}

/* It was called for that one, and only once since `forget`. */
static void called(moor_agent agent, moor_status status, uint64_t used_then)
{
    cr_assert_eq(calls_count, 1);
    cr_assert_eq(calls[0].agent.bits, agent.bits);
    cr_assert_eq(calls[0].status, status, "%s",
                 moor_status_name(calls[0].status));
    cr_assert_eq(calls[0].used, used_then);
    calls_count = 0;
}

static void not_called(void)
{
    cr_assert_eq(calls_count, 0);
}

Test(hook, an_end_under_on_completion)
{
    for (int s = MOOR_STATUS_INTERRUPTED; s <= MOOR_STATUS_SHUTDOWN; s++) {
        for (int events = 0; events < 2; events++) {
            moor_registry *registry = make(MOOR_ON_COMPLETION, 2, events != 0);
            moor_agent agent = spawn(registry), other = spawn(registry);

            not_called();
            bring(registry, agent, (moor_status)s);
            called(agent, (moor_status)s, 1);
            cr_assert_eq(finish(registry, agent, MOOR_STATUS_COMPLETED),
                         MOOR_WRONG_STATUS);
            cr_assert_eq(close_it(registry, agent), MOOR_OK);
            not_called();
            cr_assert_eq(close_it(registry, other), MOOR_OK);
            called(other, MOOR_STATUS_SHUTDOWN, 0);
            done(registry);
        }
    }
}

Test(hook, a_slot_that_is_kept)
{
    moor_registry *registry = make(MOOR_ON_TURN_END, 4, false);
    moor_agent a = spawn(registry), b = spawn(registry), c = spawn(registry);

    completes(registry, a);
    completes(registry, b);
    not_called();
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    cr_assert_eq(calls_count, 2);
    calls_count = 0;
    cr_assert_eq(moor_died(registry, c), MOOR_OK);
    called(c, MOOR_STATUS_ERRORED, 0);
    cr_assert_eq(moor_run_again(registry, a, NULL), MOOR_OK);
    completes(registry, a);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, NULL), MOOR_OK);
    called(a, MOOR_STATUS_COMPLETED, 0);
    cr_assert_eq(close_it(registry, b), MOOR_OK);
    not_called();
    done(registry);
}

Test(hook, runs_again_on_its_own_slot)
{
    moor_registry *registry = make(MOOR_ON_CLOSE, 4, false);
    moor_agent agent = spawn(registry);

    cr_assert_eq(moor_interrupt(registry, agent), MOOR_OK);
    not_called();
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    called(agent, MOOR_STATUS_INTERRUPTED, 1);
    completes(registry, agent);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    called(agent, MOOR_STATUS_COMPLETED, 0);
    done(registry);
}

Test(hook, a_slot_that_is_taken_over)
{
    moor_registry *registry = make(MOOR_ON_RESERVE, 1, false);
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    not_called();
    (void)spawn(registry);
    called(agent, MOOR_STATUS_COMPLETED, 1);
    done(registry);
}

static moor_agent lent(moor_registry *registry)
{
    moor_agent agent = spawn(registry);

    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    not_called();
    return agent;
}

/* The charge of one that has lent its slot ends with its run. */
Test(hook, a_slot_that_was_lent)
{
    for (int policy = 0; policy < MOOR_RELEASES; policy++) {
        for (int events = 0; events < 2; events++) {
            moor_registry *registry =
                make((moor_release)policy, 2, events != 0);
            moor_agent agent = lent(registry);

            completes(registry, agent);
            called(agent, MOOR_STATUS_COMPLETED, 0);
            cr_assert_eq(close_it(registry, agent), MOOR_OK);
            not_called();
            agent = lent(registry);
            cr_assert_eq(close_it(registry, agent), MOOR_OK);
            called(agent, MOOR_STATUS_SHUTDOWN, 0);
            agent = lent(registry);
            cr_assert_eq(moor_take_back(registry, agent, NULL, NULL), MOOR_OK);
            not_called();
            cr_assert_eq(close_it(registry, agent), MOOR_OK);
            called(agent, MOOR_STATUS_SHUTDOWN, 0);
            done(registry);
        }
    }
}

Test(hook, a_close_above)
{
    moor_registry *registry = make(MOOR_ON_COMPLETION, 4, true);
    moor_agent p = spawn(registry);
    moor_agent below = spawn_below(registry, p, "below");

    (void)reserve_below(registry, below, "ticket");
    cr_assert_eq(close_it(registry, p), MOOR_OK);
    cr_assert_eq(calls_count, 2);
    cr_assert_eq(calls[0].agent.bits, below.bits);
    cr_assert_eq(calls[1].agent.bits, p.bits);
    done(registry);
}

Test(hook, not_for_tickets_and_failed_starts)
{
    moor_registry *registry = make(MOOR_ON_COMPLETION, 4, false);
    moor_agent agent = spawn(registry);

    cr_assert_eq(moor_abandon(registry, reserve(registry)), MOOR_OK);
    cr_assert_eq(moor_start_failed(registry, agent), MOOR_OK);
    not_called();
    done(registry);
}

Test(hook, may_admit_the_next)
{
    moor_registry *registry = make(MOOR_ON_COMPLETION, 1, true);
    moor_agent agent = spawn(registry);

    spawns = true;
    completes(registry, agent);
    called(agent, MOOR_STATUS_COMPLETED, 0);
    cr_assert_eq(used(registry), 1);
    spawns = true;
    cr_assert_eq(
        moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
    moor_destroy(registry);
}

Test(hook, recovery_runs_what_a_killed_thread_left)
{
    moor_registry *registry = make(MOOR_ON_COMPLETION, 2, true);
    moor_agent agent = spawn(registry);
    moor_word *state = &books_record(registry, agent.bits)->state;

    moor_store_relaxed(
        state, word_ended(moor_load_relaxed(state), WORD_ERRORED, 0, true) |
                   WORD_TOLD_ODD);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    called(agent, MOOR_STATUS_ERRORED, 0);
    done(registry);
}
