/*
 * Waiting.  A waiter looks, marks every agent that has not met the wait yet as
 * watched, looks again while it marks, and sleeps on the registry's event.
 * Whoever takes a marked agent out of the state it was in clears the mark in
 * the same swap and then signals.
 *
 *   waiter  reads the event's value, swaps the mark in, sleeps
 *   ender   swaps the state (the mark falls), signals
 *
 * Either the mark comes first, then the ender finds it and signals after the
 * value was read: the sleep ends at once; or the ender's swap comes first, then
 * the waiter's swap fails and it sees the end.  No wake-up is lost, and no
 * signal is sent when nobody waits.
 */
#include "moorage/wait.h"

#include "books.h"
#include "plant.h"

struct wait {
    moor_registry *books;
    moor_wait_for what;
    moor_wait_until until;
    const moor_agent *agents;
    size_t count;
    moor_waited *answers;
};

static bool meets(const struct wait *wait, moor_status status)
{
    return moor_is_final(status) || (wait->until == MOOR_UNTIL_IDLE &&
                                     status == MOOR_STATUS_INTERRUPTED);
}

/* Looks at one agent; *word is its state, if there is one. */
static moor_waited look_at_agent(const struct wait *wait, life which,
                                 uint64_t *word)
{
    moor_waited waited = {.met = true, .status = MOOR_STATUS_NOT_FOUND};

    if (books_agent(wait->books, which, word) == MOOR_OK) {
        waited.status = word_status(*word);
        waited.met = meets(wait, waited.status);
        waited.requested = word_requested(*word);
    }
    return waited;
}

/* The same, and marks it if it has not met the wait. */
static moor_waited watch(const struct wait *wait, life which)
{
    for (;;) {
        uint64_t word;
        moor_waited waited = look_at_agent(wait, which, &word);

        if (MOOR_PLANTED(41) && !waited.met) { /* look, then store */
            moor_store_release(&books_record(wait->books, which)->state,
                               word_watched(word));
            return waited;
        }
        /* acquire and release, R1: the mark is in the state that was seen. */
        if (waited.met || word_is_watched(word) ||
            moor_cas_acq_rel(&books_record(wait->books, which)->state, &word,
                             word_watched(word))) {
            return waited;
        }
    }
}

/* Writes all answers; is the wait met? */
static bool look(const struct wait *wait, bool mark)
{
    size_t met = 0;

    for (size_t i = 0; i < wait->count; i++) {
        life which = wait->agents[i].bits;
        uint64_t word;

        wait->answers[i] =
            mark ? watch(wait, which) : look_at_agent(wait, which, &word);
        met += wait->answers[i].met;
    }
    return wait->what == MOOR_WAIT_ANY ? met > 0 : met == wait->count;
}

static bool sleep_until_met(const struct wait *wait,
                            const struct timespec *deadline)
{
    struct event *event = &wait->books->event;

    for (;;) {
        uint32_t value = event_value(event);

        if (look(wait, true)) {
            return true;
        }
        if (MOOR_PLANTED(42)) { /* only now */
            value = event_value(event);
        }
        /* Others may signal all the time: the deadline holds all the same. */
        if (!event_wait(event, value, deadline) ||
            (deadline != NULL && event_passed(deadline))) {
            return look(wait, false);
        }
    }
}

moor_error moor_wait(moor_registry *registry, moor_wait_for what,
                     moor_wait_until until, const moor_agent *agents,
                     size_t count, uint64_t timeout_ms, moor_waited *answers)
{
    const struct wait wait = {registry, what, until, agents, count, answers};
    struct timespec deadline;

    if (registry == NULL || agents == NULL || answers == NULL || count == 0 ||
        (unsigned)what > MOOR_WAIT_ALL || (unsigned)until > MOOR_UNTIL_IDLE) {
        return MOOR_BAD_ARGUMENT;
    }
    if (look(&wait, false)) {
        return MOOR_OK;
    }
    if (timeout_ms == 0) {
        return MOOR_TIMED_OUT;
    }
    if (timeout_ms != MOOR_FOREVER) {
        deadline = event_deadline(timeout_ms);
    }
    return sleep_until_met(&wait,
                           timeout_ms == MOOR_FOREVER ? NULL : &deadline)
               ? MOOR_OK
               : MOOR_TIMED_OUT;
}
