/*
 * Rows in memory, on their way into a registry.
 */
#ifndef MOOR_STORE_READ_H
#define MOOR_STORE_READ_H

#include "store_inner.h"

#define STORE_NOBODY SIZE_MAX

/* Texts are places in `texts` until all are read: it moves as it grows. */
struct row {
    moor_id id, parent_id;
    size_t parent; /* STORE_NOBODY: the root */
    size_t path, nickname, role, text, length;
    moor_status status;
    uint64_t turn;
    uint32_t ttl_ms;
    bool closed, begun;
    size_t number;         /* in the order of restoring */
    size_t child, sibling; /* first below; next beside */
};

struct by_id {
    moor_id id;
    size_t number;
};

struct by_path {
    const char *path;
    size_t number;
};

struct resume {
    struct store_rows *rows;
    struct row *all;
    size_t count, room;
    char *texts;
    size_t texts_used, texts_room;
    struct by_id *by_id;
    struct by_path *by_path; /* the closed ones */
    size_t closed;
    size_t *order; /* placed rows, in turn */
    size_t placed;
    moor_kept *kept;
    moor_agent *agents;
    moor_restored *outcomes;
};

/* The rows that are wanted back; all but `all`, `texts` and `closed` stays.
 * Both answer a code of SQLite. */
int store_read_rows(struct resume *resume);
int store_read_meta(struct store_file *file, struct store_meta *meta);

#endif
