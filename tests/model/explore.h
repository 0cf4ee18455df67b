/*
 * The schedule explorer: a concurrent case, run in every order.
 *
 * The library is built with MOOR_STEP; each atomic operation then stops at
 * moor_step(), and the explorer decides which thread goes on.  The threads
 * are fibers of one process thread, so a run is repeatable step by step.
 *
 *   a step     one atomic operation and the plain code behind it, up to the
 *              next atomic operation of the same thread; what a thread does
 *              before its first is done at the start, in thread order
 *   dependent  two steps on the same 8-byte word, not both loads
 *   trace      the schedules that differ only in the order of neighbouring
 *              independent steps (Mazurkiewicz); they end in the same state
 *
 *   mode        runs                                  proves, if exhausted
 *   reduced     one schedule of every trace           all below
 *   full        every schedule                        all below
 *   bounded     one or more of every trace that has   the same, within N
 *               one with at most N preemptions
 *   preemptions every schedule with at most N         the same, within N
 *   random      as many as asked for                  nothing
 *   pct         as many, by random priorities         nothing; finds a bug of
 *                                                     its depth: see pct.c
 *   replay      one given schedule                    nothing
 *
 * Proved is: no call of model_fail(), no assertion, no schedule longer than
 * the step bound, in any sequentially consistent execution of this case.
 *
 * Limits
 * - Sequential consistency only: nothing about weaker orders (that is the
 *   work of ThreadSanitizer and of the pair tables).
 * - Plain data is no step.  The reduction holds if plain data that threads
 *   share is ordered by their atomic steps, or commutes (winners += ...).
 *   A plain access runs in one piece with the atomic operation before it;
 *   to let others come between, or to make it count as dependent, put
 *   model_touch() before it.  That goes for malloc() and free() as well, if
 *   the re-use of an address matters, and for calls into code built without
 *   MOOR_STEP: model_touch() one common word.
 * - A case must be repeatable: no time, no randomness, no decision that
 *   depends on an address.  Only the kinds of steps are compared on a
 *   replayed prefix; addresses may differ from run to run.
 * - A loop that waits for another thread has endless schedules and is
 *   reported as such; a loop that retries because another thread succeeded
 *   is fine.
 * - Fibers share thread-local storage; model_self() tells them apart.
 */
#ifndef MODEL_EXPLORE_H
#define MODEL_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_THREADS_MAX = 4,
    MODEL_STEPS_MAX = 8192, /* of one schedule */
    MODEL_DEPTH_MAX = 16,   /* of MODEL_PCT */
    MODEL_DEPTH_DEFAULT = 3,
    MODEL_SMALL = 30000,     /* schedules, see MODEL_IF_LARGE */
    MODEL_IF_LARGE = 1 << 8, /* with preemptions_max */
};

/* `before` makes all state anew, `after` judges and frees; both run outside
 * of any schedule and may be NULL.  A case that is too large for the reduced
 * search says to how many preemptions model_main() bounds it; 0: it does
 * not.  With MODEL_IF_LARGE it is bounded only if the reduced search has not
 * come to its end after MODEL_SMALL schedules.  (A thread is preempted when
 * another runs although it could go on.) */
struct model_case {
    const char *name;
    void (*before)(void);
    void (*threads[MODEL_THREADS_MAX])(void);
    int threads_count;
    void (*after)(void);
    unsigned preemptions_max;
};

enum model_mode {
    MODEL_REDUCED,
    MODEL_FULL,
    MODEL_BOUNDED,
    MODEL_PREEMPTIONS,
    MODEL_RANDOM,
    MODEL_PCT,
    MODEL_REPLAY,
};

/* All zero (or a null pointer) is the default: reduced, without caps. */
struct model_options {
    enum model_mode mode;
    unsigned preemptions_max; /* MODEL_BOUNDED, MODEL_PREEMPTIONS */
    uint64_t random_count;    /* MODEL_RANDOM, MODEL_PCT */
    uint64_t seed;            /* of the first; the next has the next */
    unsigned depth;           /* MODEL_PCT; 0: a default */
    const char *replay;     /* MODEL_REPLAY: one digit a step */
    uint64_t schedules_max; /* 0: no cap */
    double seconds_max;     /* 0: no cap */
    size_t steps_max;       /* of one schedule; 0: a default */
    bool allow_partial;     /* a cap that is hit is no failure */
    bool keep_going;        /* count violations, do not stop at the first */
};

struct model_result {
    uint64_t schedules; /* complete ones; reduced: of different traces */
    uint64_t redundant; /* reduced: found equivalent on the way */
    uint64_t steps;     /* of all runs together */
    uint64_t violations;
    size_t longest; /* steps of the longest schedule */
    uint64_t seed;  /* of the first violation, if by seed */
    double seconds;
    bool exhausted;       /* nothing that the mode promises was left out */
    char message[400];    /* of the first violation */
    const char *schedule; /* of the first violation, or NULL; valid until the
                           * next run */
};

/* Runs one case; true if nothing was violated and nothing left out (or that
 * is allowed). */
bool model_run(const struct model_case *model,
               const struct model_options *options,
               struct model_result *result);

/*
 * Does a frozen thread stop the others?
 *
 * For every number of steps `lead` and `k`: the others take `lead` steps in
 * turn, the victim takes k steps and is frozen, the others run in turn to
 * their end.  A violation if they do not get there within the step bound, or
 * if the victim has no end while it runs alone (it waits for the others).
 * (If they do, the victim is thawed, so that `after` can judge and free; if
 * not, its stack is dropped.)  result->schedules counts the points.
 */
extern size_t model_leads; /* only multiples of this; 1 if nobody says else */
bool model_run_parked(const struct model_case *model, int victim,
                      struct model_result *result);

/*
 * The same points, but the victim is killed there: it never goes on.  When the
 * others are at their end, `model_recover` runs in place of `after`: it puts
 * right what the victim has left half done, judges and frees.  What the victim
 * had allocated is lost.
 */
extern void (*model_recover)(void); /* null: there is no way */
bool model_run_killed(const struct model_case *model, int victim,
                      struct model_result *result);

/* Records a violation and returns.  From threads and from `after`. */
void model_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The number of the running thread of the case, or -1 outside. */
int model_self(void);

/* Makes a plain access a step of its own. */
void model_touch(const volatile void *address, bool is_write);

/*
 * The main function of a file of cases; returns its exit status: 0 if every
 * case was exhausted without a violation, 1 if not, 2 for wrong arguments.
 *
 *   --list              the names
 *   --case NAME         only that one
 *   --bounded           only cases that ask for a bound
 *   --reduced           also cases that ask for a bound
 *   --full              without reduction
 *   --bound N           every trace that needs at most N preemptions
 *   --deeper N          to the bounds that cases ask for, N is added
 *   --fill N            after each search within a bound, N schedules by random
 *                       priorities, from --seed on; MOOR_MODEL_FILL of the
 *                       build if no search is asked for, else none
 *   --preemptions N     every schedule with at most N preemptions
 *   --random N          N schedules at random; --seed S repeats them
 *   --pct N             N schedules by random priorities; --seed S repeats
 *                       them, --depth D is that of the bugs looked for
 *   --replay STRING     the schedule that a failure printed
 *   --park              every thread of every case in turn is frozen
 *   --kill              the same, and each is killed
 *   --leads N           of both: only where the others lead by a multiple of N
 *                       steps
 *   --max-schedules N, --max-seconds N, --allow-partial
 *   --max-steps N       of one schedule
 *   --keep-going        count the violations
 */
int model_main(const struct model_case *cases, int count, int argc,
               char **argv);

#define MODEL_MAIN(cases)                                              \
    int main(int argc, char **argv)                                    \
    {                                                                  \
        return model_main(cases, (int)(sizeof(cases) / sizeof *(cases)), \
                          argc, argv);                                 \
    }

#endif
