#include "scene.h"

enum { ENOUGH = 8 /* slots, while the scene is made */ };

moor_agent scene_a, scene_b;

static const char *const state_names[SCENE_STATES] = {
    [SCENE_NONE] = "none",       [SCENE_TICKET] = "ticket",
    [SCENE_PENDING] = "pending", [SCENE_RUNNING] = "running",
    [SCENE_IDLE] = "idle",       [SCENE_KEPT] = "kept",
};

const char *scene_state_name(enum scene_state state)
{
    return state_names[state];
}

static moor_agent place(moor_agent parent, const char *name,
                        enum scene_state state)
{
    moor_agent agent = {0};

    if (state == SCENE_TICKET) {
        agent.bits = world_reserve(parent, name).bits;
        return agent;
    }
    if (state != SCENE_NONE) agent = world_spawn(parent, name);
    if (state >= SCENE_RUNNING) moor_start(world, agent);
    if (state >= SCENE_IDLE) world_finish(agent);
    return agent;
}

void scene_make(const struct scene *scene)
{
    world_make(ENOUGH, scene->release);
    scene_a = place((moor_agent){0}, "a", scene->a);
    scene_b = place(scene_a, "b", scene->b);
    moor_set_limit(world, MOOR_LIMIT_RUNNING, scene->limit);
}
