/*
 * Configs: does moor_create take those that registry.h allows, and no others?
 *
 * Goal    any config, with enumerators out of range, null names, names that
 *         are no UTF-8, roles that come twice, any limit: made or refused as
 *         the header says.  What was made has the limits and the policies that
 *         were asked for, and admits as far as they say.
 * Method  the bytes are the config; then the registry is filled until it
 *         refuses, its agents end, and by its policy it admits again.
 */
#include "fuzz.h"
#include "judge.h"
#include "model_names.h"
#include "texts.h"

enum { NAMES_MOST = 6, ROLES_MOST = 4, SPAWNS_MOST = 12 };

struct list {
    char texts[NAMES_MOST][TEXT_ROOM];
    const char *names[NAMES_MOST];
};

static struct {
    struct input input;
    moor_config config;
    struct list lists[1 + ROLES_MOST]; /* the registry's, then the roles' */
    char role_names[ROLES_MOST][TEXT_ROOM];
    moor_role roles[ROLES_MOST];
    bool ok;
    moor_registry *registry;
} given;

/* --- the config ----------------------------------------------------------- */

static uint32_t take_limit(void)
{
    unsigned kind = input_below(&given.input, 8);

    return kind == 0   ? MOOR_UNLIMITED
           : kind == 1 ? input_word(&given.input)
                       : input_below(&given.input, 8);
}

/* A value of an enumeration, or now and then none. */
static unsigned take_choice(unsigned count)
{
    unsigned kind = input_below(&given.input, 32);

    if (kind == 0) {
        unsigned any = input_word(&given.input);

        given.ok = given.ok && any < count;
        return any;
    }
    return kind % count;
}

/* Writes pointer and count; now and then a null name, or no names at all. */
static void take_list(struct list *list, const char *const **names,
                      size_t *count)
{
    *count = input_below(&given.input, NAMES_MOST + 1);
    *names = list->names;
    for (size_t i = 0; i < *count; i++) {
        text_nickname(&given.input, list->texts[i]);
        list->names[i] = list->texts[i];
        if (input_below(&given.input, 32) == 1) {
            list->names[i] = NULL;
        }
        given.ok = given.ok && list->names[i] != NULL &&
                   model_text_ok(list->names[i], MOOR_NICKNAME_MAX);
    }
    if (input_below(&given.input, 32) == 1) {
        *names = NULL;
        given.ok = given.ok && *count == 0;
    }
}

static void take_role(size_t which)
{
    moor_role *role = &given.roles[which];

    text_nickname(&given.input, given.role_names[which]);
    role->name = given.role_names[which];
    if (input_below(&given.input, 32) == 1) {
        role->name = NULL;
    }
    take_list(&given.lists[1 + which], &role->nicknames,
              &role->nicknames_count);
    given.ok = given.ok && role->name != NULL &&
               model_text_ok(role->name, MOOR_ROLE_MAX);
    for (size_t i = 0; given.ok && i < which; i++) {
        given.ok = strcmp(role->name, given.roles[i].name) != 0;
    }
}

static void take_config(void)
{
    moor_config *config = &given.config;

    given.ok = true;
    for (int i = 0; i < MOOR_LIMITS; i++) {
        config->limits[i] = take_limit();
    }
    config->release = (moor_release)take_choice(MOOR_RELEASES);
    config->close_rule = (moor_close_rule)take_choice(MOOR_CLOSE_RULES);
    take_list(&given.lists[0], &config->nicknames, &config->nicknames_count);
    config->roles_count = input_below(&given.input, ROLES_MOST + 1);
    config->roles = given.roles;
    for (size_t i = 0; i < config->roles_count; i++) {
        take_role(i);
    }
    if (input_below(&given.input, 32) == 1) {
        config->roles = NULL;
        given.ok = given.ok && config->roles_count == 0;
    }
}

/* --- the registry --------------------------------------------------------- */

static moor_capacity capacity(void)
{
    moor_capacity now = {0};

    judge_error(MOOR_OK,
                moor_capacity_of(given.registry, (moor_agent){0}, &now));
    return now;
}

/* As it was asked for, and empty. */
static void judge_empty(void)
{
    moor_capacity now = capacity();
    moor_status status = MOOR_STATUSES;

    judge_step("an empty registry");
    for (int i = 0; i < MOOR_LIMITS; i++) {
        judge_number(moor_limit_name((moor_limit)i), given.config.limits[i],
                     now.of[i].limit);
        judge_number("used", 0, now.of[i].used);
    }
    judge_error(MOOR_OK, moor_status_of(given.registry,
                                        moor_root(given.registry), &status));
    judge_status("root", MOOR_STATUS_RUNNING, status);
}

/* The limit that refuses child number `count` of the root. */
static moor_limit refusing(uint32_t count)
{
    const uint32_t *limits = given.config.limits;

    if (limits[MOOR_LIMIT_DEPTH] < 1) {
        return MOOR_LIMIT_DEPTH;
    }
    return count >= limits[MOOR_LIMIT_CHILDREN]   ? MOOR_LIMIT_CHILDREN
           : count >= limits[MOOR_LIMIT_LIFETIME] ? MOOR_LIMIT_LIFETIME
           : count >= limits[MOOR_LIMIT_RESIDENT] ? MOOR_LIMIT_RESIDENT
           : count >= limits[MOOR_LIMIT_RUNNING]  ? MOOR_LIMIT_RUNNING
                                                  : MOOR_LIMITS;
}

/* Spawns below the root until a limit says no, or there are enough. */
static uint32_t fill(moor_agent agents[SPAWNS_MOST])
{
    uint32_t count = 0;
    moor_refusal refusal = {.limit = MOOR_LIMITS};

    for (; count < SPAWNS_MOST; count++) {
        moor_limit by = refusing(count);
        const moor_spawn_options options = {
            .role = given.config.roles_count > 0 ? given.roles[0].name : NULL};
        moor_error error =
            moor_spawn(given.registry, &options, &agents[count], &refusal);

        judge_step("spawn %u", count);
        judge_error(by == MOOR_LIMITS ? MOOR_OK : MOOR_REFUSED, error);
        if (error == MOOR_REFUSED) {
            judge_number("refused by", by, refusal.limit);
            judge_number("its value", given.config.limits[by],
                         refusal.limit_value);
            judge_number("used", by == MOOR_LIMIT_DEPTH ? 0 : count,
                         refusal.used);
            return count;
        }
    }
    return count;
}

/* How many slots are taken when all have ended, by policy; then reaped. */
static void end_all(const moor_agent *agents, uint32_t count)
{
    static const bool keeps[] = {[MOOR_ON_COMPLETION] = false,
                                 [MOOR_ON_TURN_END] = true,
                                 [MOOR_ON_RESERVE] = true,
                                 [MOOR_ON_CLOSE] = true};
    moor_release release = given.config.release;
    uint64_t reaped = 99, kept = keeps[release] ? count : 0;

    judge_step("all end");
    for (uint32_t i = 0; i < count; i++) {
        judge_error(MOOR_OK, moor_finish(given.registry, agents[i],
                                         MOOR_STATUS_COMPLETED, NULL, 0));
    }
    judge_number("used", kept, capacity().of[MOOR_LIMIT_RUNNING].used);
    judge_step("reap");
    judge_error(MOOR_OK, moor_reap(given.registry, &reaped));
    judge_number("reaped", release == MOOR_ON_CLOSE ? 0 : kept, reaped);
    judge_number("used", release == MOOR_ON_CLOSE ? kept : 0,
                 capacity().of[MOOR_LIMIT_RUNNING].used);
}

static void close_all(const moor_agent *agents, uint32_t count)
{
    moor_closed closed;

    judge_step("close all");
    for (uint32_t i = 0; i < count; i++) {
        judge_error(MOOR_OK, moor_close(given.registry, agents[i],
                                        MOOR_CLOSE_BY_RULE, &closed));
        judge_status("previous", MOOR_STATUS_COMPLETED, closed.previous);
        judge_number("closed", 1, closed.closed);
    }
    judge_number("used", 0, capacity().of[MOOR_LIMIT_RUNNING].used);
    judge_number("children", 0, capacity().of[MOOR_LIMIT_CHILDREN].used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    moor_agent agents[SPAWNS_MOST];
    uint32_t count;

    judge_begin(data, size);
    given.input = input_of(data, size);
    given.registry = NULL;
    take_config();
    judge_step("create, %s and %s", moor_release_name(given.config.release),
               moor_close_rule_name(given.config.close_rule));
    judge_error(MOOR_BAD_ARGUMENT, moor_create(&given.config, NULL));
    judge_error(given.ok ? MOOR_OK : MOOR_BAD_ARGUMENT,
                moor_create(&given.config, &given.registry));
    judge_that("a registry, or none", given.ok == (given.registry != NULL));
    if (given.ok) {
        judge_empty();
        count = fill(agents);
        end_all(agents, count);
        close_all(agents, count);
        judge_error(MOOR_OK, moor_check(given.registry, true, NULL, 0));
        moor_destroy(given.registry);
    }
    return 0;
}
