/*
 * Completion events: the counts of ends, the queues, and who reads them.
 *
 * Goal    Each run gives one event, to one reader, from the queue of the parent
 *         of its end: none is lost, none comes twice.  Who has the event finds
 *         the status and the slot, who has seen the status finds the event.  A
 *         queue goes with its owner, and what it held is used again.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 * See     model_events_up: owners that are closed by adoption.
 *
 *   root - a, b, c    or    root - p - a
 */
#include <string.h>

#include "books.h"
#include "world/world.h"

enum { MOST = 8 };

static moor_agent root, p, a, b, c;
static moor_error answers[MODEL_THREADS_MAX];
static struct unread_queue {
    moor_event events[MOST];
    size_t count;
} read_by[MODEL_THREADS_MAX + 1]; /* the last: what was left over */
static uint64_t died;             /* how often a did */

static void make(moor_release release, moor_close_rule rule)
{
    moor_config config;

    moor_config_default(&config);
    config.release = release;
    config.close_rule = rule;
    config.events = true;
    world_make_with(&config);
    root = moor_root(world);
    memset(read_by, 0, sizeof read_by);
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
    died = 0;
}

static void three_below_root(void)
{
    make(MOOR_ON_COMPLETION, MOOR_CASCADE);
    a = world_spawn(root, "a");
    b = world_spawn(root, "b");
    c = world_spawn(root, "c");
}

static void one(void)
{
    make(MOOR_ON_COMPLETION, MOOR_CASCADE);
    a = world_spawn(root, "a");
}

static void one_unread(void)
{
    one();
    world_expect_error("finish", world_finish(a), MOOR_OK);
}

static void one_dead(void)
{
    one();
    world_expect_error("died", moor_died(world, a), MOOR_OK);
}

static void one_keeps_slot(void)
{
    make(MOOR_ON_TURN_END, MOOR_CASCADE);
    a = world_spawn(root, "a");
}

static void two_unread(void)
{
    three_below_root();
    world_expect_error("finish", world_finish(a), MOOR_OK);
    world_expect_error("finish", world_finish(b), MOOR_OK);
}

static void below_p(void)
{
    make(MOOR_ON_COMPLETION, MOOR_ADOPT);
    p = world_spawn(root, "p");
    a = world_spawn(p, "a");
}

/* Its first end is told to p, and it runs again. */
static void below_p_unread(void)
{
    below_p();
    world_expect_error("finish", world_finish(a), MOOR_OK);
    world_expect_error("again", moor_run_again(world, a, NULL), MOOR_OK);
}

static size_t read_into(struct unread_queue *queue, moor_agent owner,
                        size_t room)
{
    size_t count = 0;
    moor_error error =
        moor_events(world, owner, queue->events + queue->count, room, &count);

    if (error != MOOR_OK) world_expect_error("events", error, MOOR_STALE);
    queue->count += count;
    return count;
}

/* Below p, which is idle, and nothing of which is unread. */
static void below_p_that_is_idle(void)
{
    below_p();
    world_expect_error("finish", world_finish(p), MOOR_OK);
    (void)read_into(&read_by[MODEL_THREADS_MAX], root, MOST);
}

static void below_p_keeps_slot(void)
{
    make(MOOR_ON_TURN_END, MOOR_ADOPT);
    p = world_spawn(root, "p");
    a = world_spawn(p, "a");
}

static uint64_t events_of(moor_agent agent, moor_status status)
{
    uint64_t count = 0;

    for (int i = 0; i <= MODEL_THREADS_MAX; i++) {
        for (size_t j = 0; j < read_by[i].count; j++) {
            const moor_event *event = &read_by[i].events[j];
            count += event->agent.bits == agent.bits &&
                     (event->status == status || status == MOOR_STATUSES);
        }
    }
    return count;
}

static void finish_a(void)
{
    answers[model_self()] = world_finish(a);
}

static void finish_b(void)
{
    answers[model_self()] = world_finish(b);
}

static void finish_c(void)
{
    answers[model_self()] = world_finish(c);
}

static void again(void)
{
    answers[model_self()] = moor_run_again(world, a, NULL);
    if (answers[model_self()] == MOOR_OK) finish_a();
}

static void again_and_die(void)
{
    if (moor_run_again(world, a, NULL) == MOOR_OK)
        died += moor_died(world, a) == MOOR_OK;
}

static void again_and_die_twice(void)
{
    again_and_die();
    again_and_die();
}

static void close_a(void)
{
    answers[model_self()] = moor_close(world, a, MOOR_CLOSE_TREE, NULL);
}

static void fail_start(void)
{
    answers[model_self()] = moor_start_failed(world, a);
}

static void close_p(void)
{
    answers[model_self()] = moor_close(world, p, MOOR_CLOSE_TREE, NULL);
}

static void adopt_p(void)
{
    answers[model_self()] = moor_close(world, p, MOOR_CLOSE_ADOPT, NULL);
}

static void close_and_spawn(void)
{
    moor_agent x;

    close_a();
    (void)world_try_spawn(root, "x", &x);
}

static void adopt_then_finish(void)
{
    adopt_p();
    finish_a();
}

static void adopt_then_again(void)
{
    adopt_p();
    again();
}

static void read_root(void)
{
    (void)read_into(&read_by[model_self()], root, 4);
}

static void read_one(void)
{
    (void)read_into(&read_by[model_self()], root, 1);
}

static void read_p(void)
{
    (void)read_into(&read_by[model_self()], p, 4);
}

/* Only finishes of a: what an event says can be seen, and its slot is free. */
static void read_and_look(void)
{
    if (read_into(&read_by[model_self()], root, 4) > 0) {
        world_expect_status(a, MOOR_STATUS_COMPLETED);
        world_expect_used(0);
        world_expect_error("again", moor_run_again(world, a, NULL), MOOR_OK);
    }
}

/* Its first end was told before. */
static void read_some(void)
{
    read_root();
    if (read_by[model_self()].count == 0) model_fail("there is no event");
}

/* Nothing else ends so, and nobody runs it again. */
static void read_errored(void)
{
    read_root();
    if (events_of(a, MOOR_STATUS_ERRORED) > 0)
        world_expect_status(a, MOOR_STATUS_ERRORED);
}

static void look_and_read(void)
{
    if (world_status(a) == MOOR_STATUS_COMPLETED) {
        if (read_into(&read_by[model_self()], root, 4) != 1)
            model_fail("seen as completed, and there is no event");
    }
}

/* --- verdicts ------------------------------------------------------------ */

static void expect_events(moor_agent agent, moor_status status, uint64_t least,
                          uint64_t most)
{
    uint64_t count = events_of(agent, status);

    if (count < least || count > most) {
        model_fail("%llu events, %s, of %llx; at least %llu, at most %llu",
                   (unsigned long long)count, moor_status_name(status),
                   (unsigned long long)agent.bits, (unsigned long long)least,
                   (unsigned long long)most);
    }
}

static void read_the_rest(void)
{
    (void)read_into(&read_by[MODEL_THREADS_MAX], root, MOST);
    if (read_into(&read_by[MODEL_THREADS_MAX], root, 1) > 0) {
        model_fail("more events than runs");
    }
}

/* Closed, its events read: nothing keeps its record any more. */
static void expect_reused(moor_agent agent)
{
    uint64_t word = moor_load_acquire(&books_record(world, agent.bits)->state);

    if (word_generation(word) == life_generation(agent.bits)) {
        model_fail("the record of %llx is kept",
                   (unsigned long long)agent.bits);
    }
}

static void close_all(void)
{
    world_expect_error("close", moor_close(world, root, MOOR_CLOSE_TREE, NULL),
                       MOOR_OK);
    read_by[MODEL_THREADS_MAX].count = 0;
    while (read_into(&read_by[MODEL_THREADS_MAX], root, MOST) > 0)
        read_by[MODEL_THREADS_MAX].count = 0;
    for (uint32_t i = 1; i < books_end(world); i++) {
        uint64_t word =
            moor_load_acquire(&record_at(&world->records, i)->state);
        if (word_phase(word) != WORD_FREE) model_fail("record %u is kept", i);
    }
    world_end();
}

static uint64_t finished(void)
{
    uint64_t count = 0;

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        count += answers[i] == MOOR_OK;
    return count;
}

/* What overlaps the close of p may go with it. */
static void judge_late(void)
{
    read_the_rest();
    expect_events(p, MOOR_STATUS_SHUTDOWN, 1, 1);
    expect_events(a, MOOR_STATUS_COMPLETED, answers[1] == MOOR_OK, 2);
    close_all();
}

static void judge_reader_late(void)
{
    read_the_rest();
    expect_reused(p);
    close_all();
}

static void judge_closed_late(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUSES, 0, 1);
    expect_reused(a);
    close_all();
}

/* a ended once, by whoever did. */
static void judge_one(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUSES, 1, 1);
    close_all();
}

static void judge_completed(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUS_COMPLETED, 1, 1);
    close_all();
}

/* a and b were ended by calls of their own, c if thread 0 did. */
static void judge_all(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUS_COMPLETED, 1, 1);
    expect_events(b, MOOR_STATUS_COMPLETED, 1, 1);
    expect_events(c, MOOR_STATUSES, answers[0] == MOOR_OK,
                  answers[0] == MOOR_OK);
    close_all();
}

/* An end from before, and as many as threads that ran it again. */
static void judge_again(void)
{
    uint64_t ends = 1 + finished();

    read_the_rest();
    expect_events(a, MOOR_STATUS_COMPLETED, ends, ends);
    close_all();
}

static void judge_ends(void)
{
    uint64_t ends = finished();

    read_the_rest();
    expect_events(a, MOOR_STATUS_COMPLETED, ends, ends);
    close_all();
}

/* One end, and those that it died of. */
static void judge_died(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUSES, 1 + died, 1 + died);
    expect_events(a, MOOR_STATUS_ERRORED, died, 1 + died);
    close_all();
}

static void judge_closed(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUSES, 1, 1);
    expect_reused(a);
    close_all();
}

/* Thread 0 failed its start, or somebody else ended it: who did so tells. */
static void judge_failed(void)
{
    read_the_rest();
    expect_events(a, MOOR_STATUSES, answers[0] != MOOR_OK,
                  answers[0] != MOOR_OK);
    close_all();
}

/* The queue of p went with it: none of its events comes to the root. */
static void judge_owner_closed(void)
{
    read_the_rest();
    expect_events(p, MOOR_STATUS_SHUTDOWN, 1, 1);
    expect_events(a, MOOR_STATUS_COMPLETED, 0, 1);
    expect_events(a, MOOR_STATUS_SHUTDOWN, 0, 1);
    expect_reused(a);
    expect_reused(p);
    close_all();
}

static void judge_overlap(void)
{
    read_the_rest();
    expect_events(p, MOOR_STATUS_SHUTDOWN, 1, 1);
    expect_events(a, MOOR_STATUS_COMPLETED, 0, 1);
    close_all();
}

/* One end before, told to p; one after p had left.  The first comes up, too, if
 * a reader had it in hand: but not what that reader was handed. */
static void judge_moved(void)
{
    read_the_rest();
    expect_events(p, MOOR_STATUS_SHUTDOWN, 1, 1);
    expect_events(a, MOOR_STATUSES, 1, 2);
    if (read_by[MODEL_THREADS_MAX].count < 2) model_fail("the later is lost");
    close_all();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish_read", one, {finish_a, read_root}, 2, judge_completed, 0},
    {"read_and_look", one, {finish_a, read_and_look}, 2, judge_completed, 0},
    {"look_and_read", one, {finish_a, look_and_read}, 2, judge_completed, 0},
    {"two_children", three_below_root, {read_root, finish_a, finish_b}, 3,
     judge_all, 2},
    {"two_readers", two_unread, {finish_c, read_root, read_one}, 3, judge_all,
     2},
    {"again_reader", one_unread, {again, read_root}, 2, judge_again, 0},
    {"again_two_readers", one_unread, {again, read_root, read_one}, 3,
     judge_again, 2},
    {"again_keeps_slot", one_keeps_slot, {finish_a, again, read_root}, 3,
     judge_ends, 2},
    {"again_and_die_late", one_keeps_slot,
     {finish_a, again_and_die, read_errored}, 3, judge_died, 2},
    {"again_and_die_twice", one_unread, {again_and_die_twice, read_some}, 2,
     judge_died, 2},
    {"dead_and_again", one_dead, {again_and_die_twice, read_some}, 2,
     judge_died, 2},
    {"finish_close", one, {finish_a, close_a}, 2, judge_closed, 2},
    {"finish_close_read", one, {finish_a, close_a, read_root}, 3, judge_closed,
     2},
    {"close_close", one, {close_a, close_a, read_root}, 3, judge_closed, 2},
    {"start_failed_close", one, {fail_start, close_a}, 2, judge_failed, 2},
    {"start_failed_finish", one, {fail_start, finish_a, read_root}, 3,
     judge_failed, 2},
    {"close_reuse", one_unread, {close_and_spawn, read_root}, 2, judge_one, 2},
    {"finish_close_owner", below_p, {finish_a, close_p}, 2, judge_owner_closed,
     2},
    {"read_close_owner", below_p_unread, {read_p, close_p}, 2,
     judge_owner_closed, 2},
    {"finish_adopt", below_p, {finish_a, adopt_p}, 2, judge_overlap, 2},
    {"read_closed_owner", below_p_that_is_idle, {read_p, close_p}, 2,
     judge_reader_late, 2},
    {"finish_adopt_again", below_p_keeps_slot, {finish_a, adopt_then_again}, 2,
     judge_late, 3},
    {"finish_adopt_close", below_p, {finish_a, adopt_p, close_a}, 3,
     judge_closed_late, 3},
    {"adopt_finish_read", below_p_unread, {adopt_then_finish, read_p}, 2,
     judge_moved, 2},
    {"adopt_twice_finish", below_p_unread, {adopt_then_finish, adopt_p, read_p},
     3, judge_moved, 1},
};
/* clang-format on */

WORLD_MAIN(cases)
