/*
 * ConcurrencyKit's atomic operations, as steps of the schedule explorer.
 *
 * Found in place of ConcurrencyKit's file of that name.  It holds what
 * ck_epoch.h, ck_epoch.c and ck_stack.h use.  Each operation is one step, and
 * sequentially consistent; so is each fence, of a word of its own, so that a
 * thread can be frozen there although it has no effect.
 */
#ifndef CK_PR_H
#define CK_PR_H

#include <ck_cc.h>
#include <ck_md.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atomic.h" /* the explorer's moor_step() */

/* A pointer of any type is read and written as one of these. */
typedef uintptr_t ck_steps_pointer __attribute__((may_alias));

static inline void ck_steps_fence(void)
{
    uint64_t own = 0; /* on the stack of this thread */

    moor_step(&own, MOOR_STEP_LOAD);
}

#define CK_STEPS_FENCE(name)      \
    static inline void name(void) \
    {                             \
        ck_steps_fence();         \
    }

CK_STEPS_FENCE(ck_pr_fence_memory)
CK_STEPS_FENCE(ck_pr_fence_load)
CK_STEPS_FENCE(ck_pr_fence_store)
CK_STEPS_FENCE(ck_pr_fence_store_atomic)
CK_STEPS_FENCE(ck_pr_fence_atomic_load)
CK_STEPS_FENCE(ck_pr_fence_release)
CK_STEPS_FENCE(ck_pr_fence_acqrel)

static inline void ck_pr_barrier(void)
{
}

static inline void ck_pr_stall(void)
{
}

/* Loads, stores, exchanges and swaps of one type. */
#define CK_STEPS_DEFINE(suffix, type, word)                                  \
    static inline type ck_steps_load_##suffix(const word *from)              \
    {                                                                        \
        moor_step(from, MOOR_STEP_LOAD);                                     \
        return (type)__atomic_load_n(from, __ATOMIC_SEQ_CST);                \
    }                                                                        \
    static inline void ck_steps_store_##suffix(word *to, type value)         \
    {                                                                        \
        moor_step(to, MOOR_STEP_STORE);                                      \
        __atomic_store_n(to, (word)value, __ATOMIC_SEQ_CST);                 \
    }                                                                        \
    static inline type ck_steps_exchange_##suffix(word *at, type value)      \
    {                                                                        \
        moor_step(at, MOOR_STEP_UPDATE);                                     \
        return (type)__atomic_exchange_n(at, (word)value, __ATOMIC_SEQ_CST); \
    }                                                                        \
    static inline bool ck_steps_swap_##suffix(word *at, type before,         \
                                              type value, word *seen)        \
    {                                                                        \
        word expected = (word)before;                                        \
        bool swapped;                                                        \
                                                                             \
        moor_step(at, MOOR_STEP_UPDATE);                                     \
        swapped =                                                            \
            __atomic_compare_exchange_n(at, &expected, (word)value, false,   \
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        if (seen != NULL) {                                                  \
            *seen = expected;                                                \
        }                                                                    \
        return swapped;                                                      \
    }

CK_STEPS_DEFINE(uint, unsigned int, unsigned int)
CK_STEPS_DEFINE(ptr, void *, ck_steps_pointer)

#define ck_pr_load_uint(from)       ck_steps_load_uint(from)
#define ck_pr_store_uint(to, value) ck_steps_store_uint((to), (value))
#define ck_pr_fas_uint(at, value)   ck_steps_exchange_uint((at), (value))
#define ck_pr_cas_uint(at, before, value) \
    ck_steps_swap_uint((at), (before), (value), NULL)
#define ck_pr_cas_uint_value(at, before, value, seen) \
    ck_steps_swap_uint((at), (before), (value), (seen))

#define CK_STEPS_POINTER(at) ((ck_steps_pointer *)(uintptr_t)(at))
#define ck_pr_load_ptr(from) ck_steps_load_ptr(CK_STEPS_POINTER(from))
#define ck_pr_store_ptr(to, value) \
    ck_steps_store_ptr(CK_STEPS_POINTER(to), (value))
#define ck_pr_fas_ptr(at, value) \
    ck_steps_exchange_ptr(CK_STEPS_POINTER(at), (value))
#define ck_pr_cas_ptr(at, before, value) \
    ck_steps_swap_ptr(CK_STEPS_POINTER(at), (before), (value), NULL)
#define ck_pr_cas_ptr_value(at, before, value, seen)           \
    ck_steps_swap_ptr(CK_STEPS_POINTER(at), (before), (value), \
                      CK_STEPS_POINTER(seen))

#define CK_STEPS_ADD(name, operation, by_type, by)    \
    static inline void name(unsigned int *at by_type) \
    {                                                 \
        moor_step(at, MOOR_STEP_UPDATE);              \
        (void)operation(at, by, __ATOMIC_SEQ_CST);    \
    }

#define CK_STEPS_BY , unsigned int by
CK_STEPS_ADD(ck_pr_inc_uint, __atomic_fetch_add, , 1)
CK_STEPS_ADD(ck_pr_dec_uint, __atomic_fetch_sub, , 1)
CK_STEPS_ADD(ck_pr_add_uint, __atomic_fetch_add, CK_STEPS_BY, by)
CK_STEPS_ADD(ck_pr_sub_uint, __atomic_fetch_sub, CK_STEPS_BY, by)

/* What comes from a step of one's own making: a breakage in run.sh. */
static inline unsigned int ck_steps_take(unsigned int *at, unsigned int value)
{
    unsigned int seen = ck_pr_load_uint(at);

    ck_pr_store_uint(at, value);
    return seen;
}

#endif
