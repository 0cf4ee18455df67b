#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "moorage/agent.h"

static const char root_path[] = "/root";

static bool is_segment_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The segment's length if it is well formed, else 0. */
static size_t segment_length(const char *segment)
{
    size_t length = 0;

    while (length <= MOOR_SEGMENT_MAX && is_segment_byte(segment[length])) {
        length++;
    }
    if (length > MOOR_SEGMENT_MAX) {
        return 0;
    }
    if (length == 4 && memcmp(segment, "root", 4) == 0) {
        return 0;
    }
    return length;
}

bool names_segment_ok(const char *segment)
{
    size_t length = segment_length(segment);

    return length > 0 && segment[length] == '\0';
}

/* Segments from `at` to the end, parted by single slashes. */
static bool segments_ok(const char *at, unsigned segments)
{
    const char *begin = at;

    for (;;) {
        size_t length = segment_length(at);

        if (length == 0 || ++segments > MOOR_SEGMENTS_MAX) {
            return false;
        }
        at += length;
        if ((size_t)(at - begin) > MOOR_PATH_MAX) {
            return false;
        }
        if (*at == '\0') {
            return true;
        }
        if (*at++ != '/') {
            return false;
        }
    }
}

bool names_path_ok(const char *path, bool *relative)
{
    const size_t root = sizeof root_path - 1;

    if (path[0] != '/') {
        if (relative != NULL) {
            *relative = true;
        }
        return relative != NULL && segments_ok(path, 1);
    }
    if (relative != NULL) {
        *relative = false;
    }
    if (strncmp(path, root_path, root) != 0) {
        return false;
    }
    if (path[root] == '\0') {
        return true;
    }
    return path[root] == '/' && strnlen(path, MOOR_PATH_MAX + 1) <=
                                    MOOR_PATH_MAX &&
           segments_ok(path + root + 1, 1);
}

/* The length of the UTF-8 sequence at `at`, 0 if it is none. */
static unsigned utf8_length(const unsigned char *at)
{
    static const struct {
        unsigned char mask, lead, length;
        unsigned least;
    } forms[] = {{0x80, 0x00, 1, 0x1},
                 {0xe0, 0xc0, 2, 0x80},
                 {0xf0, 0xe0, 3, 0x800},
                 {0xf8, 0xf0, 4, 0x10000}};

    for (unsigned f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        unsigned code = at[0] & (unsigned char)~forms[f].mask;

        if ((at[0] & forms[f].mask) != forms[f].lead) {
            continue;
        }
        for (unsigned i = 1; i < forms[f].length; i++) {
            if ((at[i] & 0xc0) != 0x80) {
                return 0;
            }
            code = (code << 6) | (at[i] & 0x3f);
        }
        if (code < forms[f].least || code > 0x10ffff ||
            (code >= 0xd800 && code <= 0xdfff)) {
            return 0;
        }
        return forms[f].length;
    }
    return 0;
}

bool names_text_ok(const char *text, unsigned most)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned length = 0;

    while (at[length] != '\0') {
        unsigned step = utf8_length(at + length);

        if (step == 0 || length + step > most) {
            return false;
        }
        length += step;
    }
    return length > 0;
}

moor_error names_make(const struct names *parent, const char *name,
                      const char *role, bool nickname_room,
                      struct names **names)
{
    size_t above = parent == NULL ? 0 : (size_t)parent->path_length + 1;
    size_t path = above + strlen(name);
    size_t role_length = role == NULL ? 0 : strlen(role);
    unsigned segments = parent == NULL ? 1 : parent->segments + 1U;
    struct names *made;

    if (path > MOOR_PATH_MAX || segments > MOOR_SEGMENTS_MAX) {
        return MOOR_BAD_PATH;
    }
    made = malloc(sizeof *made + path + 1 + role_length + 1 +
                  (nickname_room ? MOOR_NICKNAME_TEXT : 0));
    if (made == NULL) {
        return MOOR_NO_MEMORY;
    }
    if (parent != NULL) {
        memcpy(made->text, parent->text, above - 1);
        made->text[above - 1] = '/';
    }
    memcpy(made->text + above, name, path - above + 1);
    made->path_length = (uint16_t)path;
    made->segments = (uint16_t)segments;
    made->role_at = (uint16_t)(path + 1);
    memcpy(made->text + made->role_at, role == NULL ? "" : role,
           role_length + 1);
    made->nickname_at = 0;
    if (nickname_room) {
        made->nickname_at = (uint16_t)(made->role_at + role_length + 1);
        made->text[made->nickname_at] = '\0';
    }
    *names = made;
    return MOOR_OK;
}
