/*
 * The map: from a key to the life that has it.  Lock-free, any number of
 * writers, grows without moving anything that is looked at.
 *
 * A bucket (bucket.h) holds slots; a slot holds a tag of the hash and a life,
 * and counts while its bit is up in the bucket's head.  What a slot names
 * is a hint: a look-up believes the record, not the slot.  It compares the key
 * in the record and then looks at the record's state word, so a slot that is
 * left over can never make it answer wrongly; and one swap of a state word
 * takes its agent out of every map, long before the slots are swept.
 *
 * insert   scan for the key, put the life into a slot that does not count, then
 *          swap the head: version + 1 and the slot's bit.  Two inserts of one
 *          key meet at the head; the one whose swap fails scans again.  The
 *          same swap takes the bits of vacated slots down.
 * remove   swap the slot to 0.  It counts until the next insert, and is
 *          nobody's.
 * grow     doubling: a bucket of a new segment takes its share from the bucket
 *          it had been part of, the parent, when somebody first inserts there:
 *          seal the parent (no insert until it is done), copy its share to the
 *          same slots of the child, publish the child's head, take the bits
 *          and the seal off the parent.  Every step may be done by anybody who
 *          comes by, and doing it twice does no harm.  Until the child is
 *          published look-ups go to the parent.
 *
 *   pair  release side           acquire side     what it carries
 *   M1    swap of a head         load of a head   the slots its bits speak of
 *   M2    store into a slot      load of a slot   the record's key
 *   M3    segment or block made  use of it        its zeroes
 */
#ifndef MOOR_MAP_H
#define MOOR_MAP_H

#include "moorage/error.h"
#include "arena.h"
#include "layout.h"
#include "map_key.h"

enum { MAP_LEVELS = 26 }; /* at most: enough for all records there can be */

/* The segments of the first levels, which are the last, lie on one line with
 * what else a look-up reads. */
struct map {
    MOOR_ON_LINE const struct hash_key *key;
    moor_word ready; /* so many buckets have taken their share */
    moor_word segments[MAP_LEVELS + 1]; /* map_bucket */
    moor_word levels; /* levels published; map_inner.h */
    const struct arena *records;
    const struct map_kind *kind;
};

/* False: no memory. */
bool map_init(struct map *map, const struct map_kind *kind,
              const struct hash_key *key, const struct arena *records);
void map_destroy(struct map *map);

/* Make it fit for so many records.  No memory is no error: it gets fuller, and
 * an insert that finds its bucket full makes up for it. */
void map_grow(struct map *map, uint32_t records);

/* The life that has the key, or 0.  *word is its state as of the answer; it
 * may be a ticket or an admission in flight.  Lock-free. */
life map_find(const struct map *map, const struct map_key *key,
              uint64_t *word);

/* Enter a life whose record already has the key.
 *   MOOR_OK, MOOR_PATH_TAKEN (another has the key, whatever its kind),
 *   MOOR_NO_MEMORY.  Lock-free. */
moor_error map_insert(struct map *map, const struct map_key *key, life which);

/* Vacate the slot of a life.  Lock-free; finding none is fine. */
void map_remove(struct map *map, uint64_t hash, life which);

#endif
