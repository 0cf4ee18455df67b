/*
 * Histograms: the buckets and their bounds; how long admissions waited for a
 * slot.
 */
#include "queued.h"

#include "clocked.h"
#include "times.h"

/* --- buckets -------------------------------------------------------------- */

enum { LAST_BUCKET = MOOR_TIMES_BUCKETS - 1 };

static struct times times;

static void expect_bucket(uint64_t ns, unsigned bucket)
{
    moor_times before, now;

    times_sum(&times, &before);
    times_add(&times, ns);
    times_sum(&times, &now);
    cr_expect_eq(now.buckets[bucket], before.buckets[bucket] + 1,
                 "%llu ns in bucket %u", (unsigned long long)ns, bucket);
    cr_expect_eq(now.count, before.count + 1);
}

Test(times, bounds_are_one_two_five_of_each_power_of_ten)
{
    static const uint64_t first[] = {1, 2, 5, 10, 20, 50, 100};

    for (unsigned b = 0; b < sizeof first / sizeof first[0]; b++) {
        cr_expect_eq(moor_times_bound_us(b), first[b]);
    }
    for (unsigned b = 3; b < LAST_BUCKET; b++) {
        cr_expect_eq(moor_times_bound_us(b), 10 * moor_times_bound_us(b - 3));
    }
    cr_expect_eq(moor_times_bound_us(LAST_BUCKET - 1), 50000 * SECOND_US);
    cr_expect_eq(moor_times_bound_us(LAST_BUCKET), UINT64_MAX);
    cr_expect_eq(moor_times_bound_us(UINT32_MAX), UINT64_MAX);
}

Test(times, a_bound_is_the_last_of_its_bucket)
{
    expect_bucket(0, 0);
    for (unsigned b = 0; b < LAST_BUCKET; b++) {
        expect_bucket(moor_times_bound_us(b) * 1000, b);
        expect_bucket(moor_times_bound_us(b) * 1000 + 1, b + 1);
    }
    expect_bucket(UINT64_MAX - 1000, LAST_BUCKET);
}

Test(times, are_added_up_to_the_nearest_microsecond)
{
    moor_times sum;

    times_add(&times, 499);
    times_add(&times, 2500);
    times_add(&times, 7 * SECOND);
    times_sum(&times, &sum);
    cr_expect_eq(sum.sum_us, 0 + 3 + 7 * SECOND_US);
    times_sum(NULL, &sum);
    cr_expect_eq(sum.count + sum.sum_us + sum.buckets[0], 0);
}

#if defined(MOOR_YIELD)
enum { THREADS = 6, EACH = 10000 };
#else
enum { THREADS = 6, EACH = 200000 };
#endif

static void *add_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < EACH; i++) {
        times_add(&times, 3000);
    }
    return NULL;
}

Test(times, nothing_is_lost_between_threads)
{
    char nothing[THREADS];
    moor_times sum;

    together(add_many, THREADS, nothing, sizeof nothing[0]);
    times_sum(&times, &sum);
    cr_expect_eq(sum.count, THREADS * EACH);
    cr_expect_eq(sum.buckets[2], THREADS * EACH);
    cr_expect_eq(sum.sum_us, 3 * THREADS * EACH);
}

/* --- waited --------------------------------------------------------------- */

static moor_times waited(moor_registry *registry)
{
    moor_times sum;

    cr_assert_eq(moor_times_of(registry, &sum, NULL), MOOR_OK);
    return sum;
}

/* Each waits for 7,000 s, whatever it wants: more than 5,000, not 10,000. */
Test(times, waited_until_the_slot_was_there)
{
    enum { UP_TO_10000_S = 30 };

    for (int kind = 0; kind < QUEUED_KINDS; kind++) {
        moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
        struct queued one = {.registry = registry,
                             .kind = (enum queued_kind)kind,
                             .patience = {.timeout_ms = MOOR_FOREVER}};
        moor_agent holder;
        moor_times sum;

        if (kind == A_RUN_AGAIN) one.agent = stopped(registry, "s");
        if (kind == A_TAKE_BACK) one.agent = lender(registry, "l");
        holder = runs(registry, "holder");
        comes(&one);
        cr_expect_eq(waited(registry).count, 0, "it waits still");
        seconds_pass(7000);
        completes(registry, holder);
        EXPECT_TOLD(&one, MOOR_OK);
        sum = waited(registry);
        cr_expect_eq(sum.count, 1);
        cr_expect_eq(sum.buckets[UP_TO_10000_S], 1, "kind %d", kind);
        cr_expect_geq(sum.sum_us, 7000 * SECOND_US);
        cr_expect_lt(sum.sum_us, 10000 * SECOND_US);
        done(registry);
    }
}

Test(times, waited_in_vain)
{
    enum { SOON_MS = 30 };
    moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
    moor_cancellation cancellation = {0};
    struct queued late = {.registry = registry,
                          .kind = A_SPAWN,
                          .patience = {.timeout_ms = SOON_MS}};
    struct queued cancelled = {.registry = registry,
                               .kind = A_SPAWN,
                               .patience = {.timeout_ms = MOOR_FOREVER,
                                            .cancellation = &cancellation}};

    (void)runs(registry, "holder");
    starts(&late);
    EXPECT_TOLD(&late, MOOR_REFUSED);
    cr_expect_eq(waited(registry).count, 1);
    cr_expect_geq(waited(registry).sum_us, SOON_MS * 1000);
    comes(&cancelled);
    cr_assert_eq(moor_cancel(registry, &cancellation), MOOR_OK);
    EXPECT_TOLD(&cancelled, MOOR_REFUSED);
    cr_expect_eq(waited(registry).count, 2);
    done(registry);
}

/* Who need not wait, or may not, has not waited. */
Test(times, not_waited)
{
    moor_registry *registry = given_queue(1, MOOR_ON_COMPLETION);
    struct queued one = {.registry = registry,
                         .kind = A_SPAWN,
                         .patience = {.timeout_ms = MOOR_FOREVER}};
    struct queued other = one;

    starts(&one);
    EXPECT_TOLD(&one, MOOR_OK);
    starts(&other);
    so_many_wait(registry, 1);
    cr_assert_eq(moor_spawn(registry,
                            &(moor_spawn_options){.patience = &other.patience},
                            &one.agent, NULL),
                 MOOR_QUEUE_FULL);
    cr_assert_eq(waited(registry).count, 0);
    cr_assert_eq(close_it(registry, at_path(registry, "/root/agent_1")),
                 MOOR_OK);
    EXPECT_TOLD(&other, MOOR_OK);
    cr_assert_eq(waited(registry).count, 1);
    done(registry);
}
