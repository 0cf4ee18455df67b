/*
 * One ticket, and all that can end it: commit, abandon, a close above it.
 *
 * Goal    I3: a ticket ends exactly once; either an agent is there with all
 *         that the ticket covered, or everything was given back.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include <string.h>

#include "atomic.h"
#include "world/world.h"

static moor_agent parent;
static moor_ticket tickets[2];
static moor_agent agents[MODEL_THREADS_MAX];
static moor_error answers[MODEL_THREADS_MAX];
static moor_closed closed;
static const moor_id id = {{7}};
static moor_word fenced; /* the fence is set */
static bool began_after;

static void make_below(moor_agent above)
{
    parent = above;
    tickets[0] = world_reserve(parent, "t");
    memset(agents, 0, sizeof agents);
    memset(&closed, 0, sizeof closed);
    fenced = (moor_word){0};
    began_after = false;
    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        answers[i] = MOOR_ERRORS;
}

static void make(void)
{
    world_make(6, MOOR_ON_COMPLETION);
    make_below(world_spawn((moor_agent){0}, "p"));
}

static void make_two(void)
{
    make();
    tickets[1] = world_reserve(parent, "u");
}

static void commit_ticket(moor_ticket ticket, const moor_id *wanted,
                          const char *path)
{
    int self = model_self();

    answers[self] = moor_commit(world, ticket, wanted, path, &agents[self]);
}

static void commit(void)
{
    commit_ticket(tickets[0], NULL, NULL);
}

static void commit_with_id(void)
{
    commit_ticket(tickets[0], &id, NULL);
}

static void commit_other_with_id(void)
{
    commit_ticket(tickets[1], &id, NULL);
}

static void commit_other_path(void)
{
    commit_ticket(tickets[0], NULL, "/root/p/x");
}

static void abandon(void)
{
    answers[model_self()] = moor_abandon(world, tickets[0]);
}

static void close_above(void)
{
    answers[model_self()] = moor_close(world, parent, MOOR_CLOSE_TREE, &closed);
}

static void adopt(void)
{
    answers[model_self()] =
        moor_close(world, parent, MOOR_CLOSE_ADOPT, &closed);
}

static void nothing(void)
{
}

/* A fence without a close. */
static void fence_above(void)
{
    (void)moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
    moor_store_release(&fenced, 1);
}

static void commit_after(void)
{
    began_after = moor_load_acquire(&fenced) != 0;
    commit();
}

static void find(void)
{
    moor_agent found = {0};

    if (moor_find_path(world, (moor_agent){0}, "/root/p/t", &found) ==
        MOOR_OK) {
        WORLD_EXPECT(found.bits == tickets[0].bits);
    }
    if (moor_find_id(world, &id, &found) == MOOR_OK) {
        WORLD_EXPECT(found.bits == tickets[0].bits);
    }
}

/* --- verdicts ------------------------------------------------------------ */

/* Of the threads 0 and 1 one ended the ticket, or a close did. */
static void judge_once(bool close)
{
    int ended = 0;

    for (int i = 0; i < 2; i++) {
        if (answers[i] == MOOR_OK) {
            ended++;
        } else if (answers[i] != MOOR_ERRORS && answers[i] != MOOR_FENCED) {
            world_expect_error("the loser", answers[i], MOOR_STALE);
        } else if (answers[i] == MOOR_FENCED) {
            ended++; /* by its failed commit */
        }
    }
    if (ended > 1 || (ended == 0 && !close)) {
        model_fail("I3: the ticket ended %d times", ended);
    }
}

/* The one that is committed is there with everything; else nothing is. */
static void judge_rest(moor_agent agent)
{
    moor_capacity below;
    bool there = world_status(agent) == MOOR_STATUS_PENDING_INIT;

    world_expect_used(1 + (uint64_t)there);
    WORLD_EXPECT(world_path_owner("/root/p/t") == (there ? agent.bits : 0));
    moor_capacity_of(world, parent, &below);
    WORLD_EXPECT(below.of[MOOR_LIMIT_CHILDREN].used == (uint64_t)there);
    WORLD_EXPECT(below.of[MOOR_LIMIT_LIFETIME].used == 1 + (uint64_t)there);
    world_end();
}

static void judge_commit_abandon(void)
{
    judge_once(false);
    if (answers[0] == MOOR_OK) {
        world_expect_status(agents[0], MOOR_STATUS_PENDING_INIT);
    }
    judge_rest(agents[0]);
}

/* Thread 0 set a fence. */
static void judge_fenced(void)
{
    if (answers[1] == MOOR_OK) {
        if (began_after) model_fail("I8: committed behind the fence");
    } else {
        world_expect_error("commit", answers[1], MOOR_FENCED);
    }
    judge_rest(agents[1]);
}

static void judge_two_commits(void)
{
    moor_agent agent = answers[0] == MOOR_OK ? agents[0] : agents[1];

    judge_once(false);
    world_expect_status(agent, MOOR_STATUS_PENDING_INIT);
    judge_rest(agent);
}

/* Nothing is below the parent, nor is the parent there. */
static void judge_gone(void)
{
    moor_agent found;
    moor_stats stats;

    world_expect_error("close", answers[2], MOOR_OK);
    world_expect_status(parent, MOOR_STATUS_NOT_FOUND);
    for (int i = 0; i < 2; i++)
        world_expect_status(agents[i], MOOR_STATUS_NOT_FOUND);
    world_expect_used(0);
    WORLD_EXPECT(world_path_owner("/root/p/t") == 0);
    WORLD_EXPECT(moor_find_id(world, &id, &found) == MOOR_NOT_FOUND);
    moor_stats_of(world, &stats);
    WORLD_EXPECT(stats.live + stats.idle + stats.tickets == 0);
    WORLD_EXPECT(stats.closed == closed.closed &&
                 stats.closed == stats.spawned);
}

static void judge_closed(void)
{
    judge_once(true);
    judge_gone();
    world_end();
}

static void judge_adopted(void)
{
    moor_info info;

    judge_once(false);
    world_expect_error("close", answers[2], MOOR_OK);
    if (answers[0] == MOOR_OK) {
        world_expect_status(agents[0], MOOR_STATUS_PENDING_INIT);
        world_expect_error("info", moor_info_of(world, agents[0], &info),
                           MOOR_OK);
        WORLD_EXPECT(info.parent.bits == moor_root(world).bits);
        world_expect_used(1);
    } else {
        WORLD_EXPECT(world_path_owner("/root/p/t") == 0);
        world_expect_used(0);
    }
    world_end();
}

/* Two tickets want one id. */
static void judge_one_id(void)
{
    moor_agent found = {0};
    int won = answers[0] == MOOR_OK ? 0 : 1;

    world_expect_error("the winner", answers[won], MOOR_OK);
    world_expect_error("the loser", answers[!won], MOOR_ID_TAKEN);
    moor_find_id(world, &id, &found);
    WORLD_EXPECT(found.bits == agents[won].bits);
    world_expect_used(2);
    world_end();
}

/* The commit under another path ends the ticket, unless the other did. */
static void judge_mismatch(void)
{
    bool mismatch = answers[0] == MOOR_PATH_MISMATCH;

    if (mismatch == (answers[1] == MOOR_OK)) {
        model_fail("I3: answers %s and %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    judge_rest(agents[1]);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"commit_abandon", make, {commit, abandon}, 2, judge_commit_abandon, 0},
    {"commit_id_abandon", make, {commit_with_id, abandon, find}, 3,
     judge_commit_abandon, 0},
    {"commit_commit_id", make, {commit_with_id, commit, find}, 3,
     judge_two_commits, 0},
    {"commit_other_path", make, {commit_other_path, commit}, 2,
     judge_mismatch, 0},
    {"one_id_two_tickets", make_two, {commit_with_id, commit_other_with_id}, 2,
     judge_one_id, 0},
    {"commit_fence", make, {fence_above, commit_after}, 2, judge_fenced, 0},
    {"commit_close", make, {commit, nothing, close_above}, 3, judge_closed, 0},
    {"commit_abandon_close", make, {commit, abandon, close_above}, 3,
     judge_closed, 0},
    {"commit_id_close", make, {commit_with_id, nothing, close_above}, 3,
     judge_closed, 0},
    {"commit_id_close_find", make, {commit_with_id, find, close_above}, 3,
     judge_closed, 3},
    {"commit_id_abandon_close", make, {commit_with_id, abandon, close_above}, 3,
     judge_closed, 3},
    {"commit_abandon_adopt", make, {commit, abandon, adopt}, 3,
     judge_adopted, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
