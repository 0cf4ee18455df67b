/*
 * A process that spawns, ends, runs again and closes while the store follows is
 * killed at a random instant; then the file is resumed.
 *
 * Goal    What is resumed is consistent.  What a flush has acknowledged is
 *         there, or a later state of it: each agent's states have a number, and
 *         in memory that outlives the child stand the number that a flush has
 *         acknowledged and that of the latest call that was begun.
 * Method  SIGKILL, --kills times (500 is the long form).  The instants and the
 *         calls come from --seed, which is printed; what the threads and the
 *         disk make of it is another matter each time.
 * Limits  A killed process is not a lost disk: what the system has not written
 *         yet survives it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <moorage/moorage.h>
#include <moorage/store.h>

/* In a run each thread has so many agents at once, and so many in all. */
enum { THREADS = 2, PLACES = 24, AGENTS = 20000, ROUNDS_A_FILE = 8 };

/* The states of an agent, in turn; each is told from the others. */
enum state { NONE, PENDING, COMPLETED, RUNNING, ERRORED, CLOSED };

struct shown {
    atomic_uint begun, acknowledged;
    unsigned ended; /* the thread's own */
    unsigned above; /* number + 1 of the one above, of the same thread */
};

struct memory {
    atomic_bool works; /* the store is open */
    atomic_uint flushes;
    atomic_uint broken; /* what the child has seen itself */
    atomic_uint count[THREADS];
    struct shown shown[THREADS][AGENTS];
};

static struct memory *memory;
static char folder[] = "/tmp/moorage-crash-XXXXXX";
static char path[64];
static unsigned run; /* number of the run: part of the ids */
static bool adopting;

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static moor_id id_of(unsigned thread, unsigned number)
{
    moor_id id = {{0x77, (uint8_t)thread}};

    memcpy(id.bytes + 4, &run, sizeof run);
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

/* --- the child ------------------------------------------------------------ */

struct place {
    moor_agent agent;
    unsigned number; /* in shown; the state NONE: nobody */
    enum state state;
};

struct worker {
    pthread_t thread;
    unsigned self;
    uint64_t random;
    moor_store *store;
    moor_registry *registry;
    struct place places[PLACES];
};

static void begin(struct worker *worker, unsigned number, enum state state)
{
    atomic_store(&memory->shown[worker->self][number].begun, state);
}

static void end(struct worker *worker, unsigned number, enum state state)
{
    memory->shown[worker->self][number].ended = state;
}

static void expect(bool fine)
{
    if (!fine) atomic_fetch_add(&memory->broken, 1);
}

static void spawn_at(struct worker *worker, struct place *place)
{
    unsigned number = atomic_load(&memory->count[worker->self]);
    struct place *above =
        &worker->places[next_random(&worker->random) % PLACES];
    bool below = above != place && above->state != NONE;
    moor_id id = id_of(worker->self, number);
    char name[32];
    moor_spawn_options options = {.name = name, .id = &id};

    if (number == AGENTS) return;
    snprintf(name, sizeof name, "t%u_%d", worker->self,
             (int)(place - worker->places));
    if (below) options.parent = above->agent;
    memory->shown[worker->self][number].above = below ? above->number + 1 : 0;
    begin(worker, number, PENDING);
    atomic_store(&memory->count[worker->self], number + 1);
    moor_error error =
        moor_spawn(worker->registry, &options, &place->agent, NULL);

    if (error != MOOR_OK) { /* too deep, or one that was adopted is there */
        begin(worker, number, NONE);
        expect(error == MOOR_BAD_PATH || error == MOOR_PATH_TAKEN);
        return;
    }
    place->number = number;
    place->state = PENDING;
    end(worker, number, PENDING);
}

static bool is_below(struct worker *worker, unsigned number, unsigned other)
{
    while (number != other && memory->shown[worker->self][number].above != 0)
        number = memory->shown[worker->self][number].above - 1;
    return number == other;
}

/* With all below it, or without. */
static void close_at(struct worker *worker, struct place *closed)
{
    unsigned self = closed->number;

    for (struct place *p = worker->places; p < worker->places + PLACES; p++) {
        if (p->state != NONE &&
            (adopting ? p == closed : is_below(worker, p->number, self)))
            begin(worker, p->number, CLOSED);
    }
    expect(moor_close(worker->registry, closed->agent, MOOR_CLOSE_BY_RULE,
                      NULL) == MOOR_OK);
    for (struct place *p = worker->places; p < worker->places + PLACES; p++) {
        if (p->state != NONE &&
            (adopting ? p == closed : is_below(worker, p->number, self))) {
            end(worker, p->number, CLOSED);
            p->state = NONE;
        }
    }
}

static void step(struct worker *worker, struct place *place)
{
    enum state next = place->state + 1;
    moor_error error = MOOR_OK;

    begin(worker, place->number, next);
    switch (next) {
    case COMPLETED:
        error = moor_finish(worker->registry, place->agent,
                            MOOR_STATUS_COMPLETED, "done", 4);
        break;
    case RUNNING:
        error = moor_run_again(worker->registry, place->agent, NULL);
        break;
    default:
        error = moor_finish(worker->registry, place->agent, MOOR_STATUS_ERRORED,
                            "bad", 3);
        break;
    }
    expect(error == MOOR_OK);
    place->state = next;
    end(worker, place->number, next);
}

static void flush(struct worker *worker)
{
    unsigned count = atomic_load(&memory->count[worker->self]);

    if (moor_store_flush(worker->store, MOOR_FOREVER) != MOOR_STORE_OK) {
        expect(false);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        struct shown *shown = &memory->shown[worker->self][i];

        atomic_store(&shown->acknowledged, shown->ended);
    }
    atomic_fetch_add(&memory->flushes, 1);
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    for (;;) {
        uint64_t dice = next_random(&worker->random);
        struct place *place = &worker->places[dice % PLACES];

        if (dice >> 32 & 63) {
            if (place->state == NONE)
                spawn_at(worker, place);
            else if (place->state == ERRORED || (dice >> 48 & 7) == 0)
                close_at(worker, place);
            else
                step(worker, place);
        } else {
            flush(worker);
        }
    }
    return NULL;
}

static void close_all(moor_registry *registry)
{
    uint64_t cursor = 0;
    moor_info info;
    size_t count;

    do {
        if (moor_list(registry, NULL, &cursor, &info, 1, &count) == MOOR_OK &&
            count == 1 && info.depth > 0)
            moor_close(registry, info.agent, MOOR_CLOSE_TREE, NULL);
    } while (cursor != 0);
}

static moor_store_error open_it(moor_store **store, moor_registry **registry,
                                moor_store_report *report)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.close_rule = adopting ? MOOR_ADOPT : MOOR_CASCADE;
    return moor_store_open(path, &config, NULL, store, registry, report);
}

/* Until it is killed. */
static void live(uint64_t seed)
{
    static struct worker workers[THREADS];
    moor_store *store;
    moor_registry *registry;

    if (open_it(&store, &registry, NULL) != MOOR_STORE_OK) {
        expect(false);
        _exit(1);
    }
    close_all(registry);
    atomic_store(&memory->works, true);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.self = i,
                                     .random = seed + i,
                                     .store = store,
                                     .registry = registry};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            expect(false);
    }
    for (;;)
        pause();
}

/* --- the judge ------------------------------------------------------------ */

static enum state state_now(moor_registry *registry, moor_id id)
{
    static const enum state states[MOOR_STATUSES] = {
        [MOOR_STATUS_PENDING_INIT] = PENDING,
        [MOOR_STATUS_COMPLETED] = COMPLETED,
        [MOOR_STATUS_RUNNING] = RUNNING,
        [MOOR_STATUS_ERRORED] = ERRORED};
    moor_status status = MOOR_STATUS_NOT_FOUND;
    moor_agent agent;

    if (moor_find_id(registry, &id, &agent) != MOOR_OK) return NONE;
    moor_status_of(registry, agent, &status);
    return states[status];
}

/* A text belongs to its status. */
static bool text_is_right(moor_registry *registry, moor_id id, enum state state)
{
    const char *want = state == COMPLETED ? "done"
                       : state == ERRORED ? "bad"
                                          : "";
    moor_agent agent;
    char text[8];
    size_t length = 0;

    if (state == NONE || moor_find_id(registry, &id, &agent) != MOOR_OK)
        return true;
    return moor_result(registry, agent, text, sizeof text, &length) ==
               MOOR_OK &&
           length == strlen(want) && memcmp(text, want, length) == 0;
}

static unsigned judge_agent(moor_registry *registry, unsigned thread,
                            unsigned number)
{
    struct shown *shown = &memory->shown[thread][number];
    unsigned begun = atomic_load(&shown->begun);
    unsigned acknowledged = atomic_load(&shown->acknowledged);
    moor_id id = id_of(thread, number);
    enum state now = state_now(registry, id);
    bool fine = now == NONE ? acknowledged == NONE || begun == CLOSED
                            : now >= acknowledged && now <= begun;

    if (fine && text_is_right(registry, id, now)) return 0;
    printf("run %u, agent %u of thread %u: state %d, acknowledged %u, begun "
           "%u\n",
           run, number, thread, (int)now, acknowledged, begun);
    return 1;
}

static unsigned judge(void)
{
    moor_store_report report;
    moor_registry *registry;
    moor_store *store;
    unsigned broken = atomic_load(&memory->broken);
    char text[256];

    if (broken > 0) printf("run %u: %u calls went wrong\n", run, broken);
    if (open_it(&store, &registry, &report) != MOOR_STORE_OK) {
        printf("run %u: %s\n", run, report.text);
        return broken + 1;
    }
    if (moor_check(registry, true, text, sizeof text) != MOOR_OK) {
        printf("run %u: %s\n", run, text);
        broken++;
    }
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < atomic_load(&memory->count[t]); i++)
            broken += judge_agent(registry, t, i);
    }
    if (moor_store_close(store) != MOOR_STORE_OK) broken++;
    moor_destroy(registry);
    return broken;
}

/* --- one run -------------------------------------------------------------- */

static void take_away(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
    char name[80];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

/* One in eight is killed before its store is open. */
static void kill_at_random(pid_t child, uint64_t *random)
{
    bool early = next_random(random) % 8 == 0;
    struct timespec until = {0, (long)(next_random(random) % 25000000)};

    if (early) until.tv_nsec /= 10;
    while (!early && !atomic_load(&memory->works) &&
           atomic_load(&memory->broken) == 0)
        nanosleep(&(struct timespec){0, 100000}, NULL);
    nanosleep(&until, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static unsigned run_once(uint64_t *random)
{
    pid_t child;

    memset((void *)memory, 0, sizeof *memory);
    if (run % ROUNDS_A_FILE == 0) {
        take_away();
        adopting = next_random(random) & 1;
    }
    fflush(stdout);
    child = fork();
    if (child == 0) live(next_random(random));
    if (child < 0) {
        perror("fork");
        exit(2);
    }
    kill_at_random(child, random);
    return judge();
}

int main(int argc, char **argv)
{
    uint64_t seed = (uint64_t)time(NULL), random;
    unsigned kills = 500, broken = 0, flushes = 0, agents = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--kills") == 0)
            kills = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else
            return 2;
    }
    printf("--seed %llu --kills %u\n", (unsigned long long)seed, kills);
    random = seed;
    memory = mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mkdtemp(folder) == NULL) return 2;
    snprintf(path, sizeof path, "%s/store", folder);
    for (run = 0; run < kills && broken == 0; run++) {
        broken += run_once(&random);
        flushes += atomic_load(&memory->flushes);
        for (int t = 0; t < THREADS; t++)
            agents += atomic_load(&memory->count[t]);
    }
    if (broken == 0) take_away();
    if (broken == 0)
        rmdir(folder);
    else
        printf("kept: %s\n", path);
    printf("%u kills, %u agents, %u flushes acknowledged, %u broken\n", run,
           agents, flushes, broken);
    return broken > 0 || flushes == 0;
}
