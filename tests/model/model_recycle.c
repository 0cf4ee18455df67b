/*
 * A handle kept too long: its agent is closed and its record is used again.
 *
 * Goal    I4: what is done by the old handle or ticket is done to its own life
 *         or to nobody, never to the one that came after in the same record.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include "atomic.h"
#include "world/world.h"

static moor_agent old, new;
static moor_ticket old_ticket, new_ticket;
static moor_agent other;
static moor_error answers[MODEL_THREADS_MAX];
static moor_word finished; /* the finish by the old handle has returned */

static void make(void)
{
    world_make(6, MOOR_ON_COMPLETION);
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
    old = new = other = (moor_agent){0};
    finished = (moor_word){0};
}

static void pending(void)
{
    make();
    old = world_spawn((moor_agent){0}, "a");
}

static void idle(void)
{
    pending();
    world_finish(old);
}

static void reserved(void)
{
    make();
    old_ticket = world_reserve((moor_agent){0}, "a");
    new_ticket = (moor_ticket){0};
}

static void reserved_below(void)
{
    pending();
    old_ticket = world_reserve(old, "t");
}

static void close_and_respawn(void)
{
    answers[0] = world_close_tree(old);
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "a", &new),
                       MOOR_OK);
}

/* The next one ends its run, too. */
static void close_respawn_finish(void)
{
    close_and_respawn();
    world_expect_error("finish", world_finish(new), MOOR_OK);
}

static void abandon_and_reserve(void)
{
    const moor_spawn_options options = {.name = "b"};

    answers[0] = moor_abandon(world, old_ticket);
    world_expect_error(
        "reserve", moor_reserve(world, &options, &new_ticket, NULL), MOOR_OK);
}

/* Both records are used again: the one that was given back last comes first. */
static void close_above_and_respawn(void)
{
    close_and_respawn();
    (void)world_try_spawn((moor_agent){0}, "b", &new);
}

static void finish(void)
{
    answers[model_self()] = world_finish(old);
}

static void finish_and_say(void)
{
    finish();
    moor_store_release(&finished, 1);
}

/* Who has seen the end of the next one finds its slot free; and so that of the
 * old one when its finish has returned. */
static void watch_new(void)
{
    moor_agent next;

    model_touch(&new, false);
    next = new;
    if (next.bits != 0 && !moor_holds_slot(world_status(next)) &&
        moor_load_acquire(&finished) != 0) {
        world_expect_used(0);
    }
}

static void finish_with_text(void)
{
    answers[model_self()] =
        moor_finish(world, old, MOOR_STATUS_COMPLETED, "late", 4);
}

static void start(void)
{
    answers[model_self()] = moor_start(world, old);
}

static void request(void)
{
    answers[model_self()] = moor_request(world, old, MOOR_REQUEST_SHUTDOWN);
}

static void run_again(void)
{
    answers[model_self()] = moor_run_again(world, old, NULL);
}

static void close_old(void)
{
    answers[model_self()] = world_close_tree(old);
}

static void spawn_below_old(void)
{
    answers[model_self()] = world_try_spawn(old, "x", &other);
}

static void commit(void)
{
    answers[model_self()] = moor_commit(world, old_ticket, NULL, NULL, &other);
}

static void commit_with_id(void)
{
    static const moor_id id = {{7}};

    answers[model_self()] = moor_commit(world, old_ticket, &id, NULL, &other);
}

/* --- verdicts ------------------------------------------------------------ */

static void expect_untouched(void)
{
    moor_request_kind asked = MOOR_REQUEST_NONE;
    moor_capacity below;
    char text[8];
    size_t length = 0;

    world_expect_status(new, MOOR_STATUS_PENDING_INIT);
    moor_poll(world, new, &asked);
    moor_result(world, new, text, sizeof text, &length);
    moor_capacity_of(world, new, &below);
    if (asked != MOOR_REQUEST_NONE || length != 0 ||
        below.of[MOOR_LIMIT_CHILDREN].used != 0 || below.would != MOOR_OK) {
        model_fail("I4: something was done to the next life");
    }
}

/* Thread 0 closed and spawned; the others did what they did by the old
 * handle. */
static void judge(void)
{
    for (int i = 1; i < MODEL_THREADS_MAX; i++) {
        moor_error error = answers[i];
        if (error != MOOR_ERRORS && error != MOOR_OK &&
            error != MOOR_WRONG_STATUS && error != MOOR_FENCED) {
            world_expect_error("by the old handle", error, MOOR_STALE);
        }
    }
    world_expect_error("a late finish", world_finish(old), MOOR_STALE);
    world_expect_status(other, MOOR_STATUS_NOT_FOUND);
    expect_untouched();
    world_expect_used(1);
    world_end();
}

static void judge_finished(void)
{
    world_expect_status(new, MOOR_STATUS_COMPLETED);
    world_expect_used(0);
    world_end();
}

/* Of the two that close, one was the first. */
static void judge_closed(void)
{
    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("I7: closes answer %s and %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    judge();
}

static void judge_ticket(void)
{
    moor_info info;

    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("I3: abandon %s, commit %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    world_expect_error("the new ticket",
                       moor_ticket_info(world, new_ticket, &info), MOOR_OK);
    WORLD_EXPECT(info.status == MOOR_STATUS_RESERVED);
    world_expect_used(1 + (uint64_t)(answers[1] == MOOR_OK));
    world_end();
}

/* Whoever has the ticket's record now is found by its own id (I10). */
static void judge_closed_ticket(void)
{
    world_expect_error("close", answers[0], MOOR_OK);
    if (answers[1] != MOOR_OK && answers[1] != MOOR_FENCED) {
        world_expect_error("commit", answers[1], MOOR_STALE);
    }
    world_expect_status(other, MOOR_STATUS_NOT_FOUND);
    world_expect_used(2);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"finish_text_respawn", pending, {close_and_respawn, finish_with_text}, 2,
     judge, 0},
    {"finish_respawn_finish", pending,
     {close_respawn_finish, finish_and_say, watch_new}, 3, judge_finished, 0},
    {"start_respawn", pending, {close_and_respawn, start}, 2, judge, 0},
    {"finish_request_respawn", pending, {close_and_respawn, finish, request}, 3,
     judge, 0},
    {"run_again_respawn", idle, {close_and_respawn, run_again}, 2, judge, 0},
    {"close_respawn", pending, {close_and_respawn, close_old}, 2,
     judge_closed, 0},
    {"spawn_below_respawn", pending, {close_and_respawn, spawn_below_old}, 2,
     judge, 3},
    {"commit_reserve", reserved, {abandon_and_reserve, commit}, 2,
     judge_ticket, 0},
    {"commit_id_reserve", reserved, {abandon_and_reserve, commit_with_id}, 2,
     judge_ticket, 0},
    {"commit_id_respawn", reserved_below,
     {close_above_and_respawn, commit_with_id}, 2, judge_closed_ticket, 2},
};
/* clang-format on */

WORLD_MAIN(cases)
