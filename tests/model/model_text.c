/*
 * Results: a reader against the end of a run, another run, and a close.
 *
 * Goal    A reader gets a text whole or not at all, and of the run whose status
 *         is there: never a loser's, never another agent's, never a text that
 *         is dropped already.
 * Method  every schedule up to the order of independent steps.
 * Limits  freeing is ConcurrencyKit's, which takes no steps here: that no text
 *         is freed under a reader's eyes is seen by the address sanitizer only.
 */
#include <string.h>

#include "world/world.h"

static const char first[] = "one";
static const char second[] = "second";
static const char others[] = "of another";

static moor_agent a, b;
static moor_error answers[MODEL_THREADS_MAX];

static void finish_as(moor_agent agent, const char *text)
{
    answers[model_self() < 0 ? 0 : model_self()] =
        moor_finish(world, agent, MOOR_STATUS_COMPLETED, text, strlen(text));
}

static void running(void)
{
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    b = world_spawn((moor_agent){0}, "b");
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
}

static void completed(void)
{
    running();
    finish_as(a, first);
}

static void finish_first(void)
{
    finish_as(a, first);
}

static void finish_second(void)
{
    finish_as(a, second);
}

static void finish_other(void)
{
    finish_as(b, others);
}

static void finish_and_rerun_other(void)
{
    finish_other();
    world_expect_error("run_again", moor_run_again(world, b, NULL), MOOR_OK);
}

static void run_again(void)
{
    answers[model_self()] = moor_run_again(world, a, NULL);
}

static void run_and_finish(void)
{
    run_again();
    finish_second();
}

static void close_a(void)
{
    answers[model_self()] = world_close_tree(a);
}

/* --- readers ------------------------------------------------------------- */

enum seen { NONE, FIRST, SECOND, GONE };

static enum seen read_text(void)
{
    char text[32] = {0};
    size_t length = 0;

    if (moor_result(world, a, text, sizeof text - 1, &length) != MOOR_OK) {
        return GONE;
    }
    if (length == 0) return NONE;
    if (length == sizeof first - 1 && strcmp(text, first) == 0) return FIRST;
    if (length == sizeof second - 1 && strcmp(text, second) == 0) {
        return SECOND;
    }
    model_fail("read '%s', of length %zu", text, length);
    return GONE;
}

/* Only the first text can be there, and is while the agent is completed. */
static void read_first(void)
{
    moor_status before = world_status(a);
    enum seen seen = read_text();
    moor_status after = world_status(a);

    if (seen == SECOND) model_fail("read a text that was never there");
    if (before == MOOR_STATUS_COMPLETED && after == MOOR_STATUS_COMPLETED &&
        seen != FIRST) {
        model_fail("completed, but the result is %d", (int)seen);
    }
}

static void read_once(void)
{
    (void)read_text();
}

/* First, none, second: never back. */
static void read_twice(void)
{
    static const int order[] = {[FIRST] = 0, [NONE] = 1, [SECOND] = 2};
    enum seen early = read_text();
    enum seen late = read_text();

    if (early == GONE || late == GONE) {
        model_fail("it is there throughout");
    } else if (order[late] < order[early]) {
        model_fail("read %d, then %d", (int)early, (int)late);
    }
}

static void read_either(void)
{
    enum seen seen = read_text();

    if (seen == GONE) model_fail("it is there throughout");
    if (!moor_holds_slot(world_status(a)) && read_text() == NONE) {
        model_fail("completed without its result");
    }
    if (seen != NONE && read_text() != seen) {
        model_fail("I5: the result changed");
    }
}

/* --- verdicts ------------------------------------------------------------ */

static void judge_two(void)
{
    bool is_first = answers[0] == MOOR_OK;

    if (is_first == (answers[1] == MOOR_OK)) model_fail("I7: two winners");
    WORLD_EXPECT(read_text() == (is_first ? FIRST : SECOND));
    world_end();
}

static void judge_run_again(void)
{
    world_expect_error("run_again", answers[0], MOOR_OK);
    WORLD_EXPECT(read_text() == NONE);
    world_end();
}

static void judge_second(void)
{
    world_expect_error("the second end", answers[0], MOOR_OK);
    WORLD_EXPECT(read_text() == SECOND);
    world_end();
}

static void judge_closed(void)
{
    world_expect_error("close", answers[0], MOOR_OK);
    WORLD_EXPECT(read_text() == GONE);
    world_end();
}

/* The close or the end came first. */
static void judge_finish_closed(void)
{
    if (answers[1] != MOOR_OK && answers[1] != MOOR_WRONG_STATUS) {
        world_expect_error("finish", answers[1], MOOR_STALE);
    }
    judge_closed();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"two_ends", running, {finish_first, finish_second, read_either}, 3,
     judge_two, 0},
    {"run_again", completed, {run_again, read_first}, 2, judge_run_again, 0},
    {"run_again_other", completed, {run_again, finish_other, read_first}, 3,
     judge_run_again, 0},
    {"second_run", completed, {run_and_finish, read_twice}, 2, judge_second, 0},
    {"second_run_other", completed,
     {run_and_finish, finish_other, read_twice}, 3, judge_second, 0},
    {"cell_by_another", completed,
     {run_and_finish, finish_and_rerun_other, read_once}, 3, judge_second, 0},
    {"close", completed, {close_a, read_first}, 2, judge_closed, 0},
    {"close_other", completed, {close_a, finish_other, read_first}, 3,
     judge_closed, 0},
    {"close_finish", running, {close_a, finish_first, read_first}, 3,
     judge_finish_closed, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
