/*
 * The map: two inserts find their bucket full, because the map could not grow
 * in time.
 *
 * Goal    Both make room, whoever adds the levels and moves the shares out; no
 *         key is lost.
 * Method  every trace that needs at most two preemptions: each insert looks at
 *         all slots of the bucket more than once, hundreds of steps.
 */
#include "explore.h"
#include "map_inner.h"
#include "world/lives.h"

enum { STAYS = 8, MOVES = 2 };

static life many[BUCKET_SLOTS_MOST], own[2];
static moor_error answers[2];

static void make(void)
{
    lives_make();
    for (uint64_t i = 0; i < BUCKET_SLOTS_MOST; i++)
        many[i] = lives_enter(i % 2 == 0 ? STAYS : MOVES, 10 + i);
    own[0] = lives_begin(MOVES, 1);
    own[1] = lives_begin(STAYS, 1);
}

static void insert(void)
{
    int self = model_self();

    answers[self] = lives_insert(own[self]);
}

static void judge(void)
{
    for (int i = 0; i < 2; i++) {
        if (answers[i] != MOOR_OK) model_fail("insert %d is refused", i);
        lives_expect(own[i]);
    }
    for (int i = 0; i < BUCKET_SLOTS_MOST; i++)
        lives_expect(many[i]);
    lives_free();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"two", make, {insert, insert}, 2, judge, 2},
};
/* clang-format on */

MODEL_MAIN(cases)
