/*
 * The public calls of the store: the writer is started, told and ended.
 *
 * A flush is a number.  The writer reads it, then takes what was noted, and
 * shows the number when that is committed; so all is in the file that was noted
 * before the flush asked.
 */
#include "store_inner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- opening -------------------------------------------------------------- */

static bool make_meeting(struct moor_store *store)
{
    pthread_condattr_t monotonic;

    if (pthread_mutex_init(&store->mutex, NULL) != 0) {
        return false;
    }
    if (pthread_condattr_init(&monotonic) != 0) {
        (void)pthread_mutex_destroy(&store->mutex);
        return false;
    }
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&store->told, &monotonic);

    (void)pthread_condattr_destroy(&monotonic);
    if (failed != 0) {
        (void)pthread_mutex_destroy(&store->mutex);
    }
    return failed == 0;
}

/* Signals are for the host's threads. */
static bool start_writer(struct moor_store *store)
{
    sigset_t all, before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&store->writer, NULL, store_writer_run, store);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

static void free_store(struct moor_store *store)
{
    store_file_close(&store->file);
    free(store->rows.text);
    free(store->batch);
    free(store);
}

static moor_store_error begin(struct moor_store *store)
{
    store->batch = (moor_changed *)calloc(STORE_ROOM, sizeof *store->batch);
    if (store->batch != NULL && make_meeting(store)) {
        if (start_writer(store)) {
            return MOOR_STORE_OK;
        }
        (void)pthread_cond_destroy(&store->told);
        (void)pthread_mutex_destroy(&store->mutex);
    }
    moor_destroy(store->rows.registry);
    return store_file_say(&store->file, MOOR_STORE_NO_MEMORY,
                          "no memory, or no thread, for its writer");
}

moor_store_error moor_store_open(const char *path, const moor_config *config,
                                 const moor_store_options *options,
                                 moor_store **store, moor_registry **registry,
                                 moor_store_report *report)
{
    static const moor_store_options no_options;
    struct moor_store *made;
    moor_store_report own;
    moor_config defaults;
    moor_store_error error;

    report = report == NULL ? &own : report;
    *report = (moor_store_report){.text = "no path, or null"};
    if (path == NULL || path[0] == '\0' || store == NULL || registry == NULL) {
        return MOOR_STORE_BAD_ARGUMENT;
    }
    moor_config_default(&defaults);
    config = config == NULL ? &defaults : config;
    options = options == NULL ? &no_options : options;
    made = (struct moor_store *)calloc(1, sizeof *made);
    if (made == NULL) {
        (void)snprintf(report->text, sizeof report->text,
                       "%s: no memory: free some memory", path);
        return MOOR_STORE_NO_MEMORY;
    }
    made->rows.file = &made->file;
    error = store_file_open(&made->file, path, options->bytes_max);
    report->version = made->file.version;
    report->created =
        error == MOOR_STORE_OK ? made->file.version == 0 : made->file.is_new;
    if (error == MOOR_STORE_OK) {
        error = store_resume(&made->rows, config, options, report);
    }
    if (error == MOOR_STORE_OK) {
        error = begin(made);
    }
    memcpy(report->text, made->file.text, sizeof report->text);
    if (error != MOOR_STORE_OK) {
        free_store(made);
        return error;
    }
    *store = made;
    *registry = made->rows.registry;
    return MOOR_STORE_OK;
}

/* --- flushing ------------------------------------------------------------- */

static struct timespec deadline_of(uint64_t timeout_ms)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(timeout_ms / 1000);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

/* The mutex is held; false: the deadline has passed. */
static bool wait_told(struct moor_store *store, uint64_t timeout_ms,
                      const struct timespec *until)
{
    if (timeout_ms == MOOR_FOREVER) {
        return pthread_cond_wait(&store->told, &store->mutex) == 0;
    }
    return pthread_cond_timedwait(&store->told, &store->mutex, until) == 0;
}

/* The mutex is held: an attempt that began behind that flush was the latest,
 * and in vain. */
static bool has_failed(const struct moor_store *store, uint64_t number)
{
    return store->tried >= number && store->state.error != MOOR_STORE_OK;
}

moor_store_error moor_store_flush(moor_store *store, uint64_t timeout_ms)
{
    struct timespec until =
        deadline_of(timeout_ms == MOOR_FOREVER ? 0 : timeout_ms);
    moor_store_error error = MOOR_STORE_OK;
    bool in_time = true;
    uint64_t number;

    if (store == NULL) {
        return MOOR_STORE_BAD_ARGUMENT;
    }
    (void)pthread_mutex_lock(&store->mutex);
    number = ++store->wanted;
    (void)pthread_cond_broadcast(&store->told);
    (void)pthread_mutex_unlock(&store->mutex);
    (void)moor_journal_wake(store->rows.registry);
    (void)pthread_mutex_lock(&store->mutex);
    while (store->done < number && !has_failed(store, number) && in_time) {
        in_time = wait_told(store, timeout_ms, &until);
    }
    if (store->done < number) {
        error = has_failed(store, number) ? store->state.error
                                          : MOOR_STORE_TIMED_OUT;
    }
    (void)pthread_mutex_unlock(&store->mutex);
    return error;
}

moor_store_error moor_store_state_of(moor_store *store, moor_store_state *state)
{
    if (store == NULL || state == NULL) {
        return MOOR_STORE_BAD_ARGUMENT;
    }
    (void)pthread_mutex_lock(&store->mutex);
    *state = store->state;
    (void)pthread_mutex_unlock(&store->mutex);
    return MOOR_STORE_OK;
}

/* --- closing -------------------------------------------------------------- */

moor_store_error store_close(moor_store *store, char *text)
{
    moor_store_error error;

    (void)pthread_mutex_lock(&store->mutex);
    store->stopping = true;
    (void)pthread_cond_broadcast(&store->told);
    (void)pthread_mutex_unlock(&store->mutex);
    (void)moor_journal_wake(store->rows.registry);
    (void)pthread_join(store->writer, NULL);
    error = store->state.error;
    if (error != MOOR_STORE_OK && text != NULL) {
        memcpy(text, store->state.text, sizeof store->state.text);
    }
    for (size_t i = 0; i < store->count; i++) {
        (void)moor_change_done(store->rows.registry, &store->batch[i]);
    }
    (void)pthread_cond_destroy(&store->told);
    (void)pthread_mutex_destroy(&store->mutex);
    free_store(store);
    return error;
}

moor_store_error moor_store_close(moor_store *store)
{
    return store == NULL ? MOOR_STORE_OK : store_close(store, NULL);
}
