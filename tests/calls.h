/*
 * Every public call on a world in which it succeeds: a table, so that one test
 * can put all of them to the same trial.
 */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include "calls_world.h"
#include "lease.h"
#include "moorage/journal.h"

static inline moor_error call_spawn(struct world *w)
{
    moor_spawn_options options = {.parent = w->live, .role = "explorer"};

    return moor_spawn(w->registry, &options, &w->made, NULL);
}

static inline moor_error call_spawn_with_all(struct world *w)
{
    static const moor_id id = {{42}};
    moor_spawn_options options = {.parent = w->parent,
                                  .name = "n",
                                  .id = &id,
                                  .nickname = "nick",
                                  .role = "r"};

    return moor_spawn(w->registry, &options, &w->made, NULL);
}

static inline moor_error call_spawn_leased(struct world *w)
{
    moor_spawn_options options = {.parent = w->parent, .ttl_ms = 3600000};
    moor_error error = moor_spawn(w->registry, &options, &w->made, NULL);

    if (error == MOOR_OK) cr_assert(lease_is_kept(w->registry, w->made.bits));
    return error;
}

static inline moor_error call_spawn_many(struct world *w)
{
    const moor_spawn_options options[3] = {
        {.parent = w->parent}, {.name = "n"}, {.role = "explorer"}};
    moor_agent made[3];

    return moor_spawn_many(w->registry, options, 3, made, NULL);
}

static inline moor_error call_reserve(struct world *w)
{
    moor_ticket ticket;

    return moor_reserve(w->registry, &(moor_spawn_options){0}, &ticket, NULL);
}

static inline moor_error call_commit(struct world *w)
{
    return moor_commit(w->registry, w->ticket, NULL, NULL, &w->made);
}

static inline moor_error call_commit_with_id(struct world *w)
{
    static const moor_id id = {{43}};

    return moor_commit(w->registry, w->ticket, &id, "/root/parent/ticket",
                       &w->made);
}

static inline moor_error call_abandon(struct world *w)
{
    return moor_abandon(w->registry, w->ticket);
}

static inline moor_error call_start(struct world *w)
{
    return moor_start(w->registry, w->fresh);
}

static inline moor_error call_start_failed(struct world *w)
{
    return moor_start_failed(w->registry, w->fresh);
}

static inline moor_error call_finish(struct world *w)
{
    return finish(w->registry, w->live, MOOR_STATUS_COMPLETED);
}

static inline moor_error call_finish_with_text(struct world *w)
{
    return moor_finish(w->registry, w->live, MOOR_STATUS_ERRORED, "e", 1);
}

static inline moor_error call_interrupt(struct world *w)
{
    return moor_interrupt(w->registry, w->live);
}

static inline moor_error call_died(struct world *w)
{
    return moor_died(w->registry, w->live);
}

static inline moor_error call_run_again(struct world *w)
{
    moor_refusal refusal;

    return moor_run_again(w->registry, w->idle, &refusal);
}

static inline moor_error call_request(struct world *w)
{
    return moor_request(w->registry, w->live, MOOR_REQUEST_INTERRUPT);
}

static inline moor_error call_poll(struct world *w)
{
    moor_request_kind kind;

    return moor_poll(w->registry, w->live, &kind);
}

static inline moor_error call_close(struct world *w)
{
    return moor_close(w->registry, w->parent, MOOR_CLOSE_TREE, NULL);
}

static inline moor_error call_adopt(struct world *w)
{
    return moor_close(w->registry, w->parent, MOOR_CLOSE_ADOPT, NULL);
}

static inline moor_error call_wait(struct world *w)
{
    moor_waited answer;

    return moor_wait(w->registry, MOOR_WAIT_ANY, MOOR_UNTIL_IDLE, &w->idle, 1,
                     1000, &answer);
}

static inline moor_error call_run_again_queued(struct world *w)
{
    const moor_patience patience = {.timeout_ms = 1};

    return moor_run_again_queued(w->registry, w->idle, &patience, NULL);
}

static inline moor_error call_cancel(struct world *w)
{
    static moor_cancellation cancellation;

    return moor_cancel(w->registry, &cancellation);
}

static inline moor_error call_lend(struct world *w)
{
    return moor_lend(w->registry, w->runs);
}

static inline moor_error call_take_back(struct world *w)
{
    return moor_take_back(w->registry, w->lent, NULL, NULL);
}

static inline moor_error call_wait_lending(struct world *w)
{
    moor_waited answer;

    return moor_wait_lending(w->registry, w->runs, MOOR_WAIT_ANY,
                             MOOR_UNTIL_IDLE, &w->idle, 1, 1000, &answer);
}

static inline moor_error call_renew(struct world *w)
{
    return moor_renew(w->registry, w->leased);
}

static inline moor_error call_evict(struct world *w)
{
    return moor_evict(w->registry, w->idle, NULL);
}

static inline moor_error call_evict_any(struct world *w)
{
    return moor_evict(w->registry, nobody, &w->made);
}

static inline moor_error call_unloaded(struct world *w)
{
    return moor_unloaded(w->registry, w->claimed);
}

static inline moor_error call_load(struct world *w)
{
    return moor_load(w->registry, w->unloaded, NULL);
}

static inline moor_error call_touch(struct world *w)
{
    return moor_touch(w->registry, w->idle);
}

static inline moor_error call_pin(struct world *w)
{
    return moor_pin(w->registry, w->idle);
}

static inline moor_error call_unpin(struct world *w)
{
    return moor_unpin(w->registry, w->idle);
}

static inline moor_error call_events(struct world *w)
{
    moor_event events[4];
    size_t count;

    return moor_events(w->registry, w->parent, events, 4, &count);
}

static inline moor_error call_events_fd(struct world *w)
{
    int fd;

    return moor_events_fd(w->registry, &fd);
}

static inline moor_error call_status(struct world *w)
{
    moor_status status;

    return moor_status_of(w->registry, w->live, &status);
}

static inline moor_error call_info(struct world *w)
{
    moor_info info;

    return moor_info_of(w->registry, w->live, &info);
}

static inline moor_error call_ticket_info(struct world *w)
{
    moor_info info;

    return moor_ticket_info(w->registry, w->ticket, &info);
}

static inline moor_error call_result(struct world *w)
{
    char text[10];
    size_t length;

    return moor_result(w->registry, w->idle, text, sizeof text, &length);
}

static inline moor_error call_find_id(struct world *w)
{
    moor_id id = w->without_ticket->infos[1].id;

    return moor_find_id(w->registry, &id, &w->made);
}

static inline moor_error call_find_path(struct world *w)
{
    return moor_find_path(w->registry, w->parent, "live", &w->made);
}

static inline moor_error call_list(struct world *w)
{
    uint64_t cursor = 0;
    moor_info info;
    size_t count;

    return moor_list(w->registry, NULL, &cursor, &info, 1, &count);
}

static inline moor_error call_capacity(struct world *w)
{
    moor_capacity capacity;

    return moor_capacity_of(w->registry, w->live, &capacity);
}

static inline moor_error call_stats(struct world *w)
{
    moor_stats stats;

    return moor_stats_of(w->registry, &stats);
}

static inline moor_error call_times(struct world *w)
{
    moor_times waited, held;

    return moor_times_of(w->registry, &waited, &held);
}

static inline bool call_write(void *unused, const char *bytes, size_t length)
{
    (void)unused;
    return bytes[length - 1] != '\0';
}

static inline moor_error call_snapshot(struct world *w)
{
    return moor_snapshot(w->registry, MOOR_SNAPSHOT_JSON, call_write, NULL);
}

static inline moor_error call_metrics(struct world *w)
{
    return moor_metrics(w->registry, MOOR_METRICS_OPENMETRICS, call_write,
                        NULL);
}

static inline moor_error call_turn_begin(struct world *w)
{
    return moor_turn_begin(w->registry, NULL);
}

static inline moor_error call_recover(struct world *w)
{
    return moor_recover(w->registry, NULL);
}

static inline moor_error call_check(struct world *w)
{
    return moor_check(w->registry, true, NULL, 0);
}

static inline moor_error call_turn_end(struct world *w)
{
    return moor_turn_end(w->registry, MOOR_LEFT_SHUTDOWN, NULL);
}

static inline moor_error call_reap(struct world *w)
{
    return moor_reap(w->registry, NULL);
}

static inline moor_error call_set_limit(struct world *w)
{
    return moor_set_limit(w->registry, MOOR_LIMIT_LIFETIME, 1000);
}

static inline moor_error call_changes(struct world *w)
{
    moor_changed changed[4];
    size_t count;
    bool behind;

    return moor_changes(w->registry, changed, 4, &count, &behind);
}

static inline moor_error call_change_read(struct world *w)
{
    moor_change change;
    char text[10];

    return moor_change_read(w->registry, w->idle, &change, text, sizeof text);
}

static inline moor_error call_change_done(struct world *w)
{
    const moor_changed changed = {.agent = w->gone, .closed = true};

    return moor_change_done(w->registry, &changed);
}

static inline moor_error call_journal_wait(struct world *w)
{
    return moor_journal_wait(w->registry, 1000);
}

static inline moor_error call_journal_wake(struct world *w)
{
    return moor_journal_wake(w->registry);
}

/* Another registry, which is gone behind it. */
static inline moor_error call_restore(struct world *w)
{
    const moor_kept kept = {.parent = MOOR_KEPT_ROOT,
                            .id = {{44}},
                            .path = "/root/kept",
                            .status = MOOR_STATUS_COMPLETED,
                            .text = "text",
                            .length = 4};
    moor_restored outcome;
    moor_registry *registry;
    moor_config defaults;
    moor_error error;

    moor_config_default(&defaults);
    error = moor_restore(&defaults, &kept, 1, 0, 1, &registry, &w->made,
                         &outcome, NULL);
    if (error == MOOR_OK) moor_destroy(registry);
    return error;
}

enum { NEVER_ALLOCATES = 1, ENDS_THE_TICKET = 2, GROWS = 4 };

static const struct subject {
    const char *name;
    moor_error (*call)(struct world *w);
    unsigned is;
} subjects[] = {
    {"spawn", call_spawn, GROWS},
    {"spawn with all", call_spawn_with_all, GROWS},
    {"spawn leased", call_spawn_leased, GROWS},
    {"spawn many", call_spawn_many, GROWS},
    {"reserve", call_reserve, GROWS},
    {"commit", call_commit, ENDS_THE_TICKET},
    {"commit with id", call_commit_with_id, ENDS_THE_TICKET | GROWS},
    {"abandon", call_abandon, 0},
    {"start", call_start, NEVER_ALLOCATES},
    {"start_failed", call_start_failed, 0},
    {"finish", call_finish, NEVER_ALLOCATES},
    {"finish with text", call_finish_with_text, GROWS},
    {"interrupt", call_interrupt, NEVER_ALLOCATES},
    {"died", call_died, NEVER_ALLOCATES},
    {"run_again", call_run_again, 0},
    {"run_again queued", call_run_again_queued, 0},
    {"renew", call_renew, 0},
    {"lend", call_lend, NEVER_ALLOCATES},
    {"take_back", call_take_back, NEVER_ALLOCATES},
    {"wait_lending", call_wait_lending, NEVER_ALLOCATES},
    {"cancel", call_cancel, NEVER_ALLOCATES},
    {"evict", call_evict, NEVER_ALLOCATES},
    {"evict any", call_evict_any, NEVER_ALLOCATES},
    {"unloaded", call_unloaded, NEVER_ALLOCATES},
    {"load", call_load, 0},
    {"touch", call_touch, 0},
    {"pin", call_pin, NEVER_ALLOCATES},
    {"unpin", call_unpin, NEVER_ALLOCATES},
    {"events", call_events, NEVER_ALLOCATES},
    {"events_fd", call_events_fd, NEVER_ALLOCATES},
    {"request", call_request, NEVER_ALLOCATES},
    {"poll", call_poll, NEVER_ALLOCATES},
    {"close tree", call_close, 0},
    {"close adopt", call_adopt, 0},
    {"wait", call_wait, NEVER_ALLOCATES},
    {"status_of", call_status, NEVER_ALLOCATES},
    {"info_of", call_info, 0},
    {"ticket_info", call_ticket_info, 0},
    {"result", call_result, 0},
    {"find_id", call_find_id, 0},
    {"find_path", call_find_path, 0},
    {"list", call_list, 0},
    {"capacity", call_capacity, 0},
    {"stats", call_stats, NEVER_ALLOCATES},
    {"times_of", call_times, NEVER_ALLOCATES},
    {"snapshot", call_snapshot, 0},
    {"metrics", call_metrics, NEVER_ALLOCATES},
    {"check", call_check, 0},
    {"turn_begin", call_turn_begin, NEVER_ALLOCATES},
    {"recover", call_recover, 0},
    {"turn_end", call_turn_end, NEVER_ALLOCATES},
    {"reap", call_reap, NEVER_ALLOCATES},
    {"set_limit", call_set_limit, NEVER_ALLOCATES},
    {"changes", call_changes, NEVER_ALLOCATES},
    {"change_read", call_change_read, 0},
    {"change_done", call_change_done, NEVER_ALLOCATES},
    {"journal_wait", call_journal_wait, NEVER_ALLOCATES},
    {"journal_wake", call_journal_wake, NEVER_ALLOCATES},
    {"restore", call_restore, 0},
};

enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

#endif
