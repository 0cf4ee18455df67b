/*
 * What a call may answer.
 *
 * Every fallible call returns a moor_error.  On anything but MOOR_OK (and
 * MOOR_TIMED_OUT, see wait.h) nothing has changed and no out-parameter was
 * written, except where the call says so.
 */
#ifndef MOORAGE_ERROR_H
#define MOORAGE_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum moor_error {
    MOOR_OK = 0,
    MOOR_REFUSED,        /* a limit refused the admission: see moor_refusal */
    MOOR_TIMED_OUT,      /* the deadline passed before the wait was met */
    MOOR_BAD_ARGUMENT,   /* a null pointer or a value outside its range */
    MOOR_NO_MEMORY,      /* no memory, or no entry, was left */
    MOOR_NOT_FOUND,      /* nothing of that handle, path or id was ever known */
    MOOR_STALE,          /* the handle's agent or ticket has ended */
    MOOR_WRONG_STATUS,   /* the agent's status does not allow the operation */
    MOOR_BAD_PATH,       /* the name or path is not well formed */
    MOOR_BAD_ID,         /* the id is nil or malformed */
    MOOR_PATH_TAKEN,     /* an agent or ticket of that path exists */
    MOOR_ID_TAKEN,       /* an agent of that id exists */
    MOOR_PATH_MISMATCH,  /* the path named at commit is not the reserved one */
    MOOR_FENCED,         /* the parent, or an agent above it, is fenced */
    MOOR_HAS_CHILDREN,   /* the close rule `refuse` found children */
    MOOR_IS_ROOT,        /* the operation is not for the root */
    MOOR_QUEUE_FULL,     /* as many admissions wait as may */
    MOOR_NOT_LENT,       /* the agent's slot was not lent */
    MOOR_NOT_RESIDENT,   /* the agent is not loaded */
    MOOR_EVICTING,       /* the agent is being evicted */
    MOOR_NOT_EVICTABLE,  /* it is live or pinned, or no agent can be evicted */
    MOOR_STOPPED,        /* the caller's callback wanted no more */
    MOOR_VIOLATED,       /* moor_check found a broken invariant */
    MOOR_ERRORS          /* how many there are */
} moor_error;

/* The name of an answer, as scenario files spell it: "wrong_status".
 * Never null; "unknown" for a value that is none of the above.
 *   Threads any. Progress wait-free. */
const char *moor_error_name(moor_error error);

/* What was wrong and what would be right, in one sentence.  Never null.
 *   Threads any. Progress wait-free. */
const char *moor_error_text(moor_error error);

#ifdef __cplusplus
}
#endif
#endif
