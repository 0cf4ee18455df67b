/*
 * Playing the demonstration's rounds.
 *
 * The model is the calling thread.  It works in batches: it closes the oldest
 * agents that have ended, as many as it closes in that round, spawns as many as
 * it has at once, and waits for them.  Each agent is run by a thread of its
 * own, which starts and finishes it.  The model goes on as soon as it has seen
 * the last status of a batch, while those threads may still be on their way
 * out; a slot that came back later than its status would be refused here.
 *
 * All figures are the registry's own counters.
 */
#include "demo.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"

/* Rounds 1 to 3 as they were seen; then the model wants two more each time, as
 * in round 3, and closes none. */
const struct demo_round demo_rounds[DEMO_ROUNDS] = {
    {24, 7, 14, 10}, {6, 4, 4, 2}, {2, 2, 2, 0},
    {2, 2, 0, 0},    {2, 2, 0, 0}, {2, 2, 0, 0},
    {2, 2, 0, 0},    {2, 2, 0, 0}, {2, 2, 0, 0},
};

enum {
    AGENTS_MAX = 24 + 6 + 7 * 2, /* all that is ever wanted */
    ROUND_MAX = 24,              /* in one round */
    PATIENCE_MS = 30000          /* for threads that only start and finish */
};

struct worker {
    pthread_t thread;
    moor_registry *registry;
    moor_agent agent;
    moor_error error;
};

struct session {
    moor_registry *registry;
    moor_agent agents[AGENTS_MAX]; /* in the order of their spawns */
    size_t spawned, closed;        /* so these are agents[closed..spawned) */
    struct worker workers[ROUND_MAX];
    size_t workers_count;
};

static bool worked(const char *what, moor_error error)
{
    if (error == MOOR_OK) return true;
    fprintf(stderr, "moorage demo: %s: %s\n", what, moor_error_name(error));
    return false;
}

/* ---- the agents' side --------------------------------------------------- */

static void *work(void *argument)
{
    static const char result[] = "done";
    struct worker *worker = argument;

    worker->error = moor_start(worker->registry, worker->agent);
    if (worker->error == MOOR_OK) {
        worker->error = moor_finish(worker->registry, worker->agent,
                                    MOOR_STATUS_COMPLETED, result,
                                    sizeof result - 1);
    }
    return NULL;
}

static void put_to_work(struct session *session, moor_agent agent)
{
    struct worker *worker = &session->workers[session->workers_count++];

    *worker = (struct worker){.registry = session->registry, .agent = agent};
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        fputs("moorage: cannot start a thread\n", stderr);
        exit(EXIT_COULD_NOT);
    }
}

/* At the end of a round; every agent of it has ended by then. */
static bool workers_worked(struct session *session)
{
    bool all = true;

    for (size_t i = 0; i < session->workers_count; i++) {
        pthread_join(session->workers[i].thread, NULL);
        all = worked("an agent's thread", session->workers[i].error) && all;
    }
    session->workers_count = 0;
    return all;
}

/* ---- the model's side --------------------------------------------------- */

/* Close the oldest ones, at most `most`; all that are there have ended. */
static bool close_some(struct session *session, unsigned most, unsigned *closes)
{
    for (*closes = 0; *closes < most && session->closed < session->spawned;
         (*closes)++) {
        moor_agent agent = session->agents[session->closed++];
        moor_error error = moor_close(session->registry, agent,
                                      MOOR_CLOSE_BY_RULE, NULL);
        if (!worked("close", error)) return false;
    }
    return true;
}

/* Ask for `wanted` agents; those that are refused are not asked for again. */
static bool spawn_some(struct session *session, unsigned wanted)
{
    static const moor_spawn_options by_default = {0};

    for (unsigned i = 0; i < wanted; i++) {
        moor_agent *agent = &session->agents[session->spawned];
        moor_error error = moor_spawn(session->registry, &by_default, agent,
                                      NULL);
        if (error == MOOR_REFUSED) continue;
        if (!worked("spawn", error)) return false;
        session->spawned++;
    }
    return true;
}

/* The agents from `first` on are run, and waited for. */
static bool run_some(struct session *session, size_t first)
{
    size_t count = session->spawned - first;
    moor_waited waited[ROUND_MAX];

    if (count == 0) return true;
    for (size_t i = first; i < session->spawned; i++) {
        put_to_work(session, session->agents[i]);
    }
    return worked("wait", moor_wait(session->registry, MOOR_WAIT_ALL,
                                    MOOR_UNTIL_FINAL, &session->agents[first],
                                    count, PATIENCE_MS, waited));
}

/* The most that were live at once: all of a batch, before any of it runs. */
static bool note_live(const struct session *session, struct demo_seen *seen)
{
    moor_stats stats;

    if (!worked("stats", moor_stats_of(session->registry, &stats))) {
        return false;
    }
    if (stats.live > seen->live) seen->live = stats.live;
    return true;
}

static bool play_batches(struct session *session,
                         const struct demo_round *round, struct demo_seen *seen)
{
    unsigned closes = round->closes;

    for (unsigned left = round->wanted; left > 0;) {
        unsigned batch = left < round->at_once ? left : round->at_once;
        size_t first;
        unsigned closed;

        if (!close_some(session, closes, &closed)) return false;
        first = session->spawned;
        if (!spawn_some(session, batch) || !note_live(session, seen) ||
            !run_some(session, first)) {
            return false;
        }
        closes -= closed;
        left -= batch;
    }
    return true;
}

static bool play_round(struct session *session, const struct demo_round *round,
                       struct demo_seen *seen)
{
    moor_registry *registry = session->registry;
    moor_stats before, after;

    if (!worked("stats", moor_stats_of(registry, &before)) ||
        !worked("turn_begin", moor_turn_begin(registry, NULL))) {
        return false;
    }
    bool played = play_batches(session, round, seen);
    if (!workers_worked(session) || !played) return false;
    if (!worked("turn_end", moor_turn_end(registry, MOOR_LEFT_KEEP, NULL)) ||
        !worked("stats", moor_stats_of(registry, &after))) {
        return false;
    }
    seen->spawned = after.spawned - before.spawned;
    seen->closed = after.closed - before.closed;
    seen->finished = after.completed - before.completed;
    seen->held = after.used;
    seen->refused = after.refused[MOOR_LIMIT_RUNNING] -
                    before.refused[MOOR_LIMIT_RUNNING];
    return true;
}

static bool check(moor_registry *registry, struct demo_result *result)
{
    moor_error error = moor_check(registry, true, result->violated,
                                  sizeof result->violated);

    if (error == MOOR_VIOLATED) return true; /* for the claims to tell */
    result->violated[0] = '\0';
    return worked("check", error);
}

bool demo_play(struct demo_result *result)
{
    struct session session = {0};
    moor_config config;
    bool played = true;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = DEMO_SLOTS;
    config.release = result->release;
    if (!worked("create", moor_create(&config, &session.registry))) {
        return false;
    }
    for (size_t i = 0; played && i < DEMO_ROUNDS; i++) {
        played = play_round(&session, &demo_rounds[i], &result->rounds[i]);
    }
    played = played && check(session.registry, result);
    moor_destroy(session.registry);
    return played;
}

int demo(void)
{
    /* The one that leaks first. */
    static const moor_release releases[] = {
        MOOR_ON_CLOSE, MOOR_ON_COMPLETION, MOOR_ON_TURN_END, MOOR_ON_RESERVE};
    bool all_hold = true;

    demo_introduce();
    for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++) {
        struct demo_result result = {.release = releases[i]};

        if (!demo_play(&result)) return EXIT_COULD_NOT;
        demo_show(&result);
        bool holds = demo_holds(&result);
        if (holds) demo_conclude(&result);
        all_hold = all_hold && holds;
    }
    demo_close(all_hold);
    return all_hold ? EXIT_HELD : EXIT_BROKEN;
}
