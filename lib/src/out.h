/*
 * Text on its way out, in pieces, through the callback of a caller.
 *
 * Once the callback has answered false it is not called again, and all that
 * comes after is dropped; so who writes looks only at the end.
 */
#ifndef MOOR_OUT_H
#define MOOR_OUT_H

#include "moorage/snapshot.h"

enum { OUT_ROOM = 4096 };

struct out {
    moor_write write;
    void *context;
    bool stopped;
    size_t used;
    char bytes[OUT_ROOM];
};

void out_begin(struct out *out, moor_write write, void *context);

/* Writes what is left: MOOR_OK, MOOR_STOPPED. */
moor_error out_end(struct out *out);

void out_bytes(struct out *out, const char *bytes, size_t length);
void out_text(struct out *out, const char *text);
void out_number(struct out *out, uint64_t number);

/* In quotes, as JSON has it; control characters, DEL and those of U+0080 to
 * U+009F among them, cannot reach a terminal.  The text is UTF-8. */
void out_json(struct out *out, const char *text);

/* Within the quotes of a label in DOT, which knows escapes and entities. */
void out_label(struct out *out, const char *text);

#endif
