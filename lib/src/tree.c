#include "tree.h"

#include "plant.h"

enum { COUNT_BITS = 26, GENERATION_SHIFT = 52, GENERATION_BITS = 10 };

#define CHILD UINT64_C(1)
#define CHILDREN ((UINT64_C(1) << COUNT_BITS) - 1)
#define REFERENCE (UINT64_C(1) << COUNT_BITS)
#define REFERENCES (CHILDREN << COUNT_BITS)
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

static life parent_of(const struct tree *tree, life which)
{
    /* acquire, R1: who does not hold that life looks at its state again. */
    return moor_load_acquire(&at(tree, which)->parent);
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
    /* relaxed: published by the swap of `state` that follows. */
    moor_store_relaxed(&record->links, links_begin(generation));
}

/* --- links ---------------------------------------------------------------- */

moor_error tree_charge(struct tree *tree, life parent, uint64_t *used)
{
    moor_word *word = &at(tree, parent)->links;
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
        if (*used == CHILDREN || (links & REFERENCES) == REFERENCES) {
            return MOOR_NO_MEMORY;
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

/* Adds to the children of the first from `which` upwards that has not left;
 * the caller holds `which`. */
static void add_children(struct tree *tree, life which, uint64_t children)
{
    moor_word *word = &at(tree, which)->links;
    uint64_t links = moor_load_acquire(word); /* L1 */

    for (;;) {
        if ((links & LEFT) != 0) {
            which = parent_of(tree, which);
            word = &at(tree, which)->links;
            links = moor_load_acquire(word); /* L1 */
        } else if (moor_cas_acq_rel(word, &links,
                                    (links & ~CHILDREN) |
                                        ((links + children) & CHILDREN))) {
            return; /* acquire and release, L1 */
        }
    }
}

void tree_discharge(struct tree *tree, life parent)
{
    add_children(tree, parent, (uint64_t)0 - CHILD);
}

bool tree_part(struct tree *tree, life parent)
{
    moor_word *word = &at(tree, parent)->links;
    uint64_t links = moor_load_acquire(word); /* L1 */

    while ((links & LEFT) == 0) {
        /* acquire and release, L1. */
        if (moor_cas_acq_rel(word, &links, links - REFERENCE - CHILD)) {
            return false;
        }
    }
    add_children(tree, parent, (uint64_t)0 - CHILD);
    return tree_let_go(tree, parent);
}

uint64_t tree_children(const struct tree *tree, life agent)
{
    return moor_load_acquire(&at(tree, agent)->links) & CHILDREN; /* L1 */
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

bool tree_let_go(struct tree *tree, life which)
{
    /* release, L1: done with the record; acquire: so are all others. */
    uint64_t links = moor_sub_acq_rel(&at(tree, which)->links, REFERENCE) -
                     REFERENCE;

    return (links & LEFT) != 0 && (links & REFERENCES) == 0;
}

bool tree_leave(struct tree *tree, life which)
{
    moor_word *word = &at(tree, which)->links;
    uint64_t links = moor_load_acquire(word); /* L1 */
    uint64_t moved = 0;

    for (;;) {
        uint64_t children = links & CHILDREN;
        bool alone = (links & REFERENCES) == 0;

        /* Count them above first: too high for a moment, never too low. */
        if (children != moved) {
            add_children(tree, parent_of(tree, which), children - moved);
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
        if ((links & CHILDREN) != 0) {
            return MOOR_HAS_CHILDREN;
        }
        if (moor_cas_acq_rel(word, &links, links | SEALED)) { /* L1 */
            return MOOR_OK;
        }
    }
}

life tree_parent(const struct tree *tree, life which)
{
    if (which == tree->root) {
        return 0;
    }
    do {
        which = parent_of(tree, which);
        /* acquire, R1. */
    } while (word_phase(moor_load_acquire(&at(tree, which)->state)) ==
             WORD_LEFT);
    return which;
}

/* --- bags ----------------------------------------------------------------- */

/* `next` is constant while the node belongs to a bag. */
struct node {
    moor_word child;
    moor_word next; /* in the arena its link */
};

_Static_assert(sizeof(struct node) == 2 * sizeof(moor_word), "no padding");

/* A record's bag: how many nodes above, the first one below. */
#define BAG_FIRST LIFE_INDEX_MAX
#define BAG_NODE (UINT64_C(1) << LIFE_INDEX_BITS)

enum { BAG_TRIES = 4, BAG_SPARE = 8 };

static struct node *node_at(const struct tree *tree, uint64_t node)
{
    return (struct node *)arena_at(&tree->nodes, (uint32_t)node,
                                   sizeof(struct node));
}

/* How many nodes are worth a try: a few; all, when more than half are vacant,
 * so that a bag grows no more whoever comes and goes. */
static uint64_t tries(const struct record *parent, uint64_t bag)
{
    uint64_t nodes = bag >> LIFE_INDEX_BITS;
    /* acquire, L1; any count that was will do. */
    uint64_t children = moor_load_acquire(&parent->links) & CHILDREN;

    return nodes > 2 * children + BAG_SPARE ? nodes : BAG_TRIES;
}

/* Names the child in a node, if it is vacant. */
static inline bool fill(moor_word *place, life child)
{
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

/* The cursor is a hint: whoever moves it stores it. */
static bool fill_vacant(struct tree *tree, struct record *parent, life child,
                        uint32_t *node)
{
    uint64_t bag = moor_load_acquire(&parent->bag); /* L2 */
    uint64_t at, left;

    if (bag == 0) {
        return false;
    }
    at = moor_load_acquire(&parent->bag_cursor); /* L2 */
    for (left = tries(parent, bag); left > 0; left--) {
        struct node *here;

        at = at == 0 ? bag & BAG_FIRST : at;
        here = node_at(tree, at);
        if (fill(&here->child, child)) {
            *node = (uint32_t)at;
            return true;
        }
        at = moor_load_acquire(&here->next); /* L2 */
    }
    moor_store_release(&parent->bag_cursor, at);
    return false;
}

bool bag_add(struct tree *tree, life parent, life child, uint32_t *node)
{
    struct record *record = at(tree, parent);
    uint64_t bag;

    *node = 0;
    if (parent == tree->root || fill_vacant(tree, record, child, node)) {
        return true;
    }
    if (!arena_take(&tree->nodes, node)) {
        return false;
    }
    /* relaxed: both are published by the swap. */
    moor_store_relaxed(&node_at(tree, *node)->child, child);
    bag = moor_load_acquire(&record->bag); /* L2 */
    do {
        moor_store_relaxed(&node_at(tree, *node)->next, bag & BAG_FIRST);
        /* release, L2; seq_cst, F1: before the look at the fences. */
    } while (!moor_cas_seq_cst(&record->bag, &bag,
                               ((bag & ~BAG_FIRST) + BAG_NODE) | *node));
    return true;
}

void bag_give(struct tree *tree, life parent, uint32_t node)
{
    if (node == 0) {
        return;
    }
    /* release, L2: who fills it finds it vacant.  A walker that still sees the
     * child finds that it has left. */
    moor_store_release(&node_at(tree, node)->child, 0);
    /* release, L2; else no more than a hint. */
    moor_store_release(&at(tree, parent)->bag_cursor, node);
}

uint32_t bag_next(const struct tree *tree, life parent, uint32_t node,
                  life *child)
{
    /* acquire, L2; seq_cst, F1: after the fence was set. */
    uint64_t next = node == 0
                        ? moor_load_seq_cst(&at(tree, parent)->bag) & BAG_FIRST
                        : moor_load_acquire(&node_at(tree, node)->next);

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
    moor_store_relaxed(&record->bag_cursor, 0);
    while (node != 0) {
        uint64_t next = moor_load_relaxed(&node_at(tree, node)->next);

        arena_give(&tree->nodes, (uint32_t)node);
        node = next;
    }
}
