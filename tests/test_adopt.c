/*
 * The close rules `adopt` and `refuse`, as the registry's rule and as that of
 * one call.
 */
#include "given.h"

/* How a call asks for a rule: by the registry's, or by its own. */
static const struct way {
    moor_close_rule rule;
    moor_close_scope scope;
} adopts[] = {{MOOR_ADOPT, MOOR_CLOSE_BY_RULE},
              {MOOR_CASCADE, MOOR_CLOSE_ADOPT},
              {MOOR_REFUSE, MOOR_CLOSE_ADOPT},
              {MOOR_ADOPT, MOOR_CLOSE_ADOPT}},
  refuses[] = {{MOOR_REFUSE, MOOR_CLOSE_BY_RULE},
               {MOOR_CASCADE, MOOR_CLOSE_REFUSE},
               {MOOR_ADOPT, MOOR_CLOSE_REFUSE},
               {MOOR_REFUSE, MOOR_CLOSE_REFUSE}};

enum { WAYS = 4 };

static uint64_t children(moor_registry *registry, moor_agent parent)
{
    return use_of(registry, parent, MOOR_LIMIT_CHILDREN).used;
}

/* --- adopt ---------------------------------------------------------------- */

static void adopts_children(struct way way)
{
    moor_registry *registry = given_rule(way.rule);
    moor_agent top = spawn_below(registry, nobody, "top");
    moor_agent middle = spawn_below(registry, top, "middle");
    moor_agent child = spawn_below(registry, middle, "child");
    moor_ticket ticket = reserve_below(registry, middle, "ticket");
    moor_closed answer;
    moor_info info;

    cr_assert_eq(moor_close(registry, middle, way.scope, &answer), MOOR_OK);
    cr_assert_eq(answer.closed, 1);
    info = info_of(registry, child);
    cr_assert_eq(info.parent.bits, top.bits);
    cr_assert_str_eq(info.path, "/root/top/middle/child");
    cr_assert_eq(info.depth, 3);
    cr_assert_eq(at_path(registry, info.path).bits, child.bits);
    cr_assert_eq(ticket_info(registry, ticket).parent.bits, top.bits);
    cr_assert_str_eq(ticket_info(registry, ticket).path,
                     "/root/top/middle/ticket");
    cr_assert_eq(children(registry, top), 2);
    cr_assert_eq(status_of(registry, middle), MOOR_STATUS_NOT_FOUND);
    cr_assert_eq(used(registry), 3);
    done(registry);
}

Test(adopt, the_grandparent_takes_children_and_tickets)
{
    for (int i = 0; i < WAYS; i++) {
        adopts_children(adopts[i]);
    }
}

Test(adopt, generation_after_generation)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent chain[10];
    moor_agent parent = nobody;

    for (int i = 0; i < 10; i++) {
        parent = chain[i] = spawn_below(registry, parent, "a");
    }
    for (int i = 8; i >= 0; i--) { /* from below */
        cr_assert_eq(close_it(registry, chain[i]), MOOR_OK);
        cr_assert_eq(info_of(registry, chain[9]).parent.bits,
                     i == 0 ? moor_root(registry).bits : chain[i - 1].bits);
    }
    cr_assert_eq(children(registry, nobody), 1);
    cr_assert_eq(info_of(registry, chain[9]).depth, 10);
    done(registry);
}

Test(adopt, from_above_too)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent chain[10];
    moor_agent parent = nobody;

    for (int i = 0; i < 10; i++) {
        parent = chain[i] = spawn_below(registry, parent, "a");
    }
    for (int i = 0; i < 9; i++) {
        cr_assert_eq(close_it(registry, chain[i]), MOOR_OK);
        cr_assert_eq(info_of(registry, chain[i + 1]).parent.bits,
                     moor_root(registry).bits);
        cr_assert_eq(children(registry, nobody), 1);
    }
    done(registry);
}

Test(adopt, is_not_judged_by_the_limit_of_children)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent middle = spawn(registry), agent;

    for (int i = 0; i < 5; i++) {
        (void)spawn_below(registry, middle, NULL);
    }
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_CHILDREN, 1), MOOR_OK);
    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    cr_assert_eq(children(registry, nobody), 5);
    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL),
                 MOOR_REFUSED);
    done(registry);
}

Test(adopt, an_adopted_ticket_is_committed_as_reserved)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent middle = spawn_below(registry, nobody, "middle"), agent;
    moor_ticket ticket = reserve_below(registry, middle, "t");

    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    cr_assert_eq(moor_commit(registry, ticket, NULL, "/root/middle/t", &agent),
                 MOOR_OK);
    cr_assert_eq(info_of(registry, agent).parent.bits,
                 moor_root(registry).bits);
    cr_assert_eq(info_of(registry, agent).depth, 2);
    cr_assert_eq(children(registry, nobody), 1);
    done(registry);
}

Test(adopt, a_path_that_an_adopted_one_keeps_is_still_taken)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent middle = spawn_below(registry, nobody, "middle"), agent;
    moor_agent child = spawn_below(registry, middle, "child");
    moor_spawn_options options = {.name = "child"};

    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    options.parent = spawn_below(registry, nobody, "middle");
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_PATH_TAKEN);
    cr_assert_eq(close_it(registry, child), MOOR_OK);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    done(registry);
}

Test(adopt, close_of_a_tree_reaches_the_adopted)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent top = spawn(registry);
    moor_agent middle = spawn_below(registry, top, NULL);
    moor_agent child = spawn_below(registry, middle, NULL);
    moor_closed answer;

    (void)spawn_below(registry, child, NULL);
    (void)reserve_below(registry, child, NULL);
    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    cr_assert_eq(moor_close(registry, top, MOOR_CLOSE_TREE, &answer), MOOR_OK);
    cr_assert_eq(answer.closed, 3);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

Test(adopt, children_of_the_closed_can_still_be_parents)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent middle = spawn(registry);
    moor_agent child = spawn_below(registry, middle, NULL), grandchild;

    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    grandchild = spawn_below(registry, child, NULL);
    cr_assert_eq(info_of(registry, grandchild).depth, 3);
    cr_assert_eq(info_of(registry, grandchild).parent.bits, child.bits);
    done(registry);
}

/* Agents that are adopted below a fence are adopted all the same. */
Test(adopt, below_a_fence)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent top = spawn(registry);
    moor_agent middle = spawn_below(registry, top, NULL);
    moor_agent child = spawn_below(registry, middle, NULL);

    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_FENCE, NULL), MOOR_OK);
    cr_assert_eq(close_it(registry, middle), MOOR_OK);
    cr_assert_eq(info_of(registry, child).parent.bits, top.bits);
    done(registry);
}

/* --- refuse --------------------------------------------------------------- */

enum hanging { NOTHING, LIVE_CHILD, FINISHED_CHILD, TICKET, HANGING };

static void hang(moor_registry *registry, moor_agent parent, enum hanging what)
{
    switch (what) {
    case LIVE_CHILD:
        (void)spawn_below(registry, parent, "c");
        break;
    case FINISHED_CHILD:
        completes(registry, spawn_below(registry, parent, "c"));
        break;
    case TICKET:
        (void)reserve_below(registry, parent, "c");
        break;
    default:
        break;
    }
}

static void refuses_children(struct way way, enum hanging what)
{
    moor_registry *registry = given_rule(way.rule);
    moor_agent parent = spawn(registry);
    moor_closed answer = {MOOR_STATUSES, 77};
    struct picture *before;

    hang(registry, parent, what);
    before = picture(registry);
    cr_assert_eq(moor_close(registry, parent, way.scope, &answer),
                 what == NOTHING ? MOOR_OK : MOOR_HAS_CHILDREN);
    if (what == NOTHING) {
        free(before);
    } else {
        unchanged(registry, before, "a refused close");
        /* Not fenced: it goes on as before. */
        (void)spawn_below(registry, parent, "another");
    }
    done(registry);
}

Test(adopt, refuse_counts_children_finished_ones_and_tickets)
{
    for (int i = 0; i < WAYS; i++) {
        for (int what = 0; what < HANGING; what++) {
            refuses_children(refuses[i], (enum hanging)what);
        }
    }
}

Test(adopt, refuse_closes_when_the_children_are_gone)
{
    moor_registry *registry = given_rule(MOOR_REFUSE);
    moor_agent parent = spawn(registry);
    moor_agent child = spawn_below(registry, parent, NULL);
    moor_ticket ticket = reserve_below(registry, parent, NULL);

    cr_assert_eq(close_it(registry, parent), MOOR_HAS_CHILDREN);
    cr_assert_eq(close_it(registry, child), MOOR_OK);
    cr_assert_eq(close_it(registry, parent), MOOR_HAS_CHILDREN);
    cr_assert_eq(moor_abandon(registry, ticket), MOOR_OK);
    cr_assert_eq(close_it(registry, parent), MOOR_OK);
    cr_assert_eq(close_it(registry, parent), MOOR_STALE);
    done(registry);
}

Test(adopt, refuse_counts_the_adopted)
{
    moor_registry *registry = given_rule(MOOR_REFUSE);
    moor_agent top = spawn(registry);
    moor_agent middle = spawn_below(registry, top, NULL);

    (void)spawn_below(registry, middle, NULL);
    cr_assert_eq(moor_close(registry, middle, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    cr_assert_eq(close_it(registry, top), MOOR_HAS_CHILDREN);
    done(registry);
}
