#include "figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "probe.h"

void figures_add(struct figures *figures, const char *name, double value,
                 const char *unit, double most)
{
    if (figures->count == FIGURES_MAX) {
        fputs("bench: FIGURES_MAX is too small\n", stderr);
        exit(1);
    }
    figures->at[figures->count++] = (struct figure){
        .name = name, .value = value, .unit = unit, .most = most
    };
}

void figures_note(struct figures *figures, const char *note)
{
    figures->at[figures->count - 1].note = note;
}

const struct probe probes[] = {
    { "memory", "how many bytes do a registry and an agent take?",
      probe_memory },
    { "growth", "how long is the longest pause while a registry grows?",
      probe_growth },
    { "churn", "does memory stay as it is when agents come and go?",
      probe_churn },
    { "flat", "does a large registry cost more than its cache misses?",
      probe_flat },
    { "floor", "how far is a finish above the updates that it needs?",
      probe_floor },
#if defined(BENCH_PROGRAM)
    { "rpc", "how many requests a second, beside a bare echo?", probe_rpc },
#endif
    { "wake", "how long until a waiter runs, beside a bare futex?",
      probe_wake },
    { "registries", "what does a life cost among many small registries?",
      probe_registries },
    { "tails", "how long are calls of 16 threads that touch nothing?",
      probe_tails },
#ifdef BENCH_STORE
    { "store", "what does a store cost the calls, and how long is a resume?",
      probe_store },
#endif
    { "machine", "what do updates, lines and locks cost on this machine?",
      probe_machine },
};
const unsigned probes_count = sizeof probes / sizeof *probes;
