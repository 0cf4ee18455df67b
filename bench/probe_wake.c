/*
 * wake: from moor_finish to the thread that waited for the agent, beside the
 * least that a futex can do: one store and one FUTEX_WAKE, to a thread that
 * sleeps on that word.  The two take turns, wake-up by wake-up.
 *
 * The time is from before the call that wakes to after the call that waited,
 * by the time-stamp counter, which all processors share.  Before each wake-up
 * the system is asked whether the waiter sleeps: so every one of them is the
 * whole way through the scheduler.  Where both threads are on one processor
 * that is a switch; where each has its own, the waiter's has gone idle.
 */
#include "probe.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TIMES = 2000, TIMES_QUICK = 50 };

/* Numbers of wake-ups: even ones are moorage's, odd ones the bare futex's. */
struct scene {
    moor_registry *registry;
    unsigned times;
    _Atomic uint32_t asked;   /* the waiter is to wait for this one */
    _Atomic uint32_t waiting; /* it is about to */
    _Atomic uint32_t woken;   /* it did */
    _Atomic uint32_t word;    /* what the bare futex sleeps on */
    _Atomic int tid;
    moor_agent agent;
    uint64_t begin, end;
    uint64_t wrong;
    double *ns[2]; /* moorage's, the futex's */
};

static void until(const _Atomic uint32_t *word, uint32_t value)
{
    while (atomic_load_explicit(word, memory_order_acquire) != value) {
        sched_yield();
    }
}

static void wait_bare(struct scene *scene, uint32_t number)
{
    while (atomic_load_explicit(&scene->word, memory_order_acquire) !=
           number) {
        syscall(SYS_futex, &scene->word, FUTEX_WAIT_PRIVATE, number - 2, NULL,
                NULL, 0);
    }
}

static void wake_bare(struct scene *scene, uint32_t number)
{
    atomic_store_explicit(&scene->word, number, memory_order_release);
    syscall(SYS_futex, &scene->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool wait_agent(struct scene *scene)
{
    moor_waited waited;

    return moor_wait(scene->registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                     &scene->agent, 1, MOOR_FOREVER, &waited) == MOOR_OK;
}

static void be_woken(void *argument)
{
    struct scene *scene = argument;

    atomic_store(&scene->tid, (int)syscall(SYS_gettid));
    for (uint32_t i = 2; i < 2 * scene->times + 2; i++) {
        until(&scene->asked, i);
        atomic_store_explicit(&scene->waiting, i, memory_order_release);
        if (i % 2 == 0) scene->wrong += !wait_agent(scene);
        else wait_bare(scene, i);
        scene->end = ticks();
        atomic_store_explicit(&scene->woken, i, memory_order_release);
    }
}

/* What the system says of a thread: its state comes after its name. */
static int open_state(const struct scene *scene)
{
    char path[64];
    int tid;

    while ((tid = atomic_load(&scene->tid)) == 0) sched_yield();
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    int file = open(path, O_RDONLY);
    probe_must(file >= 0, "wake: the state of a thread cannot be read");
    return file;
}

static void until_asleep(int file)
{
    char text[128];

    for (;;) {
        ssize_t length = pread(file, text, sizeof text - 1, 0);

        probe_must(length > 0, "wake: the waiter is gone");
        text[length] = '\0';
        const char *name_end = strrchr(text, ')');
        if (name_end != NULL && name_end[1] == ' ' && name_end[2] == 'S') {
            return;
        }
        sched_yield();
    }
}

static void wake_once(struct scene *scene, int state, uint32_t number)
{
    const bool ours = number % 2 == 0;
    bool fine = true;

    if (ours) {
        fine = moor_spawn(scene->registry, &(moor_spawn_options){ 0 },
                          &scene->agent, NULL) == MOOR_OK &&
               moor_start(scene->registry, scene->agent) == MOOR_OK;
    }
    atomic_store_explicit(&scene->asked, number, memory_order_release);
    until(&scene->waiting, number);
    until_asleep(state);
    scene->begin = ticks();
    if (ours) {
        fine &= moor_finish(scene->registry, scene->agent,
                            MOOR_STATUS_COMPLETED, NULL, 0) == MOOR_OK;
        /* At once: the waiter would wait for ever. */
        probe_must(fine, "wake: an agent did not run and finish");
    } else {
        wake_bare(scene, number);
    }
    until(&scene->woken, number);
    if (ours) {
        fine &= moor_close(scene->registry, scene->agent, MOOR_CLOSE_BY_RULE,
                           NULL) == MOOR_OK;
    }
    scene->wrong += !fine;
    scene->ns[number % 2][number / 2 - 1] =
        (double)(scene->end - scene->begin) * ns_per_tick();
}

static void wake_all(void *argument)
{
    struct scene *scene = argument;
    const int state = open_state(scene);

    for (uint32_t i = 2; i < 2 * scene->times + 2; i++) {
        wake_once(scene, state, i);
    }
    close(state);
}

/* Names of: ratio, moorage p50 and p99, futex p50 and p99. */
static void play(struct scene *scene, int waiter_at, const char *const *names,
                 struct figures *figures)
{
    struct probe_thread waker, waiter;
    double p50[2], p99[2];

    atomic_store(&scene->tid, 0);
    atomic_store(&scene->asked, 0);
    atomic_store(&scene->word, 1);
    (void)ns_per_tick();
    probe_start(&waiter, waiter_at, be_woken, scene);
    probe_start(&waker, 0, wake_all, scene);
    probe_join(&waker);
    probe_join(&waiter);
    probe_must(scene->wrong == 0, "wake: an answer was wrong");
    for (int i = 0; i < 2; i++) {
        p50[i] = probe_share(scene->ns[i], scene->times, 0.5);
        p99[i] = probe_share(scene->ns[i], scene->times, 0.99);
    }
    figures_add(figures, names[0], p50[0] / p50[1], "", 0);
    figures_add(figures, names[1], p50[0], "ns", 0);
    figures_add(figures, names[2], p99[0], "ns", 0);
    figures_add(figures, names[3], p50[1], "ns", 0);
    figures_add(figures, names[4], p99[1], "ns", 0);
}

void probe_wake(bool quick, struct figures *figures)
{
    static const char *const same[] = {
        "one processor: moorage over futex", "one processor: moorage, p50",
        "one processor: moorage, p99", "one processor: futex, p50",
        "one processor: futex, p99",
    };
    static const char *const two[] = {
        "two processors: moorage over futex", "two processors: moorage, p50",
        "two processors: moorage, p99", "two processors: futex, p50",
        "two processors: futex, p99",
    };
    struct scene scene = { .times = quick ? TIMES_QUICK : TIMES };

    scene.registry = probe_registry(2);
    for (int i = 0; i < 2; i++) {
        scene.ns[i] = malloc(scene.times * sizeof *scene.ns[i]);
        probe_must(scene.ns[i] != NULL, "no memory");
    }
    play(&scene, 0, same, figures);
    if (probe_processors() > 1) play(&scene, 1, two, figures);
    for (int i = 0; i < 2; i++) free(scene.ns[i]);
    moor_destroy(scene.registry);
}
