/*
 * Tickets: what they cover, and the ends they can have.
 */
#include "given.h"

static const moor_id some_id = {{7, 7, 7}}, nil = {{0}};

/* --- what a ticket covers ------------------------------------------------- */

Test(commit, a_ticket_holds_a_slot_and_a_path_and_is_no_agent)
{
    moor_registry *registry = given();
    moor_ticket ticket = reserve_below(registry, nobody, "worker");
    moor_info info = ticket_info(registry, ticket);
    moor_stats stats = stats_of(registry);
    moor_agent agent;

    cr_assert_eq(info.ticket.bits, ticket.bits);
    cr_assert_eq(info.agent.bits, 0);
    cr_assert_eq(info.parent.bits, moor_root(registry).bits);
    cr_assert_eq(memcmp(&info.id, &nil, sizeof nil), 0);
    cr_assert_eq(info.status, MOOR_STATUS_RESERVED);
    cr_assert(info.slot);
    cr_assert_eq(info.depth, 1);
    cr_assert_str_eq(info.path, "/root/worker");
    cr_assert_eq(stats.used, 1);
    cr_assert_eq(stats.tickets, 1);
    cr_assert_eq(stats.live + stats.idle + stats.spawned, 0);
    cr_assert_eq(moor_find_path(registry, nobody, "worker", &agent),
                 MOOR_NOT_FOUND);
    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){.name = "worker"},
                            &agent, NULL),
                 MOOR_PATH_TAKEN);
    done(registry);
}

Test(commit, a_committed_agent_is_pending)
{
    moor_registry *registry = given();
    moor_ticket ticket = reserve_below(registry, nobody, "worker");
    moor_agent agent = {0}, found;
    moor_info info;

    cr_assert_eq(
        moor_commit(registry, ticket, &some_id, "/root/worker", &agent),
        MOOR_OK);
    info = info_of(registry, agent);
    cr_assert_eq(info.agent.bits, agent.bits);
    cr_assert_eq(info.ticket.bits, 0);
    cr_assert_eq(info.status, MOOR_STATUS_PENDING_INIT);
    cr_assert(info.slot);
    cr_assert_eq(memcmp(&info.id, &some_id, sizeof some_id), 0);
    cr_assert_str_eq(info.path, "/root/worker");
    cr_assert_eq(at_path(registry, "/root/worker").bits, agent.bits);
    cr_assert_eq(moor_find_id(registry, &some_id, &found), MOOR_OK);
    cr_assert_eq(found.bits, agent.bits);
    cr_assert_eq(stats_of(registry).used, 1);
    cr_assert_eq(stats_of(registry).spawned, 1);
    cr_assert_eq(stats_of(registry).tickets, 0);
    done(registry);
}

Test(commit, without_an_id_the_registry_makes_one)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, 100);
    moor_id ids[50];

    for (int i = 0; i < 50; i++) {
        moor_agent agent, found;

        cr_assert_eq(
            moor_commit(registry, reserve(registry), NULL, NULL, &agent),
            MOOR_OK);
        ids[i] = info_of(registry, agent).id;
        cr_assert_eq(ids[i].bytes[6] >> 4, 7, "UUID version 7");
        cr_assert_eq(ids[i].bytes[8] >> 6, 2);
        cr_assert_eq(moor_find_id(registry, &ids[i], &found), MOOR_OK);
        cr_assert_eq(found.bits, agent.bits);
    }
    done(registry);
}

Test(commit, names_of_the_registrys_making_are_agent_and_a_number)
{
    moor_registry *registry = given();

    (void)spawn_below(registry, nobody, "agent_2");
    for (int i = 0; i < 3; i++) {
        moor_info info = info_of(registry, spawn(registry));
        const char *digits = info.path + strlen("/root/agent_");

        cr_assert_eq(strncmp(info.path, "/root/agent_", 12), 0, "%s",
                     info.path);
        cr_assert_gt(strlen(digits), 0);
        cr_assert_eq(strspn(digits, "0123456789"), strlen(digits));
    }
    done(registry);
}

/* --- the ends ------------------------------------------------------------- */

/* A ticket below a parent, in a registry whose every limit it fills. */
struct scene {
    moor_registry *registry;
    moor_agent parent;
    moor_ticket ticket;
    struct picture *before; /* as it was without the ticket */
};

static struct scene scene(void)
{
    struct scene scene = {.registry = given_limit(MOOR_LIMIT_LIFETIME, 3)};
    moor_registry *registry = scene.registry;
    moor_spawn_options options = {.name = "x", .id = &some_id};
    moor_agent agent;

    scene.parent = spawn(registry);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 3), MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_CHILDREN, 1), MOOR_OK);
    scene.before = picture(registry);
    scene.ticket = reserve_below(registry, scene.parent, "t");
    return scene;
}

/* The ticket has ended, and what it covered is there for the next. */
static void given_back(struct scene *scene, const char *by)
{
    struct picture *after;
    moor_agent agent = {0};

    unchanged(scene->registry, scene->before, by);
    after = picture(scene->registry);
    cr_assert_eq(
        moor_commit(scene->registry, scene->ticket, NULL, NULL, &agent),
        MOOR_STALE);
    cr_assert_eq(moor_abandon(scene->registry, scene->ticket), MOOR_STALE);
    cr_assert_eq(agent.bits, 0);
    unchanged(scene->registry, after, "an ended ticket");
    (void)spawn_below(scene->registry, scene->parent, "t");
    done(scene->registry);
}

Test(commit, abandoning_gives_everything_back)
{
    struct scene now = scene();

    cr_assert_eq(moor_abandon(now.registry, now.ticket), MOOR_OK);
    given_back(&now, "abandon");
}

static void fails(const moor_id *id, const char *path, moor_error error)
{
    struct scene now = scene();
    moor_agent agent = {0};

    cr_assert_eq(moor_commit(now.registry, now.ticket, id, path, &agent),
                 error);
    cr_assert_eq(agent.bits, 0);
    given_back(&now, moor_error_name(error));
}

Test(commit, a_nil_id_gives_everything_back)
{
    fails(&nil, NULL, MOOR_BAD_ID);
}

Test(commit, an_id_in_use_gives_everything_back)
{
    fails(&some_id, NULL, MOOR_ID_TAKEN);
}

Test(commit, another_path_gives_everything_back)
{
    static const char *const paths[] = {
        "/root/t", "/root/agent_1/x",  "/root", "/root/agent_1/", "t",
        "",        "/root/agent_1/tt", "/ROOT"};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        fails(NULL, paths[i], MOOR_PATH_MISMATCH);
    }
}

/* A fence that was set after the reservation. */
Test(commit, a_fence_gives_everything_back)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_LIFETIME, 3);
    moor_agent parent = spawn(registry);
    moor_ticket ticket = reserve_below(registry, parent, "t");
    moor_agent agent = {0};

    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_FENCE, NULL), MOOR_OK);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent),
                 MOOR_FENCED);
    cr_assert_eq(agent.bits, 0);
    cr_assert_eq(used(registry), 1);
    cr_assert_eq(stats_of(registry).tickets, 0);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, 1);
    cr_assert_eq(use_of(registry, parent, MOOR_LIMIT_CHILDREN).used, 0);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_STALE);
    done(registry);
}

Test(commit, a_ticket_taken_by_a_close_is_stale)
{
    moor_registry *registry = given();
    moor_agent parent = spawn(registry), agent;
    moor_ticket ticket = reserve_below(registry, parent, "t");

    cr_assert_eq(close_it(registry, parent), MOOR_OK);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_STALE);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_STALE);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

Test(commit, a_committed_ticket_has_ended)
{
    moor_registry *registry = given();
    moor_ticket ticket = reserve(registry);
    moor_agent agent, other = {0};
    struct picture *before;

    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_OK);
    before = picture(registry);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &other), MOOR_STALE);
    cr_assert_eq(moor_commit(registry, ticket, &nil, "/x", &other), MOOR_STALE,
                 "nothing is judged any more");
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_STALE);
    cr_assert_eq(other.bits, 0);
    unchanged(registry, before, "an ended ticket");
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_STALE);
    (void)spawn(registry); /* in the same record, most likely */
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_STALE);
    cr_assert_eq(used(registry), 1);
    done(registry);
}

Test(commit, a_bad_argument_leaves_the_ticket)
{
    moor_registry *registry = given();
    moor_ticket ticket = reserve(registry);
    struct picture *before = picture(registry);
    moor_agent agent;

    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_commit(registry, ticket, &nil, NULL, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_commit(NULL, ticket, NULL, NULL, &agent),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_abandon(NULL, ticket), MOOR_BAD_ARGUMENT);
    unchanged(registry, before, "a bad argument");
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_OK);
    done(registry);
}

/* --- nicknames ------------------------------------------------------------ */

static moor_registry *with_nicknames(size_t count)
{
    static const char *const names[] = {"Plato", "Atlas"};
    static const char *const own[] = {"Magellan"};
    static const moor_role roles[] = {{"explorer", own, 1}, {"plain", NULL, 0}};
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.nicknames = names;
    config.nicknames_count = count;
    config.roles = roles;
    config.roles_count = 2;
    return given_config(&config);
}

static const char *nickname(moor_registry *registry, const char *role,
                            const char *preferred)
{
    static moor_info info;
    moor_spawn_options options = {.role = role, .nickname = preferred};
    moor_agent agent;

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    info = info_of(registry, agent);
    cr_assert_str_eq(info.role, role == NULL ? "" : role);
    return info.nickname;
}

Test(commit, each_list_has_its_own_used_names_and_ordinal)
{
    moor_registry *registry = with_nicknames(1);

    cr_assert_str_eq(nickname(registry, NULL, NULL), "Plato");
    cr_assert_str_eq(nickname(registry, "explorer", NULL), "Magellan");
    cr_assert_str_eq(nickname(registry, "explorer", NULL), "Magellan the 2nd");
    cr_assert_str_eq(nickname(registry, "explorer", NULL), "Magellan the 3rd");
    cr_assert_str_eq(nickname(registry, "unheard of", NULL), "Plato the 2nd");
    cr_assert_str_eq(nickname(registry, "plain", NULL), "Plato the 3rd",
                     "a role without a list");
    done(registry);
}

Test(commit, without_a_list_there_is_none)
{
    moor_registry *registry = with_nicknames(0);

    cr_assert_str_eq(nickname(registry, NULL, NULL), "");
    cr_assert_str_eq(nickname(registry, "unheard of", NULL), "");
    cr_assert_str_eq(nickname(registry, NULL, "Socrates"), "Socrates");
    cr_assert_str_eq(nickname(registry, "explorer", NULL), "Magellan");
    done(registry);
}

Test(commit, a_preferred_nickname_is_taken_as_given_and_counts_as_used)
{
    moor_registry *registry = with_nicknames(2);

    cr_assert_str_eq(nickname(registry, NULL, "Atlas"), "Atlas");
    cr_assert_str_eq(nickname(registry, NULL, NULL), "Plato");
    cr_assert_str_eq(nickname(registry, NULL, "Atlas"), "Atlas");
    cr_assert_not_null(strstr(nickname(registry, NULL, NULL), " the 2nd"));
    done(registry);
}

Test(commit, names_stay_used_after_close_and_abandon)
{
    moor_registry *registry = with_nicknames(1);
    moor_ticket ticket = reserve(registry);

    cr_assert_str_eq(ticket_info(registry, ticket).nickname, "Plato");
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    cr_assert_eq(close_it(registry, spawn(registry)), MOOR_OK);
    cr_assert_str_eq(nickname(registry, NULL, NULL), "Plato the 3rd");
    done(registry);
}
