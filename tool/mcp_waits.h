/*
 * Calls that wait.  Each is a record with its reply, its agents and its
 * deadline; it ends when it is met, at its deadline, or when the client cancels
 * it.  None of them is in anybody's way.
 */
#ifndef MOORAGE_TOOL_MCP_WAITS_H
#define MOORAGE_TOOL_MCP_WAITS_H

#include "mcp_tools.h"

/* For the end of any of `agents`, told by `names` (both taken over); without
 * agents, for news.  Null: the call waits. */
json_t *wait_begin(struct mcp *mcp, struct call *call, moor_agent *agents,
                   json_t *names, uint64_t timeout_ms);

/* Answer those that are met by now; if nothing has changed, quick.  It still
 * has when the client is to take some of the answers first. */
void waits_look(struct mcp *mcp);
/* Answer those that are late, and report progress; answers the next time there
 * is something to do, or UINT64_MAX. */
uint64_t waits_tick(struct mcp *mcp);

bool waits_has(const struct mcp *mcp, const json_t *id);
void waits_cancel(struct mcp *mcp, const json_t *id);
/* Nobody is going to be answered. */
void waits_drop(struct mcp *mcp);

#endif
