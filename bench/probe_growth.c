/*
 * growth: the longest pause while a registry grows from nothing to a million
 * agents, in the thread that spawns, in two that look up, and in one that
 * closes.  Every third agent below a parent is closed soon after it came; all
 * others stay, and must be found throughout, by handle, by id and by path.
 *
 * Each call is timed three ways.
 *
 *   longest   by the time-stamp counter.  With more threads than processors
 *             that includes time in which the thread could have run and another
 *             did, which is no pause of the library.
 *   waiting   the same without that time, which the kernel counts: what the
 *             thread used, and what it waited for anything else, such as a
 *             lock.  That may be the library's, and may be the kernel's, whose
 *             locks page faults take, and whose holders lose their processors.
 *   pause     processor time of the thread: page faults and all else that the
 *             kernel does for it count, and the bound is for this one.
 *
 * Asking the kernel takes longer than a call, so it is done before every
 * MARK_EVERY-th call only, and after each that took long.  All processor time
 * since it was asked last is taken to be that call's, which is never less than
 * its own.
 *
 * Time that a hypervisor steals cannot be told from work, and what the kernel
 * does for others may fall upon any call.  A pause that the library makes comes
 * every time; so the registry grows REPETITIONS times, and that repetition
 * counts in which the longest pause was least.  The longest call is of all.
 *
 * A host that has given back large blocks before makes malloc take the next
 * ones from where it has to clear them by hand, which is the worse case for
 * whoever needs large zeroed memory at once.  So the probe does that first.
 */
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    REPETITIONS = 3,
    STAY = 1000000,
    STAY_QUICK = 6000,
    PARENTS = 1024, /* the first ones, below the root; they are not closed */
    MARK_EVERY = 16,
    LONG_NS = 10000,
    MALLOC_LARGE = 31 << 20 /* just below what malloc always maps */
};

enum kind { SPAWN, CLOSE, BY_HANDLE, BY_ID, BY_PATH, KINDS };

struct field {
    moor_registry *registry;
    moor_agent *agents;
    uint32_t count;
    _Atomic uint32_t made;
    _Atomic bool over; /* for those who look up */
};

/* The most of each, in nanoseconds. */
struct pause {
    double longest, waiting, used;
};

/* A thread that is watched. */
struct watched {
    alignas(128) struct field *field;
    void (*body)(struct watched *watched);
    struct probe_thread thread;
    struct random random;
    struct pause pauses[KINDS];
    int schedstat; /* where the kernel tells what it counted */
    double cpu;    /* seconds that the thread had used when asked last */
    double kept;   /* nanoseconds for which it had been kept from running */
    unsigned calls; /* since then */
    uint64_t wrong, looked;
};

/* The file has three numbers; the second one is it.  0 where there is none:
 * then time of others counts, too. */
static double kept_from_running(const struct watched *watched)
{
    char text[96];
    ssize_t length = pread(watched->schedstat, text, sizeof text - 1, 0);

    if (length <= 0) return 0;
    text[length] = '\0';
    const char *second = strchr(text, ' ');
    return second == NULL ? 0 : strtod(second, NULL);
}

static void mark(struct watched *watched)
{
    watched->kept = kept_from_running(watched);
    watched->cpu = now_cpu();
    watched->calls = 0;
}

static uint64_t begin(struct watched *watched)
{
    if (++watched->calls == MARK_EVERY) mark(watched);
    return ticks();
}

static double less(double a, double b)
{
    return a < b ? a : b;
}

static double more(double a, double b)
{
    return a > b ? a : b;
}

static void end(struct watched *watched, enum kind kind, uint64_t begin)
{
    struct pause *pause = &watched->pauses[kind];
    const double took = (double)(ticks() - begin) * ns_per_tick();
    double used = took, waiting = took;

    if (took > LONG_NS) {
        used = less(took, (now_cpu() - watched->cpu) * 1e9);
        waiting = more(used,
                       took - kept_from_running(watched) + watched->kept);
        mark(watched);
    }
    pause->longest = more(pause->longest, took);
    pause->waiting = more(pause->waiting, waiting);
    pause->used = more(pause->used, used);
}

/* Every other one is below the root, and of the others every third leaves. */
static bool is_below(uint32_t i)
{
    return i >= PARENTS && i % 2 == 1;
}

static bool leaves(uint32_t i)
{
    return is_below(i) && i % 3 == 0;
}

static uint32_t parent_of(uint32_t i)
{
    return (i >> 1) % PARENTS;
}

static void spawn_all(struct watched *me)
{
    struct field *field = me->field;
    char name[PROBE_NAME + 1];

    for (uint32_t i = 0; i < field->count; i++) {
        const moor_id id = probe_id(i);
        moor_spawn_options options = { .name = name, .id = &id };

        if (is_below(i)) options.parent = field->agents[parent_of(i)];
        probe_name(name, 'g', i);
        const uint64_t from = begin(me);
        const moor_error error =
            moor_spawn(field->registry, &options, &field->agents[i], NULL);
        end(me, SPAWN, from);
        me->wrong += error != MOOR_OK;
        atomic_store_explicit(&field->made, i + 1, memory_order_release);
    }
}

static void close_some(struct watched *me)
{
    struct field *field = me->field;

    for (uint32_t i = 0; i < field->count; i++) {
        while (atomic_load_explicit(&field->made, memory_order_acquire) <= i) {
            sched_yield();
        }
        if (!leaves(i)) continue;
        const uint64_t from = begin(me);
        const moor_error error = moor_close(field->registry, field->agents[i],
                                            MOOR_CLOSE_BY_RULE, NULL);
        end(me, CLOSE, from);
        me->wrong += error != MOOR_OK;
    }
}

static void path_of(uint32_t i, char path[2 * PROBE_PATH])
{
    probe_path(path, 'g', is_below(i) ? parent_of(i) : i);
    if (!is_below(i)) return;
    path[PROBE_PATH] = '/';
    probe_name(path + PROBE_PATH + 1, 'g', i);
}

/* Whoever leaves may be there still, or not any more. */
static void look_for(struct watched *me, uint32_t i)
{
    struct field *field = me->field;
    const moor_agent agent = field->agents[i];
    const moor_agent root = { 0 };
    const moor_id id = probe_id(i);
    moor_agent by_id = agent, by_path = agent;
    moor_status status;
    char path[2 * PROBE_PATH];
    bool fine;

    path_of(i, path);
    uint64_t from = begin(me);
    fine = moor_status_of(field->registry, agent, &status) == MOOR_OK;
    end(me, BY_HANDLE, from);
    from = begin(me);
    fine &= moor_find_id(field->registry, &id, &by_id) == MOOR_OK;
    end(me, BY_ID, from);
    from = begin(me);
    fine &= moor_find_path(field->registry, root, path, &by_path) == MOOR_OK;
    end(me, BY_PATH, from);
    me->wrong += !fine && !leaves(i);
    me->wrong += by_id.bits != agent.bits || by_path.bits != agent.bits;
    me->looked++;
}

static void look_up(struct watched *me)
{
    struct field *field = me->field;

    while (me->looked == 0 ||
           !atomic_load_explicit(&field->over, memory_order_relaxed)) {
        const uint32_t made =
            atomic_load_explicit(&field->made, memory_order_acquire);

        if (made > 0) look_for(me, random_below(&me->random, made));
        else sched_yield();
    }
}

enum { SPAWNER, CLOSER, LOOKER, WATCHED = LOOKER + 2 };

static uint32_t count_leaving(uint32_t count)
{
    uint32_t leaving = 0;

    for (uint32_t i = 0; i < count; i++) leaving += leaves(i);
    return leaving;
}

static void judge(struct field *field, const struct watched *watched)
{
    const uint64_t stay = field->count - count_leaving(field->count);
    moor_stats stats;

    for (int i = 0; i < WATCHED; i++) {
        probe_must(watched[i].wrong == 0, "growth: an answer was wrong");
    }
    probe_must(moor_stats_of(field->registry, &stats) == MOOR_OK &&
                   stats.live == stay && stats.used == stay,
               "growth: the registry does not hold whom it should");
}

static void run_watched(void *argument)
{
    struct watched *me = argument;

    me->schedstat = open("/proc/thread-self/schedstat", O_RDONLY);
    mark(me);
    me->body(me);
    if (me->schedstat >= 0) close(me->schedstat);
}

static void run_all(struct field *field, struct watched *watched)
{
    static void (*const bodies[WATCHED])(struct watched *) = {
        [SPAWNER] = spawn_all, [CLOSER] = close_some,
        [LOOKER] = look_up, [LOOKER + 1] = look_up
    };

    for (unsigned i = 0; i < WATCHED; i++) {
        watched[i] = (struct watched){
            .field = field,
            .body = bodies[i],
            .random = random_seeded(1, i),
        };
        probe_start(&watched[i].thread, -1, run_watched, &watched[i]);
    }
    probe_join(&watched[SPAWNER].thread);
    probe_join(&watched[CLOSER].thread);
    atomic_store(&field->over, true);
    for (unsigned i = LOOKER; i < WATCHED; i++) {
        probe_join(&watched[i].thread);
    }
    judge(field, watched);
}

static struct pause most(const struct watched *watched, enum kind kind)
{
    struct pause most = { 0 };

    for (int i = 0; i < WATCHED; i++) {
        const struct pause *pause = &watched[i].pauses[kind];

        most.longest = more(most.longest, pause->longest);
        most.waiting = more(most.waiting, pause->waiting);
        most.used = more(most.used, pause->used);
    }
    return most;
}

static void grow(uint32_t count, struct pause pauses[KINDS])
{
    static struct watched watched[WATCHED];
    struct field field = { .count = count };
    void *volatile block = malloc(MALLOC_LARGE);

    free(block);
    field.agents = malloc(count * sizeof *field.agents);
    probe_must(field.agents != NULL, "no memory");
    memset(field.agents, 1, count * sizeof *field.agents);
    field.registry = probe_registry(MOOR_UNLIMITED);
    run_all(&field, watched);
    for (int i = 0; i < KINDS; i++) {
        pauses[i] = most(watched, (enum kind)i);
    }
    moor_destroy(field.registry);
    free(field.agents);
}

static void report(struct pause pauses[][KINDS], unsigned repetitions,
                   enum kind kind, struct figures *figures)
{
    static const char *const names[KINDS][3] = {
        { "spawn, pause", "spawn, waiting", "spawn, longest" },
        { "close, pause", "close, waiting", "close, longest" },
        { "status_of, pause", "status_of, waiting", "status_of, longest" },
        { "find_id, pause", "find_id, waiting", "find_id, longest" },
        { "find_path, pause", "find_path, waiting", "find_path, longest" },
    };
    struct pause of_all = pauses[0][kind];

    for (unsigned i = 1; i < repetitions; i++) {
        const struct pause *pause = &pauses[i][kind];

        of_all.used = less(of_all.used, pause->used);
        of_all.waiting = less(of_all.waiting, pause->waiting);
        of_all.longest = more(of_all.longest, pause->longest);
    }
    figures_add(figures, names[kind][0], of_all.used, "ns", 1e6);
    figures_note(figures, "processor time");
    figures_add(figures, names[kind][1], of_all.waiting, "ns", 0);
    figures_note(figures, "waits included, those of the kernel too");
    figures_add(figures, names[kind][2], of_all.longest, "ns", 0);
    figures_note(figures, "the time of other threads included");
}

void probe_growth(bool quick, struct figures *figures)
{
    struct pause pauses[REPETITIONS][KINDS];
    const unsigned repetitions = quick ? 1 : REPETITIONS;
    const uint32_t stay = quick ? STAY_QUICK : STAY;

    (void)ns_per_tick(); /* measured once, before there are threads */
    /* Of six agents, three are below another and one of these leaves. */
    for (unsigned i = 0; i < repetitions; i++) {
        grow(stay / 5 * 6, pauses[i]);
    }
    for (int i = 0; i < KINDS; i++) {
        report(pauses, repetitions, (enum kind)i, figures);
    }
}
