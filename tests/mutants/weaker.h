/*
 * What mutants are made of: a compare-and-swap that is none, and operations
 * that order less than those of atomic.h.
 */
#ifndef MUTANTS_WEAKER_H
#define MUTANTS_WEAKER_H

#include "atomic.h"

/* Looks, then stores. */
static inline bool mutant_split(moor_word *word, uint64_t *expected,
                                uint64_t value)
{
    uint64_t seen = moor_load_seq_cst(word);

    if (seen != *expected) {
        *expected = seen;
        return false;
    }
    moor_store_release(word, value);
    return true;
}

#define MUTANT_UPDATE(name, operation, order) \
    MOOR_DEFINE_UPDATE(mutant_##name, moor_word, uint64_t, operation, order)

MUTANT_UPDATE(exchange_acquire, atomic_exchange_explicit, memory_order_acquire)
MUTANT_UPDATE(exchange_release, atomic_exchange_explicit, memory_order_release)
MUTANT_UPDATE(or_acq_rel, atomic_fetch_or_explicit, memory_order_acq_rel)
MUTANT_UPDATE(add_acquire, atomic_fetch_add_explicit, memory_order_acquire)
MUTANT_UPDATE(add_release, atomic_fetch_add_explicit, memory_order_release)
MUTANT_UPDATE(sub_acquire, atomic_fetch_sub_explicit, memory_order_acquire)
MUTANT_UPDATE(sub_relaxed, atomic_fetch_sub_explicit, memory_order_relaxed)
MOOR_DEFINE_CAS(mutant_cas_acquire, moor_word, uint64_t, memory_order_acquire,
                memory_order_acquire)
MOOR_DEFINE_CAS(mutant_cas_release, moor_word, uint64_t, memory_order_release,
                memory_order_relaxed)

MOOR_DEFINE_STORE(mutant_pointer_store_relaxed, moor_pointer, void *,
                  memory_order_relaxed)
MOOR_DEFINE_UPDATE(mutant_pointer_exchange_acquire, moor_pointer, void *,
                   atomic_exchange_explicit, memory_order_acquire)
MOOR_DEFINE_UPDATE(mutant_pointer_exchange_release, moor_pointer, void *,
                   atomic_exchange_explicit, memory_order_release)
MOOR_DEFINE_CAS(mutant_pointer_cas_acquire, moor_pointer, void *,
                memory_order_acquire, memory_order_acquire)
MOOR_DEFINE_CAS(mutant_pointer_cas_release, moor_pointer, void *,
                memory_order_release, memory_order_relaxed)

#endif
