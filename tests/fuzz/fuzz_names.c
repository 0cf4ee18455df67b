/*
 * Names: does the library take what is well formed, and nothing else?
 *
 * Goal    section by section of agent.h: segments, paths, roles, nicknames,
 *         ids.  What is well formed is taken, and found again: name, path, id.
 *         What is not is answered with its error, and nothing has changed.
 * Method  a config with nickname lists, then operations with texts of the
 *         input; model_names.c says what is well formed.
 * Limits  a list that names somebody twice is not made: how often that one may
 *         be drawn is not said anywhere.
 */
#include <ctype.h>
#include <stdio.h>

#include "fuzz.h"
#include "judge.h"
#include "model_names.h"
#include "texts.h"

enum { OPERATIONS_MOST = 48, ROLES_MOST = 2 };

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

static struct {
    struct input input;
    moor_registry *registry;
    struct model_nicknames nicknames;
    struct role roles[ROLES_MOST];
    size_t roles_count;
    struct agent agents[OPERATIONS_MOST + 1]; /* the first is the root */
    size_t count;
} names;

/* --- texts ---------------------------------------------------------------- */

static struct agent *take_agent(void)
{
    size_t which = input_below(&names.input, (unsigned)names.count);

    while (!names.agents[which].is_there) {
        which--; /* the root is there */
    }
    return &names.agents[which];
}

/* A path: any text, or that of an agent, cut, changed or with a name behind. */
static void take_path(char *text)
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
        agent = take_agent();
        text_name(&names.input, name);
        (void)snprintf(text, TEXT_ROOM, "%.1100s/%.90s", agent->path, name);
        return;
    default:
        break;
    }
    strcpy(text, take_agent()->path);
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

/* --- what has changed ----------------------------------------------------- */

static moor_stats stats(void)
{
    moor_stats now = {0};

    judge_error(MOOR_OK, moor_stats_of(names.registry, &now));
    return now;
}

static void judge_unchanged(const moor_stats *before)
{
    moor_stats now = stats();

    judge_that("nothing has changed", memcmp(before, &now, sizeof now) == 0);
}

static moor_agent agent_at(const char *path)
{
    for (size_t i = 0; i < names.count; i++) {
        if (names.agents[i].is_there &&
            strcmp(names.agents[i].path, path) == 0) {
            return names.agents[i].handle;
        }
    }
    return (moor_agent){0};
}

static bool path_taken(const char *path)
{
    return agent_at(path).bits != 0;
}

/* --- spawn ---------------------------------------------------------------- */

/* The list that a role draws from. */
static struct model_nicknames *list_of(const char *role)
{
    for (size_t i = 0; role != NULL && i < names.roles_count; i++) {
        if (strcmp(names.roles[i].name, role) == 0 &&
            names.roles[i].nicknames.count > 0) {
            return &names.roles[i].nicknames;
        }
    }
    return names.nicknames.count > 0 ? &names.nicknames : NULL;
}

static moor_error judge_options(const moor_spawn_options *options,
                                const struct agent *parent)
{
    char path[MOOR_PATH_MAX + 1];

    if ((options->role != NULL &&
         !model_text_ok(options->role, MOOR_ROLE_MAX)) ||
        (options->nickname != NULL &&
         !model_text_ok(options->nickname, MOOR_NICKNAME_MAX))) {
        return MOOR_BAD_ARGUMENT;
    }
    if (options->name == NULL) { /* a number of one digit or two */
        return model_resolve(parent->path, "agent_10", path) ? MOOR_OK
                                                             : MOOR_BAD_PATH;
    }
    if (!model_segment_ok(options->name) ||
        !model_resolve(parent->path, options->name, path)) {
        return MOOR_BAD_PATH;
    }
    return path_taken(path) ? MOOR_PATH_TAKEN : MOOR_OK;
}

static void judge_nickname(const moor_spawn_options *options,
                           const char *nickname)
{
    struct model_nicknames *list = list_of(options->role);

    if (options->nickname != NULL) {
        judge_text("nickname", options->nickname, nickname);
        if (list != NULL) {
            model_nickname_given(list, nickname);
        }
    } else if (list == NULL) {
        judge_text("nickname", "", nickname);
    } else {
        judge_that("an unused nickname of the list",
                   model_nickname_drawn(list, nickname));
    }
}

/* The round trip: by path, from the parent, by id. */
static void judge_found(moor_agent agent, const struct agent *parent,
                        const moor_info *info)
{
    moor_agent found = {0};
    const char *name = info->path + strlen(parent->path) + 1;

    judge_error(MOOR_OK, moor_find_path(names.registry, (moor_agent){0},
                                        info->path, &found));
    judge_number("found by path", agent.bits, found.bits);
    found.bits = 0;
    judge_error(MOOR_OK,
                moor_find_path(names.registry, parent->handle, name, &found));
    judge_number("found below its parent", agent.bits, found.bits);
    found.bits = 0;
    judge_error(MOOR_OK, moor_find_id(names.registry, &info->id, &found));
    judge_number("found by id", agent.bits, found.bits);
}

static void judge_spawned(moor_agent agent, struct agent *parent,
                          const moor_spawn_options *options)
{
    struct agent *added = &names.agents[names.count];
    char path[MOOR_PATH_MAX + 1];
    moor_info info;

    judge_error(MOOR_OK, moor_info_of(names.registry, agent, &info));
    judge_note("%s, nickname \"%s\"", info.path, info.nickname);
    if (options->name != NULL) {
        judge_that("a path", model_resolve(parent->path, options->name, path));
        judge_text("path", path, info.path);
    } else {
        judge_that(
            "made name",
            model_is_below(info.path, parent->path) && !path_taken(info.path) &&
                model_is_made_name(info.path + strlen(parent->path) + 1));
    }
    judge_text("role", options->role == NULL ? "" : options->role, info.role);
    judge_nickname(options, info.nickname);
    judge_found(agent, parent, &info);
    *added = (struct agent){.handle = agent,
                            .parent = (size_t)(parent - names.agents),
                            .is_there = true};
    strcpy(added->path, info.path);
    names.count++;
    parent->children++;
}

static void op_spawn(void)
{
    char name[TEXT_ROOM], role[TEXT_ROOM], nickname[TEXT_ROOM];
    struct agent *parent = take_agent();
    unsigned given = input_byte(&names.input);
    moor_spawn_options options = {.parent = parent->handle};
    moor_stats before = stats();
    moor_agent agent = {0};
    moor_error want, error;

    if ((given & 1) != 0) {
        text_name(&names.input, name);
        options.name = name;
    }
    if ((given & 6) == 6) {
        (void)input_text(&names.input, role, sizeof role);
        options.role = role;
    } else if ((given & 4) != 0 && names.roles_count > 0) {
        options.role = names.roles[0].name;
    }
    if ((given & 24) == 24) {
        text_nickname(&names.input, nickname);
        options.nickname = nickname;
    } else if ((given & 8) != 0 && names.nicknames.count > 0) {
        options.nickname = names.nicknames.names[0];
    }
    judge_step("spawn below %s, name \"%s\" role \"%s\" nickname \"%s\"",
               parent->path, options.name == NULL ? "(none)" : options.name,
               options.role == NULL ? "(none)" : options.role,
               options.nickname == NULL ? "(none)" : options.nickname);
    want = judge_options(&options, parent);
    error = moor_spawn(names.registry, &options, &agent, NULL);
    judge_error(want, error);
    if (error == MOOR_OK) {
        judge_spawned(agent, parent, &options);
    } else {
        judge_unchanged(&before);
        judge_number("handle", 0, agent.bits);
    }
}

/* --- commit with a path --------------------------------------------------- */

static void op_commit(void)
{
    char path[TEXT_ROOM];
    struct agent *parent = take_agent();
    const moor_spawn_options options = {.parent = parent->handle};
    moor_ticket ticket = {0};
    moor_agent agent = {0};
    moor_info info;
    moor_error want, error;

    take_path(path);
    judge_step("reserve below %s, commit at \"%s\"", parent->path, path);
    want = judge_options(&options, parent);
    error = moor_reserve(names.registry, &options, &ticket, NULL);
    judge_error(want, error);
    if (error != MOOR_OK) {
        return;
    }
    judge_error(MOOR_OK, moor_ticket_info(names.registry, ticket, &info));
    judge_nickname(&options, info.nickname);
    judge_error(MOOR_NOT_FOUND, moor_find_path(names.registry, (moor_agent){0},
                                               info.path, &agent));
    error = moor_commit(names.registry, ticket, NULL, path, &agent);
    if (strcmp(path, info.path) != 0) {
        judge_error(MOOR_PATH_MISMATCH, error);
        return;
    }
    judge_error(MOOR_OK, error);
    judge_error(MOOR_OK,
                moor_close(names.registry, agent, MOOR_CLOSE_BY_RULE, NULL));
}

/* --- look-ups ------------------------------------------------------------- */

static void op_find(void)
{
    char path[TEXT_ROOM], resolved[MOOR_PATH_MAX + 1];
    const struct agent *from = take_agent();
    moor_agent found = {0}, there;

    take_path(path);
    judge_step("find \"%s\" from %s", path, from->path);
    if (!model_resolve(from->path, path, resolved)) {
        judge_error(MOOR_BAD_PATH,
                    moor_find_path(names.registry, from->handle, path, &found));
        judge_number("handle", 0, found.bits);
        return;
    }
    there = agent_at(resolved);
    judge_error(there.bits == 0 ? MOOR_NOT_FOUND : MOOR_OK,
                moor_find_path(names.registry, from->handle, path, &found));
    judge_number("handle", there.bits, found.bits);
}

static void op_list(void)
{
    char prefix[TEXT_ROOM], resolved[MOOR_PATH_MAX + 1];
    const struct agent *from = take_agent();
    moor_list_filter filter = {from->handle, prefix, 0};
    uint64_t cursor = 0, want = 0;
    moor_info infos[OPERATIONS_MOST + 1];
    size_t count = 12345;
    bool ok;

    take_path(prefix);
    judge_step("list \"%s\" from %s", prefix, from->path);
    ok = model_resolve(from->path, prefix, resolved);
    judge_error(ok ? MOOR_OK : MOOR_BAD_PATH,
                moor_list(names.registry, &filter, &cursor, infos,
                          OPERATIONS_MOST + 1, &count));
    if (!ok) {
        judge_number("count", 12345, count);
        return;
    }
    for (size_t i = 0; i < names.count; i++) {
        want += names.agents[i].is_there &&
                model_is_below(names.agents[i].path, resolved);
    }
    judge_number("count", want, count);
    judge_number("cursor", 0, cursor);
    for (size_t i = 0; i < count; i++) {
        judge_that("below the prefix", model_is_below(infos[i].path, resolved));
        judge_number("agent", agent_at(infos[i].path).bits,
                     infos[i].agent.bits);
    }
}

/* --- ids ------------------------------------------------------------------ */

static void op_id(void)
{
    char text[TEXT_ROOM], written[MOOR_ID_TEXT];
    moor_id id;
    bool ok;

    text_id(&names.input, text);
    judge_step("id \"%s\"", text);
    memset(&id, 0x5a, sizeof id);
    ok = text_id_ok(text);
    judge_error(ok ? MOOR_OK : MOOR_BAD_ID, moor_id_parse(text, &id));
    if (!ok) {
        judge_number("id", 0x5a, id.bytes[15]);
        return;
    }
    for (char *at = text; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    moor_id_format(id, written);
    judge_text("id", text, written);
}

/* --- close ---------------------------------------------------------------- */

static void op_close(void)
{
    struct agent *agent = take_agent();
    moor_error want = agent == names.agents ? MOOR_IS_ROOT
                      : agent->children > 0 ? MOOR_HAS_CHILDREN
                                            : MOOR_OK;
    moor_agent found = {0};

    judge_step("close %s", agent->path);
    judge_error(want, moor_close(names.registry, agent->handle,
                                 MOOR_CLOSE_REFUSE, NULL));
    if (want == MOOR_OK) {
        agent->is_there = false;
        names.agents[agent->parent].children--;
        judge_error(MOOR_NOT_FOUND,
                    moor_find_path(names.registry, (moor_agent){0}, agent->path,
                                   &found));
    }
}

/* --- the config ----------------------------------------------------------- */

/* Names of the input that do not come twice; false: one is not well formed. */
static bool take_list(struct model_nicknames *list,
                      char texts[MODEL_NICKNAMES_MOST][TEXT_ROOM],
                      const char *pointers[MODEL_NICKNAMES_MOST], size_t *count)
{
    size_t wanted = input_below(&names.input, MODEL_NICKNAMES_MOST + 1);
    bool ok = true;

    *list = (struct model_nicknames){.ordinal = 1};
    *count = 0;
    for (size_t i = 0; i < wanted; i++) {
        bool again = false;

        text_nickname(&names.input, texts[*count]);
        for (size_t k = 0; k < *count; k++) {
            again = again || strcmp(texts[k], texts[*count]) == 0;
        }
        if (again) {
            continue;
        }
        pointers[*count] = texts[*count];
        if (model_text_ok(texts[*count], MOOR_NICKNAME_MAX)) {
            strcpy(list->names[list->count++], texts[*count]);
        } else {
            ok = false;
        }
        ++*count;
    }
    return ok;
}

static bool take_config(void)
{
    static char texts[1 + ROLES_MOST][MODEL_NICKNAMES_MOST][TEXT_ROOM];
    static const char *pointers[1 + ROLES_MOST][MODEL_NICKNAMES_MOST];
    moor_role roles[ROLES_MOST];
    moor_config config;
    bool ok;

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
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const operations[])(void) = {op_spawn, op_spawn, op_spawn,
                                               op_find,  op_list,  op_id,
                                               op_close, op_commit};

    judge_begin(data, size);
    names.input = input_of(data, size);
    names.registry = NULL;
    if (!take_config()) {
        judge_that("no registry was made", names.registry == NULL);
        return 0;
    }
    names.agents[0] = (struct agent){
        .handle = moor_root(names.registry), .path = "/root", .is_there = true};
    names.count = 1;
    while (input_left(&names.input) > 0 && names.count <= OPERATIONS_MOST) {
        operations[input_below(&names.input, 8)]();
    }
    judge_step("check");
    judge_error(MOOR_OK, moor_check(names.registry, true, NULL, 0));
    moor_destroy(names.registry);
    return 0;
}
