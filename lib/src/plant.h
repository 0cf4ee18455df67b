/*
 * Planted bugs: MOOR_PLANT=n builds the library with bug number n, to see that
 * a test catches it.  DESIGN.md lists them.  0, the default, plants none; the
 * compiler then drops every trace.
 */
#ifndef MOOR_PLANT_H
#define MOOR_PLANT_H

#ifndef MOOR_PLANT
#define MOOR_PLANT 0
#endif

#define MOOR_PLANTED(n) (MOOR_PLANT == (n))

#endif
