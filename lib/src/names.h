/*
 * Judging names: segments, paths, roles and nicknames.  Text in, answer out.
 */
#ifndef MOOR_NAMES_H
#define MOOR_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* The length of a well-formed path segment, or 0: it is none. */
size_t names_segment(const char *segment);

/* Is it a well-formed path, absolute ("/root/...") or, when `relative` is not
 * null, also a relative one?  *relative says which. */
bool names_path_ok(const char *path, bool *relative);

/* 1 to `most` bytes of UTF-8? */
bool names_text_ok(const char *text, unsigned most);

#endif
