/*
 * A record that is used again while a late reader looks for its former life.
 *
 * Goal    R1, N1 and M2: who has seen anything of the next life, or has found
 *         it, sees the state moved on, and mixes no two lives.
 * Method  with loads that may be late (weak.c): a reader that comes when all is
 *         over may still see any of it as it was, so each looks for all of its
 *         time at what is partly new and partly old.
 */
#include "carry.h"

#include <string.h>

#include "books.h"
#include "id.h"
#include "world/lives.h"

/* The clock of the explorer's build always says 1: an old life is of 0. */
enum { OLD_AGE_MS = 1, OLD_NUMBER = 99 };

static const moor_id old_id = {{1, 1, 1, 1, 1, 1, 1, 1, 1}};
static const moor_id new_id = {{2, 2, 2, 2, 2, 2, 2, 2, 2}};
static moor_agent a, above;
static moor_ticket ticket;
static moor_word *state; /* of the record of a, or of the ticket */
static struct record *record;
static struct plate *plate;
static uint64_t word, place, header; /* of the old life */

/* --- before -------------------------------------------------------------- */

static void remember(uint64_t which)
{
    record = record_of(&world->records, which);
    state = &record->state;
    plate = record_plate(record);
    moor_store_relaxed(&record->stamp, stamp_of(0, OLD_NUMBER));
    word = moor_load_relaxed(state);
    place = moor_load_relaxed(&record->place);
    header = plate_header(plate);
}

static moor_error spawn(moor_agent parent, const char *name, const char *role,
                        const moor_id *id)
{
    const moor_spawn_options options = {
        .parent = parent, .name = name, .role = role, .id = id};
    moor_agent agent;

    return moor_spawn(world, &options, &agent, NULL);
}

/* The admissions to come are of another turn; the next plate is as large. */
static void one_agent(void)
{
    carry_nothing();
    world_make(2, MOOR_ON_COMPLETION);
    above = world_spawn((moor_agent){0}, "q");
    (void)spawn((moor_agent){0}, "a_and_b", "r", &old_id);
    (void)moor_find_id(world, &old_id, &a);
    (void)moor_turn_begin(world, NULL);
    remember(a.bits);
}

static void one_ticket(void)
{
    carry_nothing();
    world_make(2, MOOR_ON_COMPLETION);
    ticket = world_reserve((moor_agent){0}, "t");
    remember(ticket.bits);
}

/* The same record, and everything is another. */
static void use_again(void)
{
    (void)world_close_tree(a);
    (void)spawn(above, "b", "s", &new_id);
    moor_store_relaxed(&over, 1);
}

/* By a call that admits several. */
static void use_again_many(void)
{
    const moor_spawn_options options = {
        .parent = above, .name = "b", .role = "s", .id = &new_id};
    moor_agent agent;

    (void)world_close_tree(a);
    (void)moor_spawn_many(world, &options, 1, &agent, NULL);
    moor_store_relaxed(&over, 1);
}

/* And the plate is a larger one. */
static void use_again_longer(void)
{
    (void)world_close_tree(a);
    (void)spawn(above, "a_name_that_needs_a_larger_plate", "s", &new_id);
    moor_store_relaxed(&over, 1);
}

static void commit_own_id(void)
{
    moor_agent agent;

    (void)moor_commit(world, ticket, &new_id, NULL, &agent);
    moor_store_relaxed(&over, 1);
}

/* --- each field by itself ------------------------------------------------ */

static void expect_moved(bool is_new)
{
    if (is_new && moor_load_relaxed(state) == word) {
        model_fail("a field of the next life, and the state as it was");
    }
}

static uint64_t first_word(const char bytes[8])
{
    uint64_t first;

    memcpy(&first, bytes, sizeof first);
    return first;
}

static void see_place(void)
{
    expect_moved(moor_load_acquire(&record->place) != place);
}

static void see_high(void)
{
    expect_moved(moor_load_acquire(&record->id_high) ==
                 id_words_of(&new_id).high);
}

static void see_low(void)
{
    expect_moved(moor_load_acquire(&record->id_low) ==
                 id_words_of(&new_id).low);
}

/* Of the new one's time, or, meanwhile, the arena's link. */
static void see_stamp(void)
{
    expect_moved(moor_load_acquire(&record->stamp) != stamp_of(0, OLD_NUMBER));
}

static void see_turn(void)
{
    expect_moved(moor_load_acquire(&plate->turn) != 0);
}

static void see_header(void)
{
    expect_moved(plate_header(plate) != header);
}

static void see_path(void)
{
    expect_moved(moor_load_acquire(&plate->text[0]) == first_word("/root/q/"));
}

static void see_plate(void)
{
    expect_moved(record_plate(record) != plate);
}

/* --- all of it ----------------------------------------------------------- */

static void expect_old(const moor_info *info)
{
    WORLD_EXPECT(memcmp(&info->id, &old_id, sizeof old_id) == 0);
    WORLD_EXPECT(strcmp(info->path, "/root/a_and_b") == 0);
    WORLD_EXPECT(strcmp(info->role, "r") == 0);
    WORLD_EXPECT(info->depth == 1);
    WORLD_EXPECT(info->turn == 0);
    WORLD_EXPECT(info->age_ms == OLD_AGE_MS);
    WORLD_EXPECT(info->parent.bits == world->root);
}

static void see_info(void)
{
    moor_info info;

    if (moor_info_of(world, a, &info) == MOOR_OK) expect_old(&info);
}

enum { ROOM = 8 };

static void see_capacity(void)
{
    moor_capacity capacity;

    if (moor_capacity_of(world, a, &capacity) == MOOR_OK) {
        WORLD_EXPECT(capacity.of[MOOR_LIMIT_DEPTH].used == 1);
    }
}

static void see_list(void)
{
    moor_info infos[ROOM];
    uint64_t cursor = 0;
    size_t count = 0;

    (void)moor_list(world, NULL, &cursor, infos, ROOM, &count);
    for (size_t i = 0; i < count; i++) {
        if (infos[i].agent.bits == a.bits) expect_old(&infos[i]);
    }
}

static void see_committed(void)
{
    moor_info infos[ROOM];
    uint64_t cursor = 0;
    size_t count = 0;

    (void)moor_list(world, NULL, &cursor, infos, ROOM, &count);
    for (size_t i = 0; i < count; i++) {
        if (infos[i].agent.bits == ticket.bits) {
            WORLD_EXPECT(memcmp(&infos[i].id, &new_id, sizeof new_id) == 0);
        }
    }
}

static void see_holders(void)
{
    const moor_spawn_options options = {.name = "x"};
    moor_refusal refusal = {0};
    moor_agent agent;

    if (moor_spawn(world, &options, &agent, &refusal) != MOOR_REFUSED) return;
    for (uint32_t i = 0; i < refusal.holders_count; i++) {
        if (refusal.holders[i].agent.bits == a.bits) {
            WORLD_EXPECT(refusal.holders[i].age_ms == OLD_AGE_MS);
        }
    }
}

static bool found_path(const char *path)
{
    moor_agent agent;

    return moor_find_path(world, (moor_agent){0}, path, &agent) == MOOR_OK;
}

static void commit_ticket(void)
{
    moor_agent agent;

    (void)moor_commit(world, ticket, NULL, NULL, &agent);
}

CARRY(commit_found, commit_ticket(), found_path("/root/t"))

/* --- a text's cell is another's in between ------------------------------- */

static moor_agent b;

static void two_agents(void)
{
    carry_nothing();
    world_make(2, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    b = world_spawn((moor_agent){0}, "b");
    (void)moor_finish(world, a, MOOR_STATUS_COMPLETED, "first", 5);
}

static void give_cell_round(void)
{
    (void)moor_run_again(world, a, NULL);
    (void)moor_finish(world, b, MOOR_STATUS_COMPLETED, "b's", 3);
    (void)moor_run_again(world, b, NULL);
    (void)moor_finish(world, a, MOOR_STATUS_COMPLETED, "second", 6);
    moor_store_relaxed(&over, 1);
}

static void see_result(void)
{
    char text[8];
    size_t length = 0;

    if (moor_result(world, a, text, sizeof text, &length) == MOOR_OK) {
        WORLD_EXPECT(length != 3);
    }
}

/* --- adoption: whose child it is, is told by two records ----------------- */

static moor_agent middle, child;

static void one_to_adopt(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
    middle = world_spawn((moor_agent){0}, "middle");
    child = world_spawn(middle, "child");
}

static bool is_adopted(void)
{
    moor_info info;

    return moor_info_of(world, child, &info) == MOOR_OK &&
           info.parent.bits == world->root;
}

CARRY(adopted, moor_close(world, middle, MOOR_CLOSE_ADOPT, NULL), is_adopted())

/* --- turns --------------------------------------------------------------- */

static void no_turn(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    (void)world_finish(a);
}

static bool ends_turn_one(void)
{
    moor_turn_ended ended;

    return moor_turn_end(world, MOOR_LEFT_KEEP, &ended) == MOOR_OK &&
           ended.turn == 1;
}

static bool begins_turn_two(void)
{
    uint64_t turn = 0;

    return moor_turn_begin(world, &turn) == MOOR_OK && turn == 2;
}

static bool admitted_in_one(moor_agent agent)
{
    moor_info info;

    return moor_info_of(world, agent, &info) == MOOR_OK && info.turn == 1;
}

static bool spawned_in_one(void)
{
    return admitted_in_one(world_spawn((moor_agent){0}, "x"));
}

static bool runs_in_one(void)
{
    (void)moor_run_again(world, a, NULL);
    return admitted_in_one(a);
}

CARRY(turn_ended, moor_turn_begin(world, NULL), ends_turn_one())
CARRY(turn_begun, moor_turn_begin(world, NULL), begins_turn_two())
CARRY(turn_of_spawn, moor_turn_begin(world, NULL), spawned_in_one())
CARRY(turn_of_run, moor_turn_begin(world, NULL), runs_in_one())

/* --- the map: an entry and the key of its record ------------------------- */

enum { BUCKET_HASH = 8, OTHER_HASH = BUCKET_HASH + (1 << 8), FULL = 6 };

static life first, next;

/* A full bucket; the first one is used again. */
static void full_bucket(void)
{
    carry_nothing();
    lives_make();
    first = lives_enter(BUCKET_HASH, 1);
    for (uint64_t low = 2; low <= FULL; low++)
        (void)lives_enter(BUCKET_HASH, 10 + low);
    next = 0;
}

static void enter_again(uint64_t high, uint64_t low)
{
    lives_remove(first);
    next = lives_again(first, high, low);
    (void)lives_insert(next);
    lives_publish(next);
    moor_store_relaxed(&over, 1);
}

static void enter_other_low(void)
{
    enter_again(BUCKET_HASH, 2);
}

static void enter_other_high(void)
{
    enter_again(OTHER_HASH, 1);
}

static void expect_found(uint64_t high, uint64_t low, uint64_t generation)
{
    life found = lives_find(high, low);

    if (found != 0 && life_generation(found) != generation) {
        model_fail("(%llu, %llu) is found as life %llx",
                   (unsigned long long)high, (unsigned long long)low,
                   (unsigned long long)found);
    }
}

static void find_first(void)
{
    expect_found(BUCKET_HASH, 1, life_generation(first));
}

static void find_other_low(void)
{
    expect_found(BUCKET_HASH, 2, life_generation(first) + 1);
}

static void find_other_high(void)
{
    expect_found(OTHER_HASH, 1, life_generation(first) + 1);
}

/* What thread 1 looks for, when all is over. */
#define LATE(see)                \
    static void see##_late(void) \
    {                            \
        await();                 \
        see();                   \
    }

LATE(see_place)
LATE(see_high)
LATE(see_low)
LATE(see_stamp)
LATE(see_turn)
LATE(see_header)
LATE(see_path)
LATE(see_plate)
LATE(see_info)
LATE(see_capacity)
LATE(see_list)
LATE(see_result)
LATE(see_holders)
LATE(see_committed)
LATE(find_first)
LATE(find_other_low)
LATE(find_other_high)

#define REUSE(before, act, see)                                         \
    {#see " " #act, before, {act, see}, 2, world_end, 0},               \
    {                                                                   \
#see "_late " #act, before, {act, see##_late }, 2, world_end, 0 \
    }
#define MAP(act, see)                                                         \
    {#see " " #act, full_bucket, {act, see}, 2, lives_free, 0},               \
    {                                                                         \
#see "_late " #act, full_bucket, {act, see##_late }, 2, lives_free, 0 \
    }

/* clang-format off */
static const struct model_case cases[] = {
    REUSE(one_agent, use_again, see_place),
    REUSE(one_agent, use_again, see_high),
    REUSE(one_agent, use_again, see_low),
    REUSE(one_agent, use_again, see_stamp),
    REUSE(one_agent, use_again, see_turn),
    REUSE(one_agent, use_again, see_header),
    REUSE(one_agent, use_again, see_path),
    REUSE(one_agent, use_again_longer, see_plate),
    REUSE(one_agent, use_again, see_info),
    REUSE(one_agent, use_again, see_capacity),
    REUSE(one_agent, use_again, see_list),
    REUSE(one_agent, use_again, see_holders),
    REUSE(one_agent, use_again_many, see_stamp),
    REUSE(one_ticket, commit_own_id, see_high),
    REUSE(one_ticket, commit_own_id, see_low),
    REUSE(one_ticket, commit_own_id, see_committed),
    CARRY_CASE(one_ticket, commit_found, world_end),
    REUSE(two_agents, give_cell_round, see_result),
    CARRY_CASE(one_to_adopt, adopted, world_end),
    CARRY_CASE(no_turn, turn_ended, world_end),
    CARRY_CASE(no_turn, turn_begun, world_end),
    CARRY_CASE(no_turn, turn_of_spawn, world_end),
    CARRY_CASE(no_turn, turn_of_run, world_end),
    MAP(enter_other_low, find_first),
    MAP(enter_other_high, find_first),
    MAP(enter_other_low, find_other_low),
    MAP(enter_other_high, find_other_high),
};
/* clang-format on */

WORLD_MAIN(cases)
