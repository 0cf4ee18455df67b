/*
 * The figures of moor_stats as OpenMetrics text, for who collects them.
 */
#ifndef MOORAGE_METRICS_H
#define MOORAGE_METRICS_H

#include "snapshot.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Write all counters, what is used, and the limits of running slots,
 * residents and lifetime (those that do not limit are +Inf).  Each figure is of
 * an instant of its own, as moor_stats_of says.
 *
 *   Threads any. Progress lock-free: one pass over all agents; no allocation.
 *   Errors  MOOR_BAD_ARGUMENT, MOOR_STOPPED (as moor_snapshot)
 */
moor_error moor_metrics(moor_registry *registry, moor_write write,
                        void *context);

#ifdef __cplusplus
}
#endif
#endif
