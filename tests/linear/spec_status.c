/*
 * Status: one agent from its commit to its close, under on_completion, in a
 * registry in which no one else holds a slot for longer than a spawn and its
 * close.
 *
 * The object is the agent's status with its flags and text, and the counter of
 * slots with its limit.
 *
 * What is not one instant, and so is allowed to be seen:
 *
 *   an end        a finish, interrupt or died wins (ENDING: no slot any more,
 *                 the result can be read, status as before), then counts down,
 *                 then shows the status.  So a finish that lost may be told
 *                 wrong_status before the winner's status can be seen; but who
 *                 has seen the status finds the counter down.
 *   a close       of a live agent ends its run, counts down, and then takes it
 *                 out; others can be told wrong_status in between.  One that
 *                 meets an ENDING agent takes it out at once, and the slot is
 *                 the other call's to give.  One that is told stale may have
 *                 ended the run: another took the agent out.
 *   start_failed  ends likewise, fenced.
 *   run_again     finds the agent idle, counts up, and then swaps.  One that
 *                 loses holds the slot until it gives it back.
 *
 * All else is one instant.
 */
#include "specs.h"

#include <stdio.h>

/*
 *   63     40 39    32 31    24 23     8  7  6      5 4  3      0
 *   +--------+--------+--------+--------+---+--------+---+-------+
 *   |  (0)   |  limit |  used  |  text  |(0)| fenced |ask| phase |
 *   +--------+--------+--------+--------+---+--------+---+-------+
 */
enum {
    GONE = MOOR_STATUS_NOT_FOUND, /* the others are moor_statuses */
    ENDING_PENDING = MOOR_STATUSES,
    ENDING_RUNNING,
    PHASE = 15,
    ASKED_INTERRUPT = 1 << 4,
    ASKED_SHUTDOWN = 1 << 5,
    ASKED = ASKED_INTERRUPT | ASKED_SHUTDOWN,
    FENCED = 1 << 6,
    TEXT_SHIFT = 8,
    USED_SHIFT = 24,
    LIMIT_SHIFT = 32
};

#define TEXT     (UINT64_C(0xffff) << TEXT_SHIFT)
#define ONE_USED (UINT64_C(1) << USED_SHIFT)

uint64_t status_state(uint32_t limit, uint32_t others)
{
    return (uint64_t)limit << LIMIT_SHIFT | (others + 1) * ONE_USED |
           MOOR_STATUS_PENDING_INIT;
}

static unsigned phase_of(uint64_t state)
{
    return state & PHASE;
}

static void set_phase(uint64_t *state, unsigned phase)
{
    *state = (*state & ~(uint64_t)PHASE) | phase;
}

static uint64_t used_of(uint64_t state)
{
    return state >> USED_SHIFT & 255;
}

static uint64_t limit_of(uint64_t state)
{
    return state >> LIMIT_SHIFT & 255;
}

static bool live(uint64_t state)
{
    return phase_of(state) == MOOR_STATUS_PENDING_INIT ||
           phase_of(state) == MOOR_STATUS_RUNNING;
}

static bool gone(uint64_t state)
{
    return phase_of(state) == GONE;
}

static bool runnable(uint64_t state)
{
    return phase_of(state) == MOOR_STATUS_INTERRUPTED ||
           phase_of(state) == MOOR_STATUS_COMPLETED ||
           phase_of(state) == MOOR_STATUS_ERRORED;
}

/* What the world sees. */
static moor_status status_of(uint64_t state)
{
    switch (phase_of(state)) {
    case ENDING_PENDING:
        return MOOR_STATUS_PENDING_INIT;
    case ENDING_RUNNING:
        return MOOR_STATUS_RUNNING;
    default:
        return (moor_status)phase_of(state);
    }
}

/* --- steps: what is found ------------------------------------------------- */

static bool is_gone(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return gone(*state);
}

static bool is_not_live(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return !live(*state) && !gone(*state);
}

static bool is_not_pending(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return phase_of(*state) != MOOR_STATUS_PENDING_INIT && !gone(*state);
}

static bool is_runnable(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return runnable(*state);
}

static bool is_not_runnable(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return !runnable(*state) && !gone(*state);
}

static bool is_full(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return used_of(*state) >= limit_of(*state);
}

static moor_request_kind requested(uint64_t state)
{
    if (!live(state) || (state & ASKED) == 0) {
        return MOOR_REQUEST_NONE;
    }
    return (state & ASKED_SHUTDOWN) != 0 ? MOOR_REQUEST_SHUTDOWN
                                         : MOOR_REQUEST_INTERRUPT;
}

static bool polls(uint64_t *state, const struct linear_call *call)
{
    return !gone(*state) && linear_said(call, requested(*state));
}

static bool looks(uint64_t *state, const struct linear_call *call)
{
    return !gone(*state) && linear_said(call, status_of(*state));
}

static bool reads_info(uint64_t *state, const struct linear_call *call)
{
    return !gone(*state) &&
           linear_said(call, status_info(status_of(*state), live(*state),
                                         (*state & FENCED) != 0));
}

static bool reads_text(uint64_t *state, const struct linear_call *call)
{
    return !gone(*state) && linear_said(call, (*state & TEXT) >> TEXT_SHIFT);
}

static bool reads_used(uint64_t *state, const struct linear_call *call)
{
    return linear_said(call, used_of(*state));
}

/* --- steps: what is done -------------------------------------------------- */

static bool counts_up(uint64_t *state, const struct linear_call *call)
{
    if (is_full(state, call)) {
        return false;
    }
    *state += ONE_USED;
    return true;
}

static bool counts_down(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    if (used_of(*state) == 0) {
        return false;
    }
    *state -= ONE_USED;
    return true;
}

static bool starts(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    if (phase_of(*state) != MOOR_STATUS_PENDING_INIT) {
        return false;
    }
    set_phase(state, MOOR_STATUS_RUNNING);
    return true;
}

static bool asks(uint64_t *state, const struct linear_call *call)
{
    *state |= call->argument == MOOR_REQUEST_SHUTDOWN ? ASKED_SHUTDOWN
                                                      : ASKED_INTERRUPT;
    return live(*state);
}

/* live -> ENDING: the requests fall. */
static bool ends(uint64_t *state)
{
    if (!live(*state)) {
        return false;
    }
    *state &= ~(uint64_t)ASKED;
    set_phase(state, phase_of(*state) == MOOR_STATUS_RUNNING ? ENDING_RUNNING
                                                             : ENDING_PENDING);
    return true;
}

static bool wins(uint64_t *state, const struct linear_call *call)
{
    *state = (*state & ~TEXT) | (uint64_t)(call->argument >> 8) << TEXT_SHIFT;
    return ends(state);
}

/* A close may have been faster. */
static bool shows(uint64_t *state, const struct linear_call *call)
{
    if (!gone(*state)) {
        set_phase(state, call->argument & PHASE);
    }
    return true;
}

static bool fails(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    *state |= FENCED;
    return phase_of(*state) == MOOR_STATUS_PENDING_INIT && ends(state);
}

static bool leaves(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    if (gone(*state)) {
        return false;
    }
    set_phase(state, GONE);
    return true;
}

static bool runs(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    if (!runnable(*state)) {
        return false;
    }
    *state &= ~TEXT;
    set_phase(state, MOOR_STATUS_RUNNING);
    return true;
}

/* The first step of a close when there is a slot to give back. */
static bool closes_live(uint64_t *state, const struct linear_call *call)
{
    return linear_said(call, status_of(*state)) && ends(state);
}

static bool closes_in_vain(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return ends(state);
}

/* And the only one when there is none. */
static bool closes(uint64_t *state, const struct linear_call *call)
{
    return !live(*state) && linear_said(call, status_of(*state)) &&
           leaves(state, call);
}

/* --- rules ---------------------------------------------------------------- */

/* How far a call has come.  LOST and LATE: it has ended the run, or counted up,
 * and has not won. */
enum { FOUND = 1, UP, ENDED, DOWN, LOST, LATE, DONE = LINEAR_DONE };

/* clang-format off */
static const struct linear_rule rules[] = {
    {STATUS_START,        MOOR_OK,           0,     DONE,  starts},
    {STATUS_START,        MOOR_WRONG_STATUS, 0,     DONE,  is_not_pending},
    {STATUS_START,        MOOR_STALE,        0,     DONE,  is_gone},

    {STATUS_START_FAILED, MOOR_OK,           0,     ENDED, fails},
    {STATUS_START_FAILED, MOOR_OK,           ENDED, DOWN,  counts_down},
    {STATUS_START_FAILED, MOOR_OK,           DOWN,  DONE,  leaves},
    {STATUS_START_FAILED, MOOR_WRONG_STATUS, 0,     DONE,  is_not_pending},
    {STATUS_START_FAILED, MOOR_STALE,        0,     DONE,  is_gone},
    {STATUS_START_FAILED, MOOR_STALE,        0,     LOST,  fails},
    {STATUS_START_FAILED, MOOR_STALE,        LOST,  LATE,  counts_down},
    {STATUS_START_FAILED, MOOR_STALE,        LATE,  DONE,  is_gone},

    {STATUS_FINISH,       MOOR_OK,           0,     ENDED, wins},
    {STATUS_FINISH,       MOOR_OK,           ENDED, DOWN,  counts_down},
    {STATUS_FINISH,       MOOR_OK,           DOWN,  DONE,  shows},
    {STATUS_FINISH,       MOOR_WRONG_STATUS, 0,     DONE,  is_not_live},
    {STATUS_FINISH,       MOOR_STALE,        0,     DONE,  is_gone},

    {STATUS_RUN_AGAIN,    MOOR_OK,           0,     FOUND, is_runnable},
    {STATUS_RUN_AGAIN,    MOOR_OK,           FOUND, UP,    counts_up},
    {STATUS_RUN_AGAIN,    MOOR_OK,           UP,    DONE,  runs},
    {STATUS_RUN_AGAIN,    MOOR_REFUSED,      0,     FOUND, is_runnable},
    {STATUS_RUN_AGAIN,    MOOR_REFUSED,      FOUND, DONE,  is_full},
    {STATUS_RUN_AGAIN,    MOOR_WRONG_STATUS, 0,     DONE,  is_not_runnable},
    {STATUS_RUN_AGAIN,    MOOR_WRONG_STATUS, 0,     FOUND, is_runnable},
    {STATUS_RUN_AGAIN,    MOOR_WRONG_STATUS, FOUND, UP,    counts_up},
    {STATUS_RUN_AGAIN,    MOOR_WRONG_STATUS, UP,    LATE,  is_not_runnable},
    {STATUS_RUN_AGAIN,    MOOR_WRONG_STATUS, LATE,  DONE,  counts_down},
    {STATUS_RUN_AGAIN,    MOOR_STALE,        0,     DONE,  is_gone},
    {STATUS_RUN_AGAIN,    MOOR_STALE,        0,     FOUND, is_runnable},
    {STATUS_RUN_AGAIN,    MOOR_STALE,        FOUND, UP,    counts_up},
    {STATUS_RUN_AGAIN,    MOOR_STALE,        UP,    LATE,  is_gone},
    {STATUS_RUN_AGAIN,    MOOR_STALE,        LATE,  DONE,  counts_down},

    {STATUS_REQUEST,      MOOR_OK,           0,     DONE,  asks},
    {STATUS_REQUEST,      MOOR_WRONG_STATUS, 0,     DONE,  is_not_live},
    {STATUS_REQUEST,      MOOR_STALE,        0,     DONE,  is_gone},

    {STATUS_POLL,         MOOR_OK,           0,     DONE,  polls},
    {STATUS_POLL,         MOOR_STALE,        0,     DONE,  is_gone},
    {STATUS_LOOK,         MOOR_OK,           0,     DONE,  looks},
    {STATUS_LOOK,         MOOR_STALE,        0,     DONE,  is_gone},
    {STATUS_INFO,         MOOR_OK,           0,     DONE,  reads_info},
    {STATUS_INFO,         MOOR_STALE,        0,     DONE,  is_gone},
    {STATUS_RESULT,       MOOR_OK,           0,     DONE,  reads_text},
    {STATUS_RESULT,       MOOR_STALE,        0,     DONE,  is_gone},

    {STATUS_CLOSE,        MOOR_OK,           0,     DONE,  closes},
    {STATUS_CLOSE,        MOOR_OK,           0,     ENDED, closes_live},
    {STATUS_CLOSE,        MOOR_OK,           ENDED, DOWN,  counts_down},
    {STATUS_CLOSE,        MOOR_OK,           DOWN,  DONE,  leaves},
    {STATUS_CLOSE,        MOOR_STALE,        0,     DONE,  is_gone},
    {STATUS_CLOSE,        MOOR_STALE,        0,     LOST,  closes_in_vain},
    {STATUS_CLOSE,        MOOR_STALE,        LOST,  LATE,  counts_down},
    {STATUS_CLOSE,        MOOR_STALE,        LATE,  DONE,  is_gone},

    {STATUS_SPAWN,        MOOR_OK,           0,     DONE,  counts_up},
    {STATUS_SPAWN,        MOOR_REFUSED,      0,     DONE,  is_full},
    {STATUS_CLOSE_OTHER,  MOOR_OK,           0,     DONE,  counts_down},
    {STATUS_USED,         MOOR_OK,           0,     DONE,  reads_used},
};
/* clang-format on */

/* --- words ---------------------------------------------------------------- */

static const char *const names[STATUS_OPERATIONS] = {
    "start", "start_failed", "finish", "run_again", "request",
    "poll",  "status",       "info",   "result",    "close",
    "spawn", "close other",  "used",
};

static void say_state(uint64_t state, char *words)
{
    snprintf(words, LINEAR_WORDS_MAX, "%s, %u of %u used",
             moor_status_name(status_of(state)), (unsigned)used_of(state),
             (unsigned)limit_of(state));
}

static const char *request_name(uint64_t kind)
{
    static const char *const kinds[] = {"none", "interrupt", "shutdown"};

    return kind < MOOR_REQUESTS ? kinds[kind] : "unknown";
}

/* What it was called with. */
static void say_argument(const struct linear_call *call, char *words)
{
    words[0] = '\0';
    if (call->operation == STATUS_FINISH) {
        snprintf(words, LINEAR_WORDS_MAX, " %s %u",
                 moor_status_name((moor_status)(call->argument & PHASE)),
                 (unsigned)(call->argument >> 8));
    } else if (call->operation == STATUS_REQUEST) {
        snprintf(words, LINEAR_WORDS_MAX, " %s", request_name(call->argument));
    }
}

static void say_answer(const struct linear_call *call, char *words)
{
    const char *error =
        linear_is_known(call) ? moor_error_name((moor_error)call->answer) : "?";
    const char *status = moor_status_name((moor_status)(call->value & PHASE));

    if (call->answer != MOOR_OK) {
        snprintf(words, LINEAR_WORDS_MAX, "%s", error);
        return;
    }
    switch (call->operation) {
    case STATUS_POLL:
        snprintf(words, LINEAR_WORDS_MAX, "%s", request_name(call->value));
        break;
    case STATUS_LOOK:
    case STATUS_CLOSE:
        snprintf(words, LINEAR_WORDS_MAX, "%s", status);
        break;
    case STATUS_INFO:
        snprintf(words, LINEAR_WORDS_MAX, "%s%s%s", status,
                 (call->value & 1 << 8) != 0 ? " slot" : "",
                 (call->value & 1 << 9) != 0 ? " fenced" : "");
        break;
    case STATUS_RESULT:
    case STATUS_USED:
        snprintf(words, LINEAR_WORDS_MAX, "%u", (unsigned)call->value);
        break;
    default:
        snprintf(words, LINEAR_WORDS_MAX, "%s", error);
    }
}

static void say_call(const struct linear_call *call, char *words)
{
    char argument[LINEAR_WORDS_MAX], answer[LINEAR_WORDS_MAX];

    say_argument(call, argument);
    say_answer(call, answer);
    snprintf(words, LINEAR_WORDS_MAX, "%s%.20s: %.26s", names[call->operation],
             argument, answer);
}

const struct linear_spec linear_status = {
    .name = "status",
    .rules = rules,
    .rules_count = sizeof rules / sizeof rules[0],
    .say_call = say_call,
    .say_state = say_state,
};
