#include "document.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const percentile_names[PERCENTILES] = {
    "p50", "p90", "p99", "p99.9", "p99.99", "max",
};

/* What is wrong, once; `row` is the place in "benchmarks", or negative. */
static bool broken(const struct document *document, long row,
                   const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "bench: %s: ", document->file);
    if (row >= 0) fprintf(stderr, "benchmark %ld: ", row);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return false;
}

/* A copy without control characters, those of two bytes included. */
static char *text_of(const char *from)
{
    char *text = strdup(from != NULL ? from : "");

    if (text == NULL) abort();
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        if (*at < ' ' || *at == 0x7f) *at = '?';
        if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) at[0] = at[1] = '?';
    }
    return text;
}

static char *string_at(const json_t *object, const char *key)
{
    return text_of(json_string_value(json_object_get(object, key)));
}

/* A number that is at least zero, unless it is a figure's value; what is not
 * there is `otherwise`. */
static bool number_at(const json_t *object, const char *key, double otherwise,
                      double *number)
{
    const json_t *value = json_object_get(object, key);

    *number = value == NULL ? otherwise : json_number_value(value);
    return value == NULL ||
           (json_is_number(value) && isfinite(*number) &&
            (*number >= 0 || json_is_true(json_object_get(object, "figure"))));
}

static bool read_unit(const json_t *row, double *ns)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
    const char *unit = json_string_value(json_object_get(row, "time_unit"));

    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        *ns = units[i].ns;
        if (strcmp(unit != NULL ? unit : "ns", units[i].name) == 0) return true;
    }
    return false;
}

/* "life/n:1000/threads:2/rival:mutex/call:spawn" */
static void take_apart(struct entry *entry)
{
    char *copy = text_of(entry->name), *rest = NULL;
    char *part = strtok_r(copy, "/", &rest);

    entry->workload = text_of(part);
    entry->rival = entry->call = NULL;
    while (part != NULL && (part = strtok_r(NULL, "/", &rest)) != NULL) {
        if (strncmp(part, "n:", 2) == 0) {
            entry->agents = (uint32_t)strtoul(part + 2, NULL, 10);
        } else if (strncmp(part, "threads:", 8) == 0) {
            entry->threads = (unsigned)strtoul(part + 8, NULL, 10);
        } else if (strncmp(part, "rival:", 6) == 0 && entry->rival == NULL) {
            entry->rival = text_of(part + 6);
        } else if (strncmp(part, "call:", 5) == 0 && entry->call == NULL) {
            entry->call = text_of(part + 5);
        }
    }
    if (entry->rival == NULL) entry->rival = text_of("");
    if (entry->call == NULL) entry->call = text_of("");
    free(copy);
}

static struct entry *add(struct document *document, const char *name)
{
    struct entry *grown =
        realloc(document->entries, (document->count + 1) * sizeof *grown);

    if (grown == NULL) abort();
    document->entries = grown;
    struct entry *entry = &grown[document->count++];
    *entry = (struct entry){ .name = text_of(name), .harness = NAN };
    for (unsigned i = 0; i < ROUNDS_MAX; i++) entry->real[i] = NAN;
    take_apart(entry);
    entry->unit = text_of(NULL);
    entry->note = text_of(NULL);
    return entry;
}

/* The rounds of one name stand together, so it mostly is the last one. */
static struct entry *entry_of(struct document *document, const char *name)
{
    for (unsigned i = document->count; i > 0; i--) {
        struct entry *entry = &document->entries[i - 1];
        if (strcmp(entry->name, name) == 0) return entry;
    }
    return add(document, name);
}

static bool read_latencies(const json_t *row, double ns, struct entry *entry)
{
    entry->timed = json_object_get(row, percentile_names[P50]) != NULL;
    for (unsigned i = 0; entry->timed && i < PERCENTILES; i++) {
        if (!number_at(row, percentile_names[i], -1, &entry->latency[i]) ||
            entry->latency[i] < 0) {
            return false;
        }
        entry->latency[i] *= ns;
    }
    return true;
}

static bool read_figure(const json_t *row, struct entry *entry)
{
    entry->figure = json_is_true(json_object_get(row, "figure"));
    free(entry->unit);
    free(entry->note);
    entry->unit = string_at(row, "figure_unit");
    entry->note = string_at(row, "note");
    return number_at(row, "most", 0, &entry->most);
}

static bool read_round(struct document *document, long at, const json_t *row,
                       struct entry *entry, double ns)
{
    double round, real;

    if (!number_at(row, "repetition_index", 0, &round) || round >= ROUNDS_MAX) {
        return broken(document, at, "repetition_index is not 0 to %d",
                      ROUNDS_MAX - 1);
    }
    if (!number_at(row, "real_time", NAN, &real) || isnan(real)) {
        return broken(document, at, "real_time is not a number from 0 up");
    }
    const unsigned index = (unsigned)round;
    if (!isnan(entry->real[index])) {
        return broken(document, at, "\"%s\" has its round %u twice",
                      entry->name, index);
    }
    entry->real[index] = real * ns;
    if (index >= entry->rounds) entry->rounds = index + 1;
    if (!number_at(row, "rate", 0, &entry->rate)) {
        return broken(document, at, "rate is not a number from 0 up");
    }
    if (!read_latencies(row, ns, entry)) {
        return broken(document, at, "has p50, but not all up to max");
    }
    return read_figure(row, entry) ||
           broken(document, at, "most is not a number from 0 up");
}

/* Of the aggregates, only what was taken off is not known from the rounds. */
static bool read_aggregate(struct document *document, long at,
                           const json_t *row, struct entry *entry)
{
    double harness;

    if (!number_at(row, "harness_ns", NAN, &harness)) {
        return broken(document, at, "harness_ns is not a number from 0 up");
    }
    if (!isnan(harness)) entry->harness = harness;
    return true;
}

static bool read_named(struct document *document, long at, const json_t *row,
                       const char *name)
{
    const char *type = json_string_value(json_object_get(row, "run_type"));
    double ns;

    if (*name == '\0') return broken(document, at, "has no name");
    if (!read_unit(row, &ns)) {
        return broken(document, at, "time_unit is none of ns, us, ms, s");
    }
    if (json_is_true(json_object_get(row, "error_occurred"))) return true;
    struct entry *entry = entry_of(document, name);
    return type != NULL && strcmp(type, "aggregate") == 0
               ? read_aggregate(document, at, row, entry)
               : read_round(document, at, row, entry, ns);
}

static bool read_row(struct document *document, long at, const json_t *row)
{
    const bool named = json_object_get(row, "run_name") != NULL;
    char *name = string_at(row, named ? "run_name" : "name");
    bool fine = read_named(document, at, row, name);

    free(name);
    return fine;
}

static void read_context(struct document *document, const json_t *context)
{
    char processors[32];
    double count;

    number_at(context, "num_cpus", 0, &count);
    snprintf(processors, sizeof processors, "%.0f", count);
    document->context = (struct document_context){
        .date = string_at(context, "date"),
        .processors = text_of(processors),
        .model = string_at(context, "cpu_model"),
        .compiler = string_at(context, "compiler"),
        .commit = string_at(context, "commit"),
        .build = string_at(context, "library_build_type"),
    };
}

static bool read_rows(struct document *document, const json_t *root)
{
    const json_t *rows = json_object_get(root, "benchmarks");

    read_context(document, json_object_get(root, "context"));
    if (!json_is_array(rows)) {
        return broken(document, -1, "has no array \"benchmarks\"");
    }
    for (size_t i = 0; i < json_array_size(rows); i++) {
        if (!read_row(document, (long)i, json_array_get(rows, i))) return false;
    }
    if (document->count == 0) return broken(document, -1, "is empty");
    for (unsigned i = 0; i < document->count; i++) {
        if (document->entries[i].rounds == 0) {
            return broken(document, -1, "\"%s\" has no round",
                          document->entries[i].name);
        }
    }
    return true;
}

bool document_read(struct document *document, const char *file)
{
    json_error_t error;

    *document = (struct document){ .file = file };
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        return error.line < 1
                   ? broken(document, -1, "%s", error.text)
                   : broken(document, -1, "line %d, column %d: %s", error.line,
                            error.column, error.text);
    }
    bool fine = read_rows(document, root);
    json_decref(root);
    if (!fine) document_free(document);
    return fine;
}

void document_free(struct document *document)
{
    const struct document_context *context = &document->context;
    char *const texts[] = { context->date,     context->processors,
                            context->model,    context->compiler,
                            context->commit,   context->build };

    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    for (unsigned i = 0; i < document->count; i++) {
        struct entry *entry = &document->entries[i];
        char *const parts[] = { entry->name, entry->workload, entry->rival,
                                entry->call, entry->unit,     entry->note };
        for (unsigned k = 0; k < sizeof parts / sizeof *parts; k++) {
            free(parts[k]);
        }
    }
    free(document->entries);
    *document = (struct document){ 0 };
}

const struct entry *document_find(const struct document *document,
                                  const char *name)
{
    for (unsigned i = 0; i < document->count; i++) {
        if (strcmp(document->entries[i].name, name) == 0) {
            return &document->entries[i];
        }
    }
    return NULL;
}

/* The rounds that are there. */
static unsigned rounds_of(const struct entry *entry, double *values)
{
    unsigned count = 0;

    for (unsigned i = 0; i < entry->rounds; i++) {
        if (!isnan(entry->real[i])) values[count++] = entry->real[i];
    }
    return count;
}

double entry_median(const struct entry *entry)
{
    double values[ROUNDS_MAX];
    unsigned count = rounds_of(entry, values);

    return median(values, count);
}

double entry_variation(const struct entry *entry)
{
    double values[ROUNDS_MAX];
    unsigned count = rounds_of(entry, values);

    return variation(values, count);
}
