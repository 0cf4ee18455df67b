/*
 * Close rules against spawners: adopt, refuse, cascade, tree.
 *
 * Question  Does every agent that nobody closed stay in the tree, below a
 *           parent that is there, and is none lost or left hanging?
 * Method    Rounds of one rule or of all mixed, each with a fresh registry.
 *           Workers spawn below random members and close random members.  An
 *           agent's closer marks it in a ledger.  In half of the rounds the
 *           limit `children` changes all the time.  After a round of adopt or
 *           refuse an agent is there just if nobody marked it: adopt moved
 *           it, refuse let no parent go before its children.  After every
 *           round the audit compares parents, children and counters.
 * Limits    In mixed rounds a cascade closes agents unmarked; then only the
 *           audit speaks.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    SPAWNED,
    NOT_SPAWNED,
    ADOPTED,
    REFUSED,
    HAD_CHILDREN,
    CASCADED,
    CLOSED_BEFORE,
    VANISHED,
    STAYED,
    CLOSED_TWICE,
    BAD_TREE,
    ODD_ANSWER,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [SPAWNED] = { "spawned", MUST_OCCUR, "below some member" },
    [NOT_SPAWNED] = { "stale, fenced or refused", MUST_OCCUR,
                      "the parent was closing" },
    [ADOPTED] = { "closed by adopt", MUST_OCCUR, "children move up" },
    [REFUSED] = { "closed by refuse", MUST_OCCUR, "it had no children" },
    [HAD_CHILDREN] = { "close refused", MUST_OCCUR, "it had children" },
    [CASCADED] = { "closed by cascade or tree", MUST_OCCUR, "all below" },
    [CLOSED_BEFORE] = { "closed before", MUST_OCCUR, "by somebody else" },
    [VANISHED] = { "agent gone that nobody closed", FORBIDDEN, "rule" },
    [STAYED] = { "closed agent still there", FORBIDDEN, "I4" },
    [CLOSED_TWICE] = { "closed twice", FORBIDDEN, "I7: one wins" },
    [BAD_TREE] = { "the tree or the books are wrong", FORBIDDEN, "audit" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
};

enum { STEPS = 60, MEMBERS_MAX = 4096 };

enum mode { MODE_ADOPT, MODE_REFUSE, MODE_MIXED, MODES };

/* One spawned agent.  `bits` is zero until the spawn has returned. */
struct member {
    _Atomic uint64_t bits;
    _Atomic unsigned closes;
};

struct orchard {
    moor_registry *registry;
    enum mode mode;
    bool limited; /* the limit `children` goes up and down in this round */
    alignas(128) _Atomic unsigned count;
    struct member members[MEMBERS_MAX];
};

/* A member whose spawn has begun, or null when there is none yet. */
static struct member *any_member(struct worker *worker)
{
    struct orchard *orchard = worker->shared;
    unsigned count =
        atomic_load_explicit(&orchard->count, memory_order_relaxed);
    unsigned newest = count < 16 ? count : 16;

    if (count == 0) {
        return NULL;
    }
    return random_chance(&worker->random, 2)
               ? &orchard->members[random_below(&worker->random, count)]
               : &orchard->members[count - 1 -
                                   random_below(&worker->random, newest)];
}

static uint64_t bits_of(const struct member *member)
{
    return member == NULL ? 0
                          : atomic_load_explicit(&member->bits,
                                                 memory_order_relaxed);
}

static void spawn(struct worker *worker)
{
    struct orchard *orchard = worker->shared;
    moor_spawn_options options = { .parent = { bits_of(any_member(worker)) } };
    moor_agent agent;
    moor_error error;

    threads_step(worker, "spawn");
    error = moor_spawn(orchard->registry, &options, &agent, NULL);
    if (error == MOOR_OK) {
        unsigned at = atomic_fetch_add_explicit(&orchard->count, 1,
                                                memory_order_relaxed);

        outcome_count(&worker->tally, SPAWNED);
        atomic_store_explicit(&orchard->members[at].bits, agent.bits,
                              memory_order_relaxed);
    } else if (error == MOOR_STALE || error == MOOR_FENCED ||
               error == MOOR_REFUSED) {
        outcome_count(&worker->tally, NOT_SPAWNED);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "spawn: %s",
                      moor_error_name(error));
    }
}

static moor_close_scope pick_scope(struct worker *worker, enum mode mode)
{
    static const moor_close_scope mixed[] = {
        MOOR_CLOSE_TREE, MOOR_CLOSE_CASCADE, MOOR_CLOSE_ADOPT,
        MOOR_CLOSE_REFUSE, MOOR_CLOSE_BY_RULE
    };

    if (random_chance(&worker->random, 2) && mode != MODE_MIXED) {
        return MOOR_CLOSE_BY_RULE; /* the registry's is the same */
    }
    switch (mode) {
    case MODE_ADOPT:
        return MOOR_CLOSE_ADOPT;
    case MODE_REFUSE:
        return MOOR_CLOSE_REFUSE;
    default:
        return mixed[random_below(&worker->random, 5)];
    }
}

static void close_counted(struct worker *worker, enum mode mode,
                          moor_close_scope scope)
{
    bool adopt = mode == MODE_ADOPT || scope == MOOR_CLOSE_ADOPT;
    bool refuse = mode == MODE_REFUSE || scope == MOOR_CLOSE_REFUSE;

    outcome_count(&worker->tally,
                  adopt ? ADOPTED : refuse ? REFUSED : CASCADED);
}

static void close_one(struct worker *worker)
{
    struct orchard *orchard = worker->shared;
    moor_close_scope scope = pick_scope(worker, orchard->mode);
    struct member *member = any_member(worker);
    moor_agent agent = { bits_of(member) };
    moor_error error;

    if (agent.bits == 0) {
        return;
    }
    threads_step(worker, "close");
    error = moor_close(orchard->registry, agent, scope, NULL);
    if (error == MOOR_OK) {
        atomic_fetch_add_explicit(&member->closes, 1, memory_order_relaxed);
        close_counted(worker, orchard->mode, scope);
    } else if (error == MOOR_STALE) {
        outcome_count(&worker->tally, CLOSED_BEFORE);
    } else if (error == MOOR_HAS_CHILDREN && orchard->mode != MODE_ADOPT) {
        outcome_count(&worker->tally, HAD_CHILDREN);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "close: %s",
                      moor_error_name(error));
    }
}

/* There just if nobody closed it; with cascades about, gone if closed. */
static void judge_member(struct worker *worker, struct orchard *orchard,
                         const struct member *member)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;
    bool there = moor_status_of(orchard->registry,
                                (moor_agent){ member->bits },
                                &status) == MOOR_OK;

    if (member->closes > 1) {
        outcome_count(&worker->tally, CLOSED_TWICE);
    }
    if (there && member->closes > 0) {
        outcome_count(&worker->tally, STAYED);
    }
    if (!there && member->closes == 0 && orchard->mode != MODE_MIXED) {
        outcome_blame(&worker->tally, VANISHED, "in a round of %s",
                      orchard->mode == MODE_ADOPT ? "adopt" : "refuse");
    }
}

static void judge(struct worker *worker, struct orchard *orchard)
{
    char why[AUDIT_WHY];

    for (unsigned i = 0; i < orchard->count; i++) {
        judge_member(worker, orchard, &orchard->members[i]);
        orchard->members[i].bits = 0;
        orchard->members[i].closes = 0;
    }
    orchard->count = 0;
    if (!audit_end(orchard->registry, why)) {
        outcome_blame(&worker->tally, BAD_TREE, "mode %u: %s", orchard->mode,
                      why);
    }
    orchard->registry = NULL;
}

static void between(struct worker *worker, bool last)
{
    static const moor_close_rule rules[MODES] = { MOOR_ADOPT, MOOR_REFUSE,
                                                  MOOR_CASCADE };
    struct orchard *orchard = worker->shared;
    moor_config config;

    if (orchard->registry != NULL) {
        judge(worker, orchard);
    }
    if (last) {
        return;
    }
    orchard->mode = (enum mode)((orchard->mode + 1) % MODES); /* each in turn */
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    orchard->limited = random_chance(&worker->random, 2);
    if (orchard->limited) {
        config.limits[MOOR_LIMIT_CHILDREN] = 3;
    }
    config.close_rule = rules[orchard->mode];
    orchard->registry = audit_create(&config);
}

/* Lowering it meets admissions that were just judged by the old value. */
static void change_limit(struct worker *worker)
{
    struct orchard *orchard = worker->shared;

    threads_step(worker, "set limit");
    (void)moor_set_limit(orchard->registry, MOOR_LIMIT_CHILDREN,
                         random_below(&worker->random, 5));
}

static void body(struct worker *worker)
{
    struct orchard *orchard = worker->shared;

    while (threads_round(worker, between)) {
        for (unsigned step = 0; step < STEPS; step++) {
            if (orchard->limited && random_chance(&worker->random, 4)) {
                change_limit(worker);
            } else if (random_chance(&worker->random, 3)) {
                close_one(worker);
            } else {
                spawn(worker);
            }
        }
    }
}

int main(int argc, char **argv)
{
    static struct orchard orchard;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    const unsigned threads_max = MEMBERS_MAX / STEPS;

    options.threads = options.threads < 2 ? 2 : options.threads;
    if (options.threads > threads_max) {
        options.threads = threads_max; /* so that the ledger has room */
    }
    threads_run(&options, options.threads, body, &orchard, &sum);
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
