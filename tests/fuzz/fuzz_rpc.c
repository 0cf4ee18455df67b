/*
 * moorage rpc: what does it make of any bytes?
 *
 * Goal    each line that is not blank has one answer, a JSON object with an
 *         outcome; what else comes is an event.  When the input has ended the
 *         registry is sound.  No crash, no leak.
 * Method  the bytes are what a client sends.  Lines that would wait, for
 *         whatever time, are left out.
 * Limits  what is answered is not judged: tests/rpc does that.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "host.h"
#include "judge.h"
#include "rpc.h"

#include <jansson.h>

/* Files in memory, kept from one input to the next. */
static int in = -1, out = -1;

static void make_files(void)
{
    if (in < 0) {
        in = memfd_create("in", 0);
        out = memfd_create("out", 0);
    }
    judge_that("there are files",
               in >= 0 && out >= 0 && ftruncate(in, 0) == 0 &&
                   ftruncate(out, 0) == 0 && lseek(in, 0, SEEK_SET) == 0 &&
                   lseek(out, 0, SEEK_SET) == 0);
}

static bool has_word(const uint8_t *line, size_t length, const char *word)
{
    return memmem(line, length, word, strlen(word)) != NULL;
}

/* An escape may stand for any letter. */
static bool waits(const uint8_t *line, size_t length)
{
    return has_word(line, length, "timeout_ms") ||
           has_word(line, length, "sleep") || has_word(line, length, "\\u");
}

static bool is_blank(const uint8_t *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\0') return true; /* ends the text */
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') return false;
    }
    return true;
}

/* How many lines want an answer. */
static uint64_t send_lines(const uint8_t *at, size_t size)
{
    const uint8_t *end = at + size;
    uint64_t wanted = 0;

    while (at < end) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *next = feed == NULL ? end : feed + 1;
        size_t length = (size_t)((feed == NULL ? end : feed) - at);

        if (!waits(at, length)) {
            judge_that("it is written",
                       write(in, at, (size_t)(next - at)) == next - at);
            wanted += !is_blank(at, length);
        }
        at = next;
    }
    judge_that("it is read from its beginning", lseek(in, 0, SEEK_SET) == 0);
    return wanted;
}

static void judge_lines(uint64_t wanted)
{
    FILE *lines = fdopen(dup(out), "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    uint64_t answers = 0;

    judge_that("it can be read again",
               lines != NULL && lseek(out, 0, SEEK_SET) == 0);
    while ((length = getline(&line, &room, lines)) > 0) {
        json_t *said = json_loadb(line, (size_t)length, 0, NULL);

        judge_note("%s", line);
        judge_that("a line is a JSON object", json_is_object(said));
        judge_that("it is an answer or an event",
                   json_is_string(json_object_get(said, "outcome")) !=
                       json_is_string(json_object_get(said, "event")));
        answers += json_object_get(said, "outcome") != NULL;
        json_decref(said);
    }
    free(line);
    (void)fclose(lines);
    judge_number("answers", wanted, answers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct host_options defaults = {NULL, NULL};
    struct host host;
    uint64_t wanted;

    judge_begin(data, size);
    judge_step("serve %zu bytes", size);
    make_files();
    wanted = send_lines(data, size);
    judge_number("the registry is there", 0,
                 (uint64_t)host_open(&host, &defaults));
    rpc_serve(&host, in, out);
    judge_error(MOOR_OK, moor_check(host.registry, true, NULL, 0));
    judge_number("it ends", 0, (uint64_t)host_close(&host));
    judge_lines(wanted);
    return 0;
}
