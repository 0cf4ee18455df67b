/*
 * The map: several inserts into one bucket.
 *
 * Goal    Of several that insert one key exactly one succeeds, and whoever
 *         looks finds that one or nobody; inserts of other keys lose nothing,
 *         and a key that is there throughout is found throughout.
 * Method  every schedule up to the order of independent steps.
 * Limits  ids with chosen hashes; no bucket is split (model_map_split.c).
 */
#include "explore.h"
#include "world/lives.h"

enum { KEY = 4 }; /* bucket 0 */

static life own[3];
static moor_error answers[3];
static life there;
static life found;

static void make(int count, bool same)
{
    lives_make();
    for (int i = 0; i < count; i++) {
        own[i] = lives_begin(KEY, same ? 1 : 1 + (uint64_t)i);
        answers[i] = MOOR_NO_MEMORY;
    }
}

static void two_same(void)
{
    make(2, true);
}

static void three_same(void)
{
    make(3, true);
}

static void three_others(void)
{
    make(3, false);
}

static void insert(void)
{
    int self = model_self();

    answers[self] = lives_insert(own[self]);
}

/* As an admission does that is not granted. */
static void insert_or_leave(void)
{
    insert();
    if (answers[model_self()] != MOOR_OK) lives_leave(own[model_self()]);
}

static void find(void)
{
    found = lives_find(KEY, 1);
}

static int winner(int count)
{
    int won = -1;

    for (int i = 0; i < count; i++) {
        if (answers[i] == MOOR_OK) {
            if (won >= 0) model_fail("one key was inserted twice");
            won = i;
        } else if (answers[i] != MOOR_PATH_TAKEN) {
            model_fail("insert %d answers %d", i, answers[i]);
        }
    }
    if (won < 0) model_fail("nobody inserted it");
    return won;
}

static void judge_same(int count)
{
    int won = winner(count);

    if (won >= 0) lives_expect(own[won]);
    lives_free();
}

static void judge_two(void)
{
    judge_same(2);
}

static void judge_three(void)
{
    judge_same(3);
}

static void judge_found(void)
{
    int won = winner(2);

    if (won >= 0 && found != 0 && found != own[won]) {
        model_fail("found one that was not inserted");
    }
    judge_same(2);
}

/* --- keys of their own --------------------------------------------------- */

static void judge_others(void)
{
    for (int i = 0; i < 3; i++) {
        if (answers[i] != MOOR_OK) model_fail("not inserted");
        lives_expect(own[i]);
    }
    lives_free();
}

static void two_and_one_there(void)
{
    make(2, false);
    there = lives_enter(KEY, 9);
}

static void find_there(void)
{
    if (lives_find(KEY, 9) != there) model_fail("lost from sight");
}

static void judge_and_one_there(void)
{
    lives_expect(there);
    for (int i = 0; i < 2; i++) {
        if (answers[i] != MOOR_OK) model_fail("not inserted");
        lives_expect(own[i]);
    }
    lives_free();
}

/* --- a head that looks as before ------------------------------------------ */

/* One slot counts, then none, then the same one again, with the key. */
static void one_there(void)
{
    make(2, true);
    there = lives_enter(KEY, 9);
}

static void remove_and_insert(void)
{
    lives_remove(there);
    insert();
}

/* --- a slot whose tenant has left, not swept yet ------------------------- */

static life leaving;
static moor_word published; /* own[1] is in, and no more on its way */

static void one_leaving(void)
{
    make(2, true);
    leaving = lives_begin(KEY, 8);
    published = (moor_word){0};
}

/* The other's claim may come late, into the slot that counts still. */
static void leave_and_insert(void)
{
    if (lives_insert(leaving) != MOOR_OK) model_fail("not inserted");
    lives_leave(leaving);
    insert();
    if (answers[1] == MOOR_OK) {
        lives_publish(own[1]);
        moor_store_release(&published, 1);
    } else {
        lives_leave(own[1]);
    }
}

static void find_published(void)
{
    bool there_before = moor_load_acquire(&published) != 0;

    found = lives_find(KEY, 1);
    if (there_before && found != own[1]) model_fail("lost from sight");
}

static void judge_leaving(void)
{
    judge_same(2);
}

/* --- a bucket whose slots are all taken ---------------------------------- */

/* Six slots, of which `dead` have left unswept. */
static void make_full(int dead)
{
    make(2, false);
    there = lives_enter(KEY, 9);
    for (int i = 1; i < 6; i++) {
        life filler = lives_enter(KEY, 10 + (uint64_t)i);
        if (i <= dead) lives_leave(filler);
    }
}

static void full(void)
{
    make_full(0);
}

static void full_of_dead(void)
{
    make_full(1);
}

/* --- the same, by inserts that look at tags and at nothing else ---------- */

#define OTHER_TAG (KEY | UINT64_C(3) << 57)

/* One slot counts and has another tag. */
static void tagged_there(void)
{
    make(0, true);
    for (int i = 0; i < 2; i++) {
        own[i] = lives_begin(OTHER_TAG, 1);
        answers[i] = MOOR_NO_MEMORY;
    }
    there = lives_enter(KEY, 9);
}

/* All six count, and two of them are vacated. */
static void make_vacated(bool same)
{
    make(0, true);
    for (uint64_t i = 0; i < 2; i++) {
        own[i] = lives_begin(OTHER_TAG, same ? 1 : 1 + i);
        answers[i] = MOOR_NO_MEMORY;
    }
    there = lives_enter(KEY, 9);
    for (uint64_t i = 1; i < 6; i++)
        leaving = lives_enter(KEY, 10 + i);
    lives_remove(leaving);
    leaving = lives_find(KEY, 11);
    lives_remove(leaving);
}

static void vacated_same(void)
{
    make_vacated(true);
}

static void vacated_others(void)
{
    make_vacated(false);
}

static void find_tagged(void)
{
    found = lives_find(OTHER_TAG, 1);
}

static void remove_there(void)
{
    lives_remove(there);
}

static void judge_and_none_there(void)
{
    lives_expect_none(KEY, 9);
    for (int i = 0; i < 2; i++) {
        if (answers[i] != MOOR_OK) model_fail("not inserted");
        lives_expect(own[i]);
    }
    lives_free();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"same_key_two", two_same, {insert, insert}, 2, judge_two, 0},
    {"same_key_two_and_finder", two_same,
     {insert_or_leave, insert_or_leave, find}, 3, judge_found, 0},
    {"same_key_three", three_same, {insert, insert, insert}, 3, judge_three, 0},
    {"other_keys_three", three_others, {insert, insert, insert}, 3,
     judge_others, 0},
    {"other_keys_and_finder", two_and_one_there,
     {insert, insert, find_there}, 3, judge_and_one_there, 0},
    {"same_key_same_bits", one_there, {insert, remove_and_insert}, 2,
     judge_two, 0},
    {"same_key_and_leaving", one_leaving,
     {insert_or_leave, leave_and_insert, find_published}, 3, judge_leaving, 0},
    {"full_two", full, {insert, insert, find_there}, 3, judge_and_one_there, 0},
    {"sweeping_two", full_of_dead, {insert, insert, find_there}, 3,
     judge_and_one_there, 0},
    {"tagged_same_bits", tagged_there, {insert, remove_and_insert}, 2,
     judge_two, 0},
    {"vacated_same_key", vacated_same,
     {insert_or_leave, insert_or_leave, find_tagged}, 3, judge_found, 0},
    {"vacated_two", vacated_others, {insert, insert, find_there}, 3,
     judge_and_one_there, 0},
    {"vacated_and_removing", vacated_others, {insert, insert, remove_there}, 3,
     judge_and_none_there, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
