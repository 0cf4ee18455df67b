/*
 * Blocks: zero, on a line of their own, of any size.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "block.h"
#include "layout.h"

Test(block, are_zero_and_begin_on_a_line)
{
    static const size_t sizes[] = {1,    63,       64,      65,
                                   4096, 300 << 10, 1 << 20, 5 << 20};

    for (int round = 0; round < 3; round++) { /* memory comes back dirty */
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            char *block = block_make(sizes[i]);

            cr_assert_not_null(block);
            cr_assert_eq((uintptr_t)block % MOOR_LINE, 0);
            for (size_t at = 0; at < sizes[i]; at++) {
                cr_assert_eq(block[at], 0);
            }
            memset(block, 0x5a, sizes[i]);
            block_free(block, sizes[i]);
        }
    }
}

Test(block, null_is_freed_without_harm)
{
    block_free(NULL, 64);
}

/* More than any machine maps. */
Test(block, none_of_a_size_that_is_not_there)
{
    cr_assert_null(block_make((size_t)1 << 62));
}
