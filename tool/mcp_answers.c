#include "mcp_answers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

/* ---- results ------------------------------------------------------------ */

json_t *tool_result(json_t *structured)
{
    char *text = json_dumps(structured, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text == NULL) must_json(NULL);
    json_t *result =
        must_json(json_pack("{s[{ssss}]so}", "content", "type", "text", "text",
                            text, "structuredContent", structured));
    free(text);
    return result;
}

static json_t *error_result(json_t *structured)
{
    return must_json(json_pack("{s[{sssO}]sosb}", "content", "type", "text",
                               "text", json_object_get(structured, "message"),
                               "structuredContent", structured, "isError", 1));
}

json_t *tool_error(const char *name, const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_result(must_json(json_pack("{ssso}", "error", name, "message",
                                            text_json(text, strlen(text)))));
}

json_t *tool_error_of(moor_error error, const char *target)
{
    return tool_error(moor_error_name(error), "%.128s: %s", target,
                      moor_error_text(error));
}

/* ---- refusals ----------------------------------------------------------- */

/* What the caller can do about each limit. */
static const char *const would_free[MOOR_LIMITS] = {
    [MOOR_LIMIT_RUNNING] =
        ("a slot is free when one of the holders has ended: wait_agent, or "
         "interrupt_agent or close_agent of one"),
    [MOOR_LIMIT_RESIDENT] = "close_agent of a holder",
    [MOOR_LIMIT_DEPTH] = "nothing: a parent higher up is needed",
    [MOOR_LIMIT_CHILDREN] = "close_agent of a child that is not needed",
    [MOOR_LIMIT_LIFETIME] = "nothing: all spawns there may ever be are used",
};

/* Whether the end of a run frees what this holder has, or only its close. */
static const char *freeing(const moor_refusal *refusal)
{
    for (uint32_t i = 0; i < refusal->holders_count; i++) {
        if (refusal->limit == MOOR_LIMIT_RUNNING &&
            refusal->holders[i].freed_by == MOOR_FREED_BY_CLOSE) {
            return "a slot is free when a holder is closed: close_agent";
        }
    }
    return would_free[refusal->limit];
}

static json_t *holder_json(struct mcp *mcp, const moor_holder *holder)
{
    moor_info info;
    char id[MOOR_ID_TEXT];

    if (moor_info_of(mcp->registry, holder->agent, &info) != MOOR_OK) {
        return NULL;
    }
    moor_id_format(info.id, id);
    return must_json(json_pack(
        "{sssssssIss}", "agent_id", id, "agent_name", info.path, "status",
        moor_status_name(holder->status), "age_ms", (json_int_t)holder->age_ms,
        "freed_by", moor_freed_by_name(holder->freed_by)));
}

json_t *tool_refused(struct mcp *mcp, const moor_refusal *refusal)
{
    json_t *holders = must_json(json_array());
    const char *name = moor_limit_name(refusal->limit);
    char text[256];

    for (uint32_t i = 0; i < refusal->holders_count; i++) {
        json_t *holder = holder_json(mcp, &refusal->holders[i]);
        if (holder != NULL) json_array_append_new(holders, holder);
    }
    snprintf(text, sizeof text, "refused: %s, %llu of %lu are used; %s", name,
             (unsigned long long)refusal->used,
             (unsigned long)refusal->limit_value, freeing(refusal));
    json_t *result = error_result(must_json(
        json_pack("{sssssssIsIsoss}", "error", "refused", "message", text,
                  "reason", name, "used", (json_int_t)refusal->used, "limit",
                  (json_int_t)refusal->limit_value, "holders", holders,
                  "would_free", freeing(refusal))));
    /* Whoever reads only the text is to see the holders, too. */
    char *all = json_dumps(holders, JSON_COMPACT);
    if (all == NULL) must_json(NULL);
    json_array_append_new(
        json_object_get(result, "content"),
        must_json(json_pack("{ssso}", "type", "text", "text",
                            json_sprintf("holders: %s", all))));
    free(all);
    return result;
}

/* ---- status ------------------------------------------------------------- */

json_t *status_json_short(struct mcp *mcp, moor_agent agent, size_t room)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;
    size_t length = 0;
    json_t *text;

    moor_status_of(mcp->registry, agent, &status);
    if (status != MOOR_STATUS_COMPLETED && status != MOOR_STATUS_ERRORED) {
        return must_json(json_string(moor_status_name(status)));
    }
    moor_result(mcp->registry, agent, NULL, 0, &length);
    char *bytes = must_alloc(length + 1, 1);
    moor_result(mcp->registry, agent, bytes, length, &length);
    length = text_fitting(bytes, length, room);
    if (length == 0 && status == MOOR_STATUS_COMPLETED) {
        text = json_null();
    } else {
        text = text_json(bytes, length);
    }
    free(bytes);
    return must_json(json_pack("{so}", moor_status_name(status), text));
}

json_t *status_json(struct mcp *mcp, moor_agent agent)
{
    return status_json_short(mcp, agent, SIZE_MAX);
}
