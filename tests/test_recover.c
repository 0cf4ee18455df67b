/*
 * Recovery after a thread was killed inside a call: what it left is forged here
 * with the library's own steps; the explorer kills threads wherever they are.
 */
#include "annex.h"
#include "clock.h"
#include "given.h"
#include "threads.h"
#include "wheel.h"

static moor_registry *registry;

/* A tree with all that there can be: tickets, all statuses, an agent that left
 * by adoption and whose record waits for its child. */
static moor_agent make_tree(void)
{
    moor_config config;
    moor_agent left, agent;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 40;
    config.release = MOOR_ON_TURN_END;
    config.close_rule = MOOR_ADOPT;
    registry = given_config(&config);
    left = spawn_below(registry, nobody, "left");
    agent = spawn_below(registry, left, "agent");
    for (int s = MOOR_STATUS_PENDING_INIT; s <= MOOR_STATUS_SHUTDOWN; s++) {
        bring(registry, spawn_below(registry, agent, NULL), (moor_status)s);
    }
    (void)reserve_below(registry, agent, "ticket");
    cr_assert_eq(close_it(registry, left), MOOR_OK);
    return agent;
}

static void recovers(uint64_t slots)
{
    uint64_t recovered = 99;

    cr_assert_eq(moor_recover(registry, &recovered), MOOR_OK);
    cr_assert_eq(recovered, slots);
    sound(registry);
}

static moor_word *state_of(uint64_t bits)
{
    return &books_record(registry, bits)->state;
}

Test(recover, without_a_registry)
{
    cr_assert_eq(moor_recover(NULL, NULL), MOOR_BAD_ARGUMENT);
}

Test(recover, nothing_changes_where_nothing_happened)
{
    struct picture *before;
    moor_agent agent = make_tree();

    before = picture(registry);
    recovers(0);
    unchanged(registry, before, "recovery");
    cr_assert_eq(use_of(registry, agent, MOOR_LIMIT_CHILDREN).used, 7);
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_TREE, NULL), MOOR_OK);
    (void)spawn_below(registry, nobody, "left"); /* and its child's name */
    (void)spawn_below(registry, at_path(registry, "/root/left"), "agent");
    done(registry);
}

Test(recover, a_slot_that_was_only_charged)
{
    struct slots_view seen;

    (void)make_tree();
    cr_assert(slots_take(&registry->running, &seen));
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_VIOLATED);
    recovers(1);
    done(registry);
}

Test(recover, a_child_that_was_only_charged)
{
    moor_agent agent = make_tree();
    uint64_t before = use_of(registry, agent, MOOR_LIMIT_CHILDREN).used;
    uint64_t count;

    cr_assert_eq(tree_charge(&registry->tree,
                             books_record(registry, agent.bits), agent.bits,
                             &count),
                 MOOR_OK);
    recovers(0);
    cr_assert_eq(use_of(registry, agent, MOOR_LIMIT_CHILDREN).used, before);
    done(registry);
}

Test(recover, an_agent_whose_close_only_sealed_it)
{
    moor_agent agent;

    registry = given_rule(MOOR_REFUSE);
    agent = spawn_below(registry, nobody, "agent");
    cr_assert_eq(tree_seal(&registry->tree, agent.bits), MOOR_OK);
    recovers(0);
    (void)spawn_below(registry, agent, "child");
    done(registry);
}

/* Its slot bit is off; `counted`: it still counts. */
static void end_half(bool counted)
{
    moor_agent agent;
    moor_word *state;
    uint64_t word;

    registry = given();
    agent = spawn_below(registry, nobody, "agent");
    state = state_of(agent.bits);
    word = moor_load_relaxed(state);
    moor_store_relaxed(state,
                       word_ended(word, WORD_COMPLETED, WORD_NO_TEXT, true));
    if (!counted) slots_give(&registry->running);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_PENDING_INIT);
    recovers(counted ? 1 : 0);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_COMPLETED);
    cr_assert_eq(used(registry), 0);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    done(registry);
}

Test(recover, a_run_that_was_ending_has_ended)
{
    end_half(true);
    end_half(false);
}

/* A ticket that no caller knows of. */
Test(recover, a_reservation_that_had_not_returned_is_taken_back)
{
    moor_ticket ticket;
    moor_word *state;
    uint64_t word;

    registry = given_limit(MOOR_LIMIT_LIFETIME, 1);
    ticket = reserve_below(registry, nobody, "a");
    state = state_of(ticket.bits);
    word = moor_load_relaxed(state);
    moor_store_relaxed(state, word_committing(word));
    recovers(1);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_STALE);
    (void)spawn_below(registry, nobody, "a");
    done(registry);
}

Test(recover, a_failed_start_that_stood_still_is_gone)
{
    moor_agent agent, child;
    moor_word *state;
    uint64_t word;

    registry = given();
    agent = spawn_below(registry, nobody, "a");
    child = spawn_below(registry, agent, "b");
    state = state_of(agent.bits);
    word = moor_load_relaxed(state);
    moor_store_relaxed(state, word_failing(word_start_failed(word)));
    recovers(2);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_NOT_FOUND);
    cr_assert_eq(status_of(registry, child), MOOR_STATUS_NOT_FOUND);
    cr_assert_eq(used(registry), 0);
    (void)spawn_below(registry, nobody, "a");
    done(registry);
}

/* --- leases --------------------------------------------------------------- */

enum { TTL = 5 };

static moor_agent leased(void)
{
    const moor_spawn_options options = {.ttl_ms = TTL};
    moor_agent agent = {0};

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

static void its_time_passes(void)
{
    uint64_t until = clock_exact_ms() + TTL + 1;

    together_end = event_deadline(TOGETHER_MS);
    while (clock_exact_ms() < until) {
        cr_assert(in_time());
    }
}

/* Its entry was in the hands of a thread that is no more. */
static uint32_t entry_of(moor_agent agent)
{
    struct wheel *wheel = moor_pointer_acquire(&registry->wheel);
    uint32_t node = 0;
    life which = 0;

    its_time_passes();
    cr_assert(wheel_take(wheel, clock_exact_ms(), &node, &which));
    cr_assert_eq(which, agent.bits);
    return node;
}

static void is_ended_by_an_admission(moor_agent agent)
{
    (void)spawn(registry);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_ERRORED);
}

/* Beside it one that is idle, one without a lease, and a ticket. */
Test(recover, a_lease_that_nobody_looks_at)
{
    moor_agent agent;

    registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    agent = leased();
    (void)entry_of(agent);
    completes(registry, leased());
    (void)spawn(registry);
    (void)reserve(registry);
    recovers(0);
    is_ended_by_an_admission(agent);
    done(registry);
}

/* The thread that began its run had not put it there again: now two entries
 * are its own, of which one goes back. */
Test(recover, a_lease_whose_run_had_just_begun)
{
    struct wheel *wheel;
    moor_agent agent;
    moor_word *entry;
    uint64_t nodes;
    uint32_t node;

    registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    agent = leased();
    node = entry_of(agent);
    wheel = moor_pointer_acquire(&registry->wheel);
    entry = &annex_of(registry, agent.bits)->entry;
    moor_store_relaxed(entry, moor_load_relaxed(entry) | node);
    recovers(0);
    completes(registry, agent);
    its_time_passes();
    (void)spawn(registry);
    cr_assert_eq(moor_load_relaxed(entry) & LIFE_INDEX_MAX, node);
    nodes = moor_load_relaxed(&wheel->nodes.next);
    (void)leased(); /* with the one that went back */
    cr_assert_eq(moor_load_relaxed(&wheel->nodes.next), nodes);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    its_time_passes();
    is_ended_by_an_admission(agent);
    done(registry);
}

/* Events that were put in order, and are not read yet. */
Test(recover, a_queue_of_events_that_was_read_in_part)
{
    moor_config config;
    moor_event events[4];
    moor_agent agents[4];
    size_t count;

    moor_config_default(&config);
    config.events = true;
    registry = given_config(&config);
    for (int i = 0; i < 4; i++) {
        agents[i] = spawn(registry);
        completes(registry, agents[i]);
    }
    cr_assert_eq(moor_events(registry, nobody, events, 2, &count), MOOR_OK);
    cr_assert_eq(count, 2);
    recovers(0);
    cr_assert_eq(moor_events(registry, nobody, events, 4, &count), MOOR_OK);
    cr_assert_eq(count, 2);
    for (int i = 0; i < 2; i++) {
        cr_assert(events[i].agent.bits == agents[2].bits ||
                  events[i].agent.bits == agents[3].bits);
    }
    cr_assert_neq(events[0].agent.bits, events[1].agent.bits);
    cr_assert_eq(
        moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
    for (uint32_t i = 1; i < books_end(registry); i++) {
        uint64_t word =
            moor_load_relaxed(&record_at(&registry->records, i)->state);

        cr_assert_eq(word_phase(word), WORD_FREE, "record %u is held", i);
    }
    done(registry);
}
