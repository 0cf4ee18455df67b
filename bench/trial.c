#include "trial.h"

#include <stdio.h>
#include <string.h>

enum { CROWD = 3000 };

struct trial {
    const struct rival *rival;
    void *books;
    uint64_t wrong;
};

static void expect(struct trial *trial, bool fine, const char *what)
{
    if (fine) return;
    trial->wrong++;
    fprintf(stderr, "bench: %s: %s\n", trial->rival->name, what);
}

static void begin(struct trial *trial, uint32_t limit)
{
    trial->books = trial->rival->create(limit);
    if (trial->rival->enter != NULL) trial->rival->enter(trial->books);
}

static void end(struct trial *trial)
{
    if (trial->rival->leave != NULL) trial->rival->leave(trial->books);
    trial->rival->destroy(trial->books);
}

static moor_id id_of(uint32_t number)
{
    moor_id id = { { 1 } };

    memcpy(id.bytes + 4, &number, sizeof number);
    return id;
}

static moor_error spawn(struct trial *trial, uint32_t id, const char *path,
                        uint64_t parent, uint64_t *handle)
{
    const struct rival_agent agent = {
        .id = id_of(id),
        .path = path,
        .name = strrchr(path, '/') + 1, /* all that a spawn looks at */
        .length = strlen(path),
        .parent = parent,
    };

    return trial->rival->spawn(trial->books, &agent, handle);
}

/* An agent's status in all three ways. */
static void expect_status(struct trial *trial, uint64_t handle, uint32_t id,
                          const char *path, moor_status status)
{
    const struct rival *rival = trial->rival;
    const moor_id key = id_of(id);

    expect(trial,
           handle == 0 || rival->status_of(trial->books, handle) == status,
           "status by handle");
    expect(trial, rival->status_id(trial->books, &key) == status,
           "status by id");
    expect(trial,
           rival->status_path == NULL ||
               rival->status_path(trial->books, path, strlen(path)) == status,
           "status by path");
}

static void expect_count(struct trial *trial, uint64_t used, uint64_t agents)
{
    uint64_t seen_used, seen_agents;

    trial->rival->count(trial->books, &seen_used, &seen_agents);
    expect(trial, seen_used == used, "slots in use");
    expect(trial, seen_agents == agents, "number of agents");
}

/* The agent that has its place now is not to be touched. */
static void expect_stale(struct trial *trial, uint64_t handle)
{
    const struct rival *rival = trial->rival;

    expect(trial,
           rival->status_of(trial->books, handle) == MOOR_STATUS_NOT_FOUND &&
               (rival->level == RIVAL_MAP ||
                !rival->start(trial->books, handle)) &&
               !rival->finish(trial->books, handle) &&
               !rival->close(trial->books, handle),
           "a stale handle was good for something");
}

/* A parent and its child, with two slots. */
static void try_rules(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    uint64_t a = 0, b = 0, c = 0, again = 0, other;

    begin(trial, 2);
    expect(trial, spawn(trial, 1, "/root/a", 0, &a) == MOOR_OK, "spawn");
    expect_status(trial, a, 1, "/root/a", MOOR_STATUS_PENDING_INIT);
    expect(trial, spawn(trial, 9, "/root/a", 0, &other) == MOOR_PATH_TAKEN,
           "a path twice");
    expect(trial,
           rival->trusts_ids ||
               spawn(trial, 1, "/root/z", 0, &other) == MOOR_ID_TAKEN,
           "an id twice");
    expect(trial, spawn(trial, 2, "/root/a/b", a, &b) == MOOR_OK, "a child");
    expect(trial, spawn(trial, 3, "/root/c", 0, &other) == MOOR_REFUSED,
           "no refusal at the limit");
    expect(trial, rival->start(trial->books, b), "start");
    expect(trial, !rival->start(trial->books, b), "started twice");
    expect_status(trial, b, 2, "/root/a/b", MOOR_STATUS_RUNNING);
    expect(trial, rival->finish(trial->books, b), "finish");
    expect(trial, !rival->finish(trial->books, b), "finished twice");
    expect(trial, rival->wait(trial->books, b), "wait");
    expect_status(trial, b, 2, "/root/a/b", MOOR_STATUS_COMPLETED);
    expect_count(trial, 1, 2);
    expect(trial, spawn(trial, 3, "/root/c", 0, &c) == MOOR_OK,
           "the slot did not come back");
    if (rival->list == NULL) {
        expect(trial, !rival->close(trial->books, a), "closed above a child");
        expect(trial, rival->close(trial->books, b), "close");
    }
    expect(trial, rival->close(trial->books, a), "close of the parent");
    expect_status(trial, 0, 1, "/root/a", MOOR_STATUS_NOT_FOUND);
    expect_status(trial, 0, 2, "/root/a/b", MOOR_STATUS_NOT_FOUND);
    expect_count(trial, 1, 1);
    expect(trial, spawn(trial, 2, "/root/a", 0, &again) == MOOR_OK,
           "id and path did not become free");
    if (!rival->trusts_handles) {
        expect_stale(trial, a);
        expect_stale(trial, b);
    }
    expect(trial, rival->close(trial->books, again), "close while it runs");
    expect(trial, rival->close(trial->books, c), "close of the last");
    expect_count(trial, 0, 0);
    end(trial);
}

/* Spawns below a parent, for the answer alone: nothing is to come of it. */
static void expect_no(struct trial *trial, moor_error error, const char *path,
                      uint64_t parent, const char *what)
{
    uint64_t handle;

    expect(trial, spawn(trial, 77, path, parent, &handle) == error, what);
}

static void try_names(struct trial *trial)
{
    char longest[MOOR_SEGMENT_MAX + 3] = "/";
    uint64_t handle = 0;
    const struct rival_agent nil = { .name = "a", .path = "/root/a" };

    begin(trial, 2);
    memset(longest + 1, 'a', MOOR_SEGMENT_MAX + 1);
    expect_no(trial, MOOR_BAD_PATH, longest, 0, "a name too long");
    expect_no(trial, MOOR_BAD_PATH, "/", 0, "an empty name");
    expect_no(trial, MOOR_BAD_PATH, "/root", 0, "the root's name");
    expect_no(trial, MOOR_BAD_PATH, "/A", 0, "an upper case name");
    expect_no(trial, MOOR_BAD_PATH, "/a-b", 0, "a name with a dash");
    expect_no(trial, MOOR_BAD_PATH, "/a`", 0, "a name with a quote");
    expect(trial,
           trial->rival->spawn(trial->books, &nil, &handle) == MOOR_BAD_ID,
           "a nil id");
    longest[MOOR_SEGMENT_MAX + 1] = '\0';
    expect(trial, spawn(trial, 1, longest, 0, &handle) == MOOR_OK,
           "the longest name");
    expect(trial, trial->rival->close(trial->books, handle), "close");
    expect(trial, spawn(trial, 1, "/az_09", 0, &handle) == MOOR_OK,
           "a name of all kinds of bytes");
    expect(trial, trial->rival->close(trial->books, handle), "close");
    end(trial);
}

/* A chain as long as a path may be, `unit` bytes each segment. */
static void try_chain(struct trial *trial, size_t unit, unsigned most)
{
    char name[MOOR_SEGMENT_MAX + 2] = "/";
    uint64_t handles[MOOR_SEGMENTS_MAX + 1] = { 0 };
    unsigned depth = 0;

    begin(trial, MOOR_SEGMENTS_MAX);
    memset(name + 1, 'a', unit);
    while (depth <= most && spawn(trial, depth + 1, name, handles[depth],
                                  &handles[depth + 1]) == MOOR_OK) {
        depth++;
    }
    expect(trial, depth == most, "depth of the deepest path");
    expect_no(trial, MOOR_BAD_PATH, name, handles[depth],
              "a path too long or too deep");
    while (depth > 0) {
        expect(trial, trial->rival->close(trial->books, handles[depth--]),
               "close in a chain");
    }
    expect_count(trial, 0, 0);
    end(trial);
}

/* The limits one by one, and what counts as refused by which. */
static void try_limits(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    uint64_t a = 0, b = 0, c = 0;
    moor_stats stats = { .used = 0 };

    begin(trial, 2);
    expect(trial, spawn(trial, 1, "/root/a", 0, &a) == MOOR_OK, "spawn");
    rival->set_limit(trial->books, MOOR_LIMIT_DEPTH, 1);
    expect_no(trial, MOOR_REFUSED, "/root/a/b", a, "depth");
    rival->set_limit(trial->books, MOOR_LIMIT_DEPTH, MOOR_UNLIMITED);
    rival->set_limit(trial->books, MOOR_LIMIT_CHILDREN, 1);
    expect(trial, spawn(trial, 2, "/root/a/b", a, &b) == MOOR_OK, "a child");
    expect_no(trial, MOOR_REFUSED, "/root/a/c", a, "children");
    expect_no(trial, MOOR_PATH_TAKEN, "/root/a/b", a, "path before children");
    expect(trial, rival->close(trial->books, b), "close");
    rival->set_limit(trial->books, MOOR_LIMIT_LIFETIME, 3);
    expect(trial, spawn(trial, 3, "/root/a/c", a, &c) == MOOR_OK,
           "the last of a lifetime");
    expect(trial, rival->start(trial->books, c), "start");
    expect(trial, rival->finish(trial->books, c), "finish");
    expect(trial, rival->close(trial->books, c), "close");
    expect_no(trial, MOOR_REFUSED, "/root/a/d", a, "lifetime");
    rival->set_limit(trial->books, MOOR_LIMIT_LIFETIME, MOOR_UNLIMITED);
    expect(trial, spawn(trial, 2, "/root/a/b", a, &b) == MOOR_OK, "spawn");
    rival->set_limit(trial->books, MOOR_LIMIT_CHILDREN, MOOR_UNLIMITED);
    expect_no(trial, MOOR_REFUSED, "/root/c", 0, "running");
    rival->stats(trial->books, &stats);
    expect(trial, stats.spawned == 4, "counter of spawns");
    expect(trial, stats.completed == 1, "counter of completions");
    expect(trial, stats.released == 2, "counter of releases");
    expect(trial, stats.closed == 2, "counter of closes");
    for (int i = 0; i < MOOR_LIMITS; i++) {
        /* Of the rivals none knows what is loaded. */
        expect(trial, stats.refused[i] == (i != MOOR_LIMIT_RESIDENT),
               "counter of refusals");
    }
    expect(trial,
           rival->close(trial->books, b) && rival->close(trial->books, a),
           "close");
    expect_count(trial, 0, 0);
    end(trial);
}

static void try_fence(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    uint64_t a = 0, b = 0;

    begin(trial, 9);
    expect(trial, spawn(trial, 1, "/root/a", 0, &a) == MOOR_OK, "spawn");
    expect(trial, spawn(trial, 2, "/root/a/b", a, &b) == MOOR_OK, "spawn");
    rival->fence(trial->books, a);
    expect_no(trial, MOOR_FENCED, "/root/a/c", a, "below a fence");
    expect_no(trial, MOOR_FENCED, "/root/a/b/c", b, "far below a fence");
    expect_count(trial, 2, 2);
    expect(trial,
           rival->close(trial->books, b) && rival->close(trial->books, a),
           "close what is fenced");
    expect(trial, spawn(trial, 1, "/root/a", 0, &a) == MOOR_OK, "spawn");
    expect(trial, spawn(trial, 2, "/root/a/b", a, &b) == MOOR_OK,
           "a fence that stayed behind");
    expect(trial,
           rival->close(trial->books, b) && rival->close(trial->books, a),
           "close");
    end(trial);
}

static void try_ticket(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    const struct rival_agent agent = { .name = "a", .parent = 0 };
    uint64_t ticket = 0, other = 0;

    begin(trial, 1);
    rival->set_limit(trial->books, MOOR_LIMIT_LIFETIME, 1);
    expect(trial, rival->reserve(trial->books, &agent, &ticket) == MOOR_OK,
           "reserve");
    expect_count(trial, 1, 1);
    expect_status(trial, 0, 1, "/root/a", MOOR_STATUS_NOT_FOUND);
    expect(trial,
           rival->status_of(trial->books, ticket) == MOOR_STATUS_NOT_FOUND,
           "a ticket was seen as an agent");
    expect(trial,
           rival->reserve(trial->books, &agent, &other) == MOOR_PATH_TAKEN,
           "a path reserved twice");
    rival->set_limit(trial->books, MOOR_LIMIT_LIFETIME, 2);
    expect_no(trial, MOOR_REFUSED, "/root/b", 0, "a ticket has no slot");
    rival->set_limit(trial->books, MOOR_LIMIT_LIFETIME, 1);
    expect(trial, rival->abandon(trial->books, ticket), "abandon");
    expect(trial, !rival->abandon(trial->books, ticket), "abandoned twice");
    expect_count(trial, 0, 0);
    expect(trial, rival->reserve(trial->books, &agent, &ticket) == MOOR_OK,
           "reserve again");
    expect(trial, rival->abandon(trial->books, ticket), "abandon");
    end(trial);
}

/* Who ends keeps the slot until the reap. */
static void try_keeping(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    uint64_t a = 0, b = 0;

    begin(trial, 2);
    expect(trial, spawn(trial, 1, "/root/a", 0, &a) == MOOR_OK, "spawn");
    expect(trial, spawn(trial, 2, "/root/b", 0, &b) == MOOR_OK, "spawn");
    expect(trial, rival->finish(trial->books, a), "finish");
    expect_count(trial, 2, 2);
    expect_no(trial, MOOR_REFUSED, "/root/c", 0, "the slot was not kept");
    expect(trial, rival->run_again(trial->books, a), "run again, unreaped");
    expect_count(trial, 2, 2);
    expect(trial, rival->finish(trial->books, a), "finish");
    expect(trial, rival->reap(trial->books) == 1, "reap");
    expect(trial, rival->reap(trial->books) == 0, "reaped twice");
    expect_count(trial, 1, 2);
    expect(trial, rival->run_again(trial->books, a), "run again");
    expect(trial, !rival->run_again(trial->books, b), "ran already");
    expect_count(trial, 2, 2);
    expect(trial,
           rival->close(trial->books, a) && rival->close(trial->books, b),
           "close");
    expect_count(trial, 0, 0);
    end(trial);
}

/* Ids and statuses only, with two slots. */
static void try_map_rules(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    uint64_t a = 0, b = 0, c = 0, again = 0, other;

    begin(trial, 2);
    expect(trial, spawn(trial, 1, "/a", 0, &a) == MOOR_OK, "insert");
    expect_status(trial, a, 1, NULL, MOOR_STATUS_RUNNING);
    expect(trial, spawn(trial, 1, "/a", 0, &other) == MOOR_ID_TAKEN,
           "an id twice");
    expect_count(trial, 1, 1);
    expect(trial, spawn(trial, 2, "/b", 0, &b) == MOOR_OK, "insert");
    expect(trial, spawn(trial, 3, "/c", 0, &other) == MOOR_REFUSED,
           "no refusal at the limit");
    expect(trial, rival->finish(trial->books, a), "finish");
    expect(trial, !rival->finish(trial->books, a), "finished twice");
    expect_status(trial, a, 1, NULL, MOOR_STATUS_COMPLETED);
    expect_count(trial, 1, 2);
    expect(trial, spawn(trial, 3, "/c", 0, &c) == MOOR_OK,
           "the slot did not come back");
    expect(trial, rival->close(trial->books, a), "remove");
    expect_status(trial, 0, 1, NULL, MOOR_STATUS_NOT_FOUND);
    expect(trial, rival->close(trial->books, c), "remove while it runs");
    expect_count(trial, 1, 1);
    expect(trial, spawn(trial, 1, "/a", 0, &again) == MOOR_OK,
           "the id did not become free");
    if (!rival->trusts_handles) {
        expect_stale(trial, a);
        expect_stale(trial, c);
    }
    expect_status(trial, again, 1, NULL, MOOR_STATUS_RUNNING);
    expect(trial,
           rival->close(trial->books, again) && rival->close(trial->books, b),
           "remove the last");
    expect_count(trial, 0, 0);
    end(trial);
}

/* Many come, every third leaves, and all the others are still found. */
static void try_crowd(struct trial *trial)
{
    const struct rival *rival = trial->rival;
    const moor_status fresh = rival->level == RIVAL_MAP
                                  ? MOOR_STATUS_RUNNING
                                  : MOOR_STATUS_PENDING_INIT;
    static uint64_t handles[CROWD];
    char path[32];

    begin(trial, CROWD);
    for (uint32_t i = 0; i < CROWD; i++) {
        snprintf(path, sizeof path, "/root/a%u", i);
        expect(trial, spawn(trial, i, path, 0, &handles[i]) == MOOR_OK,
               "spawn in a crowd");
    }
    for (uint32_t i = 0; i < CROWD; i += 3) {
        expect(trial, rival->close(trial->books, handles[i]),
               "close in a crowd");
    }
    expect_count(trial, CROWD - CROWD / 3, CROWD - CROWD / 3);
    for (uint32_t i = 0; i < CROWD; i++) {
        snprintf(path, sizeof path, "/root/a%u", i);
        expect_status(trial, i % 3 == 0 ? 0 : handles[i], i, path,
                      i % 3 == 0 ? MOOR_STATUS_NOT_FOUND : fresh);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        if (i % 3 != 0) rival->close(trial->books, handles[i]);
    }
    expect_count(trial, 0, 0);
    end(trial);
}

static void try_registry(struct trial *trial)
{
    const char *const root = "/root";
    const unsigned longest =
        (MOOR_PATH_MAX - (unsigned)strlen(root)) / (MOOR_SEGMENT_MAX + 1);

    try_rules(trial);
    try_names(trial);
    try_chain(trial, 1, MOOR_SEGMENTS_MAX - 1);
    try_chain(trial, MOOR_SEGMENT_MAX, longest);
    try_limits(trial);
    try_fence(trial);
    if (trial->rival->reserve != NULL) try_ticket(trial);
    try_crowd(trial);
}

uint64_t trial_of(const struct rival *rival)
{
    struct trial trial = { .rival = rival };

    switch (rival->level) {
    case RIVAL_REGISTRY: try_registry(&trial); break;
    case RIVAL_KEEPING: try_keeping(&trial); break;
    case RIVAL_MAP:
        try_map_rules(&trial);
        try_crowd(&trial);
        break;
    case RIVAL_EVERY: break;
    }
    return trial.wrong;
}
