/*
 * The steps of an admission that one alone and several at once have in common:
 * grant.c has them, and says what they are.
 */
#ifndef MOOR_GRANT_INNER_H
#define MOOR_GRANT_INNER_H

#include "moorage/admission.h"
#include "books.h"
#include "naming.h"

struct grant {
    moor_registry *books;
    moor_refusal *refusal;
    life parent;
    struct record *above; /* the parent's */
    uint64_t parent_word; /* its state when it was judged */
    uint32_t depth;
    bool counted;  /* against lifetime */
    bool resident; /* against that */
    bool may_wait; /* for a running slot, if there is none */
    bool waits;    /* it was refused, and may */
    bool in_hand;  /* it waited, and has one that is not its record's yet */
    bool own_id;   /* the host has given it */
    size_t name_length; /* 0: it is no name */
    struct naming naming;
    struct nickname_drawn drawn;
    struct map_key path, id;
    struct record *record; /* once it has one */
    life which;            /* and is somebody */
};

/* What is wanted.  `path` is room for NAMING_WORDS words, which are needed
 * until it is prepared. */
void grant_begin(struct grant *grant, moor_registry *books,
                 const moor_spawn_options *options, uint64_t *path,
                 moor_refusal *refusal);

/* Judge, link and enter: a record in RESERVING.  On failure nothing remains.
 * Lock-free. */
moor_error grant_prepare(struct grant *grant);

/* When it was charged. */
void grant_stamp(const struct grant *grant, uint64_t stamp);

/* One that is prepared, and holds no running slot, leaves nothing behind. */
void grant_undo(struct grant *grant);

/* One that is charged becomes a ticket that can be seen.  An error: a fence, or
 * a limit of depth that was lowered; then it is to be withdrawn.  The caller
 * settles the nickname that was drawn. */
moor_error grant_show(struct grant *grant);

/* A ticket that was shown, and not handed out yet, ends. */
void grant_withdraw(const struct grant *grant);

#endif
