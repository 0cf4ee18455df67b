#include "mcp_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_answers.h"
#include "mcp_runs.h"
#include "mcp_session.h"
#include "mcp_waits.h"
#include "memory.h"
#include "text.h"

/* ---- arguments ---------------------------------------------------------- */

static const char *text_of(const struct call *call, const char *key)
{
    return json_string_value(json_object_get(call->arguments, key));
}

static bool flag_of(const struct call *call, const char *key)
{
    return json_is_true(json_object_get(call->arguments, key));
}

/* One item of structured input as a line. */
static char *item_text(const json_t *item)
{
    static const char *const keys[] = {"name", "path", "image_url"};
    const char *text = json_string_value(json_object_get(item, "text"));
    const char *type = json_string_value(json_object_get(item, "type"));
    size_t length = json_string_length(json_object_get(item, "text")) + 64 +
                    json_string_length(json_object_get(item, "type"));

    for (size_t i = 0; i < 3; i++) {
        length += json_string_length(json_object_get(item, keys[i])) + 1;
    }
    char *line = must_alloc(length, 1);
    char *end = line;
    if (text != NULL) end = stpcpy(end, text);
    if (text == NULL || (type != NULL && strcmp(type, "text") != 0)) {
        end = stpcpy(end, "[");
        end = stpcpy(end, type == NULL ? "item" : type);
        for (size_t i = 0; i < 3; i++) {
            const char *value =
                json_string_value(json_object_get(item, keys[i]));
            if (value != NULL) end = stpcpy(stpcpy(end, " "), value);
        }
        stpcpy(end, "]");
    }
    return line;
}

static char *items_text(const json_t *items)
{
    char *all = must_alloc(1, 1);
    size_t length = 0;

    for (size_t i = 0; i < json_array_size(items); i++) {
        char *line = item_text(json_array_get(items, i));
        size_t more = strlen(line);

        all = must_resize(all, length + more + 2, 1);
        if (length > 0) all[length++] = '\n';
        memcpy(all + length, line, more + 1);
        length += more;
        free(line);
    }
    return all;
}

/* The task, to be freed; null: *why says what is wrong with it. */
static char *task_of(const struct call *call, json_t **why)
{
    const char *message = text_of(call, "message");
    const json_t *items = json_object_get(call->arguments, "items");
    char *task;

    if ((message == NULL) == (items == NULL)) {
        *why =
            tool_error("bad_argument", "give one of \"message\" and \"items\"");
        return NULL;
    }
    task = message == NULL ? items_text(items) : strdup(message);
    if (task == NULL) must_json(NULL);
    if (task[strspn(task, " \t\r\n")] != '\0') return task;
    free(task);
    *why = tool_error("bad_argument", "an empty message is no task");
    return NULL;
}

/* False: there is none, and *why says so; `all_roots`: the root is one. */
static bool target_of(struct mcp *mcp, const struct call *call, const char *key,
                      moor_agent *agent, json_t **why)
{
    const char *text = text_of(call, key);
    moor_error error = agent_named(mcp, text, agent);

    if (error == MOOR_OK && agent->bits == moor_root(mcp->registry).bits) {
        error = MOOR_IS_ROOT;
    }
    if (error == MOOR_OK) return true;
    *why = tool_error_of(error, text);
    return false;
}

/* What changed the books is answered when the file has it. */
static json_t *kept(struct mcp *mcp, json_t *structured)
{
    json_t *why;

    if (session_keep(mcp, &why)) return tool_result(structured);
    json_decref(structured);
    return why;
}

/* ---- spawn -------------------------------------------------------------- */

static json_t *spawned_json(const struct mcp *mcp, const moor_info *info)
{
    char id[MOOR_ID_TEXT];
    const char *nickname = info->nickname[0] == '\0' ? NULL : info->nickname;

    moor_id_format(info->id, id);
    return must_json(
        json_pack("{ssss?}", mcp->options.v2 ? "task_name" : "agent_id",
                  mcp->options.v2 ? info->path : id, "nickname", nickname));
}

static void give_up(struct mcp *mcp, moor_agent agent)
{
    moor_close(mcp->registry, agent, MOOR_CLOSE_TREE, NULL);
    runs_settle(mcp);
}

static json_t *spawn(struct mcp *mcp, const struct call *call, const char *task)
{
    const struct child_told told = {
        text_of(call, "model"), text_of(call, "reasoning_effort"),
        text_of(call, "service_tier"),
        mcp->options.v2 ? text_of(call, "fork_turns")
                        : (flag_of(call, "fork_context") ? "all" : "none")};
    moor_spawn_options options = {.name = text_of(call, "task_name"),
                                  .role = text_of(call, "agent_type")};
    moor_agent agent;
    moor_refusal refusal;
    moor_info info;
    json_t *why;

    moor_error error = moor_spawn(mcp->registry, &options, &agent, &refusal);
    if (error == MOOR_REFUSED) return tool_refused(mcp, &refusal);
    if (error != MOOR_OK) {
        return tool_error_of(error,
                             options.name == NULL ? "the agent" : options.name);
    }
    moor_info_of(mcp->registry, agent, &info);
    if (!run_first(mcp, agent, task, &told)) {
        return run_failed(mcp);
    }
    if (session_keep(mcp, &why)) return tool_result(spawned_json(mcp, &info));
    give_up(mcp, agent); /* nobody was told of it */
    return why;
}

json_t *call_spawn(struct mcp *mcp, struct call *call)
{
    json_t *why;
    char *task = task_of(call, &why);

    if (task == NULL) return why;
    json_t *result = spawn(mcp, call, task);
    free(task);
    return result;
}

/* ---- messages ----------------------------------------------------------- */

static json_t *submitted(struct mcp *mcp)
{
    return must_json(json_pack(
        "{so}", "submission_id",
        json_sprintf("%llu", (unsigned long long)++mcp->submissions)));
}

static json_t *leave_mail(struct mcp *mcp, struct mcp_agent *notes,
                          const char *message, bool wakes)
{
    if (!agent_mail(mcp, notes, message, wakes)) {
        return tool_error("queue_full",
                          "too many messages wait for this agent");
    }
    agent_message(notes, message);
    return tool_result(submitted(mcp));
}

static json_t *send_task(struct mcp *mcp, moor_agent agent, const char *task,
                         bool interrupts)
{
    struct mcp_agent *notes = agent_notes(mcp, agent);
    moor_status status;
    json_t *why;

    moor_status_of(mcp->registry, agent, &status);
    if (moor_holds_slot(status)) {
        if (!interrupts) return leave_mail(mcp, notes, task, true);
        run_interrupt(mcp, agent);
    }
    why = run_again(mcp, notes, task);
    return why != NULL ? why : kept(mcp, submitted(mcp));
}

json_t *call_send_input(struct mcp *mcp, struct call *call)
{
    moor_agent agent;
    json_t *why;
    char *task = task_of(call, &why);

    if (task == NULL) return why;
    if (target_of(mcp, call, "target", &agent, &why)) {
        why = send_task(mcp, agent, task, flag_of(call, "interrupt"));
    }
    free(task);
    return why;
}

json_t *call_send_message(struct mcp *mcp, struct call *call)
{
    moor_agent agent;
    json_t *why;
    char *task = task_of(call, &why);

    if (task == NULL) return why;
    if (target_of(mcp, call, "target", &agent, &why)) {
        why = leave_mail(mcp, agent_notes(mcp, agent), task, false);
    }
    free(task);
    return why;
}

/* ---- close and resume --------------------------------------------------- */

static json_t *previous_json(json_t *status)
{
    return must_json(json_pack("{so}", "previous_status", status));
}

json_t *call_close(struct mcp *mcp, struct call *call)
{
    const char *text = text_of(call, "target");
    moor_agent agent;
    moor_error error = agent_named(mcp, text, &agent);

    /* Closing twice is no mistake. */
    if (error == MOOR_NOT_FOUND || error == MOOR_STALE) {
        return tool_result(previous_json(json_string("not_found")));
    }
    if (error != MOOR_OK) return tool_error_of(error, text);
    json_t *previous = status_json(mcp, agent);
    if (agent.bits != moor_root(mcp->registry).bits) closed_note(mcp, agent);
    error = moor_close(mcp->registry, agent, MOOR_CLOSE_BY_RULE, NULL);
    if (error != MOOR_OK) {
        json_decref(previous);
        return tool_error_of(error, text);
    }
    runs_settle(mcp);
    return kept(mcp, previous_json(previous));
}

/* As it was before its close. */
static void set_status(struct mcp *mcp, moor_agent agent,
                       const struct mcp_closed *closed)
{
    if (closed->status == MOOR_STATUS_COMPLETED ||
        closed->status == MOOR_STATUS_ERRORED ||
        closed->status == MOOR_STATUS_SHUTDOWN) {
        moor_finish(mcp->registry, agent, closed->status, closed->result,
                    closed->length);
    } else {
        moor_interrupt(mcp->registry, agent);
    }
}

static json_t *bring_back(struct mcp *mcp, struct mcp_closed *closed)
{
    static const moor_id nil;
    moor_spawn_options options = {
        .name = closed->name,
        .role = closed->role[0] == '\0' ? NULL : closed->role,
        .nickname = closed->nickname[0] == '\0' ? NULL : closed->nickname,
        .id = &closed->id};
    moor_agent agent;
    moor_refusal refusal;
    moor_error error = MOOR_OK;

    if (memcmp(&closed->parent, &nil, sizeof nil) != 0) {
        error = moor_find_id(mcp->registry, &closed->parent, &options.parent);
    }
    if (error == MOOR_OK) {
        error = moor_spawn(mcp->registry, &options, &agent, &refusal);
    }
    if (error == MOOR_REFUSED) return tool_refused(mcp, &refusal);
    if (error != MOOR_OK) return tool_error_of(error, closed->name);
    set_status(mcp, agent, closed);
    closed_forget(closed);
    return kept(
        mcp, must_json(json_pack("{so}", "status", status_json(mcp, agent))));
}

json_t *call_resume(struct mcp *mcp, struct call *call)
{
    const char *text = text_of(call, "id");
    struct mcp_closed *closed = NULL;
    moor_agent agent;
    moor_id id;
    moor_error error = agent_named(mcp, text, &agent);

    if (error == MOOR_OK && agent.bits == moor_root(mcp->registry).bits) {
        error = MOOR_IS_ROOT;
    }
    if (error == MOOR_OK) { /* it never left */
        return tool_result(
            must_json(json_pack("{so}", "status", status_json(mcp, agent))));
    }
    if (error == MOOR_NOT_FOUND && moor_id_parse(text, &id) == MOOR_OK) {
        closed = closed_find(mcp, &id);
    }
    return closed == NULL ? tool_error_of(error, text)
                          : bring_back(mcp, closed);
}

/* ---- wait --------------------------------------------------------------- */

static uint64_t timeout_of(const struct call *call)
{
    const json_t *timeout = json_object_get(call->arguments, "timeout_ms");

    return timeout == NULL ? MCP_WAIT_MS : (uint64_t)json_number_value(timeout);
}

json_t *call_wait_for(struct mcp *mcp, struct call *call)
{
    json_t *names = json_object_get(call->arguments, "targets");

    if (names == NULL) names = json_object_get(call->arguments, "ids");
    size_t count = json_array_size(names);
    moor_agent *agents = must_alloc(count, sizeof *agents);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(names, i));
        moor_error error = agent_named(mcp, text, &agents[i]);

        /* One that is unknown or closed has ended. */
        if (error == MOOR_OK || error == MOOR_NOT_FOUND ||
            error == MOOR_STALE) {
            continue;
        }
        free(agents);
        return tool_error_of(error, text);
    }
    return wait_begin(mcp, call, agents, json_incref(names), timeout_of(call));
}

json_t *call_wait_for_news(struct mcp *mcp, struct call *call)
{
    return wait_begin(mcp, call, NULL, NULL, timeout_of(call));
}

/* ---- the others --------------------------------------------------------- */

json_t *call_interrupt(struct mcp *mcp, struct call *call)
{
    moor_agent agent;
    json_t *why;

    if (!target_of(mcp, call, "target", &agent, &why)) return why;
    json_t *previous = status_json(mcp, agent);
    run_interrupt(mcp, agent); /* an idle one is interrupted already */
    return kept(mcp, previous_json(previous));
}

json_t *call_report(struct mcp *mcp, struct call *call)
{
    static const char *const names[] = {"completed", "errored", "shutdown"};
    static const moor_status statuses[] = {
        MOOR_STATUS_COMPLETED, MOOR_STATUS_ERRORED, MOOR_STATUS_SHUTDOWN};
    const char *ending = text_of(call, "status");
    const char *text = text_of(call, "result");
    moor_status status = MOOR_STATUS_COMPLETED;
    moor_agent agent;
    json_t *why;

    if (!target_of(mcp, call, "target", &agent, &why)) return why;
    for (size_t i = 0; ending != NULL && i < 3; i++) {
        if (strcmp(ending, names[i]) == 0) status = statuses[i];
    }
    struct mcp_agent *notes = agent_notes(mcp, agent);
    json_t *previous = status_json(mcp, agent);
    size_t length = text == NULL ? 0 : strlen(text);
    moor_error error =
        run_ended(mcp, notes, status, text,
                  length == 0 ? 0 : text_fitting(text, length, MCP_RESULT_MAX));
    if (error != MOOR_OK) {
        json_decref(previous);
        return tool_error_of(error, text_of(call, "target"));
    }
    /* It runs again if a task waited, unless it was shut down for good, or a
     * lowered limit is in the way. */
    moor_status_of(mcp->registry, agent, &status);
    return kept(mcp,
                must_json(json_pack(
                    "{soss?}", "previous_status", previous, "next_message",
                    moor_holds_slot(status) ? notes->last_message : NULL)));
}
