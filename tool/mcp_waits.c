#include "mcp_waits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_agents.h"
#include "mcp_answers.h"
#include "mcp_session.h"
#include "memory.h"

struct waiting {
    struct waiting *next;
    struct reply reply;
    json_t *token;      /* null: nobody wants progress */
    moor_agent *agents; /* null: it waits for news */
    json_t *names;      /* as the caller named them, in that order */
    uint64_t begun_ms, timeout_ms, progress_ms;
};

static void waiting_free(struct waiting *waiting)
{
    json_decref(waiting->token);
    json_decref(waiting->names);
    free(waiting->agents);
    free(waiting);
}

static void unlink_at(struct mcp *mcp, struct waiting **link)
{
    *link = (*link)->next;
    mcp->waits_count--;
}

/* ---- what it came to ---------------------------------------------------- */

/* Null: none of them has ended.  As many as fit, and one at least: the others
 * are still there to be waited for. */
static json_t *ended_json(struct mcp *mcp, const struct waiting *waiting)
{
    size_t count = json_array_size(waiting->names);
    json_t *statuses = NULL;
    size_t bytes = 0;
    moor_waited *answers = must_alloc(count, sizeof *answers);

    moor_wait(mcp->registry, MOOR_WAIT_ANY, MOOR_UNTIL_FINAL, waiting->agents,
              count, 0, answers);
    for (size_t i = 0; i < count && bytes < MCP_LIST_BYTES; i++) {
        if (!answers[i].met) continue;
        if (statuses == NULL) statuses = must_json(json_object());
        json_t *one = status_json(mcp, waiting->agents[i]);
        bytes += json_dumpb(one, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
        json_object_set_new(
            statuses, json_string_value(json_array_get(waiting->names, i)),
            one);
    }
    free(answers);
    return statuses;
}

static json_t *waited_v1(json_t *statuses)
{
    bool timed_out = statuses == NULL;

    if (timed_out) statuses = must_json(json_object());
    return tool_result(must_json(
        json_pack("{sosb}", "status", statuses, "timed_out", (int)timed_out)));
}

static json_t *waited_v2(const char *message, bool timed_out)
{
    return tool_result(must_json(
        json_pack("{sssb}", "message", message, "timed_out", (int)timed_out)));
}

static json_t *timed_out(const struct waiting *waiting)
{
    return waiting->agents != NULL ? waited_v1(NULL)
                                   : waited_v2("Wait timed out.", true);
}

/* Whose runs have ended, as many as fit into the text; all are told of. */
static json_t *take_news(struct mcp *mcp)
{
    char text[2048] = "Wait completed:";
    size_t left = mcp->news;

    for (size_t i = 0; i < MCP_BUCKETS; i++) {
        struct mcp_agent *notes = mcp->agents[i];

        for (; notes != NULL; notes = notes->next) {
            char one[MOOR_PATH_MAX + 32];
            moor_info info;

            if (!notes->news) continue;
            notes->news = false;
            if (moor_info_of(mcp->registry, notes->agent, &info) != MOOR_OK) {
                continue;
            }
            snprintf(one, sizeof one, " %s %s;", info.path,
                     moor_status_name(info.status));
            if (strlen(text) + strlen(one) + 32 < sizeof text) {
                strcat(text, one);
                left--;
            }
        }
    }
    mcp->news = 0;
    if (left > 0) {
        snprintf(text + strlen(text), 32, " and %zu more;", left);
    }
    text[strlen(text) - 1] = '.';
    return waited_v2(text, false);
}

/* ---- the beginning ------------------------------------------------------ */

/* What promises an end is not said before that is kept. */
static json_t *kept(struct mcp *mcp, json_t *result)
{
    json_t *why;

    if (session_keep(mcp, &why)) return result;
    json_decref(result);
    return why;
}

static json_t *met_at_once(struct mcp *mcp, const struct waiting *waiting)
{
    if (waiting->agents == NULL) {
        return mcp->news > 0 ? kept(mcp, take_news(mcp)) : NULL;
    }
    json_t *statuses = ended_json(mcp, waiting);
    return statuses == NULL ? NULL : kept(mcp, waited_v1(statuses));
}

static json_t *overload(struct mcp *mcp, struct call *call)
{
    rpc_error(mcp, &call->reply, MCP_OVERLOAD,
              "too many calls wait: try again when one has ended",
              must_json(json_pack("{sisi}", "limit", MCP_CALLS_MAX, "waiting",
                                  (int)mcp->waits_count)));
    return NULL;
}

json_t *wait_begin(struct mcp *mcp, struct call *call, moor_agent *agents,
                   json_t *names, uint64_t timeout_ms)
{
    uint64_t now = mcp_now_ms();
    struct waiting *waiting = must_alloc(1, sizeof *waiting);

    *waiting = (struct waiting){
        NULL, call->reply, json_incref(call->token), agents, names,
        now,  timeout_ms,  now + MCP_PROGRESS_MS};
    json_t *result = met_at_once(mcp, waiting);
    if (result == NULL && timeout_ms == 0) result = timed_out(waiting);
    if (result != NULL || mcp->waits_count == MCP_CALLS_MAX) {
        waiting_free(waiting);
        return result != NULL ? result : overload(mcp, call);
    }
    struct waiting **last = &mcp->waits;
    while (*last != NULL)
        last = &(*last)->next;
    *last = waiting;
    mcp->waits_count++;
    return NULL;
}

/* ---- the end ------------------------------------------------------------ */

static void answer_at(struct mcp *mcp, struct waiting **link, json_t *result)
{
    struct waiting *waiting = *link;

    unlink_at(mcp, link);
    rpc_answer(mcp, &waiting->reply, result);
    waiting_free(waiting);
}

/* True: the answers to its batch are too large, and it was told so. */
static bool refuse_at(struct mcp *mcp, struct waiting **link)
{
    struct waiting *waiting = *link;

    if (!rpc_is_full(mcp, &waiting->reply)) return false;
    unlink_at(mcp, link);
    waiting_free(waiting);
    return true;
}

/* The answers to many that wait may be large: no more of them than the client
 * takes.  News are short, and told once. */
static bool is_to_wait_on(const struct mcp *mcp, const struct waiting *waiting)
{
    return waiting->agents != NULL && wire_out_is_high(&mcp->out);
}

void waits_look(struct mcp *mcp)
{
    struct waiting **link = &mcp->waits;
    json_t *news = NULL;

    if (!mcp->changed) return;
    mcp->changed = false;
    while (*link != NULL) {
        json_t *result;

        if (is_to_wait_on(mcp, *link)) {
            mcp->changed = true; /* to be looked at again */
            link = &(*link)->next;
            continue;
        }
        if (refuse_at(mcp, link)) continue;
        if ((*link)->agents == NULL) { /* the same to all that wait for it */
            if (news == NULL && mcp->news > 0) {
                news = kept(mcp, take_news(mcp));
            }
            result = json_incref(news);
        } else {
            result = met_at_once(mcp, *link);
        }
        if (result == NULL) {
            link = &(*link)->next;
        } else {
            answer_at(mcp, link, result);
        }
    }
    json_decref(news);
}

static void report_progress(struct mcp *mcp, struct waiting *waiting,
                            uint64_t now)
{
    waiting->progress_ms = now + MCP_PROGRESS_MS;
    if (waiting->token == NULL || wire_out_is_high(&mcp->out)) return;
    rpc_notify(
        mcp, "notifications/progress",
        must_json(json_pack("{sOsIsIss}", "progressToken", waiting->token,
                            "progress", (json_int_t)(now - waiting->begun_ms),
                            "total", (json_int_t)waiting->timeout_ms, "message",
                            "milliseconds that were waited")));
}

uint64_t waits_tick(struct mcp *mcp)
{
    struct waiting **link = &mcp->waits;
    uint64_t now = mcp_now_ms(), next = UINT64_MAX;

    while (*link != NULL) {
        struct waiting *waiting = *link;
        /* Both ends are cut to whole milliseconds: one more, so that it is
         * never too early. */
        uint64_t deadline = waiting->begun_ms + waiting->timeout_ms + 1;

        if (now >= deadline) {
            answer_at(mcp, link, timed_out(waiting));
            continue;
        }
        if (now >= waiting->progress_ms) report_progress(mcp, waiting, now);
        if (deadline < next) next = deadline;
        if (waiting->token != NULL && waiting->progress_ms < next) {
            next = waiting->progress_ms;
        }
        link = &waiting->next;
    }
    return next;
}

static struct waiting **find(const struct mcp *mcp, const json_t *id)
{
    struct waiting **link = (struct waiting **)&mcp->waits;

    while (*link != NULL && !json_equal((*link)->reply.id, id)) {
        link = &(*link)->next;
    }
    return link;
}

bool waits_has(const struct mcp *mcp, const json_t *id)
{
    return *find(mcp, id) != NULL;
}

void waits_cancel(struct mcp *mcp, const json_t *id)
{
    struct waiting **link = find(mcp, id);
    struct waiting *waiting = *link;

    if (waiting == NULL) return;
    unlink_at(mcp, link);
    rpc_no_answer(mcp, &waiting->reply);
    waiting_free(waiting);
}

void waits_drop(struct mcp *mcp)
{
    while (mcp->waits != NULL) {
        struct waiting *waiting = mcp->waits;

        unlink_at(mcp, &mcp->waits);
        rpc_no_answer(mcp, &waiting->reply);
        waiting_free(waiting);
    }
}
