/*
 * Telling what was played: JSON lines for programs, short text for people.
 *
 * Each line is written by one call, so that threads do not mix theirs.
 */
#include "play.h"

#include <inttypes.h>
#include <stdlib.h>

#include "memory.h"
#include "scenario_reader.h"

static char *as_text(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text == NULL) must_json(NULL);
    return text;
}

static void print_json_line(json_t *object)
{
    char *text = as_text(object);

    printf("%s\n", text);
    free(text);
    json_decref(object);
}

static void print_played(const struct play *play,
                         const struct operation *operation,
                         const struct answer *answer, bool held)
{
    json_t *line = must_json(json_object());
    label_number as = operation->given.as;

    must_put(line, "line", json_integer((json_int_t)operation->line));
    must_put(line, "op", json_string(operation->spec->name));
    if (as != LABEL_NONE) {
        must_put(line, "as", json_string(play->scenario->labels.all[as].name));
    }
    must_put(line, "outcome", json_string(answer->outcome));
    if (json_object_update(line, answer->fields) != 0) must_json(NULL);
    must_put(line, "held", json_boolean(held));
    print_json_line(line);
}

/* What was expected, without the key that names the operation. */
static json_t *expected_of(const struct operation *operation)
{
    if (operation->expect == NULL) return must_json(json_string("ok"));

    json_t *copy = must_json(json_copy((json_t *)operation->expect));
    if (operation->spec->kind == OP_EXPECT) json_object_del(copy, "op");
    return copy;
}

/* What was seen; of `expect` only the figures that were asked for. */
static json_t *seen_of(const struct operation *operation,
                       const struct answer *answer)
{
    json_t *seen = must_json(json_object());
    const char *key;
    json_t *value;

    if (operation->spec->kind != OP_EXPECT) {
        must_put(seen, "outcome", json_string(answer->outcome));
    }
    json_object_foreach(answer->fields, key, value) {
        if (operation->spec->kind != OP_EXPECT ||
            json_object_get(operation->expect, key) != NULL) {
            must_put(seen, key, json_incref(value));
        }
    }
    return seen;
}

static void print_broken(const struct play *play,
                         const struct operation *operation,
                         const struct answer *answer)
{
    json_t *expected = expected_of(operation);
    json_t *seen = seen_of(operation, answer);
    char *expected_text = as_text(expected);
    char *seen_text = as_text(seen);

    /* With --json the lines on standard output are for programs alone. */
    fprintf(play->json ? stderr : stdout, "%s:%zu: %s: expected %s, seen %s\n",
            play->file, operation->line, operation->spec->name, expected_text,
            seen_text);
    free(expected_text);
    free(seen_text);
    json_decref(expected);
    json_decref(seen);
}

void report_operation(const struct play *play,
                      const struct operation *operation,
                      const struct answer *answer, bool held)
{
    if (play->json) print_played(play, operation, answer, held);
    if (!held) print_broken(play, operation, answer);
}

void report_end(const struct play *play, uint64_t played, uint64_t broken,
                const char *text)
{
    if (text != NULL) {
        fprintf(play->json ? stderr : stdout,
                "%s: check at the end: expected ok, seen violated: %s\n",
                play->file, text);
    }
    if (play->json) {
        json_t *line = must_json(json_object());
        must_put(line, "played", json_integer((json_int_t)played));
        must_put(line, "broken", json_integer((json_int_t)broken));
        print_json_line(line);
    } else if (broken == 0) {
        printf("%" PRIu64 " operation%s played, all expectations held\n",
               played, played == 1 ? "" : "s");
    } else {
        printf("%" PRIu64 " operation%s played, %" PRIu64
               " expectation%s broken\n", played, played == 1 ? "" : "s",
               broken, broken == 1 ? "" : "s");
    }
}
