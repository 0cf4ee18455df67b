/*
 * A world in which every public call succeeds (calls.h).
 */
#ifndef TESTS_CALLS_WORLD_H
#define TESTS_CALLS_WORLD_H

#include "given.h"

struct world {
    moor_registry *registry;
    moor_agent parent, live, idle, fresh, made;
    moor_agent runs, lent, leased, claimed, unloaded, gone;
    moor_ticket ticket;
    struct picture *without_ticket;
};

static const char *const nicknames[] = {"a", "b", "c", "d"};
static const moor_role roles[] = {{"explorer", nicknames, 4}};

static inline moor_config config(void)
{
    moor_config made;

    moor_config_default(&made);
    made.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    made.nicknames = nicknames;
    made.nicknames_count = 4;
    made.roles = roles;
    made.roles_count = 1;
    made.events = true;
    made.journal = true;
    made.measure_held = true;
    return made;
}

/* One that has ended, and is claimed by an eviction. */
static inline moor_agent claim_one(const struct world *w, const char *name)
{
    moor_agent agent = spawn_below(w->registry, w->parent, name);

    completes(w->registry, agent);
    cr_assert_eq(moor_evict(w->registry, agent, NULL), MOOR_OK);
    return agent;
}

/* What only some calls want. */
static inline void add_others(struct world *w)
{
    moor_spawn_options leased = {
        .parent = w->parent, .name = "leased", .ttl_ms = 3600000};

    w->runs = spawn_below(w->registry, w->parent, "runs");
    w->lent = spawn_below(w->registry, w->parent, "lent");
    bring(w->registry, w->runs, MOOR_STATUS_RUNNING);
    bring(w->registry, w->lent, MOOR_STATUS_RUNNING);
    cr_assert_eq(moor_lend(w->registry, w->lent), MOOR_OK);
    cr_assert_eq(moor_spawn(w->registry, &leased, &w->leased, NULL), MOOR_OK);
    w->claimed = claim_one(w, "claimed");
    w->unloaded = claim_one(w, "unloaded");
    cr_assert_eq(moor_unloaded(w->registry, w->unloaded), MOOR_OK);
    w->gone = spawn_below(w->registry, w->parent, "gone");
    cr_assert_eq(close_it(w->registry, w->gone), MOOR_OK);
}

/* With so many agents more, so that a further one meets every size at which
 * something grows. */
static inline struct world world(unsigned agents)
{
    moor_config given_for = config();
    struct world w = {.registry = given_config(&given_for)};

    w.parent = spawn_below(w.registry, nobody, "parent");
    w.fresh = spawn_below(w.registry, w.parent, "fresh");
    (void)spawn_below(w.registry, w.fresh, "below");
    w.live = spawn_below(w.registry, w.parent, "live");
    w.idle = spawn_below(w.registry, w.parent, "idle");
    cr_assert_eq(
        moor_finish(w.registry, w.idle, MOOR_STATUS_COMPLETED, "text", 4),
        MOOR_OK);
    add_others(&w);
    for (unsigned i = 0; i < agents; i++) {
        moor_agent agent = spawn_below(w.registry, w.parent, NULL);

        cr_assert_eq(
            moor_finish(w.registry, agent, MOOR_STATUS_ERRORED, "e", 1),
            MOOR_OK);
    }
    w.without_ticket = picture(w.registry);
    w.ticket = reserve_below(w.registry, w.parent, "ticket");
    return w;
}

static inline void end(struct world *w)
{
    free(w->without_ticket);
    done(w->registry);
}

#endif
