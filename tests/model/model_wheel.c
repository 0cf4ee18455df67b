/*
 * The wheel of the leases: entries that are put in and taken at once.
 *
 * Goal    No entry is lost and none is taken twice, whoever helps the tail of a
 *         queue on; and what is in the wheel is known to be due.
 * Method  every schedule up to the order of independent steps, or within two
 *         preemptions where that is too much.
 * Limits  wheel.c alone; model_lease.c has the agents.
 */
#include "explore.h"
#include "wheel.h"

enum { ENTRIES = 3, LATER = 1000 };

static struct wheel *wheel;
static uint32_t nodes[ENTRIES];
static life taken[MODEL_THREADS_MAX];

static void put(int which)
{
    wheel_put(wheel, nodes[which], (life)which + 1, 1, 2);
}

/* --- what is given -------------------------------------------------------- */

static void none(void)
{
    wheel = wheel_make();
    for (int i = 0; i < ENTRIES; i++) {
        if (!wheel_take_node(wheel, &nodes[i])) model_fail("no memory");
    }
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        taken[i] = 0;
}

static void one(void)
{
    none();
    put(0);
}

static void two(void)
{
    one();
    put(1);
}

/* --- threads -------------------------------------------------------------- */

static void put_first(void)
{
    put(0);
}

static void put_second(void)
{
    put(1);
}

static void put_third(void)
{
    put(2);
}

static void take(void)
{
    uint32_t node;
    life which;

    if (wheel_take(wheel, LATER, &node, &which)) {
        taken[model_self()] = which;
    }
}

/* As the next run of an agent whose entry was taken. */
static void take_and_put(void)
{
    uint32_t node;
    life which;

    if (wheel_take(wheel, LATER, &node, &which)) {
        wheel_put(wheel, node, which, 1, 2);
    }
}

static void look(void)
{
    uint32_t node;
    life which;

    if (wheel_take(wheel, 1, &node, &which)) model_fail("it is not due yet");
}

/* --- verdict -------------------------------------------------------------- */

/* Each of so many was taken once, by a thread or now. */
static void judge(unsigned count)
{
    unsigned times[ENTRIES + 1] = {0};
    bool is_due = wheel_is_due(wheel, LATER);
    unsigned left = 0;
    uint32_t node;
    life which;

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        times[taken[i]]++;
    for (; wheel_take(wheel, LATER, &node, &which); left++)
        times[which]++;
    for (unsigned i = 1; i <= count; i++) {
        if (times[i] != 1) model_fail("%u was taken %u times", i, times[i]);
    }
    if (left > 0 && !is_due) model_fail("there is one, and none is due");
    if (wheel_next(wheel) != 0) model_fail("it is empty, and one is due");
    wheel_free(wheel);
}

static void judge_one(void)
{
    judge(1);
}

static void judge_two(void)
{
    judge(2);
}

static void judge_three(void)
{
    judge(3);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"put_put", none, {put_first, put_second}, 2, judge_two, 0},
    {"put_take", one, {put_second, take}, 2, judge_two, 0},
    {"put_take_empty", none, {put_first, take}, 2, judge_one, 0},
    {"put_look", one, {put_second, look}, 2, judge_two, 0},
    {"take_take", two, {take, take}, 2, judge_two, 0},
    {"take_take_one", one, {take, take}, 2, judge_one, 0},
    {"take_look", one, {take, look}, 2, judge_one, 0},
    {"take_and_put", two, {take_and_put, take}, 2, judge_two,
     3 | MODEL_IF_LARGE},
    {"put_put_take", one, {put_second, put_third, take}, 3, judge_three,
     2 | MODEL_IF_LARGE},
    {"put_take_look", two, {put_third, take, look}, 3, judge_three,
     2 | MODEL_IF_LARGE},
    {"put_take_take", one, {put_second, take, take}, 3, judge_two,
     2 | MODEL_IF_LARGE},
};
/* clang-format on */

MODEL_MAIN(cases)
