/*
 * Histories of the explorer's executions, judged as those of real threads are.
 *
 * Goal    After every schedule the calls of the threads, with their answers,
 *         are what the sequential specification allows (tests/linear).
 * Method  Each thread records its calls; a clock that counts returns is one
 *         more word that all share, so each order of calls and returns that
 *         can be told apart is explored.
 * Limits  Two or three threads with one or two calls each; stress_linear_* has
 *         long histories.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "linear/draw.h"
#include "linear/shrink.h"
#include "linear/specs.h"
#include "world/world.h"

enum { EACH = 4, NUMBERS = 16 };

static moor_word now;
static struct linear_call calls[MODEL_THREADS_MAX][EACH];
static unsigned counts[MODEL_THREADS_MAX];
static moor_agent first; /* made before the threads run */
static uint64_t state;   /* of the object then */

/* Handles get numbers as they are met, outside of schedules. */
static uint64_t numbers[NUMBERS];
static unsigned numbers_count;

static struct linear_call *begin(unsigned operation, uint64_t argument)
{
    int self = model_self();
    struct linear_call *call = &calls[self][counts[self]++];

    *call = (struct linear_call){.thread = (uint8_t)self,
                                 .operation = (uint8_t)operation,
                                 .argument = argument};
    call->called = moor_load_relaxed(&now);
    return call;
}

static void end(struct linear_call *call, moor_error error, uint64_t value)
{
    call->returned = moor_add_relaxed(&now, 1) + 1;
    call->answer = (uint8_t)error;
    call->value = value;
}

static void make(uint32_t limit, bool with_agent)
{
    now = (moor_word){0};
    memset(counts, 0, sizeof counts);
    numbers_count = 0;
    first = (moor_agent){0};
    world_make(limit, MOOR_ON_COMPLETION);
    if (with_agent) first = world_spawn((moor_agent){0}, "x");
}

static unsigned number(uint64_t handle)
{
    unsigned i = 0;

    while (i < numbers_count && numbers[i] != handle)
        i++;
    if (i == numbers_count) numbers[numbers_count++] = handle;
    return i;
}

/* --- the verdict ---------------------------------------------------------- */

static void tell(struct linear_checker *checker,
                 const struct linear_history *history)
{
    struct linear_history small;
    char *text = NULL;
    size_t length;
    FILE *to;

    if (!linear_shrink(checker, history, &small)) {
        model_fail("not found linearizable");
        return;
    }
    to = open_memstream(&text, &length);
    if (to == NULL) abort();
    linear_draw(to, linear_spec_of(checker), &small);
    fclose(to);
    model_fail("not linearizable\n%s", text);
    free(text);
}

static void judge(const struct linear_spec *spec,
                  void (*translate)(struct linear_call *call))
{
    struct linear_checker *checker = linear_checker_make(spec);
    struct linear_history history = {.state = state};

    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        for (unsigned j = 0; j < counts[i]; j++) {
            if (translate != NULL) translate(&calls[i][j]);
            history.calls[history.count++] = calls[i][j];
        }
    }
    if (checker == NULL) abort();
    if (linear_check(checker, &history) != LINEAR_GOOD) {
        tell(checker, &history);
    }
    linear_checker_free(checker);
    world_end();
}

/* --- one agent ------------------------------------------------------------ */

static void pending(void)
{
    make(1, true);
    state = status_state(1, 0);
}

static void pending_two_slots(void)
{
    make(2, true);
    state = status_state(2, 0);
}

static void judge_status(void)
{
    judge(&linear_status, NULL);
}

static void finish(void)
{
    struct linear_call *call =
        begin(STATUS_FINISH, status_end(MOOR_STATUS_COMPLETED, 0));

    end(call, world_finish(first), 0);
}

static void die(void)
{
    struct linear_call *call =
        begin(STATUS_FINISH, status_end(MOOR_STATUS_ERRORED, 1));

    end(call, moor_died(world, first), 0);
}

static void run_again(void)
{
    struct linear_call *call = begin(STATUS_RUN_AGAIN, 0);

    end(call, moor_run_again(world, first, NULL), 0);
}

static void finish_and_run_again(void)
{
    finish();
    run_again();
}

static void start(void)
{
    struct linear_call *call = begin(STATUS_START, 0);

    end(call, moor_start(world, first), 0);
}

static void start_failed(void)
{
    struct linear_call *call = begin(STATUS_START_FAILED, 0);

    end(call, moor_start_failed(world, first), 0);
}

static void close_agent(void)
{
    struct linear_call *call = begin(STATUS_CLOSE, 0);
    moor_closed closed = {.previous = MOOR_STATUS_NOT_FOUND};
    moor_error error = moor_close(world, first, MOOR_CLOSE_BY_RULE, &closed);

    end(call, error, closed.previous);
}

static moor_status look(void)
{
    struct linear_call *call = begin(STATUS_LOOK, 0);
    moor_status status;
    moor_error error = moor_status_of(world, first, &status);

    end(call, error, status);
    return status;
}

static void look_twice(void)
{
    (void)look();
    (void)look();
}

static void look_and_spawn(void)
{
    moor_agent other;

    if (!moor_holds_slot(look())) {
        struct linear_call *call = begin(STATUS_SPAWN, 0);

        end(call, world_try_spawn((moor_agent){0}, "y", &other), 0);
    }
}

static void count_twice(void)
{
    for (int i = 0; i < 2; i++) {
        struct linear_call *call = begin(STATUS_USED, 0);

        end(call, MOOR_OK, world_used());
    }
}

/* --- the running slots ---------------------------------------------------- */

static void one_slot_used(void)
{
    make(1, true);
    state = admission_state(admission_count(1, 1), 1);
    (void)number(first.bits);
}

static void one_slot_free(void)
{
    make(1, false);
    state = admission_state(admission_count(0, 1), 0);
}

static void translate_admission(struct linear_call *call)
{
    if (call->operation != ADMISSION_SET_LIMIT && call->argument != 0) {
        call->argument = number(call->argument);
    }
}

static void judge_admission(void)
{
    judge(&linear_admission, translate_admission);
}

static void give(void)
{
    struct linear_call *call = begin(ADMISSION_FINISH, first.bits);

    end(call, world_finish(first), 0);
}

static void take(void)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct linear_call *call = begin(ADMISSION_SPAWN, 0);
    moor_agent agent = {0};
    moor_error error =
        world_try_spawn((moor_agent){0}, names[model_self()], &agent);

    end(call, error, ADMISSION_NO_REFUSAL);
    call->argument = agent.bits;
}

static void count(void)
{
    struct linear_call *call = begin(ADMISSION_LOOK, 0);
    moor_capacity capacity;
    moor_error error = moor_capacity_of(world, (moor_agent){0}, &capacity);

    end(call, error,
        admission_count(capacity.of[MOOR_LIMIT_RUNNING].used,
                        capacity.of[MOOR_LIMIT_RUNNING].limit));
}

static void give_and_count(void)
{
    give();
    count();
}

static void take_and_count(void)
{
    take();
    count();
}

static void raise_limit(void)
{
    struct linear_call *call = begin(ADMISSION_SET_LIMIT, 2);

    end(call, moor_set_limit(world, MOOR_LIMIT_RUNNING, 2), 0);
    count();
}

/* --- one path ------------------------------------------------------------- */

static void path_free(void)
{
    make(MOOR_UNLIMITED, false);
    (void)number(0);
    state = path_state(PATH_NOBODY);
}

static void path_taken(void)
{
    make(MOOR_UNLIMITED, true);
    (void)number(0);
    state = path_state(number(first.bits));
}

static void translate_path(struct linear_call *call)
{
    call->value = number(call->value);
    if (call->operation != PATH_FIND) call->argument = number(call->argument);
}

static void judge_path(void)
{
    judge(&linear_path, translate_path);
}

static void spawn(void)
{
    struct linear_call *call = begin(PATH_SPAWN, 0);
    moor_agent agent = {0};
    moor_error error = world_try_spawn((moor_agent){0}, "x", &agent);

    end(call, error, agent.bits);
}

static void find(void)
{
    struct linear_call *call = begin(PATH_FIND, 0);
    moor_agent agent = {0};
    moor_error error =
        moor_find_path(world, (moor_agent){0}, "/root/x", &agent);

    end(call, error, agent.bits);
}

static void spawn_and_find(void)
{
    spawn();
    find();
}

static void find_twice(void)
{
    find();
    find();
}

static void leave(void)
{
    struct linear_call *call = begin(PATH_CLOSE, first.bits);

    end(call, moor_close(world, first, MOOR_CLOSE_BY_RULE, NULL), 0);
}

static void fail_first(void)
{
    struct linear_call *call = begin(PATH_START_FAILED, first.bits);

    end(call, moor_start_failed(world, first), 0);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish_seen", pending, {finish, look_and_spawn}, 2, judge_status, 0},
    {"finish_die_look", pending, {finish, die, look_twice}, 3, judge_status,
     0},
    {"start_finish_look", pending, {start, finish, look_twice}, 3,
     judge_status, 0},
    {"finish_close_count", pending, {finish, close_agent, count_twice}, 3,
     judge_status, 0},
    {"close_close_count", pending, {close_agent, close_agent, count_twice}, 3,
     judge_status, 0},
    {"failed_close_look", pending, {start_failed, close_agent, look_twice}, 3,
     judge_status, 0},
    {"run_again_two_count", pending_two_slots,
     {finish_and_run_again, run_again, count_twice}, 3, judge_status, 0},
    {"run_again_close_count", pending_two_slots,
     {finish_and_run_again, close_agent, count_twice}, 3, judge_status, 2},
    {"give_take", one_slot_used, {give_and_count, take_and_count}, 2,
     judge_admission, 0},
    {"take_take_count", one_slot_free, {take, take, count}, 3,
     judge_admission, 2},
    {"give_take_take", one_slot_used, {give_and_count, take, take}, 3,
     judge_admission, 2},
    {"give_take_raise", one_slot_used, {give, take, raise_limit}, 3,
     judge_admission, 0},
    {"spawn_two", path_free, {spawn_and_find, spawn}, 2, judge_path, 3},
    {"spawn_two_find", path_free, {spawn, spawn, find_twice}, 3, judge_path,
     2},
    {"leave_spawn_find", path_taken, {leave, spawn, find_twice}, 3,
     judge_path, 2},
    {"failed_spawn_find", path_taken, {fail_first, spawn, find_twice}, 3,
     judge_path, 2},
};
/* clang-format on */

WORLD_MAIN(cases)
