#include "block.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "layout.h"

enum {
    LITTLE = 256,      /* bytes: cheaper to clear than to align by hand */
    LARGE = 256 << 10, /* from here on the allocator might clear megabytes */
    PAGE = 4096
};

static void *make_little(size_t bytes)
{
    const size_t lines = (bytes + MOOR_LINE - 1) / MOOR_LINE * MOOR_LINE;
    void *block = aligned_alloc(MOOR_LINE, lines);

    return block == NULL ? NULL : memset(block, 0, lines);
}

/* calloc knows which memory is zero already and aligned_alloc does not; so the
 * block is aligned by hand and its true beginning kept right before it. */
static void *make_small(size_t bytes)
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

static size_t rounded(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

static void *map_pages(size_t bytes)
{
    void *pages = mmap(NULL, rounded(bytes), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

void *block_make(size_t bytes)
{
    if (bytes >= LARGE) {
        return map_pages(bytes);
    }
    return bytes <= LITTLE ? make_little(bytes) : make_small(bytes);
}

void block_free(void *block, size_t bytes)
{
    if (block == NULL) {
        return;
    }
    if (bytes <= LITTLE) {
        free(block);
    } else if (bytes < LARGE) {
        free(((void **)block)[-1]);
    } else {
        (void)munmap(block, rounded(bytes));
    }
}
