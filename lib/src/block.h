/*
 * Zeroed blocks that begin on a cache line.
 *
 * A large one comes fresh from the kernel, whatever the allocator would do: it
 * is zero without being touched, so it costs no pause.  Huge pages are not
 * asked for: a touch would wait until the kernel has found and cleared one.
 */
#ifndef MOOR_BLOCK_H
#define MOOR_BLOCK_H

#include <stddef.h>

/* Null: no memory. */
void *block_make(size_t bytes);

/* `bytes` as it was made.  Null is allowed. */
void block_free(void *block, size_t bytes);

#endif
