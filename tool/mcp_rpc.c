#include "mcp_rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_tools.h"
#include "mcp_waits.h"
#include "memory.h"

/* Newest first. */
static const char *const versions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                       "2024-11-05"};
enum { VERSIONS = sizeof versions / sizeof versions[0] };
#define VERSION_WITH_BATCHES "2025-03-26"
/* Of the era without initialize: each request says its version itself. */
#define VERSION_OF_REQUEST "io.modelcontextprotocol/protocolVersion"

/* ---- what goes out ------------------------------------------------------ */

static void send(struct mcp *mcp, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);

    if (text == NULL) must_json(NULL);
    wire_out_add(&mcp->out, text, strlen(text));
    free(text);
    json_decref(message);
}

static void batch_less(struct mcp *mcp, struct batch *batch)
{
    if (--batch->open > 0) return;
    if (json_array_size(batch->answers) > 0) {
        send(mcp, batch->answers);
    } else {
        json_decref(batch->answers);
    }
    free(batch);
}

static void deliver(struct mcp *mcp, struct reply *reply, json_t *message)
{
    json_object_set_new(message, "jsonrpc", must_json(json_string("2.0")));
    json_object_set_new(message, "id",
                        reply->id == NULL ? json_null() : reply->id);
    reply->id = NULL;
    if (reply->batch == NULL) {
        send(mcp, message);
        return;
    }
    reply->batch->bytes += json_dumpb(message, NULL, 0, JSON_COMPACT);
    json_array_append_new(reply->batch->answers, message);
    batch_less(mcp, reply->batch);
}

void rpc_answer(struct mcp *mcp, struct reply *reply, json_t *result)
{
    deliver(mcp, reply, must_json(json_pack("{so}", "result", result)));
}

void rpc_error(struct mcp *mcp, struct reply *reply, int code, const char *text,
               json_t *data)
{
    deliver(
        mcp, reply,
        must_json(json_pack("{s{siss#so*}}", "error", "code", code, "message",
                            text, (int)strlen(text), "data", data)));
}

bool rpc_is_full(struct mcp *mcp, struct reply *reply)
{
    if (reply->batch == NULL || reply->batch->bytes < MCP_BATCH_BYTES) {
        return false;
    }
    rpc_error(mcp, reply, MCP_OVERLOAD,
              "the answers to this batch are too large: ask again by itself",
              must_json(json_pack("{si}", "limit", MCP_BATCH_BYTES)));
    return true;
}

void rpc_no_answer(struct mcp *mcp, struct reply *reply)
{
    json_decref(reply->id);
    reply->id = NULL;
    if (reply->batch != NULL) batch_less(mcp, reply->batch);
}

void rpc_notify(struct mcp *mcp, const char *method, json_t *params)
{
    send(mcp, must_json(json_pack("{ssssso}", "jsonrpc", "2.0", "method",
                                  method, "params", params)));
}

/* ---- methods ------------------------------------------------------------ */

struct request {
    const char *method;
    json_t *params; /* an object, or null */
    struct reply reply;
};

static json_t *server_info(void)
{
    return json_pack("{ssssss}", "name", "moorage", "title", "moorage",
                     "version", MOORAGE_VERSION);
}

static json_t *capabilities(void)
{
    return json_pack("{s{sb}}", "tools", "listChanged", 0);
}

static const char instructions[] =
    "Keeps the books of agents: who may start, who runs, and which slot each "
    "one holds.  An agent gives its slot up when it ends; a refusal says who "
    "holds the slots and what would free one.";

static const char *version_named(const char *name)
{
    for (size_t i = 0; name != NULL && i < VERSIONS; i++) {
        if (strcmp(versions[i], name) == 0) return versions[i];
    }
    return NULL;
}

static void initialize(struct mcp *mcp, struct request *request)
{
    const char *asked =
        json_string_value(json_object_get(request->params, "protocolVersion"));

    if (mcp->version != NULL) {
        rpc_error(mcp, &request->reply, RPC_INVALID_REQUEST,
                  "initialize was answered before", NULL);
        return;
    }
    if (asked == NULL) {
        rpc_error(mcp, &request->reply, RPC_BAD_PARAMS,
                  "initialize wants \"protocolVersion\", a text", NULL);
        return;
    }
    mcp->version = version_named(asked);
    if (mcp->version == NULL) mcp->version = versions[0];
    rpc_answer(
        mcp, &request->reply,
        must_json(json_pack("{sssososs}", "protocolVersion", mcp->version,
                            "capabilities", capabilities(), "serverInfo",
                            server_info(), "instructions", instructions)));
}

static json_t *supported(void)
{
    json_t *all = must_json(json_array());

    for (size_t i = 0; i < VERSIONS; i++) {
        json_array_append_new(all, json_string(versions[i]));
    }
    return all;
}

/* Of a later era; who asks learns that it is to be initialize. */
static void discover(struct mcp *mcp, struct request *request)
{
    rpc_answer(mcp, &request->reply,
               must_json(json_pack(
                   "{sssosososssisss{so}}", "resultType", "complete",
                   "supportedVersions", supported(), "capabilities",
                   capabilities(), "serverInfo", server_info(), "instructions",
                   instructions, "ttlMs", 0, "cacheScope", "private", "_meta",
                   "io.modelcontextprotocol/serverInfo", server_info())));
}

static void ping(struct mcp *mcp, struct request *request)
{
    rpc_answer(mcp, &request->reply, must_json(json_object()));
}

static void list_tools(struct mcp *mcp, struct request *request)
{
    if (json_object_get(request->params, "cursor") != NULL) {
        rpc_error(mcp, &request->reply, RPC_BAD_PARAMS,
                  "there is no such cursor: all tools are on one page", NULL);
        return;
    }
    rpc_answer(mcp, &request->reply,
               must_json(json_pack("{so}", "tools", tools_list(mcp))));
}

static bool is_token(const json_t *token)
{
    return json_is_integer(token) ||
           (json_is_string(token) && json_string_length(token) <= MCP_ID_MAX);
}

static void call_tool(struct mcp *mcp, struct request *request)
{
    json_t *arguments = json_object_get(request->params, "arguments");
    json_t *token = json_object_get(json_object_get(request->params, "_meta"),
                                    "progressToken");
    const char *name =
        json_string_value(json_object_get(request->params, "name"));
    char text[128];

    if (name == NULL) {
        rpc_error(mcp, &request->reply, RPC_BAD_PARAMS,
                  "tools/call wants \"name\", a text", NULL);
        return;
    }
    if (arguments != NULL && !json_is_object(arguments)) {
        rpc_error(mcp, &request->reply, RPC_BAD_PARAMS,
                  "\"arguments\" is to be an object", NULL);
        return;
    }
    if (token != NULL && !is_token(token)) {
        rpc_error(mcp, &request->reply, RPC_BAD_PARAMS,
                  "\"progressToken\" is to be a whole number or a short text",
                  NULL);
        return;
    }
    const struct tool *tool = tool_named(mcp, name);
    if (tool == NULL) {
        snprintf(text, sizeof text, "there is no tool \"%.*s\"",
                 strlen(name) < 64 ? (int)strlen(name) : 0, name);
        rpc_error(mcp, &request->reply, RPC_BAD_PARAMS, text, NULL);
        return;
    }
    struct call call = {arguments, token, request->reply};
    json_t *result = tool_call(mcp, tool, &call);
    if (result != NULL) rpc_answer(mcp, &request->reply, result);
    /* Else its reply is with the waiting calls. */
}

static const struct method {
    const char *name;
    void (*perform)(struct mcp *mcp, struct request *request);
    bool before_initialize;
} methods[] = {
    {"initialize", initialize, true},
    {"server/discover", discover, true},
    {"ping", ping, true},
    {"tools/list", list_tools, false},
    {"tools/call", call_tool, false},
};

/* ---- what comes in ------------------------------------------------------ */

static void perform(struct mcp *mcp, struct request *request)
{
    const struct method *method = NULL;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(methods[i].name, request->method) == 0) method = &methods[i];
    }
    if (method == NULL) {
        rpc_error(mcp, &request->reply, RPC_UNKNOWN_METHOD,
                  "there is no such method", NULL);
    } else if (mcp->version != NULL || method->before_initialize) {
        method->perform(mcp, request);
    } else if (json_object_get(json_object_get(request->params, "_meta"),
                               VERSION_OF_REQUEST) != NULL) {
        rpc_error(mcp, &request->reply, MCP_UNSUPPORTED_VERSION,
                  "this version is not spoken here",
                  must_json(json_pack(
                      "{sosO}", "supported", supported(), "requested",
                      json_object_get(json_object_get(request->params, "_meta"),
                                      VERSION_OF_REQUEST))));
    } else {
        rpc_error(mcp, &request->reply, RPC_INVALID_REQUEST,
                  "the first request is to be initialize", NULL);
    }
}

static void notified(struct mcp *mcp, const char *method, const json_t *params)
{
    if (strcmp(method, "notifications/cancelled") == 0) {
        waits_cancel(mcp, json_object_get(params, "requestId"));
    }
}

static bool is_id(const json_t *id)
{
    return json_is_integer(id) || json_is_real(id) ||
           (json_is_string(id) && json_string_length(id) <= MCP_ID_MAX);
}

/* What is wrong with it; null: nothing. */
static const char *objection(const struct mcp *mcp, const json_t *message,
                             const json_t *id)
{
    const json_t *version = json_object_get(message, "jsonrpc");

    if (!json_is_object(message)) return "a message is an object";
    if (version == NULL || !json_is_string(version) ||
        strcmp(json_string_value(version), "2.0") != 0) {
        return "a message has \"jsonrpc\", and that is \"2.0\"";
    }
    if (id != NULL && !is_id(id)) {
        return "\"id\" is to be a number or a short text";
    }
    if (id != NULL && waits_has(mcp, id)) {
        return "a request of that \"id\" is under way";
    }
    if (!json_is_string(json_object_get(message, "method"))) {
        return "a request has \"method\", a text";
    }
    return NULL;
}

/* What the client answers: nothing was asked. */
static bool is_answer(const json_t *message)
{
    return json_object_get(message, "method") == NULL &&
           (json_object_get(message, "result") != NULL ||
            json_object_get(message, "error") != NULL);
}

static void take_message(struct mcp *mcp, json_t *message, struct batch *batch)
{
    json_t *id = json_object_get(message, "id");
    json_t *params = json_object_get(message, "params");
    struct request request = {NULL, params, {NULL, batch}};

    if (is_answer(message)) return;
    if (batch != NULL) batch->open++;
    const char *wrong = objection(mcp, message, id);
    if (wrong != NULL) {
        if (id != NULL && is_id(id)) request.reply.id = json_incref(id);
        rpc_error(mcp, &request.reply, RPC_INVALID_REQUEST, wrong, NULL);
        return;
    }
    request.method = json_string_value(json_object_get(message, "method"));
    if (id == NULL) {
        notified(mcp, request.method, params);
        rpc_no_answer(mcp, &request.reply);
        return;
    }
    request.reply.id = json_incref(id);
    if (params != NULL && !json_is_object(params)) {
        rpc_error(mcp, &request.reply, RPC_BAD_PARAMS,
                  "\"params\" is to be an object", NULL);
        return;
    }
    if (!rpc_is_full(mcp, &request.reply)) perform(mcp, &request);
}

static void take_batch(struct mcp *mcp, json_t *messages)
{
    struct reply nobody = {NULL, NULL};
    size_t count = json_array_size(messages);

    if (mcp->version == NULL ||
        strcmp(mcp->version, VERSION_WITH_BATCHES) != 0) {
        rpc_error(mcp, &nobody, RPC_INVALID_REQUEST,
                  "batches are for version " VERSION_WITH_BATCHES, NULL);
        return;
    }
    if (count == 0 || count > MCP_BATCH_MAX) {
        rpc_error(mcp, &nobody, RPC_INVALID_REQUEST,
                  "a batch has 1 to 50 messages", NULL);
        return;
    }
    struct batch *batch = must_alloc(1, sizeof *batch);
    *batch = (struct batch){1, must_json(json_array()), 0};
    for (size_t i = 0; i < count; i++) {
        take_message(mcp, json_array_get(messages, i), batch);
    }
    batch_less(mcp, batch);
}

static bool is_blank(const char *line, size_t length)
{
    size_t i = 0;

    while (i < length && strchr(" \t\r", line[i]) != NULL && line[i] != '\0') {
        i++;
    }
    return i == length;
}

void rpc_line(struct mcp *mcp, const char *line, size_t length)
{
    struct reply nobody = {NULL, NULL};
    json_error_t error;
    char text[JSON_ERROR_TEXT_LENGTH + 32];

    if (is_blank(line, length)) return;
    json_t *message = json_loadb(
        line, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (message == NULL) {
        /* The parser's text may quote what is no text. */
        snprintf(text, sizeof text, "not JSON, at byte %d", error.position);
        rpc_error(mcp, &nobody, RPC_PARSE_ERROR, text, NULL);
        return;
    }
    if (json_is_array(message)) {
        take_batch(mcp, message);
    } else {
        take_message(mcp, message, NULL);
    }
    json_decref(message);
}

void rpc_line_too_long(struct mcp *mcp)
{
    struct reply nobody = {NULL, NULL};
    char text[64];

    snprintf(text, sizeof text, "a line has at most %d bytes", WIRE_LINE_MAX);
    rpc_error(mcp, &nobody, RPC_PARSE_ERROR, text, NULL);
}
