/*
 * What a registry has come to, in words that do not differ from run to run.
 */
#ifndef MODEL_OUTCOME_H
#define MODEL_OUTCOME_H

#include "scene.h"

enum outcome_field {
    USED,
    LIMIT,
    LIFETIME,
    TURN,
    LIVE,
    IDLE,
    TICKETS,
    SPAWNED,
    REFUSED,
    COMPLETED,
    CLOSED,
    REAPED,
    RELEASED,
    CHILDREN,
    PATHS, /* whom each path names, from here on */
};

enum { OUTCOME_PATHS = 10, OUTCOME_FIELDS = PATHS + OUTCOME_PATHS };

void outcome_look(uint64_t fields[OUTCOME_FIELDS]);

const char *outcome_field_name(int field);

#endif
