/*
 * The arena: entries taken and given back by several threads.
 *
 * Goal    No entry belongs to two at once and none is lost, also when an entry
 *         is taken and given back while another taker looks at it (ABA); an
 *         index that is known has its entry, zeroed when it is new.
 * Method  every schedule up to the order of independent steps.
 */
#include "arena.h"
#include "explore.h"

#include <string.h>

struct entry {
    moor_word owner;
    moor_word link;
};

enum { MOST = 32, FIRST_SEGMENT = 1 << ARENA_FIRST_BITS };

static struct arena arena;
static uint32_t kept[MODEL_THREADS_MAX]; /* what a thread still has; 0: none */

static struct entry *at(uint32_t index)
{
    return (struct entry *)arena_at(&arena, index, sizeof(struct entry));
}

static uint32_t take(void)
{
    uint64_t before;
    uint32_t index = 0;

    if (!arena_take(&arena, &index)) {
        model_fail("nothing was left");
        return 0;
    }
    before = moor_exchange_seq_cst(&at(index)->owner, 1);
    if (before != 0) model_fail("entry %u belongs to two", index);
    /* In use, the link holds anything. */
    moor_store_relaxed(&at(index)->link, MOST + index);
    return index;
}

static void give(uint32_t index)
{
    if (index == 0) return;
    if (moor_exchange_seq_cst(&at(index)->owner, 0) != 1) {
        model_fail("entry %u was not ours", index);
    }
    arena_give(&arena, index);
}

/* `used` entries were handed out at least once, and `vacant` given back. */
static void make(uint32_t used, uint32_t vacant)
{
    memset(&arena, 0, sizeof arena);
    memset(kept, 0, sizeof kept);
    arena_init(&arena, sizeof(struct entry), offsetof(struct entry, link), 1,
               MOST);
    for (uint32_t i = 0; i < used; i++)
        take();
    for (uint32_t i = used; i > used - vacant; i--)
        give(arena_spread(i));
}

/* Everybody gives back what it kept; then each entry comes once. */
static void judge(void)
{
    bool seen[MOST + ARENA_GROUP] = {false};
    uint32_t index;

    for (int i = 0; i < MODEL_THREADS_MAX; i++)
        give(kept[i]);
    for (uint32_t i = 1; i < MOST; i++) {
        if (!arena_take(&arena, &index)) {
            model_fail("an entry is lost");
            break;
        }
        if (seen[index]) model_fail("entry %u came twice", index);
        seen[index] = true;
    }
    arena_destroy(&arena);
}

/* --- bodies -------------------------------------------------------------- */

static void take_one(void)
{
    kept[model_self()] = take();
}

static void take_and_give(void)
{
    give(take());
}

/* The one that is on top again hides that the one below is gone. */
static void take_two_give_first(void)
{
    uint32_t first = take();

    kept[model_self()] = take();
    give(first);
}

static void give_kept(void)
{
    uint32_t index = kept[model_self()];

    kept[model_self()] = 0;
    give(index);
}

static moor_word given_back;

/* When all are in use: none, or what thread 1 gives back. */
static void try_to_take(void)
{
    bool after = moor_load_acquire(&given_back) != 0;
    uint32_t index = 0;

    if (!arena_take(&arena, &index)) {
        if (after) model_fail("nothing was left");
        return;
    }
    if (moor_exchange_seq_cst(&at(index)->owner, 1) != 0) {
        model_fail("entry %u belongs to two", index);
    }
    kept[model_self()] = index;
}

static void give_and_say(void)
{
    give_kept();
    moor_store_release(&given_back, 1);
}

static void look(void)
{
    uint32_t end = arena_end(&arena);

    if (end > FIRST_SEGMENT && moor_load_acquire(&at(end - 1)->owner) > 1) {
        model_fail("a known entry was not made");
    }
}

/* --- states -------------------------------------------------------------- */

static void three_vacant(void)
{
    make(3, 3);
}

/* Two vacant, and thread 2 has one to give. */
static void two_vacant(void)
{
    make(3, 2);
    kept[2] = arena_spread(1);
}

/* One vacant; whoever comes late takes a new one. */
static void one_vacant(void)
{
    make(2, 1);
    kept[2] = arena_spread(1);
}

static void segment_full(void)
{
    make(FIRST_SEGMENT - 1, 0);
    for (uint32_t i = 1; i < FIRST_SEGMENT; i++)
        give(i);
    for (uint32_t i = 1; i < FIRST_SEGMENT; i++)
        take();
}

static void all_in_use(void)
{
    make(MOST - 1, 0);
    kept[1] = arena_spread(1);
    given_back = (moor_word){0};
}

static void judge_all(void)
{
    for (uint32_t i = 2; i < MOST; i++)
        give(arena_spread(i));
    judge();
}

static void judge_full(void)
{
    for (uint32_t i = 1; i < FIRST_SEGMENT; i++)
        give(i);
    judge();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"aba", three_vacant, {take_one, take_two_give_first}, 2, judge, 0},
    {"two_takers_a_giver", two_vacant, {take_one, take_one, give_kept}, 3,
     judge, 0},
    {"vacant_or_next", one_vacant, {take_one, take_one, give_kept}, 3,
     judge, 0},
    {"take_and_give", three_vacant, {take_and_give, take_two_give_first}, 2,
     judge, 0},
    {"all_in_use", all_in_use, {try_to_take, give_and_say}, 2, judge_all, 0},
    {"new_segment", segment_full, {take_one, take_one, look}, 3, judge_full, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
