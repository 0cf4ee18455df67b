/*
 * What is carried by completion events and by the bell.
 *
 * Goal    C1, C3: who has an event knows what came before the end, and finds
 *         status and slot.  B1: an event that is there has rung the bell since
 *         the last look.
 * Method  with loads that may be late (weak.c).
 * Limits  the descriptor is the kernel's, as in model_bell.c.
 */
#include "carry.h"

#include <sys/eventfd.h>

#include "books.h"
#include "ends.h"

enum { MOST = 8 };

static moor_agent root, p, a, b;
static int bell;
static size_t told; /* events that were read */

/* --- before --------------------------------------------------------------- */

static void make(moor_release release)
{
    moor_config config;

    carry_nothing();
    moor_config_default(&config);
    config.release = release;
    config.close_rule = MOOR_ADOPT;
    config.events = true;
    world_make_with(&config);
    root = moor_root(world);
    a = world_spawn(root, "a");
    told = 0;
}

static void one(void)
{
    make(MOOR_ON_COMPLETION);
}

static void one_keeps_slot(void)
{
    make(MOOR_ON_TURN_END);
}

static void ignore(void *context, moor_registry *registry, moor_agent agent,
                   moor_status status)
{
    (void)context;
    (void)registry;
    (void)agent;
    (void)status;
}

/* Nobody keeps events, but somebody is told of releases: then who ends a run
 * does not hold the record. */
static void one_told(void)
{
    moor_config config;

    carry_nothing();
    moor_config_default(&config);
    config.on_release = ignore;
    world_make_with(&config);
    a = world_spawn((moor_agent){0}, "a");
}

/* One end is counted, and it runs again. */
static void one_unread(void)
{
    one();
    (void)world_finish(a);
    (void)moor_run_again(world, a, NULL);
}

static void one_unread_keeps_slot(void)
{
    one_keeps_slot();
    (void)world_finish(a);
    (void)moor_run_again(world, a, NULL);
}

static void with_a_bell(void)
{
    eventfd_t ignored;

    one();
    b = world_spawn(root, "b");
    p = world_spawn(root, "p");
    (void)moor_events_fd(world, &bell);
    (void)eventfd_read(bell, &ignored);
}

static void without_a_bell(void)
{
    one();
    b = world_spawn(root, "b");
}

/* --- what is looked at ---------------------------------------------------- */

static size_t read_queue(moor_agent owner)
{
    moor_event events[MOST];
    size_t count = 0;

    (void)moor_events(world, owner, events, MOST, &count);
    told += count;
    return count;
}

static size_t read_root(void)
{
    return read_queue(root);
}

static bool read_first(void)
{
    return read_root() == 1;
}

static bool read_second(void)
{
    return read_root() == 2;
}

CARRY(first_end, world_finish(a), read_first())
CARRY(second_end, world_finish(a), read_second())
CARRY(finish_lost, world_finish(a), world_finish(a) == MOOR_WRONG_STATUS)

/* Both ends: then the second one can be seen. */
static void finish(void)
{
    (void)world_finish(a);
    moor_store_relaxed(&over, 1);
}

static void look_at_second(void)
{
    if (read_second()) {
        world_expect_status(a, MOOR_STATUS_COMPLETED);
        world_expect_used(0);
    }
}

static void look_at_second_late(void)
{
    await();
    look_at_second();
}

/* --- the bell ------------------------------------------------------------- */

static bool bell_rang(void)
{
    eventfd_t ignored;

    return eventfd_read(bell, &ignored) == 0;
}

static void await_note(int thread)
{
    for (int i = 0; i < AWAIT_MOST && moor_load_relaxed(&note[thread]) == 0;
         i++)
        continue;
}

/* A look into another queue, which the loop has not seen, an end, and when the
 * loop has looked, another one. */
static void look_and_end_twice(void)
{
    (void)read_queue(p);
    (void)world_finish(a);
    moor_store_relaxed(&over, 1);
    await_note(1);
    (void)world_finish(b);
}

static void listen_late(void)
{
    await();
    if (bell_rang()) (void)read_root();
    say();
}

/* The same, and it is the loop that asks for the bell. */
static void ask_and_listen(void)
{
    (void)moor_events_fd(world, &bell);
    if (bell_rang()) (void)read_root();
    moor_store_relaxed(&over, 1);
}

static void end_late(void)
{
    await();
    (void)world_finish(a);
    (void)world_finish(b);
}

/* What the loop has not read it would be woken for. */
static void judge_bell(void)
{
    bool rang = bell_rang();

    if (read_root() > 0 && !rang) {
        model_fail("an event is there, and the bell is silent");
    }
    WORLD_EXPECT(told == 2);
    world_end();
}

/* --- a queue whose owner's start failed ----------------------------------- */

static void below_p(void)
{
    carry_nothing();
    make(MOOR_ON_COMPLETION);
    p = world_spawn(root, "p");
    a = world_spawn(p, "below");
}

static void fail_p(void)
{
    (void)moor_start_failed(world, p);
    moor_store_relaxed(&over, 1);
}

static void finish_late(void)
{
    await();
    (void)world_finish(a);
}

static void fail_p_late(void)
{
    await();
    fail_p();
}

/* Nothing keeps a record any more. */
static void judge_all_free(void)
{
    (void)moor_close(world, root, MOOR_CLOSE_TREE, NULL);
    while (read_root() > 0)
        continue;
    for (uint32_t i = 1; i < books_end(world); i++) {
        uint64_t word =
            moor_load_relaxed(&record_at(&world->records, i)->state);
        if (word_phase(word) != WORD_FREE) model_fail("record %u is kept", i);
    }
    world_end();
}

/* --- two read one queue -------------------------------------------------*/

static void finish_two(void)
{
    char name[] = "x0";

    for (int i = 0; i < 2; i++) {
        name[1]++;
        (void)world_finish(world_spawn(root, name));
    }
}

/* One stands in order, and two have arrived since. */
static void three_unread(void)
{
    moor_event event;

    one();
    (void)world_finish(a);
    (void)world_finish(world_spawn(root, "b"));
    (void)moor_events(world, root, &event, 1, &told);
    finish_two();
}

static size_t told_to[MODEL_THREADS_MAX];

static void read_some(void)
{
    moor_event events[MOST];

    (void)moor_events(world, root, events, MOST, &told_to[model_self()]);
}

static void judge_three(void)
{
    size_t left = read_root();

    if (told_to[0] + told_to[1] + left != 3) {
        model_fail("%zu and %zu events were read, and %zu are left",
                   told_to[0], told_to[1], left);
    }
    world_end();
}

/* --- a member in the hand of another -------------------------------------- */

static const struct annex *annex_at(moor_agent agent)
{
    return (const struct annex *)arena_at(
        &world->annexes, life_index(agent.bits), sizeof(struct annex));
}

/* Behind b in its list stands a; whoever takes the list turns it round. */
static void two_unread_of(moor_agent owner)
{
    a = world_spawn(owner, "first");
    b = world_spawn(owner, "second");
    (void)world_finish(a);
    (void)world_finish(b);
    (void)moor_run_again(world, a, NULL);
    WORLD_EXPECT(moor_load_relaxed(&annex_at(b)->next) == life_index(a.bits));
}

static void two_unread(void)
{
    one();
    two_unread_of(root);
}

static void two_unread_below(void)
{
    one();
    p = world_spawn(root, "p");
    two_unread_of(p);
}

static void read_both(void)
{
    (void)read_root();
}

static void close_owner(void)
{
    (void)moor_close(world, p, MOOR_CLOSE_ADOPT, NULL);
}

/* Who counts an end when the last one has been taken sees what was done to the
 * list while the member was in hand. */
static void finish_when_taken(void)
{
    const moor_word *unread = &annex_at(a)->unread;

    for (int i = 0; i < AWAIT_MOST && ends_any(moor_load_relaxed(unread)); i++)
        continue;
    if (ends_any(moor_load_relaxed(unread))) return;
    (void)world_finish(a);
    if (moor_load_relaxed(&annex_at(b)->next) == life_index(a.bits)) {
        model_fail("counted as unlinked, and the list is as it was");
    }
}

/* The same, whatever it meets first: when it links, all have been taken. */
static void finish_and_link(void)
{
    uint64_t first = life_index(a.bits);

    (void)world_finish(a);
    if (moor_load_relaxed(&annex_at(root)->arrived) == first &&
        moor_load_relaxed(&annex_at(b)->next) == first) {
        model_fail("linked, and the list is as it was");
    }
}

#define CASE(before, name) CARRY_CASE(before, name, world_end)

/* clang-format off */
static const struct model_case cases[] = {
    CASE(one, first_end),
    CASE(one_keeps_slot, first_end),
    CASE(one_unread, second_end),
    CASE(one_unread_keeps_slot, second_end),
    CASE(one, finish_lost),
    CASE(one_told, finish_lost),
    {"seen_second", one_unread, {finish, look_at_second}, 2, world_end, 0},
    {"seen_second_late", one_unread, {finish, look_at_second_late}, 2,
     world_end, 0},
    {"heard_by_another", with_a_bell, {look_and_end_twice, listen_late}, 2,
     judge_bell, 0},
    {"asked_and_heard", without_a_bell, {ask_and_listen, end_late}, 2,
     judge_bell, 0},
    {"two_read", three_unread, {read_some, read_some}, 2, judge_three, 0},
    {"counted_when_read", two_unread, {read_both, finish_when_taken}, 2,
     world_end, 0},
    {"linked_when_read", two_unread, {read_both, finish_and_link}, 2,
     world_end, 0},
    {"counted_when_dropped", two_unread_below,
     {close_owner, finish_when_taken}, 2, world_end, 0},
    {"owner_fails", below_p, {fail_p, finish_late}, 2, judge_all_free, 0},
    {"owner_fails_late", below_p, {finish, fail_p_late}, 2, judge_all_free, 0},
    {"owner_fails_meanwhile", below_p, {finish, fail_p}, 2, judge_all_free, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
