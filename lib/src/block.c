#include "block.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "layout.h"

enum {
    LARGE = 256 << 10, /* bytes; below, the allocator clears what it has */
    HUGE_FROM = 4 << 20,
    HUGE = 2 << 20
};

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

static void *map_pages(size_t bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

/* Maps more, and gives back what lies before and behind. */
static void *map_huge(size_t bytes)
{
    char *pages = map_pages(bytes + HUGE);
    size_t before;

    if (pages == NULL) {
        return NULL;
    }
    before = (HUGE - (uintptr_t)pages % HUGE) % HUGE;
    if (before > 0) {
        (void)munmap(pages, before);
    }
    if (before < HUGE) {
        (void)munmap(pages + before + bytes, HUGE - before);
    }
    (void)madvise(pages + before, bytes, MADV_HUGEPAGE); /* advice only */
    return pages + before;
}

/* Whole huge pages, so that the next block does not share one. */
static size_t rounded(size_t bytes)
{
    size_t unit = bytes >= HUGE_FROM ? HUGE : 4096;

    return (bytes + unit - 1) / unit * unit;
}

void *block_make(size_t bytes)
{
    if (bytes < LARGE) {
        return make_small(bytes);
    }
    return bytes < HUGE_FROM ? map_pages(rounded(bytes))
                             : map_huge(rounded(bytes));
}

void block_free(void *block, size_t bytes)
{
    if (block == NULL) {
        return;
    }
    if (bytes < LARGE) {
        free(((void **)block)[-1]);
    } else {
        (void)munmap(block, rounded(bytes));
    }
}
