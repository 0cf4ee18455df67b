/*
 * Refusals: who holds what was asked for, the oldest admission first, and what
 * would free it.
 */
#include "given.h"

static moor_refusal refusal_below(moor_registry *registry, moor_agent parent)
{
    moor_refusal refusal;
    moor_agent agent;

    memset(&refusal, 0x5a, sizeof refusal);
    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){.parent = parent},
                            &agent, &refusal),
                 MOOR_REFUSED);
    return refusal;
}

static void holds(const moor_refusal *refusal, uint32_t at, moor_agent agent,
                  moor_status status, moor_freed_by freed_by)
{
    const moor_holder *holder = &refusal->holders[at];

    cr_assert_lt(at, refusal->holders_count);
    cr_assert_eq(holder->agent.bits, agent.bits, "holder %u", at);
    cr_assert_eq(holder->ticket.bits, 0);
    cr_assert_eq(holder->status, status);
    cr_assert_eq(holder->freed_by, freed_by, "freed by %s",
                 moor_freed_by_name(holder->freed_by));
    cr_assert_lt(holder->age_ms, 60000);
}

static void holds_ticket(const moor_refusal *refusal, uint32_t at,
                         moor_ticket ticket)
{
    const moor_holder *holder = &refusal->holders[at];

    cr_assert_lt(at, refusal->holders_count);
    cr_assert_eq(holder->ticket.bits, ticket.bits, "holder %u", at);
    cr_assert_eq(holder->agent.bits, 0);
    cr_assert_eq(holder->status, MOOR_STATUS_RESERVED);
    cr_assert_eq(holder->freed_by, MOOR_FREED_BY_ABANDON);
    cr_assert_lt(holder->age_ms, 60000);
}

static void in_order(const moor_refusal *refusal, const moor_agent *agents,
                     uint32_t count)
{
    cr_assert_eq(refusal->holders_count, count);
    for (uint32_t i = 0; i < count; i++) {
        cr_assert_eq(refusal->holders[i].agent.bits, agents[i].bits,
                     "holder %u", i);
    }
}

/* --- running -------------------------------------------------------------- */

Test(refusal, of_each_status_that_holds_a_slot)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
    moor_agent pending = spawn(registry), running = spawn(registry);
    moor_ticket ticket = reserve(registry);
    moor_refusal refusal;

    bring(registry, running, MOOR_STATUS_RUNNING);
    refusal = refusal_below(registry, nobody);
    cr_assert_eq(refusal.holders_count, 3);
    holds(&refusal, 0, pending, MOOR_STATUS_PENDING_INIT, MOOR_FREED_BY_FINISH);
    holds(&refusal, 1, running, MOOR_STATUS_RUNNING, MOOR_FREED_BY_FINISH);
    holds_ticket(&refusal, 2, ticket);
    done(registry);
}

Test(refusal, of_a_reservation_is_the_same)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent agent = spawn(registry);
    moor_ticket ticket = {0};
    moor_refusal refusal;

    cr_assert_eq(
        moor_reserve(registry, &(moor_spawn_options){0}, &ticket, &refusal),
        MOOR_REFUSED);
    cr_assert_eq(ticket.bits, 0);
    holds(&refusal, 0, agent, MOOR_STATUS_PENDING_INIT, MOOR_FREED_BY_FINISH);
    done(registry);
}

Test(refusal, of_who_released_its_slot_says_nothing)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent gone = spawn(registry), holder;
    moor_refusal refusal;

    completes(registry, gone);
    holder = spawn(registry);
    refusal = refusal_below(registry, nobody);
    cr_assert_eq(refusal.holders_count, 1);
    holds(&refusal, 0, holder, MOOR_STATUS_PENDING_INIT, MOOR_FREED_BY_FINISH);
    done(registry);
}

static const struct policy_row {
    moor_release release;
    moor_freed_by live, idle;
} policies[] = {
    {MOOR_ON_TURN_END, MOOR_FREED_BY_FINISH, MOOR_FREED_BY_TURN_END},
    {MOOR_ON_CLOSE, MOOR_FREED_BY_CLOSE, MOOR_FREED_BY_CLOSE},
};

Test(refusal, says_what_would_free_an_idle_holder)
{
    for (int i = 0; i < 2; i++) {
        moor_registry *registry = given_policy(policies[i].release, 5);
        moor_agent agents[5];
        moor_refusal refusal;

        for (int a = 0; a < 5; a++) {
            agents[a] = spawn(registry);
            bring(registry, agents[a], (moor_status)(MOOR_STATUS_RUNNING + a));
        }
        refusal = refusal_below(registry, nobody);
        cr_assert_eq(refusal.holders_count, 5);
        holds(&refusal, 0, agents[0], MOOR_STATUS_RUNNING, policies[i].live);
        for (uint32_t a = 1; a < 5; a++) {
            holds(&refusal, a, agents[a],
                  (moor_status)(MOOR_STATUS_RUNNING + a), policies[i].idle);
        }
        done(registry);
    }
}

Test(refusal, under_on_reserve_all_holders_are_live)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 2);
    moor_agent idle = spawn(registry), live = spawn(registry);
    moor_refusal refusal;

    completes(registry, idle);
    (void)reserve(registry); /* takes the slot of the idle one */
    refusal = refusal_below(registry, nobody);
    cr_assert_eq(refusal.holders_count, 2);
    holds(&refusal, 0, live, MOOR_STATUS_PENDING_INIT, MOOR_FREED_BY_FINISH);
    cr_assert_eq(refusal.holders[1].status, MOOR_STATUS_RESERVED);
    done(registry);
}

/* --- order ---------------------------------------------------------------- */

Test(refusal, the_eight_oldest_in_order)
{
    enum { MANY = 20 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MANY);
    moor_agent agents[MANY];
    moor_refusal refusal;

    for (int i = 0; i < MANY; i++) {
        agents[i] = spawn(registry);
    }
    for (int gone = 0; gone < 12; gone++) {
        refusal = refusal_below(registry, nobody);
        cr_assert_eq(refusal.used, MANY - (uint64_t)gone);
        in_order(&refusal, agents + gone, MOOR_HOLDERS_MAX);
        completes(registry, agents[gone]);
        cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING,
                                    MANY - 1 - (uint32_t)gone),
                     MOOR_OK);
    }
    done(registry);
}

/* Records are used again in another order than they were made. */
Test(refusal, the_order_is_that_of_admission_whatever_was_closed_before)
{
    enum { MANY = 6 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MANY);
    moor_agent agents[MANY];
    moor_refusal refusal;

    for (int i = 0; i < MANY; i++) {
        agents[i] = spawn(registry);
    }
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
    }
    for (int i = 0; i < MANY; i++) {
        agents[i] = spawn(registry);
    }
    refusal = refusal_below(registry, nobody);
    in_order(&refusal, agents, MANY);
    done(registry);
}

/* What was given back must not make a later admission look older. */
Test(refusal, the_order_is_that_of_admission_whatever_was_abandoned)
{
    for (int round = 0; round < 50; round++) {
        moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
        moor_agent agents[3];
        moor_refusal refusal;
        moor_ticket ticket;

        agents[0] = spawn(registry);
        ticket = reserve(registry);
        agents[1] = spawn(registry);
        cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
        agents[2] = spawn(registry);
        refusal = refusal_below(registry, nobody);
        in_order(&refusal, agents, 3);
        done(registry);
    }
}

Test(refusal, run_again_is_an_admission_and_makes_young)
{
    for (int round = 0; round < 50; round++) {
        moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
        moor_agent agents[3];
        moor_refusal refusal;

        for (int i = 0; i < 3; i++) {
            agents[(i + 2) % 3] = spawn(registry); /* the last is the oldest */
        }
        completes(registry, agents[2]);
        cr_assert_eq(moor_run_again(registry, agents[2], NULL), MOOR_OK);
        refusal = refusal_below(registry, nobody);
        in_order(&refusal, agents, 3);
        done(registry);
    }
}

Test(refusal, run_agains_of_one_tick_are_in_order)
{
    for (int round = 0; round < 50; round++) {
        moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
        moor_agent agents[3];
        moor_refusal refusal;

        for (int i = 0; i < 3; i++) {
            agents[i] = spawn(registry);
            completes(registry, agents[i]);
        }
        for (int i = 2; i >= 0; i--) {
            cr_assert_eq(moor_run_again(registry, agents[i], NULL), MOOR_OK);
        }
        refusal = refusal_below(registry, nobody);
        for (uint32_t i = 0; i < 3; i++) {
            cr_assert_eq(refusal.holders[i].agent.bits, agents[2 - i].bits,
                         "holder %u", i);
        }
        done(registry);
    }
}

Test(refusal, a_run_again_that_kept_its_slot_makes_young_too)
{
    moor_registry *registry = given_policy(MOOR_ON_CLOSE, 2);
    moor_agent agents[2];
    moor_refusal refusal;

    agents[1] = spawn(registry);
    agents[0] = spawn(registry);
    completes(registry, agents[1]);
    cr_assert_eq(moor_run_again(registry, agents[1], NULL), MOOR_OK);
    refusal = refusal_below(registry, nobody);
    in_order(&refusal, agents, 2);
    done(registry);
}

/* The clock is coarse; ages are looked at until one has grown. */
Test(refusal, ages_grow)
{
    enum { GROWN_MS = 25, BOUND = 2000000 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    moor_refusal refusal;
    uint64_t gap;

    (void)spawn(registry);
    for (int i = 0; i < BOUND; i++) {
        if (i == 0) cr_assert_eq(moor_set_limit(registry, 0, 1), MOOR_OK);
        refusal = refusal_below(registry, nobody);
        if (refusal.holders[0].age_ms >= GROWN_MS) break;
    }
    cr_assert_geq(refusal.holders[0].age_ms, GROWN_MS);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 2), MOOR_OK);
    (void)spawn(registry);
    refusal = refusal_below(registry, nobody);
    gap = refusal.holders[0].age_ms - refusal.holders[1].age_ms;
    cr_assert_geq(refusal.holders[0].age_ms, refusal.holders[1].age_ms);
    cr_assert_geq(gap, GROWN_MS - 10);
    done(registry);
}

/* --- the other limits ----------------------------------------------------- */

Test(refusal, children_are_those_of_the_parent_alone)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_CHILDREN, 3);
    moor_agent parent = spawn(registry), other = spawn(registry);
    moor_agent finished = spawn_below(registry, parent, NULL);
    moor_agent running = spawn_below(registry, parent, NULL);
    moor_ticket ticket = reserve_below(registry, parent, NULL);
    moor_refusal refusal;

    completes(registry, finished);
    (void)spawn_below(registry, other, NULL);
    completes(registry, spawn_below(registry, running, NULL));
    bring(registry, running, MOOR_STATUS_RUNNING);
    refusal = refusal_below(registry, parent);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_CHILDREN);
    cr_assert_eq(refusal.holders_count, 3);
    holds(&refusal, 0, finished, MOOR_STATUS_COMPLETED, MOOR_FREED_BY_CLOSE);
    holds(&refusal, 1, running, MOOR_STATUS_RUNNING, MOOR_FREED_BY_CLOSE);
    holds_ticket(&refusal, 2, ticket);
    done(registry);
}

Test(refusal, adopted_children_are_the_grandparents)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent middle = spawn(registry);
    moor_agent child = spawn_below(registry, middle, NULL);
    moor_refusal refusal;

    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_CHILDREN, 1), MOOR_OK);
    refusal = refusal_below(registry, nobody);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(refusal.holders_count, 1);
    holds(&refusal, 0, child, MOOR_STATUS_PENDING_INIT, MOOR_FREED_BY_CLOSE);
    done(registry);
}

Test(refusal, nobody_holds_depth_or_lifetime)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_DEPTH, 1);
    moor_agent parent = spawn(registry);
    moor_refusal refusal = refusal_below(registry, parent);

    cr_assert_eq(refusal.limit, MOOR_LIMIT_DEPTH);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(refusal.holders_count, 0);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_LIFETIME, 1), MOOR_OK);
    refusal = refusal_below(registry, nobody);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_LIFETIME);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(refusal.holders_count, 0);
    done(registry);
}

/* --- refusals of run_again ------------------------------------------------ */

Test(refusal, of_run_again_names_the_holders)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent idle = spawn(registry), live;
    moor_refusal refusal = {0};
    struct picture *before;

    completes(registry, idle);
    live = spawn(registry);
    before = picture(registry);
    cr_assert_eq(moor_run_again(registry, idle, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RUNNING);
    cr_assert_eq(refusal.limit_value, 1);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(refusal.holders_count, 1);
    holds(&refusal, 0, live, MOOR_STATUS_PENDING_INIT, MOOR_FREED_BY_FINISH);
    cr_assert_eq(moor_run_again(registry, idle, NULL), MOOR_REFUSED);
    before->stats.refused[MOOR_LIMIT_RUNNING] += 2;
    unchanged(registry, before, "a refused run_again");
    done(registry);
}
