/*
 * Child processes: the executors of agents that `exec` spawned.
 *
 * One thread watches all of them and reports how each ended; a second one takes
 * the signals that would end the program, and ends the children first.  The
 * rules:
 *
 *   - A child whose agent's run has ended in any other way is killed, with its
 *     process group, before the operation that ended the run returns; only
 *     `finish` leaves it alone.  Its exit is then reported to nobody.
 *   - So operations that end or begin runs are bracketed by children_enter and
 *     children_leave.  They exclude the watcher and each other; without that a
 *     process could be counted for a later run of its agent.  Scenarios without
 *     exec have no children and pay nothing: their calls overlap freely.
 *   - A process id is signalled only before it was waited for, so it cannot
 *     have become somebody else's.
 */
#ifndef MOORAGE_TOOL_PLAY_CHILDREN_H
#define MOORAGE_TOOL_PLAY_CHILDREN_H

#include <stdbool.h>

#include <moorage/moorage.h>

struct children;

/* Null when a thread could not be started. */
struct children *children_create(moor_registry *registry);
/* Kill what is left, wait for it, and end. */
void children_destroy(struct children *children);

/* All of these take null, and then do nothing. */
void children_enter(struct children *children);
void children_leave(struct children *children);

/* ---- between enter and leave -------------------------------------------- */

/* Run argv, ended by null, as the agent's executor; false: it cannot be run. */
bool children_run(struct children *children, moor_agent agent,
                  const char *const *argv);
/* The agent's run is over, but its process may go on. */
void children_forget(struct children *children, moor_agent agent);
/* Kill the processes of all agents that are no longer live. */
void children_settle(struct children *children);

#endif
