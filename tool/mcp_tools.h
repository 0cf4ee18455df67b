/*
 * The tools: which there are in each dialect, and what fits them.
 *
 * Names and parameters are those of codex' tools for several agents, version 1
 * (agents by id) and version 2 (agents by task name); either dialect takes both
 * ids and names.  A table says what there is; from it come the input schemas
 * and the check of arguments, so these cannot differ.
 */
#ifndef MOORAGE_TOOL_MCP_TOOLS_H
#define MOORAGE_TOOL_MCP_TOOLS_H

#include "mcp_rpc.h"

/* One call of a tool. */
struct call {
    json_t *arguments; /* an object, or null: none */
    json_t *token;     /* to report progress by; null: nobody asked */
    struct reply reply;
};

enum parameter_kind {
    PARAM_TEXT,
    PARAM_FLAG,
    PARAM_MS,
    PARAM_TEXTS,
    PARAM_ITEMS,
    PARAM_ENDING
};

struct parameter {
    const char *name;
    enum parameter_kind kind;
    bool required;
    const char *about;
};

enum { TOOL_PARAMETERS = 8 };

struct tool {
    const char *name;
    const char *about;
    struct parameter parameters[TOOL_PARAMETERS]; /* the rest has no name */
    const char *output; /* JSON Schema of what it answers */
    json_t *(*perform)(struct mcp *mcp, struct call *call);
    bool unlisted;     /* an older name */
    bool without_exec; /* only if agents are completed from outside */
};

const struct tool *tool_named(const struct mcp *mcp, const char *name);
/* For tools/list. */
json_t *tools_list(const struct mcp *mcp);
/* The result; null: the call waits, and has taken its reply. */
json_t *tool_call(struct mcp *mcp, const struct tool *tool, struct call *call);

#endif
