/*
 * Residency: evictions against everything else that is done to an agent.
 *
 * Goal    I7: of eviction, run_again, load, pin and close one wins; an agent
 *         that counts as resident is loaded or on its way out, and who is
 *         unloaded counts no more, once.  I2: the limit `resident` holds.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 *
 *   codex_36095_followup  openai/codex 36095: an eviction had taken an agent
 *                         off the list of residents and was unloading it when a
 *                         follow-up found it still loaded and put it back; it
 *                         was then unloaded and counted for ever, and the next
 *                         admission was refused for it.  Here the follow-up is
 *                         told `evicting`, or the eviction `not_evictable`
 *   codex_36095_touch     the same with a use that starts no run
 *   codex_32353_mail      openai/codex 32353: mail that waited for a completed
 *                         agent kept it loaded, and the refusal named neither
 *                         the limit nor who was in the way.  Here nothing that
 *                         waits for an agent (a request that came too late, a
 *                         look, a touch) keeps it from being evicted, and the
 *                         refusal says who can be
 */
#include "world/world.h"

static moor_agent a, b, evicted[MODEL_THREADS_MAX], spawned;
static moor_error answers[MODEL_THREADS_MAX], then[MODEL_THREADS_MAX];
static moor_refusal refusal;

static void make(uint32_t resident)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RESIDENT] = resident;
    world_make_with(&config);
    a = world_spawn((moor_agent){0}, "a");
    b = spawned = (moor_agent){0};
    refusal = (moor_refusal){.limit = MOOR_LIMITS};
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        answers[i] = then[i] = MOOR_ERRORS;
        evicted[i] = (moor_agent){0};
    }
}

static void idle_and_room(void)
{
    make(3);
    world_finish(a);
}

static void live_one(void)
{
    make(2);
}

static void idle_one(void)
{
    make(2);
    world_finish(a);
}

/* Whose place is the only one. */
static void idle_alone(void)
{
    make(1);
    world_finish(a);
}

static void idle_two(void)
{
    make(2);
    b = world_spawn((moor_agent){0}, "b");
    world_finish(b);
    world_finish(a);
}

static void claimed_alone(void)
{
    idle_alone();
    world_expect_error("evict", moor_evict(world, a, NULL), MOOR_OK);
}

static void unload(uint32_t limit)
{
    make(limit);
    world_finish(a);
    world_expect_error("evict", moor_evict(world, a, NULL), MOOR_OK);
    world_expect_error("unloaded", moor_unloaded(world, a), MOOR_OK);
}

static void unloaded_alone(void)
{
    unload(1);
}

static void unloaded_two_places(void)
{
    unload(2);
}

/* --- what threads do ------------------------------------------------------ */

static void evict(void)
{
    int self = model_self();

    answers[self] = moor_evict(world, a, &evicted[self]);
}

static void evict_oldest(void)
{
    int self = model_self();

    answers[self] = moor_evict(world, (moor_agent){0}, &evicted[self]);
}

static void unloaded(void)
{
    answers[model_self()] = moor_unloaded(world, a);
}

static void evict_and_unload(void)
{
    int self = model_self();

    evict_oldest();
    if (answers[self] != MOOR_OK) return;
    then[self] = moor_unloaded(world, evicted[self]);
}

static void run_again(void)
{
    answers[model_self()] = moor_run_again(world, a, NULL);
}

/* Unloaded as before, but for what its status says. */
static void run_interrupt_and_unload(void)
{
    run_again();
    if (answers[model_self()] != MOOR_OK) return;
    (void)moor_interrupt(world, a);
    evict_and_unload();
}

static void finish(void)
{
    answers[model_self()] = world_finish(a);
}

static void close_a(void)
{
    answers[model_self()] = world_close_tree(a);
}

static void load_a(void)
{
    answers[model_self()] = moor_load(world, a, NULL);
}

static void touch(void)
{
    answers[model_self()] = moor_touch(world, a);
}

static void pin(void)
{
    answers[model_self()] = moor_pin(world, a);
}

static void spawn(void)
{
    const moor_spawn_options options = {.name = "s"};

    answers[model_self()] = moor_spawn(world, &options, &spawned, &refusal);
}

/* Two new ones, the first of them where a was. */
static void close_and_spawn_two(void)
{
    close_a();
    world_expect_error("spawn",
                       world_try_spawn((moor_agent){0}, "c", &spawned),
                       MOOR_OK);
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "d", &b),
                       MOOR_OK);
}

/* There is one place: who has it knows that the agent has it no more. */
static void spawn_and_look(void)
{
    moor_info info;

    spawn();
    if (answers[model_self()] != MOOR_OK) return;
    world_expect_error("info", moor_info_of(world, a, &info), MOOR_OK);
    if (info.loaded) model_fail("I2: two have the one place");
}

static void ask_and_look(void)
{
    int self = model_self();
    moor_status status;

    answers[self] = moor_request(world, a, MOOR_REQUEST_INTERRUPT);
    then[self] = moor_status_of(world, a, &status);
}

/* What a host does that is refused by `resident`. */
static void make_room_and_spawn(void)
{
    evict_and_unload();
    if (then[model_self()] == MOOR_OK) spawn();
}

/* --- verdicts ------------------------------------------------------------- */

static moor_info info_now(void)
{
    moor_info info = {.status = MOOR_STATUS_NOT_FOUND};

    (void)moor_info_of(world, a, &info);
    return info;
}

static void expect_resident(uint64_t wanted)
{
    moor_stats stats;

    moor_stats_of(world, &stats);
    if (stats.resident != wanted) {
        model_fail("%llu resident, not %llu",
                   (unsigned long long)stats.resident,
                   (unsigned long long)wanted);
    }
}

static bool is_one_of(moor_error error, moor_error first, moor_error second)
{
    return error == first || error == second;
}

/* Thread 0 evicted while thread 1 let it run, or kept it: one of them did. */
static void judge_one_wins(void)
{
    moor_info info = info_now();

    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("I7: %s and %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    WORLD_EXPECT(is_one_of(answers[0], MOOR_OK, MOOR_NOT_EVICTABLE));
    WORLD_EXPECT(is_one_of(answers[1], MOOR_OK, MOOR_EVICTING));
    WORLD_EXPECT(info.evicting == (answers[0] == MOOR_OK));
    WORLD_EXPECT(info.loaded);
    expect_resident(1);
    world_end();
}

/* A use that claims nothing: it was before the claim, or is told. */
static void judge_touch(void)
{
    world_expect_error("evict", answers[0], MOOR_OK);
    WORLD_EXPECT(is_one_of(answers[1], MOOR_OK, MOOR_EVICTING));
    WORLD_EXPECT(info_now().evicting);
    expect_resident(1);
    world_end();
}

/* A live one is not evicted; one that has finished may be. */
static void judge_finish(void)
{
    world_expect_error("finish", answers[1], MOOR_OK);
    WORLD_EXPECT(is_one_of(answers[0], MOOR_OK, MOOR_NOT_EVICTABLE));
    WORLD_EXPECT(info_now().evicting == (answers[0] == MOOR_OK));
    expect_resident(1);
    world_end();
}

/* Close wins over a claim, whoever comes first. */
static void judge_close(void)
{
    world_expect_error("close", answers[1], MOOR_OK);
    WORLD_EXPECT(answers[0] == MOOR_OK || answers[0] == MOOR_STALE ||
                 answers[0] == MOOR_NOT_EVICTABLE);
    expect_resident(0);
    world_end();
}

/* Of two that claim it, or report it, one did. */
static void judge_once(void)
{
    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("I7: %s and %s", moor_error_name(answers[0]),
                   moor_error_name(answers[1]));
    }
    expect_resident(info_now().loaded ? 1 : 0);
    world_end();
}

/* Two that evict have one each. */
static void judge_each_has_one(void)
{
    world_expect_error("evict", answers[0], MOOR_OK);
    world_expect_error("evict", answers[1], MOOR_OK);
    WORLD_EXPECT(evicted[0].bits != evicted[1].bits);
    expect_resident(2);
    world_end();
}

/* b was used before a; a use of a during the eviction changes nothing. */
static void judge_oldest(void)
{
    world_expect_error("evict", answers[0], MOOR_OK);
    WORLD_EXPECT(evicted[0].bits == b.bits);
    expect_resident(2);
    world_end();
}

/* A late use of a does not count for who has its record. */
static void judge_respawn(void)
{
    moor_agent oldest;

    world_expect_error("close", answers[1], MOOR_OK);
    WORLD_EXPECT(is_one_of(answers[0], MOOR_OK, MOOR_STALE));
    world_expect_error("interrupt", moor_interrupt(world, spawned), MOOR_OK);
    world_expect_error("interrupt", moor_interrupt(world, b), MOOR_OK);
    world_expect_error("evict", moor_evict(world, (moor_agent){0}, &oldest),
                       MOOR_OK);
    if (oldest.bits != spawned.bits) model_fail("the later one was evicted");
    expect_resident(2);
    world_end();
}

/* It was not loaded; both that load it have it loaded, at one place. */
static void judge_loaded(void)
{
    for (int i = 0; i < 2; i++) {
        if (answers[i] != MOOR_OK && answers[i] != MOOR_ERRORS) {
            WORLD_EXPECT(is_one_of(answers[i], MOOR_REFUSED,
                                   MOOR_WRONG_STATUS));
        }
    }
    WORLD_EXPECT(answers[0] == MOOR_OK || answers[1] == MOOR_OK);
    WORLD_EXPECT(info_now().loaded);
    expect_resident(1);
    world_end();
}

/* Loaded before the other has unloaded it, or behind; or it was amid that. */
static void judge_counted(void)
{
    WORLD_EXPECT(is_one_of(answers[0], MOOR_OK, MOOR_EVICTING));
    expect_resident(info_now().loaded ? 1 : 0);
    world_end();
}

/* One place: the spawner's or the agent's. */
static void judge_one_place(void)
{
    int granted = (answers[0] == MOOR_OK) + (answers[1] == MOOR_OK);

    if (granted != 1) model_fail("I2: one place was granted %d times", granted);
    expect_resident(1);
    world_end();
}

/* Its place is free from the moment that it is unloaded, and not before. */
static void judge_freed(void)
{
    world_expect_error("unloaded", answers[0], MOOR_OK);
    if (answers[1] != MOOR_OK) {
        world_expect_error("spawn", answers[1], MOOR_REFUSED);
        WORLD_EXPECT(refusal.limit == MOOR_LIMIT_RESIDENT);
    }
    expect_resident(answers[1] == MOOR_OK);
    world_end();
}

/* Unloaded comes before the load, or the load is told. */
static void judge_unloaded_load(void)
{
    world_expect_error("unloaded", answers[0], MOOR_OK);
    if (answers[1] != MOOR_OK && answers[1] != MOOR_REFUSED) {
        world_expect_error("load", answers[1], MOOR_EVICTING);
    }
    expect_resident(answers[1] == MOOR_OK);
    world_end();
}

static void judge_close_unloaded(void)
{
    world_expect_error("close", answers[1], MOOR_OK);
    WORLD_EXPECT(is_one_of(answers[0], MOOR_OK, MOOR_STALE));
    expect_resident(0);
    world_end();
}

/* Whatever came first, nothing that is unloaded counts: the next is admitted
 * at once, or the agent is loaded, and the refusal says who is in the way. */
static void judge_36095(void)
{
    moor_info info = info_now();
    bool kept = then[0] != MOOR_OK;

    expect_resident((uint64_t)info.loaded +
                    (spawned.bits != 0 && answers[2] == MOOR_OK));
    if (!kept && !info.loaded && answers[2] != MOOR_OK) {
        world_expect_error("the next one",
                           world_try_spawn((moor_agent){0}, "n", &spawned),
                           MOOR_OK);
    }
    if (answers[2] == MOOR_REFUSED) {
        WORLD_EXPECT(refusal.limit == MOOR_LIMIT_RESIDENT);
    }
    world_end();
}

/* Nothing that waits for it pins it. */
static void judge_32353(void)
{
    world_expect_error("unloaded", then[0], MOOR_OK);
    world_expect_error("spawn", answers[0], MOOR_OK);
    WORLD_EXPECT(!info_now().loaded);
    world_expect_status(a, MOOR_STATUS_COMPLETED);
    expect_resident(1);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"evict_run_again", idle_one, {evict, run_again}, 2, judge_one_wins, 0},
    {"evict_oldest_run_again", idle_one, {evict_oldest, run_again}, 2,
     judge_one_wins, 0},
    {"evict_pin", idle_one, {evict, pin}, 2, judge_one_wins, 0},
    {"evict_oldest_pin", idle_one, {evict_oldest, pin}, 2, judge_one_wins, 0},
    {"evict_touch", idle_one, {evict, touch}, 2, judge_touch, 0},
    {"evict_load", idle_one, {evict, load_a}, 2, judge_touch, 0},
    {"evict_finish", live_one, {evict, finish}, 2, judge_finish, 0},
    {"evict_oldest_finish", live_one, {evict_oldest, finish}, 2, judge_finish,
     0},
    {"evict_close", idle_one, {evict, close_a}, 2, judge_close, 0},
    {"evict_oldest_close", idle_one, {evict_oldest, close_a}, 2, judge_close,
     0},
    {"evict_twice", idle_one, {evict, evict}, 2, judge_once, 0},
    {"evict_oldest_twice", idle_one, {evict_oldest, evict_oldest}, 2,
     judge_once, 0},
    {"evict_oldest_of_two", idle_two, {evict_oldest, evict_oldest}, 2,
     judge_each_has_one, 0},
    {"evict_oldest_touch", idle_two, {evict_oldest, touch}, 2, judge_oldest,
     0},
    {"touch_close_respawn", idle_and_room, {touch, close_and_spawn_two}, 2,
     judge_respawn, 0},
    {"unloaded_twice", claimed_alone, {unloaded, unloaded}, 2, judge_once, 0},
    {"unloaded_spawn", claimed_alone, {unloaded, spawn}, 2, judge_freed, 0},
    {"unloaded_load", claimed_alone, {unloaded, load_a}, 2,
     judge_unloaded_load, 0},
    {"unloaded_run_again", claimed_alone, {unloaded, run_again}, 2,
     judge_unloaded_load, 0},
    {"close_unloaded", claimed_alone, {unloaded, close_a}, 2,
     judge_close_unloaded, 0},
    {"load_twice", unloaded_two_places, {load_a, load_a}, 2, judge_loaded, 0},
    {"load_twice_one_place", unloaded_alone, {load_a, load_a}, 2, judge_loaded,
     0},
    {"load_run_again", unloaded_two_places, {load_a, run_again}, 2,
     judge_loaded, 0},
    {"load_close", unloaded_two_places, {load_a, close_a}, 2,
     judge_close_unloaded, 0},
    {"load_run_interrupt_unload", unloaded_two_places,
     {load_a, run_interrupt_and_unload}, 2, judge_counted, 2},
    {"load_spawn", unloaded_alone, {load_a, spawn}, 2, judge_one_place, 0},
    {"run_again_spawn", unloaded_alone, {run_again, spawn}, 2,
     judge_one_place, 0},
    {"evict_unload_run_again_close", idle_one,
     {evict_and_unload, close_a, run_again}, 3, judge_close, 2},
    {"codex_36095_followup", idle_alone,
     {evict_and_unload, run_again, spawn_and_look}, 3, judge_36095, 2},
    {"codex_36095_touch", idle_alone,
     {evict_and_unload, touch, spawn_and_look}, 3, judge_36095, 2},
    {"codex_32353_mail", idle_alone,
     {make_room_and_spawn, ask_and_look, touch}, 3, judge_32353, 2},
};
/* clang-format on */

WORLD_MAIN(cases)
