/*
 * A crowd of residents in a rival's books, and a crew of threads that work
 * there for a time.  One crowd lasts over all rounds of a case.
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <stdalign.h>

#include "measure.h"
#include "random.h"
#include "rival.h"

enum { RESIDENT_PATH = 15, WORK_PATH = 32, THREADS_MAX = 64 };

/* An agent that runs throughout; its path is "/root/r" and eight digits. */
struct resident {
    uint64_t handle;
    moor_id id;
    char path[RESIDENT_PATH + 1];
};

struct crowd {
    const struct rival *rival;
    void *books;
    struct resident *residents;
    uint32_t size;
    uint64_t made; /* numbers of all agents ever made, for names and ids */
};

/* The calls of a life that are timed one by one. */
enum call {
    CALL_SPAWN,
    CALL_START,
    CALL_STATUS_OF,
    CALL_STATUS_ID,
    CALL_STATUS_PATH,
    CALL_FINISH,
    CALL_WAIT,
    CALL_CLOSE,
    CALLS
};

struct worker {
    alignas(128) struct crowd *crowd;
    unsigned index;
    struct random random;
    uint64_t next;  /* number of the next agent of this thread */
    uint64_t wrong; /* answers that were not as they had to be */
    uint64_t guest; /* an agent of this thread that stays a while; 0: none */
    char path[WORK_PATH];
    struct histogram *calls; /* CALLS of them, or null */
    bool crowded;            /* there are more threads than processors */
    /* With a clock, in ticks: when the next turn is due, how long until the
     * one after, and when the round is over; a period of 0: no clock. */
    uint64_t due, period, over;
};

/* One turn of a workload; how many operations it was. */
typedef uint64_t crew_turn(struct worker *worker);

struct crew_figures {
    double real_ns, cpu_ns; /* of one operation on one processor */
    uint64_t operations;
    uint64_t wrong;
};

/* `room` running slots more than there are residents. */
void crowd_open(struct crowd *crowd, const struct rival *rival, uint32_t size,
                uint32_t room);

/* How many counts are not as they have to be between two rounds. */
uint64_t crowd_check(const struct crowd *crowd);

/* Closes everybody; the number of books that were not as they had to be. */
uint64_t crowd_close(struct crowd *crowd);

struct crew_task {
    crew_turn *turn;
    unsigned threads;
    double seconds;
    double rate; /* turns a second that all threads together begin by the
                    clock; 0: each begins when the one before has ended */
    struct histogram *calls; /* CALLS of them, or null; with a rate, the first
                                gets the turns, from when they were due */
};

struct crew_figures crew_run(struct crowd *crowd, const struct crew_task *task);

/* Processors that this program may use. */
unsigned crew_processors(void);

/* The id and the path of an agent that nobody had before; the path stays
 * valid until the next call. */
struct rival_agent crew_name(struct worker *worker, uint64_t parent,
                             const char *parent_path, size_t length);

/* Any resident. */
static inline const struct resident *crew_any(struct worker *worker)
{
    struct crowd *crowd = worker->crowd;

    return &crowd->residents[random_below(&worker->random, crowd->size)];
}

static inline void crew_expect(struct worker *worker, bool fine)
{
    worker->wrong += !fine;
}

#endif
