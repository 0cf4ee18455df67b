/*
 * The rows out of the file: the open ones, and the closed ones above them.
 */
#include "store_read.h"

#include <stdlib.h>
#include <string.h>

static const char read_rows[] =
    "WITH RECURSIVE above(id) AS ("
    " SELECT parent FROM agents WHERE edge='open' AND parent IS NOT NULL"
    " UNION SELECT agents.parent FROM above JOIN agents USING(id)"
    " WHERE agents.parent IS NOT NULL)"
    "SELECT id, parent, path, nickname, role, turn, status, result,"
    " edge='closed', ttl_ms FROM agents WHERE edge='open' OR id IN above ORDER "
    "BY seq";

/* --- reading -------------------------------------------------------------- */

static bool grow(void **block, size_t *room, size_t wanted, size_t size)
{
    size_t next = *room == 0 ? 64 : *room;
    void *larger;

    if (wanted <= *room) {
        return true;
    }
    while (next < wanted) {
        next *= 2;
    }
    larger = realloc(*block, next * size);
    if (larger == NULL) {
        return false;
    }
    *block = larger;
    *room = next;
    return true;
}

/* Copies a column, with a NUL; its place, *length bytes.  An absent one is an
 * empty one. */
static bool copy_column(struct resume *resume, sqlite3_stmt *from, int column,
                        size_t *place, size_t *length)
{
    const void *bytes = sqlite3_column_blob(from, column);

    *length = (size_t)sqlite3_column_bytes(from, column);
    if (!grow((void **)&resume->texts, &resume->texts_room,
              resume->texts_used + *length + 1, 1)) {
        return false;
    }
    *place = resume->texts_used;
    if (*length > 0) {
        memcpy(resume->texts + *place, bytes, *length);
    }
    resume->texts[*place + *length] = '\0';
    resume->texts_used += *length + 1;
    return true;
}

static void copy_id(sqlite3_stmt *from, int column, moor_id *id)
{
    *id = (moor_id){{0}};
    if (sqlite3_column_bytes(from, column) == sizeof id->bytes) {
        memcpy(id->bytes, sqlite3_column_blob(from, column), sizeof id->bytes);
    }
}

/* One that has none of these names is wrong: RESERVED is none of an agent's. */
static moor_status status_of_name(const char *name)
{
    for (int i = MOOR_STATUS_PENDING_INIT; name != NULL && i < MOOR_STATUSES;
         i++) {
        if (strcmp(moor_status_name((moor_status)i), name) == 0) {
            return (moor_status)i;
        }
    }
    return MOOR_STATUS_RESERVED;
}

static bool read_row(struct resume *resume, sqlite3_stmt *from)
{
    struct row row = {
        .parent = STORE_NOBODY, .child = STORE_NOBODY, .sibling = STORE_NOBODY};
    size_t length;

    if (!grow((void **)&resume->all, &resume->room, resume->count + 1,
              sizeof *resume->all)) {
        return false;
    }
    copy_id(from, 0, &row.id);
    copy_id(from, 1, &row.parent_id);
    row.turn = (uint64_t)sqlite3_column_int64(from, 5);
    row.status = status_of_name((const char *)sqlite3_column_text(from, 6));
    row.ttl_ms = (uint32_t)sqlite3_column_int64(from, 9);
    row.closed = sqlite3_column_int(from, 8) != 0;
    if (!copy_column(resume, from, 2, &row.path, &length) ||
        !copy_column(resume, from, 3, &row.nickname, &length) ||
        !copy_column(resume, from, 4, &row.role, &length) ||
        !copy_column(resume, from, 7, &row.text, &row.length)) {
        return false;
    }
    resume->all[resume->count++] = row;
    resume->closed += row.closed;
    return true;
}

int store_read_rows(struct resume *resume)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(resume->rows->file->db, read_rows, -1,
                                  &statement, NULL);

    while (code == SQLITE_OK &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = read_row(resume, statement) ? SQLITE_OK : SQLITE_NOMEM;
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- beside the agents ---------------------------------------------------- */

/* A code of SQLite: a row without a name or a value is none of a store's. */
static int read_value(struct store_meta *meta, sqlite3_stmt *from)
{
    const char *name = (const char *)sqlite3_column_text(from, 0);
    uint64_t value = (uint64_t)sqlite3_column_int64(from, 1);
    const char *text = (const char *)sqlite3_column_text(from, 1);

    if (name == NULL || text == NULL) {
        return sqlite3_errcode(sqlite3_db_handle(from)) == SQLITE_NOMEM
                   ? SQLITE_NOMEM
                   : SQLITE_CORRUPT;
    }
    if (strcmp(name, "turn") == 0) {
        meta->turn = value;
    } else if (strcmp(name, "lifetime") == 0) {
        meta->lifetime = value;
    }
    for (int i = 0; i < MOOR_LIMITS; i++) {
        if (strncmp(name, "limit_", 6) == 0 &&
            strcmp(name + 6, moor_limit_name((moor_limit)i)) == 0) {
            meta->limits[i] =
                value > MOOR_UNLIMITED ? MOOR_UNLIMITED : (uint32_t)value;
        }
    }
    for (int i = 0; i < MOOR_RELEASES && strcmp(name, "release") == 0; i++) {
        if (strcmp(text, moor_release_name((moor_release)i)) == 0) {
            meta->release = (moor_release)i;
        }
    }
    for (int i = 0; i < MOOR_CLOSE_RULES && strcmp(name, "close_rule") == 0;
         i++) {
        if (strcmp(text, moor_close_rule_name((moor_close_rule)i)) == 0) {
            meta->close_rule = (moor_close_rule)i;
        }
    }
    return SQLITE_OK;
}

int store_read_meta(struct store_file *file, struct store_meta *meta)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(file->db, "SELECT name, value FROM meta", -1,
                                  &statement, NULL);

    while (code == SQLITE_OK &&
           (code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = read_value(meta, statement);
    }
    (void)sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
