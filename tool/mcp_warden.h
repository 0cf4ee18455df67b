/*
 * The warden: a process that outlives the server by a moment.
 *
 * The kernel kills an agent's process when the server is killed, but not what
 * that process has started.  The warden holds the other end of a pipe: when the
 * server has gone, however that was, it kills the process groups that it knows
 * of, and then who has left its group: that has the server's mark in its
 * environment, unless it has taken it out.  Then it ends.
 */
#ifndef MOORAGE_TOOL_MCP_WARDEN_H
#define MOORAGE_TOOL_MCP_WARDEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "mcp.h"

/* While this is the only thread; false: there are no more processes. */
bool warden_start(struct mcp *mcp);
/* If it was killed, begin another one, that knows what the first one knew.  By
 * then the store has a thread, too: the new one takes nothing of that along,
 * and the C library has made what it allocates safe across a fork.
 * False: it has gone, and there are no more processes. */
bool warden_look(struct mcp *mcp);
/* All groups are dead by now. */
void warden_stop(struct mcp *mcp);

/* By the process that is to be the group's leader, between fork and exec. */
void warden_told_of(int warden, pid_t group);
/* The group was killed, and its leader not yet waited for: until then nobody
 * else can have its number. */
void warden_told_of_end(int warden, pid_t group);

#endif
