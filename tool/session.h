/*
 * A session: somebody who names agents by labels, one request after the other,
 * in a registry that others use at the same time.
 *
 * A request is an operation of a scenario file (scenario.h) without an
 * expectation; `repeat`, `parallel`, `restart` and `expect` are for files.
 * Where a label is wanted a path does, too.  `as` may define a label anew.
 * Labels of agents and tickets that are gone are forgotten from time to time.
 *
 * One thread at a time in a session; sessions do not know of one another.
 */
#ifndef MOORAGE_TOOL_SESSION_H
#define MOORAGE_TOOL_SESSION_H

#include "play.h"
#include "scenario_reader.h"

/* Labels that are alive, and bytes of a line; more are refused. */
enum { SESSION_LABELS_MAX = 65536, SESSION_LINE_MAX = 262144 };

struct session {
    struct scenario scenario; /* its labels, and nothing else */
    struct play play;
    struct player player;
    label_number room;     /* of play.bindings */
    label_number sweep_at; /* so many labels are looked through */
};

/* What children there are (null: none can be run) is the caller's. */
void session_begin(struct session *session, moor_registry *registry,
                   struct children *children);
void session_end(struct session *session);

/* A line of `length` bytes, ended by a NUL, as JSON (new); null: it is none,
 * and *complaint says where (the column, in characters) and why. */
json_t *session_parse(const char *text, size_t length,
                      struct complaint *complaint);

/* Performs what was parsed from that text; answer->fields is new.  False: it is
 * not valid, and *complaint says so; nothing was done. */
bool session_perform(struct session *session, const char *text,
                     const json_t *request, struct answer *answer,
                     struct complaint *complaint);

/* Whom a label or a path names; the zero handle: nobody. */
moor_agent session_agent(struct session *session, const char *name);

#endif
