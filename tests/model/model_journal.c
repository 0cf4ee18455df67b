/*
 * The journal: changes beside changes, beside whoever takes them.
 *
 * Goal    When all is quiet and taken, the last state of each agent was read:
 *         none is lost.  What a call has changed that has returned is taken by
 *         two calls, wherever another changer stands (J1).  Whoever was taken
 *         and done is held no longer: its record can be used again.
 * Method  every schedule up to the order of independent steps, or within a few
 *         preemptions where that is too much.
 *         A taker that sleeps is woken by whatever is to be taken (J2), also
 *         when the one that was to wake it stands still.
 * Limits  who sleeps stays asleep (world/sleep.h).
 */
#include <string.h>

#include "journal.h"
#include "moorage/journal.h"
#include "world/sleep.h"
#include "world/world.h"

enum { AGENTS = 6, ROOM = 4 };

/* What the latest look at an agent has seen. */
struct looked {
    moor_agent agent;
    moor_status status;
    bool closed;
};

static moor_agent holder, spare;
static moor_info holder_info, spare_info; /* where they are not kept */
static moor_agent got[MODEL_THREADS_MAX];
static struct looked looked[AGENTS];
static int looked_count;

/* --- the taker ------------------------------------------------------------ */

static struct looked *looked_at(moor_agent agent)
{
    for (int i = 0; i < looked_count; i++)
        if (looked[i].agent.bits == agent.bits) return &looked[i];
    WORLD_EXPECT(looked_count < AGENTS);
    looked[looked_count] = (struct looked){.agent = agent};
    return &looked[looked_count++];
}

static size_t take_some(void)
{
    moor_changed changed[ROOM];
    moor_change change;
    size_t count = 0;
    bool behind;

    WORLD_EXPECT(moor_changes(world, changed, ROOM, &count, &behind) ==
                 MOOR_OK);
    WORLD_EXPECT(!behind);
    for (size_t i = 0; i < count; i++) {
        moor_agent agent = changed[i].agent;
        struct looked *one = looked_at(agent);
        moor_error error = moor_change_read(world, agent, &change, NULL, 0);

        /* Stale: it has left since, and is noted once more. */
        WORLD_EXPECT(error == MOOR_OK || error == MOOR_STALE);
        if (error == MOOR_OK) {
            one->status = change.info.status;
            one->closed = change.closed;
        }
        WORLD_EXPECT(moor_change_done(world, &changed[i]) == MOOR_OK);
    }
    return count;
}

static void take(void)
{
    (void)take_some();
}

static void take_twice(void)
{
    take();
    take();
}

static void drain(void)
{
    while (take_some() > 0) {
    }
}

/* As a taker does all day. */
static void follow(void)
{
    SLEEP_CALL((void)moor_journal_wait(world, MOOR_FOREVER));
    if (!sleep_happened(model_self())) take();
}

static void follow_twice(void)
{
    follow();
    if (!sleep_happened(model_self())) follow();
}

/* --- what is given -------------------------------------------------------- */

static void make_with(uint32_t running)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.journal = true;
    sleep_begin();
    world_make_with(&config);
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        got[i] = (moor_agent){0};
    looked_count = 0;
    holder = world_spawn((moor_agent){0}, "holder");
    spare = world_spawn((moor_agent){0}, "spare");
}

/* Two agents, and nothing to take. */
static void two(void)
{
    make_with(4);
    (void)moor_journal_wait(world, MOOR_FOREVER);
    drain();
}

/* Noted already. */
static void two_noted(void)
{
    make_with(4);
}

/* Nothing to take, but the taker was told and has not slept since. */
static void two_rung(void)
{
    make_with(4);
    drain();
}

/* A child that closes with its parent. */
static void one_below(void)
{
    make_with(4);
    world_close_tree(spare);
    spare = world_spawn(holder, "below");
    drain();
}

/* The journal has no room: who leaves is used again at once. */
static void no_room(void)
{
    one_below();
    WORLD_EXPECT(moor_info_of(world, holder, &holder_info) == MOOR_OK);
    WORLD_EXPECT(moor_info_of(world, spare, &spare_info) == MOOR_OK);
    moor_store_relaxed(&world->journal->kept, MOOR_JOURNAL_MAX);
}

/* --- changers ------------------------------------------------------------- */

static void start(void)
{
    (void)moor_start(world, holder);
}

static void finish(void)
{
    (void)world_finish(holder);
}

static void finish_spare(void)
{
    (void)world_finish(spare);
}

static void finish_and_run_again(void)
{
    (void)world_finish(holder);
    (void)moor_run_again(world, holder, NULL);
}

static void interrupt(void)
{
    (void)moor_interrupt(world, holder);
}

static void close_holder(void)
{
    (void)world_close_tree(holder);
}

static void start_failed(void)
{
    (void)moor_start_failed(world, holder);
}

static void spawn(void)
{
    (void)world_try_spawn((moor_agent){0}, "new", &got[model_self()]);
}

/* Its record may be the one that was left. */
static void close_and_spawn(void)
{
    close_holder();
    spawn();
}

static void close_and_spawn_two(void)
{
    const moor_id id = {{7, 7, 7, 7, 7, 7, 7, 7, 7}};
    const moor_spawn_options options = {.name = "p", .id = &id};
    moor_agent parent;

    close_holder();
    if (moor_spawn(world, &options, &parent, NULL) == MOOR_OK)
        (void)world_try_spawn(parent, "c", &got[model_self()]);
}

/* Rings, and comes to nothing more. */
static void stand_still(void)
{
    (void)moor_exchange_acq_rel(&world->journal->rung, 1);
}

/* --- who reads without having taken --------------------------------------- */

static bool is_id(const moor_id *a, const moor_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void read_spare(void)
{
    moor_change change;
    moor_error error = moor_change_read(world, spare, &change, NULL, 0);

    WORLD_EXPECT(error == MOOR_OK || error == MOOR_STALE);
    if (error != MOOR_OK) return;
    WORLD_EXPECT(is_id(&change.info.id, &spare_info.id));
    WORLD_EXPECT(is_id(&change.parent, &holder_info.id));
    WORLD_EXPECT(strcmp(change.info.path, spare_info.path) == 0);
    WORLD_EXPECT(change.info.depth == spare_info.depth);
}

/* --- a changer that takes what it has changed ----------------------------- */

static bool was_read(moor_agent agent, moor_status status)
{
    for (int i = 0; i < looked_count; i++)
        if (looked[i].agent.bits == agent.bits)
            return looked[i].closed || looked[i].status == status;
    return false;
}

/* Another one noting the same agent may stand anywhere, for ever. */
static void finish_and_take(void)
{
    if (world_finish(holder) != MOOR_OK) return;
    take_twice();
    WORLD_EXPECT(was_read(holder, MOOR_STATUS_COMPLETED));
}

static void close_and_take(void)
{
    close_holder();
    take_twice();
    WORLD_EXPECT(was_read(holder, MOOR_STATUS_NOT_FOUND));
}

static void spawn_and_take(void)
{
    int self = model_self();

    spawn();
    take_twice();
    WORLD_EXPECT(was_read(got[self], MOOR_STATUS_PENDING_INIT));
}

/* --- verdict -------------------------------------------------------------- */

static void judge_agent(moor_agent agent)
{
    const struct looked *one;
    moor_status now = world_status(agent);
    moor_change change;

    if (agent.bits == 0) return;
    one = looked_at(agent);
    if (now == MOOR_STATUS_NOT_FOUND) {
        if (!one->closed) model_fail("it has left, and that was not read");
        if (moor_change_read(world, agent, &change, NULL, 0) == MOOR_OK)
            model_fail("it has left, and is held still");
    } else if (one->closed || one->status != now) {
        model_fail("it is %s, and %s was read last", moor_status_name(now),
                   moor_status_name(one->status));
    }
}

static void judge(void)
{
    size_t left = take_some();

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        if (left > 0 && sleep_for_ever(i))
            model_fail("thread %d sleeps, and there is something to take", i);
    drain();
    judge_agent(holder);
    judge_agent(spare);
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        judge_agent(got[i]);
    world_end();
}

static void judge_no_room(void)
{
    moor_changed changed[ROOM];
    size_t count;
    bool behind;

    WORLD_EXPECT(moor_changes(world, changed, ROOM, &count, &behind) ==
                 MOOR_OK);
    WORLD_EXPECT(behind);
    moor_store_relaxed(&world->journal->kept, 0);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish", two, {finish, take}, 2, judge, 0},
    {"start", two, {start, take}, 2, judge, 0},
    {"finish_noted", two_noted, {finish, take}, 2, judge, 0},
    {"run_again", two, {finish_and_run_again, take}, 2, judge, 0},
    {"take_twice", two, {finish_and_run_again, take_twice}, 2, judge, 0},
    {"two_changes", two, {start, finish, take}, 3, judge, 3 | MODEL_IF_LARGE},
    {"two_agents", two, {finish, finish_spare, take}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"two_agents_noted", two_noted, {finish, finish_spare, take}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"three_changes", two, {start, interrupt, finish_and_run_again, take}, 4,
     judge, 2 | MODEL_IF_LARGE},
    {"close", two, {close_holder, take}, 2, judge, 0},
    {"close_noted", two_noted, {close_holder, take_twice}, 2, judge, 0},
    {"close_finish", two, {close_holder, finish, take}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"close_below", one_below, {close_holder, finish_spare, take}, 3, judge,
     2 | MODEL_IF_LARGE},
    {"start_failed", two, {start_failed, take}, 2, judge, 0},
    {"start_failed_noted", two_noted, {start_failed, take_twice}, 2, judge, 0},
    {"spawn", two, {spawn, take}, 2, judge, 0},
    {"reused_record", two, {close_and_spawn, take_twice}, 2, judge, 0},
    {"reused_record_finish", two, {close_and_spawn, finish, take}, 3, judge,
     2 | MODEL_IF_LARGE},
    {"returned", two, {start, finish_and_take}, 2, judge, 0},
    {"returned_run_again", two, {finish_and_run_again, close_and_take}, 2,
     judge, 0},
    {"returned_two", two, {start, interrupt, close_and_take}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"follow", two, {finish, follow}, 2, judge, 0},
    {"follow_noted", two_noted, {finish, follow_twice}, 2, judge, 0},
    {"follow_rung", two_rung, {finish, follow_twice}, 2, judge, 0},
    {"follow_close", two, {close_holder, follow_twice}, 2, judge, 0},
    {"follow_two", two, {finish, finish_spare, follow_twice}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"follow_still", two, {stand_still, finish, follow_twice}, 3, judge, 0},
    {"follow_still_two", two, {finish, stand_still, finish_spare, follow_twice},
     4, judge, 3 | MODEL_IF_LARGE},
    {"returned_spawn", two, {finish, spawn_and_take}, 2, judge, 0},
    {"read_of_one_used_again", no_room, {close_and_spawn_two, read_spare}, 2,
     judge_no_room, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
