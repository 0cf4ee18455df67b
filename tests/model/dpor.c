/*
 * The race analysis of the reduced search, and that of the bounded one.
 *
 * Dynamic partial order reduction after Flanagan and Godefroid (POPL 2005),
 * in the form of source sets with sleep sets by Abdulla, Aronis, Jonsson and
 * Sagonas (POPL 2014, algorithm 1), which is proved for that combination:
 *
 * - Each event has a vector clock: for each thread, the number of its latest
 *   event that happens before this one (or is this one).  Events count from
 *   1; number 0 means none.
 * - Two events race if they are dependent, of different threads, and nothing
 *   lies between them in happens-before.  Then another trace exists in which
 *   the second comes first.
 * - For a race of event i with the newest one, let v be the events after i
 *   that do not depend on i, and the newest.  Whoever can come first in v is
 *   an initial.  If no initial is to be tried before i, one is added there.
 * - A thread tried completely from a state sleeps in the later ones, until
 *   something dependent on its next step is done: waking it earlier would
 *   only repeat a trace.
 *
 * As no thread ever waits, every race can be reversed.
 *
 * Guarantee: each trace is completed exactly once.  (A run in which all live
 * threads sleep would repeat one; the search counts it as redundant.)
 *
 * Bounded by preemptions, after Coons, Musuvathi and McKinley (OOPSLA 2013):
 * no thread sleeps, since the run that covers another may need one preemption
 * more; what depends on the newest event is looked for behind its thread's
 * event before it, all of it, and the last one in front of that; and to run
 * the thread right before such an event may cost a preemption that running it
 * before the whole stretch of the other thread does not: both are tried.
 *
 * Guarantee: each trace that has a schedule within the bound is completed, some
 * more than once.  That and the one above are held against the plain searches
 * on random programs (self_random.c).
 */
#include "dpor.h"

#include <string.h>

enum { TABLE_SIZE = 4 * MODEL_STEPS_MAX };

_Static_assert((TABLE_SIZE & (TABLE_SIZE - 1)) == 0, "used as a mask");

/* What happened to one word in this run; event numbers. */
struct history {
    uint64_t epoch; /* the run that this is about */
    uintptr_t word;
    uint32_t write;                    /* the last */
    uint32_t reads[MODEL_THREADS_MAX]; /* the last since then */
    uint32_t last;                     /* of them all */
};

struct clock {
    uint32_t seen[MODEL_THREADS_MAX];
};

static struct history table[TABLE_SIZE];
static uint64_t epoch;
static struct clock clocks[MODEL_STEPS_MAX + 1];
static uint32_t latest[MODEL_THREADS_MAX];   /* event of each thread */
static uint32_t before[MODEL_STEPS_MAX + 1]; /* the last one on that word */

void dpor_begin(void)
{
    epoch++;
    memset(latest, 0, sizeof latest);
}

static const struct run_event *event_at(uint32_t number)
{
    return &run.events[number - 1];
}

static struct history *history_of(uintptr_t word)
{
    size_t slot = (size_t)((word * 0x9E3779B97F4A7C15u) >> 32);

    for (;; slot++) {
        struct history *entry = &table[slot & (TABLE_SIZE - 1)];
        if (entry->epoch == epoch && entry->word == word) return entry;
        if (entry->epoch != epoch) {
            *entry = (struct history){.epoch = epoch, .word = word};
            return entry;
        }
    }
}

/* The earlier events that an event of this kind depends on directly: of
 * those, the ones that no other is certain to follow.  Returns how many. */
static int conflicts_of(const struct history *history, uint8_t kind,
                        uint32_t conflicts[MODEL_THREADS_MAX])
{
    int count = 0;

    if (kind != MOOR_STEP_LOAD) {
        for (int i = 0; i < MODEL_THREADS_MAX; i++) {
            if (history->reads[i]) conflicts[count++] = history->reads[i];
        }
    }
    if (count == 0 && history->write) conflicts[count++] = history->write;
    return count;
}

static bool happens_before(uint32_t early, const struct clock *late)
{
    return late->seen[event_at(early)->thread] >= early;
}

/* Threads that can come first among the events after `early` that do not
 * depend on it, and `newest`. */
static unsigned initials_of(uint32_t early, uint32_t newest)
{
    uint32_t first[MODEL_THREADS_MAX] = {0};
    unsigned initials = 0;

    for (uint32_t i = early + 1; i <= newest; i++) {
        uint8_t thread = event_at(i)->thread;
        if (first[thread]) continue;
        if (i == newest || !happens_before(early, &clocks[i])) {
            first[thread] = i;
        }
    }
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        bool is_initial = first[i] != 0;
        for (int j = 0; is_initial && j < MODEL_THREADS_MAX; j++) {
            if (j == i || !first[j]) continue;
            is_initial = clocks[first[i]].seen[j] < first[j];
        }
        if (is_initial) initials |= 1u << i;
    }
    return initials;
}

static void reverse(struct dpor_node *path, uint32_t early, uint32_t newest)
{
    struct dpor_node *node = &path[early - 1];
    unsigned initials = initials_of(early, newest);

    if (initials & (node->todo | node->sleep)) return;
    node->todo |= (uint8_t)(1u << run_lowest(initials));
}

/* Is nothing between conflicts[which] and an event whose thread has `seen`
 * and which conflicts with all of these? */
static bool is_race(const uint32_t *conflicts, int count, int which,
                    const struct clock *seen)
{
    if (happens_before(conflicts[which], seen)) return false;
    for (int i = 0; i < count; i++) {
        if (i == which) continue;
        if (happens_before(conflicts[which], &clocks[conflicts[i]])) {
            return false;
        }
    }
    return true;
}

static void join(struct clock *into, const struct clock *from)
{
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        if (from->seen[i] > into->seen[i]) into->seen[i] = from->seen[i];
    }
}

static void remember(struct history *history, const struct run_event *event,
                     uint32_t number)
{
    latest[event->thread] = number;
    before[number] = history->last;
    history->last = number;
    if (event->kind == MOOR_STEP_LOAD) {
        history->reads[event->thread] = number;
    } else {
        history->write = number;
        memset(history->reads, 0, sizeof history->reads);
    }
}

/* Enters the newest event; *seen is what its thread had seen before, and the
 * result how many events it depends on directly. */
static int enter(uint32_t number, struct clock *seen,
                 uint32_t conflicts[MODEL_THREADS_MAX])
{
    const struct run_event *event = event_at(number);
    struct history *history = history_of(event->word);
    int count = conflicts_of(history, event->kind, conflicts);
    struct clock *own = &clocks[number];

    *seen = clocks[latest[event->thread]]; /* 0: all zero */
    *own = *seen;
    for (int i = 0; i < count; i++)
        join(own, &clocks[conflicts[i]]);
    own->seen[event->thread] = number;
    remember(history, event, number);
    return count;
}

void dpor_note(struct dpor_node *path, size_t step, bool is_new)
{
    uint32_t number = (uint32_t)step + 1;
    uint32_t conflicts[MODEL_THREADS_MAX];
    struct clock seen;
    int count = enter(number, &seen, conflicts);

    for (int i = 0; is_new && i < count; i++) {
        if (is_race(conflicts, count, i, &seen)) {
            reverse(path, conflicts[i], number);
        }
    }
}

/* --- bounded by preemptions ---------------------------------------------- */

static bool depend(uint32_t one, uint32_t other)
{
    return event_at(one)->word == event_at(other)->word &&
           (event_at(one)->kind != MOOR_STEP_LOAD ||
            event_at(other)->kind != MOOR_STEP_LOAD);
}

/* Has the thread tried at the event's node, if the bound allows that. */
static void try_at(struct dpor_node *path, uint32_t early, unsigned thread,
                   uint32_t preemptions_max)
{
    struct dpor_node *node = &path[early - 1];

    if (dpor_preemptions(node, thread) <= preemptions_max) {
        node->todo |= (uint8_t)(1u << thread);
    }
}

/* Before the event, and before all that its thread did at one stretch. */
static void try_before(struct dpor_node *path, uint32_t early, unsigned thread,
                       uint32_t preemptions_max)
{
    try_at(path, early, thread, preemptions_max);
    while (early > 1 &&
           event_at(early - 1)->thread == event_at(early)->thread) {
        early--;
    }
    try_at(path, early, thread, preemptions_max);
}

void dpor_note_bounded(struct dpor_node *path, size_t step, bool is_new,
                       uint32_t preemptions_max)
{
    uint32_t number = (uint32_t)step + 1;
    uint8_t thread = event_at(number)->thread;
    uint32_t own_last = latest[thread];
    uint32_t conflicts[MODEL_THREADS_MAX];
    struct clock seen;

    (void)enter(number, &seen, conflicts);
    if (!is_new) return;
    for (uint32_t i = before[number]; i != 0; i = before[i]) {
        if (!depend(i, number) || happens_before(i, &seen)) continue;
        try_before(path, i, thread, preemptions_max);
        if (i < own_last) return;
    }
}

unsigned dpor_sleepers(const struct dpor_node *path, size_t step, unsigned live)
{
    unsigned asleep = (path[step].sleep | path[step].done) & live;

    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        if (!(asleep >> i & 1)) continue;
        if (i == path[step].taken ||
            run_dependent(fibers_next(i), &run.events[step])) {
            asleep &= ~(1u << i);
        }
    }
    return asleep;
}
