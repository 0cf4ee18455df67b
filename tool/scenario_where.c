/*
 * Where a value stands in its line.
 *
 * jansson forgets columns once the text is parsed.  The text is known to be
 * valid JSON by then, so a place is found again by walking over it: strings are
 * skipped as strings, and brackets outside of them balance.  Of a line that is
 * no JSON it tells how far it came; that is brought back to the token there.
 */
#include "scenario_reader.h"

#include <string.h>

static const char *skip_blank(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* `p` is at the opening quote; answers what follows the closing one. */
static const char *skip_string(const char *p)
{
    for (p++; *p != '"'; p++) {
        if (*p == '\\') p++;
    }
    return p + 1;
}

static const char *skip_value(const char *p)
{
    size_t depth = 0;

    if (*p != '{' && *p != '[' && *p != '"') {
        return p + strcspn(p, ",]} \t\r\n");
    }
    do {
        if (*p == '"') {
            p = skip_string(p);
            continue;
        }
        if (*p == '{' || *p == '[') depth++;
        if (*p == '}' || *p == ']') depth--;
        p++;
    } while (depth > 0);
    return p;
}

/* Is the string token at `p` the key, escapes undone? */
static bool token_is(const char *p, const char *key)
{
    size_t length = (size_t)(skip_string(p) - p);
    json_t *token = json_loadb(p, length, JSON_DECODE_ANY, NULL);
    bool is = token != NULL && strcmp(json_string_value(token), key) == 0;

    json_decref(token);
    return is;
}

/* The member of the object at `p`: its key, or its value. */
static const char *find_member(const char *p, const char *key,
                               enum place_part part)
{
    for (;;) {
        p = skip_blank(p + 1); /* past the brace or comma, to a key */
        if (*p != '"') return p;
        const char *token = p;
        p = skip_blank(skip_string(p));
        const char *value = skip_blank(p + 1);
        if (token_is(token, key)) return part == PLACE_KEY ? token : value;
        p = skip_blank(skip_value(value));
        if (*p != ',') return p;
    }
}

static const char *find_element(const char *p, size_t index)
{
    p = skip_blank(p + 1);
    for (; index > 0; index--) {
        p = skip_blank(skip_value(p));
        if (*p != ',') break;
        p = skip_blank(p + 1);
    }
    return p;
}

static const char *find(const char *line, const struct place *place,
                        enum place_part part)
{
    if (place == NULL || place->up == NULL) return skip_blank(line);

    const char *outer = find(line, place->up, PLACE_VALUE);
    if (place->key == NULL) return find_element(outer, place->index);
    return find_member(outer, place->key, part);
}

static size_t column_of(const char *line, const char *at)
{
    size_t column = 1;

    for (; line < at; line++) {
        /* Continuation bytes belong to the character before them. */
        if (((unsigned char)line[1] & 0xC0) != 0x80) column++;
    }
    return column;
}

size_t place_column(const char *line, const struct place *place,
                    enum place_part part)
{
    return column_of(line, find(line, place, part));
}

/* ---- lines that are no JSON --------------------------------------------- */

/* What follows the token at `p`; of a string without an end, `end`. */
static const char *skip_token(const char *p, const char *end)
{
    bool is_string = *p == '"';

    if (!is_string && strchr("{}[],:", *p) != NULL) return p + 1;
    for (p++; p < end; p++) {
        if (is_string && *p == '"') return p + 1;
        if (is_string && *p == '\\' && p + 1 < end) p++;
        if (!is_string && strchr("{}[],:\" \t\r\n", *p) != NULL) break;
    }
    return p;
}

size_t token_column(const char *line, size_t length, size_t offset)
{
    const char *end = line + length;
    const char *p = skip_blank(line);

    while (p < end) {
        const char *after = skip_token(p, end);
        if (after >= line + offset) return column_of(line, p);
        p = skip_blank(after);
    }
    return column_of(line, end);
}
