/*
 * Closing: answers, what goes with it, what is free afterwards, and the root.
 */
#include "given.h"

static const moor_status statuses[] = {
    MOOR_STATUS_PENDING_INIT, MOOR_STATUS_RUNNING, MOOR_STATUS_INTERRUPTED,
    MOOR_STATUS_COMPLETED,    MOOR_STATUS_ERRORED, MOOR_STATUS_SHUTDOWN};

enum { STATUSES = sizeof statuses / sizeof statuses[0] };

static moor_closed closes(moor_registry *registry, moor_agent agent,
                          moor_close_scope scope)
{
    moor_closed answer;
    moor_error error;

    memset(&answer, 0x5a, sizeof answer);
    error = moor_close(registry, agent, scope, &answer);
    cr_assert_eq(error, MOOR_OK, "%s", moor_error_name(error));
    return answer;
}

/* --- one agent ------------------------------------------------------------ */

Test(close, answers_the_status_it_had_and_itself)
{
    for (int scope = 0; scope < MOOR_CLOSE_SCOPES; scope++) {
        moor_registry *registry = given();

        for (int i = 0; i < STATUSES; i++) {
            moor_agent agent = spawn(registry);
            moor_closed answer;

            bring(registry, agent, statuses[i]);
            answer = closes(registry, agent, (moor_close_scope)scope);
            cr_assert_eq(answer.previous, statuses[i]);
            cr_assert_eq(answer.closed, 1);
            cr_assert_eq(stats_of(registry).closed, (uint64_t)i + 1);
            cr_assert_eq(used(registry), 0);
        }
        done(registry);
    }
}

Test(close, a_second_close_is_stale_and_says_not_found)
{
    for (int scope = 0; scope < MOOR_CLOSE_SCOPES; scope++) {
        moor_registry *registry = given();
        moor_agent agent = spawn(registry);
        moor_closed answer = {MOOR_STATUS_RUNNING, 77};

        (void)closes(registry, agent, MOOR_CLOSE_BY_RULE);
        cr_assert_eq(
            moor_close(registry, agent, (moor_close_scope)scope, &answer),
            MOOR_STALE);
        cr_assert_eq(answer.previous, MOOR_STATUS_NOT_FOUND);
        cr_assert_eq(answer.closed, 0);
        cr_assert_eq(stats_of(registry).closed, 1);
        done(registry);
    }
}

Test(close, null_for_the_answer)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_TREE, NULL), MOOR_OK);
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_TREE, NULL),
                 MOOR_STALE);
    done(registry);
}

Test(close, scopes_out_of_range)
{
    static const int scopes[] = {MOOR_CLOSE_SCOPES, -1, 1000};
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    struct picture *before = picture(registry);

    for (int i = 0; i < 3; i++) {
        cr_expect_eq(
            moor_close(registry, agent, (moor_close_scope)scopes[i], NULL),
            MOOR_BAD_ARGUMENT);
    }
    unchanged(registry, before, "a scope out of range");
    done(registry);
}

Test(close, path_and_id_are_free_afterwards)
{
    moor_registry *registry = given();
    moor_id id = {{1}};
    moor_spawn_options options = {.name = "worker", .id = &id};

    for (int i = 0; i < 100; i++) {
        moor_agent agent, found;

        cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
        (void)closes(registry, agent, MOOR_CLOSE_BY_RULE);
        cr_assert_eq(at_path(registry, "/root/worker").bits, 0);
        cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_NOT_FOUND);
    }
    done(registry);
}

Test(close, a_closed_agent_is_stale_for_ever)
{
    moor_registry *registry = given();
    moor_agent old = spawn_below(registry, nobody, "worker");

    (void)closes(registry, old, MOOR_CLOSE_BY_RULE);
    for (int i = 0; i < 50; i++) { /* whoever lies in its record */
        moor_agent other = spawn_below(registry, nobody, "worker");
        moor_info info;
        size_t length;

        cr_assert_neq(other.bits, old.bits);
        cr_assert_eq(finish(registry, old, MOOR_STATUS_ERRORED), MOOR_STALE);
        cr_assert_eq(moor_info_of(registry, old, &info), MOOR_STALE);
        cr_assert_eq(moor_result(registry, old, NULL, 0, &length), MOOR_STALE);
        cr_assert_eq(status_of(registry, other), MOOR_STATUS_PENDING_INIT);
        (void)closes(registry, other, MOOR_CLOSE_BY_RULE);
    }
    done(registry);
}

/* --- a tree --------------------------------------------------------------- */

/*
 *   top - left  - leaf (completed)
 *       |       + ticket
 *       + right - ticket
 */
struct family {
    moor_registry *registry;
    moor_agent top, left, leaf, right;
    moor_ticket below_left, below_right;
};

static struct family family(moor_close_rule rule)
{
    struct family f = {.registry = given_rule(rule)};

    f.top = spawn_below(f.registry, nobody, "top");
    f.left = spawn_below(f.registry, f.top, "left");
    f.leaf = spawn_below(f.registry, f.left, "leaf");
    f.right = spawn_below(f.registry, f.top, "right");
    f.below_left = reserve_below(f.registry, f.left, "l");
    f.below_right = reserve_below(f.registry, f.right, "r");
    completes(f.registry, f.leaf);
    return f;
}

static void all_gone(struct family *f)
{
    moor_agent agents[] = {f->top, f->left, f->leaf, f->right};
    moor_ticket tickets[] = {f->below_left, f->below_right};
    moor_stats stats = stats_of(f->registry);
    moor_agent agent;

    for (int i = 0; i < 4; i++) {
        cr_assert_eq(moor_start(f->registry, agents[i]), MOOR_STALE);
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(moor_commit(f->registry, tickets[i], NULL, NULL, &agent),
                     MOOR_STALE);
    }
    cr_assert_eq(stats.used + stats.live + stats.idle + stats.tickets, 0);
    cr_assert_eq(stats.closed, 4, "tickets are not closed, they are taken");
    cr_assert_eq(stats.released, 4);
    cr_assert_eq(use_of(f->registry, nobody, MOOR_LIMIT_CHILDREN).used, 0);
    cr_assert_eq(use_of(f->registry, nobody, MOOR_LIMIT_LIFETIME).used, 6);
}

Test(close, cascade_takes_all_that_is_below)
{
    struct family f = family(MOOR_CASCADE);

    cr_assert_eq(closes(f.registry, f.top, MOOR_CLOSE_BY_RULE).closed, 4);
    all_gone(&f);
    done(f.registry);
}

Test(close, of_a_tree_ignores_the_rule)
{
    for (int rule = 0; rule < MOOR_CLOSE_RULES; rule++) {
        struct family f = family((moor_close_rule)rule);

        cr_assert_eq(closes(f.registry, f.top, MOOR_CLOSE_TREE).closed, 4);
        all_gone(&f);
        done(f.registry);
    }
}

Test(close, a_call_may_override_the_rule_by_cascade)
{
    for (int rule = 0; rule < MOOR_CLOSE_RULES; rule++) {
        struct family f = family((moor_close_rule)rule);

        cr_assert_eq(closes(f.registry, f.top, MOOR_CLOSE_CASCADE).closed, 4);
        all_gone(&f);
        done(f.registry);
    }
}

Test(close, of_a_part_leaves_the_rest)
{
    struct family f = family(MOOR_CASCADE);

    cr_assert_eq(closes(f.registry, f.left, MOOR_CLOSE_BY_RULE).closed, 2);
    cr_assert_eq(status_of(f.registry, f.top), MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(status_of(f.registry, f.right), MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(ticket_info(f.registry, f.below_right).status,
                 MOOR_STATUS_RESERVED);
    cr_assert_eq(used(f.registry), 3);
    cr_assert_eq(use_of(f.registry, f.top, MOOR_LIMIT_CHILDREN).used, 1);
    cr_assert_eq(closes(f.registry, f.top, MOOR_CLOSE_BY_RULE).closed, 2);
    all_gone(&f);
    done(f.registry);
}

Test(close, a_deep_chain_goes_as_a_whole)
{
    moor_registry *registry = given_rule(MOOR_CASCADE);
    moor_agent first = spawn(registry), last = first;

    for (int i = 2; i < MOOR_SEGMENTS_MAX; i++) {
        last = spawn_below(registry, last, NULL);
    }
    cr_assert_eq(closes(registry, first, MOOR_CLOSE_BY_RULE).closed,
                 MOOR_SEGMENTS_MAX - 1);
    cr_assert_eq(status_of(registry, last), MOOR_STATUS_NOT_FOUND);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

Test(close, a_wide_family_goes_as_a_whole)
{
    enum { WIDE = 3000 };
    moor_registry *registry = given_rule(MOOR_CASCADE);
    moor_agent parent = spawn(registry);

    for (int round = 0; round < 2; round++) {
        moor_agent top = spawn(registry);

        for (int i = 0; i < WIDE; i++) {
            (void)spawn_below(registry, top, NULL);
        }
        cr_assert_eq(closes(registry, top, MOOR_CLOSE_BY_RULE).closed,
                     WIDE + 1);
    }
    cr_assert_eq(used(registry), 1);
    cr_assert_eq(status_of(registry, parent), MOOR_STATUS_PENDING_INIT);
    done(registry);
}

/* --- the root ------------------------------------------------------------- */

Test(close, the_root_alone_is_not_closed)
{
    static const moor_close_scope scopes[] = {
        MOOR_CLOSE_BY_RULE, MOOR_CLOSE_CASCADE, MOOR_CLOSE_ADOPT,
        MOOR_CLOSE_REFUSE};

    for (int rule = 0; rule < MOOR_CLOSE_RULES; rule++) {
        moor_registry *registry = given_rule((moor_close_rule)rule);
        struct picture *before;

        (void)spawn(registry);
        before = picture(registry);
        for (int i = 0; i < 4; i++) {
            cr_assert_eq(
                moor_close(registry, moor_root(registry), scopes[i], NULL),
                MOOR_IS_ROOT);
        }
        unchanged(registry, before, "close of the root");
        (void)spawn(registry);
        done(registry);
    }
}

Test(close, the_roots_tree_shuts_the_registry)
{
    struct family f = family(MOOR_ADOPT);
    moor_agent root = moor_root(f.registry), agent;
    moor_closed answer = closes(f.registry, root, MOOR_CLOSE_TREE);

    cr_assert_eq(answer.previous, MOOR_STATUS_RUNNING);
    cr_assert_eq(answer.closed, 4, "the root stays");
    all_gone(&f);
    cr_assert_eq(status_of(f.registry, root), MOOR_STATUS_RUNNING);
    cr_assert(info_of(f.registry, root).fenced);
    cr_assert_eq(moor_spawn(f.registry, &(moor_spawn_options){0}, &agent, NULL),
                 MOOR_FENCED);
    cr_assert_eq(closes(f.registry, root, MOOR_CLOSE_TREE).closed, 0);
    done(f.registry);
}

/* --- late acknowledgements ------------------------------------------------ */

Test(close, whatever_a_closed_agent_still_says_is_harmless)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry), other = spawn(registry);
    struct picture *before;

    (void)closes(registry, agent, MOOR_CLOSE_BY_RULE);
    before = picture(registry);
    cr_assert_eq(moor_start(registry, agent), MOOR_STALE);
    cr_assert_eq(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "r", 1),
                 MOOR_STALE);
    cr_assert_eq(moor_interrupt(registry, agent), MOOR_STALE);
    cr_assert_eq(moor_died(registry, agent), MOOR_STALE);
    cr_assert_eq(moor_start_failed(registry, agent), MOOR_STALE);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_STALE);
    cr_assert_eq(moor_request(registry, agent, MOOR_REQUEST_SHUTDOWN),
                 MOOR_STALE);
    unchanged(registry, before, "a closed agent");
    cr_assert_eq(status_of(registry, other), MOOR_STATUS_PENDING_INIT);
    done(registry);
}
