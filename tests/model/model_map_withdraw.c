/*
 * The map: an insert in vain withdraws when its slot has its next tenant.
 *
 * Goal    Whoever withdraws late takes away its own claim and no other's.
 * Method  every schedule up to the order of independent steps.
 * Limits  one bucket that is split once.  A claim whose key has moved out with
 *         the split is left over in the parent, for the next insert to take.
 */
#include "explore.h"
#include "world/lives.h"

enum { STAYS = 8, MOVES = 2, TWO_LEVELS = 12 };

static life stays, moves;
static life own[2], next[2];
static moor_error answers[4];

static void make(void)
{
    lives_make();
    stays = lives_enter(STAYS, 9);
    moves = lives_enter(MOVES, 9);
    for (uint64_t i = 0; i < 2; i++) {
        own[i] = lives_begin(MOVES, 1 + i);
        next[i] = lives_begin(STAYS, 1 + i);
    }
    for (int i = 0; i < 4; i++)
        answers[i] = MOOR_NO_MEMORY;
}

/* The claim of an insert that saw the map before it grew. */
static void insert(void)
{
    answers[0] = lives_insert(own[0]);
}

/* Of the next ones the first gets the slot of the one that has moved, and the
 * second that of the claim. */
static void grow_and_insert_next(void)
{
    map_grow(&lives_map, TWO_LEVELS);
    answers[1] = lives_insert(own[1]);
    answers[2] = lives_insert(next[0]);
    answers[3] = lives_insert(next[1]);
}

static void judge(void)
{
    for (int i = 0; i < 4; i++) {
        if (answers[i] != MOOR_OK) model_fail("insert %d is refused", i);
    }
    for (int i = 0; i < 2; i++) {
        lives_expect(own[i]);
        lives_expect(next[i]);
    }
    lives_expect(stays);
    lives_expect(moves);
    lives_free();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"claim_left_over", make, {insert, grow_and_insert_next}, 2, judge, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
