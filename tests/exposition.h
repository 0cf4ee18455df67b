/*
 * A grammar of the two forms of metrics, as far as they are written here: a
 * family has its type (or none, then it is a counter in OpenMetrics), perhaps a
 * unit, a help, and then its samples, all in one place; at the end stands EOF.
 */
#ifndef TESTS_EXPOSITION_H
#define TESTS_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPOSITION_NAME = 64, EXPOSITION_FAMILIES = 64 };

struct exposition_reader {
    bool openmetrics;
    char families[EXPOSITION_FAMILIES]
                 [EXPOSITION_NAME]; /* the last: this one */
    int count;
    char type[16]; /* of this one; empty: none */
    bool help, sum;
    unsigned samples;
    double bound;      /* of the bucket before */
    uint64_t in_there; /* counted in it */
    bool all;          /* it was the last one */
    uint64_t total;
};

static inline bool exposition_ends(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);

    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static inline const char *exposition_family(const struct exposition_reader *r)
{
    return r->count == 0 ? "" : r->families[r->count - 1];
}

/* Is the family before it whole? */
static inline const char *exposition_close(const struct exposition_reader *r)
{
    if (r->count == 0) return NULL;
    if (!r->help) return "no help";
    if (r->samples == 0) return "no sample";
    if (strcmp(r->type, "histogram") != 0) return NULL;
    if (!r->all) return "no bucket of all";
    if (!r->sum) return "no sum";
    return r->total == r->in_there ? NULL : "not as many as in the buckets";
}

static inline const char *exposition_open(struct exposition_reader *r,
                                          const char *name, const char *type)
{
    const char *wrong = exposition_close(r);

    if (wrong != NULL) return wrong;
    if (strncmp(name, "moorage_", 8) != 0) return "whose is it?";
    if (r->count == EXPOSITION_FAMILIES) return "too many families";
    for (int i = 0; i < r->count; i++) {
        if (strcmp(r->families[i], name) == 0) return "twice";
    }
    (void)snprintf(r->families[r->count++], EXPOSITION_NAME, "%s", name);
    (void)snprintf(r->type, sizeof r->type, "%.15s", type);
    r->help = r->sum = r->all = false;
    r->samples = 0;
    r->bound = -1;
    r->in_there = r->total = 0;
    return NULL;
}

static inline const char *exposition_type(struct exposition_reader *r,
                                          const char *name, const char *type)
{
    bool counter = strcmp(type, "counter") == 0;

    if (!counter && strcmp(type, "gauge") != 0 &&
        strcmp(type, "histogram") != 0) {
        return "no such type";
    }
    if (counter != exposition_ends(name, "_total")) return "a counter or not?";
    if (counter && r->openmetrics) return "clashes with its sample";
    return exposition_open(r, name, type);
}

/* "# KEYWORD name text" */
static inline const char *exposition_comment(struct exposition_reader *r,
                                             const char *line)
{
    char keyword[8], name[EXPOSITION_NAME], text[128];
    const char *wrong = NULL;

    if (sscanf(line, "# %7s %63s %127[^\n]", keyword, name, text) != 3) {
        return "not a comment that is known";
    }
    if (strcmp(keyword, "TYPE") == 0) return exposition_type(r, name, text);
    if (strcmp(name, exposition_family(r)) != 0 &&
        strcmp(keyword, "HELP") == 0) {
        wrong = exposition_open(r, name, "");
        if (wrong == NULL &&
            (!r->openmetrics || !exposition_ends(name, "_total"))) {
            wrong = "no type";
        }
    }
    if (wrong != NULL) return wrong;
    if (strcmp(name, exposition_family(r)) != 0 || r->samples > 0) {
        return "not at the head of its family";
    }
    if (strcmp(keyword, "UNIT") == 0) {
        return strcmp(text, "seconds") == 0 && exposition_ends(name, "_seconds")
                   ? NULL
                   : "the name has another unit";
    }
    if (strcmp(keyword, "HELP") != 0 || r->help) return "help, once";
    r->help = true;
    return NULL;
}

static inline const char *exposition_bucket(struct exposition_reader *r,
                                            const char *bound, double value)
{
    double next = strtod(bound, NULL); /* +Inf, too */

    if (next <= r->bound) return "bounds go up";
    if (value < (double)r->in_there) return "counts go up";
    r->bound = next;
    r->in_there = (uint64_t)value;
    r->all = strcmp(bound, "+Inf") == 0;
    return NULL;
}

static inline const char *exposition_value(const char *text, double *value)
{
    char *end;

    *value = strtod(text, &end);
    if (end == text || *end != '\0') return "not a number";
    return *value < 0 ? "negative" : NULL;
}

/* "name value" or "name{label="text"} value" */
static inline const char *exposition_sample(struct exposition_reader *r,
                                            const char *line)
{
    char name[EXPOSITION_NAME], label[16] = "", text[32] = "", number[32];
    const char *family = exposition_family(r), *suffix, *wrong;
    double value;
    int read = 0;

    if (sscanf(line, "%63[a-z_]{%15[a-z]=\"%31[^\"]\"} %31s%n", name, label,
               text, number, &read) != 4 &&
        sscanf(line, "%63[a-z_] %31s%n", name, number, &read) != 2) {
        return "not a sample";
    }
    if (line[read] != '\0') return "more than a value";
    if (strncmp(name, family, strlen(family)) != 0) return "of another family";
    suffix = name + strlen(family);
    wrong = exposition_value(number, &value);
    if (wrong != NULL) return wrong;
    r->samples++;
    if (strcmp(r->type, "histogram") != 0) {
        return *suffix == '\0' ? NULL : "of another family";
    }
    if (strcmp(suffix, "_bucket") == 0 && strcmp(label, "le") == 0) {
        return exposition_bucket(r, text, value);
    }
    if (strcmp(suffix, "_sum") == 0) {
        r->sum = true;
        return NULL;
    }
    r->total = (uint64_t)value;
    return strcmp(suffix, "_count") == 0 ? NULL : "of another family";
}

/* What is wrong, and in which line; null: nothing. */
static inline const char *exposition_wrong(const char *all, bool openmetrics,
                                           char line[256])
{
    struct exposition_reader r = {.openmetrics = openmetrics};
    const char *wrong = NULL;

    for (; wrong == NULL; all += strlen(line) + 1) {
        size_t length = strcspn(all, "\n");

        if (length >= 256) return "too long";
        memcpy(line, all, length);
        line[length] = '\0';
        if (all[length] == '\0') return "no end of its last line";
        if (strcmp(line, "# EOF") == 0) break;
        wrong = line[0] == '#' ? exposition_comment(&r, line)
                               : exposition_sample(&r, line);
    }
    if (wrong != NULL) return wrong;
    if (all[strlen("# EOF\n")] != '\0') return "behind its end";
    return exposition_close(&r);
}

#endif
