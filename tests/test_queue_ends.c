/*
 * The queue for running slots: deadlines, cancellation, how many may wait, what
 * a waiter holds, how it is judged anew, and what is left after a kill.
 */
#include "queued.h"

enum { NEAR_MS = 30, FAR_MS = 10000 };

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- deadlines ------------------------------------------------------------ */

static void expect_refusal(const struct queued *one, moor_agent holder)
{
    cr_assert_eq(one->refusal.limit, MOOR_LIMIT_RUNNING);
    cr_assert_eq(one->refusal.limit_value, 1);
    cr_assert_eq(one->refusal.used, 1);
    cr_assert_eq(one->refusal.holders_count, 1);
    cr_assert_eq(one->refusal.holders[0].agent.bits, holder.bits);
    cr_assert_eq(one->refusal.holders[0].status, MOOR_STATUS_RUNNING);
    cr_assert_eq(one->refusal.holders[0].freed_by, MOOR_FREED_BY_FINISH);
}

Test(queue, at_its_deadline_it_is_refused_and_not_before)
{
    for (int kind = 0; kind < QUEUED_KINDS; kind++) {
        moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
        struct queued one = given_waiter(registry, (enum queued_kind)kind);
        moor_agent holder = runs(registry, "holder");
        uint64_t begin = now_ms();

        one.patience.timeout_ms = NEAR_MS;
        memset(&one.refusal, 0x5a, sizeof one.refusal);
        cr_assert_eq(queued_call(&one), MOOR_REFUSED);
        cr_assert_geq(now_ms() - begin, NEAR_MS - 1);
        cr_assert_lt(now_ms() - begin, FAR_MS);
        expect_refusal(&one, holder);
        cr_assert_eq(stats_of(registry).refused[MOOR_LIMIT_RUNNING], 1);
        cr_assert_eq(waiting(registry), 0);
        /* It left nothing behind, and no mark that misleads. */
        completes(registry, holder);
        cr_assert_eq(used(registry), 0);
        cr_assert_eq(queued_call(&one), MOOR_OK);
        done(registry);
    }
}

/* Neither null nor timeout 0 waits. */
Test(queue, without_patience_it_does_not_wait)
{
    for (int kind = 0; kind < QUEUED_KINDS; kind++) {
        moor_registry *registry = given_queue(0, MOOR_ON_COMPLETION);
        struct queued one = given_waiter(registry, (enum queued_kind)kind);
        moor_agent holder = runs(registry, "holder");

        for (int i = 0; i < 2; i++) {
            one.impatient = i == 0;
            memset(&one.refusal, 0x5a, sizeof one.refusal);
            /* A queue of none would be full. */
            cr_assert_eq(queued_call(&one), MOOR_REFUSED);
            expect_refusal(&one, holder);
        }
        cr_assert_null(moor_pointer_acquire(&registry->queue.room));
        done(registry);
    }
}

Test(queue, for_ever_ends_only_with_a_slot)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent holder = runs(registry, "holder");
    struct queued one = spawner(registry, "waiter");
    struct queued brief = spawner(registry, "brief");

    one.patience.timeout_ms = MOOR_FOREVER;
    brief.patience.timeout_ms = NEAR_MS;
    comes(&one);
    starts(&brief);
    EXPECT_TOLD(&brief, MOOR_REFUSED);
    cr_assert_not(is_back(&one));
    cr_assert_eq(waiting(registry), 1);
    completes(registry, holder);
    expect_served(&one);
    done(registry);
}

/* A free slot is taken, whatever the patience says. */
Test(queue, who_finds_a_slot_does_not_wait)
{
    moor_registry *registry = given_queue(0, MOOR_ON_COMPLETION);
    moor_cancellation cancelled = {1};
    struct queued one = spawner(registry, "waiter");

    one.patience = (moor_patience){MOOR_FOREVER, &cancelled};
    cr_assert_eq(queued_call(&one), MOOR_OK);
    done(registry);
}

/* --- cancellation --------------------------------------------------------- */

Test(queue, cancelled_before_it_came)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_cancellation cancellation = {0};
    moor_agent holder = runs(registry, "holder");
    struct queued one = spawner(registry, "waiter");

    cr_assert_eq(moor_cancel(registry, &cancellation), MOOR_OK);
    one.patience = (moor_patience){MOOR_FOREVER, &cancellation};
    starts(&one);
    EXPECT_TOLD(&one, MOOR_REFUSED);
    expect_refusal(&one, holder);
    cr_assert_eq(waiting(registry), 0);
    done(registry);
}

/* One cancellation for several; the others wait on, in their order. */
Test(queue, cancelled_while_it_waits)
{
    moor_registry *registry = given_queue(MANY, MOOR_ON_COMPLETION);
    moor_cancellation odd = {0}, even = {0};
    moor_agent holder = runs(registry, "holder");
    struct queued all[MANY];

    name_all(all, registry);
    for (int i = 0; i < MANY; i++) {
        all[i].patience =
            (moor_patience){MOOR_FOREVER, i % 2 == 1 ? &odd : &even};
        comes(&all[i]);
    }
    cr_assert_eq(moor_cancel(registry, &odd), MOOR_OK);
    for (int i = 1; i < MANY; i += 2) {
        EXPECT_TOLD(&all[i], MOOR_REFUSED);
        expect_refusal(&all[i], holder);
    }
    so_many_wait(registry, MANY / 2);
    for (int i = 0; i < MANY; i += 2) {
        completes(registry, holder);
        expect_served(&all[i]);
        holder = all[i].agent;
    }
    cr_assert_eq(stats_of(registry).refused[MOOR_LIMIT_RUNNING], MANY / 2);
    done(registry);
}

Test(queue, cancel_needs_something_to_cancel)
{
    moor_registry *registry = given();
    moor_cancellation cancellation = {0};

    cr_expect_eq(moor_cancel(NULL, &cancellation), MOOR_BAD_ARGUMENT);
    cr_expect_eq(cancellation.bits, 0);
    cr_expect_eq(moor_cancel(registry, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_cancel(registry, &cancellation), MOOR_OK);
    done(registry);
}

/* --- how many ------------------------------------------------------------- */

Test(queue, is_full)
{
    moor_registry *registry = given_queue(2, MOOR_ON_COMPLETION);
    moor_cancellation cancellation = {0};
    moor_agent holder = runs(registry, "holder");
    struct queued all[MANY];

    name_all(all, registry);
    all[1].patience = (moor_patience){MOOR_FOREVER, &cancellation};
    comes(&all[0]);
    comes(&all[1]);
    all[2].patience.timeout_ms = MOOR_FOREVER;
    cr_assert_eq(queued_call(&all[2]), MOOR_QUEUE_FULL);
    cr_assert_eq(stats_of(registry).refused[MOOR_LIMIT_RUNNING], 0);
    /* Who goes makes room, and so does who is served. */
    cr_assert_eq(moor_cancel(registry, &cancellation), MOOR_OK);
    EXPECT_TOLD(&all[1], MOOR_REFUSED);
    comes(&all[2]);
    all[3].patience.timeout_ms = MOOR_FOREVER;
    cr_assert_eq(queued_call(&all[3]), MOOR_QUEUE_FULL);
    completes(registry, holder);
    expect_served(&all[0]);
    comes(&all[4]);
    completes(registry, all[0].agent);
    expect_served(&all[2]);
    completes(registry, all[2].agent);
    expect_served(&all[4]);
    done(registry);
}

Test(queue, of_none_is_always_full)
{
    moor_registry *registry = given_queue(0, MOOR_ON_COMPLETION);
    struct picture *before;

    (void)runs(registry, "holder");
    before = picture(registry);
    for (int kind = 0; kind < A_RUN_AGAIN; kind++) {
        struct queued one = given_waiter(registry, (enum queued_kind)kind);

        one.patience.timeout_ms = MOOR_FOREVER;
        cr_assert_eq(queued_call(&one), MOOR_QUEUE_FULL);
    }
    unchanged(registry, before, "a full queue");
    done(registry);
}

Test(queue, has_so_many_places_at_most)
{
    moor_registry *registry = given_queue(MOOR_QUEUE_MAX, MOOR_ON_COMPLETION);
    moor_agent holder = runs(registry, "holder");
    struct queued one = spawner(registry, "waiter");
    moor_registry *none = NULL;
    moor_config config;

    comes(&one);
    completes(registry, holder);
    expect_served(&one);
    done(registry);
    moor_config_default(&config);
    cr_assert_eq(config.queue, 64);
    config.queue = MOOR_QUEUE_MAX + 1;
    cr_assert_eq(moor_create(&config, &none), MOOR_BAD_ARGUMENT);
    config.queue = UINT32_MAX;
    cr_assert_eq(moor_create(&config, &none), MOOR_BAD_ARGUMENT);
    cr_assert_null(none);
}

/* --- what a waiter holds, and how it is judged anew ----------------------- */

/* All that can be read is as it was, but that it waits; its path is another's
 * to take. */
Test(queue, who_waits_holds_nothing)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent parent = stopped(registry, "parent");
    moor_agent idle = stopped(registry, "idle");
    struct queued one = spawner(registry, "same");
    moor_capacity before, after;
    struct picture *was;

    (void)runs(registry, "holder");
    one.options.parent = parent;
    was = picture(registry);
    cr_assert_eq(moor_capacity_of(registry, parent, &before), MOOR_OK);
    comes(&one);
    was->stats.waiting = 1;
    unchanged(registry, was, "waiting");
    cr_assert_eq(moor_capacity_of(registry, parent, &after), MOOR_OK);
    for (int which = 0; which < MOOR_LIMITS; which++) {
        cr_assert_eq(before.of[which].used, after.of[which].used);
    }
    cr_assert_eq(at_path(registry, "/root/parent/same").bits, 0);
    /* A close of its parent takes only what is there. */
    cr_assert_eq(close_it(registry, parent), MOOR_OK);
    cr_assert_eq(waiting(registry), 1);
    cr_assert_eq(close_it(registry, idle), MOOR_OK);
    cr_assert_eq(
        moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL),
        MOOR_OK);
    EXPECT_TOLD(&one, MOOR_STALE);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* What comes between, and what it is told then. */
static void close_parent(moor_registry *registry, moor_agent parent)
{
    cr_assert_eq(close_it(registry, parent), MOOR_OK);
}

static void no_children(moor_registry *registry, moor_agent parent)
{
    (void)parent;
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_CHILDREN, 0), MOOR_OK);
}

static void no_depth(moor_registry *registry, moor_agent parent)
{
    (void)parent;
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_DEPTH, 1), MOOR_OK);
}

static void no_lifetime(moor_registry *registry, moor_agent parent)
{
    (void)parent;
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_LIFETIME, 0), MOOR_OK);
}

static const struct change {
    const char *name;
    void (*make)(moor_registry *registry, moor_agent parent);
    moor_error told;
    moor_limit by;
} changes[] = {
    {"a parent that was closed", close_parent, MOOR_STALE, MOOR_LIMITS},
    {"children", no_children, MOOR_REFUSED, MOOR_LIMIT_CHILDREN},
    {"depth", no_depth, MOOR_REFUSED, MOOR_LIMIT_DEPTH},
    {"lifetime", no_lifetime, MOOR_REFUSED, MOOR_LIMIT_LIFETIME},
};

/* The slot comes back, and the next one has it. */
Test(queue, is_judged_anew_and_the_slot_goes_to_the_next)
{
    for (int c = 0; c < 4; c++) {
        moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
        moor_agent parent = stopped(registry, "parent");
        moor_agent idle = stopped(registry, "idle");
        moor_agent holder = runs(registry, "holder");
        struct queued one = spawner(registry, "waiter");
        struct queued next = {
            .registry = registry, .kind = A_RUN_AGAIN, .agent = idle};

        one.options.parent = parent;
        comes(&one);
        comes(&next);
        changes[c].make(registry, parent);
        completes(registry, holder);
        EXPECT_TOLD(&one, changes[c].told);
        if (one.error == MOOR_REFUSED) {
            cr_assert_eq(one.refusal.limit, changes[c].by);
        }
        expect_served(&next);
        cr_assert_eq(used(registry), 1, "%s", changes[c].name);
        cr_assert_eq(at_path(registry, "/root/parent/waiter").bits, 0);
        completes(registry, idle);
        cr_assert_eq(used(registry), 0);
        done(registry);
    }
}

Test(queue, a_path_that_was_taken_meanwhile)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent holder = runs(registry, "holder");
    struct queued all[4];

    for (int i = 0; i < 4; i++) {
        all[i] = spawner(registry, i == 3 ? "other" : "same");
        comes(&all[i]);
    }
    completes(registry, holder);
    expect_served(&all[0]);
    cr_assert_eq(waiting(registry), 3, "the name is only a wish");
    completes(registry, all[0].agent);
    EXPECT_TOLD(&all[1], MOOR_PATH_TAKEN);
    EXPECT_TOLD(&all[2], MOOR_PATH_TAKEN);
    expect_served(&all[3]);
    cr_assert_eq(used(registry), 1);
    completes(registry, all[3].agent);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

Test(queue, an_agent_that_ran_again_meanwhile)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent idle = stopped(registry, "idle");
    moor_agent holder = runs(registry, "holder");
    struct queued two[2] = {
        {.registry = registry, .kind = A_RUN_AGAIN, .agent = idle},
        {.registry = registry, .kind = A_RUN_AGAIN, .agent = idle}};

    comes(&two[0]);
    comes(&two[1]);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 3), MOOR_OK);
    /* Whichever looks first. */
    cr_assert_eq((told(&two[0]) == MOOR_OK) + (told(&two[1]) == MOOR_OK), 1);
    cr_assert_eq((two[0].error == MOOR_WRONG_STATUS) +
                     (two[1].error == MOOR_WRONG_STATUS),
                 1);
    cr_assert_eq(used(registry), 2);
    completes(registry, holder);
    cr_assert_eq(close_it(registry, idle), MOOR_OK);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* Any other refusal answers at once. */
Test(queue, only_for_running)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    struct queued one = spawner(registry, "holder");

    one.patience.timeout_ms = MOOR_FOREVER;
    (void)runs(registry, "holder");
    cr_assert_eq(queued_call(&one), MOOR_PATH_TAKEN);
    one.options.name = "No";
    cr_assert_eq(queued_call(&one), MOOR_BAD_PATH);
    one.options.name = "new";
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_LIFETIME, 1), MOOR_OK);
    cr_assert_eq(queued_call(&one), MOOR_REFUSED);
    cr_assert_eq(one.refusal.limit, MOOR_LIMIT_LIFETIME);
    done(registry);
}

/* --- after a thread was killed -------------------------------------------- */

static struct queue_place *killed_while_it_waits(moor_registry *registry)
{
    struct queue_place *place = NULL;
    struct slots_view seen;

    cr_assert_eq(queue_enter(&registry->queue, QUEUE_ADMISSION, &place),
                 QUEUE_ENTERED);
    cr_assert_not(slots_take_or_wait(&registry->running, &seen));
    return place;
}

/* What was handed to the dead comes back, their places are free again, and no
 * mark is left that says that somebody waits. */
Test(queue, is_recovered)
{
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_agent holder = runs(registry, "holder");
    uint64_t recovered = 99;
    struct queued two[2] = {spawner(registry, "a"), spawner(registry, "b")};
    struct queue_place *place = killed_while_it_waits(registry);

    for (int i = 1; i < 4; i++) { /* as many as have a place */
        (void)killed_while_it_waits(registry);
    }
    completes(registry, holder);
    cr_assert(queue_is_handed(place));
    cr_assert_eq(used(registry), 1);
    cr_assert_eq(moor_recover(registry, &recovered), MOOR_OK);
    cr_assert_eq(recovered, 1);
    cr_assert_eq(used(registry), 0);
    cr_assert_eq(waiting(registry), 0);
    cr_assert_not(slots_are_waited_for(&registry->running));
    holder = runs(registry, "next");
    comes(&two[0]);
    comes(&two[1]);
    completes(registry, holder);
    expect_served(&two[0]);
    completes(registry, two[0].agent);
    expect_served(&two[1]);
    completes(registry, two[1].agent);
    cr_assert_eq(used(registry), 0);
    done(registry);
}
