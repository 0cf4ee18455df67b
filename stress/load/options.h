/*
 * options: what every load program takes on its command line.
 *
 *   --threads N   workers (4)
 *   --seconds S   how long, fractions allowed (1)
 *   --seed N      of the operations (fresh when not given; printed first)
 *   --patience S  how long a worker may stand still (60)
 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdint.h>

struct options {
    const char *program; /* without its folder */
    unsigned threads;
    double seconds;
    uint64_t seed;
    double patience; /* seconds without a step until the watchdog barks */
};

/* Reads the command line and prints the seed line.  On a bad option it says
 * so and exits with 2; on --help it exits with 0. */
struct options options_read(int argc, char **argv);

/* The same run cut into `parts` of equal length, each with its own seed. */
struct options options_part(const struct options *whole, unsigned part,
                            unsigned parts);

/* Prints, on standard error, the command that plays the run again. */
void options_replay(const struct options *options);

#endif
