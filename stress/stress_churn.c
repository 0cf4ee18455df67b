/*
 * Everything at once.
 *
 * Question  Do the books stay right when every operation meets every other,
 *           mostly through handles that may be stale?
 * Method    Rounds, each with a fresh registry of random policies and limits.
 *           Workers do random operations on shared arrays of handles and
 *           tickets (churn_pool.h, churn_change.h, churn_read.h).  Each
 *           operation has the answers that it may give; none else.  moor_check
 *           runs among them.  After a round the audit runs, the counters are
 *           compared with the workers' ledger, and the tree is closed: no slot
 *           and no agent is left.  In some rounds the root's tree is closed
 *           in the middle.  Each operation must have succeeded.
 * Limits    Judges each answer by its kind only; the other stress programs
 *           know more about fewer operations.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "churn_change.h"
#include "churn_read.h"
#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

#define MAY(error) (1U << MOOR_##error)
#define MAY_AGENT (MAY(OK) | MAY(STALE) | MAY(IS_ROOT) | MAY(WRONG_STATUS))
#define MAY_ADMIT                                                          \
    (MAY(OK) | MAY(REFUSED) | MAY(STALE) | MAY(FENCED) | MAY(PATH_TAKEN) | \
     MAY(ID_TAKEN))
#define MAY_LOOK (MAY(OK) | MAY(STALE))

/* Weight: how often of all; often enough that each succeeds in a second. */
static const struct operation {
    const char *name;
    moor_error (*call)(struct worker *worker);
    uint32_t may; /* bit 1 << error */
    unsigned weight;
} operations[] = {
    { "spawn", change_spawn, MAY_ADMIT, 12 },
    { "reserve", change_reserve, MAY_ADMIT, 6 },
    { "commit", change_commit,
      MAY_LOOK | MAY(FENCED) | MAY(ID_TAKEN) | MAY(PATH_MISMATCH), 6 },
    { "abandon", change_abandon, MAY_LOOK, 3 },
    { "start", change_start, MAY_AGENT, 4 },
    { "start_failed", change_start_failed, MAY_AGENT, 1 },
    { "finish completed", change_complete, MAY_AGENT, 4 },
    { "finish otherwise", change_finish, MAY_AGENT, 3 },
    { "interrupt", change_interrupt, MAY_AGENT, 3 },
    { "died", change_died, MAY_AGENT, 2 },
    { "run_again", change_run_again, MAY_AGENT | MAY(REFUSED), 6 },
    { "request", change_request, MAY_AGENT, 2 },
    { "close", change_close, MAY_LOOK | MAY(IS_ROOT) | MAY(HAS_CHILDREN), 6 },
    { "set_limit", change_limit, MAY(OK), 1 },
    { "turn_begin", change_turn_begin, MAY(OK), 1 },
    { "turn_end", change_turn_end, MAY(OK), 1 },
    { "reap", change_reap, MAY(OK), 1 },
    { "status_of", read_status, MAY_LOOK, 3 },
    { "info_of", read_info, MAY_LOOK, 3 },
    { "ticket_info", read_ticket, MAY_LOOK, 3 },
    { "result", read_result, MAY_LOOK, 3 },
    { "poll", read_poll, MAY_AGENT, 2 },
    { "find_id", read_find_id, MAY(OK) | MAY(NOT_FOUND), 3 },
    { "find_path", read_find_path, MAY_LOOK | MAY(NOT_FOUND), 6 },
    { "list", read_list, MAY(OK), 1 },
    { "list a part", read_list_part, MAY_LOOK, 2 },
    { "capacity_of", read_capacity, MAY_LOOK, 2 },
    { "stats_of", read_stats, MAY(OK), 2 },
    { "check", read_check, MAY(OK), 1 },
    { "wait", read_wait, MAY(OK) | MAY(TIMED_OUT), 3 },
};

enum {
    OPERATIONS = sizeof operations / sizeof *operations,
    /* outcomes after those of the operations */
    CONTRADICTED = OPERATIONS,
    ODD_ANSWER,
    BAD_BOOKS,
    SHUT_EARLY,
    SAWS,
    STEPS = 250
};

static unsigned pick_operation(struct worker *worker)
{
    unsigned sum = 0, pick, which = 0;

    for (unsigned i = 0; i < OPERATIONS; i++) {
        sum += operations[i].weight;
    }
    pick = random_below(&worker->random, sum);
    while (pick >= operations[which].weight) {
        pick -= operations[which++].weight;
    }
    return which;
}

static void do_one(struct worker *worker)
{
    unsigned which = pick_operation(worker);
    const struct operation *operation = &operations[which];
    moor_error error;

    threads_step(worker, operation->name);
    error = operation->call(worker);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, which);
    } else if ((operation->may >> error & 1U) == 0) {
        outcome_blame(&worker->tally,
                      error == MOOR_VIOLATED ? CONTRADICTED : ODD_ANSWER,
                      "%s: %s", operation->name, moor_error_name(error));
    }
}

static void shut(struct worker *worker)
{
    moor_error error;

    threads_step(worker, "closing the root's tree");
    error = change_close_one(worker, moor_root(pool_of(worker)->registry),
                             MOOR_CLOSE_TREE);
    if (error == MOOR_OK) {
        outcome_count(&worker->tally, SHUT_EARLY);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "close of the root: %s",
                      moor_error_name(error));
    }
}

static void books_differ(struct worker *worker, const char *what,
                         uint64_t counted, uint64_t ledger)
{
    outcome_blame(&worker->tally, BAD_BOOKS, "%s: %llu counted, %llu done",
                  what, (unsigned long long)counted,
                  (unsigned long long)ledger);
}

/* The registry's counters against what the workers know they did. */
static void compare_books(struct worker *worker, struct pool *pool)
{
    struct ledger *ledger = &pool->ledger;
    uint64_t refused = 0;
    moor_stats stats;

    (void)moor_stats_of(pool->registry, &stats);
    for (unsigned i = 0; i < MOOR_LIMITS; i++) {
        refused += stats.refused[i];
    }
    if (stats.spawned != ledger->spawned) {
        books_differ(worker, "spawned", stats.spawned, ledger->spawned);
    }
    if (stats.completed != ledger->completed) {
        books_differ(worker, "completed", stats.completed, ledger->completed);
    }
    if (refused != ledger->refused) {
        books_differ(worker, "refused", refused, ledger->refused);
    }
    if (stats.closed < ledger->closed ||
        (ledger->rolled_back == 0 && stats.closed > ledger->closed)) {
        books_differ(worker, "closed", stats.closed, ledger->closed);
    }
}

static void judge(struct worker *worker, struct pool *pool)
{
    char why[AUDIT_WHY];

    compare_books(worker, pool);
    if (!audit_end(pool->registry, why)) {
        outcome_blame(&worker->tally, BAD_BOOKS, "%s", why);
    }
    pool->registry = NULL;
}

static void fresh_registry(struct worker *worker, struct pool *pool)
{
    static const char *const nicknames[] = { "Ada", "Grace", "Alan" };
    static const char *const cooks[] = { "Auguste" };
    static const moor_role roles[] = { { "cook", cooks, 1 } };
    struct random *random = &worker->random;
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] =
        1 + random_below(random, POOL_RUNNING_MAX);
    config.limits[MOOR_LIMIT_DEPTH] = 2 + random_below(random, 5);
    config.limits[MOOR_LIMIT_CHILDREN] = 2 + random_below(random, 6);
    config.release = (moor_release)random_below(random, MOOR_RELEASES);
    config.close_rule =
        (moor_close_rule)random_below(random, MOOR_CLOSE_RULES);
    config.nicknames = nicknames;
    config.nicknames_count = random_below(random, 4);
    config.roles = roles;
    config.roles_count = 1;
    pool->registry = audit_create(&config);
    pool->rolls_back = random_chance(random, 2);
    pool->shuts = random_chance(random, 4);
}

static void between(struct worker *worker, bool last)
{
    struct pool *pool = worker->shared;

    if (pool->registry != NULL) {
        judge(worker, pool);
    }
    if (last) {
        return;
    }
    fresh_registry(worker, pool);
    for (unsigned i = 0; i < POOL_AGENTS; i++) {
        pool->agents[i] = moor_root(pool->registry).bits;
    }
    for (unsigned i = 0; i < POOL_TICKETS; i++) {
        pool->tickets[i] = 0;
    }
    pool->ledger = (struct ledger){ .spawned = 0 };
}

static void body(struct worker *worker)
{
    struct pool *pool = worker->shared;

    while (threads_round(worker, between)) {
        for (unsigned step = 0; step < STEPS; step++) {
            do_one(worker);
            if (pool->shuts && worker->index == 0 && step == STEPS / 2) {
                shut(worker);
            }
        }
    }
}

int main(int argc, char **argv)
{
    static struct pool pool;
    struct outcome outcomes[SAWS] = {
        [CONTRADICTED] = { "contradiction", FORBIDDEN, "check, read" },
        [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
        [BAD_BOOKS] = { "books wrong afterwards", FORBIDDEN, "I1, ledger" },
        [SHUT_EARLY] = { "shut in the middle", EXPECTED, "some rounds" },
    };
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };

    for (unsigned i = 0; i < OPERATIONS; i++) {
        outcomes[i] = (struct outcome){ operations[i].name, MUST_OCCUR,
                                        "succeeded" };
    }
    threads_run(&options, options.threads, body, &pool, &sum);
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
