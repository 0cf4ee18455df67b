/*
 * Threads come and go and retire things, and nothing else: what one hands over
 * to the other it hands over by an order of reclaim.c alone (E2, E4, E5), which
 * ThreadSanitizer sees.
 *
 * The tests' own words are relaxed, so they carry nothing.  No sections: what
 * stands for E1 under ThreadSanitizer would order the rest, too.  Some threads
 * get no memory: the program's own aligned_alloc() comes before libc's.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "atomic.h"
#include "reclaim.h"
#include "threads.h"

enum {
    THREADS = 4,
    PROCESSES = 40,
    ROUNDS = 60,
    ROUNDS_MOST = 100 * ROUNDS,
    ORPHANS = 200
};

static _Thread_local bool has_no_memory;

void *aligned_alloc(size_t alignment, size_t size)
{
    void *block = NULL;

    return has_no_memory || posix_memalign(&block, alignment, size) != 0
               ? NULL
               : block;
}

struct reader {
    unsigned number;
    unsigned patience; /* how long it waits for one that ends */
    bool poor;
};

static moor_word done; /* how many have ended, or are about to */

static void retire_one(void)
{
    reclaim_retire(
        (struct reclaim_node *)calloc(1, sizeof(struct reclaim_node)));
}

/* No two have one number, and none has one that is too high. */
static void expect_apart(const struct reader *readers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        cr_assert(readers[i].number >= 1 && readers[i].number <= count,
                  "number %u", readers[i].number);
        for (unsigned j = 0; j < i; j++) {
            cr_assert_neq(readers[i].number, readers[j].number);
        }
    }
}

/* --- the first ones of a process: E5, and the list of E2 ---------------- */

static void *come_first(void *argument)
{
    struct reader *self = (struct reader *)argument;

    self->number = reclaim_number();
    retire_one();
    (void)moor_add_relaxed(&done, 1);
    while (moor_load_relaxed(&done) < THREADS && in_time()) {
    }
    return NULL;
}

ParameterizedTestParameters(readers, first_of_a_process)
{
    static int processes[PROCESSES];

    return cr_make_param_array(int, processes, PROCESSES);
}

ParameterizedTest(int *process, readers, first_of_a_process)
{
    struct reader readers[THREADS] = {{0}};

    (void)process;
    together(come_first, THREADS, readers, sizeof *readers);
    expect_apart(readers, THREADS);
}

/* --- one takes over what another leaves: E2 ----------------------------- */

static void *end_or_wait(void *argument)
{
    struct reader *self = (struct reader *)argument;

    if (self->patience == 0) {
        self->number = reclaim_number();
        retire_one();
        moor_store_relaxed(&done, 1);
        return NULL;
    }
    while (moor_load_relaxed(&done) == 0 && in_time()) {
    }
    for (unsigned i = 1; i < self->patience; i++) {
        (void)in_time();
    }
    self->number = reclaim_number();
    retire_one();
    return NULL;
}

/* Whether the one has ended by then is luck: it is tried until it has. */
Test(readers, one_takes_over_from_one_that_ends)
{
    unsigned patience = 1, times = 0;

    for (int round = 0; round < ROUNDS || (times == 0 && round < ROUNDS_MOST);
         round++) {
        struct reader pair[2] = {{.patience = 0}, {.patience = patience}};

        moor_store_relaxed(&done, 0);
        together(end_or_wait, 2, pair, sizeof *pair);
        cr_assert_eq(pair[0].number, 1, "the lowest that is to be had");
        cr_assert_leq(pair[1].number, 2);
        times += pair[1].number == 1;
        patience = patience % 1024 * 2 + 1;
    }
    cr_assert_gt(times, 0);
}

/* --- from threads that could not be registered: E4 ---------------------- */

static void *leave_or_adopt(void *argument)
{
    struct reader *self = (struct reader *)argument;

    has_no_memory = self->poor;
    self->number = reclaim_number();
    for (int i = 0; i < ORPHANS; i++) {
        retire_one();
    }
    (void)moor_add_relaxed(&done, 1);
    while (!self->poor && moor_load_relaxed(&done) < THREADS && in_time()) {
        retire_one();
    }
    retire_one();
    return NULL;
}

Test(readers, one_adopts_from_those_without_memory)
{
    struct reader readers[THREADS] = {
        {.poor = false}, {.poor = true}, {.poor = true}, {.poor = true}};

    together(leave_or_adopt, THREADS, readers, sizeof *readers);
    cr_assert_eq(readers[0].number, 1);
    for (int t = 1; t < THREADS; t++) {
        cr_assert_eq(readers[t].number, 0, "it had no memory");
    }
}
