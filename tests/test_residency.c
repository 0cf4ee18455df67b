/*
 * Residency: what counts, what comes back, and what each call answers in each
 * residence.
 */
#include "given.h"

#include "books.h"

static moor_registry *given_resident(uint32_t limit)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.limits[MOOR_LIMIT_RESIDENT] = limit;
    return given_config(&config);
}

static uint64_t resident(moor_registry *registry)
{
    uint64_t count = stats_of(registry).resident;

    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RESIDENT).used, count);
    return count;
}

static moor_agent idle_agent(moor_registry *registry)
{
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    return agent;
}

static moor_error evict(moor_registry *registry, moor_agent agent)
{
    moor_agent evicted = {0};
    moor_error error = moor_evict(registry, agent, &evicted);

    cr_assert_eq(evicted.bits, error == MOOR_OK ? agent.bits : 0);
    return error;
}

static moor_agent evict_oldest(moor_registry *registry)
{
    moor_agent evicted = {0};

    cr_assert_eq(moor_evict(registry, nobody, &evicted), MOOR_OK);
    return evicted;
}

/* --- in each residence ---------------------------------------------------- */

enum residence { LOADED, PINNED, CLAIMED, NOT_LOADED, RESIDENCES };

static moor_agent agent_in(moor_registry *registry, enum residence residence,
                           moor_status status)
{
    moor_agent agent = spawn(registry);

    bring(registry, agent, status);
    if (residence == PINNED) {
        cr_assert_eq(moor_pin(registry, agent), MOOR_OK);
    } else if (residence != LOADED) {
        cr_assert_eq(evict(registry, agent), MOOR_OK);
    }
    if (residence == NOT_LOADED) {
        cr_assert_eq(moor_unloaded(registry, agent), MOOR_OK);
    }
    return agent;
}

static void expect_residence(moor_registry *registry, moor_agent agent,
                             enum residence residence)
{
    moor_info info = info_of(registry, agent);

    cr_assert_eq(info.loaded, residence != NOT_LOADED);
    cr_assert_eq(info.pinned, residence == PINNED);
    cr_assert_eq(info.evicting, residence == CLAIMED);
    cr_assert_eq(resident(registry), residence != NOT_LOADED);
}

static moor_error load(moor_registry *registry, moor_agent agent)
{
    return moor_load(registry, agent, NULL);
}

static moor_error run_again(moor_registry *registry, moor_agent agent)
{
    return moor_run_again(registry, agent, NULL);
}

/* What each answers to an idle agent, and where that leaves it. */
static const struct row {
    const char *name;
    moor_error (*call)(moor_registry *, moor_agent);
    struct {
        moor_error error;
        enum residence then;
    } in[RESIDENCES];
} rows[] = {
    {"evict",
     evict,
     {{MOOR_OK, CLAIMED},
      {MOOR_NOT_EVICTABLE, PINNED},
      {MOOR_EVICTING, CLAIMED},
      {MOOR_NOT_RESIDENT, NOT_LOADED}}},
    {"unloaded",
     moor_unloaded,
     {{MOOR_WRONG_STATUS, LOADED},
      {MOOR_WRONG_STATUS, PINNED},
      {MOOR_OK, NOT_LOADED},
      {MOOR_WRONG_STATUS, NOT_LOADED}}},
    {"load",
     load,
     {{MOOR_OK, LOADED},
      {MOOR_OK, PINNED},
      {MOOR_EVICTING, CLAIMED},
      {MOOR_OK, LOADED}}},
    {"touch",
     moor_touch,
     {{MOOR_OK, LOADED},
      {MOOR_OK, PINNED},
      {MOOR_EVICTING, CLAIMED},
      {MOOR_NOT_RESIDENT, NOT_LOADED}}},
    {"pin",
     moor_pin,
     {{MOOR_OK, PINNED},
      {MOOR_OK, PINNED},
      {MOOR_EVICTING, CLAIMED},
      {MOOR_NOT_RESIDENT, NOT_LOADED}}},
    {"unpin",
     moor_unpin,
     {{MOOR_OK, LOADED},
      {MOOR_OK, LOADED},
      {MOOR_EVICTING, CLAIMED},
      {MOOR_NOT_RESIDENT, NOT_LOADED}}},
    {"run_again",
     run_again,
     {{MOOR_OK, LOADED},
      {MOOR_OK, PINNED},
      {MOOR_EVICTING, CLAIMED},
      {MOOR_OK, LOADED}}},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static const moor_status idle_statuses[] = {
    MOOR_STATUS_INTERRUPTED, MOOR_STATUS_COMPLETED, MOOR_STATUS_ERRORED,
    MOOR_STATUS_SHUTDOWN};

Test(residency, each_call_in_each_residence)
{
    for (size_t s = 0; s < 4; s++) {
        for (int i = 0; i < ROWS * RESIDENCES; i++) {
            const struct row *row = &rows[i / RESIDENCES];
            enum residence before = (enum residence)(i % RESIDENCES);
            moor_registry *registry = given();
            moor_agent agent = agent_in(registry, before, idle_statuses[s]);
            moor_error wanted = row->in[before].error;
            enum residence then = row->in[before].then;

            if (row->call == run_again &&
                idle_statuses[s] == MOOR_STATUS_SHUTDOWN) {
                wanted = MOOR_WRONG_STATUS;
                then = before;
            }
            cr_assert_eq(row->call(registry, agent), wanted, "%s in %d",
                         row->name, before);
            expect_residence(registry, agent, then);
            if (row->call != run_again) {
                cr_assert_eq(status_of(registry, agent), idle_statuses[s]);
            }
            done(registry);
        }
    }
}

Test(residency, a_live_agent_is_pinned_and_touched_but_not_evicted)
{
    for (int pending = 0; pending < 2; pending++) {
        moor_registry *registry = given();
        moor_agent agent = spawn(registry);

        if (!pending) bring(registry, agent, MOOR_STATUS_RUNNING);
        cr_assert_eq(evict(registry, agent), MOOR_NOT_EVICTABLE);
        cr_assert_eq(moor_unloaded(registry, agent), MOOR_WRONG_STATUS);
        cr_assert_eq(moor_touch(registry, agent), MOOR_OK);
        cr_assert_eq(load(registry, agent), MOOR_OK);
        cr_assert_eq(moor_pin(registry, agent), MOOR_OK);
        completes(registry, agent); /* a pin stays */
        expect_residence(registry, agent, PINNED);
        cr_assert_eq(run_again(registry, agent), MOOR_OK);
        expect_residence(registry, agent, PINNED);
        done(registry);
    }
}

Test(residency, not_for_the_root_nor_for_who_has_gone_or_never_was)
{
    moor_registry *registry = given();
    moor_agent gone = spawn(registry);
    moor_agent never = {moor_root(registry).bits + 6};

    cr_assert_eq(close_it(registry, gone), MOOR_OK);
    for (int i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        struct picture *before = picture(registry);

        cr_assert_eq(row->call(registry, moor_root(registry)), MOOR_IS_ROOT);
        cr_assert_eq(row->call(registry, gone), MOOR_STALE);
        cr_assert_eq(row->call(registry, never), MOOR_NOT_FOUND);
        cr_assert_eq(row->call(NULL, gone), MOOR_BAD_ARGUMENT);
        unchanged(registry, before, row->name);
    }
    cr_assert_eq(moor_evict(registry, nobody, NULL), MOOR_BAD_ARGUMENT);
    done(registry);
}

Test(residency, a_named_one_is_evicted_without_an_answer)
{
    moor_registry *registry = given();
    moor_agent agent = idle_agent(registry);

    cr_assert_eq(moor_evict(registry, agent, NULL), MOOR_OK);
    expect_residence(registry, agent, CLAIMED);
    done(registry);
}

/* --- what counts ---------------------------------------------------------- */

static moor_error try_spawn(moor_registry *registry, moor_refusal *refusal)
{
    moor_spawn_options options = {.name = NULL};
    moor_agent agent;

    return moor_spawn(registry, &options, &agent, refusal);
}

Test(residency, tickets_and_agents_count_until_they_are_gone)
{
    moor_registry *registry = given_resident(3);
    moor_agent agent = spawn(registry), failed, below;
    moor_ticket ticket = reserve(registry);
    moor_refusal refusal;

    failed = spawn(registry);
    cr_assert_eq(resident(registry), 3);
    cr_assert_eq(try_spawn(registry, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RESIDENT);
    cr_assert_eq(refusal.limit_value, 3);
    cr_assert_eq(refusal.used, 3);
    cr_assert_eq(stats_of(registry).refused[MOOR_LIMIT_RESIDENT], 1);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    cr_assert_eq(resident(registry), 2);
    cr_assert_eq(moor_start_failed(registry, failed), MOOR_OK);
    cr_assert_eq(resident(registry), 1);
    below = spawn_below(registry, agent, "below");
    (void)reserve_below(registry, agent, "ticket");
    completes(registry, below);
    cr_assert_eq(evict(registry, below), MOOR_OK);
    cr_assert_eq(resident(registry), 3);
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_TREE, NULL), MOOR_OK);
    cr_assert_eq(resident(registry), 0);
    done(registry);
}

/* Under on_reserve nothing says so before all is charged. */
Test(residency, a_refusal_by_another_limit_keeps_no_place)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 1);

    (void)spawn(registry);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(try_spawn(registry, NULL), MOOR_REFUSED);
    }
    cr_assert_eq(resident(registry), 1);
    done(registry);
}

/* All or none. */
Test(residency, several_are_refused_when_the_last_has_no_place)
{
    moor_registry *registry = given_resident(3);
    const moor_spawn_options options[3] = {{.name = "a"}, {.name = "b"}};
    moor_agent agents[3];
    moor_refusal refusal;

    (void)spawn(registry);
    cr_assert_eq(moor_spawn_many(registry, options, 3, agents, &refusal),
                 MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RESIDENT);
    cr_assert_eq(refusal.limit_value, 3);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(resident(registry), 1);
    cr_assert_eq(moor_spawn_many(registry, options, 2, agents, NULL), MOOR_OK);
    cr_assert_eq(resident(registry), 3);
    done(registry);
}

Test(residency, capacity_says_what_a_spawn_would_meet)
{
    moor_registry *registry = given_resident(2);
    moor_capacity capacity;

    for (int i = 0; i < 2; i++) {
        cr_assert_eq(moor_capacity_of(registry, nobody, &capacity), MOOR_OK);
        cr_assert_eq(capacity.would, MOOR_OK);
        (void)spawn(registry);
    }
    cr_assert_eq(moor_capacity_of(registry, nobody, &capacity), MOOR_OK);
    cr_assert_eq(capacity.would, MOOR_REFUSED);
    cr_assert_eq(capacity.would_limit, MOOR_LIMIT_RESIDENT);
    cr_assert_eq(capacity.of[MOOR_LIMIT_RESIDENT].limit, 2);
    done(registry);
}

/* Also when it was not limited before. */
Test(residency, the_count_is_right_when_a_limit_comes_late)
{
    moor_registry *registry = given();
    moor_agent agent = idle_agent(registry);
    moor_refusal refusal;

    cr_assert_eq(close_it(registry, idle_agent(registry)), MOOR_OK);
    (void)idle_agent(registry);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RESIDENT, 2), MOOR_OK);
    cr_assert_eq(try_spawn(registry, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.used, 2);
    cr_assert_eq(evict_oldest(registry).bits, agent.bits);
    cr_assert_eq(moor_unloaded(registry, agent), MOOR_OK);
    cr_assert_eq(try_spawn(registry, NULL), MOOR_OK);
    done(registry);
}

Test(residency, a_lowered_limit_evicts_nobody_and_admits_nobody)
{
    moor_registry *registry = given_resident(2);
    moor_agent agent = idle_agent(registry);
    moor_refusal refusal;

    (void)spawn(registry);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RESIDENT, 1), MOOR_OK);
    cr_assert_eq(resident(registry), 2);
    cr_assert_eq(run_again(registry, agent), MOOR_OK); /* it is loaded */
    completes(registry, agent);
    cr_assert_eq(evict(registry, agent), MOOR_OK);
    cr_assert_eq(moor_unloaded(registry, agent), MOOR_OK);
    cr_assert_eq(moor_load(registry, agent, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RESIDENT);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(moor_run_again(registry, agent, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RESIDENT);
    cr_assert_eq(refusal.limit_value, 1);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_COMPLETED);
    done(registry);
}

/* `resident` is judged first; what it has granted goes back. */
Test(residency, run_again_that_is_refused_a_slot_is_not_loaded)
{
    moor_registry *registry = given_resident(1);
    moor_agent agent = agent_in(registry, NOT_LOADED, MOOR_STATUS_COMPLETED);
    moor_refusal refusal;

    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 0), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, agent, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RUNNING);
    expect_residence(registry, agent, NOT_LOADED);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RESIDENT, 0), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, agent, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RESIDENT);
    done(registry);
}

static moor_freed_by freed_by(const moor_refusal *refusal, moor_agent agent)
{
    for (uint32_t i = 0; i < refusal->holders_count; i++) {
        if (refusal->holders[i].agent.bits == agent.bits) {
            return refusal->holders[i].freed_by;
        }
    }
    return MOOR_FREED_BYS;
}

Test(residency, a_refusal_says_who_is_loaded_and_what_would_free_it)
{
    moor_registry *registry = given_resident(5);
    moor_agent gone = agent_in(registry, NOT_LOADED, MOOR_STATUS_COMPLETED);
    moor_agent claimed = agent_in(registry, CLAIMED, MOOR_STATUS_ERRORED);
    moor_agent pinned = agent_in(registry, PINNED, MOOR_STATUS_COMPLETED);
    moor_agent idle = idle_agent(registry);
    moor_agent live = spawn(registry);
    moor_ticket ticket = reserve(registry);
    moor_refusal refusal;

    cr_assert_eq(moor_pin(registry, live), MOOR_OK);
    cr_assert_eq(try_spawn(registry, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.holders_count, 5);
    cr_assert_eq(refusal.holders[0].agent.bits, claimed.bits);
    cr_assert_eq(refusal.holders[4].ticket.bits, ticket.bits);
    cr_assert_eq(refusal.holders[4].freed_by, MOOR_FREED_BY_ABANDON);
    cr_assert_eq(freed_by(&refusal, gone), MOOR_FREED_BYS);
    cr_assert_eq(freed_by(&refusal, claimed), MOOR_FREED_BY_UNLOADED);
    cr_assert_eq(freed_by(&refusal, pinned), MOOR_FREED_BY_UNPIN);
    cr_assert_eq(freed_by(&refusal, idle), MOOR_FREED_BY_EVICT);
    cr_assert_eq(freed_by(&refusal, live), MOOR_FREED_BY_FINISH);
    done(registry);
}

Test(residency, recovery_counts_residents_anew)
{
    moor_registry *registry = given_resident(4);
    moor_agent claimed = agent_in(registry, CLAIMED, MOOR_STATUS_COMPLETED);

    (void)agent_in(registry, NOT_LOADED, MOOR_STATUS_COMPLETED);
    (void)spawn(registry);
    (void)reserve(registry);
    slots_set_used(&registry->resident, 9); /* as a killed thread leaves it */
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    cr_assert_eq(resident(registry), 3);
    cr_assert(info_of(registry, claimed).evicting);
    cr_assert_eq(moor_unloaded(registry, claimed), MOOR_OK);
    done(registry);
}

/* The check tells when count and state words differ. */
Test(residency, the_check_counts_residents)
{
    moor_registry *registry = given_resident(4);
    char text[256];

    (void)agent_in(registry, NOT_LOADED, MOOR_STATUS_COMPLETED);
    (void)agent_in(registry, CLAIMED, MOOR_STATUS_COMPLETED);
    for (uint32_t counted = 0; counted < 4; counted++) {
        slots_set_used(&registry->resident, counted);
        cr_assert_eq(moor_check(registry, true, text, sizeof text),
                     counted == 1 ? MOOR_OK : MOOR_VIOLATED);
    }
    cr_assert_str_eq(text, "I10: residents: 3 counted, 1 found");
    slots_set_used(&registry->resident, 1);
    done(registry);
}
