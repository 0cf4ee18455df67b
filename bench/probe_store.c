/*
 * store: what a store costs the calls on its registry, and how long it takes to
 * come back from 10,000 agents.
 *
 * Calls. Two registries, one of them with a store, take turns batch by batch;
 * each call is measured by itself, and each batch ends with a close of all.
 * Behind a batch the store is flushed, and that is not measured: otherwise its
 * thread would work while the other registry has its turn.  The other one
 * pauses as long behind its own, because who has slept finds its memory out of
 * the caches, and that is nothing that a store does.  A burst is over
 * before the store begins to write; a long batch is not, and shares records,
 * memory and processors with it.
 *
 * Resume. The same file is opened again and again; beside it the sqlite3 shell
 * reads the same rows, a whole process each time.  It is left out where there
 * is no such program.
 */
#include "probe.h"

#include <moorage/store.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    BURST = 200,
    BURSTS = 400,
    LONG = 20000,
    LONGS = 30,
    BATCHES_QUICK = 2,
    KEPT = 10000,
    KEPT_QUICK = 500,
    TIMES = 21,
    TIMES_QUICK = 2,
    RESUME_MS_MOST = 200
};

static char folder[] = "/tmp/moorage-bench-XXXXXX";
static char path[64];

static moor_store *open_store(moor_registry **registry)
{
    moor_store *store = NULL;
    moor_store_report report;
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    if (moor_store_open(path, &config, NULL, &store, registry, &report) !=
        MOOR_STORE_OK) {
        fprintf(stderr, "bench: %s\n", report.text);
        exit(1);
    }
    return store;
}

static void remove_store(void)
{
    static const char *const ends[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[80];

        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* --- calls ---------------------------------------------------------------- */

struct costs {
    struct histogram spawn, finish;
};

static void batch(moor_registry *registry, int size, struct costs *costs)
{
    static const moor_spawn_options options;
    static moor_agent agents[LONG];
    bool fine = true;

    for (int i = 0; i < size; i++) {
        const uint64_t begin = ticks();

        fine &= moor_spawn(registry, &options, &agents[i], NULL) == MOOR_OK;
        histogram_add(&costs->spawn, ticks() - begin);
    }
    for (int i = 0; i < size; i++) {
        const uint64_t begin = ticks();

        fine &= moor_finish(registry, agents[i], MOOR_STATUS_COMPLETED, NULL,
                            0) == MOOR_OK;
        histogram_add(&costs->finish, ticks() - begin);
    }
    for (int i = 0; i < size; i++) {
        fine &= moor_close(registry, agents[i], MOOR_CLOSE_BY_RULE, NULL) ==
                MOOR_OK;
    }
    probe_must(fine, "store: a call failed");
}

/* One batch with the store, and how long the flush behind it took. */
static double stored_batch(moor_store *store, moor_registry *registry, int size,
                           struct costs *costs)
{
    double begin;

    batch(registry, size, costs);
    begin = now();
    probe_must(moor_store_flush(store, MOOR_FOREVER) == MOOR_STORE_OK,
               "store: a flush failed");
    return now() - begin;
}

static void plain_batch(moor_registry *registry, int size, struct costs *costs,
                        double pause)
{
    const struct timespec as_long = {
        .tv_sec = (time_t)pause,
        .tv_nsec = (long)((pause - (double)(time_t)pause) * 1e9),
    };

    batch(registry, size, costs);
    nanosleep(&as_long, NULL);
}

static double share_ns(const struct histogram *histogram, double share)
{
    return (double)histogram_at(histogram, share) * ns_per_tick();
}

struct row {
    const char *ratio, *with, *without;
    double share;
    bool finish;
};

static const struct row bursts[] = {
    { "spawn in a burst with a store over without, p50",
      "spawn in a burst with a store, p50", "spawn in a burst, p50", 0.5,
      false },
    { "spawn in a burst with a store over without, p99",
      "spawn in a burst with a store, p99", "spawn in a burst, p99", 0.99,
      false },
    { "finish in a burst with a store over without, p50",
      "finish in a burst with a store, p50", "finish in a burst, p50", 0.5,
      true },
    { "finish in a burst with a store over without, p99",
      "finish in a burst with a store, p99", "finish in a burst, p99", 0.99,
      true },
};

static const struct row longs[] = {
    { "spawn while the store writes over without, p50",
      "spawn while the store writes, p50", "as many spawns, p50", 0.5, false },
    { "spawn while the store writes over without, p99",
      "spawn while the store writes, p99", "as many spawns, p99", 0.99,
      false },
    { "finish while the store writes over without, p50",
      "finish while the store writes, p50", "as many finishes, p50", 0.5,
      true },
    { "finish while the store writes over without, p99",
      "finish while the store writes, p99", "as many finishes, p99", 0.99,
      true },
};

static void add_calls(struct figures *figures, const struct row rows[4],
                      const struct costs *with, const struct costs *without)
{
    for (const struct row *row = rows; row < rows + 4; row++) {
        const double a =
            share_ns(row->finish ? &with->finish : &with->spawn, row->share);
        const double b = share_ns(
            row->finish ? &without->finish : &without->spawn, row->share);

        figures_add(figures, row->ratio, a / b, "", 1.5);
        figures_add(figures, row->with, a, "ns", 0);
        figures_add(figures, row->without, b, "ns", 0);
    }
}

static void measure_calls(int size, int batches, const struct row rows[4],
                          struct figures *figures)
{
    struct costs *with = calloc(2, sizeof *with), *without = with + 1;
    moor_registry *stored, *plain = probe_registry(MOOR_UNLIMITED);
    moor_store *store = open_store(&stored);
    double pause = 0;

    probe_must(with != NULL, "no memory");
    for (int i = 0; i < batches; i++) {
        if (i % 2 == 0) plain_batch(plain, size, without, pause);
        pause = stored_batch(store, stored, size, with);
        if (i % 2 == 1) plain_batch(plain, size, without, pause);
    }
    add_calls(figures, rows, with, without);
    probe_must(moor_store_close(store) == MOOR_STORE_OK, "store: no end");
    moor_destroy(stored);
    moor_destroy(plain);
    free(with);
    remove_store();
}

/* --- resume --------------------------------------------------------------- */

/* One in ten has children; one in three still runs. */
static void keep(uint32_t count)
{
    static moor_agent above[KEPT / 10 + 1];
    moor_registry *registry;
    moor_store *store = open_store(&registry);
    bool fine = true;

    for (uint32_t i = 0; i < count; i++) {
        const moor_id id = probe_id(i);
        const moor_spawn_options options = {
            .parent = i % 10 == 0 ? (moor_agent){ 0 } : above[i / 10],
            .role = "worker",
            .id = &id,
        };
        moor_agent agent;

        fine &= moor_spawn(registry, &options, &agent, NULL) == MOOR_OK;
        if (i % 10 == 0) above[i / 10] = agent;
        if (i % 3 == 0) continue;
        fine &= moor_finish(registry, agent, MOOR_STATUS_COMPLETED,
                            "a result of a few words", 23) == MOOR_OK;
    }
    fine &= moor_store_close(store) == MOOR_STORE_OK;
    moor_destroy(registry);
    probe_must(fine, "store: nothing to come back from");
}

/* Everything that a resume reads, by the shell; negative: there is none. */
static double shell_ms(void)
{
    char command[256];
    double begin;

    if (system("sqlite3 -version >/dev/null 2>&1") != 0) return -1;
    snprintf(command, sizeof command,
             "sqlite3 -readonly %s 'SELECT hex(id), hex(parent), path,"
             " nickname, role, turn, status, result FROM agents WHERE"
             " edge=\"open\" ORDER BY seq' >/dev/null",
             path);
    begin = now();
    return system(command) == 0 ? (now() - begin) * 1000 : -1;
}

static double resume_ms(void)
{
    moor_registry *registry;
    const double begin = now();
    moor_store *store = open_store(&registry);
    const double took = (now() - begin) * 1000;

    probe_must(moor_check(registry, true, NULL, 0) == MOOR_OK &&
                   moor_store_close(store) == MOOR_STORE_OK,
               "store: what came back is wrong");
    moor_destroy(registry);
    return took;
}

static void measure_resume(bool quick, struct figures *figures)
{
    const int times = quick ? TIMES_QUICK : TIMES;
    double shell[TIMES], resumed = 0;
    bool there = true;

    keep(quick ? KEPT_QUICK : KEPT);
    for (int i = 0; i < times; i++) {
        resumed += resume_ms();
        shell[i] = shell_ms();
        there &= shell[i] >= 0;
    }
    figures_add(figures, "resume of 10,000 agents, mean", resumed / times, "ms",
                RESUME_MS_MOST);
    figures_note(figures, quick ? "of 500 agents" : "checked whole, one in "
                                                    "three charged");
    if (there) {
        figures_add(figures, "the sqlite3 shell reads their rows",
                    median(shell, (unsigned)times), "ms", 0);
    }
    remove_store();
}

void probe_store(bool quick, struct figures *figures)
{
    probe_must(mkdtemp(folder) != NULL, "store: no folder");
    snprintf(path, sizeof path, "%s/store", folder);
    measure_calls(BURST, quick ? BATCHES_QUICK : BURSTS, bursts, figures);
    measure_calls(quick ? BURST : LONG, quick ? BATCHES_QUICK : LONGS, longs,
                  figures);
    measure_resume(quick, figures);
    rmdir(folder);
}
