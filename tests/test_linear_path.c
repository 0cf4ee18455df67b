/*
 * The specification of one path against given histories.
 */
#include "linear_judge.h"

/* clang-format off */
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

Test(linear_taken_path, a_failed_start_is_too_late)
{
    GOOD({0, 1, 0, LEAVE(1)}, {1, 2, 0, PATH(START_FAILED, STALE, 1)});
    BROKEN({0, 1, 0, PATH(START_FAILED, STALE, 1)}, {1, 2, 0, FIND(1)});
    GOOD({0, 1, 0, PATH(START_FAILED, WRONG_STATUS, 1)}, {1, 2, 0, FIND(1)});
    BROKEN({0, 1, 0, LEAVE(1)}, {1, 2, 0, PATH(START_FAILED, WRONG_STATUS, 1)});
    GOOD({0, 1, 0, PATH(LOOK, OK, 1)});
}

Test(linear_free_path, a_reservation_claims_like_a_spawn)
{
    GOOD({0, 9, 0, TICKET(2)}, {1, 2, 1, TAKEN}, {3, 4, 2, TAKE(3)},
         {4, 5, 2, LEAVE(3)});
    GOOD({0, 9, 0, RESERVE_TAKEN}, {1, 2, 1, TAKEN}, {3, 4, 2, TAKE(2)});
    BROKEN({0, 9, 0, RESERVE_TAKEN}, {0, 9, 1, RESERVE_TAKEN});
    BROKEN({0, 1, 0, RESERVE_TAKEN});
    BROKEN({0, 9, 0, TICKET(2)}, {0, 1, 1, TAKE(3)});
    BROKEN({0, 1, 1, TAKE(3)}, {1, 9, 0, TICKET(2)});
    BROKEN({0, 1, 1, TAKE(3)}, {1, 9, 0, TAKE(2)});
}

/* A claim is over when its call is. */
Test(linear_free_path, a_claim_is_withdrawn)
{
    BROKEN({0, 1, 0, TAKE(2)}, {1, 2, 0, LEAVE(2)}, {2, 3, 1, TAKEN});
    BROKEN({0, 1, 0, TICKET(2)}, {1, 2, 0, PATH(ABANDON, OK, 2)},
           {2, 3, 1, RESERVE_TAKEN});
    BROKEN({0, 5, 0, TAKE(2)}, {1, 2, 1, TAKEN}, {2, 3, 1, TAKE(3)},
           {3, 4, 1, LEAVE(3)}, {5, 6, 1, TAKE(4)});
}
/* clang-format on */
