#include "block.h"

#include <stdint.h>
#include <stdlib.h>

#include "layout.h"

/* calloc knows which memory is zero already and aligned_alloc does not; so the
 * block is aligned by hand and its true beginning kept right before it. */
void *block_make(size_t bytes)
{
    char *raw = calloc(1, bytes + MOOR_LINE);
    char *block;

    if (raw == NULL) {
        return NULL;
    }
    block = raw + MOOR_LINE - ((uintptr_t)raw & (MOOR_LINE - 1));
    ((void **)(void *)block)[-1] = raw;
    return block;
}

void block_free(void *block)
{
    if (block != NULL) {
        free(((void **)block)[-1]);
    }
}
