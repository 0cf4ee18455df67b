/*
 * What the public calls cost: atomic operations and cache lines, counted.
 *
 * Question  Does each call of an agent's life need what lib/DESIGN.md says, and
 *           an agent and an empty registry no more memory than it says?
 * Method    The step build of the library calls moor_step() before every atomic
 *           operation.  One thread lives a life of an agent in a registry that
 *           has seen many; the operations of each call are counted by kind and
 *           by the lines they are on.  Bytes are the growth of the heap.
 * Limits    Plain accesses are not counted, nor what ConcurrencyKit does for
 *           an epoch section (an exchange to open, a store to close it).  Fewer
 *           than the table says is no failure; more is.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include <moorage/moorage.h>

#include "books.h"

enum { LINE = 64, LINES_MAX = 256, WARM = 100, MANY = 2000 };

static struct {
    bool on;
    unsigned loads, stores, updates, lines;
    uintptr_t seen[LINES_MAX];
} count;

int model_self(void);

int model_self(void)
{
    return -1;
}

void moor_step(const volatile void *address, moor_step_kind kind)
{
    uintptr_t line = (uintptr_t)address / LINE;
    unsigned i = 0;

    if (!count.on) return;
    count.loads += kind == MOOR_STEP_LOAD;
    count.stores += kind == MOOR_STEP_STORE;
    count.updates += kind == MOOR_STEP_UPDATE;
    while (i < count.lines && count.seen[i] != line)
        i++;
    if (i == count.lines && count.lines < LINES_MAX) {
        count.seen[count.lines++] = line;
    }
}

/* What the table of DESIGN.md allows. */
static const struct allowed {
    const char *call;
    unsigned updates, lines;
} allowed[] = {
    { "spawn, made name", 12, 15 }, { "reserve, named", 12, 18 },
    { "commit", 1, 5 },             { "refused", 0, 10 },
    { "status_of", 0, 2 },          { "find_id", 0, 4 },
    { "find_path", 0, 5 },          { "start", 1, 3 },
    { "finish, no text", 3, 5 },    { "run_again", 6, 6 },
    { "wait, met", 0, 2 },          { "close, idle", 7, 12 },
    { "finish, event", 8, 11 },     { "finish, unread", 6, 10 },
    { "events, one", 7, 8 },
};

static int failures;
static moor_registry *registry;

static void begin(void)
{
    memset(&count, 0, sizeof count);
    count.on = true;
}

static void end(const char *call, moor_error error, moor_error expected)
{
    const struct allowed *row = allowed;

    count.on = false;
    while (strcmp(row->call, call) != 0)
        row++;
    printf("  %-18s %5u %6u %7u %6u", call, count.loads, count.stores,
           count.updates, count.lines);
    if (error != expected || count.updates > row->updates ||
        count.lines > row->lines) {
        printf("   FAILED: %s, at most %u updates on %u lines",
               moor_error_name(error), row->updates, row->lines);
        failures++;
    }
    putchar('\n');
}

static moor_agent spawn_one(void)
{
    moor_agent agent = { 0 };

    (void)moor_spawn(registry, &(moor_spawn_options){ .name = NULL }, &agent,
                     NULL);
    return agent;
}

/* So that records, buckets and texts are there already.  The marks of the most
 * that were used are written only when they rise: they are as high as that. */
static void warm_up(void)
{
    (void)slots_most(&registry->running, SLOTS_USED);
    (void)slots_most(&registry->resident, SLOTS_USED);
    for (int i = 0; i < WARM; i++) {
        moor_agent agent = spawn_one();

        (void)moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
        (void)moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL);
    }
}

static moor_agent be_admitted(void)
{
    const moor_spawn_options named = { .name = "worker" };
    moor_agent agent = { 0 }, other = { 0 };
    moor_ticket ticket = { 0 };
    moor_error error;

    begin();
    error = moor_spawn(registry, &(moor_spawn_options){ .name = NULL }, &other,
                       NULL);
    end("spawn, made name", error, MOOR_OK);
    begin();
    error = moor_reserve(registry, &named, &ticket, NULL);
    end("reserve, named", error, MOOR_OK);
    begin();
    error = moor_commit(registry, ticket, NULL, NULL, &agent);
    end("commit", error, MOOR_OK);
    begin();
    error = moor_reserve(registry, &(moor_spawn_options){ .name = "one_more" },
                         &ticket, NULL);
    end("refused", error, MOOR_REFUSED);
    return agent;
}

static void be_found(moor_agent agent)
{
    moor_status status;
    moor_agent found;
    moor_info info;
    moor_error error;

    (void)moor_info_of(registry, agent, &info);
    begin();
    error = moor_status_of(registry, agent, &status);
    end("status_of", error, MOOR_OK);
    begin();
    error = moor_find_id(registry, &info.id, &found);
    end("find_id", error, MOOR_OK);
    begin();
    error = moor_find_path(registry, (moor_agent){ 0 }, "/root/worker", &found);
    end("find_path", error, MOOR_OK);
}

static void live(moor_agent agent)
{
    moor_waited waited;
    moor_error error;

    begin();
    error = moor_start(registry, agent);
    end("start", error, MOOR_OK);
    begin();
    error = moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
    end("finish, no text", error, MOOR_OK);
    begin();
    error = moor_run_again(registry, agent, NULL);
    end("run_again", error, MOOR_OK);
    (void)moor_interrupt(registry, agent);
    begin();
    error = moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_IDLE, &agent, 1, 0,
                      &waited);
    end("wait, met", error, MOOR_OK);
    begin();
    error = moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL);
    end("close, idle", error, MOOR_OK);
}

static void count_life(void)
{
    moor_config config;
    moor_agent agent;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 2;
    if (moor_create(&config, &registry) != MOOR_OK) return;
    printf("  %-18s %5s %6s %7s %6s\n", "call", "loads", "stores", "updates",
           "lines");
    warm_up();
    agent = be_admitted();
    be_found(agent);
    live(agent);
    moor_destroy(registry);
}

/* A registry that keeps events: the first end that nobody has read, the next
 * one of the same agent, and reading an end. */
static void count_events(void)
{
    moor_config config;
    moor_event events[4];
    size_t count_read = 0;
    moor_agent agent;
    moor_error error;

    moor_config_default(&config);
    config.events = true;
    if (moor_create(&config, &registry) != MOOR_OK) return;
    warm_up();
    while (moor_events(registry, moor_root(registry), events, 4, &count_read) ==
               MOOR_OK &&
           count_read > 0) {
    }
    agent = spawn_one();
    begin();
    error = moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
    end("finish, event", error, MOOR_OK);
    begin();
    error =
        moor_events(registry, moor_root(registry), events, 4, &count_read);
    end("events, one", error, MOOR_OK);
    for (int i = 0; i < 2; i++) {
        (void)moor_run_again(registry, agent, NULL);
        begin();
        error = moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
        end(i == 0 ? "finish, event" : "finish, unread", error, MOOR_OK);
    }
    moor_destroy(registry);
}

/* --- bytes ---------------------------------------------------------------- */

#if !defined(__SANITIZE_ADDRESS__)
static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static void expect_bytes(const char *what, size_t bytes, size_t most)
{
    printf("  %-40s %6zu bytes%s\n", what, bytes,
           bytes > most ? "   FAILED: too many" : "");
    failures += bytes > most;
}
#endif

static void count_bytes(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return; /* its heap tells nothing about ours */
#else
    moor_config config;
    size_t before = heap();

    if (moor_create(NULL, &registry) != MOOR_OK) return;
    expect_bytes("an empty registry of limit 6", heap() - before, 4096);
    moor_destroy(registry);

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    before = heap();
    if (moor_create(&config, &registry) != MOOR_OK) return;
    for (int i = 0; i < MANY; i++)
        (void)spawn_one();
    expect_bytes("an agent below the root, names included",
                 (heap() - before) / MANY, 200);
    moor_destroy(registry);
#endif
}

int main(void)
{
    count_life();
    count_events();
    count_bytes();
    return failures != 0;
}
