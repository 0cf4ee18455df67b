/*
 * moorage repl without a terminal: what does it make of any bytes?
 *
 * Goal    what comes out has nothing that a terminal obeys; the session goes
 *         on, whatever the lines were; when all agents are closed no slot is
 *         held, and the registry is sound.  No crash, no leak.
 * Method  the bytes are what somebody types, and one line more, whose answer is
 *         known.  Lines that would wait, for whatever time, or end the session
 *         are left out.
 * Limits  what is answered is not judged: tests/rpc does that.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "host.h"
#include "judge.h"
#include "repl.h"

static const char last_line[] = "\nhelp quit\n";
static const char last_answer[] = "  quit\n";

/* As the words are read, of which a quote may stand in the middle. */
static size_t without_quotes(const uint8_t *line, size_t length, char *bare)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++) {
        if (line[i] != '"' && line[i] != '\'') bare[count++] = (char)line[i];
    }
    return count;
}

static bool is_left_out(const uint8_t *line, size_t length, char *bare)
{
    static const char *const words[] = {"wait", "timeout_ms", "sleep", "quit",
                                        "exit"};
    size_t count = without_quotes(line, length, bare);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (memmem(bare, count, words[i], strlen(words[i])) != NULL) {
            return true;
        }
    }
    return false;
}

/* The lines that are played, the caller's. */
static char *lines_of(const uint8_t *at, size_t size, size_t *length)
{
    const uint8_t *end = at + size;
    char *lines = malloc(size + sizeof last_line), *bare = malloc(size + 1);

    judge_that("there is memory", lines != NULL && bare != NULL);
    *length = 0;
    while (at < end) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *next = feed == NULL ? end : feed + 1;

        if (!is_left_out(at, (size_t)(next - at), bare)) {
            memcpy(lines + *length, at, (size_t)(next - at));
            *length += (size_t)(next - at);
        }
        at = next;
    }
    memcpy(lines + *length, last_line, sizeof last_line - 1);
    *length += sizeof last_line - 1;
    free(bare);
    return lines;
}

static void judge_output(const char *said, size_t length)
{
    const size_t last = sizeof last_answer - 1;

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)said[i];

        judge_that("no control character comes out",
                   byte == '\n' || (byte >= ' ' && byte != 0x7F));
        judge_that("nor one of two bytes",
                   byte != 0xC2 || i + 1 == length ||
                       (unsigned char)said[i + 1] >= 0xA0);
    }
    judge_that("the session goes on",
               length >= last &&
                   memcmp(said + length - last, last_answer, last) == 0);
}

/* What is printed is kept. */
static void play(moor_registry *registry, char *lines, size_t length)
{
    FILE *screen = stdout, *in = fmemopen(lines, length, "r");
    char *said = NULL;
    size_t said_length = 0;

    stdout = open_memstream(&said, &said_length);
    judge_that("there are files", in != NULL && stdout != NULL);
    (void)repl_play(registry, NULL, in, false);
    (void)fclose(stdout);
    stdout = screen;
    (void)fclose(in);
    judge_output(said, said_length);
    free(said);
}

static void judge_slots(moor_registry *registry)
{
    moor_stats stats;

    judge_error(MOOR_OK, moor_check(registry, true, NULL, 0));
    (void)moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL);
    judge_error(MOOR_OK, moor_stats_of(registry, &stats));
    judge_number("slots in use", stats.tickets, stats.used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct host_options defaults = {NULL, NULL};
    struct host host;
    size_t length;
    char *lines;

    judge_begin(data, size);
    judge_step("play %zu bytes", size);
    lines = lines_of(data, size, &length);
    judge_number("the registry is there", 0,
                 (uint64_t)host_open(&host, &defaults));
    play(host.registry, lines, length);
    free(lines);
    judge_slots(host.registry);
    judge_number("it ends", 0, (uint64_t)host_close(&host));
    return 0;
}
