/*
 * Agents of codex: its table of who spawned whom becomes a store.
 *
 * The tree is walked from the threads that nobody spawned, along open edges,
 * breadth first; what is not met so hangs below a closed edge or in a ring.
 */
#include "store_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct edge {
    moor_id parent, child;
    bool open;
};

/* A thread that has become an agent. */
struct node {
    moor_id id;
    moor_agent agent;
};

struct import {
    struct store_file from; /* for its errors: no store, and not locked */
    struct edge *edges;     /* sorted: by parent, then by child */
    moor_id *children;      /* sorted */
    size_t count, room;
    struct node *nodes; /* made; those from `next` on are to be looked below */
    size_t made, next;
    moor_registry *registry;
    moor_store_imported *told;
};

/* --- reading -------------------------------------------------------------- */

static int compare_edges(const void *a, const void *b)
{
    const struct edge *one = (const struct edge *)a;
    const struct edge *other = (const struct edge *)b;
    int order = memcmp(&one->parent, &other->parent, sizeof one->parent);

    return order != 0 ? order
                      : memcmp(&one->child, &other->child, sizeof one->child);
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(moor_id));
}

static moor_store_error add_edge(struct import *import, sqlite3_stmt *row)
{
    const char *texts[3];
    struct edge *edge;

    if (import->count == import->room) {
        size_t room = import->room == 0 ? 64 : 2 * import->room;
        void *larger = realloc(import->edges, room * sizeof *import->edges);

        if (larger == NULL) {
            return store_file_error(&import->from, SQLITE_NOMEM);
        }
        import->edges = (struct edge *)larger;
        import->room = room;
    }
    for (int i = 0; i < 3; i++) {
        texts[i] = (const char *)sqlite3_column_text(row, i);
        texts[i] = texts[i] == NULL ? "" : texts[i];
    }
    edge = &import->edges[import->count++];
    for (int i = 0; i < 2; i++) {
        moor_id *id = i == 0 ? &edge->parent : &edge->child;

        if (moor_id_parse(texts[i], id) != MOOR_OK) {
            return store_file_say(&import->from, MOOR_STORE_CORRUPT,
                                  "thread_spawn_edges: '%.80s' is no thread's "
                                  "id: correct or delete that row",
                                  texts[i]);
        }
    }
    edge->open = strcmp(texts[2], "open") == 0;
    if (!edge->open && strcmp(texts[2], "closed") != 0) {
        return store_file_say(&import->from, MOOR_STORE_CORRUPT,
                              "thread_spawn_edges: status '%.80s' is neither "
                              "open nor closed: correct or delete that row",
                              texts[2]);
    }
    import->told->closed += !edge->open;
    return MOOR_STORE_OK;
}

static moor_store_error read_edges(struct import *import)
{
    struct store_file *from = &import->from;
    moor_store_error error = MOOR_STORE_OK;
    sqlite3_stmt *statement;
    int code =
        sqlite3_prepare_v2(from->db,
                           "SELECT parent_thread_id, child_thread_id, status"
                           " FROM thread_spawn_edges",
                           -1, &statement, NULL);

    if (code == SQLITE_ERROR) {
        return store_file_say(from, MOOR_STORE_NOT_A_STORE,
                              "%s: name a state database of codex, as "
                              "~/.codex/state_5.sqlite",
                              sqlite3_errmsg(from->db));
    }
    while (code == SQLITE_OK && error == MOOR_STORE_OK &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        error = add_edge(import, statement);
        code = SQLITE_OK;
    }
    (void)sqlite3_finalize(statement);
    if (error == MOOR_STORE_OK && code != SQLITE_DONE) {
        error = store_file_error(from, code);
    }
    return error;
}

static moor_store_error open_and_read(struct import *import)
{
    struct store_file *from = &import->from;
    int code =
        sqlite3_open_v2(from->path, &from->db,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (code != SQLITE_OK) {
        return store_file_error(from, code);
    }
    (void)sqlite3_busy_timeout(from->db, STORE_BUSY_MS);
    return read_edges(import);
}

static bool sort_edges(struct import *import)
{
    import->children =
        (moor_id *)calloc(import->count + 1, sizeof *import->children);
    import->nodes =
        (struct node *)calloc(2 * import->count + 1, sizeof *import->nodes);
    if (import->children == NULL || import->nodes == NULL) {
        return false;
    }
    for (size_t i = 0; i < import->count; i++) {
        import->children[i] = import->edges[i].child;
    }
    qsort(import->children, import->count, sizeof *import->children,
          compare_ids);
    if (import->count > 0) {
        qsort(import->edges, import->count, sizeof *import->edges,
              compare_edges);
    }
    return true;
}

/* --- making --------------------------------------------------------------- */

static moor_store_error make_agent(struct import *import, moor_agent parent,
                                   const moor_id *id)
{
    const moor_spawn_options options = {.parent = parent, .id = id};
    struct node *node = &import->nodes[import->made];
    char text[MOOR_ID_TEXT];
    moor_error error =
        moor_spawn(import->registry, &options, &node->agent, NULL);

    if (error == MOOR_OK) {
        error = moor_interrupt(import->registry, node->agent);
    }
    if (error == MOOR_OK) {
        node->id = *id;
        import->made++;
        return MOOR_STORE_OK;
    }
    moor_id_format(*id, text);
    if (error == MOOR_BAD_PATH) {
        return store_file_say(&import->from, MOOR_STORE_CORRUPT,
                              "thread %s: more threads above it than a path "
                              "has segments (%d)",
                              text, MOOR_SEGMENTS_MAX);
    }
    return store_file_say(&import->from,
                          error == MOOR_NO_MEMORY ? MOOR_STORE_NO_MEMORY
                                                  : MOOR_STORE_CORRUPT,
                          "thread %s: %s", text, moor_error_text(error));
}

/* The first edge below that thread; count: none. */
static size_t first_below(const struct import *import, const moor_id *parent)
{
    size_t low = 0, high = import->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(&import->edges[middle].parent, parent, sizeof *parent) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_below(const struct import *import, size_t edge,
                     const moor_id *parent)
{
    return edge < import->count &&
           memcmp(&import->edges[edge].parent, parent, sizeof *parent) == 0;
}

/* One for each thread with an open edge that is nobody's child. */
static moor_store_error make_sessions(struct import *import)
{
    moor_store_error error = MOOR_STORE_OK;

    for (size_t i = 0; i < import->count && error == MOOR_STORE_OK; i++) {
        const moor_id *parent = &import->edges[i].parent;

        if (!import->edges[i].open ||
            (import->made > 0 &&
             compare_ids(&import->nodes[import->made - 1].id, parent) == 0) ||
            bsearch(parent, import->children, import->count,
                    sizeof *import->children, compare_ids) != NULL) {
            continue;
        }
        error = make_agent(import, (moor_agent){0}, parent);
        import->told->sessions++;
    }
    return error;
}

static moor_store_error make_all(struct import *import)
{
    moor_store_error error = make_sessions(import);

    for (; import->next < import->made && error == MOOR_STORE_OK;
         import->next++) {
        const struct node node = import->nodes[import->next];

        for (size_t i = first_below(import, &node.id);
             is_below(import, i, &node.id) && error == MOOR_STORE_OK; i++) {
            if (import->edges[i].open) {
                error = make_agent(import, node.agent, &import->edges[i].child);
            }
        }
    }
    import->told->edges = import->count;
    import->told->agents = import->made;
    import->told->below = import->count - import->told->closed -
                          (import->made - import->told->sessions);
    return error;
}

/* --- a store of it -------------------------------------------------------- */

/* `name` has room for `to` and an end: there may be no memory by now. */
static void take_away(const char *to, char *name, size_t room)
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        (void)snprintf(name, room, "%s%s", to, ends[i]);
        (void)unlink(name);
    }
}

static moor_store_error fill(struct import *import, moor_store *store)
{
    moor_config defaults;
    moor_store_error error = make_all(import);

    moor_config_default(&defaults);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        (void)moor_set_limit(import->registry, (moor_limit)i,
                             defaults.limits[i]);
    }
    if (error == MOOR_STORE_OK) {
        moor_store_state state;

        error = moor_store_flush(store, MOOR_FOREVER);
        if (error != MOOR_STORE_OK) {
            (void)moor_store_state_of(store, &state);
            memcpy(import->from.text, state.text, sizeof state.text);
        }
    }
    return error;
}

/* *is_new: there was no such store, so it is this one's to take away. */
static moor_store_error make_store(struct import *import, const char *to,
                                   bool *is_new)
{
    moor_store_report report;
    moor_store *store;
    moor_config config;
    moor_store_error error, at_end;

    moor_config_default(&config);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        config.limits[i] = MOOR_UNLIMITED;
    }
    error =
        moor_store_open(to, &config, NULL, &store, &import->registry, &report);
    *is_new = report.created;
    if (error != MOOR_STORE_OK) {
        memcpy(import->from.text, report.text, sizeof report.text);
        return error;
    }
    if (report.lifetime > 0 || report.restored > 0) {
        error = MOOR_STORE_NOT_EMPTY;
        (void)snprintf(import->from.text, sizeof import->from.text,
                       "%s: has agents already: name a new file", to);
    } else {
        error = fill(import, store);
    }
    at_end =
        store_close(store, error == MOOR_STORE_OK ? import->from.text : NULL);
    moor_destroy(import->registry);
    return error != MOOR_STORE_OK ? error : at_end;
}

static moor_store_error make_or_take_away(struct import *import, const char *to)
{
    size_t room = strlen(to) + sizeof "-wal";
    char *name = (char *)malloc(room);
    bool is_new;
    moor_store_error error;

    if (name == NULL) {
        return store_file_error(&import->from, SQLITE_NOMEM);
    }
    error = make_store(import, to, &is_new);
    if (error != MOOR_STORE_OK && is_new) {
        take_away(to, name, room);
    }
    free(name);
    return error;
}

moor_store_error moor_store_import_codex(const char *from, const char *to,
                                         moor_store_imported *imported)
{
    moor_store_imported own;
    struct import import = {0};
    moor_store_error error;

    import.told = imported == NULL ? &own : imported;
    *import.told = (moor_store_imported){.text = "no path"};
    if (from == NULL || to == NULL || from[0] == '\0' || to[0] == '\0') {
        return MOOR_STORE_BAD_ARGUMENT;
    }
    error = store_file_begin(&import.from, from);
    if (error == MOOR_STORE_OK) {
        error = open_and_read(&import);
    }
    if (error == MOOR_STORE_OK) {
        error = sort_edges(&import)
                    ? make_or_take_away(&import, to)
                    : store_file_error(&import.from, SQLITE_NOMEM);
    }
    memcpy(import.told->text, import.from.text, sizeof import.told->text);
    store_file_close(&import.from);
    free(import.edges);
    free(import.children);
    free(import.nodes);
    return error;
}
