/* What each tool does.  The arguments fit its row in the table. */
#ifndef MOORAGE_TOOL_MCP_CALLS_H
#define MOORAGE_TOOL_MCP_CALLS_H

#include "mcp_tools.h"

json_t *call_spawn(struct mcp *mcp, struct call *call);
json_t *call_send_input(struct mcp *mcp, struct call *call);
json_t *call_send_message(struct mcp *mcp, struct call *call);
json_t *call_resume(struct mcp *mcp, struct call *call);
json_t *call_wait_for(struct mcp *mcp, struct call *call);
json_t *call_wait_for_news(struct mcp *mcp, struct call *call);
json_t *call_close(struct mcp *mcp, struct call *call);
json_t *call_interrupt(struct mcp *mcp, struct call *call);
json_t *call_list(struct mcp *mcp, struct call *call);
json_t *call_report(struct mcp *mcp, struct call *call);

#endif
