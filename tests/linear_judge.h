/*
 * Given histories against a sequential specification: what it allows, and the
 * next thing to it, which it does not.
 *
 * A call is {called, returned, thread, operation, answer, argument, value}.
 * Each file says which specification, and in which state the object begins.
 */
#ifndef TESTS_LINEAR_JUDGE_H
#define TESTS_LINEAR_JUDGE_H

#include <criterion/criterion.h>
#include <string.h>

#include "linear/checker.h"
#include "linear/specs.h"

static inline void judge(enum linear_verdict want,
                         const struct linear_spec *spec, uint64_t state,
                         const struct linear_call *calls, size_t count)
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

#define JUDGE(want, ...)                                                \
    judge(want, spec, state, (const struct linear_call[]){__VA_ARGS__}, \
          sizeof((const struct linear_call[]){__VA_ARGS__}) /           \
              sizeof(struct linear_call))
#define GOOD(...)   JUDGE(LINEAR_GOOD, __VA_ARGS__)
#define BROKEN(...) JUDGE(LINEAR_BROKEN, __VA_ARGS__)

static const struct linear_spec *spec;
static uint64_t state;

#endif
