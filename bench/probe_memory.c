/*
 * memory: what a registry and an agent take.
 *
 * Counted is what malloc has given out, pages that it mapped for it included,
 * and every private page that came past malloc; what malloc keeps besides is
 * not.  So memory that was asked for and never touched counts too, which the
 * resident set, printed beside it, does not show.
 *
 * An empty registry is a share of many that exist at once.  Agents are a
 * million in one registry: once all below the root, once each below another
 * one in a tree of eight to a parent, where every parent keeps its children.
 * "Beyond its strings" is without the bytes of the paths and their NULs; there
 * is neither a role nor a nickname.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

enum {
    REGISTRIES = 256,
    SMALL_LIMIT = 6,
    AGENTS = 1000000,
    AGENTS_QUICK = 5000,
    FAN = 8
};

static double all_of(struct probe_bytes bytes)
{
    return bytes.heap + bytes.outside;
}

static double bytes_of_empty(void)
{
    moor_registry *registries[REGISTRIES];
    const double before = all_of(probe_bytes());

    for (int i = 0; i < REGISTRIES; i++) {
        registries[i] = probe_registry(SMALL_LIMIT);
    }
    const double after = all_of(probe_bytes());
    for (int i = 0; i < REGISTRIES; i++) moor_destroy(registries[i]);
    return (after - before) / REGISTRIES;
}

/* Of one agent. */
struct taken {
    double bytes, strings, resident;
};

struct tree {
    moor_registry *registry;
    moor_agent *agents;
    uint16_t *lengths; /* of their paths, with the NUL */
    uint32_t count, fan; /* fan 0: all below the root */
    uint64_t strings;
};

static void spawn(struct tree *tree, uint32_t i)
{
    const bool below = tree->fan > 0 && i > 0;
    const uint32_t parent = below ? (i - 1) / tree->fan : 0;
    char name[PROBE_NAME + 1];
    moor_spawn_options options = { .name = name };

    if (below) options.parent = tree->agents[parent];
    probe_name(name, 'r', i);
    probe_must(moor_spawn(tree->registry, &options, &tree->agents[i], NULL) ==
                   MOOR_OK,
               "an agent was not spawned");
    tree->lengths[i] = (uint16_t)(below ? tree->lengths[parent] + 1 + PROBE_NAME
                                        : PROBE_PATH + 1);
    tree->strings += tree->lengths[i];
}

static struct taken fill(struct tree *tree)
{
    const struct probe_bytes before = probe_bytes();

    tree->registry = probe_registry(MOOR_UNLIMITED);
    for (uint32_t i = 0; i < tree->count; i++) spawn(tree, i);
    const struct probe_bytes after = probe_bytes();
    moor_destroy(tree->registry);
    return (struct taken){
        .bytes = (all_of(after) - all_of(before)) / tree->count,
        .strings = (double)tree->strings / tree->count,
        .resident = (after.resident - before.resident) / tree->count,
    };
}

static struct taken grow(uint32_t count, uint32_t fan)
{
    struct tree tree = {
        .agents = malloc(count * sizeof *tree.agents),
        .lengths = malloc(count * sizeof *tree.lengths),
        .count = count,
        .fan = fan,
    };

    probe_must(tree.agents != NULL && tree.lengths != NULL, "no memory");
    /* Touched, so that they are no part of the growth. */
    memset(tree.agents, 1, count * sizeof *tree.agents);
    memset(tree.lengths, 1, count * sizeof *tree.lengths);
    const struct taken taken = fill(&tree);
    free(tree.agents);
    free(tree.lengths);
    return taken;
}

void probe_memory(bool quick, struct figures *figures)
{
    const uint32_t count = quick ? AGENTS_QUICK : AGENTS;

    /* What a thread and a process take once is not a registry's. */
    grow(1, 0);
    figures_add(figures, "empty registry", bytes_of_empty(), "B", 4096);
    figures_note(figures, "limit 6");
    const struct taken flat = grow(count, 0);
    figures_add(figures, "agent beyond its strings", flat.bytes - flat.strings,
                "B", 160);
    figures_note(figures, "of a million below the root");
    figures_add(figures, "agent with its strings", flat.bytes, "B", 0);
    figures_add(figures, "agent, resident", flat.resident, "B", 0);
    const struct taken deep = grow(count, FAN);
    figures_add(figures, "agent of a tree beyond its strings",
                deep.bytes - deep.strings, "B", 160);
    figures_note(figures, "of a million, eight to a parent");
    figures_add(figures, "agent of a tree with its strings", deep.bytes, "B",
                0);
    figures_add(figures, "agent of a tree, resident", deep.resident, "B", 0);
}
