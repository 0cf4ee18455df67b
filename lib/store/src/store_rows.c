/*
 * One agent into its row.
 *
 * Rows are written one after the other, each as its agent is at that moment,
 * and what is not changed since stands.  So of two that claim the same path the
 * one that is written later has it, and the earlier has left; of two of one id
 * the same, unless the later one is a closed agent and the id is in use.
 */
#include "store_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- an agent, read ------------------------------------------------------- */

static moor_error read_agent(struct store_rows *rows, moor_agent agent,
                             moor_change *change)
{
    moor_error error;

    for (;;) {
        error = moor_change_read(rows->registry, agent, change, rows->text,
                                 rows->room);
        if (error != MOOR_OK || change->length <= rows->room) {
            return error;
        }
        free(rows->text);
        rows->room = change->length;
        rows->text = (char *)malloc(rows->room);
        if (rows->text == NULL) {
            rows->room = 0;
            return MOOR_NO_MEMORY;
        }
    }
}

static bool id_is_nil(const moor_id *id)
{
    static const moor_id nil;

    return memcmp(id, &nil, sizeof nil) == 0;
}

/* Another agent has the id of one that has left. */
static bool id_is_used(struct store_rows *rows, const moor_change *change)
{
    moor_agent owner;

    return moor_find_id(rows->registry, &change->info.id, &owner) == MOOR_OK;
}

/* --- statements ----------------------------------------------------------- */

static void bind_id(struct store_rows *rows, enum store_statement which,
                    int place, const moor_id *id)
{
    store_file_bound(rows->file,
                     sqlite3_bind_blob(rows->file->statements[which], place,
                                       id->bytes, sizeof id->bytes,
                                       SQLITE_TRANSIENT));
}

/* An empty one is null. */
static void bind_text(struct store_rows *rows, enum store_statement which,
                      int place, const char *text)
{
    if (text[0] != '\0') {
        store_file_bound(rows->file,
                         sqlite3_bind_text(rows->file->statements[which], place,
                                           text, -1, SQLITE_TRANSIENT));
    }
}

/* Turn, status, result and edge, from that place on. */
static void bind_state(struct store_rows *rows, enum store_statement which,
                       int place, const moor_change *change)
{
    sqlite3_stmt *statement = rows->file->statements[which];

    store_file_bound(
        rows->file,
        sqlite3_bind_int64(statement, place, (sqlite3_int64)change->info.turn));
    bind_text(rows, which, place + 1, moor_status_name(change->info.status));
    if (change->length > 0) {
        store_file_bound(rows->file,
                         sqlite3_bind_blob64(statement, place + 2, rows->text,
                                             change->length, SQLITE_STATIC));
    }
    bind_text(rows, which, place + 3, change->closed ? "closed" : "open");
}

/* The id that the row of an agent gets when its own is another agent's by now:
 * made of id and path, so that those below it find it. */
static moor_id other_id(const moor_id *id, const char *path, size_t length)
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t high = UINT64_C(0xcbf29ce484222325), low = ~high;
    moor_id other;

    for (size_t i = 0; i < sizeof id->bytes + length; i++) {
        uint8_t byte = i < sizeof id->bytes
                           ? id->bytes[i]
                           : (uint8_t)path[i - sizeof id->bytes];

        high = (high ^ byte) * prime;
        low = (low + byte) * prime;
    }
    memcpy(other.bytes, &high, sizeof high);
    memcpy(other.bytes + sizeof high, &low, sizeof low);
    return other;
}

static size_t parents_length(const char *path)
{
    return (size_t)(strrchr(path, '/') - path);
}

struct found {
    bool any, open;
    bool same; /* the path: it is that agent's, not another's of its id */
};

static int find_row(struct store_rows *rows, const moor_id *id,
                    const char *path, size_t length, struct found *found)
{
    sqlite3_stmt *statement = rows->file->statements[STORE_FIND];
    const char *kept;
    int code;

    bind_id(rows, STORE_FIND, 1, id);
    code = store_file_run(rows->file, STORE_FIND, &found->any);
    if (code != SQLITE_OK || !found->any) {
        return code;
    }
    kept = (const char *)sqlite3_column_text(statement, 1);
    found->same = strlen(kept) == length && memcmp(kept, path, length) == 0;
    found->open = sqlite3_column_int(statement, 2) != 0;
    return sqlite3_reset(statement);
}

/* The id's next owner is coming: the row, and what hangs below it, get another
 * one. */
static int give_other_id(struct store_rows *rows, const moor_id *id)
{
    sqlite3_stmt *find = rows->file->statements[STORE_FIND];
    moor_id other;
    bool any;
    int code;

    bind_id(rows, STORE_FIND, 1, id);
    code = store_file_run(rows->file, STORE_FIND, &any);
    if (code != SQLITE_OK) {
        return code;
    }
    assert(any); /* it was found in this transaction */
    other = other_id(id, (const char *)sqlite3_column_text(find, 1),
                     (size_t)sqlite3_column_bytes(find, 1));
    (void)sqlite3_reset(find);
    bind_id(rows, STORE_RENAME, 1, id);
    bind_id(rows, STORE_RENAME, 2, &other);
    code = store_file_run(rows->file, STORE_RENAME, NULL);
    if (code == SQLITE_OK) {
        bind_id(rows, STORE_RENAME_BELOW, 1, id);
        bind_id(rows, STORE_RENAME_BELOW, 2, &other);
        code = store_file_run(rows->file, STORE_RENAME_BELOW, NULL);
    }
    return code;
}

static int free_path(struct store_rows *rows, const moor_change *change)
{
    bind_text(rows, STORE_FREE_PATH, 1, change->info.path);
    bind_id(rows, STORE_FREE_PATH, 2, &change->info.id);
    return store_file_run(rows->file, STORE_FREE_PATH, NULL);
}

static int insert_row(struct store_rows *rows, const moor_change *change)
{
    int code = change->closed ? SQLITE_OK : free_path(rows, change);

    if (code != SQLITE_OK) {
        return code;
    }
    bind_id(rows, STORE_INSERT, 1, &change->info.id);
    if (!id_is_nil(&change->parent)) {
        bind_id(rows, STORE_INSERT, 2, &change->parent);
    }
    bind_text(rows, STORE_INSERT, 3, change->info.path);
    bind_text(rows, STORE_INSERT, 4, change->info.nickname);
    bind_text(rows, STORE_INSERT, 5, change->info.role);
    bind_state(rows, STORE_INSERT, 6, change);
    store_file_bound(rows->file,
                     sqlite3_bind_int64(rows->file->statements[STORE_INSERT],
                                        10, change->ttl_ms));
    return store_file_run(rows->file, STORE_INSERT, NULL);
}

static int update_row(struct store_rows *rows, const moor_change *change)
{
    bind_id(rows, STORE_UPDATE, 1, &change->info.id);
    bind_state(rows, STORE_UPDATE, 2, change);
    bind_text(rows, STORE_UPDATE, 6, change->info.nickname);
    bind_text(rows, STORE_UPDATE, 7, change->info.role);
    store_file_bound(rows->file,
                     sqlite3_bind_int64(rows->file->statements[STORE_UPDATE], 8,
                                        change->ttl_ms));
    return store_file_run(rows->file, STORE_UPDATE, NULL);
}

static int delete_row(struct store_rows *rows, const moor_change *change)
{
    bind_id(rows, STORE_DELETE, 1, &change->info.id);
    return store_file_run(rows->file, STORE_DELETE, NULL);
}

/* --- a parent ------------------------------------------------------------- */

/* It has left, and has no row: a closed one.  Its path is that of its child
 * without the last segment, and so on upwards. */
static int insert_gone(struct store_rows *rows, const moor_id *id,
                       const char *path, size_t length)
{
    moor_change *gone = (moor_change *)calloc(1, sizeof *gone);
    sqlite3_stmt *find = rows->file->statements[STORE_FIND_PATH];
    bool any = false;
    int code = SQLITE_OK;

    if (gone == NULL) {
        return SQLITE_NOMEM;
    }
    gone->info.id = *id;
    gone->info.status = MOOR_STATUS_SHUTDOWN;
    gone->closed = true;
    memcpy(gone->info.path, path, length);
    length = parents_length(gone->info.path);
    if (length > 5) { /* not right below /root */
        store_file_bound(rows->file,
                         sqlite3_bind_text(find, 1, gone->info.path,
                                           (int)length, SQLITE_TRANSIENT));
        code = store_file_run(rows->file, STORE_FIND_PATH, &any);
        gone->parent = other_id(id, gone->info.path, length);
        if (any) {
            memcpy(gone->parent.bytes, sqlite3_column_blob(find, 0),
                   sizeof gone->parent.bytes);
            code = sqlite3_reset(find);
        } else if (code == SQLITE_OK) {
            code = insert_gone(rows, &gone->parent, gone->info.path, length);
        }
    }
    code = code == SQLITE_OK ? insert_row(rows, gone) : code;
    free(gone);
    return code;
}

/* It is not one that has left. */
static int see(struct store_rows *rows, const moor_id *id)
{
    bind_id(rows, STORE_SEE, 1, id);
    return store_file_run(rows->file, STORE_SEE, NULL);
}

static int write_change(struct store_rows *rows, moor_change *change);

/* From the registry, if it is still there. */
static int write_parent(struct store_rows *rows, const moor_id *id,
                        const char *path, size_t length, bool *written)
{
    moor_change *parent = (moor_change *)malloc(sizeof *parent);
    moor_agent agent;
    int code = SQLITE_OK;

    if (parent == NULL) {
        return SQLITE_NOMEM;
    }
    *written =
        moor_find_id(rows->registry, id, &agent) == MOOR_OK &&
        moor_change_read(rows->registry, agent, parent, NULL, 0) == MOOR_OK &&
        strlen(parent->info.path) == length &&
        memcmp(parent->info.path, path, length) == 0 && !parent->failed;
    if (*written) {
        parent->length = 0; /* it is noted, and will be written in full */
        code = write_change(rows, parent);
        if (code == SQLITE_OK && rows->listing) {
            code = see(rows, id);
        }
    }
    free(parent);
    return code;
}

/* The parent's row comes before the child's; the child is told its id. */
static int see_to_parent(struct store_rows *rows, moor_change *change)
{
    const char *path = change->info.path;
    size_t length = parents_length(path);
    struct found found;
    moor_agent owner;
    bool written;
    int code;

    if (id_is_nil(&change->parent)) {
        return SQLITE_OK;
    }
    code = find_row(rows, &change->parent, path, length, &found);
    if (code != SQLITE_OK || (found.any && found.same)) {
        return code;
    }
    code = write_parent(rows, &change->parent, path, length, &written);
    if (code != SQLITE_OK || written) {
        return code;
    }
    if (!found.any &&
        moor_find_id(rows->registry, &change->parent, &owner) != MOOR_OK) {
        return insert_gone(rows, &change->parent, path, length);
    }
    /* The id is another's by now. */
    change->parent = other_id(&change->parent, path, length);
    code = find_row(rows, &change->parent, path, length, &found);
    return code != SQLITE_OK || found.any
               ? code
               : insert_gone(rows, &change->parent, path, length);
}

/* --- a row ---------------------------------------------------------------- */

static int write_change(struct store_rows *rows, moor_change *change)
{
    struct found found;
    int code = find_row(rows, &change->info.id, change->info.path,
                        strlen(change->info.path), &found);

    if (code != SQLITE_OK) {
        return code;
    }
    if (change->closed && id_is_used(rows, change)) {
        return SQLITE_OK;
    }
    if (change->failed) {
        return found.any ? delete_row(rows, change) : SQLITE_OK;
    }
    if (found.any && (!found.same || (!found.open && !change->closed))) {
        code = give_other_id(rows, &change->info.id);
        found.any = false;
    }
    if (code == SQLITE_OK && !found.any) {
        code = see_to_parent(rows, change);
    }
    if (code != SQLITE_OK) {
        return code;
    }
    return found.any ? update_row(rows, change) : insert_row(rows, change);
}

/* One that has ended since and is held by nobody has nothing to write. */
int store_rows_write(struct store_rows *rows, moor_agent agent)
{
    moor_change change;
    moor_error error = read_agent(rows, agent, &change);

    if (error == MOOR_NO_MEMORY) {
        return SQLITE_NOMEM;
    }
    return error == MOOR_OK ? write_change(rows, &change) : SQLITE_OK;
}

/* --- all ------------------------------------------------------------------ */

static int write_listed(struct store_rows *rows, const moor_info *info)
{
    int code;

    if (info->agent.bits == 0 || info->depth == 0) {
        return SQLITE_OK; /* a ticket, or the root */
    }
    code = see(rows, &info->id);
    return code == SQLITE_OK ? store_rows_write(rows, info->agent) : code;
}

/* Who is in the tree throughout is listed; who comes or goes meanwhile is in
 * the journal.  So whoever has a row and is not listed has left. */
int store_rows_write_all(struct store_rows *rows)
{
    enum { PAGE = 64 };
    moor_info *infos = (moor_info *)malloc(PAGE * sizeof *infos);
    uint64_t cursor = 0;
    size_t count;
    int code = infos == NULL
                   ? SQLITE_NOMEM
                   : store_file_run(rows->file, STORE_FORGET_SEEN, NULL);

    rows->listing = true;
    do {
        count = 0;
        if (code == SQLITE_OK) {
            (void)moor_list(rows->registry, NULL, &cursor, infos, PAGE, &count);
        }
        for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
            code = write_listed(rows, &infos[i]);
        }
    } while (code == SQLITE_OK && cursor != 0);
    rows->listing = false;
    free(infos);
    return code == SQLITE_OK
               ? store_file_run(rows->file, STORE_CLOSE_UNSEEN, NULL)
               : code;
}

/* --- beside the agents ---------------------------------------------------- */

int store_rows_set(struct store_file *file, const char *name, uint64_t value)
{
    sqlite3_stmt *statement = file->statements[STORE_SET];

    store_file_bound(file,
                     sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC));
    store_file_bound(file,
                     sqlite3_bind_int64(statement, 2, (sqlite3_int64)value));
    return store_file_run(file, STORE_SET, NULL);
}

static int set_text(struct store_file *file, const char *name,
                    const char *value)
{
    sqlite3_stmt *statement = file->statements[STORE_SET];

    store_file_bound(file,
                     sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC));
    store_file_bound(file,
                     sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC));
    return store_file_run(file, STORE_SET, NULL);
}

static int set_limits(struct store_rows *rows, const struct store_meta *now)
{
    char name[32];
    int code = SQLITE_OK;

    for (int i = 0; i < MOOR_LIMITS && code == SQLITE_OK; i++) {
        (void)sqlite3_snprintf(sizeof name, name, "limit_%s",
                               moor_limit_name((moor_limit)i));
        code = store_rows_set(rows->file, name, now->limits[i]);
    }
    return code;
}

int store_rows_write_meta(struct store_rows *rows)
{
    struct store_meta now = rows->written;
    bool all = !rows->written_is_known;
    moor_capacity capacity;
    int code = SQLITE_OK;

    now.turn = moor_turn_now(rows->registry);
    now.lifetime = moor_lifetime_used(rows->registry);
    /* Of the root: it is always there. */
    (void)moor_capacity_of(rows->registry, (moor_agent){0}, &capacity);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        now.limits[i] = capacity.of[i].limit;
    }
    if (all || now.turn != rows->written.turn) {
        code = store_rows_set(rows->file, "turn", now.turn);
    }
    if (code == SQLITE_OK && (all || now.lifetime != rows->written.lifetime)) {
        code = store_rows_set(rows->file, "lifetime", now.lifetime);
    }
    if (code == SQLITE_OK &&
        (all || memcmp(now.limits, rows->written.limits, sizeof now.limits))) {
        code = set_limits(rows, &now);
    }
    if (code == SQLITE_OK && all) {
        code = set_text(rows->file, "release", moor_release_name(now.release));
        if (code == SQLITE_OK) {
            code = set_text(rows->file, "close_rule",
                            moor_close_rule_name(now.close_rule));
        }
    }
    rows->written = now; /* who rolls back says that it is not known */
    rows->written_is_known = true;
    return code;
}
