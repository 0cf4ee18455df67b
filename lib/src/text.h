/*
 * Result texts.  A state word cannot hold a text, but it can hold which one:
 * an index into this table.  So the swap that ends a run publishes its result
 * in the same step, and a loser's text was never seen by anybody.
 *
 * A reader opens a section, reads the state word, the text it names, the state
 * word again, and the text again: all unchanged, it was the agent's.
 *
 *   pair  release side               acquire side  what it carries
 *   X1    the swap of the state word text_look     the text's pointer
 */
#ifndef MOOR_TEXT_H
#define MOOR_TEXT_H

#include <stddef.h>

#include "arena.h"
#include "reclaim.h"

struct text {
    struct reclaim_node node;
    size_t length;
    char bytes[];
};

struct text_cell {
    moor_pointer text;
    moor_word link;
};

void text_init(struct arena *texts);
void text_destroy(struct arena *texts);

/* Copies the bytes; 0 length gives index 0 and allocates nothing.  False: no
 * memory.  Lock-free. */
bool text_make(struct arena *texts, const char *bytes, size_t length,
               uint32_t *index);

/* The caller's swap took it out of the state word, or never put it in.
 * Lock-free; outside of sections. */
void text_drop(struct arena *texts, uint32_t index);

/* Inside a section.  *bytes stays readable until it ends.  Before you believe
 * it, look at the state word again and then here: a cell is used again at once,
 * and the state word may name it a second time; but no text has the same *bytes
 * within one section. */
void text_look(const struct arena *texts, uint32_t index, const char **bytes,
               size_t *length);

#endif
