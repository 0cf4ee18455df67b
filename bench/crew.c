#include "crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Between two looks at the clock: so many turns, or if those are long, so many
 * operations. */
enum { TURNS = 16, OPERATIONS = 1024 };

struct job {
    struct worker worker;
    pthread_t thread;
    pthread_barrier_t *line;
    const struct crew_task *task;
    int processor; /* negative: any */
    double begin, end, cpu;
    uint64_t operations;
    struct histogram calls[CALLS];
};

unsigned crew_processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return (unsigned)CPU_COUNT(&set);
}

/* The processor numbered `index` of those that may be used. */
static int processor_at(unsigned index)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &set) && index-- == 0) return i;
    }
    return -1;
}

static void pin(int processor)
{
    cpu_set_t set;

    if (processor < 0) return;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/* Until then the thread has nothing to do.  Where others wait for the
 * processor they get it, and the thread is late by as much. */
static void await(const struct worker *worker)
{
    while (ticks() < worker->due) {
        if (worker->crowded) {
            sched_yield();
        } else {
            __builtin_ia32_pause();
        }
    }
}

/* One turn of the clock.  A turn that is late makes the next one late, too;
 * each is timed from when it was due. */
static uint64_t turn_by_clock(struct job *job)
{
    struct worker *worker = &job->worker;

    await(worker);
    uint64_t operations = job->task->turn(worker);
    histogram_add(worker->calls, ticks() - worker->due);
    worker->due += worker->period;
    return operations;
}

/* Turns that were due and did not begin: each took so long at least. */
static void write_off(struct worker *worker)
{
    if (worker->period == 0) return;
    for (; worker->due < worker->over; worker->due += worker->period) {
        histogram_add(worker->calls, worker->over - worker->due);
    }
}

static uint64_t do_turns(struct job *job)
{
    uint64_t operations = 0;

    for (int i = 0; i < TURNS && operations < OPERATIONS; i++) {
        operations += job->worker.period > 0 ? turn_by_clock(job)
                                             : job->task->turn(&job->worker);
    }
    return operations;
}

static void work(struct job *job)
{
    struct crowd *crowd = job->worker.crowd;
    const double until = job->begin + job->task->seconds;

    do {
        job->operations += do_turns(job);
        if (crowd->rival->rest != NULL) crowd->rival->rest(crowd->books);
        job->end = now();
    } while (job->end < until);
    write_off(&job->worker);
}

/* The threads' turns are due one after the other, evenly. */
static void start_clock(struct job *job)
{
    struct worker *worker = &job->worker;
    const uint64_t begin = ticks();

    worker->due =
        begin + worker->period * worker->index / job->task->threads;
    worker->over += begin;
}

static void *job_main(void *argument)
{
    struct job *job = argument;
    struct crowd *crowd = job->worker.crowd;

    pin(job->processor);
    pthread_barrier_wait(job->line);
    if (crowd->rival->enter != NULL) crowd->rival->enter(crowd->books);
    double cpu = now_cpu();
    job->begin = now();
    start_clock(job);
    work(job);
    job->cpu = now_cpu() - cpu;
    if (job->worker.guest != 0) {
        crew_expect(&job->worker,
                    crowd->rival->close(crowd->books, job->worker.guest));
    }
    if (crowd->rival->leave != NULL) crowd->rival->leave(crowd->books);
    return NULL;
}

/* Each thread has a range of numbers to itself, in every round a new one: more
 * than it can use within the longest round. */
static void prepare(struct job *job, struct crowd *crowd, unsigned index,
                    const struct crew_task *task)
{
    enum { NUMBERS = 1 << 26 };
    const bool crowded = task->threads > crew_processors();

    job->task = task;
    job->worker.crowd = crowd;
    job->worker.index = index;
    job->worker.random = random_seeded(crowd->made, index);
    job->worker.next = crowd->made;
    job->worker.calls = task->calls != NULL ? job->calls : NULL;
    job->worker.crowded = crowded;
    if (task->rate > 0) {
        const double ticks_per_second = 1e9 / ns_per_tick();
        job->worker.period =
            (uint64_t)(ticks_per_second * task->threads / task->rate);
        job->worker.over = (uint64_t)(ticks_per_second * task->seconds);
    }
    job->processor = crowded ? -1 : processor_at(index);
    crowd->made += NUMBERS;
}

static void start(struct job *job)
{
    if (pthread_create(&job->thread, NULL, job_main, job) == 0) return;
    fputs("bench: no thread\n", stderr);
    exit(1);
}

/* What the threads came to, together. */
struct sum {
    double begin, end, cpu;
    uint64_t operations, wrong;
};

static void finish(struct job *job, struct sum *sum)
{
    const struct crew_task *task = job->task;

    pthread_join(job->thread, NULL);
    if (job->begin < sum->begin) sum->begin = job->begin;
    if (job->end > sum->end) sum->end = job->end;
    sum->cpu += job->cpu;
    sum->operations += job->operations;
    sum->wrong += job->worker.wrong;
    for (unsigned c = 0; task->calls != NULL && c < CALLS; c++) {
        histogram_merge(&task->calls[c], &job->calls[c]);
    }
}

struct crew_figures crew_run(struct crowd *crowd, const struct crew_task *task)
{
    const unsigned threads = task->threads, processors = crew_processors();
    struct job *jobs = aligned_alloc(128, threads * sizeof *jobs);
    struct sum sum = { .begin = 1e300 };
    pthread_barrier_t line;

    if (jobs == NULL) abort();
    memset(jobs, 0, threads * sizeof *jobs);
    pthread_barrier_init(&line, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        prepare(&jobs[i], crowd, i, task);
        jobs[i].line = &line;
        start(&jobs[i]);
    }
    for (unsigned i = 0; i < threads; i++) finish(&jobs[i], &sum);
    pthread_barrier_destroy(&line);
    free(jobs);
    const double each = 1e9 / (double)sum.operations;
    return (struct crew_figures){
        .real_ns = (sum.end - sum.begin) * each *
                   (threads < processors ? threads : processors),
        .cpu_ns = sum.cpu * each,
        .operations = sum.operations,
        .wrong = crowd->rival == &rival_nothing ? 0 : sum.wrong,
    };
}
