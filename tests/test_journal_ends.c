/*
 * The journal: who has left, and what is recovered of it.
 */
#include "journaled.h"

#include "books.h"

/* --- who has left --------------------------------------------------------- */

/* A second thread may have read what the first one is done with. */
Test(journal_ends, done_is_done_once)
{
    moor_registry *registry = given_journal();
    moor_agent agent = spawned(registry, nobody, "a");
    moor_changed left, taken[4];
    moor_agent next;

    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    left = taken[0];
    (void)read_done(registry, &left);
    cr_assert_eq(moor_change_done(registry, &left), MOOR_OK);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 0);
    next = spawned(registry, nobody, "b");
    cr_assert_eq(life_index(next.bits), life_index(agent.bits));
    cr_assert_eq(moor_close(registry, next, MOOR_CLOSE_BY_RULE, NULL), MOOR_OK);
    cr_assert_eq(moor_change_done(registry, &left), MOOR_OK);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 1);
    cr_assert_eq(take(registry, taken, 4), 1);
    (void)read_done(registry, &taken[0]);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 0);
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    moor_destroy(registry);
}

/* One that is there still, said to be closed; one that left and is held by a
 * child, without being kept. */
Test(journal_ends, done_with_one_that_is_not_kept)
{
    moor_registry *registry = given_journal();
    moor_agent parent = spawned(registry, nobody, "p");
    moor_agent child = spawned(registry, parent, "c");
    moor_changed said = {.agent = parent, .closed = true}, taken[4];
    moor_change change;

    cr_assert_eq(moor_change_done(registry, &said), MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 2);
    cr_assert_eq(moor_close(registry, parent, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    cr_assert_eq(moor_change_done(registry, &said), MOOR_OK);
    cr_assert_eq(moor_change_done(registry, &said), MOOR_OK);
    cr_assert_eq(moor_change_read(registry, child, &change, NULL, 0), MOOR_OK);
    cr_assert_eq(change.info.parent.bits, moor_root(registry).bits);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 0);
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    moor_destroy(registry);
}

Test(journal_ends, read_of_one_that_never_was)
{
    moor_registry *registry = given_journal();
    moor_change change;
    moor_agent never = {spawned(registry, nobody, "a").bits + 100000};

    cr_assert_eq(moor_change_read(registry, never, &change, NULL, 0),
                 MOOR_NOT_FOUND);
    cr_assert_eq(moor_change_done(
                     registry, &(moor_changed){.agent = never, .closed = true}),
                 MOOR_OK);
    moor_destroy(registry);
}

/* A handle without a generation, of a record that nobody had yet. */
Test(journal_ends, a_record_that_was_never_used)
{
    moor_registry *registry = given_journal();
    uint32_t index = life_index(spawned(registry, nobody, "a").bits);
    moor_changed said = {.agent = {index + 1}, .closed = true};
    moor_change change;

    cr_assert_eq(moor_change_read(registry, said.agent, &change, NULL, 0),
                 MOOR_STALE);
    cr_assert_eq(moor_change_done(registry, &said), MOOR_OK);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 0);
    moor_destroy(registry);
}

/* --- recovery ------------------------------------------------------------- */

/* Nothing was ever spawned. */
Test(journal_ends, is_recovered_empty)
{
    moor_registry *registry = given_journal();
    moor_changed taken[1];
    size_t count;
    bool behind;

    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_journal_wait(registry, 0), MOOR_OK);
    cr_assert_eq(moor_changes(registry, taken, 1, &count, &behind), MOOR_OK);
    cr_assert(behind && count == 0);
    moor_destroy(registry);
}

/* What a killed taker had in hand is given once more, and let go once. */
Test(journal_ends, who_was_in_hand_is_recovered)
{
    moor_registry *registry = given_journal();
    moor_agent agent = spawned(registry, nobody, "a"), next;
    moor_changed taken[4];
    moor_change change;
    size_t count;
    bool behind;

    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(take(registry, taken, 4), 1);
    moor_store_relaxed(&registry->journal->kept, 77);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 1);
    cr_assert_eq(moor_changes(registry, taken, 4, &count, &behind), MOOR_OK);
    cr_assert_eq(count, 1);
    cr_assert_eq(taken[0].agent.bits, agent.bits);
    cr_assert(read_done(registry, &taken[0]).closed);
    cr_assert_eq(moor_load_relaxed(&registry->journal->kept), 0);
    cr_assert_eq(moor_change_read(registry, agent, &change, NULL, 0),
                 MOOR_STALE);
    next = spawned(registry, nobody, "b");
    cr_assert_eq(life_index(next.bits), life_index(agent.bits));
    moor_destroy(registry);
}

/* A closed agent that is noted is held by its note, also after a recovery. */
Test(journal_ends, is_recovered)
{
    moor_registry *registry = given_journal();
    moor_changed found[4];
    moor_changed taken[4];
    moor_agent agent = spawned(registry, nobody, "a");
    moor_agent other = spawned(registry, nobody, "b");
    size_t count;
    bool behind;

    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL),
                 MOOR_OK);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    cr_assert_eq(moor_changes(registry, found, 4, &count, &behind), MOOR_OK);
    cr_assert(behind);
    cr_assert_eq(count, 2);
    for (size_t i = 0; i < count; i++) {
        moor_change change = read_done(registry, &found[i]);

        cr_assert_eq(change.closed, found[i].agent.bits == agent.bits);
    }
    cr_assert_eq(take(registry, taken, 4), 0);
    completes(registry, other);
    cr_assert_eq(take(registry, taken, 4), 1);
    (void)read_done(registry, &taken[0]);
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_OK);
    moor_destroy(registry);
}
