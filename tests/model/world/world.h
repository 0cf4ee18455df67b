/*
 * What the cases over the public calls share: one registry, made anew before
 * each run and judged after it.
 *
 * Calls from `before` and `after` are outside of schedules: there no other
 * thread comes between.
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "explore.h"
#include "moorage/moorage.h"

extern moor_registry *world;

/* A registry of the defaults, but for the limit `running` and the policy. */
void world_make(uint32_t running, moor_release release);

void world_make_with(const moor_config *config);

/* Judges what must hold when nobody is under way, and frees. */
void world_end(void);

/* Children of `parent` (zero: the root), made outside of schedules; what they
 * are refused is a failure. */
moor_agent world_spawn(moor_agent parent, const char *name);
moor_ticket world_reserve(moor_agent parent, const char *name);

/* The same as one call of a thread. */
moor_error world_try_spawn(moor_agent parent, const char *name,
                           moor_agent *agent);

moor_error world_finish(moor_agent agent); /* completed, without a text */
moor_error world_close_tree(moor_agent agent);

moor_status world_status(moor_agent agent); /* not_found: it has left */

/* The life that has the path, tickets and admissions in flight included. */
uint64_t world_path_owner(const char *path);

/* Figures, and what they must be. */
uint64_t world_used(void);
void world_expect_used(uint64_t used);
uint64_t world_lifetime_used(void);
void world_expect_error(const char *what, moor_error got, moor_error wanted);
void world_expect_status(moor_agent agent, moor_status wanted);

/* Fails the case unless it holds. */
#define WORLD_EXPECT(condition)                                 \
    do {                                                        \
        if (!(condition)) model_fail("not so: %s", #condition); \
    } while (0)

/* Once a process, before the first case: what each fiber needs to register
 * itself would otherwise be steps of the first run only. */
void world_warm_up(void);

#define WORLD_MAIN(cases)                                                      \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        world_warm_up();                                                       \
        return model_main(cases, (int)(sizeof(cases) / sizeof *(cases)), argc, \
                          argv);                                               \
    }

#endif
