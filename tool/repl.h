/*
 * moorage repl: a registry to try things in, a line at a time.
 *
 *   repl.c        the command: lines in, with history and completion
 *   repl_words.c  plain words to a request of a session (session.h)
 *   repl_print.c  answers, for people
 *   repl_look.c   tree, why, stats: what only looks
 */
#ifndef MOORAGE_TOOL_REPL_H
#define MOORAGE_TOOL_REPL_H

#include <stdio.h>

#include "session.h"

int command_repl(int argc, char **argv);

/* The lines of `in` (of a terminal: with a prompt), until there are no more, or
 * one quits; one at a time in a process.  False: one was not ok. */
bool repl_play(moor_registry *registry, struct children *children, FILE *in,
               bool terminal);

/* ---- words --------------------------------------------------------------- */

enum { REPL_WORDS_MAX = 64 };

/* Words of a line: apart by blanks, or in quotes.  Null: a quote is open. */
struct words {
    size_t count;
    char *all[REPL_WORDS_MAX];
    char *text; /* what they lie in */
};

bool words_split(const char *line, struct words *words);
void words_free(struct words *words);

/* `spawn a parent=b`, `finish a completed "done"`: by position what a verb
 * wants first, the rest as KEY=VALUE.  New; null: *why says what is wrong. */
json_t *words_request(const struct words *words, char *why, size_t room);

/* How a verb is called; null: there is none of that name. */
const char *words_usage(const char *verb);
/* The verb of that number; null: there are no more. */
const char *words_verb(size_t number);

/* ---- answers ------------------------------------------------------------- */

/* Emphasis, or nothing where there is no terminal. */
struct paint {
    const char *good, *bad, *dim, *end;
};

struct paint paint_for(int descriptor);

void print_answer(const struct paint *paint, const struct answer *answer);

/* ---- looks --------------------------------------------------------------- */

void look_tree(struct session *session);
void look_stats(struct session *session);
/* What an agent is, and what would free its slot. */
void look_why(struct session *session, const char *name);

#endif
