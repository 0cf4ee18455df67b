/*
 * Admission: the order of judgement.  Each reason not to admit can be brought
 * about by itself; every combination of them must be answered by the first in
 * the order of the header, and must leave nothing behind.
 */
#include "given.h"

enum reason {
    PARENT_STALE,
    BAD_NAME,
    NIL_ID,
    FENCE,
    PATH_TAKEN,
    ID_TAKEN,
    DEPTH,
    CHILDREN,
    LIFETIME,
    RUNNING,
    REASONS
};

static const struct row {
    moor_error error;
    moor_limit limit;
} answers[REASONS] = {
    [PARENT_STALE] = {MOOR_STALE, MOOR_LIMITS},
    [BAD_NAME] = {MOOR_BAD_PATH, MOOR_LIMITS},
    [NIL_ID] = {MOOR_BAD_ID, MOOR_LIMITS},
    [FENCE] = {MOOR_FENCED, MOOR_LIMITS},
    [PATH_TAKEN] = {MOOR_PATH_TAKEN, MOOR_LIMITS},
    [ID_TAKEN] = {MOOR_ID_TAKEN, MOOR_LIMITS},
    [DEPTH] = {MOOR_REFUSED, MOOR_LIMIT_DEPTH},
    [CHILDREN] = {MOOR_REFUSED, MOOR_LIMIT_CHILDREN},
    [LIFETIME] = {MOOR_REFUSED, MOOR_LIMIT_LIFETIME},
    [RUNNING] = {MOOR_REFUSED, MOOR_LIMIT_RUNNING},
};

static const moor_id used_id = {{1, 2, 3}}, free_id = {{4, 5, 6}}, nil = {{0}};

static bool has(unsigned reasons, enum reason reason)
{
    return (reasons >> reason & 1) != 0;
}

/* One name cannot be ill formed and taken, nor one id nil and in use; and of a
 * parent that is gone nothing else can be said. */
static bool possible(unsigned reasons)
{
    return !(has(reasons, BAD_NAME) && has(reasons, PATH_TAKEN)) &&
           !(has(reasons, NIL_ID) && has(reasons, ID_TAKEN)) &&
           !(has(reasons, PARENT_STALE) &&
             (has(reasons, FENCE) || has(reasons, CHILDREN)));
}

struct scene {
    moor_registry *registry;
    moor_agent parent; /* depth 1, one child */
    moor_agent gone;
};

static struct scene scene(moor_release release)
{
    static const char *const nicknames[] = {"a", "b", "c", "Plato"};
    moor_spawn_options options = {.name = "taken", .id = &used_id};
    struct scene scene;
    moor_config config;

    moor_config_default(&config);
    config.release = release;
    config.nicknames = nicknames;
    config.nicknames_count = 4;
    scene.registry = given_config(&config);
    scene.gone = spawn(scene.registry);
    scene.parent = spawn(scene.registry);
    options.parent = scene.parent;
    cr_assert_eq(moor_spawn(scene.registry, &options, &(moor_agent){0}, NULL),
                 MOOR_OK);
    cr_assert_eq(close_it(scene.registry, scene.gone), MOOR_OK);
    return scene; /* three of four nicknames are used */
}

static void set(struct scene *scene, moor_limit which, uint32_t value)
{
    cr_assert_eq(moor_set_limit(scene->registry, which, value), MOOR_OK);
}

static void bring_about(struct scene *scene, unsigned reasons)
{
    if (has(reasons, FENCE)) {
        cr_assert_eq(moor_turn_end(scene->registry, MOOR_LEFT_FENCE, NULL),
                     MOOR_OK);
    }
    if (has(reasons, DEPTH)) set(scene, MOOR_LIMIT_DEPTH, 1);
    if (has(reasons, CHILDREN)) set(scene, MOOR_LIMIT_CHILDREN, 1);
    if (has(reasons, LIFETIME)) set(scene, MOOR_LIMIT_LIFETIME, 3);
    if (has(reasons, RUNNING)) set(scene, MOOR_LIMIT_RUNNING, 2);
}

static void lift(struct scene *scene)
{
    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        set(scene, (moor_limit)limit, MOOR_UNLIMITED);
    }
}

static moor_spawn_options options_for(const struct scene *scene,
                                      unsigned reasons, bool with_id)
{
    moor_spawn_options options = {
        .parent = has(reasons, PARENT_STALE) ? scene->gone : scene->parent,
        .name = has(reasons, BAD_NAME)     ? "Bad/Name"
                : has(reasons, PATH_TAKEN) ? "taken"
                                           : "fresh"};

    if (with_id) {
        options.id = has(reasons, NIL_ID)     ? &nil
                     : has(reasons, ID_TAKEN) ? &used_id
                                              : &free_id;
    }
    return options;
}

static const struct row *first_of(unsigned reasons)
{
    for (int reason = 0; reason < REASONS; reason++) {
        if (has(reasons, (enum reason)reason)) return &answers[reason];
    }
    return NULL;
}

/* Nothing but the counter of refusals has changed, and no nickname was drawn:
 * the last one is still there for the next. */
static void left_nothing(struct scene *scene, struct picture *before,
                         const struct row *row)
{
    moor_spawn_options options = {.name = "next"};
    moor_agent agent;

    if (row->error == MOOR_REFUSED) before->stats.refused[row->limit]++;
    unchanged(scene->registry, before, "an admission that was not granted");
    lift(scene);
    cr_assert_eq(moor_spawn(scene->registry, &options, &agent, NULL), MOOR_OK);
    cr_assert_null(strstr(info_of(scene->registry, agent).nickname, " the 2nd"),
                   "a nickname was drawn");
}

static void judge(moor_release release, unsigned reasons, bool by_reserve)
{
    struct scene now = scene(release);
    const struct row *row = first_of(reasons);
    moor_spawn_options options = options_for(&now, reasons, !by_reserve);
    moor_refusal refusal = {.limit = MOOR_LIMITS};
    struct picture *before;
    moor_agent agent = {0};
    moor_ticket ticket = {0};
    moor_error error;

    bring_about(&now, reasons);
    before = picture(now.registry);
    error = by_reserve ? moor_reserve(now.registry, &options, &ticket, &refusal)
                       : moor_spawn(now.registry, &options, &agent, &refusal);
    cr_assert_eq(error, row->error, "reasons %x: %s", reasons,
                 moor_error_name(error));
    cr_assert_eq(refusal.limit, row->limit, "reasons %x: %s", reasons,
                 moor_limit_name(refusal.limit));
    cr_assert_eq(agent.bits | ticket.bits, 0, "written though not granted");
    if (has(reasons, FENCE)) {
        free(before);
    } else {
        left_nothing(&now, before, row);
    }
    done(now.registry);
}

static void judge_all(bool by_reserve)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        for (unsigned reasons = 1; reasons < 1U << REASONS; reasons++) {
            if (!possible(reasons)) continue;
            if (by_reserve &&
                (has(reasons, NIL_ID) || has(reasons, ID_TAKEN))) {
                continue;
            }
            judge((moor_release)release, reasons, by_reserve);
        }
    }
}

Test(admission, spawn_answers_the_first_reason)
{
    judge_all(false);
}

Test(admission, reserve_answers_the_first_reason)
{
    judge_all(true);
}

/* --- what is not in the order --------------------------------------------- */

Test(admission, a_parent_that_never_was_is_not_found)
{
    moor_registry *registry = given();
    moor_agent forged = {moor_root(registry).bits + 77};
    moor_spawn_options options = {.parent = forged, .name = "Bad"};
    moor_agent agent;

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_NOT_FOUND);
    done(registry);
}

/* The whole path is a part of the name. */
Test(admission, a_path_that_would_be_too_long_comes_before_the_fence)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    moor_agent parent = nobody;
    moor_spawn_options options = {.name = "a"};
    moor_agent agent;

    for (int i = 1; i < MOOR_SEGMENTS_MAX; i++) {
        parent = spawn_below(registry, parent, "a");
    }
    options.parent = parent;
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_BAD_PATH);
    options.name = NULL;
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_BAD_PATH);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_FENCE, NULL), MOOR_OK);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_BAD_PATH);
    done(registry);
}

Test(admission, names_are_one_segment)
{
    static const char *const bad[] = {
        "",    "root", ".",   "..",       "a/b", "/root/a", "a/",  "A",
        "a b", "a-b",  "a.b", "\xc3\xa4", "a\n", "/",       "\xff"};
    moor_registry *registry = given();
    struct picture *before = picture(registry);
    char name[MOOR_SEGMENT_MAX + 2];
    moor_spawn_options options = {.name = name};
    moor_ticket ticket;

    for (size_t i = 0; i <= sizeof bad / sizeof bad[0]; i++) {
        memset(name, 'a', sizeof name); /* the last one is too long */
        name[MOOR_SEGMENT_MAX + 1] = '\0';
        if (i < sizeof bad / sizeof bad[0]) strcpy(name, bad[i]);
        cr_expect_eq(moor_spawn(registry, &options, &(moor_agent){0}, NULL),
                     MOOR_BAD_PATH, "%s", name);
        cr_expect_eq(moor_reserve(registry, &options, &ticket, NULL),
                     MOOR_BAD_PATH, "%s", name);
    }
    unchanged(registry, before, "a bad name");
    name[MOOR_SEGMENT_MAX] = '\0';
    cr_expect_eq(moor_spawn(registry, &options, &(moor_agent){0}, NULL),
                 MOOR_OK);
    done(registry);
}

Test(admission, null_and_ill_formed_arguments)
{
    moor_registry *registry = given();
    struct picture *before = picture(registry);
    moor_spawn_options options = {0};
    moor_agent agent = {0};
    moor_ticket ticket = {0};

    cr_expect_eq(moor_spawn(NULL, &options, &agent, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_spawn(registry, NULL, &agent, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_spawn(registry, &options, NULL, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_reserve(NULL, &options, &ticket, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_reserve(registry, NULL, &ticket, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_reserve(registry, &options, NULL, NULL),
                 MOOR_BAD_ARGUMENT);
    options.id = &free_id;
    cr_expect_eq(moor_reserve(registry, &options, &ticket, NULL),
                 MOOR_BAD_ARGUMENT, "a reservation has no id yet");
    unchanged(registry, before, "a bad argument");
    done(registry);
}

static void bad_text(moor_registry *registry, moor_spawn_options options)
{
    moor_agent agent;
    moor_ticket ticket;

    cr_expect_eq(moor_spawn(registry, &options, &agent, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_reserve(registry, &options, &ticket, NULL),
                 MOOR_BAD_ARGUMENT);
}

Test(admission, roles_and_nicknames_are_1_to_64_bytes_of_utf_8)
{
    static const char *const bad[] = {"", "\xff", "\xc3", "\xed\xa0\x80"};
    moor_registry *registry = given();
    struct picture *before = picture(registry);
    char text[66];

    for (int i = 0; i < 4; i++) {
        bad_text(registry, (moor_spawn_options){.role = bad[i]});
        bad_text(registry, (moor_spawn_options){.nickname = bad[i]});
    }
    memset(text, 'x', 65);
    text[65] = '\0';
    bad_text(registry, (moor_spawn_options){.role = text});
    bad_text(registry, (moor_spawn_options){.nickname = text});
    unchanged(registry, before, "a bad text");
    text[64] = '\0';
    cr_expect_eq(
        moor_spawn(registry,
                   &(moor_spawn_options){.role = text, .nickname = text},
                   &(moor_agent){0}, NULL),
        MOOR_OK);
    done(registry);
}
