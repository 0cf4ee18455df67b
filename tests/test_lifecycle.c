/*
 * The life of an agent between commit and close: texts, late starts, running
 * again, requests, failed starts.
 */
#include "given.h"

/* --- results -------------------------------------------------------------- */

static moor_error finish_text(moor_registry *registry, moor_agent agent,
                              moor_status status, const char *text)
{
    return moor_finish(registry, agent, status, text, strlen(text));
}

static const moor_status finals[] = {MOOR_STATUS_COMPLETED, MOOR_STATUS_ERRORED,
                                     MOOR_STATUS_SHUTDOWN};

Test(lifecycle, each_finish_keeps_its_text)
{
    moor_registry *registry = given();

    for (int i = 0; i < 3; i++) {
        moor_agent agent = spawn(registry);

        cr_assert(result_is(registry, agent, ""));
        cr_assert_eq(finish_text(registry, agent, finals[i], "the text"),
                     MOOR_OK);
        cr_assert(result_is(registry, agent, "the text"));
        cr_assert_eq(finish_text(registry, agent, finals[i], "another"),
                     MOOR_WRONG_STATUS);
        cr_assert(result_is(registry, agent, "the text"));
    }
    done(registry);
}

Test(lifecycle, a_finish_without_text_has_none)
{
    moor_registry *registry = given();

    for (int i = 0; i < 3; i++) {
        moor_agent agent = spawn(registry);

        cr_assert_eq(finish(registry, agent, finals[i]), MOOR_OK);
        cr_assert(result_is(registry, agent, ""));
    }
    done(registry);
}

Test(lifecycle, interrupted_has_no_text_and_died_says_died)
{
    moor_registry *registry = given();
    moor_agent interrupted = spawn(registry), dead = spawn(registry);

    cr_assert_eq(moor_interrupt(registry, interrupted), MOOR_OK);
    cr_assert(result_is(registry, interrupted, ""));
    cr_assert_eq(moor_died(registry, dead), MOOR_OK);
    cr_assert(result_is(registry, dead, "died"));
    cr_assert_eq(status_of(registry, dead), MOOR_STATUS_ERRORED);
    done(registry);
}

Test(lifecycle, a_text_is_bytes_of_any_value_and_is_copied)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    char bytes[] = "a\0\xff\n";
    char got[8];
    size_t length = 0;

    cr_assert_eq(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, bytes, 4),
                 MOOR_OK);
    memset(bytes, 'x', sizeof bytes);
    cr_assert_eq(moor_result(registry, agent, got, sizeof got, &length),
                 MOOR_OK);
    cr_assert_eq(length, 4);
    cr_assert_eq(memcmp(got, "a\0\xff\n", 4), 0);
    done(registry);
}

Test(lifecycle, a_large_text_is_read_in_as_much_room_as_there_is)
{
    enum { LARGE = 100000 };
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    char *text = malloc(LARGE), *got = malloc(LARGE);
    size_t length = 0;

    cr_assert(text != NULL && got != NULL);
    for (int i = 0; i < LARGE; i++) {
        text[i] = (char)(i * 7);
    }
    cr_assert_eq(
        moor_finish(registry, agent, MOOR_STATUS_COMPLETED, text, LARGE),
        MOOR_OK);
    cr_assert_eq(moor_result(registry, agent, NULL, 0, &length), MOOR_OK);
    cr_assert_eq(length, LARGE);
    memset(got, 0x5a, LARGE);
    cr_assert_eq(moor_result(registry, agent, got, 100, &length), MOOR_OK);
    cr_assert_eq(length, LARGE, "the whole length");
    cr_assert_eq(memcmp(got, text, 100), 0);
    cr_assert_eq(got[100], 0x5a, "no more than the room");
    cr_assert_eq(moor_result(registry, agent, got, LARGE, &length), MOOR_OK);
    cr_assert_eq(memcmp(got, text, LARGE), 0);
    free(text);
    free(got);
    done(registry);
}

Test(lifecycle, bad_arguments_of_finish_change_nothing)
{
    static const int statuses[] = {MOOR_STATUS_NOT_FOUND,
                                   MOOR_STATUS_RESERVED,
                                   MOOR_STATUS_PENDING_INIT,
                                   MOOR_STATUS_RUNNING,
                                   MOOR_STATUS_INTERRUPTED,
                                   MOOR_STATUSES,
                                   -1,
                                   1000};
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    struct picture *before = picture(registry);

    for (int i = 0; i < 8; i++) {
        cr_expect_eq(finish(registry, agent, (moor_status)statuses[i]),
                     MOOR_BAD_ARGUMENT, "%d", statuses[i]);
    }
    cr_expect_eq(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 1),
                 MOOR_BAD_ARGUMENT);
    unchanged(registry, before, "a bad argument");
    done(registry);
}

/* --- late starts ---------------------------------------------------------- */

Test(lifecycle, completion_does_not_need_a_start)
{
    moor_registry *registry = given();

    for (int i = 0; i < 3; i++) {
        moor_agent agent = spawn(registry);
        struct picture *before;

        cr_assert_eq(finish_text(registry, agent, finals[i], "r"), MOOR_OK);
        before = picture(registry);
        cr_assert_eq(moor_start(registry, agent), MOOR_WRONG_STATUS);
        unchanged(registry, before, "a late start");
        cr_assert(result_is(registry, agent, "r"));
    }
    done(registry);
}

Test(lifecycle, a_late_start_does_not_start_a_second_run)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    completes(registry, agent);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(moor_start(registry, agent), MOOR_WRONG_STATUS);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_RUNNING);
    done(registry);
}

/* --- failed starts -------------------------------------------------------- */

Test(lifecycle, a_failed_start_gives_back_all_that_the_ticket_covered)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_LIFETIME, 1);
    moor_id id = {{9}};
    moor_spawn_options options = {.name = "worker", .id = &id};
    moor_stats none = stats_of(registry), stats;
    moor_agent agent, found;

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
        cr_assert_eq(moor_start_failed(registry, agent), MOOR_OK);
        cr_assert_eq(moor_start_failed(registry, agent), MOOR_STALE);
        cr_assert_eq(at_path(registry, "/root/worker").bits, 0);
        cr_assert_eq(moor_find_id(registry, &id, &found), MOOR_NOT_FOUND);
    }
    stats = stats_of(registry);
    stats.spawned = none.spawned; /* commits that succeeded */
    stats.used_most = none.used_most;
    stats.resident_most = none.resident_most;
    cr_assert_eq(memcmp(&stats, &none, sizeof none), 0);
    done(registry);
}

Test(lifecycle, a_failed_start_takes_what_is_below_with_it)
{
    moor_registry *registry = given();
    moor_agent parent = spawn(registry);
    moor_agent child = spawn_below(registry, parent, NULL), other;
    moor_agent grandchild = spawn_below(registry, child, NULL);
    moor_ticket ticket = reserve_below(registry, child, NULL);

    bring(registry, child, MOOR_STATUS_RUNNING);
    completes(registry, grandchild);
    cr_assert_eq(moor_start_failed(registry, child), MOOR_WRONG_STATUS);
    cr_assert_eq(moor_start_failed(registry, parent), MOOR_OK);
    cr_assert_eq(moor_start(registry, child), MOOR_STALE);
    cr_assert_eq(moor_start(registry, grandchild), MOOR_STALE);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &other), MOOR_STALE);
    cr_assert_eq(used(registry), 0);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_CHILDREN).used, 0);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, 3,
                 "its own spawn was none; those below were");
    done(registry);
}

/* --- the tree does not end a run ------------------------------------------ */

Test(lifecycle, ending_a_run_touches_nobody_below)
{
    moor_registry *registry = given();
    moor_agent parent = spawn(registry);
    moor_agent child = spawn_below(registry, parent, NULL);

    cr_assert_eq(moor_died(registry, parent), MOOR_OK);
    cr_assert_eq(status_of(registry, child), MOOR_STATUS_PENDING_INIT);
    completes(registry, child);
    (void)spawn_below(registry, parent, NULL); /* any agent can be a parent */
    done(registry);
}

/* --- running again -------------------------------------------------------- */

static const moor_status agains[] = {
    MOOR_STATUS_INTERRUPTED, MOOR_STATUS_COMPLETED, MOOR_STATUS_ERRORED};

Test(lifecycle, running_again_clears_the_result)
{
    moor_registry *registry = given();

    for (int i = 0; i < 3; i++) {
        moor_agent agent = spawn(registry);

        for (int run = 0; run < 3; run++) {
            if (agains[i] == MOOR_STATUS_INTERRUPTED) {
                cr_assert_eq(moor_interrupt(registry, agent), MOOR_OK);
            } else {
                cr_assert_eq(finish_text(registry, agent, agains[i], "r"),
                             MOOR_OK);
            }
            cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
            cr_assert(result_is(registry, agent, ""));
            cr_assert_eq(status_of(registry, agent), MOOR_STATUS_RUNNING);
        }
    }
    done(registry);
}

/* Where its text was kept there may be another's by now. */
Test(lifecycle, a_cleared_result_does_not_become_anothers)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry), other = spawn(registry);

    for (int i = 0; i < 5; i++) {
        cr_assert_eq(
            finish_text(registry, agent, MOOR_STATUS_COMPLETED, "mine"),
            MOOR_OK);
        cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
        cr_assert_eq(
            finish_text(registry, other, MOOR_STATUS_COMPLETED, "another's"),
            MOOR_OK);
        cr_assert(result_is(registry, agent, ""));
        cr_assert(result_is(registry, other, "another's"));
        cr_assert_eq(moor_run_again(registry, other, NULL), MOOR_OK);
        cr_assert(result_is(registry, other, ""));
    }
    done(registry);
}

Test(lifecycle, running_again_is_judged_by_running_alone)
{
    moor_registry *registry = given();
    moor_agent parent = spawn(registry);
    moor_agent agent = spawn_below(registry, parent, NULL);

    completes(registry, agent);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_DEPTH, 0), MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_CHILDREN, 0), MOOR_OK);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_LIFETIME, 0), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    completes(registry, agent);
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 1), MOOR_OK);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_REFUSED);
    completes(registry, parent);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    done(registry);
}

Test(lifecycle, a_fence_does_not_stop_it)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry), child;
    moor_spawn_options options = {.parent = agent};

    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_FENCE, NULL), MOOR_OK);
    completes(registry, agent);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert(info_of(registry, agent).fenced, "until it is closed");
    cr_assert_eq(moor_spawn(registry, &options, &child, NULL), MOOR_FENCED);
    done(registry);
}

/* An admission that is refused nothing: the limit was lowered meanwhile. */
Test(lifecycle, with_its_slot_it_runs_again_whatever_the_limit)
{
    moor_registry *registry = given_policy(MOOR_ON_CLOSE, 2);
    moor_agent agent = spawn(registry);

    (void)spawn(registry);
    completes(registry, agent);
    cr_assert_eq(used(registry), 2);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(used(registry), 2);
    cr_assert_eq(stats_of(registry).released, 1);
    done(registry);
}

Test(lifecycle, an_agent_of_another_turn_joins_the_current_one)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    cr_assert_eq(info_of(registry, agent).turn, 0);
    completes(registry, agent);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    cr_assert_eq(info_of(registry, agent).turn, 0);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(info_of(registry, agent).turn, 1);
    done(registry);
}

/* --- requests ------------------------------------------------------------- */

static moor_request_kind polled(moor_registry *registry, moor_agent agent)
{
    moor_request_kind kind = MOOR_REQUESTS;

    cr_assert_eq(moor_poll(registry, agent, &kind), MOOR_OK);
    return kind;
}

static void ask(moor_registry *registry, moor_agent agent,
                moor_request_kind kind)
{
    cr_assert_eq(moor_request(registry, agent, kind), MOOR_OK);
}

Test(lifecycle, a_request_is_a_flag_until_the_run_ends)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_NONE);
    ask(registry, agent, MOOR_REQUEST_INTERRUPT);
    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_INTERRUPT);
    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_INTERRUPT);
    cr_assert_eq(status_of(registry, agent), MOOR_STATUS_PENDING_INIT);
    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_INTERRUPT);
    completes(registry, agent);
    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_NONE);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_NONE);
    done(registry);
}

Test(lifecycle, shutdown_stays_when_both_were_asked)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry), b = spawn(registry);

    ask(registry, a, MOOR_REQUEST_INTERRUPT);
    ask(registry, a, MOOR_REQUEST_SHUTDOWN);
    cr_assert_eq(polled(registry, a), MOOR_REQUEST_SHUTDOWN);
    ask(registry, b, MOOR_REQUEST_SHUTDOWN);
    ask(registry, b, MOOR_REQUEST_INTERRUPT);
    cr_assert_eq(polled(registry, b), MOOR_REQUEST_SHUTDOWN);
    cr_assert_eq(moor_interrupt(registry, b), MOOR_OK);
    cr_assert_eq(polled(registry, b), MOOR_REQUEST_NONE);
    done(registry);
}

Test(lifecycle, requests_out_of_range)
{
    static const int kinds[] = {MOOR_REQUEST_NONE, MOOR_REQUESTS, -1, 8};
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    for (int i = 0; i < 4; i++) {
        cr_expect_eq(moor_request(registry, agent, (moor_request_kind)kinds[i]),
                     MOOR_BAD_ARGUMENT, "%d", kinds[i]);
    }
    cr_assert_eq(polled(registry, agent), MOOR_REQUEST_NONE);
    cr_assert_eq(moor_poll(registry, agent, NULL), MOOR_BAD_ARGUMENT);
    done(registry);
}
