/*
 * Is a history of concurrent calls one that a sequential object could give?
 *
 * A history is linearizable if each call can be given an instant between its
 * begin and its return, such that the object, meeting the calls one at a time
 * in the order of these instants, gives just the answers that were seen.  The
 * search is that of Wing and Gong with the memory of Lowe: calls that may come
 * next are tried one after the other; what was left after a trial that led
 * nowhere (object and progress of all calls) is remembered and not tried again.
 *
 *   specification  a table of rules; each is one instant of a call with that
 *                  answer: what must be so, and what becomes of the object.
 *                  Most calls have one.  A call that the library promises less
 *                  of (a finish takes the slot, gives it back, and only then
 *                  shows its status) has several, in the order of `at`; others
 *                  may come between them.
 *   unknown        a call whose answer is not known may take effect by any of
 *                  its operation's rules, or stop anywhere, or never begin.
 *                  One that never returned is LINEAR_PENDING as well.
 *   window         at most LINEAR_CALLS_MAX calls of one object, from a state
 *                  that is known.  One history of many objects is linearizable
 *                  if that of each object is (Herlihy and Wing), so objects are
 *                  judged apart; and where nothing is under way a history may
 *                  be cut.
 *
 * A thread's own calls follow one another.  Stamps order calls: one that
 * returned at r came before all that were called at r or later.
 */
#ifndef LINEAR_CHECKER_H
#define LINEAR_CHECKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINEAR_CALLS_MAX = 64, /* of one window */
    LINEAR_DONE = 15,      /* `next` of a call's last rule */
    LINEAR_OPERATIONS_MAX = 16,
    LINEAR_UNKNOWN = 31,  /* an answer; others are moor_errors */
    LINEAR_WORDS_MAX = 64 /* bytes of a call or a state in words */
};

#define LINEAR_PENDING UINT64_MAX /* `returned` of a call that did not */

struct linear_call {
    uint64_t called, returned; /* stamps; called < returned */
    uint8_t thread;
    uint8_t operation; /* of the specification */
    uint8_t answer;    /* moor_error, or LINEAR_UNKNOWN */
    uint64_t argument;
    uint64_t value; /* what was answered besides */
};

struct linear_history {
    uint64_t state; /* of the object, before the first call */
    unsigned count;
    struct linear_call calls[LINEAR_CALLS_MAX];
};

/* One instant: changes the object, or answers false: not in this state. */
typedef bool linear_step(uint64_t *state, const struct linear_call *call);

/* `at` is 0 for a call that has not begun; `next` is greater than `at`.  Within
 * one operation an `at` means the same whatever the answer will be. */
struct linear_rule {
    uint8_t operation;
    uint8_t answer;
    uint8_t at, next;
    linear_step *step;
};

struct linear_spec {
    const char *name;
    const struct linear_rule *rules; /* those of an operation together, and in
                                        these those of an answer */
    unsigned rules_count;
    /* In words, of at most LINEAR_WORDS_MAX bytes with the NUL. */
    void (*say_call)(const struct linear_call *call, char *words);
    void (*say_state)(uint64_t state, char *words);
};

static inline bool linear_is_known(const struct linear_call *call)
{
    return call->answer != LINEAR_UNKNOWN;
}

/* For steps that compare with what was answered. */
static inline bool linear_said(const struct linear_call *call, uint64_t value)
{
    return !linear_is_known(call) || call->value == value;
}

enum linear_verdict {
    LINEAR_GOOD,
    LINEAR_BROKEN,
    LINEAR_UNDECIDED /* after LINEAR_TRIALS_MAX trials */
};

/* Good histories of a full window take some hundred. */
enum { LINEAR_TRIALS_MAX = 2000000 };

/* Judges histories one after the other. */
struct linear_checker;

/* Null: no memory. */
struct linear_checker *linear_checker_make(const struct linear_spec *spec);
void linear_checker_free(struct linear_checker *checker);

/* Calls may stand in any order in the history. */
enum linear_verdict linear_check(struct linear_checker *checker,
                                 const struct linear_history *history);

const struct linear_spec *linear_spec_of(const struct linear_checker *checker);

/* Of the last check: how many rules were tried, and how many dead ends were
 * remembered. */
uint64_t linear_trials(const struct linear_checker *checker);
size_t linear_dead_ends(const struct linear_checker *checker);

#endif
