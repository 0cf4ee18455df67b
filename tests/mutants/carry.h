/*
 * What the model_carry programs share: one thread notes something and acts,
 * another one that has seen the act must see the note.
 *
 * The notes are words that are stored and loaded relaxed: they carry nothing
 * themselves.
 */
#ifndef MUTANTS_CARRY_H
#define MUTANTS_CARRY_H

#include "atomic.h"
#include "world/world.h"

enum { AWAIT_MOST = 400 };

static moor_word note[MODEL_THREADS_MAX];
static moor_word over; /* thread 0 has done it all */

/* From `before`: nothing was noted so far. */
static inline void carry_nothing(void)
{
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        moor_store_relaxed(&note[i], 0);
    moor_store_relaxed(&over, 0);
}

/* Thread 1 comes when all is over, most likely; which tells it nothing. */
static inline void await(void)
{
    for (int i = 0; i < AWAIT_MOST && moor_load_relaxed(&over) == 0; i++)
        continue;
}

static inline void say(void)
{
    moor_store_relaxed(&note[model_self()], 1);
}

static inline void hear(int thread)
{
    if (moor_load_relaxed(&note[thread]) != 1) {
        model_fail("thread %d acted, and its note is not seen", thread);
    }
}

/* NAME_act: thread 0.  NAME_see: thread 1, at any time; NAME_late: at the end,
 * because of two threads at random the one with less to do comes first. */
#define CARRY(name, act, seen)        \
    static void name##_act(void)      \
    {                                 \
        say();                        \
        act;                          \
        moor_store_relaxed(&over, 1); \
    }                                 \
    static void name##_see(void)      \
    {                                 \
        if (seen) hear(0);            \
    }                                 \
    static void name##_late(void)     \
    {                                 \
        await();                      \
        name##_see();                 \
    }

#define CARRY_CASE(before, name, after)                                \
    {#name, before, {name##_act, name##_see}, 2, after, 0},            \
    {                                                                  \
#name "_late", before, {name##_act, name##_late }, 2, after, 0 \
    }

#endif
