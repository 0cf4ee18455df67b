/*
 * The copy of the tree that a snapshot is written from, against spawns, ends
 * and closes.
 *
 * Goal    Whatever changes during the pass, it is a tree: each life is in it
 *         once, its parent before it, and below nobody but the parent that it
 *         was read with; if that one was not met, below the nearest above by
 *         path that was.  What is there throughout is in it.  A snapshot is
 *         always written to its end.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 * Limits  the text itself is tests/test_snapshot.c's.
 */
#include <string.h>

#include "forest.h"
#include "world/world.h"

static moor_agent top, goes, below;

static void make(moor_close_rule rule)
{
    moor_config config;

    moor_config_default(&config);
    config.close_rule = rule;
    world_make_with(&config);
    top = world_spawn((moor_agent){0}, "top");
}

/* `below` has the lower index of the two: it is read first. */
static void make_two(moor_close_rule rule)
{
    make(rule);
    goes = world_spawn(top, "goes");
    below = world_spawn(goes, "below");
    world_finish(below);
    if (life_index(below.bits) > life_index(goes.bits)) {
        moor_agent lower = world_spawn((moor_agent){0}, "lower");

        world_close_tree(below);
        world_close_tree(goes);
        world_close_tree(lower);
        goes = world_spawn(top, "goes");
        below = world_spawn(goes, "below");
    }
}

static void cascade(void)
{
    make_two(MOOR_CASCADE);
}

static void adopt(void)
{
    make_two(MOOR_ADOPT);
}

/* Two vacant records: who comes first has the lower one, and is missed by a
 * pass that has been there. */
static void vacant(void)
{
    moor_agent lower, upper;

    make(MOOR_CASCADE);
    lower = world_spawn((moor_agent){0}, "lower");
    upper = world_spawn((moor_agent){0}, "upper");
    if (life_index(lower.bits) > life_index(upper.bits)) {
        moor_agent other = lower;

        lower = upper;
        upper = other;
    }
    world_close_tree(upper);
    world_close_tree(lower);
}

/* --- the reader ----------------------------------------------------------- */

static const struct forest_node *find_life(const struct forest *forest,
                                           life which)
{
    const struct forest_node *found = NULL;

    for (size_t i = 0; i < forest->count; i++) {
        if (forest->nodes[i]->which != which) continue;
        if (found != NULL) model_fail("twice: %s", found->path);
        found = forest->nodes[i];
    }
    return found;
}

static bool is_above(const char *path, const char *below_it)
{
    size_t length = strlen(path);

    return strncmp(path, below_it, length) == 0 && below_it[length] == '/';
}

static void expect_nearest(const struct forest *forest,
                           const struct forest_node *node)
{
    for (size_t i = 0; i < forest->count; i++) {
        const struct forest_node *other = forest->nodes[i];

        if (is_above(other->path, node->path) &&
            strlen(other->path) > strlen(node->above->path)) {
            model_fail("%s below %s, not %s", node->path, node->above->path,
                       other->path);
        }
    }
}

static void expect_place(const struct forest *forest,
                         const struct forest_node *node)
{
    const struct forest_node *parent = find_life(forest, node->parent);

    if (find_life(forest, node->which) != node || node->above == NULL ||
        !is_above(node->above->path, node->path) ||
        node->level != node->above->level + 1) {
        model_fail("%s below %s", node->path,
                   node->above == NULL ? "nobody" : node->above->path);
    } else if (parent == NULL) {
        expect_nearest(forest, node);
    } else if (parent != node->above) {
        model_fail("%s below %s, not its parent %s", node->path,
                   node->above->path, parent->path);
    }
}

static void grow(void)
{
    struct forest forest;
    const struct forest_node *node;
    size_t seen = 0;

    if (!forest_grow(&forest, world)) {
        model_fail("no memory");
        return;
    }
    node = forest_root(&forest);
    WORLD_EXPECT(node->which == moor_root(world).bits && node->level == 0);
    for (; node != NULL; node = forest_next(node)) {
        if (seen++ > 0) expect_place(&forest, node);
    }
    if (seen != forest.count) model_fail("%zu of %zu", seen, forest.count);
    WORLD_EXPECT(find_life(&forest, top.bits) != NULL);
    forest_fell(&forest);
}

static bool count_lines(void *lines, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        *(int *)lines += bytes[i] == '\n';
    return true;
}

static void write_it(void)
{
    int lines = 0;

    world_expect_error(
        "snapshot",
        moor_snapshot(world, MOOR_SNAPSHOT_TREE, count_lines, &lines), MOOR_OK);
    WORLD_EXPECT(lines >= 2); /* the root and `top` */
}

/* --- writers -------------------------------------------------------------- */

static void close_goes(void)
{
    world_expect_error(
        "close", moor_close(world, goes, MOOR_CLOSE_BY_RULE, NULL), MOOR_OK);
}

/* Another one has its record. */
static void close_and_spawn(void)
{
    moor_agent comes;

    close_goes();
    world_expect_error("spawn", world_try_spawn((moor_agent){0}, "x", &comes),
                       MOOR_OK);
}

/* The same path once more. */
static void close_and_spawn_again(void)
{
    moor_agent comes;

    close_goes();
    world_expect_error("spawn", world_try_spawn(top, "goes", &comes), MOOR_OK);
}

static void spawn_two(void)
{
    moor_agent between, last;

    world_expect_error("spawn", world_try_spawn(top, "between", &between),
                       MOOR_OK);
    world_expect_error("spawn", world_try_spawn(between, "last", &last),
                       MOOR_OK);
}

static void finish(void)
{
    (void)world_finish(goes);
}

static void spawn_below(void)
{
    moor_agent comes;
    moor_error error = world_try_spawn(goes, "more", &comes);

    WORLD_EXPECT(error == MOOR_OK || error == MOOR_FENCED ||
                 error == MOOR_STALE);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"close_spawn", cascade, {grow, close_and_spawn}, 2, world_end, 0},
    {"close_spawn_again", cascade, {grow, close_and_spawn_again}, 2, world_end,
     0},
    {"adopt", adopt, {grow, close_goes}, 2, world_end, 0},
    {"adopt_spawn_again", adopt, {grow, close_and_spawn_again}, 2, world_end,
     0},
    {"adopt_spawn_below", adopt, {grow, close_goes, spawn_below}, 3, world_end,
     2},
    {"missed_parent", vacant, {grow, spawn_two}, 2, world_end, 0},
    {"finish_close", cascade, {grow, finish, close_goes}, 3, world_end, 2},
    {"written_close_spawn", cascade, {write_it, close_and_spawn}, 2, world_end,
     0},
};
/* clang-format on */

WORLD_MAIN(cases)
