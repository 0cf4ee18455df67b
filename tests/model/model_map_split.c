/*
 * The map: a bucket is split while others insert, look up and remove.
 *
 * Goal    No key is lost, found twice or out of sight for a moment; a key that
 *         is inserted into the parent and into the child has one owner; no
 *         bucket stays sealed, and what is in it is where one looks for it.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 * Limits  ids with chosen hashes, from two buckets to at most 64; insert,
 *         remove and look-up once or twice a thread.
 *
 *   parent   bucket 0 of level 1: even hashes
 *   child    bucket 2 of level 2: hashes 2 modulo 4
 *   later    buckets 4 and 6 of level 3: 4 and 6 modulo 8
 */
#include "explore.h"
#include "map_inner.h"
#include "world/lives.h"

enum { STAYS = 8, MOVES = 2, LATER = 4, MOVES_LATER = 6 };

static life stays, moves, later;
static life own[2];
static moor_error answers[2];
static life found;
static moor_word left; /* `moves` has left */

/* One that stays and one that moves, and room for more buckets. */
static void make(uint32_t records)
{
    lives_make();
    stays = lives_enter(STAYS, 9);
    moves = lives_enter(MOVES, 9);
    map_grow(&lives_map, records);
    answers[0] = answers[1] = MOOR_NO_MEMORY;
    own[0] = own[1] = 0;
    found = 0;
    left = (moor_word){0};
}

enum { TWO_LEVELS = 12, THREE_LEVELS = 24 };

static void insert(void)
{
    int self = model_self();

    answers[self] = lives_insert(own[self]);
    if (answers[self] != MOOR_OK) lives_leave(own[self]);
}

static void find_moving(void)
{
    if (lives_find(MOVES, 9) != moves) model_fail("lost from sight");
}

static void find_both(void)
{
    find_moving();
    if (lives_find(STAYS, 9) != stays) model_fail("lost from sight");
}

static void remove_moving(void)
{
    lives_leave(moves);
    moor_store_release(&left, 1);
    map_remove(&lives_map, MOVES, moves);
}

static void expect_inserted(int count)
{
    for (int i = 0; i < count; i++) {
        if (answers[i] != MOOR_OK) model_fail("insert %d is refused", i);
        lives_expect(own[i]);
    }
}

/* --- both inserts have keys of their own --------------------------------- */

static void into_child_and_parent(void)
{
    make(TWO_LEVELS);
    own[0] = lives_begin(MOVES, 1);
    own[1] = lives_begin(STAYS, 1);
}

static void into_child(void)
{
    make(TWO_LEVELS);
    own[0] = lives_begin(MOVES, 1);
    own[1] = lives_begin(MOVES, 2);
}

static void judge_inserted(void)
{
    expect_inserted(2);
    lives_expect(stays);
    lives_expect(moves);
    lives_free();
}

/* --- both insert one key ------------------------------------------------- */

static void same_key(void)
{
    make(TWO_LEVELS);
    own[0] = lives_begin(MOVES, 1);
    own[1] = lives_begin(MOVES, 1);
}

static void find_same(void)
{
    found = lives_find(MOVES, 1);
}

static void judge_same(void)
{
    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("one key, answers %d and %d", answers[0], answers[1]);
    } else {
        life winner = own[answers[1] == MOOR_OK];
        lives_expect(winner);
        /* In the slot of a dead life a loser may be seen while it tries. */
        if (found != 0 && found != winner && !lives_may_count_twice) {
            model_fail("found a stranger");
        }
    }
    lives_expect(stays);
    lives_expect(moves);
    lives_free();
}

/* --- the moving one leaves, and its key is wanted ------------------------ */

static bool began_after;

static void make_next(void)
{
    make(TWO_LEVELS);
    own[0] = lives_begin(MOVES, 9);
    began_after = false;
}

static void insert_next(void)
{
    began_after = moor_load_acquire(&left) != 0;
    insert();
}

static void find_key(void)
{
    bool had_left = moor_load_acquire(&left) != 0;

    found = lives_find(MOVES, 9);
    if (found == moves && had_left) model_fail("found one that had left");
    if (found == 0 && moor_load_acquire(&left) == 0) {
        /* It may have left and not said so yet. */
        if (lives_alive(moves)) model_fail("lost from sight");
    }
}

static void judge_next(void)
{
    if (answers[0] == MOOR_OK) {
        lives_expect(own[0]);
        if (found != 0 && found != moves && found != own[0]) {
            model_fail("found a stranger");
        }
    } else {
        if (began_after) model_fail("taken by one that had left");
        lives_expect_none(MOVES, 9);
        if (found != 0 && found != moves) model_fail("found a loser");
    }
    lives_expect(stays);
    lives_free();
}

/* --- the moving one leaves, and its record is used again ----------------- */

static void make_reuse(void)
{
    make(TWO_LEVELS);
    own[0] = lives_begin(MOVES, 1);
}

static void remove_and_reuse(void)
{
    lives_remove(moves);
    own[1] = lives_again(moves, STAYS, 2);
    answers[1] = lives_insert(own[1]);
}

static void find_reused(void)
{
    life seen = lives_find(STAYS, 2);

    if (seen == moves) model_fail("I4: the life before has the next one's key");
}

static void judge_reuse(void)
{
    expect_inserted(2);
    lives_expect_none(MOVES, 9);
    lives_expect(stays);
    lives_free();
}

/* --- one that helps late, and the slot has another tenant ---------------- */

static life next_ones[2];

static void make_late(void)
{
    into_child();
    for (uint64_t i = 0; i < 2; i++)
        next_ones[i] = lives_begin(MOVES, 3 + i);
}

/* The second of the next ones gets the slot that the moving one had. */
static void insert_and_replace(void)
{
    insert();
    lives_remove(moves);
    for (int i = 0; i < 2; i++) {
        if (lives_insert(next_ones[i]) != MOOR_OK) model_fail("is refused");
    }
}

static void judge_late(void)
{
    expect_inserted(2);
    lives_expect_none(MOVES, 9);
    lives_expect(next_ones[0]);
    lives_expect(next_ones[1]);
    lives_expect(stays);
    lives_free();
}

/* --- two levels at once -------------------------------------------------- */

static void make_deep(uint64_t second)
{
    lives_make();
    stays = lives_enter(STAYS, 9);
    moves = lives_enter(MOVES_LATER, 9);
    later = lives_enter(LATER, 9);
    map_grow(&lives_map, THREE_LEVELS);
    answers[0] = answers[1] = MOOR_NO_MEMORY;
    own[0] = lives_begin(MOVES_LATER, 1);
    own[1] = lives_begin(second, 1);
    left = (moor_word){0};
}

static void deep_and_other(void)
{
    make_deep(LATER);
}

static void deep_and_same(void)
{
    make_deep(MOVES_LATER);
}

static void find_deep(void)
{
    if (lives_find(MOVES_LATER, 9) != moves) model_fail("lost from sight");
}

static void judge_deep_rest(void)
{
    lives_expect(stays);
    lives_expect(moves);
    lives_expect(later);
    lives_free();
}

static void judge_deep(void)
{
    expect_inserted(2);
    judge_deep_rest();
}

static void judge_deep_same(void)
{
    if ((answers[0] == MOOR_OK) == (answers[1] == MOOR_OK)) {
        model_fail("one key, answers %d and %d", answers[0], answers[1]);
    } else {
        lives_expect(own[answers[1] == MOOR_OK]);
    }
    judge_deep_rest();
}

/* --- growing beside it --------------------------------------------------- */

static void make_small(void)
{
    make(1);
    own[0] = lives_begin(MOVES, 1);
    own[1] = lives_begin(MOVES, 1);
}

static void grow_and_insert(void)
{
    map_grow(&lives_map, TWO_LEVELS);
    insert();
}

/* --- a claim by an older head, in the slot of one that has left ---------- */

static life leaving;

static void make_small_leaving(void)
{
    make_small();
    leaving = lives_begin(MOVES, 8);
    lives_may_count_twice = true;
}

/* The slot counts when the bucket is split, and another's claim is in it. */
static void leave_grow_insert(void)
{
    if (lives_insert(leaving) != MOOR_OK) model_fail("not inserted");
    lives_leave(leaving);
    grow_and_insert();
}

/* --- the mark of a map whose buckets have not all taken their share ------- */

enum {
    MARKED = 32, /* buckets: the fewest of a map that carries it */
    FOR_MARKED = 60,
    FOR_MORE = 120, /* records that such a map, and the next one, is fit for */
};

/* So many of its buckets are known to be ready: each insert readies one, also
 * if it is in vain. */
static void make_marked(uint64_t ready)
{
    life in_vain;

    make(FOR_MARKED);
    in_vain = lives_begin(STAYS, 9);
    while (moor_load_relaxed(&lives_map.ready) < ready)
        (void)lives_insert(in_vain);
    lives_leave(in_vain);
    own[0] = lives_begin(MOVES, 1);
    own[1] = lives_begin(LATER, 1);
    if (!(moor_load_relaxed(&lives_map.levels) & MAP_GROWING)) {
        model_fail("the map is not marked");
    }
}

static void all_but_one_ready(void)
{
    make_marked(MARKED - 1);
}

static void all_ready(void)
{
    make_marked(MARKED);
}

static void grow_more_and_insert(void)
{
    map_grow(&lives_map, FOR_MORE);
    insert();
}

/* Without the mark, every bucket has taken its share. */
static void judge_mark(void)
{
    uint64_t levels = moor_load_relaxed(&lives_map.levels);

    for (uint64_t hash = 0; !(levels & MAP_GROWING) && hash < MARKED; hash++) {
        struct bucket *bucket =
            map_bucket(&lives_map, bucket_of(hash << 21, levels));
        if (moor_load_relaxed(&bucket->head) == 0) {
            model_fail("the mark is off, and a bucket is not ready");
        }
    }
    judge_inserted();
}

static void judge_grown(void)
{
    uint64_t levels = moor_load_relaxed(&lives_map.levels);

    if (buckets_at(map_level(levels)) != (uint64_t)2 * MARKED) {
        model_fail("it has grown, and is at level %llu again",
                   (unsigned long long)map_level(levels));
    }
    if (!(levels & MAP_GROWING)) model_fail("it has grown, and has no mark");
    judge_inserted();
}

/* --- growing, and growing beside it -------------------------------------- */

static void grow(void)
{
    map_grow(&lives_map, THREE_LEVELS);
}

/* What is in a new segment stays there, whoever has made it. */
static void grow_to_three_and_insert(void)
{
    grow();
    insert();
}

static void grow_to_two(void)
{
    map_grow(&lives_map, TWO_LEVELS);
}

/* Who wants less, and comes late, takes no level away. */
static void judge_grew_further(void)
{
    uint64_t levels = moor_load_relaxed(&lives_map.levels);

    if (map_level(levels) != 3) {
        model_fail("it has grown, and is at level %llu again",
                   (unsigned long long)map_level(levels));
    }
    lives_expect(stays);
    lives_expect(moves);
    lives_free();
}

static void judge_two_grew(void)
{
    own[1] = lives_enter(LATER, 1);
    answers[1] = MOOR_OK;
    judge_inserted();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"grown_by_two", make_small, {grow_to_three_and_insert, grow}, 2,
     judge_two_grew, 0},
    {"grown_further", make_small, {grow_to_two, grow}, 2,
     judge_grew_further, 0},
    {"child_and_parent", into_child_and_parent, {insert, insert, find_both}, 3,
     judge_inserted, 0},
    {"child_twice", into_child, {insert, insert, find_both}, 3,
     judge_inserted, 0},
    {"same_key", same_key, {insert, insert, find_same}, 3, judge_same, 0},
    {"same_key_moving_seen", same_key, {insert, insert, find_moving}, 3,
     judge_same, 0},
    {"next_owner", make_next, {insert_next, remove_moving, find_key}, 3,
     judge_next, 0},
    {"reused_record", make_reuse, {insert, remove_and_reuse, find_reused}, 3,
     judge_reuse, 0},
    {"late_helper", make_late, {insert, insert_and_replace}, 2, judge_late, 3},
    {"two_levels", deep_and_other, {insert, insert, find_deep}, 3,
     judge_deep, 0},
    {"two_levels_same_key", deep_and_same, {insert, insert, find_deep}, 3,
     judge_deep_same, 3},
    {"growing_same_key", make_small, {grow_and_insert, grow_and_insert}, 2,
     judge_same, 0},
    {"growing_same_key_seen", make_small,
     {grow_and_insert, grow_and_insert, find_same}, 3, judge_same, 3},
    {"claimed_then_sealed", make_small, {insert, grow_and_insert}, 2,
     judge_same, 0},
    {"claimed_then_sealed_seen", make_small,
     {insert, grow_and_insert, find_same}, 3, judge_same, 3},
    {"older_head", make_small_leaving, {insert, leave_grow_insert}, 2,
     judge_same, 0},
    {"older_head_seen", make_small_leaving,
     {insert, leave_grow_insert, find_same}, 3, judge_same, 3},
    {"marked_last_bucket", all_but_one_ready, {insert, insert, find_both}, 3,
     judge_mark, 0},
    {"marked_all_ready", all_ready, {insert, insert}, 2, judge_mark, 0},
    {"marked_while_growing", all_ready, {insert, grow_more_and_insert}, 2,
     judge_grown, 0},
    {"marked_while_growing_seen", all_ready,
     {insert, grow_more_and_insert, find_both}, 3, judge_grown, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
