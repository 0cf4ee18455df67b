/*
 * Completion events: what gives one, to whose queue, and who reads it.
 */
#include "told.h"

Test(events, only_where_they_are_kept)
{
    size_t count;
    int fd;

    registry = given();
    cr_assert_eq(moor_events(registry, nobody, events, MOST, &count),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_events_fd(registry, &fd), MOOR_BAD_ARGUMENT);
    done(registry);
}

Test(events, bad_arguments)
{
    size_t count = 9;
    int fd;

    plain();
    cr_assert_eq(moor_events(NULL, nobody, events, MOST, &count),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_events(registry, nobody, NULL, 1, &count),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_events(registry, nobody, events, MOST, NULL),
                 MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_events_fd(NULL, &fd), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_events_fd(registry, NULL), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_events(registry, nobody, NULL, 0, &count), MOOR_OK);
    cr_assert_eq(count, 0);
    done(registry);
}

Test(events, of_nobody)
{
    moor_agent agent;
    size_t count;

    plain();
    agent = spawn(registry);
    cr_assert_eq(moor_events(registry, (moor_agent){agent.bits + 1}, events,
                             MOST, &count),
                 MOOR_NOT_FOUND);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    cr_assert_eq(moor_events(registry, agent, events, MOST, &count),
                 MOOR_STALE);
    all_free();
}

Test(events, each_way_to_end)
{
    for (int s = MOOR_STATUS_INTERRUPTED; s <= MOOR_STATUS_SHUTDOWN; s++) {
        for (int release = 0; release < MOOR_RELEASES; release++) {
            moor_agent agent;

            make((moor_release)release, MOOR_CASCADE);
            agent = spawn(registry);
            bring(registry, agent, (moor_status)s);
            holds_just(nobody, agent, (moor_status)s);
            all_free();
        }
    }
}

Test(events, died_and_the_end_of_a_turn)
{
    moor_agent agent, other;

    plain();
    agent = spawn(registry);
    other = spawn(registry);
    cr_assert_eq(moor_died(registry, agent), MOOR_OK);
    holds_just(nobody, agent, MOOR_STATUS_ERRORED);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_SHUTDOWN, NULL), MOOR_OK);
    holds_just(nobody, other, MOOR_STATUS_SHUTDOWN);
    all_free();
}

Test(events, a_close_ends_a_live_one_only)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_agent live, idle;

        make((moor_release)release, MOOR_CASCADE);
        live = spawn(registry);
        idle = spawn(registry);
        completes(registry, idle);
        holds_just(nobody, idle, MOOR_STATUS_COMPLETED);
        cr_assert_eq(close_it(registry, live), MOOR_OK);
        cr_assert_eq(close_it(registry, idle), MOOR_OK);
        holds_just(nobody, live, MOOR_STATUS_SHUTDOWN);
        all_free();
    }
}

Test(events, not_of_tickets_and_failed_starts)
{
    moor_agent agent;

    plain();
    cr_assert_eq(moor_abandon(registry, reserve(registry)), MOOR_OK);
    agent = spawn(registry);
    (void)spawn_below(registry, agent, "below");
    cr_assert_eq(moor_start_failed(registry, agent), MOOR_OK);
    is_empty(nobody);
    all_free();
}

Test(events, an_id_outlives_its_agent)
{
    moor_agent agent;
    moor_id id;

    plain();
    agent = spawn(registry);
    id = info_of(registry, agent).id;
    completes(registry, agent);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    for (int i = 0; i < 20; i++) { /* who would use the record again */
        (void)spawn(registry);
    }
    holds_just(nobody, agent, MOOR_STATUS_COMPLETED);
    cr_assert_arr_eq(events[0].id.bytes, id.bytes, sizeof id.bytes);
    all_free();
}

Test(events, first_in_first_out)
{
    moor_agent agents[10];

    plain();
    for (int i = 0; i < 10; i++) {
        agents[i] = spawn(registry);
        completes(registry, agents[i]);
        if (i == 4) {
            cr_assert_eq(reads(nobody, 2), 2);
            cr_assert_eq(events[0].agent.bits, agents[0].bits);
            cr_assert_eq(events[1].agent.bits, agents[1].bits);
        }
    }
    cr_assert_eq(reads(nobody, MOST), 8);
    for (int i = 2; i < 10; i++) {
        cr_assert_eq(events[i - 2].agent.bits, agents[i].bits, "%d", i);
    }
    all_free();
}

Test(events, several_of_one_agent_in_little_room)
{
    moor_agent agent;
    size_t completed = 0, interrupted = 0;

    plain();
    agent = spawn(registry);
    for (int i = 0; i < 7; i++) {
        bring(registry, agent,
              i < 3 ? MOOR_STATUS_INTERRUPTED : MOOR_STATUS_COMPLETED);
        cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    }
    for (int i = 0; i < 4; i++) {
        size_t count = reads(nobody, 2);

        cr_assert_eq(count, i < 3 ? 2 : 1);
        completed += events_of(agent, MOOR_STATUS_COMPLETED, count);
        interrupted += events_of(agent, MOOR_STATUS_INTERRUPTED, count);
    }
    is_empty(nobody);
    cr_assert_eq(completed, 4);
    cr_assert_eq(interrupted, 3);
    all_free();
}

Test(events, to_the_parent_of_the_moment)
{
    moor_agent p, q, r;

    make(MOOR_ON_COMPLETION, MOOR_ADOPT);
    p = spawn_below(registry, nobody, "p");
    q = spawn_below(registry, p, "q");
    r = spawn_below(registry, q, "r");
    completes(registry, r); /* unread, and gone with q */
    cr_assert_eq(moor_run_again(registry, r, NULL), MOOR_OK);
    cr_assert_eq(close_it(registry, q), MOOR_OK);
    holds_just(p, q, MOOR_STATUS_SHUTDOWN);
    completes(registry, r);
    is_empty(nobody);
    holds_just(p, r, MOOR_STATUS_COMPLETED);
    cr_assert_eq(moor_run_again(registry, r, NULL), MOOR_OK);
    cr_assert_eq(close_it(registry, p), MOOR_OK);
    holds_just(nobody, p, MOOR_STATUS_SHUTDOWN);
    cr_assert_eq(close_it(registry, r), MOOR_OK);
    holds_just(nobody, r, MOOR_STATUS_SHUTDOWN);
    all_free();
}

/* One that has ended so almost as often as can be, and nobody has read it. */
static moor_agent nearly_full(moor_status status)
{
    const enum word_phase idle = (enum word_phase)(
        WORD_INTERRUPTED + (status - MOOR_STATUS_INTERRUPTED));
    moor_agent agent = spawn(registry);
    struct annex *annex = (struct annex *)arena_at(
        &registry->annexes, life_index(agent.bits), sizeof *annex);

    bring(registry, agent, status);
    (void)moor_add_relaxed(&annex->unread, (ENDS_ENOUGH - 2) * ends_one(idle));
    return agent;
}

static void fills(moor_status status)
{
    moor_agent agent;
    uint64_t read;

    plain();
    agent = nearly_full(status);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    bring(registry, agent, status);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_NO_MEMORY);
    cr_assert_eq(used(registry), 0);
    read = reads(nobody, 1);
    cr_assert_eq(moor_run_again(registry, agent, NULL), MOOR_OK);
    cr_assert_eq(moor_died(registry, agent), MOOR_OK);
    for (size_t count; (count = reads(nobody, MOST)) > 0;) {
        read += count;
    }
    cr_assert_eq(read, ENDS_ENOUGH + 1);
    all_free();
}

Test(events, a_count_that_is_full_lets_nobody_run_again)
{
    for (int s = MOOR_STATUS_INTERRUPTED; s < MOOR_STATUS_SHUTDOWN; s++) {
        fills((moor_status)s);
    }
}

/* --- recovery ------------------------------------------------------------- */

/* What a killed thread leaves between the steps of an end. */
static void forge_ending(moor_agent agent, bool told)
{
    moor_word *state = &books_record(registry, agent.bits)->state;
    struct annex *annex = (struct annex *)arena_at(
        &registry->annexes, life_index(agent.bits), sizeof *annex);
    uint64_t ends = moor_load_relaxed(&annex->unread);

    moor_store_relaxed(
        state, word_ended(moor_load_relaxed(state), WORD_COMPLETED, 0, true) |
                   ends_mark(ends));
    if (told) {
        moor_store_relaxed(&annex->unread,
                           ends_only(ends ^ ENDS_ODD, 0, WORD_COMPLETED));
    }
}

Test(events, recovery_tells_of_what_was_not_told)
{
    for (int told = 0; told < 2; told++) {
        moor_agent agent, other;

        plain();
        agent = spawn(registry);
        other = spawn(registry);
        completes(registry, other);
        forge_ending(agent, told != 0);
        cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
        cr_assert_eq(reads(nobody, MOST), 2);
        cr_assert_eq(events_of(agent, MOOR_STATUS_COMPLETED, 2), 1);
        cr_assert_eq(events_of(other, MOOR_STATUS_COMPLETED, 2), 1);
        is_empty(nobody);
        all_free();
    }
}

Test(events, recovery_keeps_and_drops_queues)
{
    moor_agent p, q, r;

    make(MOOR_ON_COMPLETION, MOOR_ADOPT);
    p = spawn_below(registry, nobody, "p");
    q = spawn_below(registry, p, "q");
    r = spawn_below(registry, p, "r");
    completes(registry, q);
    completes(registry, r);
    cr_assert_eq(close_it(registry, q), MOOR_OK);
    cr_assert_eq(moor_recover(registry, NULL), MOOR_OK);
    cr_assert_eq(reads(p, MOST), 2);
    cr_assert_eq(events_of(q, MOOR_STATUS_COMPLETED, 2), 1);
    cr_assert_eq(events_of(r, MOOR_STATUS_COMPLETED, 2), 1);
    all_free();
}
