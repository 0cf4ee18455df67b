/*
 * The queue for running slots: who hands a slot over, and to whom.  How a wait
 * ends without one is in test_queue_ends.c.
 */
#include "queued.h"

/* --- every way to give a slot up ------------------------------------------ */

/* Who holds the only slot. */
struct scene {
    moor_registry *registry;
    moor_agent holder;
    moor_ticket ticket;
};

enum holder { RUNS, STARTS, IS_IDLE, IS_A_TICKET };

static void by_finish(const struct scene *scene)
{
    completes(scene->registry, scene->holder);
}

static void by_interrupt(const struct scene *scene)
{
    cr_assert_eq(moor_interrupt(scene->registry, scene->holder), MOOR_OK);
}

static void by_death(const struct scene *scene)
{
    cr_assert_eq(moor_died(scene->registry, scene->holder), MOOR_OK);
}

static void by_close(const struct scene *scene)
{
    cr_assert_eq(close_it(scene->registry, scene->holder), MOOR_OK);
}

static void by_failed_start(const struct scene *scene)
{
    cr_assert_eq(moor_start_failed(scene->registry, scene->holder), MOOR_OK);
}

static void by_abandon(const struct scene *scene)
{
    cr_assert_eq(moor_abandon(scene->registry, scene->ticket), MOOR_OK);
}

static void by_failed_commit(const struct scene *scene)
{
    moor_agent agent;

    cr_assert_eq(moor_commit(scene->registry, scene->ticket, NULL,
                             "/root/other", &agent),
                 MOOR_PATH_MISMATCH);
}

static void by_reap(const struct scene *scene)
{
    uint64_t reaped = 0;

    cr_assert_eq(moor_reap(scene->registry, &reaped), MOOR_OK);
    cr_assert_eq(reaped, 1);
}

static void by_turn_end(const struct scene *scene)
{
    moor_turn_ended ended = {0};

    cr_assert_eq(moor_turn_end(scene->registry, MOOR_LEFT_KEEP, &ended),
                 MOOR_OK);
    cr_assert_eq(ended.released, 1);
}

static void by_left(const struct scene *scene)
{
    cr_assert_eq(moor_turn_end(scene->registry, MOOR_LEFT_SHUTDOWN, NULL),
                 MOOR_OK);
}

static void by_lend(const struct scene *scene)
{
    cr_assert_eq(moor_lend(scene->registry, scene->holder), MOOR_OK);
}

static void by_limit(const struct scene *scene)
{
    cr_assert_eq(moor_set_limit(scene->registry, MOOR_LIMIT_RUNNING, 2),
                 MOOR_OK);
}

static const struct way {
    const char *name;
    moor_release release;
    enum holder holder;
    void (*give)(const struct scene *scene);
    uint64_t used; /* afterwards */
} ways[] = {
    {"finish", MOOR_ON_COMPLETION, RUNS, by_finish, 1},
    {"finish of a pending one", MOOR_ON_COMPLETION, STARTS, by_finish, 1},
    {"interrupt", MOOR_ON_COMPLETION, RUNS, by_interrupt, 1},
    {"died", MOOR_ON_COMPLETION, RUNS, by_death, 1},
    {"close", MOOR_ON_COMPLETION, RUNS, by_close, 1},
    {"failed start", MOOR_ON_COMPLETION, STARTS, by_failed_start, 1},
    {"abandon", MOOR_ON_COMPLETION, IS_A_TICKET, by_abandon, 1},
    {"failed commit", MOOR_ON_COMPLETION, IS_A_TICKET, by_failed_commit, 1},
    {"left", MOOR_ON_COMPLETION, RUNS, by_left, 1},
    {"lend", MOOR_ON_COMPLETION, RUNS, by_lend, 1},
    {"limit", MOOR_ON_COMPLETION, RUNS, by_limit, 2},
    {"turn_end", MOOR_ON_TURN_END, IS_IDLE, by_turn_end, 1},
    {"turn_end, left", MOOR_ON_TURN_END, RUNS, by_left, 1},
    {"reap on turn_end", MOOR_ON_TURN_END, IS_IDLE, by_reap, 1},
    {"close on turn_end", MOOR_ON_TURN_END, IS_IDLE, by_close, 1},
    {"died on turn_end", MOOR_ON_TURN_END, RUNS, by_death, 1},
    {"lend on turn_end", MOOR_ON_TURN_END, RUNS, by_lend, 1},
    {"finish on reserve", MOOR_ON_RESERVE, RUNS, by_finish, 1},
    {"died on reserve", MOOR_ON_RESERVE, RUNS, by_death, 1},
    {"close on reserve", MOOR_ON_RESERVE, RUNS, by_close, 1},
    {"limit on reserve", MOOR_ON_RESERVE, RUNS, by_limit, 2},
    {"close on close", MOOR_ON_CLOSE, IS_IDLE, by_close, 1},
    {"died on close", MOOR_ON_CLOSE, RUNS, by_death, 1},
    {"lend on close", MOOR_ON_CLOSE, RUNS, by_lend, 1},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

/* What is left live at the end of a turn ends: the lender that waits, too, and
 * perhaps whoever is served meanwhile, unless it is a ticket. */
static bool ends_the_waiter(const struct way *way, int kind)
{
    return way->give == by_left && kind != A_RESERVE;
}

static struct scene given_scene(moor_registry *registry, enum holder holder)
{
    struct scene scene = {.registry = registry};

    if (holder == IS_A_TICKET) {
        scene.ticket = reserve_below(registry, nobody, "holder");
        return scene;
    }
    scene.holder = spawn_below(registry, nobody, "holder");
    if (holder == RUNS) bring(registry, scene.holder, MOOR_STATUS_RUNNING);
    if (holder == IS_IDLE) completes(registry, scene.holder);
    return scene;
}

/* The count says at no time that a slot is free: it is handed over. */
static void hand_over(const struct way *way, enum queued_kind kind)
{
    moor_registry *registry = given_queue(4, way->release);
    struct queued one = given_waiter(registry, kind);
    struct scene scene = given_scene(registry, way->holder);

    comes(&one);
    cr_assert_eq(used(registry), 1);
    way->give(&scene);
    cr_assert_eq(used(registry), way->used, "%s", way->name);
    cr_assert_eq(waiting(registry), 0, "%s, kind %d", way->name, (int)kind);
    expect_served(&one);
    cr_assert_eq(used(registry), way->used, "%s", way->name);
    done(registry);
}

Test(queue, a_slot_is_handed_over_in_every_way_to_everybody)
{
    for (int w = 0; w < WAYS; w++) {
        for (int kind = 0; kind < QUEUED_KINDS; kind++) {
            if (!ends_the_waiter(&ways[w], kind)) {
                hand_over(&ways[w], (enum queued_kind)kind);
            }
        }
    }
}

/* What gives no slot up hands none over. */
static const struct way silent[] = {
    {"finish on turn_end", MOOR_ON_TURN_END, RUNS, by_finish, 1},
    {"interrupt on turn_end", MOOR_ON_TURN_END, RUNS, by_interrupt, 1},
    {"finish on close", MOOR_ON_CLOSE, RUNS, by_finish, 1},
};

Test(queue, an_idle_agent_that_keeps_its_slot_hands_nothing_over)
{
    for (int w = 0; w < 3; w++) {
        moor_registry *registry = given_queue(4, silent[w].release);
        struct scene scene = given_scene(registry, silent[w].holder);
        struct queued one = spawner(registry, "waiter");

        comes(&one);
        silent[w].give(&scene);
        if (silent[w].release == MOOR_ON_CLOSE) {
            cr_assert_eq(moor_reap(registry, NULL), MOOR_OK);
        }
        cr_assert_eq(waiting(registry), 1, "%s", silent[w].name);
        cr_assert(info_of(registry, scene.holder).slot);
        by_close(&scene);
        expect_served(&one);
        done(registry);
    }
}

/* Agents that are idle before anybody waits: nobody needs to. */
Test(queue, on_reserve_nobody_waits_for_an_idle_agent)
{
    moor_registry *registry = given_queue(4, MOOR_ON_RESERVE);
    struct scene scene = given_scene(registry, IS_IDLE);
    struct queued one = spawner(registry, "waiter");

    cr_assert_eq(used(registry), 1);
    starts(&one);
    expect_served(&one);
    cr_assert_not(info_of(registry, scene.holder).slot);
    cr_assert_eq(used(registry), 1);
    done(registry);
}

/* --- several -------------------------------------------------------------- */

Test(queue, first_come_first_served)
{
    moor_registry *registry = given_queue(MANY, MOOR_ON_COMPLETION);
    moor_agent holder = runs(registry, "holder");
    struct queued all[MANY];

    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < MANY; i++) {
            all[i] = spawner(registry, NULL);
            comes(&all[i]);
        }
        for (int i = 0; i < MANY; i++) {
            cr_assert_eq(close_it(registry, holder), MOOR_OK);
            cr_assert_eq(waiting(registry), (uint64_t)(MANY - 1 - i));
            expect_served(&all[i]);
            holder = all[i].agent;
        }
    }
    done(registry);
}

/* Those that take back come before all others, in their own order. */
Test(queue, who_takes_back_comes_first)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    struct queued all[4];
    static const int order[4] = {1, 3, 0, 2};
    moor_agent holder;

    for (int i = 0; i < 4; i++) {
        static const char *const names[] = {"a", "b", "c", "d"};

        all[i] = spawner(registry, names[i]);
        if (i % 2 == 1) {
            all[i] = (struct queued){.registry = registry,
                                     .kind = A_TAKE_BACK,
                                     .agent = lender(registry, names[i])};
        }
    }
    holder = runs(registry, "holder");
    for (int i = 0; i < 4; i++) {
        comes(&all[i]);
    }
    for (int i = 0; i < 4; i++) {
        completes(registry, holder);
        expect_served(&all[order[i]]);
        cr_assert_eq(waiting(registry), (uint64_t)(3 - i));
        holder = all[order[i]].agent;
    }
    done(registry);
}

Test(queue, nobody_overtakes)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent holder = runs(registry, "holder"), agent;
    struct queued one = spawner(registry, "waiter");
    moor_spawn_options options = {.name = "overtaker"};

    comes(&one);
    completes(registry, holder);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_REFUSED);
    cr_assert_eq(moor_run_again(registry, holder, NULL), MOOR_REFUSED);
    expect_served(&one);
    done(registry);
}

/* As many as it makes room for, oldest first; the limit is what was said. */
Test(queue, a_raised_limit_serves_several)
{
    moor_registry *registry = given_queue(MANY, MOOR_ON_COMPLETION);
    struct queued all[MANY];

    (void)runs(registry, "holder");
    name_all(all, registry);
    for (int i = 0; i < MANY; i++) {
        comes(&all[i]);
    }
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 4), MOOR_OK);
    cr_assert_eq(waiting(registry), MANY - 3);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit, 4);
    cr_assert_eq(used(registry), 4);
    for (int i = 0; i < 3; i++) {
        expect_served(&all[i]);
    }
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    for (int i = 3; i < MANY; i++) {
        expect_served(&all[i]);
    }
    cr_assert_eq(used(registry), MANY + 1);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_RUNNING).limit,
                 MOOR_UNLIMITED);
    done(registry);
}

/* Above a limit that was lowered nobody is served until the count has drained.
 */
Test(queue, a_lowered_limit_serves_nobody)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent holders[3];
    struct queued one = spawner(registry, "waiter");

    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 3), MOOR_OK);
    for (int i = 0; i < 3; i++) {
        holders[i] = spawn(registry);
    }
    comes(&one);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 1), MOOR_OK);
    for (int i = 0; i < 2; i++) {
        completes(registry, holders[i]);
        cr_assert_eq(waiting(registry), 1);
        cr_assert_eq(used(registry), (uint64_t)(2 - i));
    }
    completes(registry, holders[2]);
    expect_served(&one);
    cr_assert_eq(used(registry), 1);
    done(registry);
}
