#include "model_names.h"

#include <stdio.h>
#include <string.h>

/* --- segments and paths --------------------------------------------------- */

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

static bool segment_of_ok(const char *text, size_t length)
{
    if (length < 1 || length > MOOR_SEGMENT_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || strchr(letters, text[i]) == NULL) {
            return false;
        }
    }
    return length != 4 || strncmp(text, "root", 4) != 0;
}

bool model_segment_ok(const char *text)
{
    return segment_of_ok(text, strlen(text));
}

bool model_path_ok(const char *path)
{
    const char *at = path + strlen("/root");
    int segments = 1;

    if (strlen(path) > MOOR_PATH_MAX || strncmp(path, "/root", 5) != 0) {
        return false;
    }
    while (*at == '/') {
        size_t length = strcspn(++at, "/");

        if (!segment_of_ok(at, length)) {
            return false;
        }
        at += length;
        segments++;
    }
    return *at == '\0' && segments <= MOOR_SEGMENTS_MAX;
}

bool model_resolve(const char *from, const char *path,
                   char resolved[MOOR_PATH_MAX + 1])
{
    bool fits;

    if (path[0] == '/') {
        fits = strlen(path) <= MOOR_PATH_MAX;
        (void)snprintf(resolved, MOOR_PATH_MAX + 1, "%s", path);
    } else {
        fits = strlen(from) + 1 + strlen(path) <= MOOR_PATH_MAX;
        (void)snprintf(resolved, MOOR_PATH_MAX + 1, "%s/%s", from, path);
    }
    return fits && model_path_ok(resolved);
}

bool model_is_below(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(path, prefix, length) == 0 &&
           (path[length] == '\0' || path[length] == '/');
}

bool model_is_made_name(const char *name)
{
    const char *digits = name + strlen("agent_");

    return strncmp(name, "agent_", strlen("agent_")) == 0 && *digits != '\0' &&
           strspn(digits, "0123456789") == strlen(digits);
}

/* --- text ----------------------------------------------------------------- */

/* Bytes that follow a lead byte, and the code point; 4: no lead byte. */
static unsigned follow(unsigned char lead, uint32_t *code)
{
    if (lead < 0x80) {
        *code = lead;
        return 0;
    }
    if (lead < 0xc0 || lead > 0xf7) {
        return 4;
    }
    *code = lead < 0xe0   ? lead - 0xc0u
            : lead < 0xf0 ? lead - 0xe0u
                          : lead - 0xf0u;
    return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

bool model_text_ok(const char *text, size_t most)
{
    static const uint32_t least[] = {1, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text;

    if (at[0] == '\0' || strlen(text) > most) {
        return false;
    }
    while (*at != '\0') {
        uint32_t code;
        unsigned more = follow(*at++, &code);

        if (more > 3) {
            return false;
        }
        for (unsigned i = 0; i < more; i++, at++) {
            if (*at < 0x80 || *at > 0xbf) {
                return false;
            }
            code = code << 6 | (*at & 0x3fu);
        }
        if (code < least[more] || code > 0x10ffff ||
            (code >= 0xd800 && code <= 0xdfff)) {
            return false;
        }
    }
    return true;
}

/* --- nicknames ------------------------------------------------------------ */

static const char *suffix(uint64_t ordinal)
{
    static const char *const suffixes[] = {"th", "st", "nd", "rd"};

    return ordinal % 100 / 10 == 1 || ordinal % 10 > 3 ? "th"
                                                       : suffixes[ordinal % 10];
}

static bool all_used(const struct model_nicknames *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!list->used[i]) {
            return false;
        }
    }
    return true;
}

static void as_drawn(const struct model_nicknames *list, size_t which,
                     char text[MOOR_NICKNAME_TEXT])
{
    if (list->ordinal == 1) {
        (void)snprintf(text, MOOR_NICKNAME_TEXT, "%s", list->names[which]);
    } else {
        (void)snprintf(text, MOOR_NICKNAME_TEXT, "%s the %llu%s",
                       list->names[which], (unsigned long long)list->ordinal,
                       suffix(list->ordinal));
    }
}

bool model_nickname_drawn(struct model_nicknames *list, const char *nickname)
{
    char text[MOOR_NICKNAME_TEXT];

    if (all_used(list)) {
        memset(list->used, 0, sizeof list->used);
        list->ordinal++;
    }
    for (size_t i = 0; i < list->count; i++) {
        as_drawn(list, i, text);
        if (!list->used[i] && strcmp(text, nickname) == 0) {
            list->used[i] = true;
            return true;
        }
    }
    return false;
}

void model_nickname_given(struct model_nicknames *list, const char *nickname)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->names[i], nickname) == 0) {
            list->used[i] = true;
        }
    }
}
