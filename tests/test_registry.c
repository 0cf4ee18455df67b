/*
 * The registry: its configuration, its root, its settings.
 */
#include "given.h"

static moor_error create(const moor_config *config)
{
    moor_registry *registry = NULL;
    moor_error error = moor_create(config, &registry);

    cr_assert_eq(registry != NULL, error == MOOR_OK);
    moor_destroy(registry);
    return error;
}

static moor_config defaults(void)
{
    moor_config config;

    moor_config_default(&config);
    return config;
}

/* --- configuration -------------------------------------------------------- */

Test(registry, the_defaults)
{
    moor_config config;

    memset(&config, 0x5a, sizeof config);
    moor_config_default(&config);
    cr_assert_eq(config.limits[MOOR_LIMIT_RUNNING], 6);
    cr_assert_eq(config.limits[MOOR_LIMIT_DEPTH], MOOR_UNLIMITED);
    cr_assert_eq(config.limits[MOOR_LIMIT_CHILDREN], MOOR_UNLIMITED);
    cr_assert_eq(config.limits[MOOR_LIMIT_LIFETIME], MOOR_UNLIMITED);
    cr_assert_eq(config.release, MOOR_ON_COMPLETION);
    cr_assert_eq(config.close_rule, MOOR_CASCADE);
    cr_assert_eq(config.nicknames_count, 0);
    cr_assert_eq(config.roles_count, 0);
    moor_config_default(NULL);
}

Test(registry, null_is_the_defaults)
{
    moor_registry *registry = given();

    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        moor_use use = use_of(registry, nobody, (moor_limit)limit);

        cr_assert_eq(use.used, 0);
        cr_assert_eq(use.limit,
                     limit == MOOR_LIMIT_RUNNING ? 6 : MOOR_UNLIMITED);
    }
    done(registry);
}

Test(registry, each_policy_and_rule_is_taken)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        for (int rule = 0; rule < MOOR_CLOSE_RULES; rule++) {
            moor_config config = defaults();

            config.release = (moor_release)release;
            config.close_rule = (moor_close_rule)rule;
            cr_assert_eq(create(&config), MOOR_OK);
        }
    }
}

Test(registry, values_out_of_range_are_not)
{
    static const int values[] = {-1, 4, 100, 1 << 30};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        moor_config config = defaults();

        config.release = (moor_release)values[i];
        cr_expect_eq(create(&config), MOOR_BAD_ARGUMENT);
        config = defaults();
        config.close_rule = (moor_close_rule)values[i];
        cr_expect_eq(create(&config), MOOR_BAD_ARGUMENT);
    }
    cr_expect_eq(moor_create(NULL, NULL), MOOR_BAD_ARGUMENT);
}

/* --- nicknames and roles -------------------------------------------------- */

static char long64[65], long65[66];

static void make_long(void)
{
    memset(long64, 'x', 64);
    memset(long65, 'x', 65);
}

static moor_error with_nickname(const char *nickname)
{
    const char *names[] = {"Plato", nickname};
    moor_config config = defaults();

    config.nicknames = names;
    config.nicknames_count = 2;
    return create(&config);
}

static moor_error with_role(const char *name, const char *nickname)
{
    const char *names[] = {nickname};
    moor_role role = {.name = name, .nicknames = names, .nicknames_count = 1};
    moor_config config = defaults();

    config.roles = &role;
    config.roles_count = 1;
    return create(&config);
}

Test(registry, nicknames_are_1_to_64_bytes_of_utf_8)
{
    static const char *const bad[] = {NULL, "", "\xff", "\xc3", "a\xc0\x80"};

    make_long();
    cr_expect_eq(with_nickname(long64), MOOR_OK);
    cr_expect_eq(with_nickname("Ath\xc3\xa9na"), MOOR_OK);
    cr_expect_eq(with_nickname(long65), MOOR_BAD_ARGUMENT);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(with_nickname(bad[i]), MOOR_BAD_ARGUMENT);
        cr_expect_eq(with_role("explorer", bad[i]), MOOR_BAD_ARGUMENT);
        cr_expect_eq(with_role(bad[i], "Atlas"), MOOR_BAD_ARGUMENT);
    }
    cr_expect_eq(with_role(long64, long64), MOOR_OK);
    cr_expect_eq(with_role(long65, "Atlas"), MOOR_BAD_ARGUMENT);
    cr_expect_eq(with_role("explorer", long65), MOOR_BAD_ARGUMENT);
}

Test(registry, null_lists_with_a_count_are_bad)
{
    moor_config config = defaults();
    moor_role role = {.name = "explorer", .nicknames_count = 1};

    config.nicknames_count = 1;
    cr_expect_eq(create(&config), MOOR_BAD_ARGUMENT);
    config = defaults();
    config.roles_count = 1;
    cr_expect_eq(create(&config), MOOR_BAD_ARGUMENT);
    config.roles = &role;
    cr_expect_eq(create(&config), MOOR_BAD_ARGUMENT);
    role.nicknames_count = 0;
    cr_expect_eq(create(&config), MOOR_OK, "a role without a list");
}

Test(registry, a_role_given_twice_is_bad)
{
    moor_role roles[3] = {{.name = "a"}, {.name = "b"}, {.name = "a"}};
    moor_config config = defaults();

    config.roles = roles;
    config.roles_count = 3;
    cr_expect_eq(create(&config), MOOR_BAD_ARGUMENT);
    config.roles_count = 2;
    cr_expect_eq(create(&config), MOOR_OK);
}

Test(registry, the_configuration_is_copied)
{
    char nickname[] = "Plato", role_name[] = "explorer", atlas[] = "Atlas";
    const char *names[] = {nickname}, *role_names[] = {atlas};
    moor_role role = {role_name, role_names, 1};
    moor_config config = defaults();
    moor_registry *registry;
    moor_spawn_options options = {.role = "explorer"};
    moor_agent agent;

    config.nicknames = names;
    config.nicknames_count = 1;
    config.roles = &role;
    config.roles_count = 1;
    registry = given_config(&config);
    memset(nickname, 'x', 5);
    memset(role_name, 'x', 8);
    memset(atlas, 'x', 5);
    names[0] = role_names[0] = NULL;
    memset(&role, 0, sizeof role);
    memset(&config, 0x5a, sizeof config);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    cr_assert_str_eq(info_of(registry, agent).nickname, "Atlas");
    cr_assert_str_eq(info_of(registry, spawn(registry)).nickname, "Plato");
    done(registry);
}

/* --- the root ------------------------------------------------------------- */

Test(registry, the_root_runs_from_the_start)
{
    moor_registry *registry = given();
    moor_agent root = moor_root(registry);
    moor_info info = info_of(registry, root);
    moor_id nil = {{0}};

    cr_assert_neq(root.bits, 0);
    cr_assert_eq(info.agent.bits, root.bits);
    cr_assert_eq(info.ticket.bits, 0);
    cr_assert_eq(info.parent.bits, 0);
    cr_assert_eq(memcmp(&info.id, &nil, sizeof nil), 0);
    cr_assert_eq(info.status, MOOR_STATUS_RUNNING);
    cr_assert_not(info.slot);
    cr_assert_not(info.fenced);
    cr_assert_eq(info.depth, 0);
    cr_assert_str_eq(info.path, "/root");
    cr_assert_str_eq(info.nickname, "");
    cr_assert_str_eq(info.role, "");
    done(registry);
}

Test(registry, the_root_is_counted_nowhere)
{
    moor_registry *registry = given();
    moor_stats stats = stats_of(registry);
    moor_stats zero = {0};

    cr_assert_eq(memcmp(&stats, &zero, sizeof zero), 0);
    done(registry);
}

Test(registry, no_registry_has_no_root)
{
    cr_assert_eq(moor_root(NULL).bits, 0);
    moor_destroy(NULL);
}

Test(registry, many_live_side_by_side)
{
    enum { MANY = 20 };
    moor_registry *registries[MANY];
    moor_agent agents[MANY];

    for (int i = 0; i < MANY; i++) {
        registries[i] = given();
        for (int n = 0; n < i % 6; n++) {
            (void)spawn(registries[i]);
        }
        agents[i] = spawn_below(registries[i], nobody, "worker");
    }
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(stats_of(registries[i]).spawned, (uint64_t)i % 6 + 1);
        cr_assert_eq(at_path(registries[i], "/root/worker").bits,
                     agents[i].bits);
        done(registries[i]);
    }
}

/* --- settings ------------------------------------------------------------- */

Test(registry, limits_are_set_one_by_one)
{
    static const uint32_t values[] = {0, 1, 17, MOOR_UNLIMITED - 1,
                                      MOOR_UNLIMITED};
    moor_registry *registry = given();

    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        for (int i = 0; i < 5; i++) {
            uint32_t value = values[(limit + i) % 5];

            cr_assert_eq(moor_set_limit(registry, (moor_limit)limit, value),
                         MOOR_OK);
            cr_assert_eq(use_of(registry, nobody, (moor_limit)limit).limit,
                         value);
        }
    }
    for (int limit = 0; limit < MOOR_LIMITS; limit++) {
        cr_assert_eq(use_of(registry, nobody, (moor_limit)limit).limit,
                     values[(limit + 4) % 5], "another setting changed it");
    }
    done(registry);
}

Test(registry, no_limit_of_that_name)
{
    static const int values[] = {MOOR_LIMITS, -1, 100};
    moor_registry *registry = given();
    struct picture *before = picture(registry);

    for (int i = 0; i < 3; i++) {
        cr_expect_eq(moor_set_limit(registry, (moor_limit)values[i], 1),
                     MOOR_BAD_ARGUMENT);
    }
    cr_expect_eq(moor_set_limit(NULL, MOOR_LIMIT_RUNNING, 1),
                 MOOR_BAD_ARGUMENT);
    unchanged(registry, before, "set_limit");
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 6);
    done(registry);
}
