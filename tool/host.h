/*
 * What a command that serves others has: one registry, with the settings of a
 * scenario's header, in memory or in a store.
 */
#ifndef MOORAGE_TOOL_HOST_H
#define MOORAGE_TOOL_HOST_H

#include <argp.h>

#include "scenario.h"

struct moor_store;

/* --settings and --store, as a command's options have them (null: not given);
 * a child of its argp, whose input this is. */
struct host_options {
    const char *settings, *store;
};

extern const struct argp host_argp;

struct host {
    moor_registry *registry;
    struct moor_store *store; /* null: in memory only */
};

/* By a header such as {"moorage":1,"limits":{"running":6}} (else the defaults)
 * and the path of a store (else in memory).  Answers an exit code; if it is not
 * EXIT_HELD it has said why. */
int host_open(struct host *host, const struct host_options *options);

/* Writes what is not written yet, and closes the store; the registry may still
 * be in use.  An exit code, as above. */
int host_settle(struct host *host);
/* That, and the registry. */
int host_close(struct host *host);

#endif
