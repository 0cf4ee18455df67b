/*
 * How things lie in memory: what is written by many threads lies on lines of
 * its own, and far enough apart that the adjacent-line prefetcher does not
 * couple two of them.
 */
#ifndef MOOR_LAYOUT_H
#define MOOR_LAYOUT_H

enum {
    MOOR_LINE = 64,   /* bytes of a cache line */
    MOOR_APART = 128  /* two contended words are this far apart */
};

/* What seldom happens is called, so that what is usual needs few registers. */
#define MOOR_SELDOM __attribute__((noinline, cold))
#if defined(MOOR_COUNTED) /* each branch once, not in each caller */
#define MOOR_USUAL static inline
#else
#define MOOR_USUAL static inline __attribute__((always_inline))
#endif

#define MOOR_ON_LINE _Alignas(MOOR_LINE)
#define MOOR_ON_OWN_LINE _Alignas(MOOR_APART)

#endif
