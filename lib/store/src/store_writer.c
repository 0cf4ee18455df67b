/*
 * The thread that follows the journal.
 *
 * A round begins a little after the first note; it takes what was noted, writes
 * it in one transaction, and has done with it when that is committed.  When a
 * transaction fails, what was taken stays in hand and is tried again, later and
 * later; meanwhile nothing more is taken: the journal keeps what it can and
 * says that it is behind.  So what waits is bounded twice, and nothing is lost.
 */
#include "store_inner.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GATHER_MS = 2, PATIENCE_MS = 50, PATIENCE_MOST_MS = 2000 };

/* --- one round ------------------------------------------------------------ */

/* Rows get their numbers in the order of spawns. */
static int compare_spawns(const void *a, const void *b)
{
    uint64_t first = ((const moor_changed *)a)->order;
    uint64_t second = ((const moor_changed *)b)->order;

    return (first > second) - (first < second);
}

/* False: there was not room for all that is noted. */
static bool take(struct moor_store *store)
{
    size_t room = STORE_ROOM - store->count, count;
    bool behind;

    if (room == 0) {
        return false;
    }
    (void)moor_changes(store->rows.registry, store->batch + store->count, room,
                       &count, &behind);
    store->count += count;
    store->behind |= behind;
    qsort(store->batch, store->count, sizeof *store->batch, compare_spawns);
    return count < room;
}

static int write_batch(struct moor_store *store)
{
    int code = store_file_run(&store->file, STORE_BEGIN, NULL);

    for (size_t i = 0; i < store->count && code == SQLITE_OK; i++) {
        code = store_rows_write(&store->rows, store->batch[i].agent);
    }
    if (code == SQLITE_OK && store->behind) {
        code = store_rows_write_all(&store->rows);
    }
    if (code == SQLITE_OK) {
        code = store_rows_write_meta(&store->rows);
    }
    return code == SQLITE_OK ? store_file_run(&store->file, STORE_COMMIT, NULL)
                             : code;
}

static void drop_batch(struct moor_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        (void)moor_change_done(store->rows.registry, &store->batch[i]);
    }
    store->count = 0;
    store->behind = false;
}

static moor_store_error write_and_drop(struct moor_store *store)
{
    int code = write_batch(store);

    if (code == SQLITE_OK) {
        drop_batch(store);
        return MOOR_STORE_OK;
    }
    moor_store_error error = store_file_error(&store->file, code);

    store->rows.written_is_known = false;
    for (int i = 0; i < STORE_STATEMENTS; i++) {
        (void)sqlite3_reset(store->file.statements[i]);
        (void)sqlite3_clear_bindings(store->file.statements[i]);
    }
    if (sqlite3_get_autocommit(store->file.db) == 0) {
        (void)store_file_run(&store->file, STORE_ROLLBACK, NULL);
    }
    return error;
}

/* --- its two sides -------------------------------------------------------- */

static void show(struct moor_store *store, uint64_t wanted, bool whole,
                 moor_store_error error)
{
    moor_store_state *state = &store->state;

    (void)pthread_mutex_lock(&store->mutex);
    state->error = error;
    state->waiting = store->count;
    state->behind = store->behind;
    if (error == MOOR_STORE_OK) {
        state->transactions++;
        store->done = whole ? wanted : store->done;
    } else {
        state->failures++;
        memcpy(state->text, store->file.text, sizeof state->text);
    }
    store->tried = whole || error != MOOR_STORE_OK ? wanted : store->tried;
    (void)pthread_cond_broadcast(&store->told);
    (void)pthread_mutex_unlock(&store->mutex);
}

/* False: the disk refuses. */
static bool round_once(struct moor_store *store, bool *stopping, bool *whole)
{
    uint64_t wanted;
    moor_store_error error;

    (void)pthread_mutex_lock(&store->mutex);
    wanted = store->wanted;
    *stopping = store->stopping;
    (void)pthread_mutex_unlock(&store->mutex);
    *whole = take(store);
    error = write_and_drop(store);
    show(store, wanted, *whole, error);
    return error == MOOR_STORE_OK;
}

/* Somebody wants a flush, or the end, cuts it short. */
static void be_patient(struct moor_store *store, uint64_t ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&store->mutex);
    while (!store->stopping && store->wanted == store->tried &&
           pthread_cond_timedwait(&store->told, &store->mutex, &until) == 0) {
    }
    (void)pthread_mutex_unlock(&store->mutex);
}

void *store_writer_run(void *argument)
{
    struct moor_store *store = (struct moor_store *)argument;
    uint64_t patience = PATIENCE_MS;
    bool stopping = false, whole = true;

    while (!stopping || !whole) {
        (void)moor_journal_wait(store->rows.registry, MOOR_FOREVER);
        be_patient(store, GATHER_MS); /* a burst is one transaction */
        if (round_once(store, &stopping, &whole)) {
            patience = PATIENCE_MS;
            continue;
        }
        if (stopping) {
            break;
        }
        be_patient(store, patience);
        patience =
            2 * patience > PATIENCE_MOST_MS ? PATIENCE_MOST_MS : 2 * patience;
        (void)moor_journal_wake(store->rows.registry);
    }
    return NULL;
}
