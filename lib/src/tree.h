/*
 * The tree: who hangs below whom.
 *
 * Every record has a `links` word:
 *
 *   63   62     61   52 51        26 25         0
 *   +----+------+-------+------------+-----------+
 *   |left|sealed| gen.  | references | children  |
 *   +----+------+-------+------------+-----------+
 *
 *   children    what counts against the limit `children`: tickets and agents
 *               that are not closed, admissions in flight included
 *   references  records that name this one as their parent, passing walkers,
 *               and an end of its own that is unread: the record is not
 *               reused before they are gone
 *   gen.        the low bits of the generation, so that a late swap meant for
 *               a former tenant fails
 *   sealed      a close under the rule `refuse` found no children: none may
 *               come any more
 *   left        the agent is closed.  Its children, if it left by adoption,
 *               count with the next above that has not left; so the children
 *               move up in one swap, whatever they are doing meanwhile
 *
 * The record of an agent that left is reused when its last reference goes.
 *
 * Below every agent but the root hangs a bag: a list of nodes that only grows
 * while the record is in use, each naming one child or vacant.  Who links a
 * child tries a few nodes from the bag's cursor on for a vacant one (all, when
 * half of them are), else adds one; who unlinks points the cursor at the node.
 * So both take a few steps however many children there are, and a bag has at
 * most twice as many nodes as it ever had children, and a few.  What a node
 * names is a hint, judged by the child's own state.  The root needs no bag:
 * everything in the registry is below it.
 *
 *   pair  release side       acquire side         what it carries
 *   L1    a swap of `links`  a swap of `links`    what was done to the record
 *                                                 before it was let go
 *   L2    bag_add            bag_next             the node
 *   F1    linking against fencing: see fence.h
 */
#ifndef MOOR_TREE_H
#define MOOR_TREE_H

#include "moorage/error.h"
#include "record.h"

/* The counts of a links word cannot overflow while there are no more records
 * than this, and no more than 2^15 threads in calls at once: each record names
 * one parent, and is itself once in a list of ends (completion.h); a thread
 * charges one child at a time, and holds no record more than thrice. */
enum {
    TREE_COUNT_BITS = 26,
    TREE_RECORDS_MAX = (1 << TREE_COUNT_BITS) - (1 << 17)
};

struct tree {
    struct arena *records;
    struct arena nodes; /* of all bags */
    life root;
    moor_word children_limit;
};

void tree_init(struct tree *tree, struct arena *records, life root,
               uint32_t children_limit);
void tree_destroy(struct tree *tree);

/* What a fresh record begins with. */
void tree_begin(struct record *record, uint64_t generation);

/*
 * Charge one child to `parent`, whose record that is, and hold a reference to
 * it.
 *   MOOR_OK, MOOR_STALE (it has left), MOOR_FENCED (sealed), MOOR_REFUSED
 *   (limit; *used says how many)
 * *used is the count before this one.  The limit lies in another word: look at
 * it again afterwards.  Lock-free.
 */
moor_error tree_charge(struct tree *tree, struct record *record, life parent,
                       uint64_t *used);

/* The reverse: the child counts no more; the reference stays. */
void tree_discharge(struct tree *tree, struct record *parent);

/* Both at once: the child counts no more, and its reference goes.  True: it was
 * the last one of a record that has left: the caller must now reuse it. */
bool tree_part(struct tree *tree, struct record *parent);

/* Children of an agent that count now. */
uint64_t tree_children(const struct record *agent);

/* Hold a reference for a walk; false: that life is over.  Lock-free. */
bool tree_hold(struct tree *tree, life which);

/* One reference more, by who has one. */
void tree_hold_more(struct record *record);

/* Let a reference go; true if it was the last one of a record that has left:
 * the caller must now reuse it. */
bool tree_let_go(struct record *record);

/* The agent has left: its children move up, nothing may be linked any more.
 * True: nobody references the record, it is the caller's to reuse.  False: the
 * caller was given a reference to let go. */
bool tree_leave(struct tree *tree, struct record *record);

/* Sees to it that no child comes any more if there is none: MOOR_OK;
 * MOOR_HAS_CHILDREN; MOOR_STALE.  Lock-free. */
moor_error tree_seal(struct tree *tree, life which);

/* Counting anew; alone.  First each record forgets its counts, then each that
 * names a parent is counted there. */
void tree_reset(struct record *record);
void tree_count(struct tree *tree, struct record *record);

/* The nearest above that has not left; the root's is 0. */
life tree_parent(const struct tree *tree, life which);

/* Names the child in a node of the parent's bag.  0 and true: the root needs
 * none; false: no memory.  The caller holds a reference to the parent. */
bool bag_add(struct tree *tree, struct record *parent, life child,
             uint32_t *node);

/* Vacates it.  The caller holds a reference to the parent. */
void bag_give(struct tree *tree, struct record *parent, uint32_t node);

/* Walks a bag: the node after `node` (0: the first); 0 at the end.  *child is
 * what it names, 0 if nothing.  The caller holds a reference to the parent. */
uint32_t bag_next(const struct tree *tree, const struct record *parent,
                  uint32_t node, life *child);

/* Returns all nodes; nobody references the record. */
void bag_empty(struct tree *tree, struct record *record);

#endif
