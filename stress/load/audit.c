/* audit: see audit.h.  Nothing else may run meanwhile. */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 8, ROOT = 1 };

/* One entry of the list, as far as the audit needs it. */
struct entry {
    uint64_t self, parent;
    moor_status status;
    bool slot;
};

struct entries {
    struct entry *of;
    size_t count, room;
};

moor_registry *audit_create(const moor_config *config)
{
    moor_registry *registry = NULL;
    moor_error error = moor_create(config, &registry);

    if (error != MOOR_OK) {
        fprintf(stderr, "moor_create: %s\n", moor_error_name(error));
        exit(EXIT_FAILURE);
    }
    return registry;
}

static void entries_add(struct entries *entries, const moor_info *info)
{
    if (entries->count == entries->room) {
        entries->room = 2 * entries->room + PAGE;
        entries->of = realloc(entries->of,
                              entries->room * sizeof *entries->of);
        if (entries->of == NULL) {
            abort();
        }
    }
    entries->of[entries->count++] = (struct entry){
        info->agent.bits, info->parent.bits, info->status, info->slot
    };
}

static moor_error entries_read(moor_registry *registry,
                               struct entries *entries)
{
    moor_info infos[PAGE];
    uint64_t cursor = 0;
    moor_error error;

    do {
        size_t count = 0;

        error = moor_list(registry, NULL, &cursor, infos, PAGE, &count);
        for (size_t i = 0; error == MOOR_OK && i < count; i++) {
            entries_add(entries, &infos[i]);
        }
    } while (error == MOOR_OK && cursor != 0);
    return error;
}

static size_t children_of(const struct entries *entries, uint64_t parent)
{
    size_t count = 0;

    for (size_t i = 0; i < entries->count; i++) {
        count += entries->of[i].parent == parent;
    }
    return count;
}

/* The parent counts the children that are listed below it. */
static bool audit_children(moor_registry *registry,
                           const struct entries *entries,
                           const struct entry *entry, char why[AUDIT_WHY])
{
    size_t listed = children_of(entries, entry->self);
    moor_capacity capacity;
    moor_error error =
        moor_capacity_of(registry, (moor_agent){ entry->self }, &capacity);

    if (error != MOOR_OK) {
        snprintf(why, AUDIT_WHY, "capacity of a listed agent: %s",
                 moor_error_name(error));
        return false;
    }
    if (capacity.of[MOOR_LIMIT_CHILDREN].used != listed) {
        snprintf(why, AUDIT_WHY, "%zu children listed, %llu counted", listed,
                 (unsigned long long)capacity.of[MOOR_LIMIT_CHILDREN].used);
        return false;
    }
    return true;
}

static bool audit_parent(moor_registry *registry, const struct entry *entry,
                         char why[AUDIT_WHY])
{
    moor_status status;
    moor_error error =
        entry->parent == 0
            ? MOOR_OK
            : moor_status_of(registry, (moor_agent){ entry->parent },
                             &status);

    if (error == MOOR_OK && entry->parent == 0 &&
        entry->self != moor_root(registry).bits) {
        error = MOOR_NOT_FOUND;
    }
    if (error != MOOR_OK) {
        snprintf(why, AUDIT_WHY, "the parent of a listed agent is %s",
                 moor_error_name(error));
    }
    return error == MOOR_OK;
}

/* The counters against the list: agents and tickets; the root in none. */
static bool audit_counters(moor_registry *registry,
                           const struct entries *entries,
                           char why[AUDIT_WHY])
{
    uint64_t slots = 0, tickets = 0;
    moor_stats stats;
    moor_error error = moor_stats_of(registry, &stats);

    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->of[i];

        tickets += entry->self == 0;
        slots += entry->slot && entry->self != moor_root(registry).bits;
    }
    if (error != MOOR_OK || stats.used != slots || stats.tickets != tickets ||
        stats.live + stats.idle + tickets + ROOT != entries->count) {
        snprintf(why, AUDIT_WHY,
                 "stats: %s, used %llu, live %llu, idle %llu, tickets %llu; "
                 "listed: %zu with the root, %llu slots, %llu tickets",
                 moor_error_name(error), (unsigned long long)stats.used,
                 (unsigned long long)stats.live,
                 (unsigned long long)stats.idle,
                 (unsigned long long)stats.tickets, entries->count,
                 (unsigned long long)slots, (unsigned long long)tickets);
        return false;
    }
    return true;
}

static bool audit_entries(moor_registry *registry,
                          const struct entries *entries, char why[AUDIT_WHY])
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->of[i];

        if (!audit_parent(registry, entry, why) ||
            (entry->self != 0 &&
             !audit_children(registry, entries, entry, why))) {
            return false;
        }
    }
    return audit_counters(registry, entries, why);
}

bool audit_quiet(moor_registry *registry, char why[AUDIT_WHY])
{
    struct entries entries = { NULL, 0, 0 };
    bool good;

    if (moor_check(registry, true, why, AUDIT_WHY) != MOOR_OK) {
        return false;
    }
    good = entries_read(registry, &entries) == MOOR_OK;
    if (!good) {
        snprintf(why, AUDIT_WHY, "the list cannot be read");
    }
    good = good && audit_entries(registry, &entries, why);
    free(entries.of);
    return good;
}

/* Agents that are listed, the root left out. */
static size_t agents_listed(moor_registry *registry)
{
    struct entries entries = { NULL, 0, 0 };
    size_t agents = 0;

    (void)entries_read(registry, &entries);
    for (size_t i = 0; i < entries.count; i++) {
        agents += entries.of[i].self != 0 &&
                  entries.of[i].self != moor_root(registry).bits;
    }
    free(entries.of);
    return agents;
}

bool audit_shut(moor_registry *registry, char why[AUDIT_WHY])
{
    size_t agents = agents_listed(registry);
    moor_closed closed = { MOOR_STATUS_NOT_FOUND, 0 };
    moor_error error = moor_close(registry, moor_root(registry),
                                  MOOR_CLOSE_TREE, &closed);
    moor_stats stats;

    if (error != MOOR_OK || closed.closed != agents) {
        snprintf(why, AUDIT_WHY, "close of the root: %s, %llu of %zu closed",
                 moor_error_name(error), (unsigned long long)closed.closed,
                 agents);
        return false;
    }
    error = moor_stats_of(registry, &stats);
    if (error != MOOR_OK || stats.used != 0 || stats.live != 0 ||
        stats.idle != 0 || stats.tickets != 0) {
        snprintf(why, AUDIT_WHY, "left after all: used %llu, agents %llu",
                 (unsigned long long)stats.used,
                 (unsigned long long)(stats.live + stats.idle));
        return false;
    }
    return audit_quiet(registry, why);
}

bool audit_end(moor_registry *registry, char why[AUDIT_WHY])
{
    bool good = audit_quiet(registry, why) && audit_shut(registry, why);

    moor_destroy(registry);
    return good;
}
