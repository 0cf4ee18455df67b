/*
 * An event in place of event.c, for the models of waiting.
 *
 * A thread that would sleep is noted.  Then it goes on as if its deadline had
 * come; or, inside of SLEEP_CALL, its call ends there: in this run it is not
 * going to wake, and what others do for it meanwhile stays for the judge.
 *
 * A thread sleeps for ever if it went to sleep at a value that the event still
 * has at the end; judge it before the world is freed.
 */
#ifndef MODEL_SLEEP_H
#define MODEL_SLEEP_H

#include <setjmp.h>
#include <stdbool.h>

/* Before a run.  Deadlines have passed from the start, or never do. */
void sleep_begin(void);
void sleep_deadlines_pass(bool pass);

/* After it: would the thread sleep for ever?  Has it been asleep at all? */
bool sleep_for_ever(int thread);
bool sleep_happened(int thread);

/* Runs a call that ends when it goes to sleep. */
jmp_buf *sleep_bed(void);
void sleep_no_more(void);
#define SLEEP_CALL(call)                  \
    do {                                  \
        if (setjmp(*sleep_bed()) == 0) {  \
            call;                         \
            sleep_no_more();              \
        }                                 \
    } while (0)

#endif
