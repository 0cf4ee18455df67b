/*
 * On the library with small constants: generations end after a few lives, and
 * what was retired is freed at once.
 */
#include "given.h"

#include <pthread.h>

#include "books.h"

enum { LIVES = 600 };

static bool is_fresh(const moor_agent *before, int count, moor_agent agent)
{
    for (int i = 0; i < count; i++) {
        if (before[i].bits == agent.bits) return false;
    }
    return true;
}

static void all_stale(moor_registry *registry, const moor_agent *gone,
                      int count)
{
    for (int i = 0; i < count; i++) {
        moor_status status;

        cr_assert_eq(moor_status_of(registry, gone[i], &status), MOOR_STALE);
        cr_assert_eq(finish(registry, gone[i], MOOR_STATUS_COMPLETED),
                     MOOR_STALE);
        cr_assert_eq(close_it(registry, gone[i]), MOOR_STALE);
    }
}

Test(small_wrap, constants_are_small)
{
    cr_assert_leq(LIFE_GENERATION_MAX, 100);
}

Test(small_wrap, no_handle_comes_twice_and_the_old_ones_stay_stale)
{
    moor_registry *registry = given();
    moor_agent agents[LIVES];

    for (int i = 0; i < LIVES; i++) {
        agents[i] = spawn_below(registry, nobody, "worker");
        cr_assert(is_fresh(agents, i, agents[i]), "life %d", i);
        cr_assert_leq(life_generation(agents[i].bits), LIFE_GENERATION_MAX);
        cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
    }
    all_stale(registry, agents, LIVES);
    cr_assert_eq(used(registry), 0);
    cr_assert_eq(stats_of(registry).closed, LIVES);
    /* Entries were retired, and others took their place. */
    cr_assert_gt(books_end(registry), LIVES / (uint32_t)LIFE_GENERATION_MAX);
    cr_assert_lt(books_end(registry), LIVES / 2);
    done(registry);
}

Test(small_wrap, tickets_wrap_as_agents_do)
{
    moor_registry *registry = given();
    moor_agent tickets[LIVES];

    for (int i = 0; i < LIVES; i++) {
        moor_ticket ticket = reserve_below(registry, nobody, "worker");

        tickets[i].bits = ticket.bits;
        cr_assert(is_fresh(tickets, i, tickets[i]));
        cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    }
    for (int i = 0; i < LIVES; i++) {
        cr_assert_eq(moor_abandon(registry, (moor_ticket){tickets[i].bits}),
                     MOOR_STALE);
    }
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* Whoever hangs below an entry at its last generation outlives it. */
Test(small_wrap, children_outlive_a_parent_that_is_retired)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent children[LIVES];

    for (int i = 0; i < LIVES; i++) {
        moor_agent parent = spawn(registry);

        children[i] = spawn_below(registry, parent, "c");
        cr_assert_eq(close_it(registry, parent), MOOR_OK);
        cr_assert_eq(info_of(registry, children[i]).parent.bits,
                     moor_root(registry).bits);
        if (i >= 2) {
            cr_assert_eq(close_it(registry, children[i - 2]), MOOR_OK);
        }
    }
    cr_assert_eq(stats_of(registry).live, 2);
    all_stale(registry, children, LIVES - 2);
    done(registry);
}

Test(small_wrap, trees_wrap_as_a_whole)
{
    moor_registry *registry = given_rule(MOOR_CASCADE);

    for (int i = 0; i < LIVES / 4; i++) {
        moor_agent top = spawn_below(registry, nobody, "top");
        moor_agent below = spawn_below(registry, top, "below");
        moor_ticket ticket = reserve_below(registry, below, "t");
        moor_closed answer;

        (void)spawn_below(registry, below, "leaf");
        cr_assert_eq(moor_close(registry, top, MOOR_CLOSE_TREE, &answer),
                     MOOR_OK);
        cr_assert_eq(answer.closed, 3);
        cr_assert_eq(moor_abandon(registry, ticket), MOOR_STALE);
        sound(registry);
    }
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* Look-ups by path and id across the wrap. */
Test(small_wrap, the_maps_follow)
{
    moor_registry *registry = given();
    moor_id id = {{77}};
    moor_spawn_options options = {.name = "worker", .id = &id};

    for (int i = 0; i < LIVES; i++) {
        moor_agent agent, found = {0};

        cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
        cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_OK);
        cr_assert_eq(found.bits, agent.bits);
        cr_assert_eq(at_path(registry, "/root/worker").bits, agent.bits);
        cr_assert_eq(close_it(registry, agent), MOOR_OK);
        cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_NOT_FOUND);
        cr_assert_eq(at_path(registry, "/root/worker").bits, 0);
    }
    done(registry);
}

/* --- readers beside all that ---------------------------------------------- */

enum { NAMES = 4, READERS = 2, FAR_MS = 10000 };

static const char *const names[NAMES] = {"w0", "w1", "w2", "w3"};
static moor_registry *shared;
static moor_word over, wrong, seen;

/* A result is one letter some times over; whatever is read is of one piece. */
static void read_result(moor_agent agent)
{
    char text[64];
    size_t length = 0;

    if (moor_result(shared, agent, text, sizeof text, &length) != MOOR_OK) {
        return;
    }
    for (size_t i = 1; i < length && i < sizeof text; i++) {
        if (text[i] != text[0]) (void)moor_add_relaxed(&wrong, 1);
    }
    if (length > 0) (void)moor_add_relaxed(&seen, 1);
}

static void *read_on(void *unused)
{
    (void)unused;
    for (unsigned i = 0; moor_load_acquire(&over) == 0; i++) {
        const char *name = names[i % NAMES];
        moor_agent agent;
        moor_info info;

        if (moor_find_path(shared, nobody, name, &agent) != MOOR_OK) continue;
        read_result(agent);
        if (moor_info_of(shared, agent, &info) == MOOR_OK &&
            strcmp(info.path + strlen("/root/"), name) != 0) {
            (void)moor_add_relaxed(&wrong, 1);
        }
    }
    return NULL;
}

static void finish_with(moor_agent agent, unsigned step)
{
    char text[40];
    size_t length = step % sizeof text + 1;

    memset(text, 'a' + (int)(step % 26), length);
    cr_assert_eq(
        moor_finish(shared, agent, MOOR_STATUS_COMPLETED, text, length),
        MOOR_OK);
}

/* Another run, or another life. */
static void one_step(moor_agent *agent, unsigned step)
{
    if (step / NAMES % 5 == 0) {
        if (agent->bits != 0) {
            cr_assert_eq(close_it(shared, *agent), MOOR_OK);
        }
        *agent = spawn_below(shared, nobody, names[step % NAMES]);
    } else {
        cr_assert_eq(moor_run_again(shared, *agent, NULL), MOOR_OK);
    }
    finish_with(*agent, step);
}

Test(small_wrap, readers_see_whole_texts_while_agents_come_and_go)
{
    struct timespec far = event_deadline(FAR_MS);
    moor_agent agents[NAMES] = {{0}};
    pthread_t readers[READERS];

    shared = given();
    for (int r = 0; r < READERS; r++) {
        cr_assert_eq(pthread_create(&readers[r], NULL, read_on, NULL), 0);
    }
    for (unsigned step = 0;
         step < 20 * LIVES ||
         (moor_load_acquire(&seen) < LIVES && !event_passed(&far));
         step++) {
        one_step(&agents[step % NAMES], step);
    }
    moor_store_release(&over, 1);
    for (int r = 0; r < READERS; r++) {
        cr_assert_eq(pthread_join(readers[r], NULL), 0);
    }
    cr_assert_eq(moor_load_relaxed(&wrong), 0);
    cr_assert_gt(moor_load_relaxed(&seen), 0);
    done(shared);
}
