/* Texts that come from elsewhere, and need not be UTF-8. */
#ifndef MOORAGE_TOOL_TEXT_H
#define MOORAGE_TOOL_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* A text of JSON whatever the bytes are. */
json_t *text_json(const char *bytes, size_t length);
/* The same as bytes to be freed; *length is its length. */
char *text_clean(const char *bytes, size_t *length);
/* So many of `length` bytes of UTF-8 that fit, none cut in two. */
size_t text_fitting(const char *bytes, size_t length, size_t room);
/* To where a terminal may be: what it would obey, or cannot read, is a '?'. */
void text_print(FILE *to, const char *text);
/* The same, but ends of lines are. */
void text_print_lines(FILE *to, const char *text);

#endif
