/*
 * The total of all spawns: takers, a giver and a limit that changes.
 *
 * Goal    I2 for the limit `lifetime`: no take exceeds the limit in force, and
 *         of takers alone as many are granted as there is room for.
 * Method  every schedule up to the order of independent steps.
 */
#include "explore.h"
#include "total.h"

static struct total total;
static moor_word lowered; /* set_limit has returned */
static bool granted[MODEL_THREADS_MAX];
static bool began_after[MODEL_THREADS_MAX];

static void make(uint32_t limit, unsigned taken)
{
    struct total_view seen;

    lowered = (moor_word){0};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        granted[i] = began_after[i] = false;
    }
    total = (struct total){0};
    total_init(&total, limit);
    while (taken-- > 0)
        total_take(&total, &seen);
}

static void take(void)
{
    struct total_view seen;
    int self = model_self();

    granted[self] = total_take(&total, &seen);
    if (granted[self] && seen.used >= seen.limit) {
        model_fail("I2: granted with %u of %u", (unsigned)seen.used,
                   (unsigned)seen.limit);
    }
}

static void take_and_give(void)
{
    take();
    if (granted[model_self()]) total_give(&total);
}

static void give(void)
{
    total_give(&total);
}

static void lower(void)
{
    total_set_limit(&total, 1);
    moor_store_release(&lowered, 1);
}

static void look_then_take(void)
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
    struct total_view now = total_look(&total);

    if (now.used != used) {
        model_fail("I1: %u used, not %u", (unsigned)now.used, used);
    }
}

static void two_left(void)
{
    make(3, 1);
}

static void judge_two_left(void)
{
    if (winners() != 2) model_fail("I2: %u granted, not 2", winners());
    judge_used(3);
}

/* One is given back while two take: one of them may have it. */
static void none_left(void)
{
    make(1, 1);
}

static void judge_given(void)
{
    if (winners() > 1) model_fail("I2: one place was granted twice");
    judge_used(winners());
}

static void judge_passing(void)
{
    if (winners() == 0) model_fail("I2: nobody was granted a free place");
    judge_used(0);
}

static void two_free(void)
{
    make(2, 0);
}

static void one_free(void)
{
    make(1, 0);
}

static void judge_lowered(void)
{
    if (winners() == 0) model_fail("I2: refused, but there was room");
    if (winners() == 2 && (began_after[1] || began_after[2])) {
        model_fail("I2: went by the limit of before");
    }
    judge_used(winners());
}

/* The first take goes in between: then the second one must see the limit that
 * was set before it began, though its own word has not changed since. */
static void lower_after_take(void)
{
    take();
    lower();
}

static void judge_lowered_after(void)
{
    if (granted[0] && granted[1] && began_after[1]) {
        model_fail("I2: went by the limit of before");
    }
    judge_used(winners());
}

/* One of two is taken, and the other while the limit is lowered to one: it
 * counts by the time that the setting has returned, or never. */
static uint64_t used_then;

static void one_left(void)
{
    make(2, 1);
    used_then = 0;
}

static void lower_and_look(void)
{
    total_set_limit(&total, 1);
    used_then = total_look(&total).used;
}

static void judge_late(void)
{
    if (granted[1] && used_then == 1) {
        model_fail("I2: taken behind the limit in force");
    }
    judge_used(1 + winners());
}

/* clang-format off */
static const struct model_case cases[] = {
    {"last_two_three_takers", two_left, {take, take, take}, 3,
     judge_two_left, 0},
    {"a_giver_two_takers", none_left, {give, take, take}, 3, judge_given, 0},
    {"three_take_and_give", one_free,
     {take_and_give, take_and_give, take_and_give}, 3, judge_passing, 0},
    {"lowered_two_takers", two_free, {lower, look_then_take, look_then_take}, 3,
     judge_lowered, 0},
    {"taken_and_lowered", two_free, {lower_after_take, look_then_take}, 2,
     judge_lowered_after, 0},
    {"lowered_late_taker", one_left, {lower_and_look, take}, 2, judge_late, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
