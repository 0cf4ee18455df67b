/*
 * Threads that come and go.
 *
 * Question  Does a thread that ends hand over all that it leaves behind, its
 *           epoch record and what it has retired, to whoever comes after it?
 * Method    Each worker starts a batch of threads before it joins any, so that
 *           nothing but the library orders one of a batch after another.  A
 *           thread looks at what lies in a shared place, inside a section,
 *           then puts something else there and retires what it took out.  Some
 *           are no readers, as those that find no memory for it: what they
 *           retire is left to others.  What is looked at must not be freed.
 * Limits    The sanitizers judge: without one only what was freed and used
 *           again is seen.
 *
 * The program is linked so that the library's pthread_setspecific() comes here
 * first, where the tools can bear it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

#include "reclaim.h"

#if defined(KEEPS_SOME_FROM_READING)
#define LEAVES MUST_OCCUR
#else
#define LEAVES EXPECTED
#endif

enum saw { READ, SWAPPED, LEFT_BEHIND, FREED, NO_THREAD, SAWS };

static const struct outcome outcomes[SAWS] = {
    [READ] = { "looked", MUST_OCCUR, "inside a section" },
    [SWAPPED] = { "retired", MUST_OCCUR, "by a reader" },
    [LEFT_BEHIND] = { "left behind", LEAVES, "by one that is none" },
    [FREED] = { "freed under a reader's eyes", FORBIDDEN, "E1" },
    [NO_THREAD] = { "no thread", FORBIDDEN, "of the system" },
};

enum { BATCH = 24, PLACES = 4, ALIVE = 0x600d };

struct thing {
    struct reclaim_node node;
    int state;
};

static _Atomic(struct thing *) places[PLACES];
static _Thread_local bool is_no_reader;

#if defined(KEEPS_SOME_FROM_READING)
int __real_pthread_setspecific(pthread_key_t key, const void *value);
int __wrap_pthread_setspecific(pthread_key_t key, const void *value);
int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
    return is_no_reader ? 1 : __real_pthread_setspecific(key, value);
}
#endif

struct visitor {
    pthread_t thread;
    struct random random;
    enum saw saw;
    bool freed;
};

static struct thing *thing(void)
{
    struct thing *made = calloc(1, sizeof *made);

    if (made == NULL) abort();
    made->state = ALIVE;
    return made;
}

static bool look(_Atomic(struct thing *) *place)
{
    bool alive;

    reclaim_enter();
    alive = atomic_load_explicit(place, memory_order_acquire)->state == ALIVE;
    reclaim_leave();
    return alive;
}

static void swap(_Atomic(struct thing *) *place)
{
    struct thing *old =
        atomic_exchange_explicit(place, thing(), memory_order_acq_rel);

    reclaim_retire(&old->node);
}

static void *visit(void *argument)
{
    struct visitor *visitor = argument;
    _Atomic(struct thing *) *place =
        &places[random_below(&visitor->random, PLACES)];

    is_no_reader = random_chance(&visitor->random, 8);
    if (!reclaim_ready()) {
        visitor->saw = LEFT_BEHIND;
        swap(place);
        return NULL;
    }
    visitor->saw = READ;
    visitor->freed = !look(place);
    if (random_chance(&visitor->random, 2)) {
        visitor->saw = SWAPPED;
        swap(place);
    }
    return NULL;
}

static void run_batch(struct worker *worker)
{
    struct visitor visitors[BATCH];
    unsigned count = 0;

    for (; count < BATCH; count++) {
        struct visitor *next = &visitors[count];

        *next = (struct visitor){ .random = random_seeded(
                                      random_next(&worker->random), count) };
        if (pthread_create(&next->thread, NULL, visit, next) != 0) {
            outcome_blame(&worker->tally, NO_THREAD, "%u at once", count);
            break;
        }
    }
    while (count-- > 0) {
        (void)pthread_join(visitors[count].thread, NULL);
        outcome_count(&worker->tally, visitors[count].saw);
        if (visitors[count].freed) {
            outcome_blame(&worker->tally, FREED, "a thing is no thing");
        }
    }
}

static void work(struct worker *worker)
{
    while (threads_going(worker)) {
        threads_step(worker, "a batch of threads");
        run_batch(worker);
    }
}

int main(int argc, char **argv)
{
    struct options options = options_read(argc, argv);
    struct tally sum = { 0 };

    for (int i = 0; i < PLACES; i++) {
        atomic_init(&places[i], thing());
    }
    threads_run(&options, options.threads, work, NULL, &sum);
    for (int i = 0; i < PLACES; i++) {
        free(atomic_load_explicit(&places[i], memory_order_relaxed));
    }
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
