/*
 * rand_r for Criterion under ThreadSanitizer; linked in that build only.
 *
 * Criterion runs each test in a process of its own and maps an arena for it at
 * a random address, 0x200000000000 + (rand_r() & 0x3fffff) * 2^24.  Of that
 * range ThreadSanitizer admits only 0x550000000000 to 0x568000000000; anywhere
 * else the program ends with "Could not initialize inheritable arena".  The
 * executable's symbol wins over libc's, and these numbers fall inside.
 */
#include <stdlib.h>

int rand_r(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return (int)(0x350000u + (*seed >> 8) % 0x5000u);
}
