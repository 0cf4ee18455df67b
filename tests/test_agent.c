/*
 * Three questions about a status, each against the table of statuses.
 */
#include <criterion/criterion.h>

#include "moorage/agent.h"

static const struct row {
    moor_status status;
    bool final, holds_slot, evictable;
} rows[] = {
    {MOOR_STATUS_NOT_FOUND, true, false, false},
    {MOOR_STATUS_RESERVED, false, false, false},
    {MOOR_STATUS_PENDING_INIT, false, true, false},
    {MOOR_STATUS_RUNNING, false, true, false},
    {MOOR_STATUS_INTERRUPTED, false, false, true},
    {MOOR_STATUS_COMPLETED, true, false, true},
    {MOOR_STATUS_ERRORED, true, false, true},
    {MOOR_STATUS_SHUTDOWN, true, false, true},
};

Test(agent, predicates)
{
    cr_assert_eq(sizeof rows / sizeof rows[0], (size_t)MOOR_STATUSES);
    for (int s = 0; s < MOOR_STATUSES; s++) {
        cr_assert_eq((int)rows[s].status, s);
        cr_expect_eq(moor_is_final(rows[s].status), rows[s].final, "%d", s);
        cr_expect_eq(moor_holds_slot(rows[s].status), rows[s].holds_slot, "%d",
                     s);
        cr_expect_eq(moor_is_evictable(rows[s].status), rows[s].evictable, "%d",
                     s);
    }
}

Test(agent, no_status_is_nothing)
{
    static const int values[] = {MOOR_STATUSES, -1, 1000};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        cr_expect_not(moor_is_final((moor_status)values[i]));
        cr_expect_not(moor_holds_slot((moor_status)values[i]));
        cr_expect_not(moor_is_evictable((moor_status)values[i]));
    }
}

Test(agent, handles_are_one_word_each)
{
    cr_assert_eq(sizeof(moor_agent), 8);
    cr_assert_eq(sizeof(moor_ticket), 8);
    cr_assert_eq(sizeof(moor_id), 16);
}
