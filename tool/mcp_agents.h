/* What the server knows of an agent that the registry does not: its process,
 * its latest message, and the messages that wait for it. */
#ifndef MOORAGE_TOOL_MCP_AGENTS_H
#define MOORAGE_TOOL_MCP_AGENTS_H

#include "mcp.h"

struct mcp_agent {
    struct mcp_agent *next; /* of its bucket */
    moor_agent agent;
    struct child *child; /* its run's process; null: it has none */
    char *last_message;  /* null: none */
    char *mail[MCP_MAIL_MAX];
    size_t mail_count, mail_bytes;
    bool mail_wakes; /* one of these begins a run */
    bool news;       /* a run of it has ended since it was told of */
};

/* Makes one if there is none. */
struct mcp_agent *agent_notes(struct mcp *mcp, moor_agent agent);
/* By a text: an id, or a path; a relative one from the root. */
moor_error agent_named(struct mcp *mcp, const char *text, moor_agent *agent);

void agent_message(struct mcp_agent *notes, const char *message);
/* Another message waits; false: there are too many. */
bool agent_mail(struct mcp *mcp, struct mcp_agent *notes, const char *message,
                bool wakes);
/* All that waits and then `message` (may be null) as one text, to be freed;
 * nothing waits any more. */
char *agent_read_mail(struct mcp *mcp, struct mcp_agent *notes,
                      const char *message);
void agent_news(struct mcp *mcp, struct mcp_agent *notes);

/* Forget those that have left the tree, or all. */
void agents_forget(struct mcp *mcp, bool all);

/* A closed agent, as it can come back. */
struct mcp_closed {
    bool used;
    moor_id id, parent;
    char name[MOOR_SEGMENT_MAX + 1];
    char nickname[MOOR_NICKNAME_TEXT];
    char role[MOOR_ROLE_MAX + 1];
    moor_status status;
    char *result;
    size_t length;
};

/* Note an agent that is about to be closed. */
void closed_note(struct mcp *mcp, moor_agent agent);
/* Null: nobody of that id was closed, or too many since. */
struct mcp_closed *closed_find(struct mcp *mcp, const moor_id *id);
void closed_forget(struct mcp_closed *closed);
void closed_free(struct mcp *mcp);

#endif
