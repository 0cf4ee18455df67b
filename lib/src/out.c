#include "out.h"

#include <string.h>

void out_begin(struct out *out, moor_write write, void *context)
{
    out->write = write;
    out->context = context;
    out->stopped = false;
    out->used = 0;
}

static void out_flush(struct out *out)
{
    if (out->used > 0 && !out->stopped) {
        out->stopped = !out->write(out->context, out->bytes, out->used);
    }
    out->used = 0;
}

moor_error out_end(struct out *out)
{
    out_flush(out);
    return out->stopped ? MOOR_STOPPED : MOOR_OK;
}

void out_bytes(struct out *out, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t room = OUT_ROOM - out->used;
        size_t part = length < room ? length : room;

        memcpy(out->bytes + out->used, bytes, part);
        out->used += part;
        bytes += part;
        length -= part;
        if (out->used == OUT_ROOM) {
            out_flush(out);
        }
    }
}

void out_text(struct out *out, const char *text)
{
    out_bytes(out, text, strlen(text));
}

void out_number(struct out *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    out_bytes(out, digits + at, sizeof digits - at);
}

/* --- quoting -------------------------------------------------------------- */

/* The control character that begins here, as *code; 0: none does, else how
 * many bytes it has. */
static size_t control_at(const unsigned char *bytes, unsigned *code)
{
    if (bytes[0] < 0x20 || bytes[0] == 0x7f) {
        *code = bytes[0];
        return 1;
    }
    if (bytes[0] == 0xc2 && bytes[1] < 0xa0) { /* from U+0080 to U+009F */
        *code = bytes[1];
        return 2;
    }
    return 0;
}

static void out_code(struct out *out, const char *lead, unsigned code)
{
    static const char digits[] = "0123456789abcdef";

    out_text(out, lead);
    out_bytes(out, &digits[code >> 4], 1);
    out_bytes(out, &digits[code & 15], 1);
}

/* A character that is written otherwise. */
struct escape {
    char plain;
    const char *written;
};

/* All but the control characters stand as they are, or as the table says. */
static void out_escaped(struct out *out, const char *text,
                        const struct escape *escapes, const char *lead)
{
    while (*text != '\0') {
        const struct escape *escape = escapes;
        unsigned code;
        size_t length = control_at((const unsigned char *)text, &code);

        while (escape->plain != '\0' && escape->plain != *text) {
            escape++;
        }
        if (length > 0) {
            out_code(out, lead, code);
        } else if (escape->plain != '\0') {
            out_text(out, escape->written);
        } else {
            out_bytes(out, text, 1);
        }
        text += length > 0 ? length : 1;
    }
}

void out_json(struct out *out, const char *text)
{
    static const struct escape escapes[] = {
        {'"', "\\\""}, {'\\', "\\\\"}, {'\0', NULL}};

    out_text(out, "\"");
    out_escaped(out, text, escapes, "\\u00");
    out_text(out, "\"");
}

void out_label(struct out *out, const char *text)
{
    static const struct escape escapes[] = {
        {'"', "\\\""}, {'\\', "\\\\"}, {'&', "&amp;"}, {'\0', NULL}};

    out_escaped(out, text, escapes, "\\\\x");
}
