/*
 * The specification of admission against given histories.
 */
#include "linear_judge.h"

/* clang-format off */
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

Test(linear_full, a_close_gives_in_two_steps)
{
    GOOD({0, 9, 0, CLOSE(0)}, {1, 2, 1, ADMISSION(FINISH, WRONG_STATUS)},
         {2, 3, 1, COUNT(1, 1)}, {3, 4, 1, COUNT(0, 1)});
    BROKEN({0, 9, 0, CLOSE(0)}, {1, 2, 1, COUNT(0, 1)}, {2, 3, 1, COUNT(1, 1)});
    BROKEN({0, 9, 0, CLOSE(0)}, {0, 9, 1, FINISH(0)}, {9, 10, 1, COUNT(1, 1)});
    BROKEN({0, 1, 0, CLOSE(0)}, {1, 2, 0, COUNT(1, 1)});
}

Test(linear_full, what_is_gone_or_idle_has_no_slot)
{
    static const struct {
        uint8_t operation, answer;
    } answers[] = {
        {ADMISSION_FINISH, MOOR_STALE},
        {ADMISSION_FINISH, MOOR_WRONG_STATUS},
        {ADMISSION_RUN_AGAIN, MOOR_STALE},
        {ADMISSION_CLOSE, MOOR_STALE},
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct linear_call told = {1, 2, 1, answers[i].operation,
                                         answers[i].answer, 0, 0};

        GOOD({0, 1, 0, CLOSE(0)}, told, {2, 3, 1, COUNT(0, 1)});
        /* While the count is looked at it has the slot, and keeps it. */
        BROKEN(told, {2, 3, 1, COUNT(1, 1)}, {3, 4, 1, FINISH(0)});
    }
}

Test(linear_full, a_run_again_may_be_too_late_at_any_time)
{
    GOOD({0, 1, 0, ADMISSION(RUN_AGAIN, WRONG_STATUS)}, {1, 2, 0, COUNT(1, 1)});
    GOOD({0, 1, 0, ADMISSION_RUN_AGAIN, MOOR_REFUSED, 0,
          admission_count(1, 1)});
    BROKEN({0, 1, 0, ADMISSION_RUN_AGAIN, MOOR_REFUSED, 0,
            admission_count(2, 1)});
    BROKEN({0, 1, 0, ADMISSION(RUN_AGAIN, OK)});
}

Test(linear_full, a_run_again_of_what_is_gone_is_stale)
{
    GOOD({0, 1, 0, CLOSE(0)}, {1, 2, 0, SPAWN(1)},
         {2, 3, 0, ADMISSION(RUN_AGAIN, STALE)});
    state = admission_state(admission_count(1, 2), 1);
    BROKEN({0, 1, 0, ADMISSION(RUN_AGAIN, STALE)}, {1, 2, 0, FINISH(0)});
}

Test(linear_full, a_reserve_is_refused_like_a_spawn)
{
    GOOD({0, 1, 0, ADMISSION_RESERVE, MOOR_REFUSED, 0, admission_count(1, 1)});
    BROKEN({0, 1, 0, ADMISSION_RESERVE, MOOR_REFUSED, 0,
            admission_count(2, 1)});
    BROKEN({0, 1, 0, FINISH(0)},
           {1, 2, 0, ADMISSION_RESERVE, MOOR_REFUSED, 0, ADMISSION_NO_REFUSAL});
}
/* clang-format on */
