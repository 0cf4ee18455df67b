/*
 * The sequential specifications against given histories: what each allows, and
 * the next thing to it, which it does not.
 *
 * A call is {called, returned, thread, operation, answer, argument, value}.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "linear/checker.h"
#include "linear/specs.h"

static void judge(enum linear_verdict want, const struct linear_spec *spec,
                  uint64_t state, const struct linear_call *calls, size_t count)
{
    struct linear_checker *checker = linear_checker_make(spec);
    static struct linear_history history;

    cr_assert_not_null(checker);
    history.state = state;
    history.count = (unsigned)count;
    memcpy(history.calls, calls, count * sizeof *calls);
    cr_assert_eq(linear_check(checker, &history), want);
    linear_checker_free(checker);
}

#define JUDGE(want, ...)                                                       \
    judge(want, spec, state, (const struct linear_call[]){__VA_ARGS__},        \
          sizeof((const struct linear_call[]){__VA_ARGS__}) /                  \
              sizeof(struct linear_call))
#define GOOD(...)   JUDGE(LINEAR_GOOD, __VA_ARGS__)
#define BROKEN(...) JUDGE(LINEAR_BROKEN, __VA_ARGS__)

static const struct linear_spec *spec;
static uint64_t state;

/* --- admission ------------------------------------------------------------ */

static void one_slot(void)
{
    spec = &linear_admission;
    state = admission_state(admission_count(0, 1), 0);
}

static void full(void)
{
    spec = &linear_admission;
    state = admission_state(admission_count(1, 1), 1); /* agent 0 has it */
}

/* clang-format off */
#define SPAWN(number)    ADMISSION_SPAWN, MOOR_OK, number, 0
#define RESERVE(number)  ADMISSION_RESERVE, MOOR_OK, number, 0
#define REFUSED          ADMISSION_SPAWN, MOOR_REFUSED, 0, ADMISSION_NO_REFUSAL
#define REFUSED_AT(used, limit) \
    ADMISSION_SPAWN, MOOR_REFUSED, 0, admission_count(used, limit)
#define FINISH(number)   ADMISSION_FINISH, MOOR_OK, number, 0
#define CLOSE(number)    ADMISSION_CLOSE, MOOR_OK, number, 0
#define COUNT(used, limit) \
    ADMISSION_LOOK, MOOR_OK, 0, admission_count(used, limit)
#define LIMIT(limit)     ADMISSION_SET_LIMIT, MOOR_OK, limit, 0
#define ADMISSION(operation, answer) ADMISSION_##operation, MOOR_##answer, 0, 0

TestSuite(linear_one_slot, .init = one_slot);
TestSuite(linear_full, .init = full);

Test(linear_one_slot, is_taken_once)
{
    GOOD({0, 9, 0, SPAWN(1)}, {0, 9, 1, REFUSED});
    GOOD({0, 9, 0, RESERVE(1)}, {0, 9, 1, REFUSED});
    BROKEN({0, 9, 0, SPAWN(1)}, {0, 9, 1, SPAWN(2)});
    BROKEN({0, 9, 0, SPAWN(1)}, {0, 9, 1, RESERVE(2)});
}

Test(linear_one_slot, is_not_refused_while_free)
{
    BROKEN({0, 1, 0, REFUSED});
    BROKEN({0, 1, 0, REFUSED}, {1, 2, 1, SPAWN(1)});
    GOOD({0, 2, 0, REFUSED}, {1, 3, 1, SPAWN(1)});
}

/* Add first, undo what was too much: the third is refused although the slot
 * was given back before. */
Test(linear_full, nobody_is_refused_because_of_the_refused)
{
    BROKEN({0, 9, 0, REFUSED}, {1, 2, 1, FINISH(0)}, {2, 3, 2, REFUSED});
    GOOD({0, 9, 0, SPAWN(1)}, {1, 2, 1, FINISH(0)}, {2, 3, 2, REFUSED});
}

Test(linear_full, a_refusal_tells_what_decided)
{
    GOOD({0, 1, 0, REFUSED_AT(1, 1)});
    BROKEN({0, 1, 0, REFUSED_AT(2, 1)});
    BROKEN({0, 1, 0, REFUSED_AT(1, 2)});
    BROKEN({0, 1, 0, REFUSED_AT(0, 1)});
}

Test(linear_full, what_is_given_back_is_there_once)
{
    GOOD({0, 1, 0, FINISH(0)}, {1, 2, 0, SPAWN(1)});
    BROKEN({0, 1, 0, FINISH(0)}, {1, 2, 0, SPAWN(1)}, {2, 3, 0, SPAWN(2)});
    BROKEN({0, 1, 0, FINISH(0)}, {1, 2, 0, REFUSED});
    BROKEN({0, 9, 0, FINISH(0)}, {0, 9, 1, FINISH(0)});
    GOOD({0, 1, 0, ADMISSION(ABANDON, OK)}, {1, 2, 0, COUNT(0, 1)});
    GOOD({0, 1, 0, ADMISSION(START_FAILED, OK)}, {1, 2, 0, COUNT(0, 1)});
    BROKEN({0, 1, 0, ADMISSION(ABANDON, OK)}, {1, 2, 0, COUNT(1, 1)});
}

Test(linear_full, a_lost_update_is_seen)
{
    GOOD({0, 9, 0, FINISH(0)}, {0, 9, 1, SPAWN(1)}, {9, 10, 0, COUNT(1, 1)});
    BROKEN({0, 9, 0, FINISH(0)}, {0, 9, 1, SPAWN(1)}, {9, 10, 0, COUNT(0, 1)});
    BROKEN({0, 9, 0, FINISH(0)}, {0, 9, 1, LIMIT(2)}, {9, 10, 0, COUNT(1, 2)});
}

/* Between the swap and the subtraction of the finish. */
Test(linear_full, a_slot_on_its_way_is_still_counted)
{
    GOOD({0, 9, 0, FINISH(0)}, {1, 2, 1, ADMISSION(FINISH, WRONG_STATUS)},
         {2, 3, 1, REFUSED_AT(1, 1)}, {3, 4, 1, SPAWN(1)});
    BROKEN({0, 1, 0, FINISH(0)}, {1, 2, 1, ADMISSION(FINISH, WRONG_STATUS)},
           {2, 3, 1, REFUSED_AT(1, 1)});
}

/* The slot is the finisher's to give, even after the close. */
Test(linear_full, a_close_does_not_wait_for_an_end_on_its_way)
{
    GOOD({0, 9, 0, FINISH(0)}, {1, 2, 1, CLOSE(0)}, {2, 3, 1, COUNT(1, 1)});
    BROKEN({0, 1, 0, FINISH(0)}, {1, 2, 1, CLOSE(0)}, {2, 3, 1, COUNT(1, 1)});
    BROKEN({1, 2, 1, CLOSE(0)}, {2, 3, 1, COUNT(1, 1)});
    BROKEN({0, 1, 0, FINISH(0)}, {1, 2, 1, CLOSE(0)}, {2, 3, 1, SPAWN(1)},
           {3, 4, 1, SPAWN(2)});
}

/* One ends the run, the other takes the agent out; one slot comes back. */
Test(linear_full, of_two_closes_one_gives)
{
    GOOD({0, 9, 0, ADMISSION(CLOSE, STALE)}, {0, 9, 1, CLOSE(0)},
         {9, 10, 0, COUNT(0, 1)});
    BROKEN({0, 9, 0, ADMISSION(CLOSE, STALE)}, {0, 9, 1, CLOSE(0)},
           {9, 10, 0, COUNT(1, 1)});
    GOOD({0, 9, 0, ADMISSION(CLOSE, STALE)}, {1, 2, 1, CLOSE(0)},
         {2, 3, 1, COUNT(1, 1)});
    BROKEN({2, 9, 0, ADMISSION(CLOSE, STALE)}, {1, 2, 1, CLOSE(0)},
           {2, 3, 1, COUNT(1, 1)});
}

/* It holds the slot until it gives it back. */
Test(linear_one_slot, a_run_again_that_loses_may_hold_a_slot)
{
    GOOD({0, 9, 0, ADMISSION(RUN_AGAIN, WRONG_STATUS)},
         {1, 2, 1, REFUSED_AT(1, 1)}, {2, 3, 1, SPAWN(1)});
    GOOD({0, 9, 0, ADMISSION(RUN_AGAIN, STALE)}, {1, 2, 1, COUNT(1, 1)},
         {2, 3, 1, COUNT(0, 1)});
    BROKEN({0, 1, 0, ADMISSION(RUN_AGAIN, WRONG_STATUS)},
           {1, 2, 1, REFUSED_AT(1, 1)});
    BROKEN({0, 9, 0, ADMISSION(RUN_AGAIN, WRONG_STATUS)},
           {1, 2, 1, COUNT(1, 1)}, {2, 3, 1, COUNT(0, 1)},
           {3, 4, 1, COUNT(1, 1)});
    BROKEN({0, 9, 0, ADMISSION(RUN_AGAIN, WRONG_STATUS)},
           {9, 10, 1, COUNT(1, 1)});
}

Test(linear_one_slot, a_run_again_is_an_admission)
{
    GOOD({0, 1, 0, ADMISSION(RUN_AGAIN, OK)}, {1, 2, 1, COUNT(1, 1)},
         {2, 3, 1, FINISH(0)});
    BROKEN({0, 1, 0, ADMISSION(RUN_AGAIN, OK)}, {1, 2, 1, SPAWN(1)});
    BROKEN({0, 1, 0, ADMISSION_RUN_AGAIN, MOOR_REFUSED, 0,
            admission_count(1, 1)});
    BROKEN({0, 1, 0, FINISH(0)});
}

Test(linear_full, a_limit_is_in_force_when_it_was_set)
{
    GOOD({0, 1, 0, LIMIT(2)}, {1, 2, 1, SPAWN(1)});
    BROKEN({0, 1, 0, LIMIT(2)}, {1, 2, 1, REFUSED});
    GOOD({0, 2, 0, LIMIT(2)}, {1, 3, 1, REFUSED});
    GOOD({0, 1, 0, LIMIT(0)}, {1, 2, 1, FINISH(0)},
         {2, 3, 1, REFUSED_AT(0, 0)});
    BROKEN({0, 1, 0, LIMIT(0)}, {1, 2, 1, FINISH(0)}, {2, 3, 1, SPAWN(1)});
}

/* --- status --------------------------------------------------------------- */

static void pending(void)
{
    spec = &linear_status;
    state = status_state(1, 0);
}

#define STATUS(operation, answer) STATUS_##operation, MOOR_##answer, 0, 0
#define END(status) \
    STATUS_FINISH, MOOR_OK, status_end(MOOR_STATUS_##status, 0), 0
#define END_WITH(text) \
    STATUS_FINISH, MOOR_OK, status_end(MOOR_STATUS_COMPLETED, text), 0
#define LOOK(status)  STATUS_LOOK, MOOR_OK, 0, MOOR_STATUS_##status
#define INFO(status, slot, fenced) \
    STATUS_INFO, MOOR_OK, 0, status_info(MOOR_STATUS_##status, slot, fenced)
#define CLOSED(previous) STATUS_CLOSE, MOOR_OK, 0, MOOR_STATUS_##previous
#define USED(count)   STATUS_USED, MOOR_OK, 0, count
#define RESULT(text)  STATUS_RESULT, MOOR_OK, 0, text
#define REQUEST(kind) STATUS_REQUEST, MOOR_OK, MOOR_REQUEST_##kind, 0
#define POLL(kind)    STATUS_POLL, MOOR_OK, 0, MOOR_REQUEST_##kind

TestSuite(linear_status, .init = pending);

Test(linear_status, starts_once)
{
    GOOD({0, 1, 0, STATUS(START, OK)}, {1, 2, 0, LOOK(RUNNING)});
    BROKEN({0, 9, 0, STATUS(START, OK)}, {0, 9, 1, STATUS(START, OK)});
    GOOD({0, 9, 0, STATUS(START, OK)}, {0, 9, 1, STATUS(START, WRONG_STATUS)});
    BROKEN({0, 1, 0, STATUS(START, WRONG_STATUS)});
    BROKEN({0, 1, 0, STATUS(START, STALE)});
}

Test(linear_status, ends_once)
{
    GOOD({0, 9, 0, END(COMPLETED)}, {0, 9, 1, STATUS(FINISH, WRONG_STATUS)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {0, 9, 1, END(ERRORED)});
    GOOD({0, 9, 0, END(COMPLETED)}, {0, 9, 1, STATUS(RUN_AGAIN, OK)},
         {0, 9, 2, END(ERRORED)});
    BROKEN({0, 1, 0, STATUS(FINISH, WRONG_STATUS)});
    BROKEN({0, 1, 0, END(ERRORED)}, {1, 2, 0, LOOK(COMPLETED)});
}

Test(linear_status, an_idle_status_stays)
{
    GOOD({0, 9, 0, END(COMPLETED)}, {1, 2, 1, LOOK(PENDING_INIT)},
         {2, 3, 1, LOOK(COMPLETED)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {1, 2, 1, LOOK(COMPLETED)},
           {2, 3, 1, LOOK(PENDING_INIT)});
    BROKEN({0, 1, 0, END(SHUTDOWN)}, {1, 2, 1, STATUS(RUN_AGAIN, OK)});
}

/* A start that overwrites an end. */
Test(linear_status, a_start_does_not_undo_an_end)
{
    GOOD({0, 9, 0, STATUS(START, OK)}, {1, 2, 1, END(COMPLETED)},
         {9, 10, 0, LOOK(COMPLETED)});
    BROKEN({0, 9, 0, STATUS(START, OK)}, {1, 2, 1, END(COMPLETED)},
           {9, 10, 0, LOOK(RUNNING)});
}

/* It lost; the winner's status cannot be seen yet. */
Test(linear_status, a_loser_may_know_before_the_status_is_seen)
{
    GOOD({0, 9, 0, END(COMPLETED)}, {1, 2, 1, STATUS(FINISH, WRONG_STATUS)},
         {2, 3, 1, LOOK(PENDING_INIT)}, {3, 4, 1, LOOK(COMPLETED)});
    BROKEN({0, 1, 0, END(COMPLETED)}, {1, 2, 1, STATUS(FINISH, WRONG_STATUS)},
           {2, 3, 1, LOOK(PENDING_INIT)});
}

Test(linear_status, seen_as_before_without_slot_while_it_ends)
{
    GOOD({0, 9, 0, END_WITH(7)}, {1, 2, 1, INFO(PENDING_INIT, true, false)},
         {2, 3, 1, INFO(PENDING_INIT, false, false)}, {3, 4, 1, RESULT(7)},
         {4, 5, 1, INFO(COMPLETED, false, false)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {1, 2, 1, INFO(COMPLETED, true, false)});
    BROKEN({0, 9, 0, END_WITH(7)}, {1, 2, 1, INFO(PENDING_INIT, false, false)},
           {2, 3, 1, RESULT(0)});
}

/* The promise: whoever has seen it idle is not refused because of it. */
Test(linear_status, seen_is_free)
{
    GOOD({0, 9, 0, END(COMPLETED)}, {1, 2, 1, STATUS(SPAWN, REFUSED)},
         {2, 3, 1, LOOK(COMPLETED)}, {3, 4, 1, STATUS(SPAWN, OK)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {1, 2, 1, LOOK(COMPLETED)},
           {2, 3, 1, STATUS(SPAWN, REFUSED)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {1, 2, 1, LOOK(COMPLETED)},
           {2, 3, 1, STATUS(RUN_AGAIN, REFUSED)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {1, 2, 1, LOOK(COMPLETED)},
           {2, 3, 1, USED(1)});
}

Test(linear_status, free_before_it_is_seen)
{
    GOOD({0, 9, 0, END(COMPLETED)}, {1, 2, 1, STATUS(SPAWN, OK)},
         {2, 3, 1, LOOK(PENDING_INIT)});
    GOOD({0, 9, 0, END(COMPLETED)}, {1, 2, 1, USED(1)}, {2, 3, 1, USED(0)},
         {3, 4, 1, LOOK(PENDING_INIT)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {1, 2, 1, USED(0)}, {2, 3, 1, USED(1)});
}

Test(linear_status, of_two_new_runs_one_wins)
{
    const struct linear_call ended = {0, 1, 0, END(COMPLETED)};

    GOOD(ended, {1, 9, 0, STATUS(RUN_AGAIN, OK)},
         {1, 9, 1, STATUS(RUN_AGAIN, WRONG_STATUS)});
    BROKEN(ended, {1, 9, 0, STATUS(RUN_AGAIN, OK)},
           {1, 9, 1, STATUS(RUN_AGAIN, OK)});
    GOOD(ended, {1, 9, 0, STATUS(RUN_AGAIN, OK)},
         {1, 9, 1, STATUS(RUN_AGAIN, REFUSED)});
    BROKEN(ended, {1, 9, 0, STATUS(RUN_AGAIN, REFUSED)},
           {1, 9, 1, STATUS(RUN_AGAIN, REFUSED)});
    BROKEN(ended, {1, 2, 1, STATUS(RUN_AGAIN, WRONG_STATUS)});
}

/* One finds it idle, charges, and finds that another was faster. */
Test(linear_status, a_new_run_that_loses_may_hold_a_slot)
{
    state = status_state(2, 0);
    GOOD({0, 1, 0, END(COMPLETED)}, {1, 9, 1, STATUS(RUN_AGAIN, WRONG_STATUS)},
         {1, 2, 0, STATUS(RUN_AGAIN, OK)}, {2, 3, 0, USED(2)},
         {9, 10, 0, USED(1)});
    BROKEN({0, 1, 0, END(COMPLETED)}, {1, 2, 0, STATUS(RUN_AGAIN, OK)},
           {2, 9, 1, STATUS(RUN_AGAIN, WRONG_STATUS)}, {2, 3, 0, USED(2)});
    BROKEN({0, 1, 0, END(COMPLETED)},
           {1, 9, 1, STATUS(RUN_AGAIN, WRONG_STATUS)},
           {1, 2, 0, STATUS(RUN_AGAIN, OK)}, {9, 10, 0, USED(2)});
}

Test(linear_status, requests_fall_when_the_run_ends)
{
    GOOD({0, 1, 0, REQUEST(SHUTDOWN)}, {1, 2, 0, REQUEST(INTERRUPT)},
         {2, 3, 0, POLL(SHUTDOWN)}, {3, 4, 0, END(COMPLETED)},
         {4, 5, 0, POLL(NONE)}, {5, 6, 0, STATUS(RUN_AGAIN, OK)},
         {6, 7, 0, POLL(NONE)});
    BROKEN({0, 1, 0, REQUEST(INTERRUPT)}, {1, 2, 0, POLL(NONE)});
    BROKEN({0, 1, 0, REQUEST(INTERRUPT)}, {1, 2, 0, END(COMPLETED)},
           {2, 3, 0, STATUS(RUN_AGAIN, OK)}, {3, 4, 0, POLL(INTERRUPT)});
    BROKEN({0, 1, 0, END(COMPLETED)}, {1, 2, 0, REQUEST(INTERRUPT)});
}

Test(linear_status, a_result_is_that_of_the_run)
{
    GOOD({0, 1, 0, END_WITH(7)}, {1, 2, 0, RESULT(7)},
         {2, 3, 0, STATUS(RUN_AGAIN, OK)}, {3, 4, 0, RESULT(0)});
    BROKEN({0, 1, 0, END_WITH(7)}, {1, 2, 0, RESULT(8)});
    BROKEN({0, 1, 0, END_WITH(7)}, {1, 2, 0, STATUS(RUN_AGAIN, OK)},
           {2, 3, 0, RESULT(7)});
}

Test(linear_status, is_closed_once)
{
    GOOD({0, 9, 0, CLOSED(PENDING_INIT)}, {0, 9, 1, STATUS(CLOSE, STALE)},
         {9, 10, 0, STATUS(LOOK, STALE)});
    BROKEN({0, 9, 0, CLOSED(PENDING_INIT)}, {0, 9, 1, CLOSED(PENDING_INIT)});
    BROKEN({0, 1, 0, STATUS(CLOSE, STALE)});
    BROKEN({0, 1, 0, CLOSED(PENDING_INIT)}, {1, 2, 0, LOOK(SHUTDOWN)});
}

Test(linear_status, a_close_answers_what_it_was)
{
    GOOD({0, 9, 0, END(COMPLETED)}, {0, 9, 1, CLOSED(COMPLETED)});
    GOOD({0, 9, 0, END(COMPLETED)}, {0, 9, 1, CLOSED(PENDING_INIT)});
    BROKEN({0, 9, 0, END(COMPLETED)}, {0, 9, 1, CLOSED(RUNNING)});
    BROKEN({0, 1, 0, END(COMPLETED)}, {1, 9, 1, CLOSED(PENDING_INIT)});
}

/* A close that keeps the slot. */
Test(linear_status, a_close_gives_the_slot)
{
    GOOD({0, 1, 0, CLOSED(PENDING_INIT)}, {1, 2, 0, USED(0)});
    BROKEN({0, 1, 0, CLOSED(PENDING_INIT)}, {1, 2, 0, USED(1)});
    GOOD({0, 9, 0, END(COMPLETED)}, {1, 2, 1, CLOSED(PENDING_INIT)},
         {2, 3, 1, USED(1)}, {9, 10, 1, USED(0)});
    BROKEN({0, 1, 0, END(COMPLETED)}, {1, 2, 1, CLOSED(COMPLETED)},
           {2, 3, 1, USED(1)});
}

Test(linear_status, a_failed_start_is_fenced_then_gone)
{
    GOOD({0, 9, 0, STATUS(START_FAILED, OK)},
         {1, 2, 1, INFO(PENDING_INIT, false, true)},
         {2, 3, 1, STATUS(INFO, STALE)}, {3, 4, 1, USED(0)});
    BROKEN({0, 9, 0, STATUS(START_FAILED, OK)}, {1, 2, 1, STATUS(LOOK, STALE)},
           {2, 3, 1, USED(1)});
    BROKEN({0, 9, 0, STATUS(START_FAILED, OK)}, {0, 9, 1, STATUS(START, OK)});
    GOOD({0, 9, 0, STATUS(START_FAILED, STALE)},
         {0, 9, 1, CLOSED(PENDING_INIT)},
         {9, 10, 0, USED(0)});
}

/* --- path ----------------------------------------------------------------- */

static void free_path(void)
{
    spec = &linear_path;
    state = path_state(PATH_NOBODY);
}

static void taken_path(void)
{
    spec = &linear_path;
    state = path_state(1);
}

#define TAKE(number)    PATH_SPAWN, MOOR_OK, 0, number
#define TICKET(number)  PATH_RESERVE, MOOR_OK, 0, number
#define TAKEN           PATH_SPAWN, MOOR_PATH_TAKEN, 0, 0
#define RESERVE_TAKEN   PATH_RESERVE, MOOR_PATH_TAKEN, 0, 0
#define COMMIT(number)  PATH_COMMIT, MOOR_OK, number, number
#define FIND(number)    PATH_FIND, MOOR_OK, 0, number
#define FIND_ID(number) PATH_FIND, MOOR_OK, 2, number
#define NOT_FOUND       PATH_FIND, MOOR_NOT_FOUND, 0, 0
#define LEAVE(number)   PATH_CLOSE, MOOR_OK, number, 0
#define PATH(operation, answer, number) \
    PATH_##operation, MOOR_##answer, number, 0

TestSuite(linear_free_path, .init = free_path);
TestSuite(linear_taken_path, .init = taken_path);

Test(linear_free_path, names_one_agent)
{
    GOOD({0, 9, 0, TAKE(2)}, {0, 9, 1, TAKEN});
    GOOD({0, 9, 0, TAKE(2)}, {0, 9, 1, RESERVE_TAKEN});
    BROKEN({0, 9, 0, TAKE(2)}, {0, 9, 1, TAKE(3)});
    BROKEN({0, 9, 0, TAKE(2)}, {0, 9, 1, TICKET(3)});
    BROKEN({0, 1, 0, TAKEN});
}

Test(linear_free_path, is_found_when_it_was_spawned)
{
    GOOD({0, 1, 0, TAKE(2)}, {1, 2, 0, FIND(2)}, {2, 3, 0, FIND_ID(2)});
    BROKEN({0, 1, 0, TAKE(2)}, {1, 2, 0, NOT_FOUND});
    BROKEN({0, 1, 0, TAKE(2)}, {1, 2, 0, FIND(3)});
    GOOD({0, 9, 0, TAKE(2)}, {1, 2, 1, NOT_FOUND}, {2, 3, 1, FIND(2)});
    BROKEN({0, 9, 0, TAKE(2)}, {1, 2, 1, FIND(2)}, {2, 3, 1, NOT_FOUND});
}

/* In flight: taken, and not to be found. */
Test(linear_free_path, is_taken_before_it_is_found)
{
    GOOD({0, 9, 0, TAKE(2)}, {1, 2, 1, TAKEN}, {2, 3, 1, NOT_FOUND},
         {3, 4, 1, FIND(2)});
}

Test(linear_free_path, a_ticket_holds_it_and_is_not_found)
{
    GOOD({0, 1, 0, TICKET(2)}, {1, 2, 1, TAKEN}, {2, 3, 1, NOT_FOUND},
         {3, 4, 0, COMMIT(2)}, {4, 5, 1, FIND(2)});
    BROKEN({0, 1, 0, TICKET(2)}, {1, 2, 1, FIND(2)});
    GOOD({0, 1, 0, TICKET(2)}, {1, 2, 0, PATH(ABANDON, OK, 2)},
         {2, 3, 1, TAKE(3)});
    GOOD({0, 1, 0, TICKET(2)}, {1, 2, 0, PATH(COMMIT, PATH_MISMATCH, 2)},
         {2, 3, 1, TAKE(3)});
    BROKEN({0, 1, 0, TICKET(2)}, {1, 2, 0, PATH(ABANDON, OK, 2)},
           {2, 3, 1, TAKEN});
    BROKEN({0, 1, 0, TICKET(2)}, {1, 2, 0, PATH(ABANDON, OK, 2)},
           {2, 3, 0, COMMIT(2)});
}

/* Because of one that loses itself a moment later; but one of them wins. */
Test(linear_free_path, not_all_are_told_that_it_is_taken)
{
    GOOD({0, 9, 0, TAKEN}, {1, 2, 1, TAKEN}, {3, 4, 2, TAKE(2)});
    BROKEN({0, 9, 0, TAKEN}, {0, 9, 1, TAKEN});
    BROKEN({0, 9, 0, TAKEN}, {0, 9, 1, TAKEN}, {0, 9, 2, TAKEN});
    BROKEN({0, 2, 0, TAKEN}, {2, 3, 1, TAKEN}, {3, 4, 2, TAKE(2)});
    GOOD({0, 9, 0, TAKE(2)}, {1, 2, 1, TAKEN}, {3, 4, 2, TAKE(3)},
         {4, 5, 2, LEAVE(3)});
}

Test(linear_taken_path, is_free_when_it_was_closed)
{
    GOOD({0, 1, 0, LEAVE(1)}, {1, 2, 1, NOT_FOUND}, {2, 3, 1, TAKE(2)});
    BROKEN({0, 1, 0, LEAVE(1)}, {1, 2, 1, FIND(1)});
    BROKEN({0, 1, 0, LEAVE(1)}, {1, 2, 1, TAKEN});
    BROKEN({0, 9, 0, LEAVE(1)}, {1, 2, 1, NOT_FOUND}, {2, 3, 1, FIND(1)});
    BROKEN({0, 9, 0, LEAVE(1)}, {0, 9, 1, LEAVE(1)});
    GOOD({0, 9, 0, LEAVE(1)}, {0, 9, 1, PATH(CLOSE, STALE, 1)});
    BROKEN({0, 1, 0, PATH(CLOSE, STALE, 1)});
}

/* A handle of the one before does nothing to the next. */
Test(linear_taken_path, an_old_handle_is_stale)
{
    const struct linear_call gone = {0, 1, 0, LEAVE(1)};
    const struct linear_call next = {1, 2, 0, TAKE(2)};

    GOOD(gone, next, {2, 3, 1, PATH(CLOSE, STALE, 1)}, {3, 4, 1, FIND(2)});
    BROKEN(gone, next, {2, 3, 1, LEAVE(1)});
    BROKEN(gone, next, {2, 3, 1, FIND(1)});
    GOOD(gone, next, {2, 3, 1, PATH(LOOK, STALE, 1)});
    BROKEN(gone, next, {2, 3, 1, PATH(LOOK, OK, 1)});
    BROKEN(gone, next, {2, 3, 1, PATH(LOOK, STALE, 2)});
}

Test(linear_taken_path, a_failed_start_is_gone_before_the_path_is_free)
{
    GOOD({0, 9, 0, PATH(START_FAILED, OK, 1)}, {1, 2, 1, NOT_FOUND},
         {2, 3, 1, TAKEN}, {3, 4, 1, TAKE(2)});
    BROKEN({0, 1, 0, PATH(START_FAILED, OK, 1)}, {1, 2, 1, TAKEN});
    BROKEN({0, 9, 0, PATH(START_FAILED, OK, 1)}, {0, 9, 1, LEAVE(1)});
}
/* clang-format on */
