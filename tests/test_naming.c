/*
 * Naming: a path is its parent's, a slash and the name, wherever in a word the
 * parent's ends, and is found under that.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "given.h"

/* `length` characters, none like its neighbour. */
static void name_of(char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        name[i] = (char)('a' + (i + length) % 26);
    }
    name[length] = '\0';
}

static void go_down(char *path, const char *name)
{
    strcat(path, "/");
    strcat(path, name);
}

static void expect_path(moor_registry *registry, moor_agent agent,
                        const char *path)
{
    moor_agent found;

    cr_assert_str_eq(info_of(registry, agent).path, path);
    cr_assert_eq(moor_find_path(registry, nobody, path, &found), MOOR_OK,
                 "%s", path);
    cr_assert_eq(found.bits, agent.bits);
}

static void below(moor_registry *registry, moor_agent parent,
                  const char *parents)
{
    for (size_t length = 1; length <= MOOR_SEGMENT_MAX; length++) {
        char name[MOOR_SEGMENT_MAX + 1], path[MOOR_PATH_MAX + 1];

        name_of(name, length);
        strcpy(path, parents);
        go_down(path, name);
        expect_path(registry, spawn_below(registry, parent, name), path);
    }
}

Test(naming, each_length_of_a_name_below_each_length_of_a_path)
{
    moor_registry *registry =
        given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);

    for (size_t length = 1; length <= 24; length++) {
        char name[MOOR_SEGMENT_MAX + 1], path[MOOR_PATH_MAX + 1] = "/root";

        name_of(name, length);
        go_down(path, name);
        below(registry, spawn_below(registry, nobody, name), path);
    }
    done(registry);
}

Test(naming, the_longest_path)
{
    moor_registry *registry =
        given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent agent = nobody;
    char name[MOOR_SEGMENT_MAX + 1], path[MOOR_PATH_MAX + 1] = "/root";

    while (strlen(path) < MOOR_PATH_MAX) {
        size_t length = MOOR_PATH_MAX - strlen(path) - 1;

        if (length > MOOR_SEGMENT_MAX) length = MOOR_SEGMENT_MAX;
        if (length == MOOR_PATH_MAX - strlen(path) - 2) length--;
        name_of(name, length);
        go_down(path, name);
        agent = spawn_below(registry, agent, name);
        expect_path(registry, agent, path);
    }
    cr_assert_eq(moor_spawn(registry,
                            &(moor_spawn_options){.parent = agent,
                                                  .name = "a"},
                            &agent, NULL),
                 MOOR_BAD_PATH);
    done(registry);
}
