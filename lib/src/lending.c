/*
 * Lending.  The slot bit and the mark of the lender change places in one swap,
 * so a slot is lent once and taken back once, whatever else goes on; the end of
 * a run takes the mark off like the slot.
 */
#include "moorage/lending.h"

#include "charge.h"
#include "held.h"
#include "lease.h"
#include "plant.h"
#include "refusal.h"

moor_error moor_lend(moor_registry *registry, moor_agent agent)
{
    moor_word *state;
    uint64_t word, since;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    do {
        moor_error error = books_subject(registry, agent.bits, &word);

        if (error != MOOR_OK) {
            return error;
        }
        if (!word_may_lend(word)) {
            return MOOR_WRONG_STATUS;
        }
        state = &books_record(registry, agent.bits)->state;
        since = held_since(registry, agent.bits);
        if (MOOR_PLANTED(76)) { /* look, then store */
            moor_store_release(state, word_lent(word));
            break;
        }
        /* acquire and release, R1. */
    } while (!moor_cas_acq_rel(state, &word, word_lent(word)));
    charge_give(registry);
    held_end(registry, since);
    return MOOR_OK;
}

static moor_error judge_lender(const moor_registry *books, life which,
                               uint64_t *word)
{
    moor_error error = books_subject(books, which, word);

    return error == MOOR_OK && !word_is_lent(*word) ? MOOR_NOT_LENT : error;
}

/* The caller has charged a slot. */
static moor_error give_lender(moor_registry *books, life which)
{
    uint64_t word, now = held_now(books);
    moor_error error;

    do {
        error = judge_lender(books, which, &word);
        if (error != MOOR_OK) {
            if (!MOOR_PLANTED(77)) { /* keep what nobody needs any more */
                charge_give(books);
            }
            return error;
        }
        held_again(books, which, now);
        /* acquire and release, R1: of all that take back one wins. */
    } while (!moor_cas_acq_rel(&books_record(books, which)->state, &word,
                               word_taken_back(word)));
    return MOOR_OK;
}

/* May it lend?  Also asked where a wait is met at once: whether an agent that
 * has nothing to lend is told so is not to depend on others. */
static moor_error judge_lending(const moor_registry *books, life which)
{
    uint64_t word;
    moor_error error = books_subject(books, which, &word);

    return error == MOOR_OK && !word_may_lend(word) ? MOOR_WRONG_STATUS
                                                    : error;
}

moor_error moor_take_back(moor_registry *registry, moor_agent agent,
                          const moor_patience *patience, moor_refusal *refusal)
{
    struct slots_view seen;
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    lease_end_due(registry);
    error = judge_lender(registry, agent.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    error = charge_patiently(registry, QUEUE_TAKE_BACK, patience, &seen);
    if (error == MOOR_REFUSED) {
        return refusal_make(registry, MOOR_LIMIT_RUNNING, seen.limit, seen.used,
                            0, refusal);
    }
    return error == MOOR_OK ? give_lender(registry, agent.bits) : error;
}

moor_error moor_wait_lending(moor_registry *registry, moor_agent lender,
                             moor_wait_for what, moor_wait_until until,
                             const moor_agent *agents, size_t count,
                             uint64_t timeout_ms, moor_waited *answers)
{
    moor_patience patience = {.timeout_ms = timeout_ms};
    struct timespec deadline;
    moor_error error;

    error = registry == NULL ? MOOR_BAD_ARGUMENT
                             : judge_lending(registry, lender.bits);
    if (error == MOOR_OK) {
        error = moor_wait(registry, what, until, agents, count, 0, answers);
    }
    if (error != MOOR_TIMED_OUT) {
        return error;
    }
    if (timeout_ms != MOOR_FOREVER) {
        deadline = event_deadline(timeout_ms);
    }
    error = moor_lend(registry, lender);
    if (error != MOOR_OK) {
        return error;
    }
    error = moor_wait(registry, what, until, agents, count, timeout_ms,
                      answers);
    if (error != MOOR_OK) {
        return error;
    }
    if (timeout_ms != MOOR_FOREVER) {
        patience.timeout_ms = event_left_ms(&deadline);
    }
    error = moor_take_back(registry, lender, &patience, NULL);
    return error == MOOR_REFUSED ? MOOR_TIMED_OUT : error;
}
