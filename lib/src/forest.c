/*
 * The pass meets records in the order of their indices, so a parent is found by
 * bisection.  Its path is a true prefix of its child's, adopted or not,
 * whatever else changed between the two: so nobody comes to hang below itself.
 */
#include "forest.h"

#include <stdlib.h>
#include <string.h>

#include "plant.h"

/* --- the pass ------------------------------------------------------------- */

static struct forest_node *copy_node(const moor_info *info)
{
    size_t path = strlen(info->path) + 1;
    size_t nickname = strlen(info->nickname) + 1;
    size_t role = strlen(info->role) + 1;
    struct forest_node *node =
        (struct forest_node *)malloc(sizeof *node + path + nickname + role);

    if (node == NULL) {
        return NULL;
    }
    *node = (struct forest_node){
        .which = info->agent.bits | info->ticket.bits, /* one of them is 0 */
        .parent = info->parent.bits,
        .id = info->id,
        .status = info->status,
        .slot = info->slot,
        .lent = info->lent,
        .fenced = info->fenced,
        .loaded = info->loaded,
        .pinned = info->pinned,
        .evicting = info->evicting,
        .turn = info->turn,
        .age_ms = info->age_ms,
        .nickname = node->path + path,
        .role = node->path + path + nickname,
    };
    memcpy(node->path, info->path, path);
    memcpy(node->path + path, info->nickname, nickname);
    memcpy(node->path + path + nickname, info->role, role);
    return node;
}

static bool widen_forest(struct forest *forest)
{
    size_t room = forest->room == 0 ? 64 : 2 * forest->room;
    struct forest_node **nodes;

    if (forest->count < forest->room) {
        return true;
    }
    nodes = (struct forest_node **)malloc(room * sizeof(struct forest_node *));
    if (nodes == NULL) {
        return false;
    }
    if (forest->count > 0) {
        memcpy(nodes, forest->nodes,
               forest->count * sizeof(struct forest_node *));
    }
    free(forest->nodes);
    forest->nodes = nodes;
    forest->room = room;
    return true;
}

static bool plant_nodes(struct forest *forest, const moor_info *infos,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct forest_node *node =
            widen_forest(forest) ? copy_node(&infos[i]) : NULL;

        if (node == NULL) {
            return false;
        }
        forest->nodes[forest->count++] = node;
    }
    return true;
}

static bool copy_all(struct forest *forest, moor_registry *books)
{
    enum { FEW = 8 };
    moor_info infos[FEW];
    uint64_t cursor = 0;

    do {
        size_t count = 0;

        /* It has no way to fail: all arguments are good. */
        (void)moor_list(books, NULL, &cursor, infos, FEW, &count);
        if (!plant_nodes(forest, infos, count)) {
            return false;
        }
    } while (cursor != 0);
    return true;
}

/* --- who hangs below whom ------------------------------------------------- */

static int compare_index(const void *key, const void *element)
{
    uint32_t wanted = life_index(*(const life *)key);
    uint32_t here = life_index((*(struct forest_node *const *)element)->which);

    return (wanted > here) - (wanted < here);
}

/* Before they are sorted otherwise. */
static void find_parents(const struct forest *forest)
{
    for (size_t i = 0; i < forest->count; i++) {
        struct forest_node *node = forest->nodes[i];
        struct forest_node *const *found = (struct forest_node *const *)bsearch(
            &node->parent, forest->nodes, forest->count,
            sizeof(struct forest_node *), compare_index);

        if (found != NULL &&
            ((*found)->which == node->parent ||
             (MOOR_PLANTED(98) && i > 0))) { /* whoever has that index by now */
            node->above = *found;
        }
    }
}

/* Of one path there may be two, if one left and the other came meanwhile. */
static int compare_nodes(const void *a, const void *b)
{
    const struct forest_node *one = *(struct forest_node *const *)a;
    const struct forest_node *other = *(struct forest_node *const *)b;
    int by_path = strcmp(one->path, other->path);

    return by_path != 0
               ? by_path
               : (one->which > other->which) - (one->which < other->which);
}

static int compare_path(const void *key, const void *element)
{
    return strcmp((const char *)key,
                  (*(struct forest_node *const *)element)->path);
}

/* The nearest above by path that was met; the root always is. */
static struct forest_node *find_by_path(const struct forest *forest,
                                        const struct forest_node *node)
{
    char path[MOOR_PATH_MAX + 1];
    struct forest_node *const *found = NULL;

    memcpy(path, node->path, strlen(node->path) + 1);
    while (found == NULL) {
        *strrchr(path, '/') = '\0';
        found = (struct forest_node *const *)bsearch(
            path, forest->nodes, forest->count, sizeof(struct forest_node *),
            compare_path);
    }
    return *found;
}

static void hang_up(const struct forest *forest)
{
    /* The last first, for each is put before its siblings.  Nobody but the
     * root sorts first. */
    for (size_t i = forest->count; i-- > 1;) {
        struct forest_node *node = forest->nodes[i];

        if (node->above == NULL) {
            node->above = MOOR_PLANTED(99) /* whatever its path says */
                              ? forest->nodes[0]
                              : find_by_path(forest, node);
        }
        node->next = node->above->first;
        node->above->first = node;
    }
    /* What is above has the shorter path, so it sorts before. */
    for (size_t i = 1; i < forest->count; i++) {
        forest->nodes[i]->level = forest->nodes[i]->above->level + 1;
    }
}

bool forest_grow(struct forest *forest, moor_registry *books)
{
    *forest = (struct forest){NULL, 0, 0};
    if (!copy_all(forest, books)) {
        forest_fell(forest);
        return false;
    }
    find_parents(forest);
    qsort((void *)forest->nodes, forest->count, sizeof(struct forest_node *),
          compare_nodes);
    hang_up(forest);
    return true;
}

void forest_fell(struct forest *forest)
{
    for (size_t i = 0; i < forest->count; i++) {
        free(forest->nodes[i]);
    }
    free((void *)forest->nodes);
}

/* --- in order ------------------------------------------------------------- */

struct forest_node *forest_root(const struct forest *forest)
{
    return forest->nodes[0];
}

struct forest_node *forest_next(const struct forest_node *node)
{
    if (node->first != NULL) {
        return node->first;
    }
    while (node != NULL && node->next == NULL) {
        node = node->above;
    }
    return node == NULL ? NULL : node->next;
}
