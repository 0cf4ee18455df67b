/*
 * Answers of calls that something overtakes: a close, an end, a commit, a
 * limit that changes twice.
 *
 * Goal    An answer is what was so at some instant of the call; a call that
 *         comes too late says so, and leaves nothing behind (I3).
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include <string.h>

#include "atomic.h"
#include "world/world.h"

static moor_agent p, spawned;
static moor_ticket ticket;
static moor_error answer, other; /* of threads 0 and 1 */
static moor_refusal refusal;

static void make_with(const moor_config *config)
{
    world_make_with(config);
    p = world_spawn((moor_agent){0}, "p");
    spawned = (moor_agent){0};
    answer = other = MOOR_ERRORS;
}

static void make(void)
{
    moor_config config;

    moor_config_default(&config);
    make_with(&config);
}

static void close_p(void)
{
    other = world_close_tree(p);
}

/* What was below `p` is gone with it. */
static void expect_nobody(void)
{
    world_expect_error("close", other, MOOR_OK);
    world_expect_used(0);
    WORLD_EXPECT(world_path_owner("/root/p") == 0);
    WORLD_EXPECT(world_path_owner("/root/p/x") == 0);
}

static void expect_too_late(void)
{
    if (answer != MOOR_OK && answer != MOOR_FENCED) {
        world_expect_error("the answer", answer, MOOR_STALE);
    }
}

/* --- reserve and close --------------------------------------------------- */

static void reserve_below(void)
{
    const moor_spawn_options options = {.parent = p, .name = "x"};

    answer = moor_reserve(world, &options, &ticket, NULL);
}

static void judge_reserve(void)
{
    expect_nobody();
    expect_too_late();
    if (answer == MOOR_OK) {
        world_expect_error("abandon", moor_abandon(world, ticket), MOOR_STALE);
    }
    /* A ticket that was taken stays charged, one that never was does not. */
    WORLD_EXPECT(world_lifetime_used() == (answer == MOOR_OK ? 2U : 1U));
    world_end();
}

/* --- list by status, and a finish ---------------------------------------- */

static void list_pending(void)
{
    const uint32_t pending = UINT32_C(1) << MOOR_STATUS_PENDING_INIT;
    const moor_list_filter filter = {.statuses = pending};
    uint64_t cursor = 0;
    moor_info infos[3];
    size_t count = 0;

    answer = moor_list(world, &filter, &cursor, infos, 3, &count);
    WORLD_EXPECT(count <= 1);
    if (count == 1) WORLD_EXPECT(infos[0].status == MOOR_STATUS_PENDING_INIT);
}

static void finish_p(void)
{
    other = world_finish(p);
}

static void judge_list(void)
{
    world_expect_error("list", answer, MOOR_OK);
    world_expect_error("finish", other, MOOR_OK);
    world_end();
}

/* --- a ticket that is committed ------------------------------------------ */

static void make_ticket(void)
{
    make();
    ticket = world_reserve(p, "x");
}

static void read_ticket(void)
{
    moor_info info;

    answer = moor_ticket_info(world, ticket, &info);
    if (answer != MOOR_OK) return;
    WORLD_EXPECT(info.ticket.bits == ticket.bits && info.agent.bits == 0);
    WORLD_EXPECT(info.status == MOOR_STATUS_RESERVED);
}

static void commit(void)
{
    other = moor_commit(world, ticket, NULL, NULL, &spawned);
}

static void judge_commit(void)
{
    expect_too_late();
    world_expect_error("commit", other, MOOR_OK);
    world_expect_status(spawned, MOOR_STATUS_PENDING_INIT);
    world_end();
}

/* --- a limit of children that changes twice ------------------------------ */

static void spawn_x(void)
{
    const moor_spawn_options options = {.parent = p, .name = "x"};

    answer = moor_spawn(world, &options, &spawned, &refusal);
}

static void lower_and_raise(void)
{
    other = moor_set_limit(world, MOOR_LIMIT_CHILDREN, 0);
    other = moor_set_limit(world, MOOR_LIMIT_CHILDREN, 1);
}

static void judge_raised(void)
{
    moor_capacity capacity;

    if (answer != MOOR_OK) {
        world_expect_error("spawn", answer, MOOR_REFUSED);
        WORLD_EXPECT(refusal.used >= refusal.limit_value);
    }
    moor_capacity_of(world, p, &capacity);
    WORLD_EXPECT(capacity.of[MOOR_LIMIT_CHILDREN].used ==
                 (uint64_t)(answer == MOOR_OK));
    moor_set_limit(world, MOOR_LIMIT_CHILDREN, MOOR_UNLIMITED);
    world_end();
}

static void lower_and_close(void)
{
    moor_set_limit(world, MOOR_LIMIT_CHILDREN, 0);
    close_p();
}

/* The parent's record, too, is given back by whoever was the last. */
static void judge_lowered(void)
{
    uint64_t index = p.bits & 0xfffffff;
    moor_agent a, b;

    expect_nobody();
    if (answer != MOOR_REFUSED) expect_too_late();
    moor_set_limit(world, MOOR_LIMIT_CHILDREN, MOOR_UNLIMITED);
    a = world_spawn((moor_agent){0}, "a");
    b = world_spawn((moor_agent){0}, "b");
    WORLD_EXPECT((a.bits & 0xfffffff) == index ||
                 (b.bits & 0xfffffff) == index);
    world_end();
}

/* --- a refusal, and a finish or a close --------------------------------- */

static moor_release policy;

static void full(moor_release release)
{
    moor_config config;

    policy = release;
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 1;
    config.release = release;
    make_with(&config);
}

static void full_on_completion(void)
{
    full(MOOR_ON_COMPLETION);
}

static void full_on_reserve(void)
{
    full(MOOR_ON_RESERVE);
}

static void spawn_or_be_told(void)
{
    const moor_spawn_options options = {.name = "x"};

    answer = moor_spawn(world, &options, &spawned, &refusal);
}

/* Whoever is named as a holder did hold it. */
static void judge_refusal(void)
{
    world_expect_error("the end", other, MOOR_OK);
    if (answer != MOOR_OK) {
        world_expect_error("spawn", answer, MOOR_REFUSED);
        WORLD_EXPECT(refusal.limit == MOOR_LIMIT_RUNNING);
        WORLD_EXPECT(refusal.used == 1 && refusal.limit_value == 1);
        WORLD_EXPECT(refusal.holders_count <= 1);
    }
    if (answer != MOOR_OK && refusal.holders_count == 1) {
        WORLD_EXPECT(refusal.holders[0].agent.bits == p.bits);
        WORLD_EXPECT(refusal.holders[0].freed_by == MOOR_FREED_BY_FINISH);
        WORLD_EXPECT(policy == MOOR_ON_RESERVE ||
                     refusal.holders[0].status == MOOR_STATUS_PENDING_INIT);
    }
    world_end();
}

/* --- turns --------------------------------------------------------------- */

static moor_turn_ended ended;
static bool runs_again; /* seen when run_again had returned */

static void end_turn(void)
{
    answer = moor_turn_end(world, MOOR_LEFT_INTERRUPT, &ended);
}

static void run_again_in_next_turn(void)
{
    moor_turn_begin(world, NULL);
    (void)world_finish(p);
    other = moor_run_again(world, p, NULL);
    runs_again = world_status(p) == MOOR_STATUS_RUNNING;
}

/* A run of the next turn is not ended by the end of the one before. */
static void judge_turn(void)
{
    moor_info info;

    world_expect_error("turn_end", answer, MOOR_OK);
    world_expect_error("info", moor_info_of(world, p, &info), MOOR_OK);
    WORLD_EXPECT(info.turn == (uint64_t)(other == MOOR_OK));
    if (other != MOOR_OK) { /* on its way to be interrupted, at that time */
        world_expect_error("run_again", other, MOOR_WRONG_STATUS);
        world_expect_status(p, MOOR_STATUS_INTERRUPTED);
    } else if (runs_again && ended.turn == 0) {
        world_expect_status(p, MOOR_STATUS_RUNNING);
    }
    world_end();
}

/* In the record of `p`: one of the next turn. */
static void close_and_spawn_in_next_turn(void)
{
    moor_turn_begin(world, NULL);
    close_p();
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "x", &spawned),
                       MOOR_OK);
}

static void judge_turn_close(void)
{
    bool live = world_status(spawned) == MOOR_STATUS_PENDING_INIT;

    world_expect_error("turn_end", answer, MOOR_OK);
    world_expect_error("close", other, MOOR_OK);
    WORLD_EXPECT(live || ended.turn == 1);
    world_expect_used(live ? 1 : 0);
    world_end();
}

static void idle_in_next_turn(void)
{
    make();
    world_finish(p);
    moor_turn_begin(world, NULL);
}

static void run_again(void)
{
    answer = moor_run_again(world, p, NULL);
}

static void finish_and_run_again(void)
{
    (void)world_finish(p);
    other = moor_run_again(world, p, NULL);
}

static void judge_again(void)
{
    moor_info info;

    if (answer != MOOR_OK) {
        world_expect_error("run_again", answer, MOOR_WRONG_STATUS);
        world_expect_error("run_again", other, MOOR_OK);
    }
    world_expect_status(p, MOOR_STATUS_RUNNING);
    world_expect_error("info", moor_info_of(world, p, &info), MOOR_OK);
    WORLD_EXPECT(info.turn == 1);
    world_end();
}

/* --- check, and records that are used again elsewhere -------------------- */

static moor_agent c;

static void make_three(void)
{
    make();
    (void)world_spawn(p, "b");
    c = world_spawn((moor_agent){0}, "c");
}

static void check(void)
{
    char text[200];

    answer = moor_check(world, false, text, sizeof text);
    if (answer != MOOR_OK) model_fail("under load: %s", text);
}

/* In the record of `p`, which is now one deeper. */
static void close_and_spawn_deeper(void)
{
    close_p();
    world_expect_error("spawn", world_try_spawn(c, "x", &spawned), MOOR_OK);
}

static void judge_check(void)
{
    world_expect_error("close", other, MOOR_OK);
    WORLD_EXPECT((spawned.bits ^ p.bits) << 36 == 0); /* the same index */
    world_end();
}

/* --- a fence that leaves with its agent ---------------------------------- */

static moor_agent below;
static moor_word closed;
static bool began_after;

static void fenced_above(void)
{
    make();
    below = world_spawn(p, "b");
    world_finish(below); /* so the end of the turn passes it over */
    moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
    closed = (moor_word){0};
}

static void spawn_below_fence(void)
{
    began_after = moor_load_acquire(&closed) != 0;
    answer = world_try_spawn(below, "x", &spawned);
}

static void let_adopt(void)
{
    other = moor_close(world, p, MOOR_CLOSE_ADOPT, NULL);
    moor_store_release(&closed, 1);
}

static void judge_fence(void)
{
    world_expect_error("close", other, MOOR_OK);
    if (answer != MOOR_OK) {
        world_expect_error("spawn", answer, MOOR_FENCED);
        WORLD_EXPECT(!began_after);
    }
    world_end();
}

/* --- a nickname that is put back ----------------------------------------- */

static char drawn[64]; /* the nickname of `p` */

static void two_nicknames(void)
{
    static const char *const nicknames[] = {"Plato", "Atlas"};
    moor_config config;
    moor_info info;

    moor_config_default(&config);
    config.nicknames = nicknames;
    config.nicknames_count = 2;
    make_with(&config);
    moor_info_of(world, p, &info);
    (void)strcpy(drawn, info.nickname);
}

static void spawn_preferring(void)
{
    const moor_spawn_options options = {
        .parent = p,
        .name = "x",
        .nickname = strcmp(drawn, "Plato") == 0 ? "Atlas" : "Plato"};

    answer = moor_spawn(world, &options, &spawned, NULL);
}

static void fence_p(void)
{
    other = moor_turn_end(world, MOOR_LEFT_FENCE, NULL);
}

/* Who was granted has used the last name; a reservation that was undone has
 * used none. */
static void judge_nickname(void)
{
    moor_info info;

    world_expect_error("turn_end", other, MOOR_OK);
    if (answer != MOOR_OK) world_expect_error("spawn", answer, MOOR_FENCED);
    moor_info_of(world, world_spawn((moor_agent){0}, "y"), &info);
    if ((strstr(info.nickname, " the 2nd") != NULL) != (answer == MOOR_OK)) {
        model_fail("%s: then %s", moor_error_name(answer), info.nickname);
    }
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"reserve_close", make, {reserve_below, close_p}, 2, judge_reserve, 2},
    {"list_finish", make, {list_pending, finish_p}, 2, judge_list, 0},
    {"ticket_commit", make_ticket, {read_ticket, commit}, 2, judge_commit, 0},
    {"children_lowered_and_raised", make, {spawn_x, lower_and_raise}, 2,
     judge_raised, 0},
    {"children_lowered_and_closed", make, {spawn_x, lower_and_close}, 2,
     judge_lowered, 2},
    {"refusal_finish", full_on_completion, {spawn_or_be_told, finish_p}, 2,
     judge_refusal, 0},
    {"refusal_finish_on_reserve", full_on_reserve,
     {spawn_or_be_told, finish_p}, 2, judge_refusal, 0},
    {"refusal_close", full_on_completion, {spawn_or_be_told, close_p}, 2,
     judge_refusal, 2},
    {"turn_end_run_again", make, {end_turn, run_again_in_next_turn}, 2,
     judge_turn, 2},
    {"turn_end_close", make, {end_turn, close_and_spawn_in_next_turn}, 2,
     judge_turn_close, 2},
    {"run_again_twice_in_a_turn", idle_in_next_turn,
     {run_again, finish_and_run_again}, 2, judge_again, 0},
    {"check_used_again_deeper", make_three, {check, close_and_spawn_deeper},
     2, judge_check, 1},
    {"fence_leaves", fenced_above, {spawn_below_fence, let_adopt}, 2,
     judge_fence, 2},
    {"nickname_fence", two_nicknames, {spawn_x, fence_p}, 2,
     judge_nickname, 0},
    {"nickname_preferred_fence", two_nicknames, {spawn_preferring, fence_p}, 2,
     judge_nickname, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
