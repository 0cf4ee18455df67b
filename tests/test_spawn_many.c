/*
 * Several spawned at once: all or none, what each of them is, and what is left
 * of those that were not.
 */
#include "books.h"
#include "given.h"

enum { MOST = MOOR_SPAWN_MANY_MAX };

static moor_error spawn_many(moor_registry *registry,
                             const moor_spawn_options *options, size_t count,
                             moor_agent *agents)
{
    memset(agents, 0x5a, count * sizeof *agents);
    return moor_spawn_many(registry, options, count, agents, NULL);
}

/* Not granted: nothing has changed but the number of refusals, the agents were
 * not written, and a further spawn finds all that was asked for. */
static void expect_none(moor_registry *registry,
                        const moor_spawn_options *options, size_t count,
                        moor_error want)
{
    struct picture *before = picture(registry);
    uint64_t children = use_of(registry, nobody, MOOR_LIMIT_CHILDREN).used;
    uint64_t lifetime = use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used;
    moor_agent agents[MOST + 1];
    moor_error error = spawn_many(registry, options, count, agents);

    cr_assert_eq(error, want, "told %s", moor_error_name(error));
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(agents[i].bits, 0x5a5a5a5a5a5a5a5a);
    }
    if (error == MOOR_REFUSED) {
        memcpy(before->stats.refused, stats_of(registry).refused,
               sizeof before->stats.refused);
    }
    unchanged(registry, before, moor_error_name(error));
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_CHILDREN).used, children);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, lifetime);
    sound(registry);
}

/* --- granted -------------------------------------------------------------- */

Test(spawn_many, each_is_as_if_spawned_alone)
{
    static const moor_id id = {{7, 7}};
    moor_registry *registry = given();
    moor_agent parent = spawn_below(registry, nobody, "parent");
    const moor_spawn_options options[] = {
        {.name = "a", .role = "explorer"},
        {.parent = parent, .name = "a", .nickname = "Plato"},
        {.name = "b", .id = &id},
        {.name = NULL},
    };
    moor_agent agents[4], found;
    moor_info info;

    cr_assert_eq(spawn_many(registry, options, 4, agents), MOOR_OK);
    cr_assert_eq(at_path(registry, "/root/a").bits, agents[0].bits);
    cr_assert_eq(at_path(registry, "/root/parent/a").bits, agents[1].bits);
    cr_assert_eq(at_path(registry, "/root/b").bits, agents[2].bits);
    cr_assert_eq(at_path(registry, "/root/agent_1").bits, agents[3].bits);
    cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_OK);
    cr_assert_eq(found.bits, agents[2].bits);
    info = info_of(registry, agents[0]);
    cr_assert_str_eq(info.role, "explorer");
    cr_assert_eq(info.status, MOOR_STATUS_PENDING_INIT);
    cr_assert(info.slot);
    info = info_of(registry, agents[1]);
    cr_assert_str_eq(info.nickname, "Plato");
    cr_assert_eq(info.depth, 2);
    cr_assert_eq(info.parent.bits, parent.bits);
    cr_assert_eq(stats_of(registry).spawned, 5);
    cr_assert_eq(used(registry), 5);
    for (int i = 0; i < 4; i++) {
        bring(registry, agents[i], MOOR_STATUS_RUNNING);
        completes(registry, agents[i]);
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
    }
    cr_assert_eq(used(registry), 1);
    done(registry);
}

/* The order of their admission is that of the options, and they are older than
 * who comes next; also where the numbers of admissions begin anew. */
Test(spawn_many, the_first_is_the_oldest)
{
    enum { SEVERAL = 4, ALL = SEVERAL + 1, ROUNDS = 400 };
    const int numbers = 1 << TOTAL_NUMBER_BITS;
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, ALL);
    const moor_spawn_options options[SEVERAL] = {{.name = NULL}};

    moor_store_release(&registry->lifetime.word,
                       (uint64_t)(numbers - ROUNDS / 2 * ALL)
                           << TOTAL_USED_BITS);
    for (int round = 0; round < ROUNDS; round++) {
        moor_agent agents[ALL], more;
        moor_refusal refusal;

        cr_assert_eq(spawn_many(registry, options, SEVERAL, agents), MOOR_OK);
        agents[SEVERAL] = spawn(registry);
        cr_assert_eq(moor_spawn(registry, options, &more, &refusal),
                     MOOR_REFUSED);
        cr_assert_eq(refusal.holders_count, ALL);
        for (int i = 0; i < ALL; i++) {
            cr_assert_eq(refusal.holders[i].agent.bits, agents[i].bits);
        }
        for (int i = ALL; i > 0; i--) {
            cr_assert_eq(close_it(registry, agents[i - 1]), MOOR_OK);
        }
    }
    done(registry);
}

Test(spawn_many, as_many_as_there_is_room_for_under_every_policy)
{
    const moor_spawn_options options[MOST] = {{.name = NULL}};

    for (int release = 0; release < MOOR_RELEASES; release++) {
        for (size_t count = 1; count <= MOST; count *= 2) {
            moor_registry *registry =
                given_policy((moor_release)release, (uint32_t)count);
            moor_agent agents[MOST];

            cr_assert_eq(spawn_many(registry, options, count, agents), MOOR_OK);
            cr_assert_eq(used(registry), count);
            expect_none(registry, options, 1, MOOR_REFUSED);
            cr_assert_eq(close_it(registry, agents[0]), MOOR_OK);
            if (count > 1) {
                expect_none(registry, options, 2, MOOR_REFUSED);
            }
            cr_assert_eq(spawn_many(registry, options, 1, agents), MOOR_OK);
            cr_assert_eq(used(registry), count);
            done(registry);
        }
    }
}

Test(spawn_many, on_reserve_what_is_idle_makes_room)
{
    moor_registry *registry = given_policy(MOOR_ON_RESERVE, 3);
    const moor_spawn_options options[4] = {{.name = NULL}};
    moor_agent agents[4], live;

    cr_assert_eq(spawn_many(registry, options, 3, agents), MOOR_OK);
    completes(registry, agents[0]);
    completes(registry, agents[1]);
    live = agents[2];
    cr_assert_eq(used(registry), 3);
    cr_assert_eq(spawn_many(registry, options, 2, agents), MOOR_OK);
    cr_assert_eq(used(registry), 3);
    cr_assert(info_of(registry, live).slot);
    cr_assert_eq(moor_spawn_many(registry, options, 1, agents, NULL),
                 MOOR_REFUSED);
    done(registry);
}

/* --- refused by a limit --------------------------------------------------- */

Test(spawn_many, too_many_for_the_running_slots)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, 3);
    const moor_spawn_options options[3] = {{.name = NULL}};
    moor_agent first = spawn(registry), agents[3];
    moor_refusal refusal;

    expect_none(registry, options, 3, MOOR_REFUSED);
    cr_assert_eq(moor_spawn_many(registry, options, 3, agents, &refusal),
                 MOOR_REFUSED);
    cr_assert_eq(refusal.limit, MOOR_LIMIT_RUNNING);
    cr_assert_eq(refusal.limit_value, 3);
    cr_assert_eq(refusal.used, 1);
    cr_assert_eq(refusal.holders_count, 1);
    cr_assert_eq(refusal.holders[0].agent.bits, first.bits);
    cr_assert_eq(stats_of(registry).refused[MOOR_LIMIT_RUNNING], 2);
    cr_assert_eq(spawn_many(registry, options, 2, agents), MOOR_OK);
    done(registry);
}

/* Names of the registry's making go on; nothing else does. */
Test(spawn_many, too_many_for_another_limit)
{
    static const struct {
        moor_limit limit;
        uint32_t value, fit;
    } rows[] = {{MOOR_LIMIT_CHILDREN, 2, 2},
                {MOOR_LIMIT_LIFETIME, 2, 2},
                {MOOR_LIMIT_DEPTH, 0, 0}};

    for (int i = 0; i < 3; i++) {
        moor_registry *registry = given_limit(rows[i].limit, rows[i].value);
        const moor_spawn_options options[3] = {{.name = NULL}};
        moor_agent agents[3];
        moor_refusal refusal = {0};

        expect_none(registry, options, rows[i].fit + 1, MOOR_REFUSED);
        cr_assert_eq(moor_spawn_many(registry, options, rows[i].fit + 1, agents,
                                     &refusal),
                     MOOR_REFUSED);
        cr_assert_eq(refusal.limit, rows[i].limit);
        cr_assert_eq(stats_of(registry).refused[rows[i].limit], 2);
        if (rows[i].fit > 0) {
            cr_assert_eq(spawn_many(registry, options, rows[i].fit, agents),
                         MOOR_OK);
        }
        done(registry);
    }
}

/* --- one of them cannot be ------------------------------------------------ */

Test(spawn_many, names_and_ids_that_meet)
{
    static const moor_id id = {{1}}, nil = {{0}};
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    moor_agent there = spawn_below(registry, nobody, "there"), agents[3];
    moor_spawn_options options[3] = {{.name = "a"}, {.name = "b"}};

    options[2] = (moor_spawn_options){.name = "a"};
    expect_none(registry, options, 3, MOOR_PATH_TAKEN);
    options[2] = (moor_spawn_options){.name = "there"};
    expect_none(registry, options, 3, MOOR_PATH_TAKEN);
    options[2] = (moor_spawn_options){.name = "No"};
    expect_none(registry, options, 3, MOOR_BAD_PATH);
    options[2] = (moor_spawn_options){.name = "c", .id = &nil};
    expect_none(registry, options, 3, MOOR_BAD_ID);
    options[0].id = options[2].id = &id;
    expect_none(registry, options, 3, MOOR_ID_TAKEN);
    options[2].id = NULL;
    options[2].parent = (moor_agent){there.bits + 1000};
    expect_none(registry, options, 3, MOOR_NOT_FOUND);
    options[2].parent = there;
    cr_assert_eq(close_it(registry, there), MOOR_OK);
    expect_none(registry, options, 3, MOOR_STALE);
    /* Nothing of all that is in the way. */
    options[2].parent = nobody;
    cr_assert_eq(spawn_many(registry, options, 3, agents), MOOR_OK);
    done(registry);
}

Test(spawn_many, below_a_fence)
{
    moor_registry *registry = given();
    moor_agent live = spawn(registry);
    const moor_spawn_options options[2] = {{.name = "a"}, {.parent = live}};

    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_FENCE, NULL), MOOR_OK);
    expect_none(registry, options, 2, MOOR_FENCED);
    done(registry);
}

Test(spawn_many, nicknames_are_drawn_only_when_granted)
{
    static const char *const names[] = {"Plato", "Kant"};
    moor_registry *registry;
    moor_config config;
    const moor_spawn_options options[3] = {
        {.name = "a"}, {.name = "b"}, {.name = "a"}};
    moor_agent agents[2];

    moor_config_default(&config);
    config.nicknames = names;
    config.nicknames_count = 2;
    registry = given_config(&config);
    expect_none(registry, options, 3, MOOR_PATH_TAKEN);
    cr_assert_eq(spawn_many(registry, options, 2, agents), MOOR_OK);
    cr_assert_str_neq(info_of(registry, agents[0]).nickname,
                      info_of(registry, agents[1]).nickname);
    cr_assert_null(strstr(info_of(registry, agents[0]).nickname, "2nd"));
    cr_assert_null(strstr(info_of(registry, agents[1]).nickname, "2nd"));
    /* Both are used up. */
    cr_assert_not_null(
        strstr(info_of(registry, spawn(registry)).nickname, "2nd"));
    done(registry);
}

/* --- arguments ------------------------------------------------------------ */

Test(spawn_many, bad_arguments)
{
    static const moor_patience none = {0}, some = {.timeout_ms = 1};
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    moor_spawn_options options[MOST + 1] = {{.name = NULL}};
    moor_agent agents[MOST + 1];

    cr_expect_eq(moor_spawn_many(NULL, options, 1, agents, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_spawn_many(registry, NULL, 1, agents, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_spawn_many(registry, options, 1, NULL, NULL),
                 MOOR_BAD_ARGUMENT);
    expect_none(registry, options, 0, MOOR_BAD_ARGUMENT);
    expect_none(registry, options, MOST + 1, MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_spawn_many(registry, options, SIZE_MAX, agents, NULL),
                 MOOR_BAD_ARGUMENT);
    options[1].patience = &none;
    expect_none(registry, options, 2, MOOR_BAD_ARGUMENT);
    options[1].patience = &some;
    expect_none(registry, options, 2, MOOR_BAD_ARGUMENT);
    options[1] = (moor_spawn_options){.role = ""};
    expect_none(registry, options, 2, MOOR_BAD_ARGUMENT);
    options[1] = (moor_spawn_options){.name = NULL};
    cr_expect_eq(moor_spawn_many(registry, options, MOST, agents, NULL),
                 MOOR_OK);
    done(registry);
}
