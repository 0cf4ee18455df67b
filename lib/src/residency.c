/*
 * Residency: evict, unloaded, load, touch, pin, unpin.
 *
 * Whether an agent is loaded stands in its state word, and each change is one
 * swap of it; so of all calls that contend for an agent one wins.  The count of
 * residents is a word like that of the running slots: charged before the swap
 * that makes an agent resident, given back after the swap that takes that from
 * it, by whoever's swap it was: an unloaded, a close, the end of a ticket.  So
 * for a moment it may be higher than what the words say, and never lower.
 *
 *   progress  lock-free: each loop repeats only because another call changed
 *             the word it had read
 */
#include "moorage/residency.h"

#include "plant.h"
#include "refusal.h"
#include "trace.h"
#include "use.h"
#include "walk.h"

/* May this be done to an agent in that state? */
typedef moor_error judgement(uint64_t word);

static moor_error judge_loaded(uint64_t word)
{
    if (word_is_claimed(word)) {
        return MOOR_EVICTING;
    }
    return word_is_resident(word) ? MOOR_OK : MOOR_NOT_RESIDENT;
}

static moor_error judge_evict(uint64_t word)
{
    moor_error error = judge_loaded(word);

    return error == MOOR_OK && !word_may_evict(word) ? MOOR_NOT_EVICTABLE
                                                     : error;
}

static moor_error judge_unloaded(uint64_t word)
{
    return word_is_claimed(word) ? MOOR_OK : MOOR_WRONG_STATUS;
}

/* One change of an agent's residence. */
static moor_error change_residence(moor_registry *books, life which,
                                   judgement *may, uint64_t (*to)(uint64_t))
{
    moor_word *state;
    uint64_t word;

    do {
        moor_error error = books_subject(books, which, &word);

        error = error == MOOR_OK ? may(word) : error;
        if (error != MOOR_OK) {
            return error;
        }
        state = &books_record(books, which)->state;
        if (MOOR_PLANTED(62)) { /* look, then store */
            moor_store_release(state, to(word));
            return MOOR_OK;
        }
        /* acquire and release, R1: of all that contend for it one wins. */
    } while (!moor_cas_acq_rel(state, &word, to(word)));
    return MOOR_OK;
}

/* --- evict ---------------------------------------------------------------- */

struct candidate {
    life which; /* 0: nobody so far */
    uint64_t word, stamp;
};

static void consider(const moor_registry *books, uint32_t index,
                     struct candidate *oldest)
{
    struct candidate one;
    uint64_t again;

    one.which = walk_at(books, index, &one.word);
    if (one.which == 0 || !word_may_evict(one.word)) {
        return;
    }
    one.stamp = use_stamp(books, one.which);
    /* acquire, R1: the same life still, so the stamp was its own. */
    again = moor_load_acquire(&books_record(books, one.which)->state);
    if (record_is_taken(again, one.which) &&
        (oldest->which == 0 || stamp_is_older(one.stamp, oldest->stamp))) {
        *oldest = one;
    }
}

static struct candidate find_oldest(const moor_registry *books)
{
    uint32_t end = books_end(books);
    struct candidate oldest = {0};

    for (uint32_t i = 1; i < end; i++) {
        consider(books, i, &oldest);
    }
    return oldest;
}

/* The state that was found is the one that is claimed: if it has changed, that
 * agent may be in use, and all are looked at again. */
static moor_error evict_oldest(moor_registry *books, life *which)
{
    struct candidate found;

    do {
        found = find_oldest(books);
        if (found.which == 0) {
            return MOOR_NOT_EVICTABLE;
        }
        /* acquire and release, R1. */
    } while (!moor_cas_acq_rel(&books_record(books, found.which)->state,
                               &found.word, word_claimed(found.word)));
    *which = found.which;
    return MOOR_OK;
}

moor_error moor_evict(moor_registry *registry, moor_agent agent,
                      moor_agent *evicted)
{
    life which = agent.bits;
    moor_error error;

    if (registry == NULL || (which == 0 && evicted == NULL)) {
        return MOOR_BAD_ARGUMENT;
    }
    if (!use_is_tracked(registry)) {
        use_track(registry);
    }
    error = which == 0
                ? evict_oldest(registry, &which)
                : change_residence(registry, which, judge_evict, word_claimed);
    if (error == MOOR_OK && MOOR_PLANTED(66)) { /* counts no more at once */
        slots_give(&registry->resident);
    }
    if (error == MOOR_OK) {
        MOOR_TRACE(evict, which);
    }
    if (error == MOOR_OK && evicted != NULL) {
        evicted->bits = which;
    }
    return error;
}

moor_error moor_unloaded(moor_registry *registry, moor_agent agent)
{
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error =
        change_residence(registry, agent.bits, judge_unloaded, word_unloaded);
    if (error == MOOR_OK && !MOOR_PLANTED(66)) {
        slots_give(&registry->resident);
    }
    return error;
}

/* --- load, touch ---------------------------------------------------------- */

static moor_error look_before_load(const moor_registry *books, life which,
                                   uint64_t *word)
{
    moor_error error = books_subject(books, which, word);

    return error == MOOR_OK && word_is_claimed(*word) ? MOOR_EVICTING : error;
}

/* The place is charged before the swap; if it turns out that none was needed,
 * or that the agent has left, it goes back. */
static moor_error load_agent(moor_registry *books, life which,
                             moor_refusal *refusal)
{
    moor_word *state = &books_record(books, which)->state;
    struct slots_view seen;
    uint64_t word;
    bool charged = false, done = false;
    moor_error error = look_before_load(books, which, &word);

    while (error == MOOR_OK && !word_is_resident(word) && !done) {
        charged = charged || slots_take(&books->resident, &seen);
        if (!charged) {
            return refusal_make(books, MOOR_LIMIT_RESIDENT, seen.limit,
                                seen.used, 0, refusal);
        }
        /* acquire and release, R1. */
        done = moor_cas_acq_rel(state, &word, word_loaded(word));
        error = done ? MOOR_OK : look_before_load(books, which, &word);
    }
    if (charged && !done && !MOOR_PLANTED(63)) { /* keep what was not needed */
        slots_give(&books->resident);
    }
    if (done) {
        slots_note(&books->resident, seen.used + 1);
    }
    return error;
}

/* Is there where the use of an agent can be noted? */
static moor_error ready_to_note(moor_registry *books, life which,
                                uint64_t *word)
{
    moor_error error = books_subject(books, which, word);

    if (error != MOOR_OK) {
        return error;
    }
    if (!use_is_tracked(books)) {
        use_track(books);
    }
    return annex_make(books, which) ? MOOR_OK : MOOR_NO_MEMORY;
}

moor_error moor_load(moor_registry *registry, moor_agent agent,
                     moor_refusal *refusal)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = ready_to_note(registry, agent.bits, &word);
    error =
        error == MOOR_OK ? load_agent(registry, agent.bits, refusal) : error;
    if (error == MOOR_OK) {
        use_note(registry, agent.bits);
    }
    return error;
}

moor_error moor_touch(moor_registry *registry, moor_agent agent)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_subject(registry, agent.bits, &word);
    error = error == MOOR_OK ? judge_loaded(word) : error;
    error =
        error == MOOR_OK ? ready_to_note(registry, agent.bits, &word) : error;
    if (error == MOOR_OK) {
        use_note(registry, agent.bits);
    }
    return error;
}

/* --- pin, unpin ----------------------------------------------------------- */

moor_error moor_pin(moor_registry *registry, moor_agent agent)
{
    return registry == NULL ? MOOR_BAD_ARGUMENT
                            : change_residence(registry, agent.bits,
                                               judge_loaded, word_pinned);
}

moor_error moor_unpin(moor_registry *registry, moor_agent agent)
{
    return registry == NULL ? MOOR_BAD_ARGUMENT
                            : change_residence(registry, agent.bits,
                                               judge_loaded, word_unpinned);
}
