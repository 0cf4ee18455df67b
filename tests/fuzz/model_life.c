/*
 * The model's agents between commit and close, turns, and close.
 */
#include <string.h>

#include "model.h"

moor_error model_start(struct model *model, int which)
{
    moor_error error = model_subject(model, which);

    if (error != MOOR_OK) {
        return error;
    }
    if (model->entries[which].status != MOOR_STATUS_PENDING_INIT) {
        return MOOR_WRONG_STATUS;
    }
    model->entries[which].status = MOOR_STATUS_RUNNING;
    return MOOR_OK;
}

/* --- ends ----------------------------------------------------------------- */

static bool give_slot(struct model *model, struct model_entry *entry)
{
    bool gave = entry->slot;

    entry->slot = false;
    model->counted.released += gave;
    return gave;
}

/* It is live; did its slot come back? */
static bool end_run(struct model *model, struct model_entry *entry,
                    moor_status status, bool release)
{
    entry->status = status;
    entry->requested = MOOR_REQUEST_NONE;
    model->counted.completed += status == MOOR_STATUS_COMPLETED;
    return (release || model->release == MOOR_ON_COMPLETION) &&
           give_slot(model, entry);
}

static moor_error judge_end(const struct model *model, int which)
{
    moor_error error = model_subject(model, which);

    return error == MOOR_OK && !model_is_live(&model->entries[which])
               ? MOOR_WRONG_STATUS
               : error;
}

moor_error model_finish(struct model *model, int which, moor_status status,
                        const char *text, size_t length)
{
    moor_error error = judge_end(model, which);

    if (error == MOOR_OK) {
        (void)end_run(model, &model->entries[which], status, false);
        model->entries[which].text = text;
        model->entries[which].length = length;
    }
    return error;
}

moor_error model_died(struct model *model, int which)
{
    moor_error error = judge_end(model, which);

    if (error == MOOR_OK) {
        (void)end_run(model, &model->entries[which], MOOR_STATUS_ERRORED, true);
        model->entries[which].text = "died";
        model->entries[which].length = strlen("died");
    }
    return error;
}

/* --- run again ------------------------------------------------------------ */

/* Its slot, kept or new.  To run on the one that it still holds is a release
 * and an admission in one step, which a limit that was lowered refuses. */
static moor_error admit_again(struct model *model, struct model_entry *entry,
                              moor_refusal *refusal)
{
    uint64_t limit = model->limits[MOOR_LIMIT_RUNNING];

    if (entry->slot &&
        (limit == MOOR_UNLIMITED || model_used(model) <= limit)) {
        model->counted.released++;
        return MOOR_OK;
    }
    if (!model_charge(model)) {
        model_refuse(model, MOOR_LIMIT_RUNNING, model_used(model), MODEL_NOBODY,
                     refusal);
        return MOOR_REFUSED;
    }
    return MOOR_OK;
}

moor_error model_run_again(struct model *model, int which,
                           moor_refusal *refusal)
{
    moor_error error = model_subject(model, which);
    struct model_entry *entry;

    if (error != MOOR_OK) {
        return error;
    }
    entry = &model->entries[which];
    if (!model_is_idle(entry) || entry->status == MOOR_STATUS_SHUTDOWN) {
        return MOOR_WRONG_STATUS;
    }
    error = admit_again(model, entry, refusal);
    if (error == MOOR_OK) {
        entry->status = MOOR_STATUS_RUNNING;
        entry->slot = true;
        entry->turn = model->counted.turn;
        entry->admission = ++model->admissions;
        entry->text = NULL;
        entry->length = 0;
    }
    return error;
}

moor_error model_request(struct model *model, int which, moor_request_kind what)
{
    moor_error error = judge_end(model, which);

    if (error == MOOR_OK &&
        model->entries[which].requested != MOOR_REQUEST_SHUTDOWN) {
        model->entries[which].requested = what;
    }
    return error;
}

/* --- turns ---------------------------------------------------------------- */

uint64_t model_release_idle(struct model *model)
{
    uint64_t count = 0;

    for (int i = 1; i < model->count; i++) {
        struct model_entry *entry = &model->entries[i];

        count += entry->kind == MODEL_AGENT && model_is_idle(entry) &&
                 give_slot(model, entry);
    }
    model->counted.reaped += count;
    return count;
}

uint64_t model_reap(struct model *model)
{
    return model->release == MOOR_ON_CLOSE ? 0 : model_release_idle(model);
}

moor_error model_turn_end(struct model *model, moor_left left,
                          moor_turn_ended *answer)
{
    *answer = (moor_turn_ended){.turn = model->counted.turn};
    if ((unsigned)left >= MOOR_LEFTS) {
        return MOOR_BAD_ARGUMENT;
    }
    for (int i = 1; i < model->count && left != MOOR_LEFT_KEEP; i++) {
        struct model_entry *entry = &model->entries[i];

        if (entry->kind != MODEL_AGENT || !model_is_live(entry) ||
            entry->turn != answer->turn) {
            continue;
        }
        if (left == MOOR_LEFT_FENCE) {
            entry->fenced = true;
            continue;
        }
        answer->ended++;
        answer->released +=
            end_run(model, entry,
                    left == MOOR_LEFT_INTERRUPT ? MOOR_STATUS_INTERRUPTED
                                                : MOOR_STATUS_SHUTDOWN,
                    false);
    }
    if (model->release == MOOR_ON_TURN_END) {
        answer->released += model_release_idle(model);
    }
    return MOOR_OK;
}

/* --- close ---------------------------------------------------------------- */

void model_leave(struct model *model, int which)
{
    struct model_entry *entry = &model->entries[which];

    entry->kind = MODEL_GONE;
    entry->slot = entry->fenced = false;
}

static void close_one(struct model *model, int which)
{
    (void)give_slot(model, &model->entries[which]);
    model->counted.closed++;
    model_leave(model, which);
}

/* All below; how many agents.  A ticket that a close takes stays charged to the
 * lifetime. */
static uint64_t close_below(struct model *model, int which)
{
    uint64_t closed = 0;

    for (int i = 1; i < model->count; i++) {
        if (!model_is_there(&model->entries[i]) ||
            model->entries[i].parent != which) {
            continue;
        }
        closed += close_below(model, i);
        if (model->entries[i].kind == MODEL_AGENT) {
            close_one(model, i);
            closed++;
        } else {
            model_leave(model, i);
        }
    }
    return closed;
}

static void adopt_below(struct model *model, int which)
{
    for (int i = 1; i < model->count; i++) {
        if (model_is_there(&model->entries[i]) &&
            model->entries[i].parent == which) {
            model->entries[i].parent = model->entries[which].parent;
        }
    }
}

static moor_close_scope scope_of(moor_close_rule rule)
{
    return rule == MOOR_CASCADE ? MOOR_CLOSE_TREE
           : rule == MOOR_ADOPT ? MOOR_CLOSE_ADOPT
                                : MOOR_CLOSE_REFUSE;
}

moor_error model_close(struct model *model, int which, moor_close_scope scope,
                       moor_closed *answer)
{
    moor_error error = model_agent(model, which);

    if ((unsigned)scope >= MOOR_CLOSE_SCOPES) {
        return MOOR_BAD_ARGUMENT;
    }
    if (which == MODEL_ROOT && scope != MOOR_CLOSE_TREE) {
        return MOOR_IS_ROOT;
    }
    *answer = (moor_closed){.previous = MOOR_STATUS_NOT_FOUND};
    if (error != MOOR_OK) {
        return error;
    }
    scope = scope == MOOR_CLOSE_BY_RULE ? scope_of(model->rule) : scope;
    if (scope == MOOR_CLOSE_REFUSE && model_children(model, which) > 0) {
        return MOOR_HAS_CHILDREN;
    }
    answer->previous = model->entries[which].status;
    if (scope == MOOR_CLOSE_ADOPT) {
        adopt_below(model, which);
    } else {
        answer->closed = close_below(model, which);
    }
    if (which == MODEL_ROOT) {
        model->entries[MODEL_ROOT].fenced = true;
    } else {
        answer->closed++;
        close_one(model, which);
    }
    return MOOR_OK;
}

moor_error model_start_failed(struct model *model, int which)
{
    moor_error error = model_subject(model, which);

    if (error != MOOR_OK) {
        return error;
    }
    if (model->entries[which].status != MOOR_STATUS_PENDING_INIT) {
        return MOOR_WRONG_STATUS;
    }
    (void)close_below(model, which);
    model_leave(model, which);
    model->lifetime--;
    return MOOR_OK;
}
