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
        .name = strrchr(path, '/') + 1,
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
               !rival->start(trial->books, handle) &&
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

/* Many come, every third leaves, and all the others are still found. */
static void try_crowd(struct trial *trial)
{
    const struct rival *rival = trial->rival;
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
                      i % 3 == 0 ? MOOR_STATUS_NOT_FOUND
                                 : MOOR_STATUS_PENDING_INIT);
    }
    for (uint32_t i = 0; i < CROWD; i++) {
        if (i % 3 != 0) rival->close(trial->books, handles[i]);
    }
    expect_count(trial, 0, 0);
    end(trial);
}

uint64_t trial_of(const struct rival *rival)
{
    struct trial trial = { .rival = rival };

    try_rules(&trial);
    try_crowd(&trial);
    return trial.wrong;
}
