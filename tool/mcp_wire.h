/*
 * The wire: lines in and lines out, each side in one buffer with a bound.
 *
 * A line that is too long is told once, and dropped as it comes, up to its end;
 * the next one is read as if nothing had been.  What is to be written is kept
 * until the client takes it; above WIRE_OUT_HIGH no more lines are taken in, so
 * a client that does not read cannot make the server grow.
 */
#ifndef MOORAGE_TOOL_MCP_WIRE_H
#define MOORAGE_TOOL_MCP_WIRE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    WIRE_LINE_MAX = 1048576, /* bytes, without the line feed */
    WIRE_READ = 65536,       /* at once */
    WIRE_OUT_HIGH = 262144
};

struct wire_in {
    char *bytes;
    size_t from, to, room; /* unread: from `from` up to `to` */
    size_t searched;       /* up to here there is no line feed */
    bool skipping;         /* until the end of a line that is too long */
};

enum wire_got { WIRE_NOTHING, WIRE_LINE, WIRE_TOO_LONG };

/* Room for WIRE_READ bytes, and then how many of them were read. */
char *wire_in_room(struct wire_in *in);
void wire_in_add(struct wire_in *in, size_t count);
/* The end of the input ends the last line, too. */
void wire_in_end(struct wire_in *in);
/* The next line, without its line feed; it is there until the next call. */
enum wire_got wire_in_next(struct wire_in *in, const char **line,
                           size_t *length);
void wire_in_free(struct wire_in *in);

struct wire_out {
    char *bytes;
    size_t from, to, room;
};

/* Adds a line. */
void wire_out_add(struct wire_out *out, const char *line, size_t length);
/* So many bytes from out->from on were written. */
void wire_out_taken(struct wire_out *out, size_t count);
size_t wire_out_left(const struct wire_out *out);
bool wire_out_is_high(const struct wire_out *out);
void wire_out_free(struct wire_out *out);

#endif
