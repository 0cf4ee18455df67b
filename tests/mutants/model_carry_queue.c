/*
 * What is carried to who waits for a slot, and by the words of the queue.
 *
 * Goal    Who waits and who cancels, or begins a lease: at least one sees the
 *         other (Q3, W2).
 * Method  with loads that may be late (weak.c).
 * Limits  nobody sleeps: who waits only looks at what it would sleep for.
 */
#include "carry.h"

#include "charge.h"
#include "clock.h"
#include "lease.h"
#include "world/sleep.h"

enum { TTL = 3 };

static struct queue_place *place;
static moor_agent holder, a;
static uint64_t next_ms; /* until when it would sleep; 0: no lease expires */
static uint32_t value;   /* of its event, before it looked */

/* --- before --------------------------------------------------------------- */

/* Two places, and one agent beside `a` that holds its slot for ever. */
static void full(uint32_t ttl_ms)
{
    const moor_spawn_options options = {.name = "a", .ttl_ms = ttl_ms};

    carry_nothing();
    sleep_begin();
    clock_step_ms = 1;
    world_make(2, MOOR_ON_TURN_END);
    holder = world_spawn((moor_agent){0}, "holder");
    (void)moor_spawn(world, &options, &a, NULL);
    (void)world_finish(a);
}

/* Its lease has passed while it was idle: its entry is laid by. */
static void laid_by(void)
{
    full(TTL);
    clock_step_ms += TTL;
    lease_end_due(world);
    WORLD_EXPECT(lease_next_ms(world) == 0);
}

static void no_lease(void)
{
    full(0);
}

/* --- leases --------------------------------------------------------------- */

static void enter(void)
{
    WORLD_EXPECT(queue_enter(&world->queue, QUEUE_ADMISSION, &place) ==
                 QUEUE_ENTERED);
}

static void wait_late(void)
{
    struct slots_view seen;

    enter();
    value = event_value(&place->event);
    await();
    WORLD_EXPECT(!slots_take_or_wait(&world->running, &seen));
    next_ms = lease_next_ms(world);
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

static void judge_lease(void)
{
    uint64_t next = lease_next_ms(world);

    if (next_ms != next && event_value(&place->event) == value) {
        model_fail("a lease has begun, and who waits does not know");
    }
    WORLD_EXPECT(queue_withdraw(place));
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"lease_begins", laid_by, {run_again, wait_late}, 2, judge_lease, 0},
    {"first_lease_begins", no_lease, {begin_lease, wait_late}, 2, judge_lease,
     0},
};
/* clang-format on */

WORLD_MAIN(cases)
