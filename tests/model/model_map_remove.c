/*
 * The map: removing against inserting and looking up, and a record that is
 * used again under another key.
 *
 * Goal    A key has at most one owner at any time; it is free for the next as
 *         soon as its owner has left, swept or not; a look-up never answers one
 *         that did not own the key, whatever stands in left-over slots (I4).
 * Method  every schedule up to the order of independent steps.
 * Limits  ids with chosen hashes; no bucket is split (model_map_split.c).
 */
#include "bucket.h"
#include "explore.h"
#include "world/lives.h"

enum { KEY = 4, OTHER = 8 }; /* bucket 0 both, of one tag */

static life old, new, there;
static moor_error answer;
static moor_error answers[2];
static life found, found_again;
static moor_word left; /* `old` has left */
static bool began_after;

static void make(void)
{
    lives_make();
    old = lives_enter(KEY, 1);
    there = lives_enter(KEY, 9);
    new = 0;
    answer = answers[0] = answers[1] = MOOR_NO_MEMORY;
    found = found_again = 0;
    left = (moor_word){0};
    began_after = false;
}

static void remove_old(void)
{
    lives_leave(old);
    moor_store_release(&left, 1);
    map_remove(&lives_map, KEY, old);
}

/* --- the next owner of the key ------------------------------------------- */

static void make_next(void)
{
    make();
    new = lives_begin(KEY, 1);
}

static void insert_new(void)
{
    began_after = moor_load_acquire(&left) != 0;
    answer = lives_insert(new);
    if (answer != MOOR_OK) lives_leave(new);
}

static void find_key(void)
{
    found = lives_find(KEY, 1);
    found_again = lives_find(KEY, 1);
    if (found_again == old && found == new) {
        model_fail("the owner before came back");
    }
}

static void find_there(void)
{
    if (lives_find(KEY, 9) != there) model_fail("lost from sight");
}

static void judge_next(void)
{
    if (answer == MOOR_PATH_TAKEN && began_after) {
        model_fail("taken by one that had left");
    }
    if (answer == MOOR_OK) {
        lives_expect(new);
    } else {
        lives_expect_none(KEY, 1);
    }
    if (found == new &&answer != MOOR_OK) {
        model_fail("found one that was not inserted");
    }
    lives_expect(there);
    lives_free();
}

/* --- the next life of the record ----------------------------------------- */

static void remove_and_reuse(void)
{
    lives_remove(old);
    new = lives_again(old, OTHER, 2);
    answer = lives_insert(new);
}

static void find_other(void)
{
    life seen = lives_find(OTHER, 2);

    if (seen == old) model_fail("I4: the life before has the key of the next");
    found = seen;
}

static void find_old(void)
{
    life seen = lives_find(KEY, 1);

    if (seen != 0 && seen != old)
        model_fail("I4: found %llx under an old key", (unsigned long long)seen);
}

static void judge_reuse(void)
{
    if (answer != MOOR_OK) model_fail("not inserted");
    if (found != 0 && found != new) model_fail("found a stranger");
    lives_expect(new);
    lives_expect_none(KEY, 1);
    lives_expect(there);
    lives_free();
}

/* Somebody else wants the key that the next life will have. */
static life rival;

static void make_rival(void)
{
    make();
    rival = lives_begin(OTHER, 2);
}

static void insert_rival(void)
{
    answers[0] = lives_insert(rival);
    if (answers[0] != MOOR_OK) lives_leave(rival);
}

static void reuse_or_leave(void)
{
    remove_and_reuse();
    if (answer != MOOR_OK) lives_leave(new);
}

static void judge_rival(void)
{
    if ((answer == MOOR_OK) == (answers[0] == MOOR_OK)) {
        model_fail("one key, answers %d and %d", answer, answers[0]);
    }
    lives_expect(answer == MOOR_OK ? new : rival);
    lives_free();
}

/* --- removing twice, and beside each other ------------------------------- */

static life others[2];

static void make_full(void)
{
    make();
    for (uint64_t i = 0; i < 4; i++) {
        life filler = lives_enter(KEY, 10 + i);
        if (i < 2) others[i] = filler;
    }
    new = lives_begin(KEY, 7);
}

static void remove_other(void)
{
    lives_remove(others[model_self()]);
}

/* By somebody who comes late: the life has left, perhaps it is swept. */
static void sweep_old(void)
{
    lives_leave(others[1]);
    map_remove(&lives_map, KEY, others[0]);
    map_remove(&lives_map, KEY, others[1]);
}

static void insert_into_full(void)
{
    answer = lives_insert(new);
}

/* Not in the bucket's own line: all slots of its first block are taken, too. */
static void make_full_block(void)
{
    make();
    for (uint64_t i = 0; i < BUCKET_SLOTS + BUCKET_BLOCK_SLOTS - 2; i++) {
        life filler = lives_enter(KEY, 10 + i);
        if (i == 0) others[1] = filler;
        others[0] = filler;
    }
    new = lives_begin(KEY, 7);
}

static void judge_full_block(void)
{
    if (answer != MOOR_OK) model_fail("not inserted");
    lives_expect_none(KEY, 10 + BUCKET_SLOTS + BUCKET_BLOCK_SLOTS - 3);
    lives_expect(new);
    lives_expect(others[1]);
    lives_free();
}

static void judge_full(void)
{
    if (answer != MOOR_OK) model_fail("not inserted");
    lives_expect_none(KEY, 10);
    lives_expect_none(KEY, 11);
    lives_expect(new);
    lives_expect(there);
    lives_expect(old);
    lives_free();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"remove_insert_find", make_next, {remove_old, insert_new, find_key}, 3,
     judge_next, 0},
    {"remove_insert_beside", make_next, {remove_old, insert_new, find_there}, 3,
     judge_next, 0},
    {"reused_record", make, {remove_and_reuse, find_other, find_old}, 3,
     judge_reuse, 0},
    {"reused_record_rival", make_rival,
     {reuse_or_leave, insert_rival, find_other}, 3, judge_rival, 0},
    {"full_two_removed", make_full,
     {remove_other, remove_other, insert_into_full}, 3, judge_full, 0},
    {"swept_by_two", make_full, {remove_other, sweep_old, insert_into_full}, 3,
     judge_full, 0},
    {"full_block_swept", make_full_block, {remove_other, insert_into_full}, 2,
     judge_full_block, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
