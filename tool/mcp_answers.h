/* The results of tools. */
#ifndef MOORAGE_TOOL_MCP_ANSWERS_H
#define MOORAGE_TOOL_MCP_ANSWERS_H

#include "mcp.h"

/* What a tool came to: as text, and as structured content; takes it over. */
json_t *tool_result(json_t *structured);
/* With isError; the text is made as by printf, and what is no UTF-8 in it, or
 * too long, is made so. */
json_t *tool_error(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
json_t *tool_error_of(moor_error error, const char *target);
json_t *tool_refused(struct mcp *mcp, const moor_refusal *refusal);

/* "running", {"completed": RESULT}, ...; not_found when it has left. */
json_t *status_json(struct mcp *mcp, moor_agent agent);
/* The same with no more than `room` bytes of its result. */
json_t *status_json_short(struct mcp *mcp, moor_agent agent, size_t room);

#endif
