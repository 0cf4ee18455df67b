/*
 * Snapshots and metrics beside spawners and closers.
 *
 * Question  While agents come, end and go, is what moor_snapshot writes always
 *           a tree, in which each agent stands once, below one that its path
 *           says; and do neither it nor moor_metrics ever fail?
 * Method    No name comes twice, so a path names one life.  A reader takes the
 *           text of the tree, puts the path of each line together from those
 *           above it, and compares; agents that stay have to be in it.  Now
 *           and then it wants no more in the middle.  Counts of the histograms
 *           and marks, read again and again, do not go back.
 * Limits    What each line says of its agent is the unit tests' question, all
 *           schedules of a few steps are model_snapshot's.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    SPAWNED,
    TOLD_STALE,
    FENCED,
    TOO_DEEP,
    FINISHED,
    CLOSED,
    TAKEN,
    ELSEWHERE,
    STOPPED,
    METRICS,
    TWICE,
    WRONG_PLACE,
    MISSING,
    WENT_BACK,
    ODD_ANSWER,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [SPAWNED] = { "spawned", MUST_OCCUR, "below any" },
    [TOLD_STALE] = { "told stale", MUST_OCCUR, "closed before" },
    [FENCED] = { "told fenced", EXPECTED, "while it is closed" },
    [TOO_DEEP] = { "told bad_path", EXPECTED, "as deep as a path can be" },
    [FINISHED] = { "finished", MUST_OCCUR, "ends beside readers" },
    [CLOSED] = { "closed", MUST_OCCUR, "with all below" },
    [TAKEN] = { "snapshot taken", MUST_OCCUR, "what it is about" },
    [ELSEWHERE] = { "hangs not below its parent", INTERESTING,
                    "that came or went during the pass" },
    [STOPPED] = { "wanted no more", MUST_OCCUR, "and had no more" },
    [METRICS] = { "metrics taken", MUST_OCCUR, "to their end" },
    [TWICE] = { "an agent twice", FORBIDDEN, "one pass" },
    [WRONG_PLACE] = { "below one that is not above it", FORBIDDEN, "a tree" },
    [MISSING] = { "one that stays is missing", FORBIDDEN, "I10" },
    [WENT_BACK] = { "a count or a mark went back", FORBIDDEN, "they rise" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
};

enum {
    MEMBERS = 48,
    STAY = 4, /* one below the other */
    ENTRIES = 256,
    TEXT = 1 << 18,
    LEVELS = MOOR_SEGMENTS_MAX + 1
};

struct grove {
    moor_registry *registry;
    alignas(128) _Atomic uint64_t members[MEMBERS]; /* bits; 0: the root */
    _Atomic uint64_t names;
};

/* --- writers -------------------------------------------------------------- */

static void told(struct worker *worker, moor_error error, enum saw good)
{
    switch (error) {
    case MOOR_OK:
        outcome_count(&worker->tally, good);
        break;
    case MOOR_STALE:
        outcome_count(&worker->tally, TOLD_STALE);
        break;
    case MOOR_FENCED:
        outcome_count(&worker->tally, FENCED);
        break;
    case MOOR_BAD_PATH:
        outcome_count(&worker->tally, TOO_DEEP);
        break;
    default:
        outcome_blame(&worker->tally, ODD_ANSWER, "%s", moor_error_name(error));
    }
}

static uint64_t any_member(struct worker *worker)
{
    struct grove *grove = worker->shared;

    return atomic_load_explicit(
        &grove->members[random_below(&worker->random, MEMBERS)],
        memory_order_relaxed);
}

static moor_agent spawn(struct worker *worker, moor_agent parent)
{
    struct grove *grove = worker->shared;
    char name[32];
    const moor_spawn_options options = { .parent = parent, .name = name };
    moor_agent agent = { 0 };
    moor_error error;

    (void)snprintf(name, sizeof name, "a%llu",
                   (unsigned long long)atomic_fetch_add_explicit(
                       &grove->names, 1, memory_order_relaxed));
    error = moor_spawn(grove->registry, &options, &agent, NULL);
    told(worker, error, SPAWNED);
    return agent;
}

/* One of its own members goes, another comes in its place: so there are never
 * more than members. */
static void replace(struct worker *worker)
{
    struct grove *grove = worker->shared;
    unsigned writers = worker->crew_size - 1;
    unsigned own = random_below(&worker->random, MEMBERS / writers) * writers +
                   (worker->index - 1);
    moor_agent agent = { atomic_load_explicit(&grove->members[own],
                                              memory_order_relaxed) };

    threads_step(worker, "close");
    if (agent.bits != 0) {
        told(worker,
             moor_close(grove->registry, agent, MOOR_CLOSE_TREE, NULL), CLOSED);
    }
    threads_step(worker, "spawn");
    agent = spawn(worker, (moor_agent){ any_member(worker) });
    atomic_store_explicit(&grove->members[own], agent.bits,
                          memory_order_relaxed);
}

static void finish_any(struct worker *worker)
{
    struct grove *grove = worker->shared;
    moor_agent agent = { any_member(worker) };
    moor_error error;

    if (agent.bits == 0) {
        return;
    }
    threads_step(worker, "finish");
    error = moor_finish(grove->registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
    if (error != MOOR_WRONG_STATUS) {
        told(worker, error, FINISHED);
    }
}

/* --- the reader ----------------------------------------------------------- */

struct reading {
    char text[TEXT];
    size_t length;
    unsigned pieces, most_pieces; /* 0: all of them */
    unsigned count;
    char paths[ENTRIES][MOOR_PATH_MAX + 1];
    unsigned above[LEVELS]; /* which is the last of each level */
    unsigned level;         /* of the last line */
    moor_times held;
    uint64_t used_most;
};

static bool take(void *context, const char *bytes, size_t length)
{
    struct reading *reading = context;

    if (length > TEXT - 1 - reading->length) {
        return false;
    }
    memcpy(reading->text + reading->length, bytes, length);
    reading->length += length;
    reading->text[reading->length] = '\0';
    return ++reading->pieces != reading->most_pieces;
}

static bool is_below(const char *path, const char *above)
{
    size_t length = strlen(above);

    return strncmp(path, above, length) == 0 && path[length] == '/';
}

/* The path of a line: all of it stands there, or what comes behind the one
 * above. */
static bool put_together(struct reading *reading, unsigned level,
                         const char *name, int length)
{
    const char *above =
        level == 0 ? "" : reading->paths[reading->above[level - 1]];
    char *path = reading->paths[reading->count];

    if (name[0] == '/') {
        (void)snprintf(path, MOOR_PATH_MAX + 1, "%.*s", length, name);
    } else {
        (void)snprintf(path, MOOR_PATH_MAX + 1, "%.900s/%.*s", above, length,
                       name);
    }
    return level == 0 ? strcmp(path, "/root") == 0 : is_below(path, above);
}

static void read_line(struct worker *worker, struct reading *reading,
                      const char *line)
{
    unsigned level = (unsigned)strspn(line, " ") / 2;
    const char *name = line + (size_t)2 * level;
    int length = (int)strcspn(name, " ");

    if ((reading->count > 0 && level > reading->level + 1) ||
        (level == 0) != (reading->count == 0) ||
        !put_together(reading, level, name, length)) {
        outcome_blame(&worker->tally, WRONG_PLACE, "line %u: %.*s",
                      reading->count, length, name);
    }
    for (unsigned i = 0; i < reading->count; i++) {
        if (strcmp(reading->paths[i], reading->paths[reading->count]) == 0) {
            outcome_blame(&worker->tally, TWICE, "%s", reading->paths[i]);
        }
    }
    if (level > 0 && name[0] == '/') {
        outcome_count(&worker->tally, ELSEWHERE);
    }
    reading->level = level;
    reading->above[level] = reading->count++;
}

static void read_lines(struct worker *worker, struct reading *reading)
{
    unsigned stay = 0;

    reading->count = 0;
    for (char *line = reading->text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        bool more = line[length] == '\n';

        line[length] = '\0';
        if (reading->count == ENTRIES) {
            outcome_blame(&worker->tally, ODD_ANSWER, "too many lines");
            return;
        }
        read_line(worker, reading, line);
        line += length + more;
    }
    for (unsigned i = 0; i < reading->count; i++) {
        const char *name = strrchr(reading->paths[i], '/');

        stay += strncmp(name, "/stays", 6) == 0;
    }
    if (stay != STAY) {
        outcome_blame(&worker->tally, MISSING, "%u of %u", stay, STAY);
    }
}

static void take_snapshot(struct worker *worker, struct reading *reading)
{
    struct grove *grove = worker->shared;
    bool stops = random_chance(&worker->random, 8);
    moor_error error;

    threads_step(worker, "snapshot");
    reading->length = reading->pieces = 0;
    reading->most_pieces = stops;
    error = moor_snapshot(grove->registry, MOOR_SNAPSHOT_TREE, take, reading);
    if (stops) {
        bool right = error == MOOR_STOPPED && reading->pieces == 1;

        outcome_count(&worker->tally, right ? STOPPED : ODD_ANSWER);
        return;
    }
    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, ODD_ANSWER, "snapshot: %s",
                      moor_error_name(error));
        return;
    }
    outcome_count(&worker->tally, TAKEN);
    read_lines(worker, reading);
}

static void take_metrics(struct worker *worker, struct reading *reading)
{
    static const char end[] = "\n# EOF\n";
    struct grove *grove = worker->shared;
    moor_error error;

    threads_step(worker, "metrics");
    reading->length = reading->pieces = reading->most_pieces = 0;
    error = moor_metrics(grove->registry, MOOR_METRICS_OPENMETRICS, take,
                         reading);
    if (error == MOOR_OK && reading->length > sizeof end &&
        strcmp(reading->text + reading->length + 1 - sizeof end, end) == 0) {
        outcome_count(&worker->tally, METRICS);
    } else {
        outcome_blame(&worker->tally, ODD_ANSWER, "metrics: %s",
                      moor_error_name(error));
    }
}

static void expect_rise(struct worker *worker, struct reading *reading)
{
    struct grove *grove = worker->shared;
    moor_times before = reading->held;
    moor_stats stats;

    if (moor_times_of(grove->registry, NULL, &reading->held) != MOOR_OK ||
        moor_stats_of(grove->registry, &stats) != MOOR_OK) {
        outcome_count(&worker->tally, ODD_ANSWER);
        return;
    }
    for (unsigned b = 0; b < MOOR_TIMES_BUCKETS; b++) {
        if (reading->held.buckets[b] < before.buckets[b]) {
            outcome_blame(&worker->tally, WENT_BACK, "bucket %u", b);
        }
    }
    if (stats.used_most < reading->used_most ||
        stats.used_most < stats.used || reading->held.sum_us < before.sum_us) {
        outcome_blame(&worker->tally, WENT_BACK, "%llu, and was %llu",
                      (unsigned long long)stats.used_most,
                      (unsigned long long)reading->used_most);
    }
    reading->used_most = stats.used_most;
}

/* --- all ------------------------------------------------------------------ */

static void body(struct worker *worker)
{
    static struct reading reading; /* there is one reader */

    while (threads_going(worker)) {
        if (worker->index == 0) {
            take_snapshot(worker, &reading);
            expect_rise(worker, &reading);
            if (random_chance(&worker->random, 4)) {
                take_metrics(worker, &reading);
            }
        } else if (random_chance(&worker->random, 4)) {
            finish_any(worker);
        } else {
            replace(worker);
        }
    }
}

static bool plant(struct grove *grove)
{
    moor_agent parent = { 0 };
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.measure_held = true;
    grove->registry = audit_create(&config);
    for (unsigned i = 0; i < STAY; i++) {
        char name[16];
        const moor_spawn_options options = { .parent = parent, .name = name };

        (void)snprintf(name, sizeof name, "stays%u", i);
        if (moor_spawn(grove->registry, &options, &parent, NULL) != MOOR_OK) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct grove grove;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };
    char why[AUDIT_WHY];

    options.threads = options.threads < 2 ? 2 : options.threads;
    if (options.threads > MEMBERS) {
        options.threads = MEMBERS;
    }
    if (!plant(&grove)) {
        return 2;
    }
    threads_run(&options, options.threads, body, &grove, &sum);
    if (!audit_end(grove.registry, why)) {
        outcome_blame(&sum, ODD_ANSWER, "%s", why);
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
