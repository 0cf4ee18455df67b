/*
 * Admissions that wait for a running slot, each in a thread of its own.
 *
 * A test lets them come one after the other: the next one comes when the one
 * before is seen to wait.  The threads write down what they were told; the main
 * thread judges.
 */
#ifndef TESTS_QUEUED_H
#define TESTS_QUEUED_H

#include "books.h"
#include "given.h"
#include "threads.h"

enum queued_kind { A_SPAWN, A_RESERVE, A_RUN_AGAIN, A_TAKE_BACK, QUEUED_KINDS };

/* What it wants, and what it was told. */
struct queued {
    moor_registry *registry;
    enum queued_kind kind;
    moor_spawn_options options; /* of a spawn or reserve */
    moor_agent agent;           /* that is to run again, or was spawned */
    moor_ticket ticket;
    moor_patience patience; /* timeout 0: TOGETHER_MS */
    bool impatient;         /* without any */
    moor_error error;
    moor_refusal refusal;
    pthread_t thread;
    moor_word returned;
};

static inline moor_error queued_call(struct queued *one)
{
    const moor_patience *patience = one->impatient ? NULL : &one->patience;

    one->options.patience = patience;
    switch (one->kind) {
    case A_RESERVE:
        return moor_reserve(one->registry, &one->options, &one->ticket,
                            &one->refusal);
    case A_RUN_AGAIN:
        return moor_run_again_queued(one->registry, one->agent, patience,
                                     &one->refusal);
    case A_TAKE_BACK:
        return moor_take_back(one->registry, one->agent, patience,
                              &one->refusal);
    default:
        return moor_spawn(one->registry, &one->options, &one->agent,
                          &one->refusal);
    }
}

static inline void *queued_run(void *argument)
{
    struct queued *one = (struct queued *)argument;

    one->error = queued_call(one);
    moor_store_release(&one->returned, 1);
    return NULL;
}

static inline uint64_t waiting(moor_registry *registry)
{
    return stats_of(registry).waiting;
}

/* So many wait, and whoever gives a slot is told so. */
static inline void so_many_wait(moor_registry *registry, uint64_t count)
{
    together_end = event_deadline(TOGETHER_MS);
    while ((waiting(registry) != count ||
            (count > 0 && !slots_are_waited_for(&registry->running))) &&
           in_time()) {
    }
    cr_assert_eq(waiting(registry), count);
}

static inline void starts(struct queued *one)
{
    if (one->patience.timeout_ms == 0) {
        one->patience.timeout_ms = TOGETHER_MS;
    }
    cr_assert_eq(pthread_create(&one->thread, NULL, queued_run, one), 0);
}

/* It comes to wait, behind all that do. */
static inline void comes(struct queued *one)
{
    uint64_t before = waiting(one->registry);

    starts(one);
    so_many_wait(one->registry, before + 1);
}

static inline bool is_back(struct queued *one)
{
    return moor_load_acquire(&one->returned) != 0;
}

/* What it was told; it must be back soon. */
static inline moor_error told(struct queued *one)
{
    together_end = event_deadline(TOGETHER_MS);
    while (!is_back(one) && in_time()) {
    }
    cr_assert(is_back(one), "it waits on");
    cr_assert_eq(pthread_join(one->thread, NULL), 0);
    return one->error;
}

#define EXPECT_TOLD(one, want)                                             \
    do {                                                                   \
        moor_error got_ = told(one);                                       \
        cr_assert_eq(got_, want, "told %s, not %s", moor_error_name(got_), \
                     moor_error_name(want));                               \
    } while (0)

/* A full registry of one slot, whose queue has so many places. */
static inline moor_registry *given_queue(uint32_t places, moor_release release)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 1;
    config.release = release;
    config.queue = places;
    return given_config(&config);
}

/* A child of the root that runs. */
static inline moor_agent runs(moor_registry *registry, const char *name)
{
    moor_agent agent = spawn_below(registry, nobody, name);

    bring(registry, agent, MOOR_STATUS_RUNNING);
    return agent;
}

/* One that has stopped without a slot, whatever the policy. */
static inline moor_agent stopped(moor_registry *registry, const char *name)
{
    moor_agent agent = spawn_below(registry, nobody, name);

    cr_assert_eq(moor_died(registry, agent), MOOR_OK);
    return agent;
}

/* One that runs without a slot. */
static inline moor_agent lender(moor_registry *registry, const char *name)
{
    moor_agent agent = runs(registry, name);

    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    return agent;
}

/* --- who waits ------------------------------------------------------------ */

static inline struct queued spawner(moor_registry *registry, const char *name)
{
    return (struct queued){.registry = registry, .options = {.name = name}};
}

/* Whom it is handed to. */
static inline struct queued given_waiter(moor_registry *registry,
                                         enum queued_kind kind)
{
    struct queued one = {.registry = registry, .kind = kind};

    if (kind == A_RUN_AGAIN) one.agent = stopped(registry, "waiter");
    if (kind == A_TAKE_BACK) one.agent = lender(registry, "waiter");
    return one;
}

static inline void expect_served(struct queued *one)
{
    EXPECT_TOLD(one, MOOR_OK);
    if (one->kind == A_RESERVE) {
        cr_assert(ticket_info(one->registry, one->ticket).slot);
    } else {
        cr_assert(info_of(one->registry, one->agent).slot);
    }
}

enum { MANY = 8 };

static inline void name_all(struct queued all[MANY], moor_registry *registry)
{
    static const char *const names[MANY] = {"a", "b", "c", "d",
                                            "e", "f", "g", "h"};

    for (int i = 0; i < MANY; i++) {
        all[i] = spawner(registry, names[i]);
    }
}

/* It runs, with a slot or without. */
static inline void expect_lent(moor_registry *registry, moor_agent agent,
                               bool lent)
{
    moor_info info = info_of(registry, agent);

    cr_assert_eq(info.status, MOOR_STATUS_RUNNING);
    cr_assert_eq(info.lent, lent);
    cr_assert_eq(info.slot, !lent);
}

static inline moor_error take_back(moor_registry *registry, moor_agent agent)
{
    return moor_take_back(registry, agent, NULL, NULL);
}

#endif
