/*
 * audit: what must hold of a registry in which nothing runs.
 *
 * Judged from the public answers alone, besides the library's own check.
 * Each function answers true, or writes what is wrong into `why`.
 */
#ifndef LOAD_AUDIT_H
#define LOAD_AUDIT_H

#include <stdbool.h>

#include <moorage/moorage.h>

enum { AUDIT_WHY = 200 };

/* moor_check finds nothing; the counters agree with the list; each parent is
 * there, and counts just the children that are listed. */
bool audit_quiet(moor_registry *registry, char why[AUDIT_WHY]);

/* Closes the root's tree: just what was listed is closed, nothing is left
 * and no slot is counted. */
bool audit_shut(moor_registry *registry, char why[AUDIT_WHY]);

/* Both, and then moor_destroy. */
bool audit_end(moor_registry *registry, char why[AUDIT_WHY]);

/* moor_create, or the end of the program. */
moor_registry *audit_create(const moor_config *config);

#endif
