/*
 * The specification of one agent's status against given histories.
 */
#include "linear_judge.h"

/* clang-format off */
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

/* --- every call on what is gone, or has ended ----------------------------- */

static const struct {
    uint8_t operation;
    bool needs_live; /* else wrong_status */
} calls[] = {
    {STATUS_START, true},      {STATUS_START_FAILED, true},
    {STATUS_FINISH, true},     {STATUS_REQUEST, true},
    {STATUS_RUN_AGAIN, false}, {STATUS_POLL, false},
    {STATUS_LOOK, false},      {STATUS_INFO, false},
    {STATUS_RESULT, false},    {STATUS_CLOSE, false},
};

enum { CALLS = sizeof calls / sizeof calls[0] };

Test(linear_status, stale_is_what_is_gone_and_only_that)
{
    for (size_t i = 0; i < CALLS; i++) {
        GOOD({0, 1, 0, CLOSED(PENDING_INIT)},
             {1, 2, 0, calls[i].operation, MOOR_STALE, 0, 0});
        BROKEN({0, 1, 0, calls[i].operation, MOOR_STALE, 0, 0},
               {1, 2, 0, STATUS(START, OK)});
    }
}

Test(linear_status, wrong_status_is_what_has_ended_and_only_that)
{
    for (size_t i = 0; i < CALLS; i++) {
        if (!calls[i].needs_live) continue;
        GOOD({0, 1, 0, END(SHUTDOWN)},
             {1, 2, 0, calls[i].operation, MOOR_WRONG_STATUS, 0, 0});
        BROKEN({0, 1, 0, calls[i].operation, MOOR_WRONG_STATUS, 0, 0});
        BROKEN({0, 1, 0, CLOSED(PENDING_INIT)},
               {1, 2, 0, calls[i].operation, MOOR_WRONG_STATUS, 0, 0});
    }
    GOOD({0, 1, 0, STATUS(RUN_AGAIN, WRONG_STATUS)});
    BROKEN({0, 1, 0, CLOSED(PENDING_INIT)},
           {1, 2, 0, STATUS(RUN_AGAIN, WRONG_STATUS)});
}

/* --- those that ended the run, and were not the first to take it out ------ */

Test(linear_status, a_late_close_gives_the_slot)
{
    GOOD({0, 9, 0, STATUS(CLOSE, STALE)},
         {1, 2, 1, INFO(PENDING_INIT, false, false)},
         {2, 3, 1, CLOSED(PENDING_INIT)}, {3, 4, 1, USED(1)},
         {4, 5, 1, USED(0)});
    BROKEN({0, 9, 0, STATUS(CLOSE, STALE)},
           {1, 2, 1, INFO(PENDING_INIT, false, false)},
           {2, 3, 1, CLOSED(PENDING_INIT)}, {9, 10, 1, USED(1)});
    BROKEN({0, 9, 0, STATUS(CLOSE, STALE)},
           {1, 2, 1, INFO(PENDING_INIT, false, false)});
    BROKEN({0, 1, 0, END(COMPLETED)}, {1, 9, 0, STATUS(CLOSE, STALE)},
           {2, 3, 1, CLOSED(COMPLETED)}, {3, 4, 1, USED(1)});
}

Test(linear_status, a_late_failed_start_gives_the_slot)
{
    GOOD({0, 9, 0, STATUS(START_FAILED, STALE)},
         {1, 2, 1, INFO(PENDING_INIT, false, true)},
         {2, 3, 1, CLOSED(PENDING_INIT)}, {3, 4, 1, USED(1)},
         {4, 5, 1, USED(0)});
    BROKEN({0, 9, 0, STATUS(START_FAILED, STALE)},
           {1, 2, 1, INFO(PENDING_INIT, false, true)},
           {2, 3, 1, CLOSED(PENDING_INIT)}, {9, 10, 1, USED(1)});
    BROKEN({0, 9, 0, STATUS(START_FAILED, STALE)},
           {1, 2, 1, INFO(PENDING_INIT, false, true)});
    BROKEN({0, 1, 1, STATUS(START, OK)}, {1, 9, 0, STATUS(START_FAILED, STALE)},
           {2, 3, 1, INFO(RUNNING, false, true)}, {9, 10, 1, CLOSED(RUNNING)});
}

/* It found the agent idle, and charged; then the agent was closed. */
Test(linear_status, a_late_run_again_gives_the_slot_back)
{
    const struct linear_call ended = {0, 1, 0, END(COMPLETED)};
    const struct linear_call late = {1, 9, 1, STATUS(RUN_AGAIN, STALE)};

    GOOD(ended, late, {1, 2, 0, USED(1)}, {2, 3, 0, CLOSED(COMPLETED)},
         {3, 4, 0, USED(1)}, {4, 5, 0, USED(0)});
    BROKEN(ended, late, {1, 2, 0, USED(1)}, {2, 3, 0, CLOSED(COMPLETED)},
           {9, 10, 0, USED(1)});
    BROKEN(ended, late, {1, 2, 0, USED(1)}, {2, 3, 0, USED(0)},
           {9, 10, 0, CLOSED(COMPLETED)});
    BROKEN(ended, {1, 2, 0, CLOSED(COMPLETED)},
           {2, 9, 1, STATUS(RUN_AGAIN, STALE)},
           {3, 4, 0, USED(1)});
}

Test(linear_status, a_run_again_charges_when_it_has_seen_it_idle)
{
    state = status_state(2, 0);
    GOOD({0, 9, 0, STATUS(RUN_AGAIN, OK)}, {0, 1, 1, END(COMPLETED)},
         {1, 2, 1, USED(1)});
    BROKEN({0, 9, 0, STATUS(RUN_AGAIN, OK)}, {1, 2, 1, USED(2)},
           {2, 3, 1, END(COMPLETED)});
    state = status_state(1, 0);
    BROKEN({0, 9, 0, STATUS(RUN_AGAIN, REFUSED)}, {9, 10, 1, END(COMPLETED)});
}

/* --- others in the same registry ------------------------------------------ */

Test(linear_status, others_count_too)
{
    BROKEN({0, 1, 0, STATUS(SPAWN, OK)});
    GOOD({0, 1, 0, STATUS(SPAWN, REFUSED)});
    state = status_state(2, 0);
    GOOD({0, 1, 0, STATUS(SPAWN, OK)}, {1, 2, 0, USED(2)},
         {2, 3, 0, STATUS(CLOSE_OTHER, OK)}, {3, 4, 0, USED(1)});
    BROKEN({0, 1, 0, STATUS(SPAWN, OK)}, {1, 2, 0, STATUS(CLOSE_OTHER, OK)},
           {2, 3, 0, USED(2)});
    BROKEN({0, 1, 0, STATUS(SPAWN, OK)}, {1, 2, 0, USED(1)});
}

Test(linear_status, a_close_ends_what_it_found_live)
{
    BROKEN({0, 1, 0, END(SHUTDOWN)}, {1, 9, 0, CLOSED(SHUTDOWN)},
           {2, 3, 1, USED(0)}, {9, 10, 1, USED(1)});
    BROKEN({0, 9, 0, CLOSED(RUNNING)});
    BROKEN({0, 9, 0, CLOSED(RUNNING)},
           {1, 2, 1, INFO(PENDING_INIT, false, false)},
           {9, 10, 1, STATUS(LOOK, STALE)});
    GOOD({0, 1, 0, STATUS(START, OK)}, {1, 9, 0, CLOSED(RUNNING)},
         {2, 3, 1, INFO(RUNNING, false, false)});
}
/* clang-format on */
