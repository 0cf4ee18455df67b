/* How the run of an agent begins and ends: registry and process together. */
#ifndef MOORAGE_TOOL_MCP_RUNS_H
#define MOORAGE_TOOL_MCP_RUNS_H

#include "mcp_agents.h"
#include "mcp_children.h"

/* Of an agent that was spawned just now.  False: its command cannot be run, and
 * the agent has gone as if it had never been. */
bool run_first(struct mcp *mcp, moor_agent agent, const char *task,
               const struct child_told *told);
/* The result that says so, and why. */
json_t *run_failed(const struct mcp *mcp);
/* Of an idle one.  A result that says why not; null: it runs. */
json_t *run_again(struct mcp *mcp, struct mcp_agent *notes,
                  const char *message);
/* Its executor says so; a message that waits begins the next one. */
moor_error run_ended(struct mcp *mcp, struct mcp_agent *notes,
                     moor_status status, const char *text, size_t length);
moor_error run_interrupt(struct mcp *mcp, moor_agent agent);
/* After a close: kill what belongs to nobody any more. */
void runs_settle(struct mcp *mcp);

#endif
