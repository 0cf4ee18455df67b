#include "text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Bytes of the character that begins here; 0: none does. */
static size_t character(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char mask, lead, least, most; /* of the second byte */
        size_t length;
    } forms[] = {
        {0xFF, 0xE0, 0xA0, 0xBF, 3}, {0xFF, 0xED, 0x80, 0x9F, 3},
        {0xF0, 0xE0, 0x80, 0xBF, 3}, {0xFF, 0xF0, 0x90, 0xBF, 4},
        {0xFF, 0xF4, 0x80, 0x8F, 4}, {0xFC, 0xF0, 0x80, 0xBF, 4},
        {0xE0, 0xC0, 0x80, 0xBF, 2},
    };

    if (at[0] != 0 && at[0] < 0x80) return 1;
    if (at[0] < 0xC2) return 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((at[0] & forms[i].mask) != forms[i].lead) continue;
        if (left < forms[i].length || at[1] < forms[i].least ||
            at[1] > forms[i].most) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].length; k++) {
            if ((at[k] & 0xC0) != 0x80) return 0;
        }
        return forms[i].length;
    }
    return 0;
}

char *text_clean(const char *bytes, size_t *length)
{
    static const char instead[] = "\xEF\xBF\xBD";
    char *clean = must_alloc(3 * *length + 1, 1);
    size_t to = 0;

    for (size_t from = 0; from < *length;) {
        size_t taken =
            character((const unsigned char *)bytes + from, *length - from);

        memcpy(clean + to, taken > 0 ? bytes + from : instead,
               taken > 0 ? taken : 3);
        to += taken > 0 ? taken : 3;
        from += taken > 0 ? taken : 1;
    }
    *length = to;
    return clean;
}

size_t text_fitting(const char *bytes, size_t length, size_t room)
{
    if (length <= room) return length;
    while (room > 0 && ((unsigned char)bytes[room] & 0xC0) == 0x80)
        room--;
    return room;
}

/* C0, DEL and, of two bytes, C1. */
static bool is_control(const unsigned char *at, size_t length)
{
    return length == 1 ? at[0] < ' ' || at[0] == 0x7F
                       : length == 2 && at[0] == 0xC2 && at[1] < 0xA0;
}

static void print(FILE *to, const char *text, bool has_lines)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text);

    while (left > 0) {
        size_t length = character(at, left);

        bool is_end = has_lines && at[0] == '\n';

        if (!is_end && (length == 0 || is_control(at, length))) {
            putc('?', to);
        } else {
            fwrite(at, 1, length, to);
        }
        length = length == 0 ? 1 : length;
        at += length;
        left -= length;
    }
}

void text_print(FILE *to, const char *text)
{
    print(to, text, false);
}

void text_print_lines(FILE *to, const char *text)
{
    print(to, text, true);
}

json_t *text_json(const char *bytes, size_t length)
{
    json_t *text = json_stringn(bytes, length);

    if (text == NULL) {
        char *clean = text_clean(bytes, &length);

        text = must_json(json_stringn(clean, length));
        free(clean);
    }
    return text;
}
