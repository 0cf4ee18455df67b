/*
 * Loads that may be late: the atomic operations of a step build as C11 allows
 * them, no stronger.  Included before everything else (-include weak.h), so
 * that atomic.h makes its operations of these.
 *
 * The explorer runs its threads in one sequence, so with plain operations a
 * load sees what was stored last, whatever its order.  Here each word keeps all
 * that was stored into it, and a load may see any of it that the thread has not
 * been told to be over: see weak.c.
 */
#ifndef MUTANTS_WEAK_H
#define MUTANTS_WEAK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Are loads of seq_cst late, too, as far as C11 allows it?  Not for cases that
 * judge by what came first. */
extern bool weak_order_is_late;

enum weak_operation { WEAK_EXCHANGE, WEAK_ADD, WEAK_SUB, WEAK_OR };

uint64_t weak_load(const volatile void *address, memory_order order);
void weak_store(volatile void *address, uint64_t value, memory_order order);
uint64_t weak_update(volatile void *address, enum weak_operation operation,
                     uint64_t value, memory_order order);
bool weak_cas(volatile void *address, void *expected, uint64_t value,
              memory_order success, memory_order failure);

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_exchange_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_or_explicit
#undef atomic_compare_exchange_strong_explicit

/* Of what a word holds: a number or a pointer. */
#define WEAK_TYPE(word) __typeof__((void)0, *(word))
#define atomic_load_explicit(word, order) \
    ((WEAK_TYPE(word))weak_load((word), (order)))
#define atomic_store_explicit(word, value, order) \
    weak_store((word), (uint64_t)(value), (order))
#define atomic_exchange_explicit(word, value, order)                        \
    ((WEAK_TYPE(word))weak_update((word), WEAK_EXCHANGE, (uint64_t)(value), \
                                  (order)))
#define atomic_fetch_add_explicit(word, value, order) \
    weak_update((word), WEAK_ADD, (value), (order))
#define atomic_fetch_sub_explicit(word, value, order) \
    weak_update((word), WEAK_SUB, (value), (order))
#define atomic_fetch_or_explicit(word, value, order) \
    weak_update((word), WEAK_OR, (value), (order))
#define atomic_compare_exchange_strong_explicit(word, expected, value, \
                                                success, failure)      \
    weak_cas((word), (expected), (uint64_t)(value), (success), (failure))

#endif
