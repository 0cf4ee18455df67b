/*
 * JSON-RPC 2.0 as the Model Context Protocol uses it.
 *
 * Errors: -32700 what is no JSON, or no line; -32600 what is no request, or
 * comes at the wrong time; -32601 unknown method; -32602 params that do not fit
 * the method; MCP_OVERLOAD when too many calls are under way.
 */
#ifndef MOORAGE_TOOL_MCP_RPC_H
#define MOORAGE_TOOL_MCP_RPC_H

#include "mcp.h"

enum {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_UNKNOWN_METHOD = -32601,
    RPC_BAD_PARAMS = -32602,
    MCP_OVERLOAD = -32000,
    MCP_UNSUPPORTED_VERSION = -32022
};

/* Some requests of one line, answered in one line. */
struct batch {
    size_t open;     /* requests without an answer, and 1 while it is read */
    json_t *answers; /* array */
    size_t bytes;    /* of them */
};

/* To whom an answer goes. */
struct reply {
    json_t *id;          /* null: nobody can be told; owned */
    struct batch *batch; /* null: a request by itself */
};

/* One line of input. */
void rpc_line(struct mcp *mcp, const char *line, size_t length);
void rpc_line_too_long(struct mcp *mcp);

/* Each ends the reply; `result` and `data` are taken over. */
void rpc_answer(struct mcp *mcp, struct reply *reply, json_t *result);
void rpc_error(struct mcp *mcp, struct reply *reply, int code, const char *text,
               json_t *data);
/* Answer that the answers to its batch have grown too large, if they have:
 * before anything is done for it.  False: go on. */
bool rpc_is_full(struct mcp *mcp, struct reply *reply);
/* There will be none. */
void rpc_no_answer(struct mcp *mcp, struct reply *reply);

void rpc_notify(struct mcp *mcp, const char *method, json_t *params);

#endif
