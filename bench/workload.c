#include "workload.h"

#include <string.h>

enum { LIFE_LOOKS = 3, LOOKS = 19, BRANCHES = 8 };

/* A child of a resident lives, is looked at three ways, and is closed. */
static uint64_t life(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;
    const struct resident *above = crew_any(worker);
    struct rival_agent agent =
        crew_name(worker, above->handle, above->path, RESIDENT_PATH);
    uint64_t handle;

    if (rival->spawn(books, &agent, &handle) != MOOR_OK) {
        worker->wrong++;
        return 1;
    }
    crew_expect(worker, rival->start(books, handle));
    bool seen = rival->status_of(books, handle) == MOOR_STATUS_RUNNING;
    seen &= rival->status_id(books, &agent.id) == MOOR_STATUS_RUNNING;
    seen &= rival->status_path(books, agent.path, agent.length) ==
            MOOR_STATUS_RUNNING;
    crew_expect(worker, seen);
    crew_expect(worker, rival->finish(books, handle));
    crew_expect(worker, rival->wait(books, handle));
    crew_expect(worker, rival->close(books, handle));
    return 1;
}

#define TIMED(call, expression)                                                \
    do {                                                                       \
        uint64_t begin_ = ticks();                                             \
        crew_expect(worker, (expression));                                     \
        histogram_add(&worker->calls[call], ticks() - begin_);                 \
    } while (0)

uint64_t workload_timed_life(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;
    const struct resident *above = crew_any(worker);
    struct rival_agent agent =
        crew_name(worker, above->handle, above->path, RESIDENT_PATH);
    uint64_t handle = 0;

    TIMED(CALL_SPAWN, rival->spawn(books, &agent, &handle) == MOOR_OK);
    if (handle == 0) return 1;
    TIMED(CALL_START, rival->start(books, handle));
    TIMED(CALL_STATUS_OF,
          rival->status_of(books, handle) == MOOR_STATUS_RUNNING);
    TIMED(CALL_STATUS_ID,
          rival->status_id(books, &agent.id) == MOOR_STATUS_RUNNING);
    TIMED(CALL_STATUS_PATH,
          rival->status_path(books, agent.path, agent.length) ==
              MOOR_STATUS_RUNNING);
    TIMED(CALL_FINISH, rival->finish(books, handle));
    TIMED(CALL_WAIT, rival->wait(books, handle));
    TIMED(CALL_CLOSE, rival->close(books, handle));
    return 1;
}

/* The one operation in twenty that changes something: a guest comes, or the
 * one who came last time leaves. */
static void change(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;

    if (worker->guest != 0) {
        crew_expect(worker, rival->close(books, worker->guest));
        worker->guest = 0;
        return;
    }
    const struct resident *above = crew_any(worker);
    struct rival_agent agent =
        crew_name(worker, above->handle, above->path, RESIDENT_PATH);
    crew_expect(worker,
                rival->spawn(books, &agent, &worker->guest) == MOOR_OK);
}

static void look_by_handle(struct worker *worker)
{
    struct crowd *crowd = worker->crowd;

    for (int i = 0; i < LOOKS; i++) {
        crew_expect(worker, crowd->rival->status_of(crowd->books,
                                                    crew_any(worker)->handle) ==
                                MOOR_STATUS_RUNNING);
    }
}

static void look_by_id(struct worker *worker)
{
    struct crowd *crowd = worker->crowd;

    for (int i = 0; i < LOOKS; i++) {
        crew_expect(worker, crowd->rival->status_id(crowd->books,
                                                    &crew_any(worker)->id) ==
                                MOOR_STATUS_RUNNING);
    }
}

static uint64_t find_handle(struct worker *worker)
{
    look_by_handle(worker);
    change(worker);
    return LOOKS + 1;
}

static uint64_t find_id(struct worker *worker)
{
    look_by_id(worker);
    change(worker);
    return LOOKS + 1;
}

static uint64_t find_path(struct worker *worker)
{
    struct crowd *crowd = worker->crowd;

    for (int i = 0; i < LOOKS; i++) {
        crew_expect(worker,
                    crowd->rival->status_path(crowd->books,
                                              crew_any(worker)->path,
                                              RESIDENT_PATH) ==
                        MOOR_STATUS_RUNNING);
    }
    change(worker);
    return LOOKS + 1;
}

static uint64_t refusal(struct worker *worker)
{
    const struct resident *above = crew_any(worker);
    struct rival_agent agent =
        crew_name(worker, above->handle, above->path, RESIDENT_PATH);
    uint64_t handle;

    crew_expect(worker, worker->crowd->rival->spawn(
                            worker->crowd->books, &agent, &handle) ==
                            MOOR_REFUSED);
    return 1;
}

/* An id that nobody had before, for those that look at nothing else. */
static struct rival_agent next_id(struct worker *worker)
{
    const uint64_t number = worker->next++;
    struct random random = { number };
    const uint64_t words[2] = { random_next(&random), number };
    struct rival_agent agent = { .parent = 0 };

    memcpy(&agent.id, words, sizeof agent.id);
    return agent;
}

static uint64_t map_life(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;
    const struct rival_agent agent = next_id(worker);
    uint64_t handle;

    if (rival->spawn(books, &agent, &handle) != MOOR_OK) {
        worker->wrong++;
        return 1;
    }
    bool seen = true;
    for (int i = 0; i < LIFE_LOOKS; i++) {
        seen &= rival->status_id(books, &agent.id) == MOOR_STATUS_RUNNING;
    }
    crew_expect(worker, seen);
    crew_expect(worker, rival->finish(books, handle));
    crew_expect(worker, rival->close(books, handle));
    return 1;
}

/* As `change`, with an id. */
static void change_id(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;

    if (worker->guest != 0) {
        crew_expect(worker, rival->close(books, worker->guest));
        worker->guest = 0;
        return;
    }
    const struct rival_agent agent = next_id(worker);
    crew_expect(worker,
                rival->spawn(books, &agent, &worker->guest) == MOOR_OK);
}

static uint64_t map_handle(struct worker *worker)
{
    look_by_handle(worker);
    change_id(worker);
    return LOOKS + 1;
}

static uint64_t map_id(struct worker *worker)
{
    look_by_id(worker);
    change_id(worker);
    return LOOKS + 1;
}

/* One pass that finds nothing to give back; counted by agent. */
static uint64_t reap(struct worker *worker)
{
    struct crowd *crowd = worker->crowd;

    crew_expect(worker, crowd->rival->reap(crowd->books) == 0);
    return crowd->size;
}

/* A tenth of the residents ends, a pass gives their slots back, and they run
 * again; counted by agent.  Threads may meet: who ends an agent, runs it again,
 * whoever gave its slot back. */
static uint64_t reap_k(struct worker *worker)
{
    enum { MOST = 100000 };
    static _Thread_local bool ended[MOST];
    struct crowd *crowd = worker->crowd;
    const struct rival *rival = crowd->rival;
    const uint32_t begin = random_below(&worker->random, crowd->size);
    uint32_t share = crowd->size < 10 ? 1 : crowd->size / 10, count = 0;

    share = share < MOST ? share : MOST;
    for (uint32_t i = 0; i < share; i++) {
        const uint32_t at = (begin + i) % crowd->size;

        ended[i] = rival->finish(crowd->books, crowd->residents[at].handle);
        count += ended[i];
    }
    crew_expect(worker, rival->reap(crowd->books) <= crowd->size);
    for (uint32_t i = 0; i < share; i++) {
        const uint32_t at = (begin + i) % crowd->size;

        if (!ended[i]) continue;
        crew_expect(worker, rival->run_again(crowd->books,
                                             crowd->residents[at].handle));
    }
    return count > 0 ? count : 1;
}

static uint64_t admission(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;
    const struct resident *above = crew_any(worker);
    struct rival_agent agent =
        crew_name(worker, above->handle, above->path, RESIDENT_PATH);
    uint64_t ticket = 0;

    crew_expect(worker, rival->reserve(books, &agent, &ticket) == MOOR_OK);
    crew_expect(worker, rival->abandon(books, ticket));
    return 1;
}

/* A branch grows and is closed with all that is below; counted by agent. */
static uint64_t tree_close(struct worker *worker)
{
    const struct rival *rival = worker->crowd->rival;
    void *books = worker->crowd->books;
    uint64_t top = 0, handle = 0;
    char path[WORK_PATH];

    struct rival_agent agent = crew_name(worker, 0, "/root", 5);
    memcpy(path, agent.path, agent.length + 1);
    size_t length = agent.length;
    crew_expect(worker, rival->spawn(books, &agent, &top) == MOOR_OK);
    for (int i = 0; i < BRANCHES; i++) {
        agent = crew_name(worker, top, path, length);
        crew_expect(worker, rival->spawn(books, &agent, &handle) == MOOR_OK);
    }
    crew_expect(worker, rival->close(books, top));
    return BRANCHES + 1;
}

/* All pages: the residents and the root; counted by agent. */
static uint64_t list(struct worker *worker)
{
    struct crowd *crowd = worker->crowd;
    uint64_t cursor = 0, count = 0;

    do count += crowd->rival->list(crowd->books, &cursor);
    while (cursor != 0);
    crew_expect(worker, count == crowd->size + UINT64_C(1));
    return crowd->size;
}

static bool of_level(const struct rival *rival, enum rival_level level)
{
    return rival->level == level || rival->level == RIVAL_EVERY;
}

static bool of_registry(const struct rival *rival)
{
    return of_level(rival, RIVAL_REGISTRY);
}

static bool of_map(const struct rival *rival)
{
    return of_level(rival, RIVAL_MAP);
}

static bool has_trees(const struct rival *rival)
{
    return of_registry(rival) && rival->list != NULL;
}

static bool has_tickets(const struct rival *rival)
{
    return of_registry(rival) && rival->reserve != NULL;
}

static bool of_keeping(const struct rival *rival)
{
    return of_level(rival, RIVAL_KEEPING);
}

const struct workload workloads[] = {
    { "map_life", "at the map level: insert, 3 look-ups by id, finish, remove",
      map_life, false, of_map },
    { "map_handle", "there: 19 look-ups by handle, one insert or remove",
      map_handle, false, of_map },
    { "map_id", "the same by id", map_id, false, of_map },
    { "life", "spawn, start, 3 look-ups, finish, wait, close", life, false,
      of_registry },
    { "find_handle", "19 look-ups by handle, one spawn or close", find_handle,
      false, of_registry },
    { "find_id", "the same by id", find_id, false, of_registry },
    { "find_path", "the same by path", find_path, false, of_registry },
    { "refusal", "spawn where no slot is left", refusal, true, of_registry },
    { "admission", "reserve, abandon", admission, false, has_tickets },
    { "reap", "one agent of a pass that finds nothing", reap, false,
      has_trees },
    { "reap_k", "finish, reap, run_again: a tenth of all, in each pass", reap_k,
      false, of_keeping },
    { "tree_close", "one agent of a branch: spawn, cascade", tree_close, false,
      has_trees },
    { "list", "one agent of a list, copied out", list, false, has_trees },
};
const unsigned workloads_count = sizeof workloads / sizeof *workloads;
