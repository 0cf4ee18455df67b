/*
 * churn: agents come and go by the million in a registry of a thousand, and
 * memory stays as it is.
 *
 * Two threads keep a crowd each.  A life replaces one of the crowd, at random:
 * the old one is closed, finished or not, and a new one comes below the root or
 * below one of the parents, which stay.  One life in eight leaves a text.
 * Memory is compared after the first half of all lives and after the second,
 * when no thread is there, so that nothing is under way or in the stocks that
 * malloc keeps for threads.  Names of the dead are freed only when no thread
 * may look at them any more, and while one is kept from the processor in the
 * middle of a look many may be waiting; so at the end of a half each thread
 * has a few more lives while the others stand still, which frees them.
 *
 * The bound is for what malloc has given out; the growth of the resident set,
 * which depends on what else is in memory, is printed beside it.
 */
#include "probe.h"

#include <string.h>

enum {
    LIMIT = 1000,
    THREADS = 2,
    PARENTS = 16,
    CROWD = LIMIT / THREADS - PARENTS - 1,
    LIVES_LAST = 512,
    LIVES_QUICK = 20000
};

uint64_t churn_lives = 2000000;

struct churner {
    alignas(128) struct probe_thread thread;
    pthread_barrier_t *line;
    moor_registry *registry;
    struct random random;
    unsigned index;
    moor_agent parents[PARENTS];
    moor_agent crowd[CROWD];
    uint32_t next; /* number of the next agent */
    uint64_t lives, wrong;
};

/* The numbers of a thread are its own, and a name is as long as any other. */
static moor_agent spawn(struct churner *me, moor_agent parent)
{
    char name[PROBE_NAME + 1];
    const moor_spawn_options options = { .parent = parent, .name = name };
    moor_agent agent = { 0 };

    probe_name(name, (char)('a' + me->index), me->next++);
    me->wrong += moor_spawn(me->registry, &options, &agent, NULL) != MOOR_OK ||
                 moor_start(me->registry, agent) != MOOR_OK;
    return agent;
}

/* Three of four finish before they are closed, one of eight with a text. */
static void part(struct churner *me, moor_agent agent, uint64_t chance)
{
    static const char text[] = "all that was asked for is done";
    const size_t length = chance % 8 == 0 ? sizeof text : 0;

    if (chance % 4 != 3) {
        me->wrong += moor_finish(me->registry, agent, MOOR_STATUS_COMPLETED,
                                 length > 0 ? text : NULL, length) != MOOR_OK;
    }
    me->wrong += moor_close(me->registry, agent, MOOR_CLOSE_BY_RULE, NULL) !=
                 MOOR_OK;
}

static void live(struct churner *me, uint64_t lives)
{
    const moor_agent root = { 0 };

    for (uint64_t i = 0; i < lives; i++) {
        const uint64_t chance = random_next(&me->random);
        moor_agent *one = &me->crowd[(chance >> 32) % CROWD];

        part(me, *one, chance);
        *one = spawn(me, chance % 32 < 16
                             ? root
                             : me->parents[chance / 32 % PARENTS]);
    }
}

static void churn(void *argument)
{
    struct churner *me = argument;

    live(me, me->lives);
    for (unsigned turn = 0; turn < THREADS; turn++) {
        pthread_barrier_wait(me->line);
        if (turn == me->index) live(me, LIVES_LAST);
    }
    pthread_barrier_wait(me->line);
}

static void settle(struct churner *me, moor_registry *registry, unsigned index)
{
    const moor_agent root = { 0 };

    memset(me, 0, sizeof *me);
    me->registry = registry;
    me->index = index;
    me->random = random_seeded(1, index);
    for (int i = 0; i < PARENTS; i++) me->parents[i] = spawn(me, root);
    for (int i = 0; i < CROWD; i++) me->crowd[i] = spawn(me, root);
}

static struct probe_bytes half(struct churner *churners, uint64_t lives)
{
    pthread_barrier_t line;

    pthread_barrier_init(&line, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        churners[i].line = &line;
        churners[i].lives = lives / THREADS;
        probe_start(&churners[i].thread, -1, churn, &churners[i]);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        probe_join(&churners[i].thread);
        probe_must(churners[i].wrong == 0, "churn: an answer was wrong");
    }
    pthread_barrier_destroy(&line);
    return probe_bytes();
}

void probe_churn(bool quick, struct figures *figures)
{
    static struct churner churners[THREADS];
    const uint64_t lives = quick ? LIVES_QUICK : churn_lives;
    moor_registry *registry = probe_registry(LIMIT);

    for (unsigned i = 0; i < THREADS; i++) {
        settle(&churners[i], registry, i);
    }
    const struct probe_bytes before = half(churners, lives / 2);
    const double begin = now();
    const struct probe_bytes after = half(churners, lives / 2);
    const double took = now() - begin;

    figures_add(figures, "grown by the second half of all lives",
                after.heap - before.heap, "B", 65536);
    figures_add(figures, "the same, resident", after.resident - before.resident,
                "B", 0);
    figures_add(figures, "lives", (double)lives, "", 0);
    figures_note(figures, "a larger number: --lives");
    figures_add(figures, "a life", took * 1e9 / ((double)lives / 2), "ns", 0);
    figures_note(figures, "two threads, by the clock on the wall");
    moor_destroy(registry);
}
