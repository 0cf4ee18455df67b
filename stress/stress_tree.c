/*
 * Tree walkers against spawners.
 *
 * Question  When a close of a tree has returned, does anything live below, or
 *           appear below later; does a slot or a place among the children
 *           stay lost?
 * Method    Rounds.  All workers grow one tree at random depths, by spawn and
 *           by reserve, and put the handles into a common array.  Now and
 *           then one closes a branch; one or two close the whole tree while
 *           the others go on.  From the return of that close on, the closer
 *           finds each handle of the array stale, and the list of the tree
 *           empty of agents.  After the round: no slot used, no child of the
 *           root counted, a spawner was told only ok, fenced or stale.
 * Limits    cascade only; adopt and refuse are stress_rules's question.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    SPAWNED,
    TOLD_FENCED,
    TOLD_STALE,
    REFUSED,
    TICKET_TAKEN,
    COMMITTED,
    BRANCH_CLOSED,
    TREE_CLOSED,
    CLOSED_BEFORE,
    TICKET_LISTED,
    LIVES_BELOW,
    NOT_CLOSED_ONCE,
    ODD_ANSWER,
    LEAKED,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [SPAWNED] = { "spawned", MUST_OCCUR, "not fenced yet" },
    [TOLD_FENCED] = { "told fenced", EXPECTED, "the close had begun" },
    [TOLD_STALE] = { "told stale", MUST_OCCUR, "the parent was closed" },
    [REFUSED] = { "refused by a limit", EXPECTED, "children, running" },
    [TICKET_TAKEN] = { "ticket taken by a close", EXPECTED, "I3" },
    [COMMITTED] = { "ticket committed", MUST_OCCUR, "no close met it" },
    [BRANCH_CLOSED] = { "branch closed", MUST_OCCUR, "by one of them" },
    [TREE_CLOSED] = { "tree closed under spawners", MUST_OCCUR, "once" },
    [CLOSED_BEFORE] = { "closed by another before", EXPECTED, "stale" },
    [TICKET_LISTED] = { "ticket listed below a closed one", INTERESTING,
                        "on its way to roll itself back" },
    [LIVES_BELOW] = { "something lives below a closed one", FORBIDDEN, "I8" },
    [NOT_CLOSED_ONCE] = { "tree not closed just once", FORBIDDEN, "I7" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [LEAKED] = { "leaked", FORBIDDEN, "I1: slot, child or agent" },
};

enum {
    MEMBERS = 64,
    STEPS = 40,
    AFTER = 4, /* steps after the close */
    ROUNDS_TO_A_REGISTRY = 16,
    PAGE = 4
};

struct forest {
    moor_registry *registry;
    unsigned rounds;
    moor_agent base; /* of the round */
    char path[32];
    alignas(128) _Atomic uint64_t members[MEMBERS]; /* bits; [0] is base */
    alignas(128) _Atomic unsigned closed;
};

static moor_agent any_member(struct worker *worker)
{
    struct forest *forest = worker->shared;
    uint32_t which = random_below(&worker->random, MEMBERS);

    if (random_chance(&worker->random, 4)) {
        which = 0;
    }
    return (moor_agent){ atomic_load_explicit(&forest->members[which],
                                              memory_order_relaxed) };
}

static void tell(struct worker *worker, moor_agent agent)
{
    struct forest *forest = worker->shared;
    uint32_t which = 1 + random_below(&worker->random, MEMBERS - 1);

    atomic_store_explicit(&forest->members[which], agent.bits,
                          memory_order_relaxed);
}

/* Counts what a spawner was told. */
static void told(struct worker *worker, moor_error error, enum saw good,
                 const char *what)
{
    switch (error) {
    case MOOR_OK:
        outcome_count(&worker->tally, good);
        break;
    case MOOR_FENCED:
        outcome_count(&worker->tally, TOLD_FENCED);
        break;
    case MOOR_STALE:
        outcome_count(&worker->tally,
                      good == COMMITTED ? TICKET_TAKEN : TOLD_STALE);
        break;
    case MOOR_REFUSED:
        outcome_count(&worker->tally, REFUSED);
        break;
    default:
        outcome_blame(&worker->tally, ODD_ANSWER, "%s: %s", what,
                      moor_error_name(error));
    }
}

static void grow_by_ticket(struct worker *worker,
                           const moor_spawn_options *options)
{
    struct forest *forest = worker->shared;
    moor_ticket ticket;
    moor_agent agent;
    moor_error error;

    threads_step(worker, "reserve");
    error = moor_reserve(forest->registry, options, &ticket, NULL);
    if (error != MOOR_OK) {
        told(worker, error, SPAWNED, "reserve");
        return;
    }
    threads_step(worker, "commit");
    error = moor_commit(forest->registry, ticket, NULL, NULL, &agent);
    told(worker, error, COMMITTED, "commit");
    if (error == MOOR_OK) {
        tell(worker, agent);
    }
}

static void grow(struct worker *worker)
{
    struct forest *forest = worker->shared;
    moor_spawn_options options = { .parent = any_member(worker) };
    moor_agent agent;
    moor_error error;

    if (random_chance(&worker->random, 3)) {
        grow_by_ticket(worker, &options);
        return;
    }
    threads_step(worker, "spawn");
    error = moor_spawn(forest->registry, &options, &agent, NULL);
    told(worker, error, SPAWNED, "spawn");
    if (error == MOOR_OK) {
        tell(worker, agent);
    }
}

static void close_branch(struct worker *worker)
{
    struct forest *forest = worker->shared;
    moor_agent branch = any_member(worker);
    moor_error error;

    if (branch.bits == forest->base.bits) {
        return;
    }
    threads_step(worker, "close branch");
    error = random_chance(&worker->random, 4)
                ? moor_start_failed(forest->registry, branch)
                : moor_close(forest->registry, branch, MOOR_CLOSE_TREE, NULL);
    if (error == MOOR_OK || error == MOOR_STALE) {
        outcome_count(&worker->tally,
                      error == MOOR_OK ? BRANCH_CLOSED : CLOSED_BEFORE);
    } else if (error != MOOR_WRONG_STATUS) {
        outcome_blame(&worker->tally, ODD_ANSWER, "close: %s",
                      moor_error_name(error));
    }
}

/* Nothing of the tree is left, whatever the others do meanwhile. */
static void inspect_members(struct worker *worker)
{
    struct forest *forest = worker->shared;

    threads_step(worker, "inspecting");
    for (unsigned i = 0; i < MEMBERS; i++) {
        moor_agent agent = { atomic_load_explicit(&forest->members[i],
                                                  memory_order_relaxed) };
        moor_status status = MOOR_STATUS_NOT_FOUND;

        if (moor_status_of(forest->registry, agent, &status) != MOOR_STALE) {
            outcome_blame(&worker->tally, LIVES_BELOW, "member %u is %s", i,
                          moor_status_name(status));
        }
    }
}

static void inspect_list(struct worker *worker)
{
    struct forest *forest = worker->shared;
    moor_list_filter filter = { { 0 }, forest->path, 0 };
    moor_info infos[PAGE];
    uint64_t cursor = 0;
    moor_error error;

    threads_step(worker, "listing");
    do {
        size_t count = 0;

        error = moor_list(forest->registry, &filter, &cursor, infos, PAGE,
                          &count);
        for (size_t i = 0; error == MOOR_OK && i < count; i++) {
            if (infos[i].agent.bits == 0) {
                outcome_count(&worker->tally, TICKET_LISTED);
            } else {
                outcome_blame(&worker->tally, LIVES_BELOW, "%s is listed, %s",
                              infos[i].path,
                              moor_status_name(infos[i].status));
            }
        }
    } while (error == MOOR_OK && cursor != 0);
}

static void close_tree(struct worker *worker)
{
    struct forest *forest = worker->shared;
    moor_error error;

    threads_step(worker, "close tree");
    error = moor_close(forest->registry, forest->base, MOOR_CLOSE_TREE, NULL);
    if (error == MOOR_OK) {
        atomic_fetch_add_explicit(&forest->closed, 1, memory_order_relaxed);
        outcome_count(&worker->tally, TREE_CLOSED);
        inspect_members(worker);
        inspect_list(worker);
    } else if (error == MOOR_STALE) {
        outcome_count(&worker->tally, CLOSED_BEFORE);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "close tree: %s",
                      moor_error_name(error));
    }
}

static bool is_over(const struct worker *worker)
{
    struct forest *forest = worker->shared;

    return atomic_load_explicit(&forest->closed, memory_order_relaxed) > 0;
}

/* A few steps more after the tree is closed, then the next round. */
static void play(struct worker *worker)
{
    uint32_t closes = worker->index < 2
                          ? random_below(&worker->random, STEPS)
                          : STEPS; /* never */

    for (uint32_t step = 0, after = 0; step < STEPS && after < AFTER;
         step++) {
        after += is_over(worker);
        if (step == closes) {
            close_tree(worker);
        } else if (random_chance(&worker->random, 8)) {
            close_branch(worker);
        } else {
            grow(worker);
        }
    }
}

static void judge(struct worker *worker, struct forest *forest)
{
    moor_capacity capacity;
    moor_stats stats;
    char why[AUDIT_WHY];

    if (forest->closed != 1) {
        outcome_blame(&worker->tally, NOT_CLOSED_ONCE, "%u times",
                      forest->closed);
    }
    inspect_members(worker);
    if (moor_stats_of(forest->registry, &stats) != MOOR_OK ||
        moor_capacity_of(forest->registry, (moor_agent){ 0 }, &capacity) !=
            MOOR_OK ||
        stats.used + stats.live + stats.idle + stats.tickets > 0 ||
        capacity.of[MOOR_LIMIT_CHILDREN].used > 0) {
        outcome_blame(&worker->tally, LEAKED,
                      "%llu slots, %llu agents, %llu children of the root",
                      (unsigned long long)stats.used,
                      (unsigned long long)(stats.live + stats.idle),
                      (unsigned long long)capacity.of[MOOR_LIMIT_CHILDREN]
                          .used);
    }
    if (!audit_quiet(forest->registry, why)) {
        outcome_blame(&worker->tally, LEAKED, "%s", why);
    }
}

static void fresh_registry(struct worker *worker, struct forest *forest)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] =
        random_chance(&worker->random, 2)
            ? MOOR_UNLIMITED
            : 2 + random_below(&worker->random, 30);
    if (random_chance(&worker->random, 2)) {
        config.limits[MOOR_LIMIT_CHILDREN] =
            1 + random_below(&worker->random, 8);
    }
    config.release = (moor_release)random_below(&worker->random,
                                                MOOR_RELEASES);
    forest->registry = audit_create(&config);
}

static void plant(struct worker *worker, struct forest *forest)
{
    moor_spawn_options options = { .name = "base" };

    if (moor_spawn(forest->registry, &options, &forest->base, NULL) !=
        MOOR_OK) {
        outcome_blame(&worker->tally, LEAKED, "the base cannot be spawned");
    }
    snprintf(forest->path, sizeof forest->path, "/root/base");
    for (unsigned i = 0; i < MEMBERS; i++) {
        forest->members[i] = forest->base.bits;
    }
    forest->closed = 0;
}

static void between(struct worker *worker, bool last)
{
    struct forest *forest = worker->shared;
    char why[AUDIT_WHY];

    if (forest->rounds > 0) {
        judge(worker, forest);
    }
    if (forest->rounds > 0 &&
        (last || forest->rounds % ROUNDS_TO_A_REGISTRY == 0) &&
        !audit_end(forest->registry, why)) {
        outcome_blame(&worker->tally, LEAKED, "%s", why);
    }
    if (last) {
        return;
    }
    if (forest->rounds++ % ROUNDS_TO_A_REGISTRY == 0) {
        fresh_registry(worker, forest);
    }
    plant(worker, forest);
}

static void body(struct worker *worker)
{
    while (threads_round(worker, between)) {
        play(worker);
    }
}

int main(int argc, char **argv)
{
    static struct forest forest;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };

    options.threads = options.threads < 2 ? 2 : options.threads;
    threads_run(&options, options.threads, body, &forest, &sum);
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
