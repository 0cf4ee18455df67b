/* The registry of the server, and its store. */
#ifndef MOORAGE_TOOL_MCP_SESSION_H
#define MOORAGE_TOOL_MCP_SESSION_H

#include "mcp.h"

/* False: it cannot be opened, which was told. */
bool session_open(struct mcp *mcp);
/* All that was done is in the file.  False: it is not, and *why (may be null)
 * is a result that says so. */
bool session_keep(struct mcp *mcp, json_t **why);
void session_close(struct mcp *mcp);

#endif
