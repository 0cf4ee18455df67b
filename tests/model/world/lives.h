/*
 * What the cases at the map's level share: records, and a map of them by id.
 *
 * The hash of an id is here its upper half, so that a case says in which bucket
 * a life lies.  Lives of equal hash differ in the lower half.
 *
 * A map begins with two buckets.  At level l it has 2^l; bucket b of a level
 * takes its share from b without its highest bit.
 */
#ifndef MODEL_LIVES_H
#define MODEL_LIVES_H

#include "map.h"

enum { LIVES_GENERATION = 5, LIVES_MOST = 32 };

extern struct map lives_map;

/* A claim by an older head, in the slot of a dead life that still counts, is
 * seen for a moment, and may be copied by a split: then the life counts once
 * more when its insert is repeated.  Set by a case that comes to that; false
 * after lives_make. */
extern bool lives_may_count_twice;

/* Before a run: no lives, an empty map.  After it: judges what must hold of
 * every map that nobody uses, and frees. */
void lives_make(void);
void lives_free(void);

/* A life with the id (high, low), alive, not yet in the map. */
life lives_begin(uint64_t high, uint64_t low);

/* The same, and inserts it; outside of schedules. */
life lives_enter(uint64_t high, uint64_t low);

moor_error lives_insert(life which);

/* After its insert: it is a ticket now, no more on its way. */
void lives_publish(life which);

/* Its state becomes LEFT: from now on nobody finds it. */
void lives_leave(life which);

/* leaves, and sweeps it from the map. */
void lives_remove(life which);

/* The record of a life that has left begins the next one, with that id. */
life lives_again(life which, uint64_t high, uint64_t low);

life lives_find(uint64_t high, uint64_t low);

/* From `after`: this life is found under its id; or nobody is. */
void lives_expect(life which);
void lives_expect_none(uint64_t high, uint64_t low);

bool lives_alive(life which);

#endif
