/*
 * What can be read of the model: counts, look-ups, waits.
 */
#include <string.h>

#include "model.h"

/* --- one entry ------------------------------------------------------------ */

bool model_is_there(const struct model_entry *entry)
{
    return entry->kind != MODEL_GONE;
}

bool model_is_live(const struct model_entry *entry)
{
    return entry->status == MOOR_STATUS_PENDING_INIT ||
           entry->status == MOOR_STATUS_RUNNING;
}

bool model_is_idle(const struct model_entry *entry)
{
    return entry->status == MOOR_STATUS_INTERRUPTED ||
           entry->status == MOOR_STATUS_COMPLETED ||
           entry->status == MOOR_STATUS_ERRORED ||
           entry->status == MOOR_STATUS_SHUTDOWN;
}

moor_error model_agent(const struct model *model, int which)
{
    if (which == MODEL_NOBODY) {
        return MOOR_NOT_FOUND;
    }
    return model->entries[which].kind == MODEL_AGENT ? MOOR_OK : MOOR_STALE;
}

moor_error model_subject(const struct model *model, int which)
{
    return which == MODEL_ROOT ? MOOR_IS_ROOT : model_agent(model, which);
}

moor_error model_ticket(const struct model *model, int which)
{
    if (which == MODEL_NOBODY) {
        return MOOR_NOT_FOUND;
    }
    return model->entries[which].kind == MODEL_TICKET ? MOOR_OK : MOOR_STALE;
}

/* --- counts --------------------------------------------------------------- */

uint64_t model_used(const struct model *model)
{
    uint64_t used = 0;

    for (int i = 1; i < model->count; i++) {
        used +=
            model->entries[i].kind == MODEL_TICKET || model->entries[i].slot;
    }
    return used;
}

uint64_t model_children(const struct model *model, int parent)
{
    uint64_t children = 0;

    for (int i = 1; i < model->count; i++) {
        children += model_is_there(&model->entries[i]) &&
                    model->entries[i].parent == parent;
    }
    return children;
}

moor_stats model_stats(const struct model *model)
{
    moor_stats stats = model->counted;

    stats.used = model_used(model);
    for (int i = 1; i < model->count; i++) {
        const struct model_entry *entry = &model->entries[i];

        stats.tickets += entry->kind == MODEL_TICKET;
        stats.live += entry->kind == MODEL_AGENT && model_is_live(entry);
        stats.idle += entry->kind == MODEL_AGENT && model_is_idle(entry);
    }
    return stats;
}

/* --- look-ups ------------------------------------------------------------- */

bool model_is_fenced(const struct model *model, int which)
{
    while (which != MODEL_ROOT && !model->entries[which].fenced) {
        which = model->entries[which].parent;
    }
    return model->entries[which].fenced;
}

int model_at_path(const struct model *model, const char *path)
{
    for (int i = 0; i < model->count; i++) {
        if (model_is_there(&model->entries[i]) &&
            strcmp(model->entries[i].path, path) == 0) {
            return i;
        }
    }
    return MODEL_NOBODY;
}

int model_of_id(const struct model *model, const moor_id *id)
{
    for (int i = 1; i < model->count; i++) {
        if (model->entries[i].kind == MODEL_AGENT &&
            memcmp(&model->entries[i].id, id, sizeof *id) == 0) {
            return i;
        }
    }
    return MODEL_NOBODY;
}

/* --- capacity ------------------------------------------------------------- */

static uint64_t idle_slots(const struct model *model)
{
    uint64_t slots = 0;

    for (int i = 1; i < model->count; i++) {
        slots += model->entries[i].slot && model_is_idle(&model->entries[i]);
    }
    return slots;
}

moor_capacity model_capacity(const struct model *model, int parent)
{
    static const moor_limit order[] = {MOOR_LIMIT_DEPTH, MOOR_LIMIT_CHILDREN,
                                       MOOR_LIMIT_LIFETIME, MOOR_LIMIT_RESIDENT,
                                       MOOR_LIMIT_RUNNING};
    moor_capacity capacity = {.would = MOOR_OK, .would_limit = MOOR_LIMITS};

    for (int i = 0; i < MOOR_LIMITS; i++) {
        capacity.of[i].limit = model->limits[i];
    }
    capacity.of[MOOR_LIMIT_RUNNING].used = model_used(model);
    capacity.of[MOOR_LIMIT_RESIDENT].used = model_resident(model);
    capacity.of[MOOR_LIMIT_DEPTH].used = model->entries[parent].depth;
    capacity.of[MOOR_LIMIT_CHILDREN].used = model_children(model, parent);
    capacity.of[MOOR_LIMIT_LIFETIME].used = model->lifetime;
    for (int i = 0; i < MOOR_LIMITS && capacity.would == MOOR_OK; i++) {
        const moor_use *use = &capacity.of[order[i]];
        uint64_t reaped =
            order[i] == MOOR_LIMIT_RUNNING && model->release == MOOR_ON_RESERVE
                ? idle_slots(model)
                : 0;

        if (use->limit != MOOR_UNLIMITED && use->used - reaped >= use->limit) {
            capacity.would = MOOR_REFUSED;
            capacity.would_limit = order[i];
        }
    }
    if (model_is_fenced(model, parent)) {
        capacity.would = MOOR_FENCED;
    }
    return capacity;
}

/* --- wait ----------------------------------------------------------------- */

moor_error model_wait(const struct model *model, moor_wait_for what,
                      moor_wait_until until, const int *which, size_t count,
                      moor_waited *answers)
{
    size_t met = 0;

    for (size_t i = 0; i < count; i++) {
        answers[i] =
            (moor_waited){.met = true, .status = MOOR_STATUS_NOT_FOUND};
        if (model_agent(model, which[i]) == MOOR_OK) {
            const struct model_entry *entry = &model->entries[which[i]];

            answers[i].status = entry->status;
            answers[i].requested = entry->requested;
            answers[i].met = until == MOOR_UNTIL_IDLE
                                 ? model_is_idle(entry)
                                 : moor_is_final(entry->status);
        }
        met += answers[i].met;
    }
    return (what == MOOR_WAIT_ANY ? met > 0 : met == count) ? MOOR_OK
                                                            : MOOR_TIMED_OUT;
}
