/*
 * The life of an agent between commit and close: start, finish and its kin,
 * run_again, requests.
 */
#include "moorage/lifecycle.h"

#include "charge.h"
#include "clock.h"
#include "completion.h"
#include "ending.h"
#include "held.h"
#include "hook.h"
#include "journal.h"
#include "lease.h"
#include "leave.h"
#include "plant.h"
#include "refusal.h"
#include "use.h"

moor_error moor_start(moor_registry *registry, moor_agent agent)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_subject(registry, agent.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    /* release, R1: the caller's preparations precede the status. */
    while (word_may_start(word) &&
           word_generation(word) == life_generation(agent.bits)) {
        if (MOOR_PLANTED(46)) { /* look, then store */
            moor_store_release(&books_record(registry, agent.bits)->state,
                               word_started(word));
            return MOOR_OK;
        }
        if (MOOR_PLANTED(85)) { /* the swap first */
            journal_note(registry, agent.bits);
        }
        if (moor_cas_acq_rel(&books_record(registry, agent.bits)->state, &word,
                             word_started(word))) {
            if (!MOOR_PLANTED(85)) {
                journal_note(registry, agent.bits);
            }
            if (use_is_tracked(registry)) {
                use_note(registry, agent.bits);
            }
            return MOOR_OK;
        }
    }
    error = books_subject(registry, agent.bits, &word);
    return error == MOOR_OK ? MOOR_WRONG_STATUS : error;
}

/* --- ends ----------------------------------------------------------------- */

static bool idle_of(moor_status status, enum word_phase *idle)
{
    switch (status) {
    case MOOR_STATUS_COMPLETED:
        *idle = WORD_COMPLETED;
        return true;
    case MOOR_STATUS_ERRORED:
        *idle = WORD_ERRORED;
        return true;
    case MOOR_STATUS_SHUTDOWN:
        *idle = WORD_SHUTDOWN;
        return true;
    default:
        return false;
    }
}

/* And whatever else a usual finish has not: a text, or who keeps track. */
MOOR_SELDOM static moor_error finish_with_text(moor_registry *books,
                                               life which, enum word_phase idle,
                                               const char *text, size_t length)
{
    struct ending how = {.idle = idle};
    uint64_t word;
    moor_error error = books_subject(books, which, &word);

    if (error != MOOR_OK) {
        return error;
    }
    if (!word_may_end(word)) {
        return MOOR_WRONG_STATUS; /* and no text is copied in vain */
    }
    if (!text_make(&books->texts, text, length, &how.text)) {
        return MOOR_NO_MEMORY;
    }
    error = use_is_tracked(books) ? ending_use(books, which, &how)
                                  : ending_end(books, which, &how, NULL);
    if (error != MOOR_OK) {
        text_drop(&books->texts, how.text);
    }
    return error;
}

moor_error moor_finish(moor_registry *registry, moor_agent agent,
                       moor_status status, const char *text, size_t length)
{
    enum word_phase idle;

    if (registry == NULL || !idle_of(status, &idle) ||
        (text == NULL && length > 0)) {
        return MOOR_BAD_ARGUMENT;
    }
    return length == 0 && !use_is_tracked(registry)
               ? ending_finish(registry, agent.bits, idle)
               : finish_with_text(registry, agent.bits, idle, text, length);
}

moor_error moor_interrupt(moor_registry *registry, moor_agent agent)
{
    const struct ending how = {.idle = WORD_INTERRUPTED};

    return registry == NULL ? MOOR_BAD_ARGUMENT
                            : ending_end(registry, agent.bits, &how, NULL);
}

moor_error moor_died(moor_registry *registry, moor_agent agent)
{
    const struct ending how = {
        .idle = WORD_ERRORED, .text = WORD_TEXT_DIED, .release = true};

    return registry == NULL ? MOOR_BAD_ARGUMENT
                            : ending_end(registry, agent.bits, &how, NULL);
}

/* --- run again ------------------------------------------------------------ */

/* Notes turn and time of an admission with the record of an agent that the
 * caller holds.  They never go back, so a late writer cannot undo a later
 * admission.  The turn comes before the swap that publishes it: who sees the
 * run sees its turn (R1). */
static void note_turn(const moor_registry *books, life which)
{
    uint64_t turn = moor_load_acquire(&books->turn);
    moor_word *place = &record_plate(books_record(books, which))->turn;
    uint64_t seen = moor_load_relaxed(place);

    /* relaxed: it only grows, and is published by the state word. */
    while (seen < turn && !moor_cas_relaxed(place, &seen, turn)) {
    }
}

static void note_stamp(const moor_registry *books, life which, uint32_t number)
{
    struct record *record = books_record(books, which);
    uint64_t stamp = stamp_of(clock_coarse_ms(), number);
    uint64_t seen = moor_load_relaxed(&record->stamp);

    /* relaxed: nothing is ordered by them but themselves. */
    while (stamp_is_older(seen, stamp) &&
           !moor_cas_relaxed(&record->stamp, &seen, stamp)) {
    }
}

/* May it run again?  *word is its state. */
MOOR_USUAL moor_error judge_run_again(const moor_registry *books, life which,
                                      uint64_t *word)
{
    moor_error error = books_subject(books, which, word);

    if (error == MOOR_OK && !word_may_run_again(*word)) {
        return MOOR_WRONG_STATUS;
    }
    return error == MOOR_OK && word_is_claimed(*word) ? MOOR_EVICTING : error;
}

/* Will the slot that it still holds do?  It counts already: to run on it is a
 * release and an admission in one step, which a limit that was lowered refuses.
 */
static bool own_slot_will_do(const moor_registry *books, uint64_t word)
{
    struct slots_view now;

    if (!word_has_slot(word)) {
        return false;
    }
    now = slots_look(&books->running);
    return now.used <= now.limit || MOOR_PLANTED(53); /* whatever the limit */
}

/* What an agent that is to run again was charged so far. */
struct charges {
    bool resident, running;
};

/* It is loaded, if it was not. */
MOOR_USUAL bool charge_resident(moor_registry *books, uint64_t word,
                                struct charges *charged,
                                struct slots_view *seen)
{
    if (!charged->resident && !word_is_resident(word) &&
        !MOOR_PLANTED(64)) { /* it is loaded without a charge */
        charged->resident = slots_take(&books->resident, seen);
        return charged->resident;
    }
    return true;
}

/* It was refused a running slot, and waits for one; meanwhile it holds nothing.
 */
MOOR_SELDOM static moor_error wait_again(moor_registry *books,
                                         struct charges *charged,
                                         const moor_patience *patience,
                                         moor_refusal *refusal)
{
    struct slots_view seen;
    moor_error error;

    if (charged->resident) {
        slots_give(&books->resident);
        charged->resident = false;
    }
    error = charge_patiently(books, QUEUE_ADMISSION, patience, &seen);
    charged->running = error == MOOR_OK ||
                       MOOR_PLANTED(58); /* run without a charge */
    if (charged->running) {
        return MOOR_OK;
    }
    return error == MOOR_REFUSED
               ? refusal_make(books, MOOR_LIMIT_RUNNING, seen.limit, seen.used,
                              0, refusal)
               : error;
}

/* Charges what it needs in that state. */
MOOR_USUAL moor_error charge_again(moor_registry *books, uint64_t word,
                                   struct charges *charged,
                                   const moor_patience *patience,
                                   moor_refusal *refusal)
{
    struct slots_view seen;
    bool fits = charge_resident(books, word, charged, &seen);

    if (fits && !charged->running && !own_slot_will_do(books, word)) {
        struct slots_view running;
        moor_error error;

        charged->running = charge_running(books, &running);
        if (!charged->running) {
            error = wait_again(books, charged, patience, refusal);
            if (error != MOOR_OK) {
                return error;
            }
            fits = charge_resident(books, word, charged, &seen);
        }
    }
    return fits ? MOOR_OK
                : refusal_make(books, MOOR_LIMIT_RESIDENT, seen.limit,
                               seen.used, 0, refusal);
}

/* What was not needed, because the agent had it in the state that was
 * replaced, or because it does not run. */
MOOR_USUAL void give_unneeded(moor_registry *books,
                              const struct charges *charged, uint64_t word,
                              bool done)
{
    if (charged->running && (!done || word_has_slot(word)) &&
        !MOOR_PLANTED(19)) { /* keep it */
        charge_give(books);
    }
    if (charged->resident && (!done || word_is_resident(word))) {
        slots_give(&books->resident);
    }
}

/* Before the swap, in a registry that measures how long slots are held: when
 * the slot was charged that it has in that state; if it has none, the new one's
 * time is noted.  The state is looked at behind the clock (held.h). */
MOOR_SELDOM static uint64_t note_charge(moor_registry *books, life which,
                                        uint64_t word)
{
    uint64_t now = held_now(books);

    if (word_has_slot(word)) {
        return held_since(books, which);
    }
    /* acquire, R1; if it has changed, the swap fails. */
    if (moor_load_acquire(&books_record(books, which)->state) == word &&
        !MOOR_PLANTED(97)) { /* behind the swap */
        held_again(books, which, now);
    }
    return now;
}

/* The caller holds the agent.  All is charged before the swap. */
static moor_error run_again(moor_registry *books, life which,
                            const moor_patience *patience,
                            moor_refusal *refusal)
{
    moor_word *state = &books_record(books, which)->state;
    struct charges charged = {false, false};
    uint64_t word, since = 0;
    bool done = false;
    bool leased = lease_is_kept(books, which);
    uint32_t number = total_number(&books->lifetime);
    moor_error error = judge_run_again(books, which, &word);

    while (error == MOOR_OK && !done) {
        error = charge_again(books, word, &charged, patience, refusal);
        if (error != MOOR_OK) {
            break;
        }
        note_turn(books, which);
        if (leased) {
            lease_begin(books, which);
        }
        if (books->held != NULL) {
            since = note_charge(books, which, word);
        }
        if (MOOR_PLANTED(16)) { /* drop the text before it is ours */
            text_drop(&books->texts, word_text(word));
        }
        /* acquire and release, R1: of all that try one wins; a word that has
         * changed is judged anew.  seq_cst, Z2: before the look at the entry.
         */
        done = moor_cas_seq_cst(state, &word, word_run_again(word, number));
        error = done ? MOOR_OK : judge_run_again(books, which, &word);
    }
    give_unneeded(books, &charged, word, done);
    if (done) {
        if (charged.resident) {
            slots_note(&books->resident, slots_look(&books->resident).used);
        }
        if (MOOR_PLANTED(97)) {
            held_again(books, which, held_now(books));
        }
        note_stamp(books, which, number);
        journal_note(books, which);
        if (leased) {
            lease_enter(books, which);
        }
        text_drop(&books->texts, MOOR_PLANTED(16) ? 0 : word_text(word));
        if (word_has_slot(word)) { /* a release and an admission in one */
            held_end(books, since);
            held_again(books, which, held_now(books));
            stats_add(&books->stats, STATS_RELEASED, 1);
            hook_released(books, which, word_status(word));
        }
    }
    return error;
}

moor_error moor_run_again_queued(moor_registry *registry, moor_agent agent,
                                 const moor_patience *patience,
                                 moor_refusal *refusal)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    lease_end_due(registry);
    error = judge_run_again(registry, agent.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    if (!leave_hold(registry, agent.bits)) {
        return MOOR_STALE;
    }
    error = registry->events && !completion_has_room(registry, agent.bits)
                ? MOOR_NO_MEMORY
                : run_again(registry, agent.bits, patience, refusal);
    leave_let_go(registry, agent.bits);
    return error;
}

moor_error moor_run_again(moor_registry *registry, moor_agent agent,
                          moor_refusal *refusal)
{
    return moor_run_again_queued(registry, agent, NULL, refusal);
}

/* --- requests ------------------------------------------------------------- */

moor_error moor_request(moor_registry *registry, moor_agent agent,
                        moor_request_kind what)
{
    uint64_t asked = what == MOOR_REQUEST_SHUTDOWN ? WORD_ASKED_SHUTDOWN
                                                   : WORD_ASKED_INTERRUPT;
    moor_word *state;
    uint64_t word;

    if (registry == NULL || (what != MOOR_REQUEST_INTERRUPT &&
                             what != MOOR_REQUEST_SHUTDOWN)) {
        return MOOR_BAD_ARGUMENT;
    }
    do {
        moor_error error = books_subject(registry, agent.bits, &word);

        if (error != MOOR_OK) {
            return error;
        }
        if (!word_is_live(word)) {
            return MOOR_WRONG_STATUS;
        }
        state = &books_record(registry, agent.bits)->state;
        if (MOOR_PLANTED(47)) { /* look, then store */
            moor_store_release(state, word_asked(word, asked));
            return MOOR_OK;
        }
        /* release, R1: who polls the flag sees why it was raised. */
    } while (!moor_cas_acq_rel(state, &word, word_asked(word, asked)));
    return MOOR_OK;
}

moor_error moor_poll(moor_registry *registry, moor_agent agent,
                     moor_request_kind *what)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL || what == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_subject(registry, agent.bits, &word);
    if (error == MOOR_OK) {
        *what = word_requested(word);
    }
    return error;
}
