/*
 * Running slots: takers, givers and a limit that changes, on one word.
 *
 * Goal    I2: no take exceeds the limit in force, and none is refused while a
 *         slot is free throughout; what is given back is there again, once.
 *         The mark of the most that were used is right, and never goes back.
 * Method  every schedule up to the order of independent steps.
 * Limits  slots.c alone; model_spawn.c has whole admissions.
 */
#include "explore.h"
#include "slots.h"

static struct slots slots;
static moor_word given;   /* the first slot's give has returned */
static moor_word lowered; /* set_limit has returned */
static bool granted[MODEL_THREADS_MAX];
static bool began_after[MODEL_THREADS_MAX]; /* the give, or the lowering */
static struct slots_view seen[MODEL_THREADS_MAX];

static void make(uint32_t limit, unsigned used)
{
    given = lowered = (moor_word){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        granted[i] = began_after[i] = false;
    }
    slots_init(&slots, limit);
    while (used-- > 0)
        slots_take(&slots, &seen[0]);
}

static void take(void)
{
    int self = model_self();

    granted[self] = slots_take(&slots, &seen[self]);
    if (granted[self] && seen[self].used >= seen[self].limit) {
        model_fail("granted with %u of %u used", seen[self].used,
                   seen[self].limit);
    }
    if (granted[self]) slots_note(&slots, seen[self].used + 1);
}

static void take_and_give(void)
{
    take();
    if (granted[model_self()]) slots_give(&slots);
}

static void give(void)
{
    slots_give(&slots);
    moor_store_release(&given, 1);
}

static void look_then_take(void)
{
    began_after[model_self()] = moor_load_acquire(&given) != 0;
    take();
}

static void lower(void)
{
    slots_set_limit(&slots, 1);
    moor_store_release(&lowered, 1);
}

static void look_then_take_lowered(void)
{
    began_after[model_self()] = moor_load_acquire(&lowered) != 0;
    take();
}

static unsigned winners(void)
{
    unsigned count = 0;

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        count += granted[i];
    return count;
}

static void judge_used(unsigned used)
{
    struct slots_view now = slots_look(&slots);

    if (now.used != used) model_fail("I1: %u used, not %u", now.used, used);
}

/* The mark, when nobody is under way. */
static void judge_most(unsigned most)
{
    uint32_t now = slots_most(&slots, 0);

    if (now != most) model_fail("the mark is %u, not %u", now, most);
}

/* --- as many as there are slots ------------------------------------------ */

static void one_free(void)
{
    make(1, 0);
}

static void two_free(void)
{
    make(2, 0);
}

static void judge_winners(void)
{
    uint32_t limit = slots_look(&slots).limit;

    if (winners() != limit)
        model_fail("I2: %u of %u granted", winners(), limit);
    judge_used(limit);
    judge_most(limit);
}

/* --- one is given back --------------------------------------------------- */

static void all_used(void)
{
    make(1, 1);
}

/* Whoever is refused although the slot was given back before, was refused
 * because another had it. */
static void judge_given(void)
{
    bool was_free = began_after[1] || began_after[2];

    if (winners() > 1) model_fail("I2: the one slot was granted twice");
    if (winners() == 0 && was_free) model_fail("I2: refused, but it was free");
    judge_used(winners());
}

/* Each gives back what it got: nobody keeps it. */
static void judge_passing(void)
{
    if (winners() == 0) model_fail("I2: nobody was granted a free slot");
    judge_used(0);
    judge_most(1);
}

/* --- the mark, read meanwhile --------------------------------------------- */

static void read_most_twice(void)
{
    uint32_t before = 0;

    for (int i = 0; i < 2; i++) {
        uint32_t used = slots_look(&slots).used;
        uint32_t most = slots_most(&slots, used);

        if (most < used) model_fail("%u used, the mark is %u", used, most);
        if (most < before) model_fail("from %u back to %u", before, most);
        before = most;
    }
}

static void judge_two(void)
{
    judge_used(2);
    judge_most(2);
}

/* --- the limit is lowered from 2 to 1 ------------------------------------ */

static void judge_lowered(void)
{
    if (winners() == 0) model_fail("I2: refused, but one was free");
    for (int i = 1; i < 3; i++) {
        if (granted[i] && began_after[i] && seen[i].limit != 1) {
            model_fail("I2: went by the limit of before");
        }
    }
    judge_used(winners());
}

/* clang-format off */
static const struct model_case cases[] = {
    {"last_slot_two", one_free, {take, take}, 2, judge_winners, 0},
    {"last_slot_three", one_free, {take, take, take}, 3, judge_winners, 0},
    {"two_slots_three", two_free, {take, take, take}, 3, judge_winners, 0},
    {"a_giver_two_takers", all_used, {give, look_then_take, look_then_take}, 3,
     judge_given, 0},
    {"three_take_and_give", one_free,
     {take_and_give, take_and_give, take_and_give}, 3, judge_passing, 0},
    {"lowered_two_takers", two_free,
     {lower, look_then_take_lowered, look_then_take_lowered}, 3,
     judge_lowered, 0},
    {"most_two_takers", two_free, {take, take, read_most_twice}, 3, judge_two,
     0},
};
/* clang-format on */

MODEL_MAIN(cases)
