#include "texts.h"

#include <ctype.h>

/* A name: any text, one letter many times, or one that is known to matter. */
void text_name(struct input *input, char *text)
{
    static const char *const known[] = {
        "a",   "root", ".",   "..",    "",        "worker",   "A",
        "a/b", "/a",   "a/",  "roots", "agent_1", "\xc3\xa9", "a b",
        "_",   "9",    "a-b", "\x7f",  "roo",     "rooty"};
    unsigned kind = input_below(input, 4);
    size_t length;

    switch (kind) {
    case 0:
        (void)input_text(input, text, TEXT_ROOM);
        break;
    case 1:
        length = input_below(input, 70);
        memset(text, 'a' + (int)(length % 26), length);
        text[length] = '\0';
        break;
    default:
        strcpy(text, known[input_below(input, sizeof known / sizeof known[0])]);
    }
}

/* Mostly names that a host may give: else hardly a config is well formed. */
void text_nickname(struct input *input, char *text)
{
    static const char *const known[] = {
        "Plato",
        "Atlas",
        "Ada",
        "Plato the 2nd",
        "\xf4\x90\x80\x80",
        "\xed\xa0\x80",
        "\xc0\xaf",
        "\xf4\x8f\xbf\xbf",
        "\xe0\x80\x80",
        "\xc3\x89va",
        " ",
        "A",
        "0123456789012345678901234567890123456789012345678901234567890123"};
    unsigned which = input_below(input, 26);

    if (which == 0) {
        (void)input_text(input, text, TEXT_ROOM);
    } else {
        strcpy(text, known[which % (sizeof known / sizeof known[0])]);
    }
}

/* Of any text, or of digits in the right places with one byte changed. */
void text_id(struct input *input, char *text)
{
    if (input_below(input, 4) == 0) {
        (void)input_text(input, text, TEXT_ROOM);
        return;
    }
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        text[i] = dash ? '-' : "0123456789abcdefABCDEF"[input_below(input, 22)];
    }
    text[36] = '\0';
    if (input_below(input, 4) == 0) {
        text[input_below(input, 37)] = (char)input_byte(input);
        text[37] = '\0';
    }
}

bool text_id_ok(const char *text)
{
    bool nil = true;

    if (strlen(text) != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i])) {
            return false;
        }
        nil = nil && (dash || text[i] == '0');
    }
    return !nil;
}
