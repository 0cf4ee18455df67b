/*
 * Few paths and ids, many threads.
 *
 * Question  Does a path, or an id, ever name two agents at once, is one ever
 *           said to be taken while it is free, and is an agent that is there
 *           ever not found?
 * Method    A handful of names and ids; each worker takes a pair of them for
 *           a short life, by spawn or by reserve and commit, or looks up.  A
 *           ghost table of owners catches two winners; a crowd of size one
 *           for each name and id (load/crowd.h) catches a wrong "taken".  The
 *           owner must find itself while it lives and never afterwards, and
 *           must not be found while it is a ticket.  Others look up agents
 *           whose handles they were told without any ordering: not found is
 *           legal only if the handle is stale afterwards.
 * Limits    As for a crowd.  Growth is stress_grow's question.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/crowd.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    TOOK,
    TAKEN,
    FOUND,
    ABSENT,
    TWO_OWNERS,
    TAKEN_FREE,
    NOT_FOUND_PRESENT,
    FOUND_OTHER,
    FOUND_TICKET,
    FOUND_CLOSED,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [TOOK] = { "took a path and an id", MUST_OCCUR, "both were free" },
    [TAKEN] = { "taken", MUST_OCCUR, "somebody may have had it" },
    [FOUND] = { "found another's agent", MUST_OCCUR, "it was there" },
    [ABSENT] = { "not found", EXPECTED, "it was closed meanwhile" },
    [TWO_OWNERS] = { "two owners", FORBIDDEN, "one agent to a path and id" },
    [TAKEN_FREE] = { "taken though free", FORBIDDEN, "nobody had it" },
    [NOT_FOUND_PRESENT] = { "not found though present", FORBIDDEN,
                            "it was there all the time" },
    [FOUND_OTHER] = { "found something else", FORBIDDEN, "wrong key" },
    [FOUND_TICKET] = { "found a ticket", FORBIDDEN, "look-ups never do" },
    [FOUND_CLOSED] = { "found a closed agent", FORBIDDEN, "it has left" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "check, audit" },
};

enum { KEYS = 3 };

/* One name, or one id. */
struct key {
    struct crowd crowd;
    alignas(128) _Atomic unsigned owners;
    alignas(128) _Atomic uint64_t told; /* bits of an agent that has it */
    char name[8], path[16];
    moor_id id;
};

struct chart {
    moor_registry *registry;
    struct key names[KEYS], ids[KEYS];
};

/* A pair of keys that a worker tries to live under. */
struct berth {
    struct key *name, *id;
    struct crowd_visit at_name, at_id;
};

static struct berth berth_enter(struct worker *worker)
{
    struct chart *chart = worker->shared;
    struct berth berth;

    berth.name = &chart->names[random_below(&worker->random, KEYS)];
    berth.id = &chart->ids[random_below(&worker->random, KEYS)];
    berth.at_name = crowd_enter(&berth.name->crowd);
    berth.at_id = crowd_enter(&berth.id->crowd);
    return berth;
}

static void berth_leave(struct berth *berth)
{
    crowd_leave(&berth->name->crowd);
    crowd_leave(&berth->id->crowd);
}

/* A refusal to name: was the key in somebody's hands? */
static void note_taken(struct worker *worker, const struct berth *berth,
                       moor_error error)
{
    bool just = error == MOOR_PATH_TAKEN
                    ? crowd_was_full(&berth->name->crowd, berth->at_name)
                    : crowd_was_full(&berth->id->crowd, berth->at_id);

    if (error != MOOR_PATH_TAKEN && error != MOOR_ID_TAKEN) {
        outcome_blame(&worker->tally, ODD_ANSWER, "take: %s",
                      moor_error_name(error));
    } else if (just) {
        outcome_count(&worker->tally, TAKEN);
    } else {
        outcome_blame(&worker->tally, TAKEN_FREE, "%s",
                      moor_error_name(error));
    }
}

/* Reserve, see that nobody finds the ticket, commit. */
static moor_error take_by_ticket(struct worker *worker,
                                 const struct berth *berth,
                                 const moor_spawn_options *options,
                                 moor_agent *agent)
{
    struct chart *chart = worker->shared;
    moor_ticket ticket;
    moor_error error;

    threads_step(worker, "reserve");
    error = moor_reserve(chart->registry, options, &ticket, NULL);
    if (error != MOOR_OK) {
        return error;
    }
    if (moor_find_path(chart->registry, (moor_agent){ 0 }, berth->name->path,
                       agent) == MOOR_OK) {
        outcome_count(&worker->tally, FOUND_TICKET);
    }
    threads_step(worker, "commit");
    return moor_commit(chart->registry, ticket, &berth->id->id,
                       random_chance(&worker->random, 2) ? berth->name->path
                                                         : NULL,
                       agent);
}

static moor_error take(struct worker *worker, const struct berth *berth,
                       moor_agent *agent)
{
    struct chart *chart = worker->shared;
    moor_spawn_options options = { .name = berth->name->name };

    if (random_chance(&worker->random, 3)) {
        return take_by_ticket(worker, berth, &options, agent);
    }
    options.id = &berth->id->id;
    threads_step(worker, "spawn");
    return moor_spawn(chart->registry, &options, agent, NULL);
}

/* The owner looks for itself: there before the close, gone after it. */
static void look_for_self(struct worker *worker, const struct berth *berth,
                          moor_agent self, bool there)
{
    struct chart *chart = worker->shared;
    moor_agent by_path = { 0 }, by_id = { 0 };

    threads_step(worker, "looking for itself");
    (void)moor_find_path(chart->registry, (moor_agent){ 0 },
                         random_chance(&worker->random, 2)
                             ? berth->name->path
                             : berth->name->name,
                         &by_path);
    (void)moor_find_id(chart->registry, &berth->id->id, &by_id);
    if (there && (by_path.bits != self.bits || by_id.bits != self.bits)) {
        outcome_blame(&worker->tally, NOT_FOUND_PRESENT,
                      "own agent %llx: by path %llx, by id %llx",
                      (unsigned long long)self.bits,
                      (unsigned long long)by_path.bits,
                      (unsigned long long)by_id.bits);
    }
    if (!there && (by_path.bits == self.bits || by_id.bits == self.bits)) {
        outcome_count(&worker->tally, FOUND_CLOSED);
    }
}

static void own(struct worker *worker, const struct berth *berth,
                moor_agent self)
{
    unsigned others = atomic_fetch_add_explicit(&berth->name->owners, 1,
                                                memory_order_relaxed) +
                      atomic_fetch_add_explicit(&berth->id->owners, 1,
                                                memory_order_relaxed);

    outcome_count(&worker->tally, TOOK);
    if (others > 0) {
        outcome_blame(&worker->tally, TWO_OWNERS, "of %s", berth->name->path);
    }
    atomic_store_explicit(&berth->name->told, self.bits,
                          memory_order_relaxed);
    atomic_store_explicit(&berth->id->told, self.bits, memory_order_relaxed);
    look_for_self(worker, berth, self, true);
    atomic_fetch_sub_explicit(&berth->name->owners, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&berth->id->owners, 1, memory_order_relaxed);
}

static void live(struct worker *worker)
{
    struct chart *chart = worker->shared;
    struct berth berth = berth_enter(worker);
    moor_agent self = { 0 };
    moor_error error = take(worker, &berth, &self);

    if (error == MOOR_OK) {
        own(worker, &berth, self);
        threads_step(worker, "close");
        error = random_chance(&worker->random, 4)
                    ? moor_start_failed(chart->registry, self)
                    : moor_close(chart->registry, self, MOOR_CLOSE_BY_RULE,
                                 NULL);
        if (error != MOOR_OK) {
            outcome_blame(&worker->tally, ODD_ANSWER, "close: %s",
                          moor_error_name(error));
        }
        look_for_self(worker, &berth, self, false);
    } else {
        note_taken(worker, &berth, error);
    }
    berth_leave(&berth);
}

/* What was found under a key must carry that key. */
static void inspect(struct worker *worker, const struct key *key,
                    bool by_path, moor_agent agent)
{
    struct chart *chart = worker->shared;
    moor_info info;
    moor_error error = moor_info_of(chart->registry, agent, &info);

    outcome_count(&worker->tally, FOUND);
    if (error != MOOR_OK && error != MOOR_STALE) {
        outcome_blame(&worker->tally, ODD_ANSWER, "info: %s",
                      moor_error_name(error));
    }
    if (error == MOOR_OK &&
        (by_path ? strcmp(info.path, key->path) != 0
                 : memcmp(&info.id, &key->id, sizeof key->id) != 0)) {
        outcome_blame(&worker->tally, FOUND_OTHER, "%s for %s", info.path,
                      by_path ? key->path : "an id");
    }
}

static void look(struct worker *worker)
{
    struct chart *chart = worker->shared;
    bool by_path = random_chance(&worker->random, 2);
    struct key *key = (by_path ? chart->names : chart->ids) +
                      random_below(&worker->random, KEYS);
    moor_agent told = { atomic_load_explicit(&key->told,
                                             memory_order_relaxed) };
    moor_agent agent = { 0 };
    moor_status status;
    moor_error error;

    threads_step(worker, by_path ? "find path" : "find id");
    error = by_path ? moor_find_path(chart->registry, (moor_agent){ 0 },
                                     key->path, &agent)
                    : moor_find_id(chart->registry, &key->id, &agent);
    if (error == MOOR_OK) {
        inspect(worker, key, by_path, agent);
        return;
    }
    outcome_count(&worker->tally, ABSENT);
    if (error != MOOR_NOT_FOUND ||
        moor_status_of(chart->registry, told, &status) == MOOR_OK) {
        outcome_blame(&worker->tally, NOT_FOUND_PRESENT, "%s: %s",
                      by_path ? key->path : "by id", moor_error_name(error));
    }
}

static void body(struct worker *worker)
{
    while (threads_going(worker)) {
        if (random_chance(&worker->random, 2)) {
            live(worker);
        } else {
            look(worker);
        }
    }
}

static void chart_keys(struct key *keys, unsigned char salt)
{
    for (unsigned i = 0; i < KEYS; i++) {
        keys[i].crowd.limit = 1;
        snprintf(keys[i].name, sizeof keys[i].name, "key%u", i);
        snprintf(keys[i].path, sizeof keys[i].path, "/root/%s", keys[i].name);
        memset(&keys[i].id, salt + (int)i, sizeof keys[i].id);
    }
}

int main(int argc, char **argv)
{
    static struct chart chart;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    char why[AUDIT_WHY];
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    chart.registry = audit_create(&config);
    chart_keys(chart.names, 1);
    chart_keys(chart.ids, 101);
    threads_run(&options, options.threads, body, &chart, &sum);
    if (!audit_end(chart.registry, why)) {
        outcome_blame(&sum, BAD_END, "%s", why);
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
