/*
 * Admission: the running slots of one registry, under on_completion.
 *
 * The object is the counter with its limit, and of each agent or ticket whether
 * it holds a slot.  The counter is what the library's is, at every instant: a
 * look or a refusal that tells another figure is wrong.
 *
 *   taken    only while the counter is below the limit in force
 *   refused  only while it is not
 *
 * What is not one instant, and so is allowed to be seen:
 *
 *   finish, close  take the slot from the agent, and then count down; whoever
 *                  looks in between finds the counter one too high.  A close
 *                  that meets an agent between the two has nothing to give, and
 *                  one that is told stale may have ended the run and given the
 *                  slot, another one being the first to take the agent out.
 *   run_again      counts up, and then swaps.  One that loses may hold its slot
 *                  until it gives it back; then another is refused rightly.
 *
 * No reservation holds a slot before it is granted; and abandon, start_failed
 * and a close that only its caller knows of count down once.
 */
#include "specs.h"

#include <stdio.h>

enum { COUNT_BITS = 10, SLOTS_SHIFT = 2 * COUNT_BITS };

#define ONE_LIMIT (UINT64_C(1) << COUNT_BITS)

static uint64_t used_of(uint64_t state)
{
    return state & ADMISSION_COUNT_MAX;
}

static uint64_t limit_of(uint64_t state)
{
    return state >> COUNT_BITS & ADMISSION_COUNT_MAX;
}

static uint64_t slot_of(const struct linear_call *call)
{
    return UINT64_C(1) << (SLOTS_SHIFT + call->argument % ADMISSION_AGENTS);
}

/* --- steps ---------------------------------------------------------------- */

static bool nothing(uint64_t *state, const struct linear_call *call)
{
    (void)state;
    (void)call;
    return true;
}

static bool counts_up(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    if (used_of(*state) >= limit_of(*state)) {
        return false;
    }
    *state += 1;
    return true;
}

static bool counts_down(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    if (used_of(*state) == 0) {
        return false;
    }
    *state -= 1;
    return true;
}

static bool gets_slot(uint64_t *state, const struct linear_call *call)
{
    if ((*state & slot_of(call)) != 0) {
        return false;
    }
    *state |= slot_of(call);
    return true;
}

static bool loses_slot(uint64_t *state, const struct linear_call *call)
{
    if ((*state & slot_of(call)) == 0) {
        return false;
    }
    *state &= ~slot_of(call);
    return true;
}

static bool has_no_slot(uint64_t *state, const struct linear_call *call)
{
    return (*state & slot_of(call)) == 0;
}

/* One instant for both: nobody else knows of it yet, or any more. */
static bool is_granted(uint64_t *state, const struct linear_call *call)
{
    return counts_up(state, call) && gets_slot(state, call);
}

static bool is_given_back(uint64_t *state, const struct linear_call *call)
{
    return loses_slot(state, call) && counts_down(state, call);
}

static bool is_refused(uint64_t *state, const struct linear_call *call)
{
    uint64_t count = admission_count(used_of(*state), limit_of(*state));

    return used_of(*state) >= limit_of(*state) &&
           (call->value == ADMISSION_NO_REFUSAL || linear_said(call, count));
}

static bool sets_limit(uint64_t *state, const struct linear_call *call)
{
    *state &= ~(ADMISSION_COUNT_MAX * ONE_LIMIT);
    *state |= call->argument * ONE_LIMIT;
    return true;
}

static bool looks(uint64_t *state, const struct linear_call *call)
{
    return linear_said(call,
                       admission_count(used_of(*state), limit_of(*state)));
}

/* --- rules ---------------------------------------------------------------- */

/* How far a call has come. */
enum { UP = 1, DOWN, ENDED, DONE = LINEAR_DONE };

/* clang-format off */
static const struct linear_rule rules[] = {
    {ADMISSION_SPAWN,        MOOR_OK,           0,     DONE,  is_granted},
    {ADMISSION_SPAWN,        MOOR_REFUSED,      0,     DONE,  is_refused},
    {ADMISSION_RESERVE,      MOOR_OK,           0,     DONE,  is_granted},
    {ADMISSION_RESERVE,      MOOR_REFUSED,      0,     DONE,  is_refused},
    {ADMISSION_ABANDON,      MOOR_OK,           0,     DONE,  is_given_back},
    {ADMISSION_START_FAILED, MOOR_OK,           0,     DONE,  is_given_back},
    {ADMISSION_FINISH,       MOOR_OK,           0,     ENDED, loses_slot},
    {ADMISSION_FINISH,       MOOR_OK,           ENDED, DONE,  counts_down},
    {ADMISSION_FINISH,       MOOR_WRONG_STATUS, 0,     DONE,  has_no_slot},
    {ADMISSION_FINISH,       MOOR_STALE,        0,     DONE,  has_no_slot},
    {ADMISSION_RUN_AGAIN,    MOOR_OK,           0,     UP,    counts_up},
    {ADMISSION_RUN_AGAIN,    MOOR_OK,           UP,    DONE,  gets_slot},
    {ADMISSION_RUN_AGAIN,    MOOR_REFUSED,      0,     DONE,  is_refused},
    {ADMISSION_RUN_AGAIN,    MOOR_WRONG_STATUS, 0,     DONE,  nothing},
    {ADMISSION_RUN_AGAIN,    MOOR_WRONG_STATUS, 0,     UP,    counts_up},
    {ADMISSION_RUN_AGAIN,    MOOR_WRONG_STATUS, UP,    DONE,  counts_down},
    {ADMISSION_RUN_AGAIN,    MOOR_STALE,        0,     DONE,  has_no_slot},
    {ADMISSION_RUN_AGAIN,    MOOR_STALE,        0,     UP,    counts_up},
    {ADMISSION_RUN_AGAIN,    MOOR_STALE,        UP,    DOWN,  has_no_slot},
    {ADMISSION_RUN_AGAIN,    MOOR_STALE,        DOWN,  DONE,  counts_down},
    {ADMISSION_CLOSE,        MOOR_OK,           0,     DONE,  has_no_slot},
    {ADMISSION_CLOSE,        MOOR_OK,           0,     ENDED, loses_slot},
    {ADMISSION_CLOSE,        MOOR_OK,           ENDED, DONE,  counts_down},
    {ADMISSION_CLOSE,        MOOR_STALE,        0,     DONE,  has_no_slot},
    {ADMISSION_CLOSE,        MOOR_STALE,        0,     ENDED, loses_slot},
    {ADMISSION_CLOSE,        MOOR_STALE,        ENDED, DONE,  counts_down},
    {ADMISSION_SET_LIMIT,    MOOR_OK,           0,     DONE,  sets_limit},
    {ADMISSION_LOOK,         MOOR_OK,           0,     DONE,  looks},
};
/* clang-format on */

/* --- words ---------------------------------------------------------------- */

static const char *const names[ADMISSION_OPERATIONS] = {
    "spawn",     "reserve", "abandon",   "start_failed", "finish",
    "run_again", "close",   "set_limit", "look",
};

static void say_count(uint64_t count, char *words)
{
    snprintf(words, LINEAR_WORDS_MAX, "%u of %u used", (unsigned)used_of(count),
             (unsigned)limit_of(count));
}

static void say_state(uint64_t state, char *words)
{
    say_count(state, words);
}

static void say_answer(const struct linear_call *call, char *words)
{
    bool tells =
        call->answer == MOOR_REFUSED && call->value != ADMISSION_NO_REFUSAL;

    if (linear_is_known(call) && (call->operation == ADMISSION_LOOK || tells)) {
        say_count(call->value, words);
        return;
    }
    snprintf(words, LINEAR_WORDS_MAX, "%s",
             linear_is_known(call) ? moor_error_name((moor_error)call->answer)
                                   : "?");
}

static void say_call(const struct linear_call *call, char *words)
{
    char answer[LINEAR_WORDS_MAX];
    bool is_subject =
        call->operation != ADMISSION_LOOK && call->answer != MOOR_REFUSED;

    say_answer(call, answer);
    if (is_subject) {
        snprintf(words, LINEAR_WORDS_MAX, "%s %u: %.40s",
                 names[call->operation], (unsigned)call->argument, answer);
    } else {
        snprintf(words, LINEAR_WORDS_MAX, "%s: %.40s", names[call->operation],
                 answer);
    }
}

const struct linear_spec linear_admission = {
    .name = "admission",
    .rules = rules,
    .rules_count = sizeof rules / sizeof rules[0],
    .say_call = say_call,
    .say_state = say_state,
};
