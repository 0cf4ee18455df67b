/*
 * The world of fuzz_names.c: the registry and what is known of its agents.
 */
#ifndef FUZZ_NAMES_WORLD_H
#define FUZZ_NAMES_WORLD_H

#include "fuzz.h"
#include "model_names.h"
#include "texts.h"

enum { AGENTS_MOST = 64, ROLES_MOST = 2 };

struct agent {
    moor_agent handle;
    char path[MOOR_PATH_MAX + 1];
    size_t parent, children;
    bool is_there;
};

struct role {
    char name[TEXT_ROOM];
    struct model_nicknames nicknames;
};

struct names {
    struct input input;
    moor_registry *registry;
    struct model_nicknames nicknames;
    struct role roles[ROLES_MOST];
    size_t roles_count;
    struct agent agents[AGENTS_MOST]; /* the first is the root */
    size_t count;
};

extern struct names names;

/* Makes a registry from the input; false: its config was not well formed, and
 * that was the answer. */
bool names_begin(struct input input);

/* An agent that is there. */
struct agent *names_take_agent(void);

/* A path: any text, or that of an agent, cut, changed or with a name behind. */
void names_take_path(char *text);

/* Who is at a path; the zero handle: nobody. */
moor_agent names_at(const char *path);

/* The list that a role draws from; null: none. */
struct model_nicknames *names_list_of(const char *role);

#endif
