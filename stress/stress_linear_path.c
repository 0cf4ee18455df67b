/*
 * One path, linearizable.
 *
 * Question  Do all calls on one path and the id that goes with it look as if
 *           they came one after the other, but for what
 *           tests/linear/spec_path.c allows?
 * Method    Histories of real threads, judged (linear_crew.h).  A window has
 *           one of a few names, free or with an agent.  Workers spawn and
 *           reserve under it, look it up, and look at, fail and close whom
 *           they were told of, without any order.
 * Limits    Children of the root; growth of the map is stress_grow's question.
 */
#include <stdatomic.h>

#include "linear/specs.h"
#include "linear_crew.h"
#include "linear_numbers.h"

enum { NAMES = 8, TOLD = 2 };

struct name {
    char name[8], path[16];
    moor_id id;
};

static struct {
    moor_registry *registry;
    struct name names[NAMES];
    const struct name *now; /* the window's */
    alignas(128) _Atomic uint64_t told[TOLD]; /* agents of this window */
} stage;

static void tell(struct record_lane *lane, uint64_t bits)
{
    atomic_store_explicit(&stage.told[random_below(lane->random, TOLD)], bits,
                          memory_order_relaxed);
}

static moor_agent told(struct record_lane *lane)
{
    return (moor_agent){ atomic_load_explicit(
        &stage.told[random_below(lane->random, TOLD)], memory_order_relaxed) };
}

/* --- calls; handles are recorded as they are ------------------------------ */

static void spawn(struct record_lane *lane)
{
    moor_spawn_options options = { .name = stage.now->name,
                                   .id = &stage.now->id };
    struct linear_call *call = record_begin(lane, PATH_SPAWN, 0);
    moor_agent agent = { 0 };
    moor_error error = moor_spawn(stage.registry, &options, &agent, NULL);

    record_end(lane, call, error);
    call->value = agent.bits;
    if (error == MOOR_OK) {
        tell(lane, agent.bits);
    }
}

static void commit(struct record_lane *lane, moor_ticket ticket, bool right)
{
    struct linear_call *call = record_begin(lane, PATH_COMMIT, ticket.bits);
    moor_agent agent = { 0 };
    moor_error error =
        moor_commit(stage.registry, ticket, &stage.now->id,
                    right ? stage.now->path : "/root/other", &agent);

    record_end(lane, call, error);
    call->value = agent.bits;
    if (error == MOOR_OK) {
        tell(lane, agent.bits);
    }
}

static void abandon(struct record_lane *lane, moor_ticket ticket)
{
    struct linear_call *call = record_begin(lane, PATH_ABANDON, ticket.bits);

    record_end(lane, call, moor_abandon(stage.registry, ticket));
}

static void reserve(struct record_lane *lane)
{
    moor_spawn_options options = { .name = stage.now->name };
    struct linear_call *call = record_begin(lane, PATH_RESERVE, 0);
    moor_ticket ticket = { 0 };
    moor_error error = moor_reserve(stage.registry, &options, &ticket, NULL);

    record_end(lane, call, error);
    call->value = ticket.bits;
    if (error != MOOR_OK) {
        return;
    }
    if (random_chance(lane->random, 4)) {
        abandon(lane, ticket);
    } else {
        commit(lane, ticket, !random_chance(lane->random, 8));
    }
}

static void find(struct record_lane *lane)
{
    uint32_t how = random_below(lane->random, 3);
    struct linear_call *call = record_begin(lane, PATH_FIND, how);
    moor_agent agent = { 0 };
    moor_error error =
        how == 2 ? moor_find_id(stage.registry, &stage.now->id, &agent)
                 : moor_find_path(stage.registry, (moor_agent){ 0 },
                                  how == 0 ? stage.now->path
                                           : stage.now->name, &agent);

    record_end(lane, call, error);
    call->value = agent.bits;
    if (error == MOOR_OK) {
        tell(lane, agent.bits);
    }
}

static void look_at(struct record_lane *lane)
{
    moor_agent agent = told(lane);
    moor_status status;
    struct linear_call *call;

    if (agent.bits != 0) {
        call = record_begin(lane, PATH_LOOK, agent.bits);
        record_end(lane, call,
                   moor_status_of(stage.registry, agent, &status));
    }
}

static void start_failed(struct record_lane *lane)
{
    moor_agent agent = told(lane);
    struct linear_call *call;

    if (agent.bits != 0) {
        call = record_begin(lane, PATH_START_FAILED, agent.bits);
        record_end(lane, call, moor_start_failed(stage.registry, agent));
    }
}

static void close_told(struct record_lane *lane)
{
    moor_agent agent = told(lane);
    struct linear_call *call;

    if (agent.bits != 0) {
        call = record_begin(lane, PATH_CLOSE, agent.bits);
        record_end(lane, call, moor_close(stage.registry, agent,
                                          MOOR_CLOSE_BY_RULE, NULL));
    }
}

/* --- windows -------------------------------------------------------------- */

static void play(struct record_lane *lane, unsigned calls)
{
    unsigned end = lane->count + calls;

    while (lane->count + 2 <= end) { /* room for a reserve and its end */
        unsigned which = random_below(lane->random, 16);

        if (which < 4) {
            spawn(lane);
        } else if (which < 6) {
            reserve(lane);
        } else if (which < 11) {
            find(lane);
        } else if (which < 12) {
            look_at(lane);
        } else if (which < 13) {
            start_failed(lane);
        } else {
            close_told(lane);
        }
    }
}

static void open_window(struct random *random, struct crew_start *start)
{
    moor_agent agent = { 0 };

    stage.now = &stage.names[random_below(random, NAMES)];
    if (random_chance(random, 2)) {
        moor_spawn_options options = { .name = stage.now->name,
                                       .id = &stage.now->id };

        (void)moor_spawn(stage.registry, &options, &agent, NULL);
    }
    start->words[0] = agent.bits;
    for (unsigned i = 0; i < TOLD; i++) {
        stage.told[i] = agent.bits;
    }
}

static void close_window(struct record_lane *lane)
{
    moor_agent left;

    find(lane);
    find(lane);
    if (moor_find_path(stage.registry, (moor_agent){ 0 }, stage.now->path,
                       &left) == MOOR_OK) {
        (void)moor_close(stage.registry, left, MOOR_CLOSE_TREE, NULL);
    }
}

/* --- numbers -------------------------------------------------------------- */

static void translate(const struct crew_start *start,
                      struct linear_history *history)
{
    struct numbers numbers = { .count = 1 }; /* the handle 0 is nobody */

    numbers.handles[0] = 0;
    history->state = path_state(number_of(&numbers, start->words[0]));
    for (unsigned i = 0; i < history->count; i++) {
        struct linear_call *call = &history->calls[i];

        call->value = number_of(&numbers, call->value);
        if (call->operation != PATH_FIND) {
            call->argument = number_of(&numbers, call->argument);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct linear_trial trial = {
        .spec = &linear_path,
        .calls = LINEAR_CALLS_MAX - RECORD_FINAL_MAX,
        .open = open_window,
        .play = play,
        .close = close_window,
        .translate = translate,
    };
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    stage.registry = audit_create(&config);
    for (unsigned i = 0; i < NAMES; i++) {
        struct name *name = &stage.names[i];

        snprintf(name->name, sizeof name->name, "key%u", i);
        snprintf(name->path, sizeof name->path, "/root/%s", name->name);
        memset(&name->id, 1 + (int)i, sizeof name->id);
    }
    return crew_main(argc, argv, &trial, stage.registry);
}
