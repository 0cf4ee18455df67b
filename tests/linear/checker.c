/*
 * The search goes down one rule at a time.  A frame is a place on the way: the
 * object, the progress of all calls, and which trial comes next from there.
 *
 * Calls are tried in the order in which they returned: the first to return is
 * the first whose instant must be found, so that mostly no trial is in vain.
 */
#include "checker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "visited.h"

enum {
    ANSWERS = 32,
    BITS = 4, /* of the progress of one call */
    CALLS_IN_WORD = 64 / BITS,
    FRAMES_MAX = LINEAR_CALLS_MAX * LINEAR_DONE + 1
};

_Static_assert(VISITED_PROGRESS_WORDS *CALLS_IN_WORD == LINEAR_CALLS_MAX,
               "room for the progress of each call");

struct range {
    uint8_t first, end; /* of rules */
};

struct frame {
    struct visited_place place;
    uint64_t undone; /* calls that are not done */
    uint64_t open;   /* of these, those that may be tried and were not yet */
    unsigned call;   /* whose rules are tried */
    unsigned rule;   /* which one is next */
    unsigned end;    /* of its rules */
    bool may_skip;   /* then it may do nothing any more */
};

struct linear_checker {
    const struct linear_spec *spec;
    struct range by_answer[LINEAR_OPERATIONS_MAX][ANSWERS];
    struct range by_operation[LINEAR_OPERATIONS_MAX];
    struct visited dead;
    uint64_t trials;

    /* Of the history that is judged. */
    unsigned count;
    struct linear_call calls[LINEAR_CALLS_MAX]; /* first to return first */
    uint64_t before[LINEAR_CALLS_MAX];          /* calls that came before it */
    struct range rules[LINEAR_CALLS_MAX];
    struct frame frames[FRAMES_MAX];
};

/* --- specifications ------------------------------------------------------- */

static void widen(struct range *range, unsigned rule)
{
    if (range->end == 0) {
        range->first = (uint8_t)rule;
    }
    assert(range->end == 0 || range->end == rule);
    range->end = (uint8_t)(rule + 1);
}

struct linear_checker *linear_checker_make(const struct linear_spec *spec)
{
    struct linear_checker *checker = calloc(1, sizeof *checker);

    if (checker == NULL || !visited_make(&checker->dead)) {
        free(checker);
        return NULL;
    }
    checker->spec = spec;
    for (unsigned i = 0; i < spec->rules_count; i++) {
        const struct linear_rule *rule = &spec->rules[i];

        assert(rule->at < rule->next && rule->next <= LINEAR_DONE);
        assert(rule->answer < LINEAR_UNKNOWN);
        widen(&checker->by_answer[rule->operation][rule->answer], i);
        widen(&checker->by_operation[rule->operation], i);
    }
    return checker;
}

void linear_checker_free(struct linear_checker *checker)
{
    if (checker != NULL) {
        visited_free(&checker->dead);
        free(checker);
    }
}

const struct linear_spec *linear_spec_of(const struct linear_checker *checker)
{
    return checker->spec;
}

uint64_t linear_trials(const struct linear_checker *checker)
{
    return checker->trials;
}

size_t linear_dead_ends(const struct linear_checker *checker)
{
    return checker->dead.count;
}

/* --- a history ------------------------------------------------------------ */

/* By insertion: they mostly come thread by thread, each in order. */
static void take_calls(struct linear_checker *checker,
                       const struct linear_history *history)
{
    assert(history->count <= LINEAR_CALLS_MAX);
    checker->count = history->count;
    for (unsigned i = 0; i < history->count; i++) {
        const struct linear_call *call = &history->calls[i];
        unsigned at = i;

        assert(call->called < call->returned);
        for (; at > 0 && checker->calls[at - 1].returned > call->returned;
             at--) {
            checker->calls[at] = checker->calls[at - 1];
        }
        checker->calls[at] = *call;
    }
}

static uint64_t first_bits(unsigned count)
{
    return count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* Whoever came before a call returned before it was called: so these are the
 * first so many. */
static void order_calls(struct linear_checker *checker)
{
    for (unsigned i = 0; i < checker->count; i++) {
        const struct linear_call *call = &checker->calls[i];
        unsigned earlier = i;

        while (earlier > 0 &&
               checker->calls[earlier - 1].returned > call->called) {
            earlier--;
        }
        checker->before[i] = first_bits(earlier);
        checker->rules[i] =
            linear_is_known(call)
                ? checker->by_answer[call->operation][call->answer]
                : checker->by_operation[call->operation];
    }
}

/* --- the search ----------------------------------------------------------- */

static unsigned progress_of(const struct frame *frame, unsigned call)
{
    return frame->place.progress[call / CALLS_IN_WORD] >>
               (call % CALLS_IN_WORD * BITS) &
           LINEAR_DONE;
}

static void set_progress(struct frame *frame, unsigned call, unsigned value)
{
    uint64_t *word = &frame->place.progress[call / CALLS_IN_WORD];
    unsigned shift = call % CALLS_IN_WORD * BITS;

    *word = (*word & ~((uint64_t)LINEAR_DONE << shift)) | (uint64_t)value
                                                              << shift;
}

/* All trials from here are still to come. */
static void open_frame(struct frame *frame)
{
    frame->open = frame->undone;
    frame->rule = frame->end = 0;
    frame->may_skip = false;
}

/* The next call to try, in the order of their returns; false: none. */
static bool next_call(const struct linear_checker *checker, struct frame *frame)
{
    while (frame->open != 0) {
        unsigned call = (unsigned)__builtin_ctzll(frame->open);

        frame->open &= frame->open - 1;
        if ((checker->before[call] & frame->undone) == 0) {
            frame->call = call;
            frame->rule = checker->rules[call].first;
            frame->end = checker->rules[call].end;
            frame->may_skip = !linear_is_known(&checker->calls[call]);
            return true;
        }
    }
    return false;
}

/* Where one rule leads. */
static bool follow(const struct linear_checker *checker,
                   const struct frame *from, const struct linear_rule *rule,
                   struct frame *to)
{
    if (rule->at != progress_of(from, from->call)) {
        return false;
    }
    to->place = from->place;
    to->undone = from->undone;
    if (!rule->step(&to->place.state, &checker->calls[from->call])) {
        return false;
    }
    set_progress(to, from->call, rule->next);
    if (rule->next == LINEAR_DONE) {
        to->undone &= ~(UINT64_C(1) << from->call);
    }
    return true;
}

/* A call of which nothing is known stops here. */
static void skip(const struct frame *from, struct frame *to)
{
    to->place = from->place;
    to->undone = from->undone & ~(UINT64_C(1) << from->call);
    set_progress(to, from->call, LINEAR_DONE);
}

/* The next place to go to from a frame; false: it is a dead end. */
static bool go_down(struct linear_checker *checker, struct frame *from,
                    struct frame *to)
{
    do {
        while (from->rule < from->end) {
            const struct linear_rule *rule =
                &checker->spec->rules[from->rule++];

            checker->trials++;
            if (follow(checker, from, rule, to) &&
                !visited_has(&checker->dead, &to->place)) {
                return true;
            }
        }
        if (from->may_skip) {
            from->may_skip = false;
            skip(from, to);
            if (!visited_has(&checker->dead, &to->place)) {
                return true;
            }
        }
    } while (next_call(checker, from));
    return false;
}

enum linear_verdict linear_check(struct linear_checker *checker,
                                 const struct linear_history *history)
{
    struct frame *frame = checker->frames;

    take_calls(checker, history);
    order_calls(checker);
    visited_clear(&checker->dead);
    checker->trials = 0;
    memset(&frame->place, 0, sizeof frame->place);
    frame->place.state = history->state;
    frame->undone = first_bits(history->count);
    open_frame(frame);
    while (frame->undone != 0) {
        if (checker->trials > LINEAR_TRIALS_MAX) {
            return LINEAR_UNDECIDED;
        }
        if (go_down(checker, frame, frame + 1)) {
            frame++;
            open_frame(frame);
            continue;
        }
        visited_add(&checker->dead, &frame->place);
        if (frame == checker->frames) {
            return LINEAR_BROKEN;
        }
        frame--;
    }
    return LINEAR_GOOD;
}
