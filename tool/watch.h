/*
 * Who looks at a registry that another process serves: `moorage tree` and
 * `moorage top`, as clients of `moorage rpc --socket`.
 */
#ifndef MOORAGE_TOOL_WATCH_H
#define MOORAGE_TOOL_WATCH_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

struct watch {
    const char *path;
    FILE *to, *from;
};

/* False: it has said why. */
bool watch_open(struct watch *watch, const char *path);
void watch_close(struct watch *watch);

/* What it answers to a line, if that is ok; null: it has said why.  New. */
json_t *watch_ask(struct watch *watch, const char *line);

/* The same to a request for a snapshot of that form. */
json_t *watch_snapshot(struct watch *watch, const char *form);

/* A text in an answer (null: there is none); null: it has said why. */
const char *watch_text(const struct watch *watch, const json_t *answer,
                       const char *key);

/* Is it a socket?  Else it may be a store. */
bool watch_is_socket(const char *path);

int command_tree(int argc, char **argv);
int command_top(int argc, char **argv);

#endif
