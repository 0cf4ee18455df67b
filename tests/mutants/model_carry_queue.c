/*
 * What is carried to who waits for a slot, and by the words of the queue and of
 * the slots.
 *
 * Goal    S1 and Q1 each carry what they say.  Of who waits, and who ends a run
 *         (Q2), cancels (Q3) or begins a lease (W3), at least one sees the
 *         other.
 * Method  with loads that may be late (weak.c).
 * Limits  who sleeps stays asleep (world/sleep.h).
 */
#include "carry.h"

#include "charge.h"
#include "clock.h"
#include "lease.h"
#include "world/sleep.h"

enum { TTL = 3 };

static struct queue_place *place;
static moor_agent holder, a;
static moor_cancellation cancellation;
static moor_error error; /* of who waits; MOOR_ERRORS: it sleeps */
static uint64_t next_ms; /* until when it would sleep; 0: no lease expires */
static uint32_t value;   /* of its event, before it looked */
static struct slots slots;
static uint64_t given; /* the word that a giver has seen */

/* --- before --------------------------------------------------------------- */

static void make(uint32_t running, moor_release release, uint32_t ttl_ms)
{
    const moor_spawn_options options = {.name = "a", .ttl_ms = ttl_ms};

    carry_nothing();
    sleep_begin();
    clock_step_ms = 1;
    cancellation = (moor_cancellation){0};
    error = MOOR_ERRORS;
    place = NULL;
    world_make(running, release);
    (void)moor_spawn(world, &options, &a, NULL);
    (void)moor_start(world, a);
}

static void full(void)
{
    make(1, MOOR_ON_COMPLETION, 0);
}

static void full_on_reserve(void)
{
    make(1, MOOR_ON_RESERVE, 0);
}

/* `a` keeps its slot, and the other one is the holder's for ever. */
static void idle_and_full(uint32_t ttl_ms)
{
    make(2, MOOR_ON_TURN_END, ttl_ms);
    holder = world_spawn((moor_agent){0}, "holder");
    (void)world_finish(a);
}

/* Its lease has passed while it was idle: its entry is laid by. */
static void laid_by(void)
{
    idle_and_full(TTL);
    clock_step_ms += TTL;
    lease_end_due(world);
    WORLD_EXPECT(lease_next_ms(world) == 0);
}

static void no_lease(void)
{
    idle_and_full(0);
}

static void enter(void)
{
    WORLD_EXPECT(queue_enter(&world->queue, QUEUE_ADMISSION, &place) ==
                 QUEUE_ENTERED);
}

static void say_so(void)
{
    struct slots_view seen;

    WORLD_EXPECT(!slots_take_or_wait(&world->running, &seen));
}

static void entered(void)
{
    full();
    enter();
}

static void waiting(void)
{
    entered();
    say_so();
}

/* Two slots of two, and nobody waits; or somebody did. */
static void both_taken(void)
{
    struct slots_view seen;

    carry_nothing();
    make(1, MOOR_ON_COMPLETION, 0);
    slots_init(&slots, 2);
    (void)slots_take_many(&slots, 2, &seen);
}

static void one_taken(void)
{
    both_taken();
    slots_give(&slots);
}

static void none_taken(void)
{
    one_taken();
    slots_give(&slots);
}

static void was_waited_for(void)
{
    struct slots_view seen;

    both_taken();
    (void)slots_take_or_wait(&slots, &seen);
    (void)slots_return(&slots, &given);
}

static void lent(void)
{
    make(2, MOOR_ON_COMPLETION, 0);
    (void)moor_lend(world, a);
}

/* --- after ---------------------------------------------------------------- */

static void end(void)
{
    queue_clear(&world->queue);
    moor_destroy(world); /* the counts are wrong: nothing is judged */
    world = NULL;
}

/* --- a place -------------------------------------------------------------- */

static bool is_handed(void)
{
    return queue_is_handed(place);
}

static bool has_been_handed(void)
{
    return !queue_withdraw(place);
}

static void spawn_patiently(void)
{
    const moor_patience patience = {.timeout_ms = MOOR_FOREVER,
                                    .cancellation = &cancellation};
    const moor_spawn_options options = {.name = "x", .patience = &patience};
    moor_agent agent;

    SLEEP_CALL(error = moor_spawn(world, &options, &agent, NULL));
    moor_store_relaxed(&over, 1);
}

static bool spawned_patiently(void)
{
    spawn_patiently();
    return error == MOOR_OK;
}

static void finish(void)
{
    (void)world_finish(a);
    moor_store_relaxed(&over, 1);
}

static void cancel(void)
{
    (void)moor_cancel(world, &cancellation);
    moor_store_relaxed(&over, 1);
}

static void spawn_late(void)
{
    await();
    spawn_patiently();
}

static void finish_late(void)
{
    await();
    finish();
}

static void cancel_late(void)
{
    await();
    cancel();
}

static void judge_awake(void)
{
    for (int i = 0; i < 2 && error == MOOR_ERRORS; i++) {
        if (sleep_for_ever(i)) model_fail("thread %d sleeps on", i);
    }
    end();
}

/* Who finds that somebody waits finds its place. */
static void wait_there(void)
{
    struct slots_view seen;

    enter();
    (void)slots_take_or_wait(&world->running, &seen);
    moor_store_relaxed(&over, 1);
}

static void give_there(void)
{
    uint64_t seen;

    if (!slots_return(&world->running, &seen) && !queue_hand(&world->queue)) {
        model_fail("somebody waits, and nobody is found");
    }
}

static void give_there_late(void)
{
    await();
    give_there();
}

/* --- slots ---------------------------------------------------------------- */

static struct slots_view look(void)
{
    return slots_look(&slots);
}

static bool took_one(void)
{
    struct slots_view seen;

    return slots_take(&slots, &seen);
}

static bool took_two(void)
{
    struct slots_view seen;

    return slots_take_many(&slots, 2, &seen);
}

static bool took_or_waits(void)
{
    struct slots_view seen;

    return slots_take_or_wait(&slots, &seen);
}

static void give_one(void)
{
    uint64_t seen;

    (void)slots_return(&slots, &seen);
}

static bool limit_is(uint32_t limit)
{
    return slots_look(&world->running).limit == limit;
}

CARRY(handed, queue_hand(&world->queue), is_handed())
CARRY(handed_before, queue_hand(&world->queue), has_been_handed())
CARRY(handed_asleep, world_finish(a), spawned_patiently())
CARRY(limit_with_waiter, moor_set_limit(world, MOOR_LIMIT_RUNNING, 2),
      limit_is(2))
CARRY(two_given, (give_one(), give_one()), took_two())
CARRY(two_refused, took_one(), !took_two())
CARRY(two_taken, took_two(), look().used == 2)
CARRY(two_or_wait, (give_one(), give_one()), took_or_waits())
CARRY(returned, give_one(), took_one())
CARRY(returned_last, slots_return_last(&slots, given), took_one())
CARRY(waited, took_or_waits(), look().used == 2)

/* --- lending -------------------------------------------------------------- */

static bool is_lent(bool lent_now)
{
    moor_info info;

    return moor_info_of(world, a, &info) == MOOR_OK && info.lent == lent_now;
}

CARRY(lend, moor_lend(world, a), is_lent(true))
CARRY(take_back, moor_take_back(world, a, NULL, NULL), is_lent(false))
CARRY(lent_slot, moor_lend(world, a), world_used() == 0)
CARRY(lent_twice, moor_lend(world, a), moor_lend(world, a) == MOOR_WRONG_STATUS)
CARRY(took_back_twice, moor_take_back(world, a, NULL, NULL),
      moor_take_back(world, a, NULL, NULL) == MOOR_NOT_LENT)

/* --- leases --------------------------------------------------------------- */

static void look_at_leases(void)
{
    enter();
    value = event_value(&place->event);
    say_so();
    next_ms = lease_next_ms(world);
    moor_store_relaxed(&over, 1);
}

static void run_again(void)
{
    (void)moor_run_again(world, a, NULL);
    moor_store_relaxed(&over, 1);
}

/* As one does that has been handed a slot. */
static void begin_lease(void)
{
    (void)lease_reserve(world, a.bits, TTL);
    lease_enter(world, a.bits);
    moor_store_relaxed(&over, 1);
}

static void look_at_leases_late(void)
{
    await();
    look_at_leases();
}

static void run_again_late(void)
{
    await();
    run_again();
}

static void begin_lease_late(void)
{
    await();
    begin_lease();
}

static void judge_lease(void)
{
    uint64_t next = lease_next_ms(world);

    if (next_ms != next && event_value(&place->event) == value) {
        model_fail("a lease has begun, and who waits does not know");
    }
    end();
}

#define CASE(before, name) CARRY_CASE(before, name, end)
#define PAIR(before, one, other, after)                               \
    {#before " " #one " " #other, before, {one, other}, 2, after, 0}, \
    {                                                                 \
#before " " #one " " #other "_late", before,                  \
            {one, other##_late }, 2, after, 0                         \
    }

/* clang-format off */
static const struct model_case cases[] = {
    CASE(waiting, handed),
    CASE(waiting, handed_before),
    CASE(full, handed_asleep),
    CASE(waiting, limit_with_waiter),
    CASE(both_taken, two_given),
    CASE(none_taken, two_refused),
    CASE(none_taken, two_taken),
    CASE(both_taken, two_or_wait),
    CASE(both_taken, returned),
    CASE(was_waited_for, returned_last),
    CASE(one_taken, waited),
    CASE(full, lend),
    CASE(lent, take_back),
    CASE(full, lent_slot),
    CASE(full, lent_twice),
    CASE(lent, took_back_twice),
    PAIR(full_on_reserve, spawn_patiently, finish, judge_awake),
    {"full_on_reserve finish spawn_late", full_on_reserve,
     {finish, spawn_late}, 2, judge_awake, 0},
    PAIR(full, spawn_patiently, cancel, judge_awake),
    {"full cancel spawn_late", full, {cancel, spawn_late}, 2, judge_awake, 0},
    PAIR(full, wait_there, give_there, end),
    PAIR(laid_by, run_again, look_at_leases, judge_lease),
    PAIR(laid_by, look_at_leases, run_again, judge_lease),
    PAIR(no_lease, begin_lease, look_at_leases, judge_lease),
    PAIR(no_lease, look_at_leases, begin_lease, judge_lease),
};
/* clang-format on */

WORLD_MAIN(cases)
