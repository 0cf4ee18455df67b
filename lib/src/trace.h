/*
 * Static tracepoints, for whoever watches a process that runs: one no-op each
 * where <sys/sdt.h> is there, and nothing where it is not.
 *
 *   moorage:admission   the agent
 *   moorage:refusal     the limit
 *   moorage:completion  the agent, the phase in which its run has ended
 *   moorage:close       the agent
 *   moorage:evict       the agent
 */
#ifndef MOOR_TRACE_H
#define MOOR_TRACE_H

#if defined(MOOR_TRACEPOINTS)
#include <sys/sdt.h>
#define MOOR_TRACE(name, one) DTRACE_PROBE1(moorage, name, one)
#define MOOR_TRACE_TWO(name, one, two) DTRACE_PROBE2(moorage, name, one, two)
#else
#define MOOR_TRACE(name, one) ((void)(one))
#define MOOR_TRACE_TWO(name, one, two) ((void)(one), (void)(two))
#endif

#endif
