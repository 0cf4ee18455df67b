/*
 * The running slots of one registry, linearizable.
 *
 * Question  Do all calls that take a slot, give one back, change the limit or
 *           look at the count look as if they came one after the other, but
 *           for what tests/linear/spec_admission.c allows?
 * Method    Histories of real threads, judged (linear_crew.h).  A window begins
 *           with a few agents in as many slots, or one more.  Workers spawn and
 *           reserve; finish, run again and close whom they were told of,
 *           without any order; and compare the count that a look or a refusal
 *           tells with the one that the history leads to.
 * Limits    on_completion.
 */
#include <stdatomic.h>

#include "linear/specs.h"
#include "linear_crew.h"
#include "linear_numbers.h"

enum { TOLD = 3, LIMIT_MOST = 4, CALLS = ADMISSION_AGENTS - LIMIT_MOST };

_Static_assert((int)LIMIT_MOST < (int)CREW_START_WORDS, "one word each");

static struct {
    moor_registry *registry;
    alignas(128) _Atomic uint64_t told[TOLD]; /* agents of this window */
    struct {
        alignas(128) moor_agent agents[CALLS];
        unsigned count;
    } spawned[RECORD_THREADS_MAX]; /* by each worker in this window */
} stage;

static void tell(struct record_lane *lane, moor_agent agent)
{
    unsigned thread = lane->thread;

    stage.spawned[thread].agents[stage.spawned[thread].count++] = agent;
    atomic_store_explicit(&stage.told[random_below(lane->random, TOLD)],
                          agent.bits, memory_order_relaxed);
}

static moor_agent told(struct record_lane *lane)
{
    return (moor_agent){ atomic_load_explicit(
        &stage.told[random_below(lane->random, TOLD)], memory_order_relaxed) };
}

/* --- calls; handles are recorded as they are ------------------------------ */

static uint64_t said(const moor_refusal *refusal)
{
    return refusal == NULL
               ? ADMISSION_NO_REFUSAL
               : admission_count(refusal->used, refusal->limit_value);
}

static void end_secretly(struct record_lane *lane, moor_agent agent)
{
    struct linear_call *call =
        record_begin(lane, ADMISSION_START_FAILED, agent.bits);

    record_end(lane, call, moor_start_failed(stage.registry, agent));
}

static void spawn(struct record_lane *lane)
{
    moor_spawn_options options = { .name = NULL };
    moor_refusal refusal;
    moor_refusal *why = random_chance(lane->random, 2) ? &refusal : NULL;
    struct linear_call *call = record_begin(lane, ADMISSION_SPAWN, 0);
    moor_agent agent;
    moor_error error = moor_spawn(stage.registry, &options, &agent, why);

    record_end(lane, call, error);
    if (error == MOOR_REFUSED) {
        call->value = said(why);
    }
    if (error != MOOR_OK) {
        return;
    }
    call->argument = agent.bits;
    if (random_chance(lane->random, 6)) {
        end_secretly(lane, agent);
    } else {
        tell(lane, agent);
    }
}

static void reserve(struct record_lane *lane)
{
    moor_spawn_options options = { .name = NULL };
    moor_refusal refusal;
    struct linear_call *call = record_begin(lane, ADMISSION_RESERVE, 0);
    moor_ticket ticket;
    moor_agent agent;
    moor_error error =
        moor_reserve(stage.registry, &options, &ticket, &refusal);

    record_end(lane, call, error);
    if (error == MOOR_REFUSED) {
        call->value = said(&refusal);
    }
    if (error != MOOR_OK) {
        return;
    }
    call->argument = ticket.bits;
    if (random_chance(lane->random, 2)) {
        call = record_begin(lane, ADMISSION_ABANDON, ticket.bits);
        record_end(lane, call, moor_abandon(stage.registry, ticket));
    } else if (moor_commit(stage.registry, ticket, NULL, NULL, &agent) ==
               MOOR_OK) { /* the count does not know of it */
        call->argument = agent.bits;
        tell(lane, agent);
    }
}

static void finish(struct record_lane *lane)
{
    moor_agent agent = told(lane);
    struct linear_call *call;

    if (agent.bits != 0) {
        call = record_begin(lane, ADMISSION_FINISH, agent.bits);
        record_end(lane, call, moor_finish(stage.registry, agent,
                                           MOOR_STATUS_COMPLETED, NULL, 0));
    }
}

static void run_again(struct record_lane *lane)
{
    moor_agent agent = told(lane);
    moor_refusal refusal;
    moor_error error;
    struct linear_call *call;

    if (agent.bits != 0) {
        call = record_begin(lane, ADMISSION_RUN_AGAIN, agent.bits);
        error = moor_run_again(stage.registry, agent, &refusal);
        record_end(lane, call, error);
        if (error == MOOR_REFUSED) {
            call->value = said(&refusal);
        }
    }
}

static void close_told(struct record_lane *lane)
{
    moor_agent agent = told(lane);
    struct linear_call *call;

    if (agent.bits != 0) {
        call = record_begin(lane, ADMISSION_CLOSE, agent.bits);
        record_end(lane, call, moor_close(stage.registry, agent,
                                          MOOR_CLOSE_BY_RULE, NULL));
    }
}

static void set_limit(struct record_lane *lane)
{
    uint32_t limit = 1 + random_below(lane->random, LIMIT_MOST);
    struct linear_call *call =
        record_begin(lane, ADMISSION_SET_LIMIT, limit);

    record_end(lane, call, moor_set_limit(stage.registry, MOOR_LIMIT_RUNNING,
                                          limit));
}

static void look(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, ADMISSION_LOOK, 0);
    moor_capacity capacity;
    moor_error error =
        moor_capacity_of(stage.registry, (moor_agent){ 0 }, &capacity);

    record_end(lane, call, error);
    call->value = admission_count(capacity.of[MOOR_LIMIT_RUNNING].used,
                                  capacity.of[MOOR_LIMIT_RUNNING].limit);
}

/* --- windows -------------------------------------------------------------- */

static void play(struct record_lane *lane, unsigned calls)
{
    unsigned end = lane->count + calls;

    while (lane->count + 2 <= end) { /* room for a reserve and its end */
        unsigned which = random_below(lane->random, 32);

        if (which < 9) {
            spawn(lane);
        } else if (which < 12) {
            reserve(lane);
        } else if (which < 19) {
            finish(lane);
        } else if (which < 23) {
            run_again(lane);
        } else if (which < 27) {
            close_told(lane);
        } else if (which < 28) {
            set_limit(lane);
        } else {
            look(lane);
        }
    }
}

static void open_window(struct random *random, struct crew_start *start)
{
    uint32_t limit = 1 + random_below(random, LIMIT_MOST);
    unsigned held = limit - random_below(random, 2);
    moor_spawn_options options = { .name = NULL };

    memset(start, 0, sizeof *start);
    start->words[0] = limit;
    (void)moor_set_limit(stage.registry, MOOR_LIMIT_RUNNING, limit);
    for (unsigned i = 0; i < TOLD; i++) {
        stage.told[i] = 0;
    }
    for (unsigned i = 0; i < held; i++) {
        moor_agent agent = { 0 };

        (void)moor_spawn(stage.registry, &options, &agent, NULL);
        start->words[1 + i] = agent.bits;
        stage.told[i % TOLD] = agent.bits;
        stage.spawned[0].agents[stage.spawned[0].count++] = agent;
    }
}

static void close_window(struct record_lane *lane)
{
    look(lane);
    for (unsigned i = 0; i < RECORD_THREADS_MAX; i++) {
        while (stage.spawned[i].count > 0) {
            (void)moor_close(
                stage.registry,
                stage.spawned[i].agents[--stage.spawned[i].count],
                MOOR_CLOSE_TREE, NULL);
        }
    }
}

/* --- numbers -------------------------------------------------------------- */

static void translate(const struct crew_start *start,
                      struct linear_history *history)
{
    struct numbers numbers = { .count = 0 };
    uint64_t slots = 0, held = 0;

    while (start->words[1 + held] != 0) {
        slots |= UINT64_C(1) << number_of(&numbers, start->words[1 + held++]);
    }
    history->state = admission_state(
        admission_count(held, start->words[0]), slots);
    for (unsigned i = 0; i < history->count; i++) {
        struct linear_call *call = &history->calls[i];

        if (call->operation != ADMISSION_SET_LIMIT && call->argument != 0) {
            call->argument = number_of(&numbers, call->argument);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct linear_trial trial = {
        .spec = &linear_admission,
        .calls = CALLS,
        .open = open_window,
        .play = play,
        .close = close_window,
        .translate = translate,
    };

    stage.registry = audit_create(NULL);
    return crew_main(argc, argv, &trial, stage.registry);
}
