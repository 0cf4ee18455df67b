/*
 * Texts of an input: names and ids, well formed or nearly so more often than
 * chance alone would make them.
 */
#ifndef FUZZ_TEXTS_H
#define FUZZ_TEXTS_H

#include "fuzz.h"

enum { TEXT_ROOM = 1200 }; /* of every text here */

void text_name(struct input *input, char *text);
void text_nickname(struct input *input, char *text);
void text_id(struct input *input, char *text);

/* 8-4-4-4-12 hexadecimal digits, and not all of them zero. */
bool text_id_ok(const char *text);

#endif
