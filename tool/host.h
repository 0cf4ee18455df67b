/*
 * What a command that serves others has: one registry, with the settings of a
 * scenario's header, in memory or in a store.
 */
#ifndef MOORAGE_TOOL_HOST_H
#define MOORAGE_TOOL_HOST_H

#include "scenario.h"

struct moor_store;

struct host {
    moor_registry *registry;
    struct moor_store *store; /* null: in memory only */
};

/* By a header such as {"moorage":1,"limits":{"running":6}} (null: the
 * defaults) and the path of a store (null: none).  Answers an exit code; if it
 * is not EXIT_HELD it has said why. */
int host_open(struct host *host, const char *settings, const char *store);

/* Writes what is not written yet, and closes the store; the registry may still
 * be in use.  An exit code, as above. */
int host_settle(struct host *host);
/* That, and the registry. */
int host_close(struct host *host);

#endif
