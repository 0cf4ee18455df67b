/*
 * Leases: who is not renewed in time is ended by the next admission, under
 * every policy, and only then.
 */
#include "leased.h"

#include "annex.h"
#include "wheel.h"

Test(lease, the_next_admission_ends_it_under_every_policy)
{
    for (int policy = 0; policy < MOOR_RELEASES; policy++) {
        moor_registry *registry = given_policy((moor_release)policy, 2);
        moor_agent agent = leased(registry, SHORT);
        moor_stats stats;

        cr_assert_eq(moor_start(registry, agent), MOOR_OK);
        pass(SHORT + 1);
        is(registry, agent, MOOR_STATUS_RUNNING); /* nobody came by */
        (void)leased(registry, 0);
        has_expired_text(registry, agent);
        cr_assert_eq(moor_stats_of(registry, &stats), MOOR_OK);
        cr_assert_eq(stats.used, 1);
        cr_assert_eq(stats.reaped, 1);
        cr_assert_eq(moor_renew(registry, agent), MOOR_WRONG_STATUS);
        cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
        moor_destroy(registry);
    }
}

Test(lease, so_do_run_again_turn_end_and_reap)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent idle = leased(registry, 0), agent;
    moor_turn_ended ended;
    uint64_t reaped;

    completes(registry, idle);
    agent = leased(registry, SHORT);
    pass(SHORT + 1);
    cr_assert_eq(moor_run_again(registry, idle, NULL), MOOR_OK);
    has_expired_text(registry, agent);
    completes(registry, idle);
    agent = leased(registry, SHORT);
    pass(SHORT + 1);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, &ended), MOOR_OK);
    cr_assert_eq(ended.released, 1);
    has_expired_text(registry, agent);
    agent = leased(registry, SHORT);
    pass(SHORT + 1);
    cr_assert_eq(moor_reap(registry, &reaped), MOOR_OK);
    cr_assert_eq(reaped, 1);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* Even one that finds a slot free. */
Test(lease, so_does_a_take_back)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    moor_agent lends = lender(registry, "lends");
    moor_agent agent = leased(registry, SHORT);

    pass(SHORT + 1);
    cr_assert_eq(take_back(registry, lends), MOOR_OK);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

Test(lease, so_does_a_spawn_of_several)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
    moor_agent agent = leased(registry, SHORT), made[2];
    const moor_spawn_options options[2] = {{.name = "a"}, {.name = "b"}};

    pass(SHORT + 1);
    cr_assert_eq(moor_spawn_many(registry, options, 2, made, NULL), MOOR_OK);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* It stood still between the two steps. */
Test(lease, that_another_thread_found_expired_is_ended_by_the_next)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    moor_agent agent = leased(registry, SHORT);

    moor_store_release(&annex_of(registry, agent.bits)->lease, LEASE_EXPIRED);
    cr_assert_eq(moor_renew(registry, agent), MOOR_WRONG_STATUS);
    pass(SHORT + 1);
    (void)leased(registry, 0);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* How many nodes the wheel ever had. */
static uint64_t nodes(const moor_registry *registry)
{
    const struct wheel *wheel =
        (const struct wheel *)moor_pointer_acquire(&registry->wheel);

    return moor_load_relaxed(&wheel->nodes.next);
}

/* Nobody holds it any more, and its node is vacant. */
Test(lease, of_whom_it_ended_all_is_used_again)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    uint64_t end = 0, had = 0;

    for (int round = 0; round < 8; round++) {
        moor_agent agent = leased(registry, SHORT), other;

        pass(SHORT + 1);
        other = leased(registry, 0);
        has_expired_text(registry, agent);
        cr_assert_eq(close_it(registry, agent), MOOR_OK);
        cr_assert_eq(close_it(registry, other), MOOR_OK);
        end = round == 0 ? books_end(registry) : end;
        had = round == 0 ? nodes(registry) : had;
        cr_assert_eq(books_end(registry), end);
        cr_assert_eq(nodes(registry), had);
    }
    moor_destroy(registry);
}

/* Who is refused has looked at all leases, and found none. */
Test(lease, that_has_not_expired_gives_no_slot)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent agent = leased(registry, LONG), other;
    const moor_spawn_options options = {.name = "other"};
    moor_turn_ended ended;
    uint64_t reaped = 1;

    cr_assert_eq(moor_spawn(registry, &options, &other, NULL), MOOR_REFUSED);
    cr_assert_eq(moor_reap(registry, &reaped), MOOR_OK);
    cr_assert_eq(reaped, 0);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_KEEP, &ended), MOOR_OK);
    cr_assert_eq(ended.released, 0);
    is(registry, agent, MOOR_STATUS_PENDING_INIT);
    moor_destroy(registry);
}

/* It ends all the same, but no slot comes back by that. */
Test(lease, of_one_that_has_lent_its_slot)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 1);
    moor_agent agent = leased(registry, SHORT);
    uint64_t reaped = 1;
    moor_stats stats;

    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    pass(SHORT + 1);
    cr_assert_eq(moor_reap(registry, &reaped), MOOR_OK);
    cr_assert_eq(reaped, 0);
    has_expired_text(registry, agent);
    cr_assert_eq(moor_stats_of(registry, &stats), MOOR_OK);
    cr_assert_eq(stats.reaped, 1); /* a lease ended */
    cr_assert_eq(stats.used, 0);
    moor_destroy(registry);
}

Test(lease, one_that_is_renewed_lives_on)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    moor_agent agent = leased(registry, SHORT);
    moor_agent other = leased(registry, 0);

    for (int i = 0; i < 3; i++) {
        pass(SHORT + 1);
        cr_assert_eq(moor_renew(registry, agent), MOOR_OK); /* late */
        cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
        is(registry, agent, MOOR_STATUS_PENDING_INIT);
    }
    cr_assert_eq(moor_renew(registry, other), MOOR_OK); /* has none */
    pass(SHORT + 1);
    completes(registry, other);
    (void)leased(registry, 0);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

Test(lease, it_begins_with_the_commit_and_with_each_run)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 3);
    const moor_spawn_options options = {.ttl_ms = SHORT};
    moor_ticket ticket;
    moor_agent agent;

    cr_assert_eq(moor_reserve(registry, &options, &ticket, NULL), MOOR_OK);
    pass(SHORT + 1);
    (void)leased(registry, 0); /* a ticket has no lease */
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_OK);
    is(registry, agent, MOOR_STATUS_PENDING_INIT);
    completes(registry, agent);
    pass(SHORT + 1);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    is(registry, agent, MOOR_STATUS_COMPLETED); /* nor has an idle one */
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
    is(registry, agent, MOOR_STATUS_RUNNING);
    pass(SHORT + 1);
    (void)leased(registry, 0);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* Who has its entry in hand may stop there; a run that finds no slot looks for
 * itself. */
Test(lease, one_that_another_thread_is_looking_at)
{
    static const moor_release policies[] = {MOOR_ON_COMPLETION,
                                            MOOR_ON_RESERVE};

    for (int i = 0; i < 2; i++) {
        moor_registry *registry = given_policy(policies[i], 2);
        moor_agent idle = spawn(registry), agent;
        struct wheel *wheel;
        uint32_t node;
        life which;

        completes(registry, idle);
        cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
        agent = leased(registry, SHORT);
        cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 1), MOOR_OK);
        pass(SHORT + 1);
        wheel = (struct wheel *)moor_pointer_acquire(&registry->wheel);
        cr_assert(wheel_take(wheel, clock_exact_ms(), &node, &which));
        cr_assert_eq(which, agent.bits);
        cr_assert_eq(moor_run_again(registry, idle, NULL), MOOR_OK);
        has_expired_text(registry, agent);
        wheel_give_node(wheel, node);
        done(registry);
    }
}

enum { CALLS = 4 };

static moor_error calls(moor_registry *registry, int call, moor_agent idle)
{
    const moor_spawn_options other = {.name = "other"};
    moor_ticket ticket;
    moor_agent made;

    return call == 0   ? moor_spawn(registry, &other, &made, NULL)
           : call == 1 ? moor_reserve(registry, &other, &ticket, NULL)
           : call == 2 ? moor_spawn_many(registry, &other, 1, &made, NULL)
                       : moor_run_again(registry, idle, NULL);
}

/* Whatever wants a slot ends it, also while another thread has its entry in
 * hand and does not go on. */
Test(lease, one_that_a_suspended_thread_has_in_hand)
{
    for (int release = 0; release < MOOR_RELEASES; release++)
        for (int call = 0; call < CALLS; call++) {
            moor_registry *registry = given_policy((moor_release)release, 1);
            moor_agent idle = stopped(registry, "idle");
            moor_agent agent = leased(registry, SHORT);
            uint32_t node;
            life which;

            pass(SHORT + 1);
            cr_assert(wheel_take(
                (struct wheel *)moor_pointer_acquire(&registry->wheel),
                clock_exact_ms(), &node, &which));
            cr_assert_eq(calls(registry, call, idle), MOOR_OK, "%d, %d",
                         release, call);
            has_expired_text(registry, agent);
            moor_destroy(registry);
        }
}

/* Among many without one, whose records are used again. */
Test(lease, of_the_last_of_many)
{
    enum { PLAIN = 300 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent agents[PLAIN], agent;

    for (int i = 0; i < PLAIN; i++)
        agents[i] = leased(registry, 0);
    agent = leased(registry, SHORT);
    for (int i = 0; i < PLAIN; i++)
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
    pass(SHORT + 1);
    for (int i = 0; i < PLAIN; i++)
        agents[i] = leased(registry, 0);
    has_expired_text(registry, agent);
    is(registry, agents[PLAIN - 1], MOOR_STATUS_PENDING_INIT);
    done(registry);
}

/* Of many with different times exactly those end whose time has come. */
Test(lease, each_at_its_time)
{
    enum { AGENTS = 200 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent agents[AGENTS];
    uint64_t from, now;

    for (uint32_t i = 0; i < AGENTS; i++)
        agents[i] = leased(registry, i % 4 == 3 ? LONG : 1 + i);
    from = clock_exact_ms();
    do {
        now = clock_exact_ms();
        (void)leased(registry, 0);
        for (uint32_t i = 0; i < AGENTS; i++) {
            moor_status status;

            cr_assert_eq(moor_status_of(registry, agents[i], &status),
                         MOOR_OK);
            if (i % 4 == 3) {
                cr_assert_eq(status, MOOR_STATUS_PENDING_INIT);
            } else if (now >= from + 1 + i) {
                cr_assert_eq(status, MOOR_STATUS_ERRORED, "%u", i);
            }
        }
    } while (now < from + AGENTS + 1);
    moor_destroy(registry);
}

/* Records that are used again, with and without leases. */
Test(lease, it_ends_with_its_life)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 4);

    for (int i = 0; i < 1000; i++) {
        moor_agent agent = leased(registry, i % 3 == 0 ? 0 : SHORT);

        if (i % 2 == 0) completes(registry, agent);
        cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                     MOOR_OK);
    }
    moor_agent last = leased(registry, 0);

    pass(SHORT + 1);
    (void)leased(registry, 0);
    is(registry, last, MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(moor_reap(registry, NULL), MOOR_OK); /* looks at all */
    is(registry, last, MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    moor_destroy(registry);
}

Test(lease, a_wheel_that_turns_empty)
{
    struct wheel *wheel = wheel_make();
    uint64_t next;

    cr_assert_not_null(wheel);
    cr_assert_eq(wheel_next(wheel), 0);
    cr_assert_not(wheel_is_due(wheel, clock_exact_ms()));
    /* What comes later changes what is next as well. */
    for (int i = 0; i < 4; i++) {
        uint32_t node;

        next = moor_load_relaxed(&wheel->next);
        cr_assert(wheel_take_node(wheel, &node));
        wheel_put(wheel, node, 1, 0, SHORT);
        cr_assert_neq(moor_load_relaxed(&wheel->next), next);
    }
    wheel_free(wheel);
}

/* A killed thread had taken it out of the wheel. */
Test(lease, recovery_puts_it_back)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    struct wheel *wheel;
    moor_agent agent = leased(registry, SHORT);
    uint32_t node;
    life which;

    wheel = (struct wheel *)moor_pointer_acquire(&registry->wheel);
    pass(SHORT + 1);
    cr_assert(wheel_take(wheel, clock_exact_ms(), &node, &which));
    cr_assert_eq(which, agent.bits);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    (void)leased(registry, 0);
    has_expired_text(registry, agent);
    moor_destroy(registry);
}

/* Each recovery gives it a node more, and those that are not needed go back. */
Test(lease, recovered_again_and_again)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 2);
    moor_agent agent = leased(registry, SHORT);
    uint64_t had = 0;

    for (int round = 0; round < 8; round++) {
        cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
        completes(registry, agent);
        pass(SHORT + 1);
        cr_assert_eq(close_it(registry, leased(registry, 0)), MOOR_OK);
        cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
        had = round == 0 ? nodes(registry) : had;
        cr_assert_eq(nodes(registry), had);
    }
    moor_destroy(registry);
}

/* Also where the next record would be the first of a segment. */
Test(lease, recovered_with_any_number_of_agents)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);

    for (int agents = 1; agents <= 140; agents++) {
        (void)leased(registry, LONG);
        cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    }
    sound(registry);
    moor_destroy(registry);
}

Test(lease, errors)
{
    moor_registry *registry = given();
    moor_agent agent = leased(registry, LONG);

    cr_assert_eq(moor_renew(NULL, agent), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_renew(registry, nobody), MOOR_NOT_FOUND);
    cr_assert_eq(moor_renew(registry, moor_root(registry)), MOOR_IS_ROOT);
    completes(registry, agent);
    cr_assert_eq(moor_renew(registry, agent), MOOR_WRONG_STATUS);
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(moor_renew(registry, agent), MOOR_STALE);
    moor_destroy(registry);
}
