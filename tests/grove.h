/*
 * A tree of bare records, for the tests of tree.c: no maps, no slots.
 */
#ifndef TESTS_GROVE_H
#define TESTS_GROVE_H

#include <criterion/criterion.h>
#include <string.h>

#include "moorage/registry.h"
#include "tree.h"

enum { GENERATION = 5 };

static struct arena records;
static struct tree tree;
static life root;

static inline struct record *at(life which)
{
    return record_of(&records, which);
}

static inline void begin(uint32_t children_limit)
{
    memset(&records, 0, sizeof records);
    memset(&tree, 0, sizeof tree);
    arena_init(&records, sizeof(struct record), offsetof(struct record, stamp),
               1, LIFE_INDEX_MAX);
    cr_assert(arena_prepare(&records));
    root = life_of(GENERATION, 0);
    tree_begin(record_at(&records, 0), GENERATION);
    moor_store_release(&record_at(&records, 0)->state,
                       word_make(GENERATION, WORD_RUNNING));
    tree_init(&tree, &records, root, children_limit);
}

static inline void end(void)
{
    tree_destroy(&tree);
    arena_destroy(&records);
}

static inline void set_phase(life which, enum word_phase phase)
{
    moor_store_release(&at(which)->state,
                       word_make(life_generation(which), phase));
}

/* A running agent whose parent is that one; charged to nobody. */
static inline life loose(life parent)
{
    uint32_t index = 0;
    life which;

    cr_assert(arena_take(&records, &index));
    which = life_of(GENERATION, index);
    tree_begin(record_at(&records, index), GENERATION);
    moor_store_relaxed(&record_at(&records, index)->place,
                       place_of(1, 0, life_index(parent)));
    set_phase(which, WORD_RUNNING);
    return which;
}

static inline moor_error charge(life parent)
{
    uint64_t used;

    return tree_charge(&tree, at(parent), parent, &used);
}

/* The same, charged to its parent. */
static inline life child_of(life parent)
{
    cr_assert_eq(charge(parent), MOOR_OK);
    return loose(parent);
}

#endif
