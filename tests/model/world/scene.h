/*
 * A small registry to call operations in.
 *
 *   root - a - b      as the scene says; b may be missing
 */
#ifndef MODEL_SCENE_H
#define MODEL_SCENE_H

#include "world.h"

/* What an agent of the scene is when the threads begin. */
enum scene_state {
    SCENE_NONE,
    SCENE_TICKET,
    SCENE_PENDING,
    SCENE_RUNNING,
    SCENE_IDLE, /* completed; its slot went with the end */
    SCENE_KEPT, /* completed, and still holds its slot */
    SCENE_STATES
};

struct scene {
    moor_release release;
    uint32_t limit; /* of running slots */
    enum scene_state a, b;
};

extern moor_agent scene_a, scene_b;

void scene_make(const struct scene *scene);

/* "idle" and so on. */
const char *scene_state_name(enum scene_state state);

#endif
