/*
 * flat: whether an operation in a registry of a million agents costs more than
 * its extra cache misses explain.
 *
 * An operation has so many lines that are cold in a large registry, each found
 * through what came before it.  What they cost is measured by a chain of
 * dependent loads of random lines, in a set of as many bytes as the registry
 * takes: of the large one, and of the small one.  So an operation is explained
 * at
 *
 *     its time in the small registry
 *     + cold lines * (a load of the large set - a load of the small set)
 *
 * and "over explained" is its time in the large one divided by that.  The large
 * set asks for huge pages, as a library of this size should: on ordinary ones a
 * load costs more, for the way through the page tables, which would explain
 * more away; that is printed beside it.
 *
 * What a load from memory costs may double from one moment to the next, when
 * others use the memory too.  So in the large registry operations and loads
 * alternate in short slices; in the small one, which caches hold, each has them
 * to itself.  A round is the sum of its slices, and each figure is the median
 * over the rounds.  Times are processor times of the thread.
 *
 * What the bench itself looks at costs no line in either: ids and names are
 * computed, and the handle that comes next is fetched ahead.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    SMALL = 1000,
    LARGE = 1000000,
    LARGE_QUICK = 20000,
    ROOM = 8,
    ROUNDS = 11,
    ROUNDS_QUICK = 3,
    SLICES = 16,
    LIVES = 1000, /* of a slice */
    LOOKS = 2000,
    LINE = 64,
    /* By id: the bucket, the record. */
    LINES_FIND = 2,
    /* Of the parent the record, which is two lines, and its names; a bucket
     * for the id and one for the path.  The record of the new agent is the one
     * that was given back last. */
    LINES_LIFE = 5
};

enum kind { LIFE, FIND, LOAD, LOAD_PLAIN, KINDS };

/* A registry, sets of as many bytes, and what was seen in each round. */
struct side {
    struct probe_crowd crowd;
    double bytes;
    struct random random;
    uint32_t next; /* number of the next life */
    uint64_t *set, *plain;
    double took[KINDS][ROUNDS_MAX];
};

/* Of one step, as a share of a round. */
static double since(double begin, int count)
{
    return (now_cpu() - begin) * 1e9 / count / SLICES;
}

/* --- the sets ------------------------------------------------------------- */

static uint64_t *set_of(double bytes, bool huge)
{
    const size_t page = 2 << 20;
    const size_t room = ((size_t)bytes / page + 2) * page;
    uint64_t *set = aligned_alloc(page, room);

    probe_must(set != NULL, "no memory for a set of lines");
    madvise(set, room, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    memset(set, 0, room);
    return set;
}

/* All lines hold zero, which the way to the next line goes through: the same
 * arithmetic whatever the size. */
static double load_of(struct side *side, const uint64_t *set)
{
    const uint32_t lines = (uint32_t)(side->bytes / LINE);
    struct random random = side->random;
    const double begin = now_cpu();

    for (int i = 0; i < LOOKS; i++) {
        const uint32_t line = random_below(&random, lines);

        random.state += *(volatile const uint64_t *)(set + line * (size_t)8);
    }
    side->random = random;
    return since(begin, LOOKS);
}

static double load(struct side *side)
{
    return load_of(side, side->set);
}

static double load_plain(struct side *side)
{
    return load_of(side, side->plain);
}

/* --- the operations ------------------------------------------------------- */

static bool is_running(moor_registry *registry, moor_agent agent)
{
    moor_status status;

    return moor_status_of(registry, agent, &status) == MOOR_OK &&
           status == MOOR_STATUS_RUNNING;
}

static double find(struct side *side)
{
    bool fine = true;
    const double begin = now_cpu();

    for (int i = 0; i < LOOKS; i++) {
        const moor_id id =
            probe_id(random_below(&side->random, side->crowd.count));
        moor_agent agent = { 0 };

        fine &= moor_find_id(side->crowd.registry, &id, &agent) == MOOR_OK &&
                is_running(side->crowd.registry, agent);
    }
    const double took = since(begin, LOOKS);
    probe_must(fine, "flat: an agent was not found");
    return took;
}

/* A child of that parent; its name, id and path are given. */
static bool live(struct side *side, uint32_t parent)
{
    moor_registry *registry = side->crowd.registry;
    const moor_agent root = { 0 };
    const uint32_t number = side->next++;
    const moor_id id = probe_id(UINT64_C(1) << 40 | number);
    char path[2 * PROBE_PATH];
    moor_spawn_options options = { .parent = side->crowd.agents[parent],
                                   .name = path + PROBE_PATH + 1, .id = &id };
    moor_agent agent, by_id, by_path;
    moor_waited waited;

    probe_path(path, 'r', parent);
    path[PROBE_PATH] = '/';
    probe_name(path + PROBE_PATH + 1, 'w', number);
    return moor_spawn(registry, &options, &agent, NULL) == MOOR_OK &&
           moor_start(registry, agent) == MOOR_OK &&
           is_running(registry, agent) &&
           moor_find_id(registry, &id, &by_id) == MOOR_OK &&
           by_id.bits == agent.bits &&
           moor_find_path(registry, root, path, &by_path) == MOOR_OK &&
           by_path.bits == agent.bits &&
           moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
               MOOR_OK &&
           moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &agent, 1,
                     MOOR_FOREVER, &waited) == MOOR_OK &&
           moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL) == MOOR_OK;
}

static double lives(struct side *side)
{
    uint32_t parent = random_below(&side->random, side->crowd.count);
    bool fine = true;
    const double begin = now_cpu();

    for (int i = 0; i < LIVES; i++) {
        const uint32_t next = random_below(&side->random, side->crowd.count);

        __builtin_prefetch(&side->crowd.agents[next]);
        fine &= live(side, parent);
        parent = next;
    }
    const double took = since(begin, LIVES);
    probe_must(fine, "flat: a life went wrong");
    return took;
}

/* --- rounds --------------------------------------------------------------- */

static void open_side(struct side *side, uint32_t count)
{
    memset(side, 0, sizeof *side);
    const struct probe_bytes before = probe_bytes();
    side->crowd = probe_crowd_open(count, ROOM);
    const struct probe_bytes after = probe_bytes();
    side->bytes = after.heap - before.heap + after.outside - before.outside;
    side->random = random_seeded(1, count);
    side->set = set_of(side->bytes, true);
    side->plain = set_of(side->bytes, false);
}

typedef double measure(struct side *side);

static measure *const measures[KINDS] = {
    [LIFE] = lives, [FIND] = find, [LOAD] = load, [LOAD_PLAIN] = load_plain
};

static void play_small(struct side *side, unsigned round)
{
    for (int kind = 0; kind < KINDS; kind++) {
        measures[kind](side); /* so that caches hold what it needs */
        for (int i = 0; i < SLICES; i++) {
            side->took[kind][round] += measures[kind](side);
        }
    }
}

static void play_large(struct side *side, unsigned round)
{
    for (int i = 0; i < SLICES; i++) {
        for (int kind = 0; kind < KINDS; kind++) {
            side->took[kind][round] += measures[kind](side);
        }
    }
}

static void close_side(struct side *side)
{
    probe_crowd_close(&side->crowd);
    free(side->set);
    free(side->plain);
}

static double over(const struct side *small, const struct side *large,
                   enum kind kind, enum kind load, unsigned rounds)
{
    const int lines = kind == LIFE ? LINES_LIFE : LINES_FIND;
    double explained[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++) {
        explained[i] = small->took[kind][i] +
                       lines * (large->took[load][i] - small->took[load][i]);
    }
    return probe_ratio(large->took[kind], explained, rounds);
}

static void report(const struct side *small, const struct side *large,
                   unsigned rounds, struct figures *figures)
{
    static const char *const over_names[2][2] = {
        { "life at 1M over explained",
          "life at 1M over explained by ordinary pages" },
        { "find_id at 1M over explained",
          "find_id at 1M over explained by ordinary pages" },
    };
    static const char *const names[KINDS][2] = {
        { "life at 1000", "life at 1M" },
        { "find_id at 1000", "find_id at 1M" },
        { "random load, set of 1000", "random load, set of 1M" },
        { "random load, set of 1000, ordinary pages",
          "random load, set of 1M, ordinary pages" },
    };

    for (int page = 0; page < 2; page++) {
        for (int kind = LIFE; kind <= FIND; kind++) {
            figures_add(figures, over_names[kind][page],
                        over(small, large, (enum kind)kind,
                             page == 0 ? LOAD : LOAD_PLAIN, rounds),
                        "", page == 0 ? 1.3 : 0);
        }
    }
    for (int kind = 0; kind < KINDS; kind++) {
        figures_add(figures, names[kind][0], median(small->took[kind], rounds),
                    "ns", 0);
        figures_add(figures, names[kind][1], median(large->took[kind], rounds),
                    "ns", 0);
    }
}

void probe_flat(bool quick, struct figures *figures)
{
    static struct side small, large;
    const unsigned rounds = quick ? ROUNDS_QUICK : ROUNDS;

    open_side(&small, SMALL);
    open_side(&large, quick ? LARGE_QUICK : LARGE);
    for (unsigned i = 0; i < rounds; i++) {
        play_small(&small, i);
        play_large(&large, i);
    }
    report(&small, &large, rounds, figures);
    close_side(&large);
    close_side(&small);
}
