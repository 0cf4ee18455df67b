/* options: see options.h.  No state, no threads. */
#include "options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "random.h"

enum { THREADS_DEFAULT = 4, THREADS_MAX = 256, EXIT_USAGE = 2 };

static void usage(FILE *to, const char *program)
{
    fprintf(to,
            "usage: %s [--threads N] [--seconds S] [--seed N] "
            "[--patience S]\n",
            program);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static uint64_t fresh_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        seed = 1; /* repeatable is good enough; it is printed either way */
    }
    return seed;
}

/* Reads a positive number; false when `text` is none. */
static bool read_seconds(const char *text, double *seconds)
{
    char *end;

    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && *seconds > 0;
}

static bool read_whole(const char *text, uint64_t *number)
{
    char *end;

    *number = strtoull(text, &end, 0);
    return end != text && *end == '\0' && *text != '-';
}

/* Takes one option with its value; false when it is none of ours. */
static bool take(struct options *options, const char *name, const char *value)
{
    uint64_t number;

    if (strcmp(name, "--seconds") == 0) {
        return read_seconds(value, &options->seconds);
    }
    if (strcmp(name, "--patience") == 0) {
        return read_seconds(value, &options->patience);
    }
    if (strcmp(name, "--seed") == 0) {
        return read_whole(value, &options->seed);
    }
    if (strcmp(name, "--threads") != 0 || !read_whole(value, &number) ||
        number < 1 || number > THREADS_MAX) {
        return false;
    }
    options->threads = (unsigned)number;
    return true;
}

struct options options_read(int argc, char **argv)
{
    struct options options = { last_part(argv[0]), THREADS_DEFAULT, 1.0,
                               fresh_seed(), 60.0 };

    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0) {
            usage(stdout, options.program);
            exit(EXIT_SUCCESS);
        }
        if (i + 1 == argc || !take(&options, argv[i], argv[i + 1])) {
            fprintf(stderr, "%s: bad option: %s\n", options.program, argv[i]);
            usage(stderr, options.program);
            exit(EXIT_USAGE);
        }
    }
    printf("%s: seed %llu, %u threads, %g s\n", options.program,
           (unsigned long long)options.seed, options.threads,
           options.seconds);
    fflush(stdout);
    return options;
}

struct options options_part(const struct options *whole, unsigned part,
                            unsigned parts)
{
    struct options options = *whole;
    struct random random = random_seeded(whole->seed, part + 1000003U);

    options.seconds = whole->seconds / parts;
    options.seed = random_next(&random);
    return options;
}

void options_replay(const struct options *options)
{
    fprintf(stderr,
            "replay: %s --threads %u --seconds %g --seed %llu   "
            "(fixes the operations, not the schedule)\n",
            options->program, options->threads, options->seconds,
            (unsigned long long)options->seed);
}
