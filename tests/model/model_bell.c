/*
 * The bell: the descriptor that tells event loops of completion events.
 *
 * Goal    An event that a loop has not read has made the descriptor readable
 *         since the loop last read it empty, whoever else reads the queue.  All
 *         who ask for the descriptor get the same.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 * Limits  the descriptor is the kernel's: a write and a read of it are no steps
 *         of their own, but come with the step before.
 */
#include <sys/eventfd.h>

#include "world/world.h"

enum { MOST = 8, ROUNDS = 3 };

static moor_agent root, a, b;
static int fds[MODEL_THREADS_MAX], bell;
static uint64_t told;

static void quiet(void)
{
    moor_config config;

    moor_config_default(&config);
    config.events = true;
    world_make_with(&config);
    root = moor_root(world);
    a = world_spawn(root, "a");
    b = world_spawn(root, "b");
    told = 0;
}

static void with_a_bell(void)
{
    quiet();
    world_expect_error("fd", moor_events_fd(world, &bell), MOOR_OK);
}

static size_t read_some(size_t room)
{
    moor_event events[MOST];
    size_t count = 0;

    world_expect_error("events",
                       moor_events(world, root, events, room, &count), MOOR_OK);
    told += count;
    return count;
}

static bool bell_rang(void)
{
    eventfd_t ignored;

    return eventfd_read(bell, &ignored) == 0;
}

/* An event loop, for some rounds. */
static void listen(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (bell_rang()) (void)read_some(MOST);
    }
}

/* The same, with little room. */
static void listen_to_one(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (bell_rang()) (void)read_some(1);
    }
}

static void read_one(void)
{
    (void)read_some(1);
}

static void ask(void)
{
    world_expect_error("fd", moor_events_fd(world, &fds[model_self()]),
                       MOOR_OK);
}

static void finish_a(void)
{
    world_expect_error("finish", world_finish(a), MOOR_OK);
}

static void finish_b(void)
{
    world_expect_error("finish", world_finish(b), MOOR_OK);
}

static void finish_both(void)
{
    finish_a();
    finish_b();
}

/* What the loop has not read it would be woken for. */
static void judge(void)
{
    bool rang = bell_rang();

    if (read_some(MOST) > 0 && !rang) {
        model_fail("an event is there, and the bell is silent");
    }
    WORLD_EXPECT(told == 2);
    world_end();
}

static void judge_same(void)
{
    WORLD_EXPECT(fds[0] == fds[1]);
    world_end();
}

static void judge_asked(void)
{
    bell = fds[0];
    judge();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"two_enders", with_a_bell, {listen, finish_a, finish_b}, 3, judge, 2},
    {"one_ender", with_a_bell, {listen, finish_both}, 2, judge, 2},
    {"little_room", with_a_bell, {listen_to_one, finish_both}, 2, judge, 2},
    {"little_room_two_enders", with_a_bell,
     {listen_to_one, finish_a, finish_b}, 3, judge, 1},
    {"another_reader", with_a_bell, {listen, finish_both, read_one}, 3, judge,
     1},
    {"asked_late", quiet, {ask, finish_both}, 2, judge_asked, 0},
    {"asked_twice", quiet, {ask, ask}, 2, judge_same, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
