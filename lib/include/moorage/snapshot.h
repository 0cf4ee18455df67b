/*
 * The registry as text, for people and for other programs.
 */
#ifndef MOORAGE_SNAPSHOT_H
#define MOORAGE_SNAPSHOT_H

#include "registry.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Takes a piece of text, without a NUL; false: no more of it is wanted.  It is
 * called by the thread that made the call, and may call the registry. */
typedef bool (*moor_write)(void *context, const char *bytes, size_t length);

typedef enum moor_snapshot_format {
    MOOR_SNAPSHOT_TREE = 0, /* a line each, indented by depth */
    MOOR_SNAPSHOT_JSON,     /* one object; `children` within it, and so on */
    MOOR_SNAPSHOT_DOT,      /* a graph for Graphviz */
    MOOR_SNAPSHOT_FORMATS
} moor_snapshot_format;

/*
 * Write the whole tree, tickets included: parents before their children, the
 * children of one parent sorted by path.
 *
 *   /root running turn=0
 *     a completed loaded nickname="Ada" role="explorer" turn=1
 *       b reserved slot loaded turn=1
 *
 * Of each: path, status, whether it has a slot, has lent it, is fenced, loaded,
 * pinned or being evicted, nickname, role and the turn of its last admission;
 * JSON has its id (null for tickets and the root) and age as well.  Where
 * nothing changes, TREE and DOT say the same each time.  Of what hangs below
 * another than its path says, because it was adopted, TREE has the whole path,
 * of others the last segment.  Nicknames and roles are quoted: in TREE and JSON
 * control characters are \u and four digits; in DOT \x and two, shown as such.
 *
 * It is no snapshot of one instant: like moor_list it is one pass, and each
 * entry was there at some instant of it.  All that was there throughout is in
 * it, once.  An entry whose parent was not met hangs below the nearest above by
 * its path that was.
 *
 *   Threads   any
 *   Progress  lock-free, one pass over all agents; allocates for each of them,
 *             all before the first piece is written
 *   Order     as moor_list
 *   Errors    MOOR_BAD_ARGUMENT (a null registry or callback, no such format),
 *             MOOR_NO_MEMORY: nothing was written; MOOR_STOPPED (the callback
 *             answered false; it is not called again)
 */
moor_error moor_snapshot(moor_registry *registry, moor_snapshot_format format,
                         moor_write write, void *context);

#ifdef __cplusplus
}
#endif
#endif
