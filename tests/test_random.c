/*
 * Random numbers: no bit is stuck, nothing repeats, threads differ.
 *
 * The program is linked so that the library's getrandom() comes here first.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/random.h>

#include "random.h"
#include "threads.h"

enum { MANY = 1000 };

static bool too_early; /* the kernel has no numbers yet */

ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
    if (too_early) {
        errno = EAGAIN;
        return -1;
    }
    return __real_getrandom(buffer, length, flags);
}

Test(random, no_bit_is_stuck)
{
    int ones[64] = {0};

    for (int i = 0; i < MANY; i++) {
        uint64_t number = random_next();

        for (int bit = 0; bit < 64; bit++) {
            ones[bit] += (int)(number >> bit & 1);
        }
    }
    for (int bit = 0; bit < 64; bit++) {
        cr_expect_gt(ones[bit], MANY / 2 - 150, "bit %d", bit);
        cr_expect_lt(ones[bit], MANY / 2 + 150, "bit %d", bit);
    }
}

static int repeats(const uint64_t *numbers, int count)
{
    int found = 0;

    for (int i = 0; i < count; i++) {
        for (int j = 0; j < i; j++) {
            found += numbers[i] == numbers[j];
        }
    }
    return found;
}

Test(random, nothing_repeats)
{
    uint64_t numbers[MANY];

    for (int i = 0; i < MANY; i++) {
        numbers[i] = random_next();
    }
    cr_assert_eq(repeats(numbers, MANY), 0);
}

Test(random, seeds_differ)
{
    uint64_t seeds[100];

    for (int i = 0; i < 100; i++) {
        seeds[i] = random_seed();
    }
    cr_assert_eq(repeats(seeds, 100), 0);
}

/* The clock's, then. */
Test(random, seeds_differ_before_the_kernel_has_numbers)
{
    uint64_t seeds[100];

    too_early = true;
    for (int i = 0; i < 100; i++) {
        seeds[i] = random_seed();
    }
    cr_assert_eq(repeats(seeds, 100), 0);
}

static void *draw(void *numbers)
{
    for (int i = 0; i < MANY / 4; i++) {
        ((uint64_t *)numbers)[i] = random_next();
    }
    return NULL;
}

Test(random, each_thread_has_numbers_of_its_own)
{
    uint64_t numbers[MANY];

    together(draw, 4, numbers, sizeof numbers / 4);
    cr_assert_eq(repeats(numbers, MANY), 0);
}
