/*
 * linear_record: what the workers write down of their calls.
 *
 * Stamps come from one clock that counts returns.  A call is stamped with what
 * the clock says before it begins, and with what it says after it has counted
 * the call's own return.  So of two calls, one returned before the other began
 * just if its `returned` is at most the other's `called`.
 *
 * Sound on x86-64, the one processor that the library is for: to count is a
 * locked addition, and all that the call did can be seen by whoever has read
 * the count; to read it is a load, and no later load or store comes before it.
 * The fences are for the compiler alone.  No order is made that the language or
 * ThreadSanitizer know of, so no race of the calls is hidden.
 */
#ifndef LINEAR_RECORD_H
#define LINEAR_RECORD_H

#include <stdalign.h>
#include <stdatomic.h>

#include "linear/checker.h"
#include "load/random.h"

enum {
    RECORD_THREADS_MAX = 7,
    RECORD_FINAL_MAX = 4, /* calls of one window when all stand still */
    RECORD_WINDOWS = 2048 /* until the main thread judges them */
};

struct record_clock {
    alignas(128) _Atomic uint64_t now;
};

/* One worker's calls, window after window. */
struct record_lane {
    alignas(128) struct record_clock *clock;
    struct random *random;
    struct linear_call *calls;
    unsigned count;
    unsigned ends[RECORD_WINDOWS]; /* of the calls of each window */
    uint8_t thread;
};

static inline struct linear_call *record_begin(struct record_lane *lane,
                                               unsigned operation,
                                               uint64_t argument)
{
    struct linear_call *call = &lane->calls[lane->count];

    call->thread = lane->thread;
    call->operation = (uint8_t)operation;
    call->argument = argument;
    call->value = 0;
    call->called =
        atomic_load_explicit(&lane->clock->now, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    return call;
}

static inline void record_end(struct record_lane *lane,
                              struct linear_call *call, unsigned answer)
{
    atomic_signal_fence(memory_order_seq_cst);
    call->returned = 1 + atomic_fetch_add_explicit(&lane->clock->now, 1,
                                                   memory_order_relaxed);
    call->answer = (uint8_t)answer;
    lane->count++;
}

#endif
