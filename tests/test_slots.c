/*
 * Slots: limit and use in one word; empty, one, full, wrap, lowered, and two
 * threads that contend.
 */
#include <criterion/criterion.h>

#include "slots.h"
#include "threads.h"

static struct slots slots;

static void expect(uint32_t used, uint32_t limit)
{
    struct slots_view view = slots_look(&slots);

    cr_assert_eq(view.used, used);
    cr_assert_eq(view.limit, limit);
}

static void take(uint32_t used_before)
{
    struct slots_view seen;

    cr_assert(slots_take(&slots, &seen));
    cr_assert_eq(seen.used, used_before);
}

static void refused(uint32_t used, uint32_t limit)
{
    struct slots_view seen;

    cr_assert_not(slots_take(&slots, &seen));
    cr_assert_eq(seen.used, used);
    cr_assert_eq(seen.limit, limit);
    expect(used, limit);
}

Test(slots, none_at_limit_zero)
{
    slots_init(&slots, 0);
    refused(0, 0);
}

Test(slots, one_at_limit_one_again_and_again)
{
    slots_init(&slots, 1);
    for (int i = 0; i < 10; i++) {
        expect(0, 1);
        take(0);
        refused(1, 1);
        slots_give(&slots);
    }
    expect(0, 1);
}

Test(slots, as_many_as_the_limit)
{
    slots_init(&slots, 6);
    for (uint32_t i = 0; i < 6; i++) {
        take(i);
    }
    refused(6, 6);
    slots_give(&slots);
    expect(5, 6);
    take(5);
    refused(6, 6);
}

Test(slots, unlimited_does_not_touch_the_limit)
{
    slots_init(&slots, UINT32_MAX);
    for (uint32_t i = 0; i < 100000; i++) {
        take(i);
    }
    expect(100000, UINT32_MAX);
}

/* As if so many were in use; no test takes four billion one by one. */
static void pretend(uint32_t limit, uint32_t used)
{
    moor_store_relaxed(&slots.word, (uint64_t)limit << 32 | used);
}

Test(slots, the_last_that_the_word_has_room_for_does_not_spill)
{
    const uint32_t most = SLOTS_USED;

    pretend(UINT32_MAX, most - 1);
    take(most - 1);
    refused(most, UINT32_MAX);
    slots_give(&slots);
    expect(most - 1, UINT32_MAX);
}

Test(slots, several_of_which_the_word_has_no_room_for_the_last)
{
    const uint32_t most = SLOTS_USED;
    struct slots_view seen;

    pretend(UINT32_MAX, most - 2);
    cr_assert_not(slots_take_many(&slots, 3, &seen));
    expect(most - 2, UINT32_MAX);
    cr_assert(slots_take_many(&slots, 2, &seen));
    expect(most, UINT32_MAX);
}

Test(slots, a_lowered_limit_admits_when_the_count_has_drained)
{
    slots_init(&slots, 4);
    for (uint32_t i = 0; i < 4; i++) {
        take(i);
    }
    slots_set_limit(&slots, 2);
    refused(4, 2);
    slots_give(&slots);
    refused(3, 2);
    slots_give(&slots);
    refused(2, 2);
    slots_give(&slots);
    take(1);
    refused(2, 2);
}

Test(slots, a_raised_limit_admits_at_once)
{
    slots_init(&slots, 1);
    take(0);
    refused(1, 1);
    slots_set_limit(&slots, 3);
    take(1);
    take(2);
    refused(3, 3);
    slots_set_limit(&slots, UINT32_MAX);
    take(3);
    slots_set_limit(&slots, 0);
    refused(4, 0);
}

/* --- threads: never above the limit, nothing lost ------------------------- */

/* With yields a few rounds meet what takes many without. */
#if defined(MOOR_YIELD)
enum { ROUNDS = 20000 };
#else
enum { ROUNDS = 1000000 };
#endif
enum { THREADS = 4, LIMIT = 2 };

static moor_word holders, most;

static void raise_most(uint64_t now)
{
    uint64_t seen = moor_load_relaxed(&most);

    while (now > seen && !moor_cas_relaxed(&most, &seen, now)) {
    }
}

static void *contend(void *taken)
{
    struct slots_view seen;

    for (int i = 0; i < ROUNDS; i++) {
        if (slots_take(&slots, &seen)) {
            raise_most(moor_add_acq_rel(&holders, 1) + 1);
            (void)moor_sub_acq_rel(&holders, 1);
            slots_give(&slots);
            (*(uint64_t *)taken)++;
        }
    }
    return NULL;
}

Test(slots, threads_never_hold_more_than_the_limit)
{
    uint64_t taken[THREADS] = {0};
    uint64_t all = 0;

    slots_init(&slots, LIMIT);
    together(contend, THREADS, taken, sizeof taken[0]);
    for (int t = 0; t < THREADS; t++) {
        all += taken[t];
    }
    cr_assert_leq(moor_load_relaxed(&most), LIMIT);
    cr_assert_gt(all, 0);
    expect(0, LIMIT);
}

/* --- threads: nobody is refused while a slot is free ---------------------- */

/* In each round the main thread gives its slot back and takes it again, while
 * every prober tries once.  If all were refused, the slot was free during the
 * main thread's try. */
enum { PROBERS = 2, PROBES = 4000 };

static moor_word round_number, probed, won;

static void await(const moor_word *word, uint64_t value)
{
    while (moor_load_acquire(word) < value && in_time()) {
    }
}

static void probe_all(void)
{
    struct slots_view seen;

    for (uint64_t round = 1; round <= PROBES; round++) {
        await(&round_number, round);
        if (slots_take(&slots, &seen)) {
            (void)moor_add_acq_rel(&won, 1);
            slots_give(&slots);
        }
        (void)moor_add_acq_rel(&probed, 1);
    }
}

/* Was everybody refused in this round?  Holds the slot before and after. */
static bool all_refused(uint64_t round)
{
    uint64_t before = moor_load_acquire(&won);
    struct slots_view seen;
    bool taken;

    moor_store_release(&round_number, round);
    slots_give(&slots);
    taken = slots_take(&slots, &seen);
    await(&probed, round * PROBERS);
    return !taken &&
           (!slots_take(&slots, &seen) || moor_load_acquire(&won) == before);
}

struct role {
    bool holds;
    int refused; /* rounds in which everybody was */
};

static void *play(void *argument)
{
    struct role *role = (struct role *)argument;

    if (!role->holds) {
        probe_all();
        return NULL;
    }
    for (uint64_t round = 1; round <= PROBES; round++) {
        role->refused += all_refused(round);
    }
    return NULL;
}

Test(slots, nobody_is_refused_while_a_slot_is_free)
{
    struct role roles[1 + PROBERS] = {{.holds = true}};

    slots_init(&slots, 1);
    take(0);
    together(play, 1 + PROBERS, roles, sizeof roles[0]);
    cr_assert_eq(roles[0].refused, 0);
}

/* One slot more, which is the caller's, whatever the limit was. */
Test(slots, widened_by_one)
{
    slots_init(&slots, 1);
    take(0);
    cr_assert(slots_widen(&slots, moor_load_acquire(&slots.word)));
    expect(2, 2);
    slots_init(&slots, 5);
    take(0);
    cr_assert(slots_widen(&slots, moor_load_acquire(&slots.word)));
    expect(2, 2);
    cr_assert_not(slots_widen(&slots, 0));
    expect(2, 2);
}

/* --- the mark ------------------------------------------------------------- */

static void expect_most(uint32_t mark)
{
    cr_expect_eq(slots_most(&slots, 0), mark, "%u, not %u",
                 slots_most(&slots, 0), mark);
}

Test(slots, the_most_that_were_ever_used)
{
    slots_init(&slots, 5);
    expect_most(0);
    for (uint32_t used = 1; used <= 3; used++) {
        take(used - 1);
        expect_most(used - 1);
        slots_note(&slots, used);
        expect_most(used);
    }
    slots_give(&slots);
    slots_note(&slots, 2);
    expect_most(3);
    slots_forget_most(&slots);
    expect_most(2);
    slots_init(&slots, 5);
    expect_most(0);
}

Test(slots, the_most_by_a_limit_that_is_raised)
{
    struct slots_view seen;
    uint64_t word;

    slots_init(&slots, 1);
    take(0);
    cr_assert_not(slots_take_or_wait(&slots, &seen));
    cr_assert_not(slots_try_limit(&slots, 9, &word));
    cr_assert(slots_widen(&slots, word));
    expect_most(2);
}

/* Of one that has not come to note it. */
Test(slots, the_most_is_not_below_what_its_reader_has_seen)
{
    slots_init(&slots, 5);
    cr_expect_eq(slots_most(&slots, 3), 3);
    cr_expect_eq(slots_most(&slots, 1), 3);
}
