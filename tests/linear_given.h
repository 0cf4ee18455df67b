/*
 * What the tests of the histories' checker begin with: an object that needs no
 * library, a register.  A write is one instant; a slow write first marks the
 * register, so that a read in between answers MARKED.
 */
#ifndef TESTS_LINEAR_GIVEN_H
#define TESTS_LINEAR_GIVEN_H

#include <criterion/criterion.h>
#include <stdio.h>

#include "linear/checker.h"

enum operation { WRITE, READ, SLOW_WRITE };

enum { OK = 0, MARKED = 99 };

static bool writes(uint64_t *state, const struct linear_call *call)
{
    *state = call->argument;
    return true;
}

static bool reads(uint64_t *state, const struct linear_call *call)
{
    return linear_said(call, *state);
}

static bool marks(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    *state = MARKED;
    return true;
}

static const struct linear_rule rules[] = {
    {WRITE, OK, 0, LINEAR_DONE, writes},
    {READ, OK, 0, LINEAR_DONE, reads},
    {SLOW_WRITE, OK, 0, 1, marks},
    {SLOW_WRITE, OK, 1, LINEAR_DONE, writes},
};

static void say_call(const struct linear_call *call, char *words)
{
    snprintf(
        words, LINEAR_WORDS_MAX, call->operation == READ ? "r%u" : "w%u",
        (unsigned)(call->operation == READ ? call->value : call->argument));
}

static void say_state(uint64_t state, char *words)
{
    snprintf(words, LINEAR_WORDS_MAX, "%u", (unsigned)state);
}

static const struct linear_spec spec = {"register", rules, 4, say_call,
                                        say_state};

/* --- histories ------------------------------------------------------------ */

static struct linear_history history;
static struct linear_checker *checker;

static inline void setup(void)
{
    checker = linear_checker_make(&spec);
    cr_assert_not_null(checker);
    history.count = 0;
    history.state = 0;
}

static inline void teardown(void)
{
    linear_checker_free(checker);
}

static inline struct linear_call *call(unsigned thread, uint64_t called,
                                       uint64_t returned,
                                       enum operation operation,
                                       uint32_t number)
{
    struct linear_call *made = &history.calls[history.count++];

    *made = (struct linear_call){
        .called = called,
        .returned = returned,
        .thread = (uint8_t)thread,
        .operation = (uint8_t)operation,
        .argument = operation == READ ? 0 : number,
        .value = operation == READ ? number : 0,
    };
    return made;
}

static inline void unknown(struct linear_call *made)
{
    made->answer = LINEAR_UNKNOWN;
}

static inline void good(void)
{
    cr_assert_eq(linear_check(checker, &history), LINEAR_GOOD);
}

static inline void broken(void)
{
    cr_assert_eq(linear_check(checker, &history), LINEAR_BROKEN);
}

#endif
