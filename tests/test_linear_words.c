/*
 * What drawings call the calls and states of the specifications.
 */
#include <criterion/criterion.h>

#include "linear/specs.h"

static void call_is(const struct linear_spec *spec, struct linear_call call,
                    const char *want)
{
    char words[LINEAR_WORDS_MAX];

    spec->say_call(&call, words);
    cr_assert_str_eq(words, want);
}

static void state_is(const struct linear_spec *spec, uint64_t state,
                     const char *want)
{
    char words[LINEAR_WORDS_MAX];

    spec->say_state(state, words);
    cr_assert_str_eq(words, want);
}

#define CALL(...) ((struct linear_call){0, 1, 0, __VA_ARGS__})

Test(linear_words, admission)
{
    const struct linear_spec *spec = &linear_admission;

    state_is(spec, admission_state(admission_count(3, 4), 7), "3 of 4 used");
    call_is(spec, CALL(ADMISSION_SPAWN, MOOR_OK, 7, 0), "spawn 7: ok");
    call_is(spec, CALL(ADMISSION_SPAWN, LINEAR_UNKNOWN, 7, 0), "spawn 7: ?");
    call_is(spec, CALL(ADMISSION_SPAWN, MOOR_REFUSED, 0, ADMISSION_NO_REFUSAL),
            "spawn: refused");
    call_is(spec,
            CALL(ADMISSION_RESERVE, MOOR_REFUSED, 0, admission_count(2, 1)),
            "reserve: 2 of 1 used");
    call_is(spec, CALL(ADMISSION_LOOK, MOOR_OK, 0, admission_count(1, 2)),
            "look: 1 of 2 used");
    call_is(spec, CALL(ADMISSION_SET_LIMIT, MOOR_OK, 2, 0), "set_limit 2: ok");
    call_is(spec, CALL(ADMISSION_FINISH, MOOR_STALE, 0, 0), "finish 0: stale");
}

Test(linear_words, status)
{
    const struct linear_spec *spec = &linear_status;

    state_is(spec, status_state(2, 1), "pending_init, 2 of 2 used");
    call_is(spec, CALL(STATUS_START, MOOR_WRONG_STATUS, 0, 0),
            "start: wrong_status");
    call_is(spec,
            CALL(STATUS_FINISH, MOOR_OK, status_end(MOOR_STATUS_ERRORED, 9), 0),
            "finish errored 9: ok");
    call_is(spec, CALL(STATUS_LOOK, MOOR_OK, 0, MOOR_STATUS_RUNNING),
            "status: running");
    call_is(spec, CALL(STATUS_LOOK, LINEAR_UNKNOWN, 0, 0), "status: ?");
    call_is(spec,
            CALL(STATUS_INFO, MOOR_OK, 0,
                 status_info(MOOR_STATUS_RUNNING, true, true)),
            "info: running slot fenced");
    call_is(spec, CALL(STATUS_REQUEST, MOOR_OK, MOOR_REQUEST_SHUTDOWN, 0),
            "request shutdown: ok");
    call_is(spec, CALL(STATUS_POLL, MOOR_OK, 0, MOOR_REQUEST_INTERRUPT),
            "poll: interrupt");
    call_is(spec, CALL(STATUS_RESULT, MOOR_OK, 0, 9), "result: 9");
    call_is(spec, CALL(STATUS_CLOSE, MOOR_OK, 0, MOOR_STATUS_COMPLETED),
            "close: completed");
}

Test(linear_words, path)
{
    const struct linear_spec *spec = &linear_path;

    state_is(spec, path_state(PATH_NOBODY), "free");
    state_is(spec, path_state(3), "agent 3");
    call_is(spec, CALL(PATH_SPAWN, MOOR_OK, 0, 3), "spawn: 3");
    call_is(spec, CALL(PATH_RESERVE, MOOR_PATH_TAKEN, 0, 0),
            "reserve: path_taken");
    call_is(spec, CALL(PATH_COMMIT, MOOR_OK, 3, 3), "commit 3: 3");
    call_is(spec, CALL(PATH_FIND, MOOR_OK, 1, 3), "find by name: 3");
    call_is(spec, CALL(PATH_FIND, MOOR_NOT_FOUND, 2, 0),
            "find by id: not_found");
    call_is(spec, CALL(PATH_CLOSE, LINEAR_UNKNOWN, 3, 0), "close 3: ?");
}
