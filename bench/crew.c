#include "crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS = 16 }; /* between two looks at the clock */

struct job {
    struct worker worker;
    pthread_t thread;
    pthread_barrier_t *line;
    crew_turn *turn;
    double seconds;
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

static void work(struct job *job)
{
    struct crowd *crowd = job->worker.crowd;
    const double until = job->begin + job->seconds;

    do {
        for (int i = 0; i < TURNS; i++) {
            job->operations += job->turn(&job->worker);
        }
        if (crowd->rival->rest != NULL) crowd->rival->rest(crowd->books);
        job->end = now();
    } while (job->end < until);
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
                    unsigned threads, bool timed)
{
    enum { NUMBERS = 1 << 26 };

    job->worker.crowd = crowd;
    job->worker.index = index;
    job->worker.random = random_seeded(crowd->made, index);
    job->worker.next = crowd->made;
    job->worker.calls = timed ? job->calls : NULL;
    job->processor = threads <= crew_processors() ? processor_at(index) : -1;
    crowd->made += NUMBERS;
}

static void add_up(const struct job *job, double *begin, double *end,
                   double *cpu, struct crew_figures *figures)
{
    if (job->begin < *begin) *begin = job->begin;
    if (job->end > *end) *end = job->end;
    *cpu += job->cpu;
    figures->operations += job->operations;
    figures->wrong += job->worker.wrong;
}

struct crew_figures crew_run(struct crowd *crowd, unsigned threads,
                             double seconds, crew_turn *turn,
                             struct histogram *calls)
{
    struct job *jobs = aligned_alloc(128, threads * sizeof *jobs);
    struct crew_figures figures = { 0 };
    unsigned processors = crew_processors();
    pthread_barrier_t line;
    double begin = 1e300, end = 0, cpu = 0;

    if (jobs == NULL) abort();
    memset(jobs, 0, threads * sizeof *jobs);
    pthread_barrier_init(&line, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        prepare(&jobs[i], crowd, i, threads, calls != NULL);
        jobs[i].line = &line;
        jobs[i].turn = turn;
        jobs[i].seconds = seconds;
        if (pthread_create(&jobs[i].thread, NULL, job_main, &jobs[i]) != 0) {
            fputs("bench: no thread\n", stderr);
            exit(1);
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(jobs[i].thread, NULL);
        add_up(&jobs[i], &begin, &end, &cpu, &figures);
        for (unsigned c = 0; calls != NULL && c < CALLS; c++) {
            histogram_merge(&calls[c], &jobs[i].calls[c]);
        }
    }
    pthread_barrier_destroy(&line);
    free(jobs);
    double each = 1e9 / (double)figures.operations;
    figures.real_ns =
        (end - begin) * each * (threads < processors ? threads : processors);
    figures.cpu_ns = cpu * each;
    if (crowd->rival == &rival_nothing) figures.wrong = 0;
    return figures;
}
