/* The schemas of a tool, made from its row in the table. */
#ifndef MOORAGE_TOOL_MCP_SCHEMA_H
#define MOORAGE_TOOL_MCP_SCHEMA_H

#include "mcp_tools.h"

/* As tools/list shows it. */
json_t *schema_of_tool(const struct tool *tool);
/* A result that says what does not fit; null: the arguments fit. */
json_t *schema_objection(const struct tool *tool, const json_t *arguments);

#endif
