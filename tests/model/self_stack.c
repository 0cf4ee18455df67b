/*
 * The explorer on a stack after Treiber: the ABA problem.
 *
 * One thread pops; another pops twice and pushes the first node back.  If
 * the top is compared without a tag, the first thread can put a node on top
 * that the second one owns.
 */
#include "atomic.h"
#include "self.h"

enum { NODES = 3, NONE = 0, TAG_SHIFT = 8, INDEX_MASK = 0xff };

static moor_word top;
static moor_word below[NODES + 1]; /* node -> the next, or NONE */
static moor_word owners[NODES + 1];
static bool has_tags;

static uint64_t new_top(uint64_t old, uint64_t node)
{
    uint64_t tag = has_tags ? (old >> TAG_SHIFT) + 1 : 0;
    return tag << TAG_SHIFT | node;
}

static uint64_t pop(void)
{
    uint64_t seen = moor_load_acquire(&top);

    while ((seen & INDEX_MASK) != NONE) {
        uint64_t node = seen & INDEX_MASK;
        uint64_t next = moor_load_relaxed(&below[node]);
        if (moor_cas_acq_rel(&top, &seen, new_top(seen, next))) return node;
    }
    return NONE;
}

static void push(uint64_t node)
{
    uint64_t seen = moor_load_relaxed(&top);

    do {
        moor_store_relaxed(&below[node], seen & INDEX_MASK);
    } while (!moor_cas_acq_rel(&top, &seen, new_top(seen, node)));
}

static void own(uint64_t node)
{
    if (node == NONE) return;
    if (moor_add_relaxed(&owners[node], 1) != 0) {
        model_fail("node %d has two owners", (int)node);
    }
}

static void disown(uint64_t node)
{
    moor_sub_release(&owners[node], 1);
}

static void pop_one(void)
{
    own(pop());
}

static void pop_two_push_one(void)
{
    uint64_t first = pop();
    own(first);
    own(pop());
    if (first == NONE) return;
    disown(first);
    push(first);
}

static void fill(void)
{
    top = (moor_word){1};
    for (uint64_t i = 1; i <= NODES; i++) {
        below[i] = (moor_word){i < NODES ? i + 1 : NONE};
        owners[i] = (moor_word){0};
    }
}

/* No node is both owned and on the stack, or lost. */
static void judge(void)
{
    bool stacked[NODES + 1] = {false};
    uint64_t node = moor_load_relaxed(&top) & INDEX_MASK;

    for (; node != NONE; node = moor_load_relaxed(&below[node])) {
        if (stacked[node]) {
            model_fail("the stack is a ring");
            return;
        }
        stacked[node] = true;
    }
    for (int i = 1; i <= NODES; i++) {
        if (moor_load_relaxed(&owners[i]) + stacked[i] != 1) {
            model_fail("node %d is not in one place", i);
        }
    }
}

static struct model_result explore(bool tags, enum model_mode mode)
{
    const struct model_case model = {
        .name = tags ? "stack with tags" : "stack without tags",
        .before = fill,
        .threads = {pop_one, pop_two_push_one},
        .threads_count = 2,
        .after = judge,
    };
    has_tags = tags;
    return self_run(&model, mode);
}

int main(void)
{
    struct model_result full = explore(false, MODEL_FULL);
    struct model_result reduced = explore(false, MODEL_REDUCED);

    SELF_EXPECT(full.violations > 0 && reduced.violations > 0);
    SELF_EXPECT(reduced.violations < full.violations);
    SELF_EXPECT(explore(true, MODEL_FULL).violations == 0);
    SELF_EXPECT(explore(true, MODEL_REDUCED).violations == 0);
    return self_verdict();
}
