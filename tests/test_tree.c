/*
 * The tree: counts of children, references, leaving, sealing, and the bags.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "moorage/registry.h"
#include "tree.h"

enum { GENERATION = 5 };

static struct arena records;
static struct tree tree;
static life root;

static void begin(uint32_t children_limit)
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

static void end(void)
{
    tree_destroy(&tree);
    arena_destroy(&records);
}

static void set_phase(life which, enum word_phase phase)
{
    moor_store_release(&record_of(&records, which)->state,
                       word_make(life_generation(which), phase));
}

/* A running agent whose parent is that one; charged to nobody. */
static life loose(life parent)
{
    uint32_t index = 0;
    life which;

    cr_assert(arena_take(&records, &index));
    which = life_of(GENERATION, index);
    tree_begin(record_at(&records, index), GENERATION);
    moor_store_relaxed(&record_at(&records, index)->parent, parent);
    set_phase(which, WORD_RUNNING);
    return which;
}

static moor_error charge(life parent)
{
    uint64_t used;

    return tree_charge(&tree, parent, &used);
}

/* The same, charged to its parent. */
static life child_of(life parent)
{
    cr_assert_eq(charge(parent), MOOR_OK);
    return loose(parent);
}

static void expect(life agent, uint64_t children)
{
    cr_assert_eq(tree_children(&tree, agent), children);
}

/* --- charging ------------------------------------------------------------- */

static void refused(life parent, uint64_t children)
{
    uint64_t used = 999;

    cr_assert_eq(tree_charge(&tree, parent, &used), MOOR_REFUSED);
    cr_assert_eq(used, children);
    expect(parent, children);
}

Test(tree, charges_up_to_the_limit)
{
    static const uint32_t limits[] = {0, 1, 2, 7};

    for (int i = 0; i < 4; i++) {
        begin(limits[i]);
        for (uint32_t c = 0; c < limits[i]; c++) {
            expect(root, c);
            cr_assert_eq(charge(root), MOOR_OK);
        }
        refused(root, limits[i]);
        end();
    }
}

Test(tree, each_parent_has_its_own_count)
{
    life a, b;

    begin(2);
    a = child_of(root);
    b = child_of(root);
    cr_assert_eq(charge(a), MOOR_OK);
    cr_assert_eq(charge(a), MOOR_OK);
    refused(a, 2);
    refused(root, 2);
    cr_assert_eq(charge(b), MOOR_OK);
    expect(b, 1);
    end();
}

Test(tree, a_discharge_makes_room)
{
    begin(1);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(charge(root), MOOR_OK);
        refused(root, 1);
        tree_discharge(&tree, root);
        expect(root, 0);
        (void)tree_let_go(&tree, root);
    }
    end();
}

Test(tree, a_changed_limit_is_in_force_at_once)
{
    begin(2);
    cr_assert_eq(charge(root), MOOR_OK);
    cr_assert_eq(charge(root), MOOR_OK);
    moor_store_release(&tree.children_limit, 1);
    refused(root, 2);
    tree_discharge(&tree, root);
    refused(root, 1);
    tree_discharge(&tree, root);
    cr_assert_eq(charge(root), MOOR_OK);
    moor_store_release(&tree.children_limit, MOOR_UNLIMITED);
    cr_assert_eq(charge(root), MOOR_OK);
    moor_store_release(&tree.children_limit, 0);
    refused(root, 2);
    end();
}

Test(tree, another_life_of_the_record_is_not_charged)
{
    static const uint64_t others[] = {GENERATION - 1, GENERATION + 1,
                                      GENERATION + 512};
    life a;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(charge(life_of(others[i], life_index(a))), MOOR_STALE);
    }
    expect(a, 0);
    end();
}

/* --- leaving -------------------------------------------------------------- */

Test(tree, who_is_referenced_by_nobody_leaves_alone)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    cr_assert(tree_leave(&tree, a));
    cr_assert_eq(charge(a), MOOR_STALE);
    expect(root, 1);
    tree_discharge(&tree, root);
    expect(root, 0);
    end();
}

Test(tree, who_is_referenced_waits_for_the_last)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    cr_assert_eq(charge(a), MOOR_OK); /* two references */
    cr_assert_eq(charge(a), MOOR_OK);
    cr_assert_not(tree_leave(&tree, a)); /* and the leaver's own */
    cr_assert_not(tree_let_go(&tree, a));
    cr_assert_not(tree_let_go(&tree, a));
    cr_assert(tree_let_go(&tree, a));
    end();
}

Test(tree, letting_go_of_one_that_stays_is_nothing)
{
    begin(MOOR_UNLIMITED);
    cr_assert_eq(charge(root), MOOR_OK);
    cr_assert_not(tree_let_go(&tree, root));
    end();
}

Test(tree, children_of_one_that_left_count_above)
{
    life a, b;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    b = child_of(a);
    (void)child_of(b);
    (void)child_of(b);
    (void)child_of(b);
    cr_assert_not(tree_leave(&tree, b));
    expect(a, 1 + 3); /* b itself until it is discharged */
    tree_discharge(&tree, a);
    expect(a, 3);
    cr_assert_not(tree_leave(&tree, a));
    tree_discharge(&tree, root);
    expect(root, 3);
    tree_discharge(&tree, b); /* by the children, who know b alone */
    tree_discharge(&tree, b);
    expect(root, 1);
    tree_discharge(&tree, b);
    expect(root, 0);
    end();
}

Test(tree, adopted_children_are_not_judged_by_the_limit)
{
    life a;

    begin(2);
    (void)child_of(root);
    a = child_of(root);
    (void)child_of(a);
    (void)child_of(a);
    cr_assert_not(tree_leave(&tree, a));
    tree_discharge(&tree, root);
    expect(root, 3);
    refused(root, 3);
    end();
}

/* --- sealing -------------------------------------------------------------- */

Test(tree, a_childless_one_is_sealed)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    cr_assert_eq(tree_seal(&tree, a), MOOR_OK);
    cr_assert_eq(charge(a), MOOR_FENCED);
    expect(a, 0);
    cr_assert_eq(tree_seal(&tree, a), MOOR_OK);
    end();
}

Test(tree, one_with_children_is_not)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    (void)child_of(a);
    cr_assert_eq(tree_seal(&tree, a), MOOR_HAS_CHILDREN);
    cr_assert_eq(charge(a), MOOR_OK, "and goes on as before");
    tree_discharge(&tree, a);
    tree_discharge(&tree, a);
    cr_assert_eq(tree_seal(&tree, a), MOOR_OK, "references do not count");
    end();
}

Test(tree, one_that_left_or_another_life_is_stale)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    cr_assert_eq(tree_seal(&tree, life_of(GENERATION + 1, life_index(a))),
                 MOOR_STALE);
    (void)tree_leave(&tree, a);
    cr_assert_eq(tree_seal(&tree, a), MOOR_STALE);
    end();
}

/* --- parents -------------------------------------------------------------- */

Test(tree, the_parent_is_the_nearest_that_has_not_left)
{
    life a, b, c;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    b = child_of(a);
    c = child_of(b);
    cr_assert_eq(tree_parent(&tree, root), 0);
    cr_assert_eq(tree_parent(&tree, a), root);
    cr_assert_eq(tree_parent(&tree, c), b);
    set_phase(b, WORD_LEFT);
    cr_assert_eq(tree_parent(&tree, c), a);
    set_phase(a, WORD_LEFT);
    cr_assert_eq(tree_parent(&tree, c), root);
    end();
}

/* --- holding -------------------------------------------------------------- */

Test(tree, holds_one_that_is_there_in_any_phase)
{
    for (int phase = WORD_RESERVING; phase < WORD_LEFT; phase++) {
        life a;

        begin(MOOR_UNLIMITED);
        a = loose(root);
        set_phase(a, (enum word_phase)phase);
        cr_assert(tree_hold(&tree, a), "phase %d", phase);
        cr_assert_not(tree_leave(&tree, a));
        cr_assert_not(tree_let_go(&tree, a));
        cr_assert(tree_let_go(&tree, a));
        end();
    }
}

Test(tree, does_not_hold_another_life_or_nobody)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = loose(root);
    cr_assert_not(tree_hold(&tree, life_of(GENERATION + 1, life_index(a))));
    /* The count word keeps but the low bits of a generation. */
    cr_assert_not(tree_hold(&tree, life_of(GENERATION + 1024, life_index(a))));
    set_phase(a, WORD_FREE);
    cr_assert_not(tree_hold(&tree, a));
    end();
}

Test(tree, holds_one_that_left_only_while_it_waits_for_others)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = loose(root);
    cr_assert_eq(charge(a), MOOR_OK);
    set_phase(a, WORD_LEFT);
    cr_assert_not(tree_leave(&tree, a));
    cr_assert(tree_hold(&tree, a));
    cr_assert_not(tree_let_go(&tree, a));
    cr_assert_not(tree_let_go(&tree, a));
    cr_assert(tree_let_go(&tree, a));
    cr_assert_not(tree_hold(&tree, a), "it is being reused");
    end();
}

/* --- bags ----------------------------------------------------------------- */

enum { BAG = 100 };

static uint32_t node_with(life parent, life child)
{
    uint32_t node = 0;

    cr_assert(bag_take(&tree, parent, &node));
    bag_add(&tree, node, child);
    return node;
}

/* How often each of the children is named; the rest must be vacant. */
static void walk(life parent, const life *children, unsigned *counts,
                 unsigned count)
{
    uint32_t node = 0;
    life child;

    memset(counts, 0, count * sizeof *counts);
    while ((node = bag_next(&tree, parent, node, &child)) != 0) {
        bool known = child == 0;

        for (unsigned i = 0; i < count; i++) {
            counts[i] += child == children[i];
            known = known || child == children[i];
        }
        cr_assert(known);
    }
    cr_assert_eq(child, 0);
}

Test(tree, the_root_needs_no_bag)
{
    uint32_t node = 99;
    life child;

    begin(MOOR_UNLIMITED);
    cr_assert(bag_take(&tree, root, &node));
    cr_assert_eq(node, 0);
    bag_add(&tree, node, 77);
    cr_assert_eq(bag_next(&tree, root, 0, &child), 0);
    bag_give(&tree, root, node);
    end();
}

Test(tree, a_bag_names_each_child_once)
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
        if (i % 2 == 0) bag_give(&tree, a, nodes[i]);
    }
    walk(a, children, counts, BAG);
    for (unsigned i = 0; i < BAG; i++) {
        cr_assert_eq(counts[i], i % 2);
    }
    end();
}

Test(tree, two_bags_do_not_mix)
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

Test(tree, vacant_nodes_are_used_again)
{
    life a;
    uint32_t node, end_before;

    begin(MOOR_UNLIMITED);
    a = child_of(root);
    node = node_with(a, child_of(a));
    end_before = arena_end(&tree.nodes);
    for (int i = 0; i < 1000; i++) {
        bag_give(&tree, a, node);
        node = node_with(a, 1000);
    }
    cr_assert_eq(arena_end(&tree.nodes), end_before);
    end();
}

Test(tree, an_emptied_bag_gives_its_nodes_to_others)
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
        bag_give(&tree, a, nodes[i]); /* vacant ones are returned too */
    }
    end_before = arena_end(&tree.nodes);
    bag_empty(&tree, record_of(&records, a));
    cr_assert_eq(bag_next(&tree, a, 0, &child), 0);
    for (int i = 0; i < BAG; i++) {
        (void)node_with(b, 1000);
    }
    cr_assert_eq(arena_end(&tree.nodes), end_before);
    /* And the emptied one begins anew. */
    (void)node_with(a, 2000);
    cr_assert_eq(bag_next(&tree, a, bag_next(&tree, a, 0, &child), &child), 0);
    end();
}
