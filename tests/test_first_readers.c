/*
 * The first threads of a process to use reclamation: one of them makes what all
 * share, and they are known to one another by nothing else.  Each start is a
 * process of its own, as nothing is ever made again.
 *
 * What would go wrong is for ThreadSanitizer to see.
 */
#include <criterion/parameterized.h>

#include "reclaim.h"
#include "threads.h"

enum { STARTS = 40 };

static void *be_first(void *ready)
{
    *(bool *)ready = reclaim_ready();
    reclaim_enter();
    reclaim_leave();
    return NULL;
}

ParameterizedTestParameters(first_readers, at_once)
{
    static int starts[STARTS];

    return cr_make_param_array(int, starts, STARTS);
}

ParameterizedTest(int *start, first_readers, at_once)
{
    bool ready[TOGETHER_MOST] = {false};

    (void)start;
    together(be_first, TOGETHER_MOST, ready, sizeof *ready);
    for (int i = 0; i < TOGETHER_MOST; i++) {
        cr_assert(ready[i]);
    }
    /* Each had a number of its own, so the next has one of theirs. */
    cr_assert_leq(reclaim_number(), TOGETHER_MOST);
}
