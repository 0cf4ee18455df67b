#include "ops_judge.h"

#include <string.h>

#include "fuzz.h"

static void judge_stats(const struct model *model, moor_registry *registry)
{
    moor_stats want = model_stats(model), seen = {0};

    judge_error(MOOR_OK, moor_stats_of(registry, &seen));
    judge_number("used", want.used, seen.used);
    judge_number("live", want.live, seen.live);
    judge_number("idle", want.idle, seen.idle);
    judge_number("tickets", want.tickets, seen.tickets);
    judge_number("resident", model_resident(model), seen.resident);
    judge_number("turn", want.turn, seen.turn);
    judge_number("spawned", want.spawned, seen.spawned);
    judge_number("completed", want.completed, seen.completed);
    judge_number("closed", want.closed, seen.closed);
    judge_number("reaped", want.reaped, seen.reaped);
    judge_number("released", want.released, seen.released);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        judge_number("refused", want.refused[i], seen.refused[i]);
    }
}

static void judge_id(moor_id model, moor_id library)
{
    char texts[2][MOOR_ID_TEXT];

    if (memcmp(&model, &library, sizeof model) != 0) {
        moor_id_format(model, texts[0]);
        moor_id_format(library, texts[1]);
        judge_text("id", texts[0], texts[1]);
    }
}

void ops_judge_info(const struct model *model, int which, const moor_info *info)
{
    const struct model_entry *entry = &model->entries[which];
    bool is_ticket = entry->kind == MODEL_TICKET;
    static const moor_id nil;

    judge_number("agent", is_ticket ? 0 : entry->bits, info->agent.bits);
    judge_number("ticket", is_ticket ? entry->bits : 0, info->ticket.bits);
    judge_number("parent",
                 which == MODEL_ROOT ? 0 : model->entries[entry->parent].bits,
                 info->parent.bits);
    judge_status("status", is_ticket ? MOOR_STATUS_RESERVED : entry->status,
                 info->status);
    judge_number("slot", is_ticket || entry->slot, info->slot);
    judge_number("fenced", entry->fenced, info->fenced);
    judge_number("depth", entry->depth, info->depth);
    judge_number("turn", entry->turn, info->turn);
    judge_text("path", entry->path, info->path);
    judge_text("nickname", entry->nickname, info->nickname);
    judge_text("role", entry->role, info->role);
    judge_id(is_ticket ? nil : entry->id, info->id);
}

static void judge_result(const struct model_entry *entry,
                         moor_registry *registry)
{
    char text[MODEL_TEXT];
    size_t length = 99;

    judge_error(MOOR_OK, moor_result(registry, (moor_agent){entry->bits}, text,
                                     sizeof text, &length));
    judge_number("length of the result", entry->length, length);
    judge_that("the result",
               length == 0 || memcmp(text, entry->text, length) == 0);
}

/* As an agent's handle. */
static void judge_agent(const struct model *model, int which,
                        moor_registry *registry)
{
    const struct model_entry *entry = &model->entries[which];
    const moor_agent agent = {entry->bits};
    moor_error want = model_agent(model, which);
    moor_status status = MOOR_STATUSES;
    moor_request_kind requested = MOOR_REQUESTS;
    moor_info info;

    judge_error(want, moor_status_of(registry, agent, &status));
    judge_status("status by handle",
                 want == MOOR_OK ? entry->status : MOOR_STATUS_NOT_FOUND,
                 status);
    judge_error(want, moor_info_of(registry, agent, &info));
    judge_error(model_subject(model, which),
                moor_poll(registry, agent, &requested));
    if (want != MOOR_OK) {
        return;
    }
    ops_judge_info(model, which, &info);
    judge_result(entry, registry);
    if (which != MODEL_ROOT) {
        judge_number("requested", entry->requested, requested);
    }
}

static void judge_ticket(const struct model *model, int which,
                         moor_registry *registry)
{
    moor_error want = model_ticket(model, which);
    moor_info info;

    judge_error(
        want, moor_ticket_info(
                  registry, (moor_ticket){model->entries[which].bits}, &info));
    if (want == MOOR_OK) {
        ops_judge_info(model, which, &info);
    }
}

void ops_judge(const struct model *model, moor_registry *registry)
{
    bool tells = judge_tells();
    char text[200] = "";

    judge_tell(false); /* one line for each would hide the operations */
    judge_stats(model, registry);
    for (int i = 0; i < model->count; i++) {
        if (model->entries[i].was_agent) {
            judge_agent(model, i, registry);
        }
        if (model->entries[i].was_ticket) {
            judge_ticket(model, i, registry);
        }
    }
    (void)moor_check(registry, true, text, sizeof text);
    judge_text("check", "", text);
    judge_tell(tells);
}

static void judge_holder(const moor_holder *model, const moor_holder *library)
{
    judge_number("holder, agent", model->agent.bits, library->agent.bits);
    judge_number("holder, ticket", model->ticket.bits, library->ticket.bits);
    judge_status("holder, status", model->status, library->status);
    judge_text("holder, freed by", moor_freed_by_name(model->freed_by),
               moor_freed_by_name(library->freed_by));
}

void ops_judge_refusal(const moor_refusal *model, const moor_refusal *library)
{
    judge_text("refused by", moor_limit_name(model->limit),
               moor_limit_name(library->limit));
    judge_number("limit", model->limit_value, library->limit_value);
    judge_number("used", model->used, library->used);
    judge_number("holders", model->holders_count, library->holders_count);
    for (uint32_t i = 0; i < model->holders_count; i++) {
        judge_holder(&model->holders[i], &library->holders[i]);
    }
}

void ops_judge_capacity(const moor_capacity *model,
                        const moor_capacity *library)
{
    for (int i = 0; i < MOOR_LIMITS; i++) {
        judge_number(moor_limit_name((moor_limit)i), model->of[i].used,
                     library->of[i].used);
        judge_number("its limit", model->of[i].limit, library->of[i].limit);
    }
    judge_text("would", moor_error_name(model->would),
               moor_error_name(library->would));
    if (model->would == MOOR_REFUSED) {
        judge_text("would be refused by", moor_limit_name(model->would_limit),
                   moor_limit_name(library->would_limit));
    }
}
