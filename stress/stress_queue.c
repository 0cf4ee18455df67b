/*
 * A queue for few slots.
 *
 * Question  Is everybody served who waits, in the order in which they came, and
 *           alike?  Is a slot ever handed to two, or lost on its way?
 * Method    Four workers to each of --threads ask for two slots with patience,
 *           start, finish and close, again and again.  A shadow counter goes up
 *           after the grant and down before the slot is given up: beyond the
 *           limit it has caught a slot that was handed out twice.  In fair
 *           rounds all wait for as long as it takes, and once all are there
 *           the most served may have a fifth more than the least, and ten, in
 *           the best of three: the machine may let some wait for a processor.
 *           An observer looks whether anybody waits while a hundred that came
 *           after it are served.  In mixed rounds waiters have deadlines, are
 *           cancelled, or find their path taken; holders lend and take back,
 *           and others end them; the queue is short, the limit changes.  At the
 *           end nobody waits, nothing is used, and `limit` spawns succeed.
 * Limits    Overtaking is counted from below: see `observe`.  A worker that is
 *           served late because it does not run is not overtaken.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    SERVED,
    KNOWN,
    KNOWN_TWICE,
    GONE_WITHOUT,
    QUEUE_FULL,
    TOOK_BACK,
    ENDED_LENT,
    PATH_TAKEN,
    CANCELLED,
    LIMIT_SET,
    NOT_SERVED,
    OVERTAKEN,
    UNFAIR,
    OVER_LIMIT,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [SERVED] = { "served", MUST_OCCUR, "a slot was free or handed over" },
    [KNOWN] = { "seen to wait", MUST_OCCUR, "by the observer" },
    [KNOWN_TWICE] = { "seen to wait on", EXPECTED, "overtaking is judged" },
    [GONE_WITHOUT] = { "went without", MUST_OCCUR, "deadline, or cancelled" },
    [QUEUE_FULL] = { "queue full", MUST_OCCUR, "fewer places than workers" },
    [TOOK_BACK] = { "lent and took back", MUST_OCCUR, "ahead of the queue" },
    [ENDED_LENT] = { "ended another that had lent", MUST_OCCUR, "lending" },
    [PATH_TAKEN] = { "path taken meanwhile", MUST_OCCUR, "judged anew" },
    [CANCELLED] = { "cancelled another", MUST_OCCUR, "waiting or not" },
    [LIMIT_SET] = { "limit changed", MUST_OCCUR, "while others wait" },
    [NOT_SERVED] = { "refused, but would wait", FORBIDDEN, "no deadline" },
    [OVERTAKEN] = { "overtaken by a hundred", FORBIDDEN, "first come" },
    [UNFAIR] = { "some were served more often", FORBIDDEN, "1.2 times" },
    [OVER_LIMIT] = { "more holders than slots", FORBIDDEN, "I2" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "I1, I3" },
};

enum {
    CREW_MAX = 32, /* bits of a mask */
    SLOTS = 2,
    SLOTS_MOST = 4, /* in mixed rounds */
    PLACES_MIXED = 12,
    OVERTAKERS_MOST = 100,
    HOLD_STEPS = 50,
    ROUNDS_FAIR = 3
};

/* One worker's admissions. */
struct spawner {
    alignas(128) _Atomic uint64_t call; /* number of the one under way */
    bool arrived;    /* it was served in this round */
    uint64_t served; /* since all have arrived */
    moor_cancellation cancellation;
};

struct counter {
    moor_registry *registry;
    bool mixed;
    alignas(128) _Atomic uint64_t inside; /* changes << 32 | who is in a call */
    alignas(128) _Atomic uint64_t begun;  /* calls */
    alignas(128) _Atomic uint64_t ended;
    alignas(128) _Atomic unsigned held; /* never above the truth */
    _Atomic unsigned arrived;
    _Atomic uint64_t lent; /* the last one that lent */
    struct spawner spawners[CREW_MAX];
};

/* --- calls ---------------------------------------------------------------- */

/* Relaxed, here and below: the counts must not order the workers, and on x86-64
 * a locked addition is in its place. */
static void enter(struct worker *worker)
{
    struct counter *counter = worker->shared;
    uint64_t call = 1 + atomic_fetch_add_explicit(&counter->begun, 1,
                                                  memory_order_relaxed);

    atomic_store_explicit(&counter->spawners[worker->index].call, call,
                          memory_order_relaxed);
    atomic_fetch_add_explicit(
        &counter->inside, (1ULL << 32) + (1ULL << worker->index),
        memory_order_relaxed);
}

static void leave(struct worker *worker)
{
    struct counter *counter = worker->shared;

    atomic_fetch_add_explicit(&counter->inside,
                              (1ULL << 32) - (1ULL << worker->index),
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&counter->ended, 1, memory_order_relaxed);
}

static moor_error spawn(struct worker *worker, const char *name,
                        const moor_patience *patience, moor_agent *agent)
{
    struct counter *counter = worker->shared;
    const moor_spawn_options options = { .name = name, .patience = patience };
    moor_error error;

    threads_step(worker, "spawn");
    enter(worker);
    error = moor_spawn(counter->registry, &options, agent, NULL);
    leave(worker);
    return error;
}

static void expect_ok(struct worker *worker, const char *what,
                      moor_error error)
{
    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, ODD_ANSWER, "%s: %s", what,
                      moor_error_name(error));
    }
}

/* With a slot, for a moment. */
static void hold(struct worker *worker)
{
    struct counter *counter = worker->shared;
    unsigned most = counter->mixed ? SLOTS_MOST : SLOTS;
    unsigned held =
        1 + atomic_fetch_add_explicit(&counter->held, 1, memory_order_relaxed);

    if (held > most) {
        outcome_blame(&worker->tally, OVER_LIMIT, "%u hold slots", held);
    }
    for (unsigned i = random_below(&worker->random, HOLD_STEPS); i > 0; i--) {
        if (i % 16 == 0) {
            sched_yield(); /* so that the others come to wait */
        }
    }
    atomic_fetch_sub_explicit(&counter->held, 1, memory_order_relaxed);
}

/* `others`: they may have ended it, too. */
static void end(struct worker *worker, moor_agent agent, bool others)
{
    struct counter *counter = worker->shared;
    moor_error error;

    threads_step(worker, "giving back");
    error = moor_finish(counter->registry, agent, MOOR_STATUS_COMPLETED, NULL,
                        0);
    if (error != MOOR_WRONG_STATUS || !others) {
        expect_ok(worker, "finish", error);
    }
    expect_ok(worker, "close",
              moor_close(counter->registry, agent, MOOR_CLOSE_BY_RULE, NULL));
}

/* --- fair rounds ---------------------------------------------------------- */

static void fair(struct worker *worker)
{
    static const moor_patience for_ever = { .timeout_ms = MOOR_FOREVER };
    struct counter *counter = worker->shared;
    struct spawner *mine = &counter->spawners[worker->index];
    moor_agent agent;
    moor_error error = spawn(worker, NULL, &for_ever, &agent);

    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, NOT_SERVED, "spawn: %s",
                      moor_error_name(error));
        return;
    }
    outcome_count(&worker->tally, SERVED);
    if (!mine->arrived && threads_going(worker)) { /* not as the last ones */
        mine->arrived = true;
        atomic_fetch_add_explicit(&counter->arrived, 1, memory_order_relaxed);
    }
    mine->served += atomic_load_explicit(&counter->arrived,
                                         memory_order_relaxed) +
                        1 == worker->crew_size;
    expect_ok(worker, "start", moor_start(counter->registry, agent));
    hold(worker);
    end(worker, agent, false);
}

/* Of one waiter: the call, and how many had begun when it was seen to wait. */
struct known {
    uint64_t call, begun;
};

/*
 * Who is in a call is there before it begins and until it has returned, and has
 * one place in the queue at most.  If nobody came or left while the places were
 * counted, and as many waited as were there, then each of them was seen to
 * wait, each at some instant of that look.
 *
 * Whoever begins after such a look begins behind all of them.  If one of them
 * is seen to wait in a later look, still in the same call, it has waited all
 * the time.  Of the calls that had ended before that look no more than `begun`
 * had begun before the first one; the others have overtaken it.  (At most as
 * many as there are workers are missed: who had begun, and has not ended.)
 *
 * The figures are loaded in the order in which they stand, on x86-64.
 */
static void observe(struct worker *worker, struct known known[CREW_MAX])
{
    struct counter *counter = worker->shared;
    uint64_t calls[CREW_MAX], ended, inside, begun;
    unsigned there;
    moor_stats stats;

    threads_step(worker, "observing");
    ended = atomic_load_explicit(&counter->ended, memory_order_relaxed);
    inside = atomic_load_explicit(&counter->inside, memory_order_relaxed);
    for (unsigned i = 0; i < CREW_MAX; i++) {
        calls[i] = atomic_load_explicit(&counter->spawners[i].call,
                                        memory_order_relaxed);
    }
    expect_ok(worker, "stats", moor_stats_of(counter->registry, &stats));
    if (stats.used > SLOTS) {
        outcome_count(&worker->tally, OVER_LIMIT);
    }
    there = (unsigned)__builtin_popcount((unsigned)inside);
    if (stats.waiting != there || there == 0 ||
        atomic_load_explicit(&counter->inside, memory_order_relaxed) !=
            inside) {
        return;
    }
    begun = atomic_load_explicit(&counter->begun, memory_order_relaxed);
    for (unsigned i = 0; i < CREW_MAX; i++) {
        if ((inside >> i & 1) == 0) {
            continue;
        }
        if (known[i].call != calls[i]) {
            outcome_count(&worker->tally, KNOWN);
            known[i] = (struct known){ calls[i], begun };
            continue;
        }
        outcome_count(&worker->tally, KNOWN_TWICE);
        if (ended > known[i].begun + OVERTAKERS_MOST) {
            outcome_blame(&worker->tally, OVERTAKEN, "worker %u", i);
        }
    }
}

/* --- mixed rounds --------------------------------------------------------- */

/* Lends for a moment; comes back as late as it must.  From then on others may
 * end it, so it counts no more among those that hold a slot. */
static void lend(struct worker *worker, moor_agent agent)
{
    static const moor_patience for_ever = { .timeout_ms = MOOR_FOREVER };
    struct counter *counter = worker->shared;
    moor_error error;

    expect_ok(worker, "lend", moor_lend(counter->registry, agent));
    atomic_store_explicit(&counter->lent, agent.bits, memory_order_relaxed);
    threads_step(worker, "taking back");
    error = moor_take_back(counter->registry, agent, &for_ever, NULL);
    if (error == MOOR_QUEUE_FULL) {
        outcome_count(&worker->tally, QUEUE_FULL);
        return; /* it ends without */
    }
    if (error != MOOR_NOT_LENT) { /* others have ended it */
        expect_ok(worker, "take_back", error);
        outcome_count(&worker->tally, TOOK_BACK);
    }
}

static void end_lent(struct worker *worker)
{
    struct counter *counter = worker->shared;
    moor_agent lent = { atomic_load_explicit(&counter->lent,
                                             memory_order_relaxed) };

    threads_step(worker, "ending a lender");
    if (moor_interrupt(counter->registry, lent) == MOOR_OK) {
        outcome_count(&worker->tally, ENDED_LENT);
    }
}

static void mixed_spawn(struct worker *worker)
{
    struct counter *counter = worker->shared;
    moor_cancellation *mine = &counter->spawners[worker->index].cancellation;
    const moor_patience patience = {
        .timeout_ms = random_chance(&worker->random, 2)
                          ? MOOR_FOREVER
                          : random_below(&worker->random, 3),
        .cancellation = random_chance(&worker->random, 2) ? mine : NULL
    };
    static const char *const names[] = { NULL, NULL, "a", "b" };
    bool lends = random_chance(&worker->random, 4);
    moor_agent agent = { 0 };
    moor_error error;

    atomic_store_explicit((_Atomic uint64_t *)&mine->bits, 0,
                          memory_order_relaxed);
    error = spawn(worker, names[random_below(&worker->random, 4)], &patience,
                  &agent);
    if (error == MOOR_REFUSED || error == MOOR_QUEUE_FULL ||
        error == MOOR_PATH_TAKEN) {
        outcome_count(&worker->tally, error == MOOR_REFUSED      ? GONE_WITHOUT
                                      : error == MOOR_PATH_TAKEN ? PATH_TAKEN
                                                                 : QUEUE_FULL);
        sched_yield(); /* as hosts do: others are at it */
        return;
    }
    expect_ok(worker, "spawn", error);
    outcome_count(&worker->tally, SERVED);
    expect_ok(worker, "start", moor_start(counter->registry, agent));
    hold(worker);
    if (lends) {
        lend(worker, agent);
    }
    end(worker, agent, lends);
}

static void mixed(struct worker *worker)
{
    struct counter *counter = worker->shared;

    if (random_chance(&worker->random, 8)) {
        unsigned other = random_below(&worker->random, worker->crew_size);

        threads_step(worker, "cancelling");
        expect_ok(worker, "cancel",
                  moor_cancel(counter->registry,
                              &counter->spawners[other].cancellation));
        outcome_count(&worker->tally, CANCELLED);
    } else if (random_chance(&worker->random, 8)) {
        end_lent(worker);
    } else if (random_chance(&worker->random, 16)) {
        threads_step(worker, "setting the limit");
        expect_ok(worker, "set_limit",
                  moor_set_limit(counter->registry, MOOR_LIMIT_RUNNING,
                                 1 + random_below(&worker->random,
                                                  SLOTS_MOST)));
        outcome_count(&worker->tally, LIMIT_SET);
    } else {
        mixed_spawn(worker);
    }
}

/* --- all of it ------------------------------------------------------------ */

/* In fair rounds the last of the crew observes. */
static void body(struct worker *worker)
{
    struct counter *counter = worker->shared;
    struct known known[CREW_MAX] = { { 0, 0 } };

    while (threads_going(worker)) {
        if (counter->mixed) {
            mixed(worker);
        } else if (worker->index + 1 < worker->crew_size) {
            fair(worker);
        } else {
            observe(worker, known);
            sched_yield();
        }
    }
}

/* Were all served alike once all were there?  Begins anew. */
static bool was_fair(struct counter *counter, unsigned spawners)
{
    uint64_t least = UINT64_MAX, most = 0;

    for (unsigned i = 0; i < spawners; i++) {
        uint64_t served = counter->spawners[i].served;

        counter->spawners[i].served = 0;
        counter->spawners[i].arrived = false;
        least = served < least ? served : least;
        most = served > most ? served : most;
    }
    printf("fair: least served %llu times, most %llu\n",
           (unsigned long long)least, (unsigned long long)most);
    return atomic_exchange(&counter->arrived, 0) == spawners &&
           most * 10 <= least * 12 + 100;
}

static void run_fair(const struct options *options, struct counter *counter,
                     struct tally *tally)
{
    unsigned spawners = 4 * options->threads, best = 0;

    for (unsigned i = 0; i < ROUNDS_FAIR; i++) {
        struct options mine = options_part(options, i, ROUNDS_FAIR);
        struct tally part = { .detail = "" };

        threads_run(&mine, spawners + 1, body, counter, &part);
        outcome_add(tally, &part);
        best += was_fair(counter, spawners);
    }
    if (best == 0) {
        outcome_blame(tally, UNFAIR, "in none of %u rounds", ROUNDS_FAIR);
    }
}

static void judge_end(moor_registry *registry, struct tally *tally)
{
    moor_spawn_options options = { .name = NULL };
    moor_stats stats = { 0 };
    char why[AUDIT_WHY];
    unsigned fitted = 0;
    moor_agent agent;

    (void)moor_set_limit(registry, MOOR_LIMIT_RUNNING, SLOTS);
    if (!audit_quiet(registry, why)) {
        outcome_blame(tally, BAD_END, "%s", why);
    }
    (void)moor_stats_of(registry, &stats);
    if (stats.used != 0 || stats.waiting != 0) {
        outcome_blame(tally, BAD_END, "a slot is used, or somebody waits");
    }
    while (fitted <= SLOTS &&
           moor_spawn(registry, &options, &agent, NULL) == MOOR_OK) {
        fitted++;
    }
    if (fitted != SLOTS) {
        outcome_blame(tally, BAD_END, "%u fit into %u slots", fitted, SLOTS);
    }
    if (!audit_end(registry, why)) {
        outcome_blame(tally, BAD_END, "%s", why);
    }
}

static void phase(const struct options *options, bool with_all,
                  moor_release release, struct tally *sum)
{
    static struct counter counter;
    struct tally tally = { .detail = "" };
    moor_config config;

    counter = (struct counter){ .mixed = with_all };
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = SLOTS;
    config.release = release;
    config.queue = with_all ? PLACES_MIXED : 8 * options->threads;
    counter.registry = audit_create(&config);
    if (with_all) {
        threads_run(options, 4 * options->threads, body, &counter, &tally);
    } else {
        run_fair(options, &counter, &tally);
    }
    judge_end(counter.registry, &tally);
    outcome_add(sum, &tally);
}

int main(int argc, char **argv)
{
    static const moor_release releases[] = { MOOR_ON_COMPLETION,
                                             MOOR_ON_RESERVE };
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };

    options.threads = options.threads < 3 ? 3 : options.threads;
    if (options.threads > (CREW_MAX - 1) / 4) {
        options.threads = (CREW_MAX - 1) / 4; /* and the observer */
    }
    for (unsigned i = 0; i < 4; i++) {
        struct options mine = options_part(&options, i, 4);

        /* Fair rounds need the time more: what the scheduler does to one of
         * them has to even out. */
        mine.seconds *= i < 2 ? 1.5 : 0.5;
        phase(&mine, i >= 2, releases[i % 2], &sum);
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
