#include "mcp_wire.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* What was read goes out of the way before there is more. */
static void move_down(struct wire_in *in)
{
    if (in->from == 0) return;
    memmove(in->bytes, in->bytes + in->from, in->to - in->from);
    in->to -= in->from;
    in->searched -= in->from;
    in->from = 0;
}

char *wire_in_room(struct wire_in *in)
{
    if (in->room - in->to < WIRE_READ) move_down(in);
    if (in->room - in->to < WIRE_READ) {
        in->room = 2 * in->room + WIRE_READ;
        in->bytes = must_resize(in->bytes, in->room, 1);
    }
    return in->bytes + in->to;
}

void wire_in_add(struct wire_in *in, size_t count)
{
    in->to += count;
}

void wire_in_end(struct wire_in *in)
{
    if (in->from == in->to) return;
    *wire_in_room(in) = '\n';
    wire_in_add(in, 1);
}

/* All up to `end` is behind us. */
static void pass(struct wire_in *in, size_t end)
{
    in->from = end;
    in->searched = end;
}

enum wire_got wire_in_next(struct wire_in *in, const char **line,
                           size_t *length)
{
    while (in->searched < in->to) {
        const char *feed =
            memchr(in->bytes + in->searched, '\n', in->to - in->searched);
        size_t end = feed == NULL ? in->to : (size_t)(feed - in->bytes);

        if (!in->skipping && end - in->from > WIRE_LINE_MAX) {
            in->skipping = true;
            pass(in, end); /* its end is looked for from here */
            return WIRE_TOO_LONG;
        }
        if (feed == NULL) {
            in->searched = in->to;
            if (in->skipping) pass(in, in->to);
            return WIRE_NOTHING;
        }
        bool skipped = in->skipping;
        *line = in->bytes + in->from;
        *length = end - in->from;
        in->skipping = false;
        pass(in, end + 1);
        if (!skipped) return WIRE_LINE;
    }
    return WIRE_NOTHING;
}

void wire_in_free(struct wire_in *in)
{
    free(in->bytes);
    *in = (struct wire_in){0};
}

void wire_out_add(struct wire_out *out, const char *line, size_t length)
{
    if (out->from == out->to) out->from = out->to = 0;
    if (out->room - out->to < length + 1 && out->from > 0) {
        memmove(out->bytes, out->bytes + out->from, out->to - out->from);
        out->to -= out->from;
        out->from = 0;
    }
    if (out->room - out->to < length + 1) {
        out->room = 2 * out->room + length + 1;
        out->bytes = must_resize(out->bytes, out->room, 1);
    }
    memcpy(out->bytes + out->to, line, length);
    out->to += length;
    out->bytes[out->to++] = '\n';
}

void wire_out_taken(struct wire_out *out, size_t count)
{
    out->from += count;
}

size_t wire_out_left(const struct wire_out *out)
{
    return out->to - out->from;
}

bool wire_out_is_high(const struct wire_out *out)
{
    return wire_out_left(out) >= WIRE_OUT_HIGH;
}

void wire_out_free(struct wire_out *out)
{
    free(out->bytes);
    *out = (struct wire_out){0};
}
