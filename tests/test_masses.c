/*
 * Masses: very many agents in one registry, very many registries in one
 * process, very many threads one after another.  All are found, counted and
 * listed, and nothing is left over.
 */
#include "given.h"

#include <pthread.h>
#include <stdio.h>

#include "books.h"
#include "reclaim.h"
#include "threads.h"

#if defined(MOOR_YIELD)
enum { AGENTS = 20000, REGISTRIES = 500, USERS = 200 };
#else
enum { AGENTS = 1000000, REGISTRIES = 10000, USERS = 2000 };
#endif

static moor_registry *unlimited(void)
{
    return given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
}

/* --- agents --------------------------------------------------------------- */

/* By their number: some at the top, the others below the one of half their
 * number, so that the tree has depth. */
static void name_of(uint32_t number, char name[16])
{
    (void)snprintf(name, 16, "a%u", number);
}

static moor_agent parent_of(const moor_agent *agents, uint32_t number)
{
    return number < 1000 ? nobody : agents[number / 200];
}

static void spawn_all(moor_registry *registry, moor_agent *agents)
{
    for (uint32_t i = 0; i < AGENTS; i++) {
        char name[16];

        name_of(i, name);
        agents[i] = spawn_below(registry, parent_of(agents, i), name);
    }
}

/* Each under its name below its parent, with its id, and nobody else's. */
static void find_all(moor_registry *registry, const moor_agent *agents)
{
    for (uint32_t i = 0; i < AGENTS; i++) {
        char name[16];
        moor_agent found = {0};
        moor_error error;

        name_of(i, name);
        error = moor_find_path(registry, parent_of(agents, i), name, &found);
        cr_assert(error == MOOR_OK && found.bits == agents[i].bits, "%s", name);
    }
}

enum { PAGE = 512 };

/* How many are listed; and each once, by its index. */
static uint64_t list_all(moor_registry *registry, uint8_t *listed)
{
    moor_info *infos = malloc(PAGE * sizeof *infos);
    uint64_t cursor = 0, sum = 0;

    cr_assert_not_null(infos);
    do {
        size_t count = 0;

        cr_assert_eq(moor_list(registry, NULL, &cursor, infos, PAGE, &count),
                     MOOR_OK);
        for (size_t i = 0; i < count; i++) {
            uint32_t index = life_index(infos[i].agent.bits);

            cr_assert(index < AGENTS + ARENA_GROUP && listed[index] == 0);
            listed[index] = 1;
        }
        sum += count;
    } while (cursor != 0);
    free(infos);
    return sum;
}

static void expect_list(moor_registry *registry, const moor_agent *agents)
{
    uint8_t *listed = calloc(AGENTS + ARENA_GROUP, 1);

    cr_assert_not_null(listed);
    cr_assert_eq(list_all(registry, listed), AGENTS + 1, "and the root");
    for (uint32_t i = 0; i < AGENTS; i++) {
        cr_assert_eq(listed[life_index(agents[i].bits)], 1, "a%u", i);
    }
    free(listed);
}

static void expect_stats(moor_registry *registry, uint64_t live, uint64_t idle)
{
    moor_stats stats = stats_of(registry);

    cr_assert_eq(stats.live, live);
    cr_assert_eq(stats.idle, idle);
    cr_assert_eq(stats.used, live);
    cr_assert_eq(stats.tickets, 0);
}

static void finish_every(moor_registry *registry, const moor_agent *agents,
                         uint32_t step)
{
    for (uint32_t i = 0; i < AGENTS; i += step) {
        completes(registry, agents[i]);
    }
}

/* Tree by tree; all is gone but the root. */
static void close_all(moor_registry *registry)
{
    moor_closed answer;
    uint32_t i = 0;
    char path[24];
    moor_agent agent;

    while (snprintf(path, sizeof path, "/root/a%u", i) > 0 &&
           (agent = at_path(registry, path)).bits != 0) {
        cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_TREE, &answer),
                     MOOR_OK);
        i++;
    }
    cr_assert_eq(i, 1000);
}

static moor_registry *with_all(moor_agent **agents)
{
    moor_registry *registry = unlimited();

    *agents = malloc(AGENTS * sizeof **agents);
    cr_assert_not_null(*agents);
    spawn_all(registry, *agents);
    expect_stats(registry, AGENTS, 0);
    return registry;
}

Test(masses, of_agents_are_found_and_listed)
{
    moor_agent *agents;
    moor_registry *registry = with_all(&agents);

    find_all(registry, agents);
    expect_list(registry, agents);
    free(agents);
    moor_destroy(registry);
}

Test(masses, of_agents_end_and_are_closed)
{
    moor_agent *agents;
    moor_registry *registry = with_all(&agents);

    finish_every(registry, agents, 2);
    expect_stats(registry, AGENTS / 2, AGENTS / 2);
    sound(registry);
    close_all(registry);
    expect_stats(registry, 0, 0);
    cr_assert_eq(stats_of(registry).closed, AGENTS);
    cr_assert_eq(stats_of(registry).spawned, AGENTS);
    free(agents);
    done(registry);
}

/* Whole generations, one after another, in the places of the first. */
Test(masses, of_agents_again_and_again)
{
    moor_registry *registry = unlimited();
    enum { EACH = AGENTS / 20 };
    moor_agent parent = nobody;
    uint32_t end = 0;

    for (int round = 0; round < 10; round++) {
        parent = spawn(registry);
        for (uint32_t i = 0; i < EACH; i++) {
            (void)spawn_below(registry, parent, NULL);
        }
        cr_assert_eq(close_it(registry, parent), MOOR_OK);
        cr_assert_eq(used(registry), 0);
        if (round == 0) end = books_end(registry);
        cr_assert_eq(books_end(registry), end, "round %d", round);
    }
    done(registry);
}

/* Children come and go below a parent that stays: what names them to it is used
 * again, too, and so are the places of their results. */
Test(masses, of_children_one_after_another)
{
    moor_registry *registry = unlimited();
    moor_agent parent = spawn(registry), children[3];
    uint32_t end = 0, texts_end = 0;

    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 3; i++) {
            children[i] = spawn_below(registry, parent, NULL);
            cr_assert_eq(moor_finish(registry, children[i],
                                     MOOR_STATUS_COMPLETED, "done", 4),
                         MOOR_OK);
        }
        for (int i = 0; i < 3; i++) {
            cr_assert_eq(close_it(registry, children[i]), MOOR_OK);
        }
        if (round == 0) {
            end = arena_end(&registry->tree.nodes);
            texts_end = arena_end(&registry->texts);
        }
        cr_assert_eq(arena_end(&registry->tree.nodes), end, "round %d", round);
        cr_assert_eq(arena_end(&registry->texts), texts_end, "round %d", round);
    }
    done(registry);
}

/* --- registries ----------------------------------------------------------- */

/* The calls of a short life. */
static bool use(moor_registry *registry)
{
    moor_spawn_options options = {.name = "worker"};
    moor_agent agent, found;
    char text[8];
    size_t length;

    return moor_spawn(registry, &options, &agent, NULL) == MOOR_OK &&
           moor_start(registry, agent) == MOOR_OK &&
           moor_find_path(registry, (moor_agent){0}, "/root/worker", &found) ==
               MOOR_OK &&
           found.bits == agent.bits &&
           moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "done", 4) ==
               MOOR_OK &&
           moor_result(registry, agent, text, sizeof text, &length) ==
               MOOR_OK &&
           length == 4;
}

/* All there at once. */
Test(masses, of_registries_at_once)
{
    moor_registry **all = malloc(REGISTRIES * sizeof(moor_registry *));

    cr_assert_not_null(all);
    for (int i = 0; i < REGISTRIES; i++) {
        all[i] = given();
        cr_assert(use(all[i]), "registry %d", i);
    }
    for (int i = 0; i < REGISTRIES; i++) {
        cr_assert_eq(stats_of(all[i]).spawned, 1);
        cr_assert_eq(stats_of(all[i]).idle, 1);
        done(all[i]);
    }
    free(all);
}

static moor_word wrong;

/* In several threads, each with registries of its own. */
static void *one_after_another(void *unused)
{
    (void)unused;
    for (int i = 0; i < REGISTRIES / 4; i++) {
        moor_registry *registry = NULL;

        if (moor_create(NULL, &registry) != MOOR_OK || !use(registry)) {
            (void)moor_add_relaxed(&wrong, 1);
        }
        moor_destroy(registry);
    }
    return NULL;
}

Test(masses, of_registries_in_several_threads)
{
    char unused[4];

    together(one_after_another, 4, unused, 1);
    cr_assert_eq(moor_load_relaxed(&wrong), 0);
}

/* --- threads -------------------------------------------------------------- */

struct user {
    moor_registry *registry;
    unsigned number;
    bool fine;
};

static void *use_and_end(void *one)
{
    struct user *self = (struct user *)one;
    moor_agent agent;

    self->fine =
        use(self->registry) &&
        moor_find_path(self->registry, (moor_agent){0}, "worker", &agent) ==
            MOOR_OK &&
        moor_close(self->registry, agent, MOOR_CLOSE_BY_RULE, NULL) == MOOR_OK;
    self->number = reclaim_number();
    return NULL;
}

/* Each takes up what the one before has left, so that their number does not
 * count. */
Test(masses, of_threads_one_after_another)
{
    struct user user = {.registry = given()};

    for (int i = 0; i < USERS; i++) {
        pthread_t thread;

        cr_assert_eq(pthread_create(&thread, NULL, use_and_end, &user), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
        cr_assert(user.fine, "thread %d", i);
        cr_assert_eq(user.number, 2, "thread %d", i);
    }
    cr_assert_eq(used(user.registry), 0);
    cr_assert_leq(books_end(user.registry), 2 * ARENA_GROUP);
    done(user.registry);
}
