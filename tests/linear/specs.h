/*
 * The sequential specifications: what an object is, and which calls it has.
 *
 * Each is a table of rules in a file of its own, and says at its head what the
 * library does not promise and is therefore allowed.
 *
 *   linear_admission  the running slots of one registry
 *   linear_status     one agent between its commit and its close
 *   linear_path       one path, with the id that goes with it
 *
 * Agents have small numbers here, which whoever records gives them.
 */
#ifndef LINEAR_SPECS_H
#define LINEAR_SPECS_H

#include <moorage/moorage.h>

#include "checker.h"

extern const struct linear_spec linear_admission;
extern const struct linear_spec linear_status;
extern const struct linear_spec linear_path;

/* --- admission ------------------------------------------------------------ */

enum admission_operation {
    ADMISSION_SPAWN,   /* argument: the agent's number if it was granted;
                          value when refused: what the refusal said */
    ADMISSION_RESERVE, /* the same */
    ADMISSION_ABANDON, /* argument: the number, here and below */
    ADMISSION_START_FAILED,
    ADMISSION_FINISH,
    ADMISSION_RUN_AGAIN, /* value when refused: what the refusal said */
    ADMISSION_CLOSE,
    ADMISSION_SET_LIMIT, /* argument: the limit */
    ADMISSION_LOOK,      /* value: admission_count() */
    ADMISSION_OPERATIONS
};

enum {
    ADMISSION_AGENTS = 44,         /* numbers from 0 */
    ADMISSION_COUNT_MAX = 1023,    /* used and limit are below */
    ADMISSION_NO_REFUSAL = 1 << 20 /* value: none was asked for */
};

/* Used and limit as one value; a count that does not fit is the largest. */
static inline uint64_t admission_count(uint64_t used, uint64_t limit)
{
    used = used < ADMISSION_COUNT_MAX ? used : ADMISSION_COUNT_MAX;
    limit = limit < ADMISSION_COUNT_MAX ? limit : ADMISSION_COUNT_MAX;
    return limit << 10 | used;
}

/* The registry with that count, `slots` with a bit for each agent that holds
 * one. */
static inline uint64_t admission_state(uint64_t count, uint64_t slots)
{
    return slots << 20 | count;
}

/* --- status --------------------------------------------------------------- */

enum status_operation {
    STATUS_START,
    STATUS_START_FAILED,
    STATUS_FINISH, /* argument: status_end() */
    STATUS_RUN_AGAIN,
    STATUS_REQUEST, /* argument: moor_request_kind */
    STATUS_POLL,    /* value: moor_request_kind */
    STATUS_LOOK,    /* value: moor_status */
    STATUS_INFO,    /* value: status_info() */
    STATUS_RESULT,  /* value: number of the text */
    STATUS_CLOSE,   /* value: the status before */
    STATUS_SPAWN,   /* another agent, known to its spawner only */
    STATUS_CLOSE_OTHER,
    STATUS_USED, /* value: slots in use */
    STATUS_OPERATIONS
};

/* How a run ends: finish, interrupt or died, and the number of its text. */
static inline uint32_t status_end(moor_status idle, uint32_t text)
{
    return (uint32_t)idle | text << 8;
}

static inline uint64_t status_info(moor_status status, bool slot, bool fenced)
{
    return (uint64_t)status | (uint64_t)slot << 8 | (uint64_t)fenced << 9;
}

/* A registry with one pending agent, the only one but `others` more. */
uint64_t status_state(uint32_t limit, uint32_t others);

/* --- path ----------------------------------------------------------------- */

enum path_operation {
    PATH_SPAWN,   /* value: the agent's number if it was granted */
    PATH_RESERVE, /* the same, of the ticket */
    PATH_COMMIT,  /* argument: the ticket's; value: the agent's */
    PATH_ABANDON, /* argument: the ticket's */
    PATH_FIND,    /* argument: 0 by path, 1 by name, 2 by id; value: whom */
    PATH_LOOK,    /* argument: the agent's, here and below */
    PATH_START_FAILED,
    PATH_CLOSE,
    PATH_OPERATIONS
};

enum { PATH_NOBODY = 0 }; /* numbers from 1 to 255 */

/* An agent has the path, or, with 0, nobody. */
uint64_t path_state(uint32_t agent);

#endif
