/*
 * Scenario files: what does the program make of any bytes?
 *
 * Goal    a file is valid, or it is refused at a line and column that the file
 *         has; the second reading says what the first said.  A valid one is
 *         played to its end; each line of --json is a JSON object, there is
 *         one for each operation and a last one, which agrees with the exit
 *         status.  No crash, no leak.
 * Method  the bytes are the file.  What would start programs (exec), take
 *         longer than a moment or play more than some thousand operations is
 *         read and not played.
 * Limits  which of the valid files are valid is not judged: the scenarios of
 *         tests/scenarios/invalid do that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "judge.h"
#include "memory.h"
#include "model_names.h"
#include "play.h"
#include "scenario_reader.h"

enum { PLAYED_MOST = 3000, MS_MOST = 5, THREADS_MOST = 64 };

/* --- the file ------------------------------------------------------------- */

static struct {
    int handle; /* of a file in memory, kept from one input to the next */
    char name[40];
} file = {-1, ""};

static void write_file(const uint8_t *data, size_t size)
{
    if (file.handle < 0) {
        file.handle = memfd_create("scenario", 0);
        (void)snprintf(file.name, sizeof file.name, "/proc/self/fd/%d",
                       file.handle);
    }
    judge_that(
        "the file is written",
        ftruncate(file.handle, 0) == 0 &&
            (size == 0 || pwrite(file.handle, data, size, 0) == (ssize_t)size));
}

/* --- what is not valid ---------------------------------------------------- */

/* The bytes of a line, by number; one behind the last is empty. */
static size_t line_length(const uint8_t *data, size_t size, size_t number,
                          bool *is_there)
{
    const uint8_t *at = data, *end = data + size;

    for (; number > 1 && at < end; number--) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));

        at = feed == NULL ? end : feed + 1;
    }
    *is_there = number == 1;
    if (at < end) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));

        end = feed == NULL ? end : feed;
    }
    return *is_there ? (size_t)(end - at) : 0;
}

static void judge_complaint(const struct complaint *complaint,
                            const uint8_t *data, size_t size)
{
    bool is_there = false;
    size_t length =
        size == 0 ? 0 : line_length(data, size, complaint->line, &is_there);

    judge_note("%zu:%zu: %s", complaint->line, complaint->column,
               complaint->text);
    judge_that("it says why", complaint->text[0] != '\0');
    judge_that("a line of the file, or the one behind it",
               complaint->line >= 1 && (is_there || complaint->line == 1));
    judge_that("a column of that line, or the one behind it",
               complaint->column >= 1 && complaint->column <= length + 1);
}

/* All of it, NULs apart. */
static bool is_utf8(const uint8_t *data, size_t size)
{
    char *copy = calloc(size + 1, 1);
    bool is = copy != NULL;

    if (is && size > 0) {
        memcpy(copy, data, size);
    }
    for (size_t at = 0; is && at < size; at += strlen(copy + at) + 1) {
        is = copy[at] == '\0' || model_text_ok(copy + at, size);
    }
    free(copy);
    return is;
}

/* --- what is not played --------------------------------------------------- */

/* What playing it takes; each is a sum over all that is unfolded. */
struct cost {
    double operations, ms, threads;
};

static struct cost cost_of(const struct block *block)
{
    struct cost cost = {0};

    for (size_t i = 0; i < block->count; i++) {
        const struct operation *operation = &block->all[i];
        const struct arguments *given = &operation->given;
        bool repeats = operation->spec->kind == OP_REPEAT;
        double times = repeats ? given->times : 1;

        cost.operations += 1 + times;
        cost.ms += given->ms + given->timeout_ms;
        for (size_t k = 0; k < given->blocks.count; k++) {
            struct cost inner = cost_of(&given->blocks.all[k]);

            cost.operations += times * inner.operations;
            cost.ms += times * inner.ms;
            cost.threads += times * (inner.threads + !repeats);
        }
    }
    return cost;
}

static bool is_to_be_played(const struct scenario *scenario)
{
    struct cost cost = cost_of(&scenario->play);

    return !scenario->has_exec && scenario->unbuilt_line == 0 &&
           cost.operations <= PLAYED_MOST && cost.ms <= MS_MOST &&
           cost.threads <= THREADS_MOST;
}

/* --- what was played ------------------------------------------------------ */

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* The lines of --json; frees nothing of the text. */
static void judge_lines(char *text, int code)
{
    json_int_t lines = 0, broken = 0;
    json_t *last = NULL;

    for (char *at = text; *at != '\0';) {
        size_t length = strcspn(at, "\n");

        json_decref(last);
        last = json_loadb(at, length, JSON_REJECT_DUPLICATES, NULL);
        judge_that("a line is a JSON object", json_is_object(last));
        lines++;
        broken += json_is_false(json_object_get(last, "held"));
        at += length + (at[length] == '\n');
    }
    judge_number("lines", (uint64_t)number_of(last, "played") + 1,
                 (uint64_t)lines);
    judge_number("broken", (uint64_t)broken,
                 (uint64_t)number_of(last, "broken"));
    judge_number("exit status", broken == 0 ? EXIT_HELD : EXIT_BROKEN,
                 (uint64_t)code);
    json_decref(last);
}

/* Plays with what the program prints in memory; the GNU library lets the
 * standard streams be exchanged. */
static void play(const struct scenario *scenario)
{
    FILE *out = stdout, *error = stderr;
    char *text[2] = {NULL, NULL};
    size_t sizes[2];
    FILE *told = open_memstream(&text[0], &sizes[0]);
    FILE *complained = open_memstream(&text[1], &sizes[1]);
    int code;

    judge_that("there is memory", told != NULL && complained != NULL);
    stdout = told;
    stderr = complained;
    code = play_scenario(file.name, scenario, true);
    stdout = out;
    stderr = error;
    (void)fclose(told);
    (void)fclose(complained);
    judge_note("%s%s", text[1], text[0]);
    judge_lines(text[0], code);
    free(text[0]);
    free(text[1]);
}

/* --- all of it ------------------------------------------------------------ */

static void judge_again(enum scenario_verdict verdict,
                        const struct complaint *complaint)
{
    struct scenario scenario;
    struct complaint again;

    judge_number("verdict of the second reading", verdict,
                 scenario_read(file.name, &scenario, &again));
    judge_number("its line", complaint->line, again.line);
    judge_number("its column", complaint->column, again.column);
    judge_text("its text", complaint->text, again.text);
    scenario_free(&scenario);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scenario scenario;
    struct complaint complaint;
    enum scenario_verdict verdict;

    judge_begin(data, size);
    judge_step("read %zu bytes", size);
    write_file(data, size);
    verdict = scenario_read(file.name, &scenario, &complaint);
    judge_that("it can be read", verdict != SCENARIO_UNREADABLE);
    judge_again(verdict, &complaint);
    if (verdict == SCENARIO_INVALID) {
        judge_complaint(&complaint, data, size);
    } else {
        judge_that("a valid file is UTF-8", is_utf8(data, size));
    }
    if (verdict == SCENARIO_VALID && is_to_be_played(&scenario)) {
        judge_step("play");
        play(&scenario);
    }
    scenario_free(&scenario);
    return 0;
}
