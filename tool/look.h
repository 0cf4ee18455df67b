/*
 * What a registry looks like, as JSON: for whoever watches from another
 * process, over `moorage rpc`.
 */
#ifndef MOORAGE_TOOL_LOOK_H
#define MOORAGE_TOOL_LOOK_H

#include <jansson.h>

#include <moorage/moorage.h>
#include <moorage/snapshot.h>

/* Figures and limits: used, used_most, waiting, live, ..., limits{}, refused{},
 * waited (how many ever came to wait).  New. */
json_t *look_figures(moor_registry *registry);

/* The snapshot of that form as one text; null: no memory.  The caller's. */
char *look_snapshot(moor_registry *registry, moor_snapshot_format form);

/* Of that name: tree, json, dot. */
bool look_form_find(const char *name, moor_snapshot_format *form);

#endif
