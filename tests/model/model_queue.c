/*
 * The queue for running slots, and lending.
 *
 * Goal    No wake-up is lost: nobody sleeps while a slot is free.  Every slot
 *         is somebody's: an agent's, a ticket's, or handed to one that waits.
 *         The oldest comes first.  Of lend, take_back and all ends one wins.
 * Method  every schedule up to the order of independent steps, or within two
 *         preemptions where that is too much.
 * Limits  who sleeps stays asleep (world/sleep.h): what it would do with the
 *         slot it is handed is explored where that comes before it sleeps.
 */
#include "charge.h"
#include "clock.h"
#include "lease.h"
#include "world/sleep.h"
#include "world/world.h"

static const moor_patience patience = {.timeout_ms = 1};

static moor_agent holder, spare;
static moor_agent got[MODEL_THREADS_MAX];
static moor_error error[MODEL_THREADS_MAX];
static struct queue_place *queued[2]; /* that were there before the run */
static moor_cancellation cancellation;
static uint64_t sleeps_until; /* 0: it does not know of any lease */
static uint32_t slept_at;     /* the value of its event */

static void make_with_places(uint32_t running, moor_release release,
                             uint32_t places)
{
    moor_config config;

    sleep_begin();
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.release = release;
    config.queue = places;
    world_make_with(&config);
    holder = world_spawn((moor_agent){0}, "holder");
    moor_start(world, holder);
    queued[0] = queued[1] = NULL;
    cancellation = (moor_cancellation){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        got[i] = (moor_agent){0};
        error[i] = MOOR_ERRORS;
    }
}

static void make(uint32_t running, moor_release release)
{
    make_with_places(running, release, 2);
}

/* --- what is given -------------------------------------------------------- */

static void full(void)
{
    make(1, MOOR_ON_COMPLETION);
}

static void full_passing(void)
{
    full();
    sleep_deadlines_pass(true);
}

static void full_on_reserve(void)
{
    make(1, MOOR_ON_RESERVE);
}

static void full_on_turn_end(void)
{
    make(1, MOOR_ON_TURN_END);
}

static void two(void)
{
    make(2, MOOR_ON_COMPLETION);
    spare = world_spawn((moor_agent){0}, "spare");
}

/* One of them waits to run again, in a full registry. */
static void idle_one(void)
{
    make(1, MOOR_ON_COMPLETION);
    spare = holder;
    world_finish(spare);
    holder = world_spawn((moor_agent){0}, "second");
}

static void lent(void)
{
    full();
    WORLD_EXPECT(moor_lend(world, holder) == MOOR_OK);
    spare = world_spawn((moor_agent){0}, "spare");
}

static void lent_free(void)
{
    full();
    WORLD_EXPECT(moor_lend(world, holder) == MOOR_OK);
}

static void lent_two_free(void)
{
    make(2, MOOR_ON_COMPLETION);
    WORLD_EXPECT(moor_lend(world, holder) == MOOR_OK);
}

static void queue_up(int which, enum queue_class as)
{
    struct slots_view seen;

    WORLD_EXPECT(queue_enter(&world->queue, as, &queued[which]) ==
                 QUEUE_ENTERED);
    WORLD_EXPECT(!slots_take_or_wait(&world->running, &seen));
}

/* Somebody waited and went: the mark is still there. */
static void marked(void)
{
    full();
    queue_up(0, QUEUE_ADMISSION);
    WORLD_EXPECT(queue_withdraw(queued[0]));
}

/* The first of three places is taken, and the next that comes begins there. */
static void one_of_three(void)
{
    make_with_places(1, MOOR_ON_COMPLETION, 3);
    queue_up(0, QUEUE_ADMISSION);
    moor_store_relaxed(&world->queue.number, 3);
}

static void two_waiting(void)
{
    full();
    queue_up(0, QUEUE_ADMISSION);
    queue_up(1, QUEUE_ADMISSION);
}

static void lender_waiting(void)
{
    full();
    queue_up(0, QUEUE_ADMISSION);
    queue_up(1, QUEUE_TAKE_BACK);
}

/* The only slot is one's with a lease, which was renewed since the wheel was
 * told of it; a place is taken, and nobody has said so. */
static void renewed(void)
{
    const moor_spawn_options options = {.name = "leased", .ttl_ms = 3};

    make(1, MOOR_ON_COMPLETION);
    world_finish(holder);
    clock_step_ms = 1;
    WORLD_EXPECT(moor_spawn(world, &options, &holder, NULL) == MOOR_OK);
    clock_step_ms = 3;
    WORLD_EXPECT(moor_renew(world, holder) == MOOR_OK);
    clock_step_ms = 4;
    WORLD_EXPECT(queue_enter(&world->queue, QUEUE_ADMISSION, &queued[0]) ==
                 QUEUE_ENTERED);
}

/* --- threads -------------------------------------------------------------- */

static void spawn_with(const moor_patience *patient)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    int self = model_self();
    const moor_spawn_options options = {.name = names[self],
                                        .patience = patient};

    error[self] = moor_spawn(world, &options, &got[self], NULL);
}

static void spawn_patiently(void)
{
    SLEEP_CALL(spawn_with(&patience));
}

static void spawn_until_cancelled(void)
{
    const moor_patience patient = {.timeout_ms = MOOR_FOREVER,
                                   .cancellation = &cancellation};

    SLEEP_CALL(spawn_with(&patient));
}

static void cancel(void)
{
    moor_cancel(world, &cancellation);
}

static void spawn_same(void)
{
    const moor_spawn_options options = {.name = "same", .patience = &patience};
    int self = model_self();

    SLEEP_CALL(error[self] = moor_spawn(world, &options, &got[self], NULL));
}

/* As many come to wait, and go, as rounds are told apart. */
static void a_round_and_spawn(void)
{
    struct slots_view seen;

    for (int i = 0; i < 31; i++) {
        if (slots_take_or_wait(&world->running, &seen)) {
            charge_give(world);
            break;
        }
    }
    spawn_patiently();
}

/* Never in more than one place. */
static void come_and_go_twice(void)
{
    struct queue_place *place;

    for (int i = 0; i < 2; i++) {
        if (queue_enter(&world->queue, QUEUE_ADMISSION, &place) ==
            QUEUE_ENTERED)
            (void)queue_withdraw(place);
    }
}

static void come(void)
{
    if (queue_enter(&world->queue, QUEUE_ADMISSION, &queued[1]) !=
        QUEUE_ENTERED)
        model_fail("full, though one place of three was always vacant");
}

static void end_due(void)
{
    lease_end_due(world);
}

/* What the owner of the place does before it sleeps. */
static void look_until_when(void)
{
    struct slots_view seen;

    slept_at = event_value(&queued[0]->event);
    WORLD_EXPECT(!slots_take_or_wait(&world->running, &seen));
    sleeps_until = lease_next_ms(world);
}

static void spawn_at_once(void)
{
    spawn_with(NULL);
}

static void run_again_patiently(void)
{
    int self = model_self();

    SLEEP_CALL(error[self] = moor_run_again_queued(world, spare, &patience,
                                                   NULL));
}

static void take_back_patiently(void)
{
    int self = model_self();

    SLEEP_CALL(error[self] = moor_take_back(world, holder, &patience, NULL));
}

static void take_back(void)
{
    error[model_self()] = moor_take_back(world, holder, NULL, NULL);
}

static void lend(void)
{
    error[model_self()] = moor_lend(world, holder);
}

static void finish(void)
{
    world_finish(holder);
}

static void finish_spare(void)
{
    world_finish(spare);
}

static void close_holder(void)
{
    world_close_tree(holder);
}

static void reap(void)
{
    moor_reap(world, NULL);
}

static void raise_by_one(void)
{
    moor_set_limit(world, MOOR_LIMIT_RUNNING, 2);
}

static void raise_by_two(void)
{
    moor_set_limit(world, MOOR_LIMIT_RUNNING, 3);
}

static void lower(void)
{
    moor_set_limit(world, MOOR_LIMIT_RUNNING, 0);
}

static void finish_twice(void)
{
    finish();
    finish_spare();
}

/* --- verdict -------------------------------------------------------------- */

/* Agents and tickets that hold a slot; or only the idle ones. */
static uint64_t with_slot(bool idle)
{
    const moor_list_filter all = {0};
    moor_info infos[8];
    uint64_t cursor = 0, count = 0;
    size_t found;

    do {
        moor_list(world, &all, &cursor, infos, 8, &found);
        for (size_t i = 0; i < found; i++)
            count += infos[i].slot && infos[i].depth > 0 &&
                     (!idle || moor_is_evictable(infos[i].status));
    } while (cursor != 0);
    return count;
}

static bool idle_with_slot(void)
{
    return with_slot(true) > 0;
}

/* Who waits still, or was handed a slot that it has not taken yet: those that
 * sleep, and those that were queued before. */
static uint64_t judge_sleepers(void)
{
    const struct queue_room *room =
        (const struct queue_room *)moor_pointer_acquire(&world->queue.room);
    bool waits = queue_length(&world->queue) > 0;
    uint64_t handed = 0, owners = (queued[0] != NULL) + (queued[1] != NULL);

    for (uint32_t i = 0; room != NULL && i < world->queue.size; i++)
        handed += queue_is_handed(&room->places[i]);
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        owners += error[i] == MOOR_ERRORS && sleep_happened(i);
        if (error[i] != MOOR_ERRORS || !sleep_for_ever(i)) continue;
        if (!waits) model_fail("thread %d sleeps on with a slot", i);
        if (!slots_view_is_full(slots_look(&world->running)))
            model_fail("thread %d sleeps while a slot is free", i);
        if (!slots_are_waited_for(&world->running))
            model_fail("thread %d sleeps, and nobody is told", i);
        if (world->release == MOOR_ON_RESERVE && idle_with_slot())
            model_fail("thread %d sleeps while an idle agent has a slot", i);
    }
    if (handed > owners) model_fail("a slot was handed to nobody");
    return handed;
}

static void judge(void)
{
    uint64_t handed = judge_sleepers();
    uint64_t sum = with_slot(false) + handed;

    if (world_used() != sum)
        model_fail("%d are used, %d held or handed", (int)world_used(),
                   (int)sum);
    /* The sleepers go, with what they were handed. */
    queue_clear(&world->queue);
    for (; handed > 0; handed--)
        slots_give(&world->running);
    world_end();
}

/* Who sleeps is awake when the lease is to be looked at next. */
static void judge_until_when(void)
{
    uint64_t next = lease_next_ms(world);

    if ((sleeps_until == 0 || sleeps_until > next) &&
        event_value(&queued[0]->event) == slept_at)
        model_fail("one sleeps until %d, and a lease is to be looked at at %d",
                   (int)sleeps_until, (int)next);
    clock_step_ms = 1;
    judge();
}

/* The slot goes to the one that comes first. */
static void judge_first(int first)
{
    WORLD_EXPECT(queue_is_handed(queued[first]));
    WORLD_EXPECT(!queue_is_handed(queued[1 - first]));
    judge();
}

static void judge_oldest(void)
{
    judge_first(0);
}

static void judge_lender(void)
{
    judge_first(1);
}

static void judge_cancelled(void)
{
    if (error[0] == MOOR_ERRORS && sleep_for_ever(0))
        model_fail("it is cancelled, and sleeps on");
    judge();
}

/* It lends, or ends, and then has nothing to give. */
static void judge_lend(void)
{
    moor_info info;

    if (moor_info_of(world, holder, &info) == MOOR_OK)
        WORLD_EXPECT(!info.lent || info.status == MOOR_STATUS_RUNNING);
    judge();
}

static void judge_one_took_back(void)
{
    WORLD_EXPECT((error[0] == MOOR_OK) + (error[1] == MOOR_OK) == 1);
    judge_lend();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish", full, {spawn_patiently, finish}, 2, judge, 0},
    {"finish_at_deadline", full_passing, {spawn_patiently, finish}, 2, judge,
     0},
    {"finish_on_reserve", full_on_reserve, {spawn_patiently, finish}, 2, judge,
     0},
    {"reap_on_turn_end", full_on_turn_end, {spawn_patiently, finish, reap}, 3,
     judge, 2 | MODEL_IF_LARGE},
    {"close", full, {spawn_patiently, close_holder}, 2, judge, 0},
    {"finish_two_waiters", full, {spawn_patiently, spawn_patiently, finish}, 3,
     judge, 3 | MODEL_IF_LARGE},
    {"two_finish_two_waiters", two,
     {spawn_patiently, spawn_patiently, finish_twice}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"two_finish_two_givers", two, {spawn_patiently, finish, finish_spare}, 3,
     judge, 3 | MODEL_IF_LARGE},
    {"finish_overtaker", full, {spawn_patiently, spawn_at_once, finish}, 3,
     judge, 3 | MODEL_IF_LARGE},
    {"marked_finish", marked, {spawn_patiently, finish}, 2, judge, 0},
    {"a_round_while_giving", marked, {a_round_and_spawn, finish}, 2,
     judge, 2 | MODEL_IF_LARGE},
    {"same_path", two, {spawn_same, spawn_same, finish_twice}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"raise", full, {spawn_patiently, raise_by_one}, 2, judge, 0},
    {"raise_finish", full, {spawn_patiently, raise_by_two, finish}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"raise_two_waiters", full,
     {spawn_patiently, spawn_patiently, raise_by_two}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"lower_finish", full, {spawn_patiently, lower, finish}, 3, judge,
     3 | MODEL_IF_LARGE},
    {"run_again", idle_one, {run_again_patiently, finish}, 2, judge, 0},
    {"cancel", full, {spawn_until_cancelled, cancel}, 2, judge_cancelled, 0},
    {"cancel_finish", full, {spawn_until_cancelled, cancel, finish}, 3,
     judge_cancelled, 3 | MODEL_IF_LARGE},
    {"a_place_is_vacant", one_of_three, {come, come_and_go_twice}, 2, judge, 0},
    {"oldest_first", two_waiting, {finish}, 1, judge_oldest, 0},
    {"lender_first", lender_waiting, {finish}, 1, judge_lender, 0},
    {"lend_waiter", full, {spawn_patiently, lend}, 2, judge_lend, 0},
    {"lend_finish", full, {lend, finish}, 2, judge_lend, 0},
    {"lend_close", full, {lend, close_holder}, 2, judge_lend, 0},
    {"take_back_finish", lent_free, {take_back, finish}, 2, judge_lend, 0},
    {"take_back_twice", lent_free, {take_back, take_back}, 2,
     judge_one_took_back, 0},
    {"take_back_twice_two_slots", lent_two_free, {take_back, take_back}, 2,
     judge_one_took_back, 0},
    {"take_back_waits", lent, {take_back_patiently, finish_spare}, 2,
     judge_lend, 0},
    {"take_back_waits_finish", lent,
     {take_back_patiently, finish_spare, finish}, 3, judge_lend, 0},
    {"renewed_two_look", renewed, {end_due, end_due, look_until_when}, 3,
     judge_until_when, 2},
};
/* clang-format on */

WORLD_MAIN(cases)
