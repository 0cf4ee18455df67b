/*
 * Reading a scenario: header, operations, nesting.
 *
 * Everything is checked here, before anything is played; the first thing that
 * is wrong is the complaint.
 */
#include "scenario_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { NESTING_MAX = 8 };

bool reader_fail(struct reader *reader, const struct place *place,
                 enum place_part part, const char *format, ...)
{
    struct complaint *complaint = reader->complaint;
    va_list values;

    complaint->line = reader->line;
    complaint->column = place_column(reader->text, place, part);
    va_start(values, format);
    vsnprintf(complaint->text, sizeof complaint->text, format, values);
    va_end(values);
    return false;
}

void reader_needs(struct reader *reader, const char *what)
{
    struct scenario *scenario = reader->scenario;

    if (scenario->unbuilt_line != 0) return;
    scenario->unbuilt_line = reader->line;
    snprintf(scenario->unbuilt_what, sizeof scenario->unbuilt_what, "%s", what);
}

/* ---- operations --------------------------------------------------------- */

static bool keys_of_expect_valid(struct reader *reader,
                                 const struct place *place,
                                 const json_t *object,
                                 const struct op_spec *spec)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)object, name, value) {
        struct place inner = {place, name, 0};
        const struct field_spec *field = op_field_find(spec, name);

        if (strcmp(name, "op") == 0) continue;
        if (field == NULL) {
            return reader_fail(reader, &inner, PLACE_KEY,
                               "unknown key \"%.80s\"", name);
        }
        if (!expect_field_valid(reader, &inner, value, field->type)) {
            return false;
        }
    }
    return true;
}

static const struct op_spec *read_op_name(struct reader *reader,
                                          const struct place *place,
                                          const json_t *object)
{
    const json_t *name = json_object_get(object, "op");
    const struct op_spec *spec = NULL;
    struct place inner = {place, "op", 0};

    if (!json_is_object(object)) {
        reader_fail(reader, place, PLACE_VALUE, "an operation is an object");
    } else if (name == NULL) {
        reader_fail(reader, place, PLACE_VALUE, "the key \"op\" is missing");
    } else if (!json_is_string(name)) {
        reader_fail(reader, &inner, PLACE_VALUE, "op wants a string");
    } else {
        spec = op_spec_find(json_string_value(name));
        if (spec == NULL) {
            reader_fail(reader, &inner, PLACE_VALUE,
                        "unknown operation \"%.80s\"",
                        json_string_value(name));
        }
    }
    return spec;
}

/* Rules that depend on what is around the operation. */
static bool nesting_valid(struct reader *reader, const struct place *place,
                          const struct op_spec *spec)
{
    bool nests = spec->kind == OP_REPEAT || spec->kind == OP_PARALLEL;
    bool alone = spec->kind == OP_RESTART || spec->kind == OP_PARALLEL;

    if (alone && reader->in_parallel) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "%s cannot stand inside a parallel", spec->name);
    }
    if (nests && reader->nesting == NESTING_MAX) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "nested more than %d deep", NESTING_MAX);
    }
    return true;
}

/* Keys of any operation but `expect`, and of its expectation. */
static bool operation_keys_read(struct reader *reader,
                                const struct place *place,
                                const json_t *object,
                                struct operation *operation)
{
    static const char *const op_only[] = {"op", NULL};
    static const char *const op_and_expect[] = {"op", "expect", NULL};
    const struct op_spec *spec = operation->spec;
    struct place inner = {place, "expect", 0};
    bool nests = spec->kind == OP_REPEAT || spec->kind == OP_PARALLEL;

    if (!keys_read(reader, place, object, spec->keys,
                   nests ? op_only : op_and_expect, &operation->given)) {
        return false;
    }
    if (spec->kind == OP_SET_LIMIT &&
        json_object_size(object) ==
            1 + (size_t)(json_object_get(object, "expect") != NULL)) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "set_limit names one limit or more");
    }
    operation->expect = json_object_get(object, "expect");
    return operation->expect == NULL ||
           expect_valid(reader, &inner, operation->expect, spec);
}

bool operation_read(struct reader *reader, const struct place *place,
                    const json_t *object, struct operation *operation)
{
    const struct op_spec *spec = read_op_name(reader, place, object);

    if (spec == NULL || !nesting_valid(reader, place, spec)) return false;
    operation->spec = spec;
    operation->line = reader->line;
    if (spec->unbuilt) reader_needs(reader, spec->name);
    if (spec->kind == OP_EXEC) reader->scenario->has_exec = true;
    if (spec->kind == OP_RESTART) reader->scenario->has_restart = true;
    if (spec->kind == OP_EXPECT) {
        operation->expect = object;
        return keys_of_expect_valid(reader, place, object, spec);
    }
    return operation_keys_read(reader, place, object, operation);
}

static struct operation *block_append(struct block *block)
{
    /* Powers of two, so that a long file is read in linear time. */
    if ((block->count & (block->count - 1)) == 0) {
        size_t room = block->count > 0 ? 2 * block->count : 1;
        block->all = must_resize(block->all, room, sizeof *block->all);
    }
    struct operation *next = &block->all[block->count++];
    memset(next, 0, sizeof *next);
    return next;
}

bool block_read(struct reader *reader, const struct place *place,
                const json_t *list, struct block *block)
{
    bool valid = true;

    block->labels.first = reader->scenario->labels.count;
    reader->nesting++;
    for (size_t i = 0; valid && i < json_array_size(list); i++) {
        struct place inner = {place, NULL, i};
        valid = operation_read(reader, &inner, json_array_get(list, i),
                               block_append(block));
    }
    reader->nesting--;
    block->labels.end = reader->scenario->labels.count;
    return valid;
}

bool blocks_read(struct reader *reader, const struct place *place,
                 const json_t *list, struct block_list *blocks)
{
    label_number first = reader->scenario->labels.count;
    bool valid = true;

    blocks->all = must_alloc(json_array_size(list), sizeof *blocks->all);
    reader->in_parallel = true;
    for (size_t i = 0; valid && i < json_array_size(list); i++) {
        struct place inner = {place, NULL, i};
        const json_t *thread = json_array_get(list, i);

        if (!json_is_array(thread)) {
            valid = reader_fail(reader, &inner, PLACE_VALUE,
                                "a thread is a list of operations");
            break;
        }
        blocks->count++;
        /* A thread sees what was before the parallel, and its own. */
        reader->hidden = (struct label_range){
            first, reader->scenario->labels.count};
        valid = block_read(reader, &inner, thread, &blocks->all[i]);
    }
    reader->hidden = (struct label_range){0, 0};
    reader->in_parallel = false;
    return valid;
}

/* ---- the file ----------------------------------------------------------- */

static void complain_of_json(struct reader *reader, size_t length,
                             const json_error_t *error)
{
    struct complaint *complaint = reader->complaint;
    const char *text = error->text;
    size_t offset = (size_t)error->position;

    /* Where the parser speaks of itself rather than of the file. */
    switch (json_error_code(error)) {
    case json_error_premature_end_of_input:
        /* At a NUL the parser thinks so, too. */
        offset = strlen(reader->text) + 1;
        text = offset <= length ? "a line of JSON cannot hold U+0000"
                                : "the line ends too early";
        break;
    case json_error_end_of_input_expected:
        text = "more than one value in a line";
        break;
    case json_error_duplicate_key:
        text = "this key was given before";
        break;
    case json_error_numeric_overflow:
        text = "this number is too big";
        break;
    case json_error_null_character:
    case json_error_null_byte_in_key:
        text = "a string cannot hold U+0000";
        break;
    default: break;
    }
    complaint->line = reader->line;
    complaint->column = token_column(reader->text, length, offset);
    snprintf(complaint->text, sizeof complaint->text, "%s", text);
}

json_t *reader_parse(struct reader *reader, size_t length)
{
    json_error_t error;
    json_t *value = json_loadb(reader->text, length,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                               &error);

    if (value == NULL) complain_of_json(reader, length, &error);
    return value;
}

/* Parse the reader's line; the scenario keeps the value. */
static json_t *parse_line(struct reader *reader, size_t length)
{
    json_t *value = reader_parse(reader, length);

    if (value == NULL) return NULL;
    if (json_array_append_new(reader->scenario->kept, value) != 0) {
        must_json(NULL);
    }
    return value;
}

static bool header_read(struct reader *reader, const json_t *object)
{
    static const char *const nothing_else[] = {NULL};
    struct header *header = &reader->scenario->header;
    const struct place whole = {NULL, NULL, 0};

    if (!json_is_object(object)) {
        return reader_fail(reader, NULL, PLACE_VALUE,
                           "the first line is the header, an object");
    }
    /* Said before any unknown key, when an operation stands first. */
    if (json_object_get(object, "moorage") == NULL) {
        return reader_fail(reader, NULL, PLACE_VALUE,
                           "the first line is the header: {\"moorage\":1}");
    }
    header->queue = 64;
    return keys_read(reader, &whole, object, header_keys, nothing_else, header);
}

static bool line_read(struct reader *reader, size_t length, bool is_header)
{
    const struct place whole = {NULL, NULL, 0};
    const json_t *value = parse_line(reader, length);

    if (value == NULL) return false;
    if (is_header) return header_read(reader, value);
    return operation_read(reader, &whole, value,
                          block_append(&reader->scenario->play));
}

static bool lines_read(struct lines *lines, struct reader *reader)
{
    size_t length = 0;
    bool is_header = true;
    enum lines_answer answer;

    while ((answer = lines_next(lines, &reader->text, &length,
                                reader->complaint)) == LINES_LINE) {
        reader->line = lines->number;
        if (!line_read(reader, length, is_header)) return false;
        is_header = false;
    }
    if (answer == LINES_END && is_header) {
        *reader->complaint = (struct complaint){
            lines->number + 1, 1, "the header is missing: {\"moorage\":1}"};
        return false;
    }
    return answer == LINES_END;
}

enum scenario_verdict scenario_read(const char *file,
                                    struct scenario *scenario,
                                    struct complaint *complaint)
{
    struct lines lines = {0};
    struct reader reader = {.scenario = scenario, .complaint = complaint};

    *scenario = (struct scenario){.kept = must_json(json_array())};
    *complaint = (struct complaint){0};
    labels_init(&scenario->labels);
    if (!lines_open(file, &lines, complaint)) {
        lines_close(&lines);
        return SCENARIO_UNREADABLE;
    }
    bool valid = lines_read(&lines, &reader);
    scenario->play.labels = (struct label_range){0, scenario->labels.count};
    lines_close(&lines);
    return valid ? SCENARIO_VALID : SCENARIO_INVALID;
}

bool scenario_header(const char *text, struct scenario *scenario,
                     struct complaint *complaint)
{
    struct reader reader = {.scenario = scenario, .complaint = complaint,
                            .text = text, .line = 1};
    const json_t *value;

    *scenario = (struct scenario){.kept = must_json(json_array())};
    *complaint = (struct complaint){0};
    labels_init(&scenario->labels);
    value = parse_line(&reader, strlen(text));
    return value != NULL && header_read(&reader, value);
}

static void block_free(struct block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        operation_free(&block->all[i]);
    }
    free(block->all);
}

void operation_free(struct operation *operation)
{
    struct arguments *given = &operation->given;

    for (size_t k = 0; k < given->blocks.count; k++) {
        block_free(&given->blocks.all[k]);
    }
    free(given->blocks.all);
    free(given->agents.all);
    free(given->argv.all);
}

void scenario_free(struct scenario *scenario)
{
    struct role_list *roles = &scenario->header.roles;

    for (size_t i = 0; i < roles->count; i++) {
        free((void *)roles->all[i].nicknames);
    }
    free(roles->all);
    free(scenario->header.nicknames.all);
    block_free(&scenario->play);
    labels_free(&scenario->labels);
    json_decref(scenario->kept);
}
