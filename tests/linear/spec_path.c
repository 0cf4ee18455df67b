/*
 * Path: one path and the id that is always taken with it.
 *
 * The object is who has the path: nobody, somebody that no look-up finds (an
 * admission in flight, a ticket, one whose start failed), or an agent.
 *
 * What is not one instant, and so is allowed to be seen:
 *
 *   spawn         takes the path, and then is an agent: in between others are
 *                 told path_taken, and look-ups not_found
 *   start_failed  takes the agent out of all look-ups, and then frees the path
 *   path_taken    may be the fault of another admission that is itself refused
 *                 a moment later, or goes on a moment later: its claim can be
 *                 seen until it is withdrawn.  But of those that claim a free
 *                 path not all can be told that it is taken.
 *
 * A look-up is one instant; a close frees path and id in the instant in which
 * the agent is found no more.
 */
#include "specs.h"

#include <stdio.h>

/*
 *   63      24 23    16 15     8  7      0
 *   +---------+--------+--------+---------+
 *   |   (0)   | claims | number | holding |
 *   +---------+--------+--------+---------+
 */
enum holding { FREE = 0, HIDDEN, AGENT };

enum { NUMBER_SHIFT = 8, CLAIMS_SHIFT = 16 };

#define ONE_CLAIM (UINT64_C(1) << CLAIMS_SHIFT)

static enum holding holding_of(uint64_t state)
{
    return (enum holding)(state & 255);
}

static uint64_t number_of(uint64_t state)
{
    return state >> NUMBER_SHIFT & 255;
}

static uint64_t claims_of(uint64_t state)
{
    return state >> CLAIMS_SHIFT & 255;
}

static void hold(uint64_t *state, enum holding holding, uint64_t number)
{
    *state = claims_of(*state) * ONE_CLAIM | number << NUMBER_SHIFT |
             (uint64_t)holding;
}

uint64_t path_state(uint32_t agent)
{
    uint64_t state = 0;

    hold(&state, agent == PATH_NOBODY ? FREE : AGENT, agent);
    return state;
}

static bool is(uint64_t state, enum holding holding, uint64_t number)
{
    return holding_of(state) == holding && number_of(state) == number;
}

/* --- steps ---------------------------------------------------------------- */

static bool claims(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    *state += ONE_CLAIM;
    return true;
}

static bool withdraws(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    *state -= ONE_CLAIM;
    return true;
}

static bool is_taken(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return holding_of(*state) != FREE;
}

/* With its own claim withdrawn. */
static bool is_claimed(uint64_t *state, const struct linear_call *call)
{
    return is_taken(state, call) || claims_of(*state) > 0;
}

static bool takes(uint64_t *state, const struct linear_call *call)
{
    if (holding_of(*state) != FREE) {
        return false;
    }
    hold(state, HIDDEN, call->value);
    return true;
}

static bool is_agent_now(uint64_t *state, const struct linear_call *call)
{
    if (!is(*state, HIDDEN, call->value)) {
        return false;
    }
    hold(state, AGENT, call->value);
    return true;
}

static bool commits(uint64_t *state, const struct linear_call *call)
{
    if (!is(*state, HIDDEN, call->argument)) {
        return false;
    }
    hold(state, AGENT, call->value);
    return true;
}

static bool ends_ticket(uint64_t *state, const struct linear_call *call)
{
    if (!is(*state, HIDDEN, call->argument)) {
        return false;
    }
    hold(state, FREE, PATH_NOBODY);
    return true;
}

static bool finds(uint64_t *state, const struct linear_call *call)
{
    return holding_of(*state) == AGENT && linear_said(call, number_of(*state));
}

static bool finds_nobody(uint64_t *state, const struct linear_call *call)
{
    (void)call;
    return holding_of(*state) != AGENT;
}

static bool is_there(uint64_t *state, const struct linear_call *call)
{
    return is(*state, AGENT, call->argument);
}

static bool is_gone(uint64_t *state, const struct linear_call *call)
{
    return !is_there(state, call);
}

static bool closes(uint64_t *state, const struct linear_call *call)
{
    if (!is_there(state, call)) {
        return false;
    }
    hold(state, FREE, PATH_NOBODY);
    return true;
}

static bool fails(uint64_t *state, const struct linear_call *call)
{
    if (!is_there(state, call)) {
        return false;
    }
    hold(state, HIDDEN, call->argument);
    return true;
}

/* --- rules ---------------------------------------------------------------- */

/* How far a call has come. */
enum { CLAIMED = 1, WITHDRAWN, TAKEN, DONE = LINEAR_DONE };

/* clang-format off */
static const struct linear_rule rules[] = {
    {PATH_SPAWN,        MOOR_OK,            0,         TAKEN,     takes},
    {PATH_SPAWN,        MOOR_OK,            TAKEN,     DONE,      is_agent_now},
    {PATH_SPAWN,        MOOR_OK,            0,         CLAIMED,   claims},
    {PATH_SPAWN,        MOOR_OK,            CLAIMED,   WITHDRAWN, withdraws},
    {PATH_SPAWN,        MOOR_OK,            WITHDRAWN, TAKEN,     takes},
    {PATH_SPAWN,        MOOR_PATH_TAKEN,    0,         DONE,      is_taken},
    {PATH_SPAWN,        MOOR_PATH_TAKEN,    0,         CLAIMED,   claims},
    {PATH_SPAWN,        MOOR_PATH_TAKEN,    CLAIMED,   WITHDRAWN, withdraws},
    {PATH_SPAWN,        MOOR_PATH_TAKEN,    WITHDRAWN, DONE,      is_claimed},

    {PATH_RESERVE,      MOOR_OK,            0,         DONE,      takes},
    {PATH_RESERVE,      MOOR_OK,            0,         CLAIMED,   claims},
    {PATH_RESERVE,      MOOR_OK,            CLAIMED,   WITHDRAWN, withdraws},
    {PATH_RESERVE,      MOOR_OK,            WITHDRAWN, DONE,      takes},
    {PATH_RESERVE,      MOOR_PATH_TAKEN,    0,         DONE,      is_taken},
    {PATH_RESERVE,      MOOR_PATH_TAKEN,    0,         CLAIMED,   claims},
    {PATH_RESERVE,      MOOR_PATH_TAKEN,    CLAIMED,   WITHDRAWN, withdraws},
    {PATH_RESERVE,      MOOR_PATH_TAKEN,    WITHDRAWN, DONE,      is_claimed},

    {PATH_COMMIT,       MOOR_OK,            0,         DONE,      commits},
    {PATH_COMMIT,       MOOR_PATH_MISMATCH, 0,         DONE,      ends_ticket},
    {PATH_ABANDON,      MOOR_OK,            0,         DONE,      ends_ticket},

    {PATH_FIND,         MOOR_OK,            0,         DONE,      finds},
    {PATH_FIND,         MOOR_NOT_FOUND,     0,         DONE,      finds_nobody},
    {PATH_LOOK,         MOOR_OK,            0,         DONE,      is_there},
    {PATH_LOOK,         MOOR_STALE,         0,         DONE,      is_gone},

    {PATH_START_FAILED, MOOR_OK,            0,         TAKEN,     fails},
    {PATH_START_FAILED, MOOR_OK,            TAKEN,     DONE,      ends_ticket},
    {PATH_START_FAILED, MOOR_WRONG_STATUS,  0,         DONE,      is_there},
    {PATH_START_FAILED, MOOR_STALE,         0,         DONE,      is_gone},

    {PATH_CLOSE,        MOOR_OK,            0,         DONE,      closes},
    {PATH_CLOSE,        MOOR_STALE,         0,         DONE,      is_gone},
};
/* clang-format on */

/* --- words ---------------------------------------------------------------- */

static const char *const names[PATH_OPERATIONS] = {
    "spawn", "reserve", "commit",       "abandon",
    "find",  "look at", "start_failed", "close",
};

static void say_state(uint64_t state, char *words)
{
    static const char *const holdings[] = {"free", "taken by", "agent"};

    snprintf(words, LINEAR_WORDS_MAX, "%s", holdings[holding_of(state)]);
    if (holding_of(state) != FREE) {
        snprintf(words, LINEAR_WORDS_MAX, "%s %u", holdings[holding_of(state)],
                 (unsigned)number_of(state));
    }
}

static void say_answer(const struct linear_call *call, char *words)
{
    bool is_number =
        call->answer == MOOR_OK &&
        (call->operation <= PATH_COMMIT || call->operation == PATH_FIND);

    if (is_number) {
        snprintf(words, LINEAR_WORDS_MAX, "%u", (unsigned)call->value);
        return;
    }
    snprintf(words, LINEAR_WORDS_MAX, "%s",
             linear_is_known(call) ? moor_error_name((moor_error)call->answer)
                                   : "?");
}

static void say_call(const struct linear_call *call, char *words)
{
    static const char *const ways[] = {" by path", " by name", " by id"};
    char answer[LINEAR_WORDS_MAX], argument[16] = "";

    say_answer(call, answer);
    if (call->operation == PATH_FIND) {
        snprintf(argument, sizeof argument, "%s", ways[call->argument % 3]);
    } else if (call->operation >= PATH_COMMIT) {
        snprintf(argument, sizeof argument, " %u", (unsigned)call->argument);
    }
    snprintf(words, LINEAR_WORDS_MAX, "%s%s: %.30s", names[call->operation],
             argument, answer);
}

const struct linear_spec linear_path = {
    .name = "path",
    .rules = rules,
    .rules_count = sizeof rules / sizeof rules[0],
    .say_call = say_call,
    .say_state = say_state,
};
