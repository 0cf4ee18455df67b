/*
 * Child processes: the runs of agents, with --exec.
 *
 * Each is the leader of a process group, gets its task on standard input, and
 * what it writes on standard output is the result of its run: exit 0 is
 * completed, else it is errored, `exit N` or `signal N`.  A run that ends in
 * any other way takes its group along.  The kernel kills a process when the
 * server is killed, the warden the rest of its group.
 */
#ifndef MOORAGE_TOOL_MCP_CHILDREN_H
#define MOORAGE_TOOL_MCP_CHILDREN_H

#include <poll.h>
#include <sys/types.h>

#include "mcp_agents.h"

struct child {
    struct child *next;
    pid_t pid;               /* and process group */
    struct mcp_agent *notes; /* null: nobody wants to know how it ends */
    int in, out;             /* -1: closed */
    char *task;
    size_t task_from, task_length;
    char *result;
    size_t length;
    bool cut; /* it wrote more than is kept */
};

/* What an agent's process is told beside its task; null: nothing. */
struct child_told {
    const char *model, *effort, *tier, *fork;
};

/* Begin; takes the task over.  False: the command cannot be run, for the reason
 * that mcp->start_error is. */
bool child_start(struct mcp *mcp, struct mcp_agent *notes, char *task,
                 const struct child_told *told);
/* Kill it, and hear no more of it.  Null is allowed. */
void child_kill(struct child *child);

/* ---- for the loop ------------------------------------------------------- */

/* What is to be watched: two entries for each child. */
size_t children_count(const struct mcp *mcp);
void children_watch(const struct mcp *mcp, struct pollfd *watched);
void children_serve(struct mcp *mcp, const struct pollfd *watched);
/* Some have ended: tell of them, and wait for them. */
void children_reap(struct mcp *mcp);
/* Kill all and wait for them. */
void children_end(struct mcp *mcp);

#endif
