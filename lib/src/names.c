#include "names.h"

#include <string.h>

#include "moorage/agent.h"

static const char root_path[] = "/root";

/* a-z, 0-9 and _. */
static const bool is_in_segment[256] = {
    ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true,
    ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true,
    ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
    ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true,
    ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true,
    ['z'] = true, ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true,
    ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true,
    ['9'] = true, ['_'] = true};

/* How many of four bytes, up to the first that may not be in a segment: behind
 * that one, which may be the text's end, none is looked at.  A test and a jump
 * for each, and no count. */
static inline size_t good_of_four(const unsigned char *bytes)
{
    if (!is_in_segment[bytes[0]]) {
        return 0;
    }
    if (!is_in_segment[bytes[1]]) {
        return 1;
    }
    if (!is_in_segment[bytes[2]]) {
        return 2;
    }
    return is_in_segment[bytes[3]] ? 4 : 3;
}

/* Of the bytes that may be in a segment; 0: none, too many, or "root". */
static size_t segment_length(const char *segment)
{
    const unsigned char *bytes = (const unsigned char *)segment;
    size_t length = 0, step;

    do {
        step = good_of_four(bytes + length);
        length += step;
    } while (step == 4 && length <= MOOR_SEGMENT_MAX);
    return length > MOOR_SEGMENT_MAX ||
                   (length == 4 && memcmp(segment, "root", 4) == 0)
               ? 0
               : length;
}

size_t names_segment(const char *segment)
{
    size_t length = segment_length(segment);

    return segment[length] == '\0' ? length : 0;
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

    /* Most are of ASCII alone. */
    while (length <= most && at[length] != '\0' && at[length] < 0x80) {
        length++;
    }
    while (at[length] != '\0') {
        unsigned step = utf8_length(at + length);

        if (step == 0 || length + step > most) {
            return false;
        }
        length += step;
    }
    return length > 0 && length <= most;
}
