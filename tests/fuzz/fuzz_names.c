/*
 * Names: does the library take what is well formed, and nothing else?
 *
 * Goal    section by section of agent.h: segments, paths, roles, nicknames,
 *         ids.  What is well formed is taken, and found again: name, path, id.
 *         What is not is answered with its error, and nothing has changed.
 * Method  a config with nickname lists, then operations with texts of the
 *         input; model_names.c says what is well formed.
 * Limits  a preferred nickname that reads like one of a later round of its list
 *         may be drawn again in that round; nothing here minds.
 */
#include <ctype.h>
#include <stdio.h>

#include "judge.h"
#include "names_world.h"

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

static bool path_taken(const char *path)
{
    return names_at(path).bits != 0;
}

/* --- spawn ---------------------------------------------------------------- */

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
    struct model_nicknames *list = names_list_of(options->role);

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

/* Numbers of made names may have up to ten digits here. */
static bool made_name_fits(const struct agent *parent)
{
    return strlen(parent->path) + 20 < MOOR_PATH_MAX;
}

/* Spawns and judges; null: it was no. */
static struct agent *spawn(struct agent *parent, moor_spawn_options options)
{
    moor_stats before = stats();
    moor_agent agent = {0};
    moor_error want, error;

    options.parent = parent->handle;
    if (options.name == NULL && !made_name_fits(parent)) {
        options.name = "x";
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
        return &names.agents[names.count - 1];
    }
    judge_unchanged(&before);
    judge_number("handle", 0, agent.bits);
    return NULL;
}

static void op_spawn(void)
{
    char name[TEXT_ROOM], role[TEXT_ROOM], nickname[TEXT_ROOM];
    struct agent *parent = names_take_agent();
    unsigned given = input_byte(&names.input);
    moor_spawn_options options = {0};

    if ((given & 1) != 0) {
        text_name(&names.input, name);
        options.name = name;
    }
    if ((given & 6) == 6) {
        text_nickname(&names.input, role);
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
    (void)spawn(parent, options);
}

static void letters(char *text, size_t length)
{
    memset(text, 'a', length);
    text[length] = '\0';
}

/* A chain of agents, to where paths have too many segments or bytes: the last
 * name fills the path up to the last byte, to one less or to one more. */
static void op_deep(void)
{
    char name[MOOR_SEGMENT_MAX + 3];
    struct agent *at = names_take_agent();
    unsigned links = input_below(&names.input, 34);
    size_t length = 1 + input_below(&names.input, MOOR_SEGMENT_MAX);
    size_t more = input_below(&names.input, 3), room;

    letters(name, length);
    for (; at != NULL && links > 0 && names.count < AGENTS_MOST; links--) {
        room = MOOR_PATH_MAX - strlen(at->path);
        if (room > 1 && room <= MOOR_SEGMENT_MAX + 1) {
            letters(name, room - 2 + more);
        }
        at = spawn(at, (moor_spawn_options){.name = name});
    }
}

/* --- commit with a path --------------------------------------------------- */

static void op_commit(void)
{
    char path[TEXT_ROOM];
    struct agent *parent = names_take_agent();
    const moor_spawn_options options = {.parent = parent->handle};
    moor_ticket ticket = {0};
    moor_agent agent = {0};
    moor_info info;
    moor_error want, error;

    if (!made_name_fits(parent)) {
        return;
    }
    names_take_path(path);
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
    const struct agent *from = names_take_agent();
    moor_agent found = {0}, there;

    names_take_path(path);
    judge_step("find \"%s\" from %s", path, from->path);
    if (!model_resolve(from->path, path, resolved)) {
        judge_error(MOOR_BAD_PATH,
                    moor_find_path(names.registry, from->handle, path, &found));
        judge_number("handle", 0, found.bits);
        return;
    }
    there = names_at(resolved);
    judge_error(there.bits == 0 ? MOOR_NOT_FOUND : MOOR_OK,
                moor_find_path(names.registry, from->handle, path, &found));
    judge_number("handle", there.bits, found.bits);
}

static void op_list(void)
{
    char prefix[TEXT_ROOM], resolved[MOOR_PATH_MAX + 1];
    const struct agent *from = names_take_agent();
    moor_list_filter filter = {from->handle, prefix, 0};
    uint64_t cursor = 0, want = 0;
    moor_info infos[AGENTS_MOST];
    size_t count = 12345;
    bool ok;

    names_take_path(prefix);
    judge_step("list \"%s\" from %s", prefix, from->path);
    ok = model_resolve(from->path, prefix, resolved);
    judge_error(ok ? MOOR_OK : MOOR_BAD_PATH,
                moor_list(names.registry, &filter, &cursor, infos, AGENTS_MOST,
                          &count));
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
        judge_number("agent", names_at(infos[i].path).bits,
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
    struct agent *agent = names_take_agent();
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const operations[])(void) = {op_spawn, op_deep,  op_spawn,
                                               op_find,  op_list,  op_id,
                                               op_close, op_commit};

    judge_begin(data, size);
    if (!names_begin(input_of(data, size))) {
        judge_that("no registry was made", names.registry == NULL);
        return 0;
    }
    while (input_left(&names.input) > 0 && names.count < AGENTS_MOST) {
        operations[input_below(&names.input, 8)]();
    }
    judge_step("check");
    judge_error(MOOR_OK, moor_check(names.registry, true, NULL, 0));
    moor_destroy(names.registry);
    return 0;
}
