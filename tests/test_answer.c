/*
 * Every answer has a name as scenario files spell it, and a text.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>

#include "moorage/moorage.h"

static const char *const errors[] = {
    "ok",           "refused",       "timed_out",     "bad_argument",
    "no_memory",    "not_found",     "stale",         "wrong_status",
    "bad_path",     "bad_id",        "path_taken",    "id_taken",
    "path_mismatch", "fenced",       "has_children",  "is_root",
    "queue_full",   "not_lent",      "not_resident",  "evicting",
    "not_evictable", "stopped",     "violated"};
static const char *const statuses[] = {
    "not_found",   "reserved",  "pending_init", "running",
    "interrupted", "completed", "errored",      "shutdown"};

Test(answer, every_error_has_its_name)
{
    cr_assert_eq(sizeof errors / sizeof errors[0], (size_t)MOOR_ERRORS);
    for (int e = 0; e < MOOR_ERRORS; e++) {
        cr_expect_str_eq(moor_error_name((moor_error)e), errors[e]);
    }
}

Test(answer, every_error_has_a_text_of_its_own)
{
    for (int e = 0; e < MOOR_ERRORS; e++) {
        const char *text = moor_error_text((moor_error)e);

        cr_assert_not_null(text);
        cr_expect_geq(strlen(text), 10, "error %d", e);
        for (int other = 0; other < e; other++) {
            cr_expect_str_neq(text, moor_error_text((moor_error)other));
        }
    }
}

Test(answer, a_value_that_is_none_is_unknown)
{
    static const int values[] = {MOOR_ERRORS, -1, INT_MAX, INT_MIN, 1000};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        cr_expect_str_eq(moor_error_name((moor_error)values[i]), "unknown");
        cr_assert_not_null(moor_error_text((moor_error)values[i]));
        cr_expect_gt(strlen(moor_error_text((moor_error)values[i])), 0);
    }
}

Test(answer, every_status_has_its_name)
{
    cr_assert_eq(sizeof statuses / sizeof statuses[0], (size_t)MOOR_STATUSES);
    for (int s = 0; s < MOOR_STATUSES; s++) {
        cr_expect_str_eq(moor_status_name((moor_status)s), statuses[s]);
    }
    cr_expect_str_eq(moor_status_name(MOOR_STATUSES), "unknown");
    cr_expect_str_eq(moor_status_name((moor_status)-1), "unknown");
}

Test(answer, limits)
{
    cr_expect_eq(MOOR_LIMITS, 5);
    cr_expect_str_eq(moor_limit_name(MOOR_LIMIT_RUNNING), "running");
    cr_expect_str_eq(moor_limit_name(MOOR_LIMIT_RESIDENT), "resident");
    cr_expect_str_eq(moor_limit_name(MOOR_LIMIT_DEPTH), "depth");
    cr_expect_str_eq(moor_limit_name(MOOR_LIMIT_CHILDREN), "children");
    cr_expect_str_eq(moor_limit_name(MOOR_LIMIT_LIFETIME), "lifetime");
    cr_expect_str_eq(moor_limit_name(MOOR_LIMITS), "unknown");
    cr_expect_str_eq(moor_limit_name((moor_limit)-1), "unknown");
}

Test(answer, release_policies)
{
    cr_expect_eq(MOOR_RELEASES, 4);
    cr_expect_str_eq(moor_release_name(MOOR_ON_COMPLETION), "on_completion");
    cr_expect_str_eq(moor_release_name(MOOR_ON_TURN_END), "on_turn_end");
    cr_expect_str_eq(moor_release_name(MOOR_ON_RESERVE), "on_reserve");
    cr_expect_str_eq(moor_release_name(MOOR_ON_CLOSE), "on_close");
    cr_expect_str_eq(moor_release_name(MOOR_RELEASES), "unknown");
    cr_expect_str_eq(moor_release_name((moor_release)-1), "unknown");
}

Test(answer, close_rules)
{
    cr_expect_eq(MOOR_CLOSE_RULES, 3);
    cr_expect_str_eq(moor_close_rule_name(MOOR_CASCADE), "cascade");
    cr_expect_str_eq(moor_close_rule_name(MOOR_ADOPT), "adopt");
    cr_expect_str_eq(moor_close_rule_name(MOOR_REFUSE), "refuse");
    cr_expect_str_eq(moor_close_rule_name(MOOR_CLOSE_RULES), "unknown");
    cr_expect_str_eq(moor_close_rule_name((moor_close_rule)-1), "unknown");
}

Test(answer, what_frees_a_holder)
{
    cr_expect_eq(MOOR_FREED_BYS, 7);
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_FINISH), "finish");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_TURN_END), "turn_end");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_CLOSE), "close");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_ABANDON), "abandon");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_EVICT), "evict");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_UNPIN), "unpin");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BY_UNLOADED), "unloaded");
    cr_expect_str_eq(moor_freed_by_name(MOOR_FREED_BYS), "unknown");
    cr_expect_str_eq(moor_freed_by_name((moor_freed_by)-1), "unknown");
}
