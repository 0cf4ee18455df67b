/*
 * The rows into a registry.
 *
 * Read are the open rows, and the closed ones above them: what hangs below an
 * agent that was closed by adoption has its path still.  They are restored in
 * the order of their spawns, and that is seq, but for agents whose spawns the
 * journal told in another order; so a parent is placed before its children
 * whatever their numbers, and whoever had a path before its owner of now is
 * placed before it, with all that hangs below.
 */
#include "store_read.h"

#include <stdlib.h>
#include <string.h>

/* --- finding -------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(&((const struct by_id *)a)->id,
                  &((const struct by_id *)b)->id, sizeof(moor_id));
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct by_path *)a)->path,
                  ((const struct by_path *)b)->path);
}

static const char *text_at(const struct resume *resume, size_t place)
{
    return resume->texts + place;
}

static void sort_all(struct resume *resume)
{
    size_t closed = 0;

    for (size_t i = 0; i < resume->count; i++) {
        struct row *row = &resume->all[i];

        resume->by_id[i] = (struct by_id){row->id, i};
        if (row->closed) {
            resume->by_path[closed++] =
                (struct by_path){text_at(resume, row->path), i};
        }
    }
    qsort(resume->by_id, resume->count, sizeof *resume->by_id, compare_ids);
    qsort(resume->by_path, closed, sizeof *resume->by_path, compare_paths);
}

/* Who hangs below whom; false: below nobody, and that row is *wrong. */
static bool link_all(struct resume *resume, size_t *wrong)
{
    static const moor_id nil;

    for (size_t i = resume->count; i > 0; i--) {
        struct row *row = &resume->all[i - 1];
        const struct by_id key = {row->parent_id, 0};
        const struct by_id *found;

        if (memcmp(&row->parent_id, &nil, sizeof nil) == 0) {
            continue;
        }
        found = (const struct by_id *)bsearch(
            &key, resume->by_id, resume->count, sizeof key, compare_ids);
        if (found == NULL) {
            *wrong = i - 1;
            return false;
        }
        row->parent = found->number;
        row->sibling = resume->all[row->parent].child;
        resume->all[row->parent].child = i - 1;
    }
    return true;
}

/* --- placing -------------------------------------------------------------- */

static void place_tree(struct resume *resume, size_t number);
static void place(struct resume *resume, size_t number);

/* Closed ones that had the path before. */
static void place_earlier(struct resume *resume, size_t number)
{
    const struct row *row = &resume->all[number];
    const struct by_path key = {text_at(resume, row->path), 0};
    struct by_path *end = resume->by_path + resume->closed;
    struct by_path *at = (struct by_path *)bsearch(
        &key, resume->by_path, resume->closed, sizeof key, compare_paths);

    while (at != NULL && at > resume->by_path &&
           compare_paths(at - 1, &key) == 0) {
        at--;
    }
    for (; at != NULL && at < end && compare_paths(at, &key) == 0; at++) {
        if (at->number != number && (!row->closed || at->number < number)) {
            place_tree(resume, at->number);
        }
    }
}

/* As deep as a path has segments, and as often as a path had owners. */
static void place(struct resume *resume, size_t number)
{
    struct row *row = &resume->all[number];

    if (row->begun) {
        return;
    }
    row->begun = true;
    if (row->parent != STORE_NOBODY) {
        place(resume, row->parent);
    }
    if (resume->closed > 0) {
        place_earlier(resume, number);
    }
    row->number = resume->placed;
    resume->order[resume->placed++] = number;
}

static void place_tree(struct resume *resume, size_t number)
{
    place(resume, number);
    for (size_t child = resume->all[number].child; child != STORE_NOBODY;
         child = resume->all[child].sibling) {
        place_tree(resume, child);
    }
}

static void place_all(struct resume *resume)
{
    for (size_t i = 0; i < resume->count; i++) {
        place(resume, i);
    }
    for (size_t i = 0; i < resume->count; i++) {
        const struct row *row = &resume->all[resume->order[i]];

        resume->kept[i] =
            (moor_kept){.parent = row->parent == STORE_NOBODY
                                      ? MOOR_KEPT_ROOT
                                      : resume->all[row->parent].number,
                        .id = row->id,
                        .path = text_at(resume, row->path),
                        .role = text_at(resume, row->role),
                        .nickname = text_at(resume, row->nickname),
                        .closed = row->closed,
                        .status = row->status,
                        .turn = row->turn,
                        .ttl_ms = row->ttl_ms,
                        .text = text_at(resume, row->text),
                        .length = row->length};
    }
}

/* --- the registry --------------------------------------------------------- */

static moor_store_error wrong_row(struct resume *resume, size_t number,
                                  const char *what)
{
    char id[MOOR_ID_TEXT];

    moor_id_format(resume->all[number].id, id);
    return store_file_say(resume->rows->file, MOOR_STORE_CORRUPT,
                          "the row of %.200s (%s): %s",
                          text_at(resume, resume->all[number].path), id, what);
}

static moor_store_error restore(struct resume *resume, moor_config *config)
{
    struct store_meta *meta = &resume->rows->written;
    size_t wrong = resume->count;
    moor_error error;

    memcpy(config->limits, meta->limits, sizeof config->limits);
    config->release = meta->release;
    config->close_rule = meta->close_rule;
    config->journal = true;
    error = moor_restore(config, resume->kept, resume->count, meta->turn,
                         meta->lifetime, &resume->rows->registry,
                         resume->agents, resume->outcomes, &wrong);
    if (error == MOOR_OK) {
        return MOOR_STORE_OK;
    }
    if (error == MOOR_NO_MEMORY) {
        return store_file_say(resume->rows->file, MOOR_STORE_NO_MEMORY,
                              "no memory for %zu agents: free some",
                              resume->count);
    }
    if (wrong < resume->count) {
        return wrong_row(resume, resume->order[wrong], moor_error_text(error));
    }
    return store_file_say(resume->rows->file, MOOR_STORE_BAD_ARGUMENT,
                          "no registry can be made of the config: %s",
                          moor_error_text(error));
}

static bool make_room(struct resume *resume)
{
    size_t count = resume->count + 1;

    resume->by_id = (struct by_id *)calloc(count, sizeof *resume->by_id);
    resume->by_path =
        (struct by_path *)calloc(resume->closed + 1, sizeof *resume->by_path);
    resume->order = (size_t *)calloc(count, sizeof *resume->order);
    resume->kept = (moor_kept *)calloc(count, sizeof *resume->kept);
    resume->agents = (moor_agent *)calloc(count, sizeof *resume->agents);
    resume->outcomes = (moor_restored *)calloc(count, sizeof *resume->outcomes);
    return resume->by_id != NULL && resume->by_path != NULL &&
           resume->order != NULL && resume->kept != NULL &&
           resume->agents != NULL && resume->outcomes != NULL;
}

static void free_all(struct resume *resume)
{
    free(resume->all);
    free(resume->texts);
    free(resume->by_id);
    free(resume->by_path);
    free(resume->order);
    free(resume->kept);
    free(resume->agents);
    free(resume->outcomes);
}

/* --- after it ------------------------------------------------------------- */

static int write_interrupted(struct resume *resume, const moor_id *id)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(resume->rows->file->db,
                                  "UPDATE agents SET status='interrupted',"
                                  " result=NULL WHERE id=?1",
                                  -1, &statement, NULL);

    if (code != SQLITE_OK) {
        return code;
    }
    (void)sqlite3_bind_blob(statement, 1, id->bytes, sizeof id->bytes,
                            SQLITE_STATIC);
    (void)sqlite3_step(statement);
    return sqlite3_finalize(statement);
}

static void tell(const struct resume *resume, const moor_store_options *options,
                 moor_store_report *report)
{
    for (size_t i = 0; i < resume->count; i++) {
        moor_restored outcome = resume->outcomes[i];

        report->restored += outcome != MOOR_RESTORED_CLOSED;
        report->live += outcome == MOOR_RESTORED_LIVE;
        report->interrupted += outcome == MOOR_RESTORED_INTERRUPTED;
        if (outcome != MOOR_RESTORED_CLOSED && options->restored != NULL) {
            options->restored(options->context, &resume->kept[i],
                              resume->agents[i], outcome);
        }
    }
    report->turn = resume->rows->written.turn;
    report->lifetime = resume->rows->written.lifetime;
}

/* What is otherwise in the registry than in the file. */
static int write_back(struct resume *resume)
{
    int code = store_file_run(resume->rows->file, STORE_BEGIN, NULL);

    for (size_t i = 0; i < resume->count && code == SQLITE_OK; i++) {
        if (resume->outcomes[i] == MOOR_RESTORED_INTERRUPTED) {
            code = write_interrupted(resume, &resume->kept[i].id);
        }
    }
    if (code == SQLITE_OK) {
        code = store_rows_write_meta(resume->rows);
    }
    return code == SQLITE_OK
               ? store_file_run(resume->rows->file, STORE_COMMIT, NULL)
               : code;
}

/* --- all of it ------------------------------------------------------------ */

static moor_store_error read_and_restore(struct resume *resume,
                                         moor_config *config)
{
    struct store_file *file = resume->rows->file;
    size_t wrong;
    int code = store_read_meta(file, &resume->rows->written);

    code = code == SQLITE_OK ? store_read_rows(resume) : code;
    if (code == SQLITE_OK && !make_room(resume)) {
        code = SQLITE_NOMEM;
    }
    if (code != SQLITE_OK) {
        return store_file_error(file, code);
    }
    sort_all(resume);
    if (!link_all(resume, &wrong)) {
        return wrong_row(resume, wrong, "its parent has no row");
    }
    place_all(resume);
    return restore(resume, config);
}

moor_store_error store_resume(struct store_rows *rows,
                              const moor_config *config,
                              const moor_store_options *options,
                              moor_store_report *report)
{
    struct resume resume = {.rows = rows};
    moor_config own = *config;
    moor_store_error error;
    int code;

    memcpy(rows->written.limits, own.limits, sizeof own.limits);
    rows->written.release = own.release;
    rows->written.close_rule = own.close_rule;
    error = read_and_restore(&resume, &own);
    if (error == MOOR_STORE_OK) {
        code = write_back(&resume);
        if (code == SQLITE_OK) {
            tell(&resume, options, report);
        } else {
            error = store_file_error(rows->file, code);
            moor_destroy(rows->registry);
            rows->registry = NULL;
        }
    }
    free_all(&resume);
    return error;
}
