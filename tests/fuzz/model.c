#include "model.h"

#include <stdio.h>
#include <string.h>

static void take_names(struct model_nicknames *list, const char *const *names,
                       size_t count)
{
    *list = (struct model_nicknames){.count = count, .ordinal = 1};
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(list->names[i], sizeof list->names[i], "%s", names[i]);
    }
}

void model_begin(struct model *model, const moor_config *config)
{
    model->release = config->release;
    model->rule = config->close_rule;
    memcpy(model->limits, config->limits, sizeof model->limits);
    take_names(&model->nicknames, config->nicknames, config->nicknames_count);
    model->role = NULL;
    if (config->roles_count > 0) {
        model->role = config->roles[0].name;
        take_names(&model->role_nicknames, config->roles[0].nicknames,
                   config->roles[0].nicknames_count);
    }
    model->entries[MODEL_ROOT] =
        (struct model_entry){.kind = MODEL_AGENT,
                             .was_agent = true,
                             .status = MOOR_STATUS_RUNNING,
                             .path = "/root"};
    model->count = 1;
    model->lifetime = model->admissions = 0;
    model->counted = (moor_stats){0};
}

/* --- refusals ------------------------------------------------------------- */

static moor_freed_by freed_by(const struct model *model,
                              const struct model_entry *entry, moor_limit limit)
{
    if (entry->kind == MODEL_TICKET) {
        return MOOR_FREED_BY_ABANDON;
    }
    if (limit == MOOR_LIMIT_RESIDENT) { /* nobody pins, nobody evicts */
        return model_is_idle(entry) ? MOOR_FREED_BY_EVICT
                                    : MOOR_FREED_BY_FINISH;
    }
    if (limit == MOOR_LIMIT_CHILDREN || model->release == MOOR_ON_CLOSE) {
        return MOOR_FREED_BY_CLOSE;
    }
    return model_is_idle(entry) ? MOOR_FREED_BY_TURN_END : MOOR_FREED_BY_FINISH;
}

/* Does it hold some of what that limit counts? */
static bool holds(const struct model_entry *entry, moor_limit limit, int parent)
{
    return model_is_there(entry) &&
           (limit == MOOR_LIMIT_RUNNING
                ? entry->kind == MODEL_TICKET || entry->slot
                : limit == MOOR_LIMIT_RESIDENT ||
                      (limit == MOOR_LIMIT_CHILDREN &&
                       entry->parent == parent));
}

/* The holder that was admitted next after a number; null: none. */
static const struct model_entry *next_holder(const struct model *model,
                                             moor_limit limit, int parent,
                                             uint64_t after)
{
    const struct model_entry *next = NULL;

    for (int i = 1; i < model->count; i++) {
        const struct model_entry *entry = &model->entries[i];

        if (holds(entry, limit, parent) && entry->admission > after &&
            (next == NULL || entry->admission < next->admission)) {
            next = entry;
        }
    }
    return next;
}

void model_refuse(struct model *model, moor_limit limit, uint64_t used,
                  int parent, moor_refusal *refusal)
{
    const struct model_entry *holder = next_holder(model, limit, parent, 0);

    model->counted.refused[limit]++;
    *refusal = (moor_refusal){
        .limit = limit, .limit_value = model->limits[limit], .used = used};
    while (holder != NULL && refusal->holders_count < MOOR_HOLDERS_MAX) {
        bool is_ticket = holder->kind == MODEL_TICKET;

        refusal->holders[refusal->holders_count++] = (moor_holder){
            .agent.bits = is_ticket ? 0 : holder->bits,
            .ticket.bits = is_ticket ? holder->bits : 0,
            .status = is_ticket ? MOOR_STATUS_RESERVED : holder->status,
            .freed_by = freed_by(model, holder, limit)};
        holder = next_holder(model, limit, parent, holder->admission);
    }
}

/* --- reserve -------------------------------------------------------------- */

/* Whoever is there is loaded: nobody evicts. */
uint64_t model_resident(const struct model *model)
{
    uint64_t resident = 0;

    for (int i = 1; i < model->count; i++) {
        resident += model_is_there(&model->entries[i]);
    }
    return resident;
}

bool model_charge(struct model *model)
{
    uint64_t limit = model->limits[MOOR_LIMIT_RUNNING];

    if (limit == MOOR_UNLIMITED) {
        return true;
    }
    if (model_used(model) >= limit && model->release == MOOR_ON_RESERVE) {
        (void)model_release_idle(model);
    }
    return model_used(model) < limit;
}

static bool reached(const struct model *model, moor_limit limit, uint64_t used)
{
    return model->limits[limit] != MOOR_UNLIMITED &&
           used >= model->limits[limit];
}

/* The limits in the order of judgement. */
static moor_error judge_limits(struct model *model, int parent,
                               moor_refusal *refusal)
{
    uint64_t depth = model->entries[parent].depth;
    uint64_t children = model_children(model, parent);

    if (reached(model, MOOR_LIMIT_DEPTH, depth)) {
        model_refuse(model, MOOR_LIMIT_DEPTH, depth, parent, refusal);
    } else if (reached(model, MOOR_LIMIT_CHILDREN, children)) {
        model_refuse(model, MOOR_LIMIT_CHILDREN, children, parent, refusal);
    } else if (reached(model, MOOR_LIMIT_LIFETIME, model->lifetime)) {
        model_refuse(model, MOOR_LIMIT_LIFETIME, model->lifetime, parent,
                     refusal);
    } else if (reached(model, MOOR_LIMIT_RESIDENT, model_resident(model))) {
        model_refuse(model, MOOR_LIMIT_RESIDENT, model_resident(model), parent,
                     refusal);
    } else if (!model_charge(model)) {
        model_refuse(model, MOOR_LIMIT_RUNNING, model_used(model), parent,
                     refusal);
    } else {
        return MOOR_OK;
    }
    return MOOR_REFUSED;
}

static bool is_nil(const moor_id *id)
{
    static const moor_id nil;

    return memcmp(id, &nil, sizeof nil) == 0;
}

static bool options_ok(const struct model_ask *ask)
{
    return (ask->role == NULL || model_text_ok(ask->role, MOOR_ROLE_MAX)) &&
           (ask->nickname == NULL ||
            model_text_ok(ask->nickname, MOOR_NICKNAME_MAX));
}

/* All but the limits; *path is empty when the library makes the name. */
static moor_error judge_ask(const struct model *model,
                            const struct model_ask *ask,
                            char path[MOOR_PATH_MAX + 1])
{
    /* Where nobody is named, any name that is made will be as good. */
    const char *name = ask->name == NULL ? "agent_1" : ask->name;
    moor_error error = model_agent(model, ask->parent);

    if (!options_ok(ask)) {
        return MOOR_BAD_ARGUMENT;
    }
    if (error != MOOR_OK) {
        return error;
    }
    if (!model_segment_ok(name) ||
        !model_resolve(model->entries[ask->parent].path, name, path)) {
        return MOOR_BAD_PATH;
    }
    if (ask->id != NULL && is_nil(ask->id)) {
        return MOOR_BAD_ID;
    }
    if (model_is_fenced(model, ask->parent)) {
        return MOOR_FENCED;
    }
    if (ask->name == NULL) {
        path[0] = '\0';
    } else if (model_at_path(model, path) != MODEL_NOBODY) {
        return MOOR_PATH_TAKEN;
    }
    return ask->id != NULL && model_of_id(model, ask->id) != MODEL_NOBODY
               ? MOOR_ID_TAKEN
               : MOOR_OK;
}

moor_error model_reserve(struct model *model, const struct model_ask *ask,
                         int *which, moor_refusal *refusal)
{
    char path[MOOR_PATH_MAX + 1];
    struct model_entry *entry = &model->entries[model->count];
    moor_error error = judge_ask(model, ask, path);

    if (error == MOOR_OK) {
        error = judge_limits(model, ask->parent, refusal);
    }
    if (error != MOOR_OK) {
        return error;
    }
    *entry =
        (struct model_entry){.kind = MODEL_TICKET,
                             .parent = ask->parent,
                             .depth = model->entries[ask->parent].depth + 1,
                             .turn = model->counted.turn,
                             .admission = ++model->admissions};
    (void)snprintf(entry->path, sizeof entry->path, "%s", path);
    if (ask->id != NULL) {
        entry->id = *ask->id;
    }
    model->lifetime++;
    *which = model->count++;
    return MOOR_OK;
}

/* --- what the library chose ----------------------------------------------- */

static struct model_nicknames *list_of(struct model *model, const char *role)
{
    if (role != NULL && model->role != NULL && strcmp(role, model->role) == 0 &&
        model->role_nicknames.count > 0) {
        return &model->role_nicknames;
    }
    return model->nicknames.count > 0 ? &model->nicknames : NULL;
}

static const char *learn_path(struct model *model, struct model_entry *entry,
                              const char *path)
{
    const char *above = model->entries[entry->parent].path;

    if (entry->path[0] != '\0') {
        return NULL; /* it was given, and is compared like the rest */
    }
    if (!model_is_below(path, above) ||
        !model_is_made_name(path + strlen(above) + 1) ||
        model_at_path(model, path) != MODEL_NOBODY) {
        return "the made name";
    }
    (void)snprintf(entry->path, sizeof entry->path, "%s", path);
    return NULL;
}

static const char *learn_nickname(struct model *model,
                                  struct model_entry *entry,
                                  const struct model_ask *ask,
                                  const char *nickname)
{
    struct model_nicknames *list = list_of(model, ask->role);

    (void)snprintf(entry->nickname, sizeof entry->nickname, "%s",
                   ask->nickname != NULL ? ask->nickname
                   : list != NULL        ? nickname
                                         : "");
    if (list != NULL && ask->nickname != NULL) {
        model_nickname_given(list, ask->nickname);
    } else if (list != NULL && !model_nickname_drawn(list, nickname)) {
        return "the drawn nickname";
    }
    return NULL;
}

const char *model_learn(struct model *model, int which,
                        const struct model_ask *ask, const moor_info *info)
{
    struct model_entry *entry = &model->entries[which];
    const char *wrong = learn_path(model, entry, info->path);

    (void)snprintf(entry->role, sizeof entry->role, "%s",
                   ask->role == NULL ? "" : ask->role);
    return wrong != NULL ? wrong
                         : learn_nickname(model, entry, ask, info->nickname);
}

/* --- the end of a ticket -------------------------------------------------- */

void model_become_agent(struct model *model, int which)
{
    struct model_entry *entry = &model->entries[which];

    entry->kind = MODEL_AGENT;
    entry->was_agent = entry->slot = true;
    entry->status = MOOR_STATUS_PENDING_INIT;
    model->counted.spawned++;
}

static moor_error judge_commit(const struct model *model, int which,
                               const moor_id *id, const char *path)
{
    if (id != NULL && is_nil(id)) {
        return MOOR_BAD_ID;
    }
    if (model_is_fenced(model, model->entries[which].parent)) {
        return MOOR_FENCED;
    }
    if (path != NULL && strcmp(path, model->entries[which].path) != 0) {
        return MOOR_PATH_MISMATCH;
    }
    return id != NULL && model_of_id(model, id) != MODEL_NOBODY ? MOOR_ID_TAKEN
                                                                : MOOR_OK;
}

moor_error model_commit(struct model *model, int which, const moor_id *id,
                        const char *path)
{
    moor_error error = model_ticket(model, which);

    if (error != MOOR_OK) {
        return error;
    }
    error = judge_commit(model, which, id, path);
    if (error != MOOR_OK) {
        (void)model_abandon(model, which);
        return error;
    }
    if (id != NULL) {
        model->entries[which].id = *id;
    }
    model_become_agent(model, which);
    return MOOR_OK;
}

moor_error model_abandon(struct model *model, int which)
{
    moor_error error = model_ticket(model, which);

    if (error == MOOR_OK) {
        model_leave(model, which);
        model->lifetime--;
    }
    return error;
}
