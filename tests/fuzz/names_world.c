#include "names_world.h"

#include <stdio.h>

#include "judge.h"

struct names names;

/* --- texts ---------------------------------------------------------------- */

struct agent *names_take_agent(void)
{
    size_t which = input_below(&names.input, (unsigned)names.count);

    while (!names.agents[which].is_there) {
        which--; /* the root is there */
    }
    return &names.agents[which];
}

void names_take_path(char *text)
{
    char name[TEXT_ROOM];
    const struct agent *agent;
    size_t length;

    switch (input_below(&names.input, 6)) {
    case 0:
        (void)input_text(&names.input, text, TEXT_ROOM);
        return;
    case 1:
        text_name(&names.input, text);
        return;
    case 2:
        agent = names_take_agent();
        text_name(&names.input, name);
        (void)snprintf(text, TEXT_ROOM, "%.1100s/%.90s", agent->path, name);
        return;
    default:
        break;
    }
    strcpy(text, names_take_agent()->path);
    length = strlen(text);
    switch (input_below(&names.input, 4)) {
    case 0:
        text[input_word(&names.input) % length] =
            (char)input_byte(&names.input);
        break;
    case 1:
        text[input_word(&names.input) % length] = '\0';
        break;
    case 2: /* relative to the root, if it is below it */
        memmove(text, text + (length > 6 ? 6 : 0),
                length - (length > 6 ? 6 : 0) + 1);
        break;
    default:
        break;
    }
}

moor_agent names_at(const char *path)
{
    for (size_t i = 0; i < names.count; i++) {
        if (names.agents[i].is_there &&
            strcmp(names.agents[i].path, path) == 0) {
            return names.agents[i].handle;
        }
    }
    return (moor_agent){0};
}

struct model_nicknames *names_list_of(const char *role)
{
    for (size_t i = 0; role != NULL && i < names.roles_count; i++) {
        if (strcmp(names.roles[i].name, role) == 0 &&
            names.roles[i].nicknames.count > 0) {
            return &names.roles[i].nicknames;
        }
    }
    return names.nicknames.count > 0 ? &names.nicknames : NULL;
}

/* --- the config ----------------------------------------------------------- */

/* Is it in the list? */
static bool has(const struct model_nicknames *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* A list of the input; one name may come twice, and counts once.  False: one is
 * not well formed. */
static bool take_list(struct model_nicknames *list,
                      char texts[MODEL_NICKNAMES_MOST][TEXT_ROOM],
                      const char *pointers[MODEL_NICKNAMES_MOST], size_t *count)
{
    bool ok = true;

    *list = (struct model_nicknames){.ordinal = 1};
    *count = input_below(&names.input, MODEL_NICKNAMES_MOST + 1);
    for (size_t i = 0; i < *count; i++) {
        text_nickname(&names.input, texts[i]);
        pointers[i] = texts[i];
        if (!model_text_ok(texts[i], MOOR_NICKNAME_MAX)) {
            ok = false;
        } else if (!has(list, texts[i])) {
            strcpy(list->names[list->count++], texts[i]);
        }
    }
    return ok;
}

bool names_begin(struct input input)
{
    static char texts[1 + ROLES_MOST][MODEL_NICKNAMES_MOST][TEXT_ROOM];
    static const char *pointers[1 + ROLES_MOST][MODEL_NICKNAMES_MOST];
    moor_role roles[ROLES_MOST];
    moor_config config;
    bool ok;

    names.input = input;
    names.registry = NULL;
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    ok = take_list(&names.nicknames, texts[0], pointers[0],
                   &config.nicknames_count);
    config.nicknames = pointers[0];
    names.roles_count = input_below(&names.input, ROLES_MOST + 1);
    for (size_t i = 0; i < names.roles_count; i++) {
        struct role *role = &names.roles[i];

        text_nickname(&names.input, role->name);
        ok = take_list(&role->nicknames, texts[1 + i], pointers[1 + i],
                       &roles[i].nicknames_count) &&
             model_text_ok(role->name, MOOR_ROLE_MAX) && ok;
        ok = ok && (i == 0 || strcmp(role->name, names.roles[0].name) != 0);
        roles[i].name = role->name;
        roles[i].nicknames = pointers[1 + i];
    }
    config.roles = roles;
    config.roles_count = names.roles_count;
    judge_step("create, %zu nicknames, %zu roles", config.nicknames_count,
               config.roles_count);
    judge_error(ok ? MOOR_OK : MOOR_BAD_ARGUMENT,
                moor_create(&config, &names.registry));
    names.agents[0] = (struct agent){
        .handle = moor_root(names.registry), .path = "/root", .is_there = true};
    names.count = 1;
    return ok;
}
