/*
 * Zeroed blocks that begin on a cache line.  Large ones come fresh from the
 * kernel and are zero without being touched, so a large block costs no pause.
 */
#ifndef MOOR_BLOCK_H
#define MOOR_BLOCK_H

#include <stddef.h>

/* Null: no memory. */
void *block_make(size_t bytes);

/* Null is allowed. */
void block_free(void *block);

#endif
