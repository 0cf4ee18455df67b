/*
 * Limits: each at none, one, some and unlimited; what counts, what gives back,
 * and limits that change while they are in use.
 */
#include "given.h"

static moor_error try_below(moor_registry *registry, moor_agent parent,
                            moor_refusal *refusal)
{
    moor_agent agent;

    return moor_spawn(registry, &(moor_spawn_options){.parent = parent}, &agent,
                      refusal);
}

/* Refused by that limit, with these figures. */
static void refused(moor_registry *registry, moor_agent parent,
                    moor_limit limit, uint32_t value, uint64_t in_use)
{
    moor_refusal refusal;
    moor_error error;

    memset(&refusal, 0x5a, sizeof refusal);
    error = try_below(registry, parent, &refusal);
    cr_assert_eq(error, MOOR_REFUSED, "%s", moor_error_name(error));
    cr_assert_eq(refusal.limit, limit);
    cr_assert_eq(refusal.limit_value, value);
    cr_assert_eq(refusal.used, in_use);
}

static void set(moor_registry *registry, moor_limit limit, uint32_t value)
{
    cr_assert_eq(moor_set_limit(registry, limit, value), MOOR_OK);
}

static const uint32_t values[] = {0, 1, 2, 6, 13};

enum { VALUES = sizeof values / sizeof values[0], MANY = 100 };

/* --- running -------------------------------------------------------------- */

Test(limits, running_counts_tickets_pending_and_running)
{
    for (int i = 0; i < VALUES; i++) {
        moor_registry *registry = given_policy(MOOR_ON_COMPLETION, values[i]);

        for (uint32_t n = 0; n < values[i]; n++) {
            cr_assert_eq(used(registry), n);
            if (n % 3 == 0) {
                (void)reserve(registry);
            } else {
                bring(registry, spawn(registry),
                      n % 3 == 1 ? MOOR_STATUS_PENDING_INIT
                                 : MOOR_STATUS_RUNNING);
            }
        }
        refused(registry, nobody, MOOR_LIMIT_RUNNING, values[i], values[i]);
        cr_assert_eq(used(registry), values[i]);
        done(registry);
    }
}

Test(limits, a_finished_agent_makes_room_at_once)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);

    for (int i = 0; i < MANY; i++) {
        moor_agent agent = spawn(registry);

        refused(registry, nobody, MOOR_LIMIT_RUNNING, 1, 1);
        completes(registry, agent);
    }
    cr_assert_eq(stats_of(registry).refused[MOOR_LIMIT_RUNNING], MANY);
    done(registry);
}

Test(limits, running_unlimited)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);

    for (int i = 0; i < MANY; i++) {
        (void)spawn(registry);
    }
    cr_assert_eq(used(registry), MANY);
    done(registry);
}

Test(limits, a_lowered_limit_evicts_nobody_and_admits_when_drained)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 4);
    moor_agent agents[4];

    for (int i = 0; i < 4; i++) {
        agents[i] = spawn(registry);
    }
    set(registry, MOOR_LIMIT_RUNNING, 2);
    cr_assert_eq(stats_of(registry).live, 4);
    for (int i = 0; i < 2; i++) {
        refused(registry, nobody, MOOR_LIMIT_RUNNING, 2, 4 - (uint64_t)i);
        completes(registry, agents[i]);
    }
    refused(registry, nobody, MOOR_LIMIT_RUNNING, 2, 2);
    completes(registry, agents[2]);
    (void)spawn(registry);
    refused(registry, nobody, MOOR_LIMIT_RUNNING, 2, 2);
    set(registry, MOOR_LIMIT_RUNNING, 3);
    (void)spawn(registry);
    done(registry);
}

/* --- depth ---------------------------------------------------------------- */

Test(limits, depth_is_the_agents_and_the_roots_is_0)
{
    for (int i = 0; i < VALUES; i++) {
        moor_registry *registry = given_limit(MOOR_LIMIT_DEPTH, values[i]);
        moor_agent parent = nobody;

        set(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
        for (uint32_t depth = 1; depth <= values[i]; depth++) {
            parent = spawn_below(registry, parent, NULL);
            cr_assert_eq(info_of(registry, parent).depth, depth);
        }
        refused(registry, parent, MOOR_LIMIT_DEPTH, values[i], values[i]);
        done(registry);
    }
}

Test(limits, depth_unlimited_ends_with_the_path)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent parent = nobody;

    for (int i = 1; i < MOOR_SEGMENTS_MAX; i++) {
        parent = spawn_below(registry, parent, NULL);
    }
    cr_assert_eq(try_below(registry, parent, NULL), MOOR_BAD_PATH);
    done(registry);
}

Test(limits, a_lowered_depth_leaves_the_deep_ones)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry), b = spawn_below(registry, a, NULL);

    set(registry, MOOR_LIMIT_DEPTH, 1);
    refused(registry, a, MOOR_LIMIT_DEPTH, 1, 1);
    refused(registry, b, MOOR_LIMIT_DEPTH, 1, 2);
    (void)spawn(registry);
    set(registry, MOOR_LIMIT_DEPTH, 3);
    (void)spawn_below(registry, b, NULL);
    done(registry);
}

/* --- children ------------------------------------------------------------- */

Test(limits, children_counts_below_one_parent_tickets_and_finished_ones_too)
{
    for (int i = 0; i < VALUES; i++) {
        moor_registry *registry = given_limit(MOOR_LIMIT_CHILDREN, 20);
        moor_agent parent = spawn(registry);

        set(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
        set(registry, MOOR_LIMIT_CHILDREN, values[i]);
        for (uint32_t n = 0; n < values[i]; n++) {
            cr_assert_eq(use_of(registry, parent, MOOR_LIMIT_CHILDREN).used, n);
            if (n % 2 == 0) {
                (void)reserve_below(registry, parent, NULL);
            } else {
                completes(registry, spawn_below(registry, parent, NULL));
            }
        }
        refused(registry, parent, MOOR_LIMIT_CHILDREN, values[i], values[i]);
        done(registry);
    }
}

Test(limits, children_come_back_by_close_and_abandon_only)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_CHILDREN, 1);
    moor_agent child = spawn(registry);
    moor_ticket ticket;

    completes(registry, child);
    refused(registry, nobody, MOOR_LIMIT_CHILDREN, 1, 1);
    cr_assert_eq(close_it(registry, child), MOOR_OK);
    ticket = reserve(registry);
    refused(registry, nobody, MOOR_LIMIT_CHILDREN, 1, 1);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    child = spawn(registry);
    cr_assert_eq(moor_start_failed(registry, child), MOOR_OK);
    (void)spawn(registry);
    done(registry);
}

Test(limits, grandchildren_do_not_count)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_CHILDREN, 1);
    moor_agent a = spawn(registry), b = spawn_below(registry, a, NULL);

    (void)spawn_below(registry, b, NULL);
    refused(registry, nobody, MOOR_LIMIT_CHILDREN, 1, 1);
    refused(registry, a, MOOR_LIMIT_CHILDREN, 1, 1);
    done(registry);
}

/* --- lifetime ------------------------------------------------------------- */

Test(limits, lifetime_counts_all_spawns_whatever_became_of_them)
{
    for (int i = 0; i < VALUES; i++) {
        moor_registry *registry = given_limit(MOOR_LIMIT_LIFETIME, values[i]);

        for (uint32_t n = 0; n < values[i]; n++) {
            moor_agent agent = spawn(registry);

            completes(registry, agent);
            if (n % 2 == 0) {
                cr_assert_eq(close_it(registry, agent), MOOR_OK);
            }
        }
        refused(registry, nobody, MOOR_LIMIT_LIFETIME, values[i], values[i]);
        done(registry);
    }
}

/* The three that give it back. */
Test(limits, lifetime_comes_back_by_abandon_failed_commit_and_failed_start)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_LIFETIME, 1);
    moor_id nil = {{0}};
    moor_agent agent;

    cr_assert_eq(moor_abandon(registry, reserve(registry)), MOOR_OK);
    cr_assert_eq(moor_commit(registry, reserve(registry), &nil, NULL, &agent),
                 MOOR_BAD_ID);
    cr_assert_eq(moor_start_failed(registry, spawn(registry)), MOOR_OK);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, 0);
    agent = spawn(registry);
    completes(registry, agent);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    refused(registry, nobody, MOOR_LIMIT_LIFETIME, 1, 1);
    done(registry);
}

/* And no other: a close takes tickets, and the spawns they stood for were. */
Test(limits, a_ticket_taken_by_a_close_stays_in_the_lifetime)
{
    moor_registry *registry = given();
    moor_agent parent = spawn(registry);

    (void)reserve_below(registry, parent, NULL);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, 2);
    cr_assert_eq(close_it(registry, parent), MOOR_OK);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, 2);
    done(registry);
}

Test(limits, a_lowered_lifetime_refuses_until_it_is_raised)
{
    moor_registry *registry = given();

    for (int i = 0; i < 3; i++) {
        completes(registry, spawn(registry));
    }
    set(registry, MOOR_LIMIT_LIFETIME, 2);
    refused(registry, nobody, MOOR_LIMIT_LIFETIME, 2, 3);
    set(registry, MOOR_LIMIT_LIFETIME, 3);
    refused(registry, nobody, MOOR_LIMIT_LIFETIME, 3, 3);
    set(registry, MOOR_LIMIT_LIFETIME, 4);
    (void)spawn(registry);
    done(registry);
}

/* --- counters of refusals ------------------------------------------------- */

Test(limits, each_refused_call_is_counted_under_its_limit)
{
    moor_registry *registry = given();

    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        set(registry, (moor_limit)limit, 0);
        for (int i = 0; i <= limit; i++) {
            cr_assert_eq(try_below(registry, nobody, NULL), MOOR_REFUSED);
        }
        set(registry, (moor_limit)limit, MOOR_UNLIMITED);
    }
    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        cr_assert_eq(stats_of(registry).refused[limit], (uint64_t)limit + 1);
    }
    done(registry);
}
