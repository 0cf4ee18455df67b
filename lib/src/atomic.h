/*
 * Atomic words: the one place with atomic operations.
 *
 * The order stands in each name; the reason and the partner stand at each
 * call.  Two engines:
 *
 *   C11   what ships.  Under ThreadSanitizer the very same code runs.
 *   step  MOOR_STEP: every operation first calls moor_step(), by which the
 *         schedule explorer of tests/model decides who goes on.
 *
 * MOOR_YIELD (stress builds): now and then gives the processor away before an
 * operation, so that seconds meet interleavings that hours would not.
 *
 * All words are 64 bits wide; there are no stand-alone fences, because
 * ThreadSanitizer does not model them.
 */
#ifndef MOOR_ATOMIC_H
#define MOOR_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct moor_word {
    _Atomic uint64_t value;
} moor_word;

typedef struct moor_pointer {
    void *_Atomic value;
} moor_pointer;

_Static_assert(sizeof(moor_word) == 8, "a word is one machine word");
_Static_assert(sizeof(moor_pointer) == sizeof(void *), "so is a pointer");

typedef enum moor_step_kind {
    MOOR_STEP_LOAD,
    MOOR_STEP_STORE,
    MOOR_STEP_UPDATE /* exchange, compare-and-swap, add, or */
} moor_step_kind;

#if defined(MOOR_STEP)
/* Given by the explorer: returns when this thread may take its next step,
 * which will be of that kind on that address. */
void moor_step(const volatile void *address, moor_step_kind kind);
#elif defined(MOOR_YIELD)
void moor_yield(void);
static inline void moor_step(const volatile void *address, moor_step_kind kind)
{
    (void)address;
    (void)kind;
    moor_yield();
}
#else
static inline void moor_step(const volatile void *address, moor_step_kind kind)
{
    (void)address;
    (void)kind;
}
#endif

#define MOOR_DEFINE_LOAD(name, type, result, order)                            \
    static inline result name(const type *word)                               \
    {                                                                          \
        moor_step(&word->value, MOOR_STEP_LOAD);                               \
        return atomic_load_explicit(&((type *)(uintptr_t)word)->value, order); \
    }

#define MOOR_DEFINE_STORE(name, type, argument, order)     \
    static inline void name(type *word, argument value)    \
    {                                                      \
        moor_step(&word->value, MOOR_STEP_STORE);          \
        atomic_store_explicit(&word->value, value, order); \
    }

#define MOOR_DEFINE_UPDATE(name, type, argument, operation, order) \
    static inline argument name(type *word, argument value)        \
    {                                                              \
        moor_step(&word->value, MOOR_STEP_UPDATE);                 \
        return operation(&word->value, value, order);              \
    }

/* On failure *expected is what was seen. */
#define MOOR_DEFINE_CAS(name, type, argument, success, failure)            \
    static inline bool name(type *word, argument *expected, argument value) \
    {                                                                      \
        moor_step(&word->value, MOOR_STEP_UPDATE);                         \
        return atomic_compare_exchange_strong_explicit(                    \
            &word->value, expected, value, success, failure);              \
    }

MOOR_DEFINE_LOAD(moor_load_relaxed, moor_word, uint64_t, memory_order_relaxed)
MOOR_DEFINE_LOAD(moor_load_acquire, moor_word, uint64_t, memory_order_acquire)
MOOR_DEFINE_LOAD(moor_load_seq_cst, moor_word, uint64_t, memory_order_seq_cst)
MOOR_DEFINE_STORE(moor_store_relaxed, moor_word, uint64_t,
                  memory_order_relaxed)
MOOR_DEFINE_STORE(moor_store_release, moor_word, uint64_t,
                  memory_order_release)
MOOR_DEFINE_UPDATE(moor_exchange_acq_rel, moor_word, uint64_t,
                   atomic_exchange_explicit, memory_order_acq_rel)
MOOR_DEFINE_UPDATE(moor_exchange_seq_cst, moor_word, uint64_t,
                   atomic_exchange_explicit, memory_order_seq_cst)
MOOR_DEFINE_UPDATE(moor_add_relaxed, moor_word, uint64_t,
                   atomic_fetch_add_explicit, memory_order_relaxed)
MOOR_DEFINE_UPDATE(moor_add_acq_rel, moor_word, uint64_t,
                   atomic_fetch_add_explicit, memory_order_acq_rel)
MOOR_DEFINE_UPDATE(moor_or_seq_cst, moor_word, uint64_t,
                   atomic_fetch_or_explicit, memory_order_seq_cst)
MOOR_DEFINE_UPDATE(moor_sub_release, moor_word, uint64_t,
                   atomic_fetch_sub_explicit, memory_order_release)
MOOR_DEFINE_UPDATE(moor_sub_acq_rel, moor_word, uint64_t,
                   atomic_fetch_sub_explicit, memory_order_acq_rel)
MOOR_DEFINE_CAS(moor_cas_relaxed, moor_word, uint64_t, memory_order_relaxed,
                memory_order_relaxed)
MOOR_DEFINE_CAS(moor_cas_acq_rel, moor_word, uint64_t, memory_order_acq_rel,
                memory_order_acquire)
MOOR_DEFINE_CAS(moor_cas_seq_cst, moor_word, uint64_t, memory_order_seq_cst,
                memory_order_seq_cst)

MOOR_DEFINE_LOAD(moor_pointer_acquire, moor_pointer, void *,
                 memory_order_acquire)
MOOR_DEFINE_LOAD(moor_pointer_seq_cst, moor_pointer, void *,
                 memory_order_seq_cst)
MOOR_DEFINE_LOAD(moor_pointer_relaxed, moor_pointer, void *,
                 memory_order_relaxed)
MOOR_DEFINE_STORE(moor_pointer_release, moor_pointer, void *,
                  memory_order_release)
MOOR_DEFINE_UPDATE(moor_pointer_exchange, moor_pointer, void *,
                   atomic_exchange_explicit, memory_order_acq_rel)
MOOR_DEFINE_CAS(moor_pointer_cas, moor_pointer, void *, memory_order_acq_rel,
                memory_order_acquire)
MOOR_DEFINE_CAS(moor_pointer_cas_seq_cst, moor_pointer, void *,
                memory_order_seq_cst, memory_order_seq_cst)

/*
 * What ConcurrencyKit orders in assembly, ThreadSanitizer cannot see.  These
 * two tell it about an edge that is there; without it they are nothing.
 */
#if defined(__SANITIZE_THREAD__)
#define MOOR_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MOOR_TSAN 1
#endif
#endif
#ifdef MOOR_TSAN
#include <sanitizer/tsan_interface.h>
#define MOOR_EDGE_RELEASE(object) __tsan_release((void *)(object))
#define MOOR_EDGE_ACQUIRE(object) __tsan_acquire((void *)(object))
#else
#define MOOR_EDGE_RELEASE(object) ((void)(object))
#define MOOR_EDGE_ACQUIRE(object) ((void)(object))
#endif

#if !defined(__x86_64__) && !defined(MOOR_FUNCTIONAL_ONLY)
#error "moorage supports x86-64; other targets: build with MOOR_FUNCTIONAL_ONLY"
#endif

#endif
