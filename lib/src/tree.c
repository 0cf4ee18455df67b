#include "tree.h"

#include "plant.h"

enum { GENERATION_SHIFT = 52, GENERATION_BITS = 10 };

_Static_assert(TREE_RECORDS_MAX <= LIFE_INDEX_MAX, "each has an index");

#define CHILD UINT64_C(1)
#define CHILDREN ((UINT64_C(1) << TREE_COUNT_BITS) - 1)
#define REFERENCE (UINT64_C(1) << TREE_COUNT_BITS)
#define REFERENCES (CHILDREN << TREE_COUNT_BITS)
#define SEALED (UINT64_C(1) << 62)
#define LEFT (UINT64_C(1) << 63)

static uint64_t links_begin(uint64_t generation)
{
    return (generation & ((UINT64_C(1) << GENERATION_BITS) - 1))
           << GENERATION_SHIFT;
}

static bool links_of_life(uint64_t links, life which)
{
    return ((links ^ links_begin(life_generation(which))) &
            (((UINT64_C(1) << GENERATION_BITS) - 1) << GENERATION_SHIFT)) == 0;
}

static struct record *at(const struct tree *tree, life which)
{
    return record_of(tree->records, which);
}

void tree_init(struct tree *tree, struct arena *records, life root,
               uint32_t children_limit)
{
    tree->records = records;
    tree->root = root;
    /* relaxed: published with the registry. */
    moor_store_relaxed(&tree->children_limit, children_limit);
    arena_init(&tree->nodes, 2 * sizeof(moor_word), sizeof(moor_word), 1,
               LIFE_INDEX_MAX);
}

void tree_destroy(struct tree *tree)
{
    arena_destroy(&tree->nodes);
}

void tree_begin(struct record *record, uint64_t generation)
{
    /* release, L1: who is told stale by the links alone has seen the close. */
    moor_store_release(&record->links, links_begin(generation));
}

/* --- links ---------------------------------------------------------------- */

moor_error tree_charge(struct tree *tree, struct record *record, life parent,
                       uint64_t *used)
{
    moor_word *word = &record->links;
    uint64_t links = moor_load_acquire(word); /* L1 */

    for (;;) {
        /* acquire: at least the limit of the last set_limit that returned. */
        uint64_t limit = moor_load_acquire(&tree->children_limit);

        *used = links & CHILDREN;
        if (!links_of_life(links, parent) || (links & LEFT) != 0) {
            return MOOR_STALE;
        }
        if ((links & SEALED) != 0) {
            return MOOR_FENCED;
        }
        if (limit != UINT32_MAX && *used >= limit) {
            return MOOR_REFUSED;
        }
        if (MOOR_PLANTED(15)) { /* look, then store */
            moor_store_release(word, links + REFERENCE + CHILD);
            return MOOR_OK;
        }
        /* acquire and release, L1. */
        if (moor_cas_acq_rel(word, &links, links + REFERENCE + CHILD)) {
            return MOOR_OK;
        }
    }
}

/* Adds to the children of the first from `record` upwards that has not left;
 * the caller holds that. */
MOOR_SELDOM static void add_children(struct tree *tree, struct record *record,
                                     uint64_t children)
{
    uint64_t links = moor_load_acquire(&record->links); /* L1 */

    for (;;) {
        if ((links & LEFT) != 0 && !MOOR_PLANTED(30)) { /* stay with it */
            record = record_above(tree->records, record);
            links = moor_load_acquire(&record->links); /* L1 */
        } else if (moor_cas_acq_rel(&record->links, &links,
                                    (links & ~CHILDREN) |
                                        ((links + children) & CHILDREN))) {
            return; /* acquire and release, L1 */
        }
    }
}

void tree_discharge(struct tree *tree, struct record *parent)
{
    add_children(tree, parent, (uint64_t)0 - CHILD);
}

bool tree_part(struct tree *tree, struct record *parent)
{
    moor_word *word = &parent->links;
    uint64_t links = moor_load_acquire(word); /* L1 */

    while ((links & LEFT) == 0) {
        /* acquire and release, L1. */
        if (moor_cas_acq_rel(word, &links, links - REFERENCE - CHILD)) {
            return false;
        }
    }
    add_children(tree, parent, (uint64_t)0 - CHILD);
    return tree_let_go(parent);
}

uint64_t tree_children(const struct record *agent)
{
    return moor_load_acquire(&agent->links) & CHILDREN; /* L1 */
}

bool tree_hold(struct tree *tree, life which)
{
    moor_word *word = &at(tree, which)->links;
    uint64_t links = moor_load_acquire(word); /* L1 */

    for (;;) {
        uint64_t state;

        if (!links_of_life(links, which)) {
            return false;
        }
        /* acquire, R1: the low bits of a generation are not all of it. */
        state = moor_load_acquire(&at(tree, which)->state);
        if (word_generation(state) != life_generation(which) ||
            word_phase(state) == WORD_FREE) {
            return false;
        }
        if ((links & LEFT) != 0 && (links & REFERENCES) == 0) {
            return false; /* about to be reused */
        }
        if (moor_cas_acq_rel(word, &links, links + REFERENCE)) { /* L1 */
            return true;
        }
    }
}

void tree_hold_more(struct record *record)
{
    /* relaxed: the caller's reference keeps the record, and lets go later. */
    (void)moor_add_relaxed(&record->links, REFERENCE);
}

bool tree_let_go(struct record *record)
{
    /* release, L1: done with the record; acquire: so are all others. */
    uint64_t links = moor_sub_acq_rel(&record->links, REFERENCE) - REFERENCE;

    return (links & LEFT) != 0 && (links & REFERENCES) == 0;
}

bool tree_leave(struct tree *tree, struct record *record)
{
    moor_word *word = &record->links;
    uint64_t links = moor_load_acquire(word); /* L1 */
    uint64_t moved = 0;

    for (;;) {
        uint64_t children = links & CHILDREN;
        bool alone = (links & REFERENCES) == 0;

        /* Count them above first: too high for a moment, never too low. */
        if (children != moved && !MOOR_PLANTED(31)) { /* forget them */
            add_children(tree, record_above(tree->records, record),
                         children - moved);
            moved = children;
        }
        /* acquire and release, L1. */
        if (moor_cas_acq_rel(word, &links,
                             ((links & ~CHILDREN) | LEFT) +
                                 (alone ? 0 : REFERENCE))) {
            return alone;
        }
    }
}

moor_error tree_seal(struct tree *tree, life which)
{
    moor_word *word = &at(tree, which)->links;
    uint64_t links = moor_load_acquire(word); /* L1 */

    for (;;) {
        if (!links_of_life(links, which) || (links & LEFT) != 0) {
            return MOOR_STALE;
        }
        if ((links & CHILDREN) != 0 &&
            !MOOR_PLANTED(32)) { /* planted: whoever is there */
            return MOOR_HAS_CHILDREN;
        }
        if (moor_cas_acq_rel(word, &links, links | SEALED)) { /* L1 */
            return MOOR_OK;
        }
    }
}

void tree_reset(struct record *record)
{
    /* relaxed, in both: alone. */
    uint64_t word = moor_load_relaxed(&record->state);
    uint64_t left = word_phase(word) == WORD_LEFT ? LEFT : 0;

    moor_store_relaxed(&record->links,
                       links_begin(word_generation(word)) | left);
}

void tree_count(struct tree *tree, struct record *record)
{
    struct record *parent = record_above(tree->records, record);
    uint64_t links = moor_load_relaxed(&parent->links);

    moor_store_relaxed(&parent->links, links + REFERENCE);
    if (word_is_taken(moor_load_relaxed(&record->state))) {
        add_children(tree, parent, CHILD);
    }
}

life tree_parent(const struct tree *tree, life which)
{
    const struct record *record = at(tree, which);
    uint32_t index;
    uint64_t word;

    if (which == tree->root) {
        return 0;
    }
    do {
        index = place_parent(moor_load_acquire(&record->place)); /* R1 */
        record = record_at(tree->records, index);
        word = moor_load_acquire(&record->state); /* R1 */
    } while (word_phase(word) == WORD_LEFT);
    return life_of(word_generation(word), index);
}

/* --- bags ----------------------------------------------------------------- */

/* `behind` is constant while the node belongs to a bag: the next node below,
 * how many nodes there are from this one on above. */
struct node {
    moor_word child;
    moor_word behind; /* in the arena its link */
};

_Static_assert(sizeof(struct node) == 2 * sizeof(moor_word), "no padding");

/* A record's bag: the cursor above, the first node below; 0: none. */
#define BAG_FIRST LIFE_INDEX_MAX
#define BAG_CURSOR (LIFE_INDEX_MAX << LIFE_INDEX_BITS)

enum { BAG_TRIES = 3, BAG_SPARE = 8 };

static struct node *node_at(const struct tree *tree, uint64_t node)
{
    return (struct node *)arena_at(&tree->nodes, (uint32_t)node,
                                   sizeof(struct node));
}

static uint64_t node_behind(const struct tree *tree, uint64_t node)
{
    return moor_load_acquire(&node_at(tree, node)->behind); /* L2 */
}

static uint64_t bag_cursor(uint64_t bag)
{
    return (bag & BAG_CURSOR) >> LIFE_INDEX_BITS;
}

/* A hint: who moves it does so once, if it can. */
static void move_cursor(struct record *parent, uint64_t node)
{
    uint64_t bag = moor_load_acquire(&parent->bag); /* L2 */

    if (bag_cursor(bag) != node) {
        /* release, L2: who goes by it finds the node vacant. */
        (void)moor_cas_acq_rel(&parent->bag, &bag,
                               (bag & ~BAG_CURSOR) | node << LIFE_INDEX_BITS);
    }
}

/* How many more nodes are worth a try: a few; all, when more than half are
 * vacant, so that a bag grows no more whoever comes and goes. */
static uint64_t tries(const struct tree *tree, const struct record *parent,
                      uint64_t bag)
{
    uint64_t nodes = node_behind(tree, bag & BAG_FIRST) >> LIFE_INDEX_BITS;
    /* acquire, L1; any count that was will do. */
    uint64_t children = moor_load_acquire(&parent->links) & CHILDREN;

    return nodes > 2 * children + BAG_SPARE ? nodes : BAG_TRIES;
}

/* Names the child in a node, if it is vacant. */
static inline bool fill(const struct tree *tree, uint64_t node, life child)
{
    moor_word *place = &node_at(tree, node)->child;
    uint64_t vacant = 0;

    if (moor_load_relaxed(place) != 0) { /* relaxed: a hint */
        return false;
    }
    if (MOOR_PLANTED(25)) { /* look, then store */
        moor_store_release(place, child);
        return true;
    }
    /* seq_cst, F1: before the look at the fences; acquire, L2. */
    return moor_cas_seq_cst(place, &vacant, child);
}

static bool fill_vacant(struct tree *tree, struct record *parent, life child,
                        uint32_t *node)
{
    uint64_t bag = moor_load_acquire(&parent->bag); /* L2 */
    uint64_t first = bag & BAG_FIRST, at = bag_cursor(bag);
    bool filled;

    if (first == 0) {
        return false;
    }
    at = at == 0 ? first : at;
    filled = fill(tree, at, child);
    for (uint64_t left = filled ? 0 : tries(tree, parent, bag);
         left > 0 && !filled; left--) {
        at = node_behind(tree, at) & BAG_FIRST;
        at = at == 0 ? first : at;
        filled = fill(tree, at, child);
    }
    if (!filled) {
        move_cursor(parent, at);
    }
    *node = (uint32_t)at;
    return filled;
}

/* In front of the first one. */
static void push_node(struct tree *tree, struct record *parent, uint32_t node)
{
    uint64_t bag = moor_load_acquire(&parent->bag); /* L2 */

    do {
        uint64_t first = bag & BAG_FIRST;
        uint64_t nodes =
            first == 0 ? 0 : node_behind(tree, first) >> LIFE_INDEX_BITS;

        /* relaxed: published by the swap. */
        moor_store_relaxed(&node_at(tree, node)->behind,
                           (nodes + 1) << LIFE_INDEX_BITS | first);
        /* release, L2; seq_cst, F1: before the look at the fences. */
    } while (!moor_cas_seq_cst(&parent->bag, &bag, (bag & ~BAG_FIRST) | node));
}

bool bag_add(struct tree *tree, struct record *parent, life child,
             uint32_t *node)
{
    *node = 0;
    /* acquire, R1: who is no child of anybody is the root. */
    if (place_depth(moor_load_acquire(&parent->place)) == 0 ||
        fill_vacant(tree, parent, child, node)) {
        return true;
    }
    if (!arena_take(&tree->nodes, node)) {
        return false;
    }
    /* relaxed: published by the swap. */
    moor_store_relaxed(&node_at(tree, *node)->child, child);
    push_node(tree, parent, *node);
    return true;
}

void bag_give(struct tree *tree, struct record *parent, uint32_t node)
{
    if (node == 0) {
        return;
    }
    /* release, L2: who fills it finds it vacant.  A walker that still sees the
     * child finds that it has left. */
    moor_store_release(&node_at(tree, node)->child, 0);
    move_cursor(parent, node);
}

uint32_t bag_next(const struct tree *tree, const struct record *parent,
                  uint32_t node, life *child)
{
    /* acquire, L2; seq_cst, F1: after the fence was set. */
    uint64_t next = (node == 0 ? moor_load_seq_cst(&parent->bag)
                               : node_behind(tree, node)) &
                    BAG_FIRST;

    *child = 0;
    if (next != 0) {
        /* seq_cst, F1: after the fence was set. */
        *child = moor_load_seq_cst(&node_at(tree, next)->child);
    }
    return (uint32_t)next;
}

void bag_empty(struct tree *tree, struct record *record)
{
    /* relaxed: the record is the caller's alone. */
    uint64_t node = moor_load_relaxed(&record->bag) & BAG_FIRST;

    if (node == 0) {
        return;
    }
    moor_store_relaxed(&record->bag, 0);
    while (node != 0) {
        uint64_t next =
            moor_load_relaxed(&node_at(tree, node)->behind) & BAG_FIRST;

        arena_give(&tree->nodes, (uint32_t)node);
        node = next;
    }
}
