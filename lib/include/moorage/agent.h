/*
 * Names of one agent: handle, ticket, id; and its status.
 *
 * A handle is an index and a generation in one 64-bit value.  Copy it freely.
 * When its agent has left the tree the generation moves on, and the old handle
 * can do nothing but be told that it is stale.  A handle belongs to one
 * registry; the zero handle names nobody.
 */
#ifndef MOORAGE_AGENT_H
#define MOORAGE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As a timeout: no deadline. */
#define MOOR_FOREVER UINT64_MAX

/* An agent that was committed. */
typedef struct moor_agent {
    uint64_t bits;
} moor_agent;

/* A spawn reservation: everything reserved for an agent to come. */
typedef struct moor_ticket {
    uint64_t bits;
} moor_ticket;

/* 128 bits, most significant byte first; the registry makes UUIDv7. */
typedef struct moor_id {
    uint8_t bytes[16];
} moor_id;

typedef enum moor_status {
    MOOR_STATUS_NOT_FOUND = 0, /* never stored: the answer to a look-up */
    MOOR_STATUS_RESERVED,      /* a ticket; only in lists and refusals */
    MOOR_STATUS_PENDING_INIT,
    MOOR_STATUS_RUNNING,
    MOOR_STATUS_INTERRUPTED,
    MOOR_STATUS_COMPLETED,
    MOOR_STATUS_ERRORED,
    MOOR_STATUS_SHUTDOWN,
    MOOR_STATUSES /* how many there are */
} moor_status;

enum {
    MOOR_ID_TEXT = 37,       /* bytes of an id as text, with the NUL */
    MOOR_SEGMENT_MAX = 64,   /* bytes of one path segment */
    MOOR_SEGMENTS_MAX = 32,  /* segments of a path, "root" included */
    MOOR_PATH_MAX = 1024,    /* bytes of a path, without the NUL */
    MOOR_NICKNAME_MAX = 64,  /* bytes of a nickname as the host gives it */
    MOOR_NICKNAME_TEXT = 96, /* room for one with its ordinal and the NUL */
    MOOR_ROLE_MAX = 64       /* bytes of a role */
};

/* Three questions about a status, and nothing else.  Threads any; wait-free. */
bool moor_is_final(moor_status status);     /* is it completed, errored,
                                               shutdown or not_found */
bool moor_holds_slot(moor_status status);   /* does it call for a running slot:
                                               pending_init, running */
bool moor_is_evictable(moor_status status); /* is it idle, and still known */

/* The name of a status: "pending_init", "running", ...; "unknown" for none. */
const char *moor_status_name(moor_status status);

/* Read an id from text: 8-4-4-4-12 hexadecimal digits of either case.
 *   Threads any. Progress wait-free.
 *   Errors  MOOR_BAD_ID (malformed, or nil), MOOR_BAD_ARGUMENT (null) */
moor_error moor_id_parse(const char *text, moor_id *id);

/* Write an id as text: 36 characters and a NUL. */
void moor_id_format(moor_id id, char text[MOOR_ID_TEXT]);

#ifdef __cplusplus
}
#endif
#endif
