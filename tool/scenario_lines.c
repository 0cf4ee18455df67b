/*
 * Bytes to lines: what must hold for a scenario file before any JSON is looked
 * at.  UTF-8 without a byte order mark, lines of bounded length that end in LF
 * or CRLF.  Comments and blank lines are skipped, but they too must be UTF-8.
 */
#include "scenario_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { LINE_BYTES_MAX = 262144, READ_STEP = 65536 };

static const char byte_order_mark[] = "\xEF\xBB\xBF";

static bool read_all(FILE *stream, struct lines *lines)
{
    size_t room = 0;

    do {
        room += READ_STEP + lines->size; /* doubles, to stay linear */
        lines->bytes = must_resize(lines->bytes, room + 1, 1);
        lines->size += fread(lines->bytes + lines->size, 1,
                             room - lines->size, stream);
    } while (lines->size == room);
    return ferror(stream) == 0;
}

bool lines_open(const char *file, struct lines *lines,
                struct complaint *complaint)
{
    FILE *stream = fopen(file, "rb");
    bool read = stream != NULL && read_all(stream, lines);

    if (!read) {
        snprintf(complaint->text, sizeof complaint->text,
                 "cannot be read: %s", strerror(errno));
    }
    if (stream != NULL) fclose(stream);
    return read;
}

void lines_close(struct lines *lines)
{
    free(lines->bytes);
}

/* Length of the UTF-8 character at `p`, 0 if there is none.  Overlong forms,
 * surrogates and values above U+10FFFF are none. */
static size_t character_length(const unsigned char *p, size_t left)
{
    static const struct {
        unsigned char first, last;       /* range of the lead byte */
        unsigned char low, high, length; /* range of the second byte */
    } forms[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2},
        {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4},
        {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (p[0] < forms[i].first || p[0] > forms[i].last) continue;
        if (forms[i].length > left) return 0;
        if (forms[i].length == 1) return 1;
        if (p[1] < forms[i].low || p[1] > forms[i].high) return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if ((p[k] & 0xC0) != 0x80) return 0;
        }
        return forms[i].length;
    }
    return 0;
}

/* All of the line is UTF-8?  If not, *column is where it ends to be. */
static bool is_utf8(const char *text, size_t length, size_t *column)
{
    size_t at = 0;

    for (*column = 1; at < length; (*column)++) {
        size_t step = character_length((const unsigned char *)text + at,
                                       length - at);
        if (step == 0) return false;
        at += step;
    }
    return true;
}

static bool line_is_well_formed(const struct lines *lines, const char *text,
                                size_t length, struct complaint *complaint)
{
    const char *wrong = NULL;

    complaint->line = lines->number;
    if (length > LINE_BYTES_MAX) {
        /* Of the first character that is not within the bytes allowed. */
        is_utf8(text, LINE_BYTES_MAX, &complaint->column);
        wrong = "the line is longer than 262144 bytes";
    } else if (lines->number == 1 &&
               strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0) {
        complaint->column = 1;
        wrong = "the file begins with a byte order mark; leave it out";
    } else if (!is_utf8(text, length, &complaint->column)) {
        wrong = "this byte is not UTF-8";
    }
    if (wrong == NULL) return true;
    snprintf(complaint->text, sizeof complaint->text, "%s", wrong);
    return false;
}

/* Cut the next line off; the LF becomes the NUL that ends it. */
static char *cut_line(struct lines *lines, size_t *length)
{
    char *text = lines->bytes + lines->next;
    size_t left = lines->size - lines->next;
    char *end = memchr(text, '\n', left);

    *length = end == NULL ? left : (size_t)(end - text);
    lines->next += *length + (end != NULL);
    lines->number++;
    /* CRLF: the CR belongs to the end of the line, not to its bytes. */
    if (end != NULL && *length > 0 && text[*length - 1] == '\r') (*length)--;
    text[*length] = '\0';
    return text;
}

enum lines_answer lines_next(struct lines *lines, const char **text,
                             size_t *length, struct complaint *complaint)
{
    while (lines->next < lines->size) {
        *text = cut_line(lines, length);
        if (!line_is_well_formed(lines, *text, *length, complaint)) {
            return LINES_BAD;
        }
        size_t blank = strspn(*text, " \t\r");
        if (blank < *length && (*text)[blank] != '#') return LINES_LINE;
    }
    return LINES_END;
}
