/*
 * The ends of the limits: none, one, the largest that is a limit, no limit;
 * counts near the ends of their words; and limits that fall below what is used,
 * again and again, against a model of the order of judgement.
 */
#include "given.h"

#include <stdio.h>
#include <time.h>

#include "books.h"

enum { LARGEST = -2 }; /* as uint32_t: the last value that limits */

static const uint32_t ends[] = {0, 1, UINT32_MAX / 2, (uint32_t)LARGEST,
                                MOOR_UNLIMITED};

enum { ENDS = sizeof ends / sizeof ends[0], SOME = 20 };

static moor_registry *all_unlimited(void)
{
    return given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
}

static void set(moor_registry *registry, moor_limit limit, uint32_t value)
{
    cr_assert_eq(moor_set_limit(registry, limit, value), MOOR_OK);
}

/* A spawn is refused by that limit, with these figures, and a look at the
 * capacity said so. */
static void refused(moor_registry *registry, moor_agent parent,
                    moor_limit limit, uint32_t value, uint64_t in_use)
{
    moor_spawn_options options = {.parent = parent};
    moor_capacity capacity;
    moor_refusal refusal;
    moor_agent agent;

    cr_assert_eq(moor_capacity_of(registry, parent, &capacity), MOOR_OK);
    cr_assert_eq(capacity.would, MOOR_REFUSED);
    cr_assert_eq(capacity.would_limit, limit);
    cr_assert_eq(capacity.of[limit].used, in_use);
    cr_assert_eq(capacity.of[limit].limit, value);
    cr_assert_eq(moor_spawn(registry, &options, &agent, &refusal),
                 MOOR_REFUSED);
    cr_assert_eq(refusal.limit, limit);
    cr_assert_eq(refusal.limit_value, value);
    cr_assert_eq(refusal.used, in_use);
}

/* --- each limit at each end ----------------------------------------------- */

/* What the next spawn below `parent` would be charged to. */
static uint64_t count_of(moor_registry *registry, moor_agent parent,
                         moor_limit limit)
{
    return use_of(registry, parent, limit).used;
}

/* Spawns as the limit allows, at most so many; deeper each time for depth. */
static uint32_t fill(moor_registry *registry, moor_limit limit,
                     moor_agent *parent)
{
    uint32_t value = use_of(registry, *parent, limit).limit, spawned = 0;

    while (spawned < value && spawned < SOME) {
        moor_agent agent = spawn_below(registry, *parent, NULL);

        spawned++;
        if (limit == MOOR_LIMIT_DEPTH) *parent = agent;
        cr_assert_eq(count_of(registry, *parent, limit), spawned);
    }
    return value;
}

static void one_end(moor_limit limit, uint32_t value, bool set_later)
{
    moor_registry *registry =
        set_later ? all_unlimited() : given_limit(limit, value);
    moor_agent parent = nobody;

    if (set_later) set(registry, limit, value);
    if (limit != MOOR_LIMIT_RUNNING) {
        set(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    }
    cr_assert_eq(fill(registry, limit, &parent), value);
    if (value < SOME) refused(registry, parent, limit, value, value);
    done(registry);
}

Test(limit_ends, each_limit_at_each_end)
{
    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        for (int end = 0; end < ENDS; end++) {
            one_end((moor_limit)limit, ends[end], false);
            one_end((moor_limit)limit, ends[end], true);
        }
    }
}

/* A limit that falls below what is used, to each value there is on the way. */
Test(limit_ends, a_limit_below_what_is_used)
{
    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        moor_registry *registry = all_unlimited();
        moor_agent parent = nobody;

        (void)fill(registry, (moor_limit)limit, &parent);
        for (uint32_t value = 0; value <= SOME; value++) {
            set(registry, (moor_limit)limit, value);
            refused(registry, parent, (moor_limit)limit, value, SOME);
        }
        cr_assert_eq(stats_of(registry).live, SOME, "nobody was evicted");
        set(registry, (moor_limit)limit, SOME + 1);
        (void)spawn_below(registry, parent, NULL);
        done(registry);
    }
}

Test(limit_ends, no_running_slot_for_one_that_ran_before)
{
    for (int policy = 0; policy < MOOR_RELEASES; policy++) {
        moor_registry *registry = given_policy((moor_release)policy, 2);
        moor_agent agent = spawn(registry);
        moor_refusal refusal;

        completes(registry, agent);
        set(registry, MOOR_LIMIT_RUNNING, 0);
        cr_assert_eq(moor_run_again(registry, agent, &refusal), MOOR_REFUSED);
        cr_assert_eq(refusal.limit, MOOR_LIMIT_RUNNING);
        cr_assert_eq(refusal.limit_value, 0);
        set(registry, MOOR_LIMIT_RUNNING, 1);
        cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
        cr_assert_eq(used(registry), 1);
        done(registry);
    }
}

/* --- counts near the ends of their words ---------------------------------- */

/* As if so many were running. */
static void pretend_running(moor_registry *registry, uint32_t count)
{
    uint64_t limit = slots_look(&registry->running).limit;

    moor_store_release(&registry->running.word, limit << 32 | count);
}

static void pretend_lifetime(moor_registry *registry, uint64_t count)
{
    moor_store_release(&registry->lifetime.word, count);
}

Test(limit_ends, the_last_running_slots)
{
    const uint32_t most = SLOTS_USED;
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, most - 1);
    moor_agent last;

    pretend_running(registry, most - 2);
    last = spawn(registry);
    refused(registry, nobody, MOOR_LIMIT_RUNNING, most - 1, most - 1);
    completes(registry, last);
    cr_assert_eq(used(registry), most - 2);
    last = spawn(registry);
    set(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    (void)spawn(registry);
    cr_assert_eq(used(registry), most);
    /* The count is full: no further one spills into what is beside it. */
    refused(registry, nobody, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED, most);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit,
                 MOOR_UNLIMITED);
    pretend_running(registry, 2);
    done(registry);
}

/* Which is charged without a look at the limits before. */
Test(limit_ends, the_last_slot_for_one_that_runs_again)
{
    moor_registry *registry = all_unlimited();
    moor_agent one = spawn(registry), other = spawn(registry);
    moor_refusal refusal;

    completes(registry, one);
    completes(registry, other);
    pretend_running(registry, SLOTS_USED - 1);
    cr_assert_eq(moor_run_again(registry, one, NULL), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, other, &refusal), MOOR_REFUSED);
    cr_assert_eq(refusal.used, SLOTS_USED);
    cr_assert_eq(refusal.limit_value, MOOR_UNLIMITED);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit,
                 MOOR_UNLIMITED);
    pretend_running(registry, 1);
    done(registry);
}

Test(limit_ends, the_last_spawns_of_a_lifetime)
{
    moor_registry *registry =
        given_limit(MOOR_LIMIT_LIFETIME, (uint32_t)LARGEST);
    moor_ticket ticket;

    pretend_lifetime(registry, (uint32_t)LARGEST - 1);
    ticket = reserve(registry);
    refused(registry, nobody, MOOR_LIMIT_LIFETIME, (uint32_t)LARGEST,
            (uint32_t)LARGEST);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    completes(registry, spawn(registry));
    refused(registry, nobody, MOOR_LIMIT_LIFETIME, (uint32_t)LARGEST,
            (uint32_t)LARGEST);
    set(registry, MOOR_LIMIT_LIFETIME, MOOR_UNLIMITED);
    for (uint64_t i = 0; i < SOME; i++) { /* on, beyond 32 bits */
        completes(registry, spawn(registry));
        cr_assert_eq(count_of(registry, nobody, MOOR_LIMIT_LIFETIME),
                     UINT32_MAX + i);
    }
    for (int end = 0; end < ENDS - 1; end++) {
        set(registry, MOOR_LIMIT_LIFETIME, ends[end]);
        refused(registry, nobody, MOOR_LIMIT_LIFETIME, ends[end],
                UINT32_MAX + UINT64_C(19));
    }
    done(registry);
}

/* --- at random, against a model ------------------------------------------- */

enum { AGENTS = 24, STEPS = 20000 };

static uint64_t state;

static unsigned draw(unsigned bound)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(state >> 33) % bound;
}

struct model {
    moor_registry *registry;
    uint32_t limits[MOOR_LIMITS];
    moor_agent agents[AGENTS];
    int parents[AGENTS]; /* -1: the root */
    bool there[AGENTS], live[AGENTS];
    uint64_t lifetime;
};

static uint64_t model_depth(const struct model *model, int parent)
{
    return parent < 0 ? 0 : 1 + model_depth(model, model->parents[parent]);
}

static uint64_t model_count(const struct model *model, int parent,
                            moor_limit limit)
{
    uint64_t running = 0, resident = 0, children = 0;

    for (int i = 0; i < AGENTS; i++) {
        running += model->there[i] && model->live[i];
        resident += model->there[i]; /* nobody is evicted */
        children += model->there[i] && model->parents[i] == parent;
    }
    switch (limit) {
    case MOOR_LIMIT_RUNNING:
        return running;
    case MOOR_LIMIT_RESIDENT:
        return resident;
    case MOOR_LIMIT_DEPTH:
        return model_depth(model, parent);
    case MOOR_LIMIT_CHILDREN:
        return children;
    default:
        return model->lifetime;
    }
}

/* The first limit that refuses, in the order of judgement. */
static moor_limit model_judges(const struct model *model, int parent)
{
    static const moor_limit order[] = {MOOR_LIMIT_DEPTH, MOOR_LIMIT_CHILDREN,
                                       MOOR_LIMIT_LIFETIME, MOOR_LIMIT_RESIDENT,
                                       MOOR_LIMIT_RUNNING};

    for (int i = 0; i < MOOR_LIMITS; i++) {
        uint32_t limit = model->limits[order[i]];

        if (limit != MOOR_UNLIMITED &&
            model_count(model, parent, order[i]) >= limit) {
            return order[i];
        }
    }
    return MOOR_LIMITS;
}

static int draw_parent(const struct model *model)
{
    int parent = (int)draw(AGENTS + 4);

    return parent < AGENTS && model->there[parent] ? parent : -1;
}

static void spawn_one(struct model *model, int which)
{
    int parent = draw_parent(model);
    moor_agent above = parent < 0 ? nobody : model->agents[parent];
    moor_limit limit = model_judges(model, parent);

    if (limit != MOOR_LIMITS) {
        refused(model->registry, above, limit, model->limits[limit],
                model_count(model, parent, limit));
        return;
    }
    model->agents[which] = spawn_below(model->registry, above, NULL);
    model->parents[which] = parent;
    model->there[which] = model->live[which] = true;
    model->lifetime++;
}

static bool has_children(const struct model *model, int which)
{
    return model_count(model, which, MOOR_LIMIT_CHILDREN) > 0;
}

static void set_one(struct model *model)
{
    static const uint32_t values[] = {
        0, 1, 2, 3, 5, (uint32_t)LARGEST, MOOR_UNLIMITED, MOOR_UNLIMITED};
    moor_limit limit = (moor_limit)draw(MOOR_LIMITS);
    uint32_t value = values[draw(8)];

    if (limit == MOOR_LIMIT_LIFETIME && value < (uint32_t)LARGEST) {
        value += (uint32_t)model->lifetime; /* which only rises */
    }
    set(model->registry, limit, value);
    model->limits[limit] = value;
}

static void one_step(struct model *model)
{
    int which = (int)draw(AGENTS);

    if (draw(6) == 0) {
        set_one(model);
    } else if (!model->there[which]) {
        spawn_one(model, which);
    } else if (model->live[which]) {
        completes(model->registry, model->agents[which]);
        model->live[which] = false;
    } else if (!has_children(model, which)) {
        cr_assert_eq(close_it(model->registry, model->agents[which]), MOOR_OK);
        model->there[which] = false;
    }
}

Test(limit_ends, limits_that_change_all_the_time)
{
    const char *given_seed = getenv("MOOR_SEED");
    struct model model = {.registry = all_unlimited()};

    state = given_seed != NULL ? strtoull(given_seed, NULL, 10)
                               : (uint64_t)time(NULL);
    printf("seed %llu (MOOR_SEED)\n", (unsigned long long)state);
    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        model.limits[limit] = MOOR_UNLIMITED;
    }
    for (int step = 0; step < STEPS; step++) {
        one_step(&model);
    }
    cr_assert_eq(used(model.registry),
                 model_count(&model, -1, MOOR_LIMIT_RUNNING));
    done(model.registry);
}
