/*
 * Who hangs below whom when the pass has missed somebody.
 */
#include "given.h"

#include "books.h"
#include "forest.h"

/* --- a chain with the longest path ---------------------------------------- */

enum { SEGMENT = 32, DEPTH = MOOR_PATH_MAX / (SEGMENT + 1) };

static moor_agent chain[DEPTH]; /* the first one below the root */

static size_t next_length(size_t length)
{
    size_t rest = MOOR_PATH_MAX - length - 1;

    return rest > MOOR_SEGMENT_MAX ? SEGMENT : rest;
}

static int given_chain(moor_registry *registry)
{
    char name[MOOR_SEGMENT_MAX + 1];
    moor_agent above = nobody;
    int count = 0;

    for (size_t length = strlen("/root"); length < MOOR_PATH_MAX;) {
        size_t bytes = next_length(length);

        memset(name, 'a', bytes);
        name[bytes] = '\0';
        cr_assert_lt(count, DEPTH);
        above = chain[count++] = spawn_below(registry, above, name);
        length += 1 + bytes;
    }
    return count;
}

/* --- a pass that misses --------------------------------------------------- */

static moor_word *state_of(moor_registry *registry, moor_agent agent)
{
    return &books_record(registry, agent.bits)->state;
}

/* As if that one were not shown yet. */
static void grow_without(struct forest *forest, moor_registry *registry,
                         moor_agent missed)
{
    moor_word *state = state_of(registry, missed);
    uint64_t word = moor_load_relaxed(state);

    moor_store_relaxed(state, word_with_phase(word, WORD_RESERVING));
    cr_assert(forest_grow(forest, registry));
    moor_store_relaxed(state, word);
}

static const struct forest_node *node_of(const struct forest *forest,
                                         moor_agent agent)
{
    for (size_t i = 0; i < forest->count; i++) {
        if (forest->nodes[i]->which == agent.bits) return forest->nodes[i];
    }
    return NULL;
}

Test(forest, the_longest_path_below_one_that_was_missed)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    int last = given_chain(registry) - 1;
    const struct forest_node *node;
    struct forest forest;

    grow_without(&forest, registry, chain[last - 1]);
    cr_assert_null(node_of(&forest, chain[last - 1]));
    node = node_of(&forest, chain[last]);
    cr_assert_eq(strlen(node->path), MOOR_PATH_MAX);
    cr_assert_eq(node->above, node_of(&forest, chain[last - 2]));
    cr_assert_eq(node->level, (unsigned)last);
    forest_fell(&forest);
    done(registry);
}

Test(forest, below_the_root_where_all_between_were_missed)
{
    moor_registry *registry = given_limit(MOOR_LIMIT_RUNNING, 2);
    moor_agent above = spawn_below(registry, nobody, "above");
    moor_agent below = spawn_below(registry, above, "below");
    const struct forest_node *node;
    struct forest forest;

    grow_without(&forest, registry, above);
    node = node_of(&forest, below);
    cr_assert_eq(node->above, forest_root(&forest));
    cr_assert_eq(node->level, 1);
    forest_fell(&forest);
    done(registry);
}
