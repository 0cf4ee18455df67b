/*
 * Bags: what hangs below an agent, node by node.
 */
#include "grove.h"

enum { BAG = 100 };

static uint32_t node_with(life parent, life child)
{
    uint32_t node = 0;

    cr_assert(bag_add(&tree, at(parent), child, &node));
    return node;
}

/* How often each of the children is named; the rest must be vacant. */
static void walk(life parent, const life *children, unsigned *counts,
                 unsigned count)
{
    uint32_t node = 0;
    life child;

    memset(counts, 0, count * sizeof *counts);
    while ((node = bag_next(&tree, at(parent), node, &child)) != 0) {
        bool known = child == 0;

        for (unsigned i = 0; i < count; i++) {
            counts[i] += child == children[i];
            known = known || child == children[i];
        }
        cr_assert(known);
    }
    cr_assert_eq(child, 0);
}

/* A bag whose cursor points nowhere. */
static uint64_t first_of(life parent)
{
    return moor_load_relaxed(&at(parent)->bag) &
           LIFE_INDEX_MAX;
}

Test(bag, the_root_needs_no_bag)
{
    uint32_t node = 99;
    life child;

    begin(MOOR_UNLIMITED);
    cr_assert(bag_add(&tree, at(root), 77, &node));
    cr_assert_eq(node, 0);
    cr_assert_eq(bag_next(&tree, at(root), 0, &child), 0);
    bag_give(&tree, at(root), node);
    end();
}

Test(bag, a_bag_names_each_child_once)
{
    life a, children[BAG] = {0};
    unsigned counts[BAG];
    uint32_t nodes[BAG];

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    walk(a, children, counts, 0);
    for (unsigned i = 0; i < BAG; i++) {
        children[i] = child_of(a);
        nodes[i] = node_with(a, children[i]);
    }
    walk(a, children, counts, BAG);
    for (unsigned i = 0; i < BAG; i++) {
        cr_assert_eq(counts[i], 1);
        if (i % 2 == 0) bag_give(&tree, at(a), nodes[i]);
    }
    walk(a, children, counts, BAG);
    for (unsigned i = 0; i < BAG; i++) {
        cr_assert_eq(counts[i], i % 2);
    }
    end();
}

Test(bag, two_bags_do_not_mix)
{
    life a, b, children[2];
    unsigned counts[2];

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    b = child_of(root);
    children[0] = child_of(a);
    children[1] = child_of(b);
    (void)node_with(a, children[0]);
    (void)node_with(b, children[1]);
    walk(a, children, counts, 2);
    cr_assert_eq(counts[0], 1);
    cr_assert_eq(counts[1], 0);
    walk(b, children, counts, 2);
    cr_assert_eq(counts[0], 0);
    cr_assert_eq(counts[1], 1);
    end();
}

Test(bag, vacant_nodes_are_used_again)
{
    life a;
    uint32_t node, end_before;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    node = node_with(a, child_of(a));
    end_before = arena_end(&tree.nodes);
    for (int i = 0; i < 1000; i++) {
        bag_give(&tree, at(a), node);
        node = node_with(a, 1000);
    }
    cr_assert_eq(arena_end(&tree.nodes), end_before);
    end();
}

/* Children that come and go in whatever order do not make a bag grow without
 * bound: first in, first out is the worst, the vacant one being farthest. */
Test(bag, a_bag_stays_in_bounds_whoever_leaves_first)
{
    life a;
    uint32_t nodes[BAG], end_before;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    for (int i = 0; i < BAG; i++) {
        nodes[i] = node_with(a, 1000);
    }
    end_before = arena_end(&tree.nodes);
    for (int i = 0; i < 100 * BAG; i++) {
        bag_give(&tree, at(a), nodes[i % BAG]);
        /* Somebody else's cursor has passed. */
        moor_store_release(&at(a)->bag, first_of(a));
        nodes[i % BAG] = node_with(a, 1000);
    }
    cr_assert_leq(arena_end(&tree.nodes), end_before + BAG);
    end();
}

Test(bag, an_emptied_bag_gives_its_nodes_to_others)
{
    life a, b;
    uint32_t end_before, nodes[BAG];
    life child;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    b = child_of(root);
    for (int i = 0; i < BAG; i++) {
        nodes[i] = node_with(a, 1000);
    }
    for (int i = 0; i < BAG / 2; i++) {
        bag_give(&tree, at(a), nodes[i]); /* vacant ones are returned too */
    }
    end_before = arena_end(&tree.nodes);
    bag_empty(&tree, at(a));
    cr_assert_eq(bag_next(&tree, at(a), 0, &child), 0);
    for (int i = 0; i < BAG; i++) {
        (void)node_with(b, 1000);
    }
    cr_assert_eq(arena_end(&tree.nodes), end_before);
    /* And the emptied one begins anew. */
    (void)node_with(a, 2000);
    nodes[0] = bag_next(&tree, at(a), 0, &child);
    cr_assert_eq(child, 2000);
    cr_assert_eq(bag_next(&tree, at(a), nodes[0], &child), 0);
    end();
}
