/*
 * Ids as text, and three questions about a status.
 */
#include "moorage/agent.h"

#include <string.h>

bool moor_is_final(moor_status status)
{
    return status == MOOR_STATUS_COMPLETED || status == MOOR_STATUS_ERRORED ||
           status == MOOR_STATUS_SHUTDOWN || status == MOOR_STATUS_NOT_FOUND;
}

bool moor_holds_slot(moor_status status)
{
    return status == MOOR_STATUS_PENDING_INIT || status == MOOR_STATUS_RUNNING;
}

bool moor_is_evictable(moor_status status)
{
    return status == MOOR_STATUS_INTERRUPTED ||
           status == MOOR_STATUS_COMPLETED || status == MOOR_STATUS_ERRORED ||
           status == MOOR_STATUS_SHUTDOWN;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_dash(int at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

moor_error moor_id_parse(const char *text, moor_id *id)
{
    moor_id read = {{0}};
    int digits = 0;
    bool nil = true;

    if (text == NULL || id == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    for (int at = 0; at < MOOR_ID_TEXT - 1; at++) {
        int value = digit_value(text[at]);

        if (is_dash(at) ? text[at] != '-' : value < 0) {
            return MOOR_BAD_ID; /* also where the text is too short */
        }
        if (!is_dash(at)) {
            read.bytes[digits / 2] =
                (uint8_t)(read.bytes[digits / 2] << 4 | value);
            digits++;
            nil = nil && value == 0;
        }
    }
    if (text[MOOR_ID_TEXT - 1] != '\0' || nil) {
        return MOOR_BAD_ID;
    }
    *id = read;
    return MOOR_OK;
}

void moor_id_format(moor_id id, char text[MOOR_ID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    int at = 0;

    for (int i = 0; i < (int)sizeof id.bytes; i++) {
        if (is_dash(at)) {
            text[at++] = '-';
        }
        text[at++] = digits[id.bytes[i] >> 4];
        text[at++] = digits[id.bytes[i] & 15];
    }
    text[at] = '\0';
}
