/*
 * The tree: counts of children, references, leaving, sealing.
 */
#include "grove.h"

static void expect(life agent, uint64_t children)
{
    cr_assert_eq(tree_children(at(agent)), children);
}

/* --- charging ------------------------------------------------------------- */

static void refused(life parent, uint64_t children)
{
    uint64_t used = 999;

    cr_assert_eq(tree_charge(&tree, at(parent), parent, &used), MOOR_REFUSED);
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
        tree_discharge(&tree, at(root));
        expect(root, 0);
        (void)tree_let_go(at(root));
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
    tree_discharge(&tree, at(root));
    refused(root, 1);
    tree_discharge(&tree, at(root));
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
    cr_assert(tree_leave(&tree, at(a)));
    cr_assert_eq(charge(a), MOOR_STALE);
    expect(root, 1);
    tree_discharge(&tree, at(root));
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
    cr_assert_not(tree_leave(&tree, at(a))); /* and the leaver's own */
    cr_assert_not(tree_let_go(at(a)));
    cr_assert_not(tree_let_go(at(a)));
    cr_assert(tree_let_go(at(a)));
    end();
}

Test(tree, letting_go_of_one_that_stays_is_nothing)
{
    begin(MOOR_UNLIMITED);
    cr_assert_eq(charge(root), MOOR_OK);
    cr_assert_not(tree_let_go(at(root)));
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
    cr_assert_not(tree_leave(&tree, at(b)));
    expect(a, 1 + 3); /* b itself until it is discharged */
    tree_discharge(&tree, at(a));
    expect(a, 3);
    cr_assert_not(tree_leave(&tree, at(a)));
    tree_discharge(&tree, at(root));
    expect(root, 3);
    tree_discharge(&tree, at(b)); /* by the children, who know b alone */
    tree_discharge(&tree, at(b));
    expect(root, 1);
    tree_discharge(&tree, at(b));
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
    cr_assert_not(tree_leave(&tree, at(a)));
    tree_discharge(&tree, at(root));
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
    tree_discharge(&tree, at(a));
    tree_discharge(&tree, at(a));
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
    (void)tree_leave(&tree, at(a));
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
        cr_assert_not(tree_leave(&tree, at(a)));
        cr_assert_not(tree_let_go(at(a)));
        cr_assert(tree_let_go(at(a)));
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
    cr_assert_not(tree_leave(&tree, at(a)));
    cr_assert(tree_hold(&tree, a));
    cr_assert_not(tree_let_go(at(a)));
    cr_assert_not(tree_let_go(at(a)));
    cr_assert(tree_let_go(at(a)));
    cr_assert_not(tree_hold(&tree, a), "it is being reused");
    end();
}

Test(tree, a_child_parts_in_one_step)
{
    life a;

    begin(MOOR_UNLIMITED);
    a = loose(root);
    cr_assert_eq(charge(a), MOOR_OK);
    cr_assert_eq(charge(a), MOOR_OK);
    cr_assert_not(tree_part(&tree, at(a)));
    cr_assert_eq(tree_children(at(a)), 1);
    cr_assert_not(tree_leave(&tree, at(a)));
    cr_assert_not(tree_let_go(at(a)), "a child is left");
    cr_assert_eq(tree_children(at(root)), 1, "which moved up");
    cr_assert(tree_part(&tree, at(a)), "the last one");
    cr_assert_eq(tree_children(at(root)), 0);
    end();
}
