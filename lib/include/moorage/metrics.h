/*
 * The figures of moor_stats and moor_times as text, for who collects them.
 */
#ifndef MOORAGE_METRICS_H
#define MOORAGE_METRICS_H

#include "snapshot.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Two forms, with the same samples.  They differ in one thing: the type of
 * counters.  In OpenMetrics it stands under a name without `_total`, under
 * which Prometheus' own `promtool check metrics`, which reads the other form,
 * finds no help.  So in the first form counters have a help and no type, and
 * both accept it; who goes by types is given the second one.
 */
typedef enum moor_metrics_form {
    MOOR_METRICS_OPENMETRICS = 0, /* application/openmetrics-text; counters are
                                     of the type `unknown` */
    MOOR_METRICS_PROMETHEUS,      /* text/plain; version=0.0.4 */
    MOOR_METRICS_FORMS
} moor_metrics_form;

/*
 * Write the figures of a registry: all counters, what is used now and was at
 * most, the limits of running slots, residents and lifetime (those that do not
 * limit are +Inf), and as histograms in seconds how long admissions waited and
 * slots were held (this only where it is measured).  Each figure is of an
 * instant of its own, as moor_stats_of says.
 *
 *   Threads any. Progress lock-free: one pass over all agents; no allocation.
 *   Errors  MOOR_BAD_ARGUMENT, MOOR_STOPPED (as moor_snapshot)
 */
moor_error moor_metrics(moor_registry *registry, moor_metrics_form form,
                        moor_write write, void *context);

#ifdef __cplusplus
}
#endif
#endif
