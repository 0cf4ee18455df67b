#include "journal.h"

#include <stdlib.h>

#include "moorage/journal.h"

#include "id.h"
#include "info.h"
#include "lease.h"
#include "leave.h"
#include "plant.h"

/* annex.born: the record is kept for the taker. */
#define KEPT (UINT64_C(1) << 63)

enum { QUIET = 0, RINGING, RUNG };

bool journal_make(moor_registry *books)
{
    struct journal *journal = (struct journal *)calloc(1, sizeof *journal);

    books->journal = journal;
    if (journal == NULL) {
        return false;
    }
    marks_init(&journal->marks, TREE_RECORDS_MAX);
    event_init(&journal->event);
    return true;
}

void journal_free(moor_registry *books)
{
    if (books->journal != NULL) {
        marks_destroy(&books->journal->marks);
        free(books->journal);
    }
}

MOOR_SELDOM bool journal_cover(moor_registry *books, life which)
{
    return annex_make(books, which) &&
           (books->journal == NULL ||
            marks_cover(&books->journal->marks, life_index(which)));
}

/* --- noting --------------------------------------------------------------- */

/* Who finds it RINGING signals as well: the other may never come to it.  Each
 * has a number of its own there, odd as an address on its stack plus one: so
 * it is RUNG only by who has signalled since it was rung last. */
MOOR_SELDOM static void ring(struct journal *journal)
{
    uint64_t ringing = (uint64_t)(uintptr_t)&ringing | RINGING;

    /* release, J2, J3: what it rings for came before. */
    (void)moor_exchange_acq_rel(&journal->rung, ringing);
    event_signal(&journal->event);
    /* relaxed: passes on what the exchange has released. */
    (void)moor_cas_relaxed(&journal->rung, &ringing, RUNG);
}

static void note(moor_registry *books, life which)
{
    struct journal *journal = books->journal;

    marks_set(&journal->marks, life_index(which));
    /* seq_cst, J2: behind the mark. */
    if (moor_load_seq_cst(&journal->rung) != RUNG) {
        ring(journal);
    }
}

void journal_note(moor_registry *books, life which)
{
    if (books->journal != NULL) {
        note(books, which);
    }
}

MOOR_SELDOM void journal_begin(moor_registry *books, life which, uint64_t stamp)
{
    /* relaxed: published by the state, R1. */
    moor_store_relaxed(&annex_of(books, which)->born, stamp & ~KEPT);
}

/* release, J3: the change before; the taker then looks at everything. */
static void fall_behind(struct journal *journal)
{
    (void)moor_exchange_acq_rel(&journal->behind, 1);
    ring(journal);
}

static void keep_left(moor_registry *books, life which)
{
    struct journal *journal = books->journal;
    moor_word *born = &annex_of(books, which)->born;

    /* relaxed: about how many. */
    if (moor_load_relaxed(&journal->kept) >= MOOR_JOURNAL_MAX) {
        fall_behind(journal);
        return;
    }
    (void)moor_add_relaxed(&journal->kept, 1);
    tree_hold_more(books_record(books, which));
    /* relaxed: nobody else writes it.  release, J4: whoever sees it lets go of
     * that hold, also who has taken an earlier mark. */
    moor_store_release(born, moor_load_relaxed(born) | KEPT);
    if (!MOOR_PLANTED(86)) { /* tell nobody */
        note(books, which);
    }
}

void journal_left(moor_registry *books, life which)
{
    if (books->journal != NULL) {
        keep_left(books, which);
    }
}

void journal_tell(moor_registry *books)
{
    if (books->journal != NULL) {
        ring(books->journal);
    }
}

/* relaxed throughout: alone. */
void journal_recover(moor_registry *books, uint32_t end)
{
    struct journal *journal = books->journal;
    uint64_t kept = 0;

    if (journal == NULL) {
        return;
    }
    for (uint32_t i = 1; i < end; i++) {
        struct annex *annex = annex_of(books, life_of(0, i));

        if (annex != NULL && (moor_load_relaxed(&annex->born) & KEPT) != 0) {
            tree_hold_more(record_at(&books->records, i));
            marks_set(&journal->marks, i);
            kept++;
        }
    }
    moor_store_relaxed(&journal->kept, kept);
    journal->pass = (struct marks_pass){0, 0};
    fall_behind(journal);
}

/* --- taking --------------------------------------------------------------- */

static uint64_t born_at(const moor_registry *books, life which)
{
    /* acquire, J4: who is kept is held. */
    return moor_load_acquire(&annex_of(books, which)->born);
}

/* Of a record that was marked, who is there to be read.  Not who has left and
 * is not kept: a former life that somebody marked late, or one that will be
 * marked once more when it is kept. */
static bool look_at_marked(const moor_registry *books, uint32_t index,
                           moor_changed *changed)
{
    struct record *record = record_at(&books->records, index);
    uint64_t word = moor_load_acquire(&record->state); /* R1 */
    life which = life_of(word_generation(word), index);

    changed->agent.bits = which;
    changed->closed = word_phase(word) == WORD_LEFT;
    if (changed->closed || word_is_agent(word)) {
        uint64_t born = born_at(books, which);

        changed->order = born & ~KEPT;
        return !changed->closed || (born & KEPT) != 0;
    }
    return false;
}

static bool take_one(moor_registry *books, moor_changed *changed)
{
    struct journal *journal = books->journal;
    uint32_t index;

    while (
        marks_take(&journal->marks, &journal->pass, books_end(books), &index)) {
        if (look_at_marked(books, index, changed)) {
            return true;
        }
    }
    return false;
}

static bool is_amid_a_pass(const struct journal *journal)
{
    return journal->pass.word != 0;
}

moor_error moor_changes(moor_registry *registry, moor_changed *changed,
                        size_t room, size_t *count, bool *behind)
{
    size_t taken = 0;
    bool whole;

    if (registry == NULL || changed == NULL || room == 0 || count == NULL ||
        behind == NULL || registry->journal == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    /* acquire, J3. */
    *behind = moor_exchange_acq_rel(&registry->journal->behind, 0) != 0;
    /* The end of a pass that found no room is followed by a whole one. */
    whole = !is_amid_a_pass(registry->journal);
    while (taken < room) {
        if (take_one(registry, &changed[taken])) {
            taken++;
        } else if (whole) {
            break;
        } else {
            whole = true;
        }
    }
    if (MOOR_PLANTED(87)) { /* forget who rang meanwhile */
        moor_store_release(&registry->journal->rung, QUIET);
    }
    *count = taken;
    return MOOR_OK;
}

/* --- reading -------------------------------------------------------------- */

/* Of the record it was linked to, which it keeps; nil: the root. */
static moor_id id_of_parent(const moor_registry *books, life which)
{
    const struct record *parent =
        record_above(&books->records, books_record(books, which));
    struct id_words id = {moor_load_acquire(&parent->id_high),
                          moor_load_acquire(&parent->id_low)};

    return id_of_words(id);
}

static bool is_of(uint64_t word, life which)
{
    return word_generation(word) == life_generation(which) &&
           word_phase(word) != WORD_FREE;
}

/* In that state; if it is another by now, anything. */
static moor_error read_as(moor_registry *books, life which, uint64_t word,
                          moor_change *change, char *text, size_t room)
{
    moor_agent agent = {which};

    info_copy(books, which, word, &change->info);
    change->parent = id_of_parent(books, which);
    change->closed = word_phase(word) == WORD_LEFT;
    change->failed = word_phase(word) == WORD_FAILING;
    change->ttl_ms = lease_ttl(books, which);
    change->length = 0;
    if (change->closed) {
        change->info.status = word_last_status(word);
        change->failed = change->info.status == MOOR_STATUS_NOT_FOUND;
        return MOOR_OK;
    }
    return change->failed
               ? MOOR_OK
               : moor_result(books, agent, text, room, &change->length);
}

moor_error moor_change_read(moor_registry *registry, moor_agent agent,
                            moor_change *change, char *text, size_t room)
{
    uint64_t word, before;
    moor_error error;

    if (registry == NULL || change == NULL || (text == NULL && room > 0)) {
        return MOOR_BAD_ARGUMENT;
    }
    if (!books_state(registry, agent.bits, &word)) {
        return MOOR_NOT_FOUND;
    }
    do {
        if (!is_of(word, agent.bits)) {
            return MOOR_STALE;
        }
        error = read_as(registry, agent.bits, word, change, text, room);
        before = word;
        /* acquire, R1: unchanged, so all that was copied was its own. */
        (void)books_state(registry, agent.bits, &word);
    } while (word != before);
    return error;
}

/* Not if it was done before: it may have been taken twice. */
static bool is_kept(const moor_registry *books, life which)
{
    uint64_t word;

    if (!books_state(books, which, &word) || !is_of(word, which)) {
        return false;
    }
    return word_phase(word) == WORD_LEFT && (born_at(books, which) & KEPT) != 0;
}

moor_error moor_change_done(moor_registry *registry,
                            const moor_changed *changed)
{
    life which;

    if (registry == NULL || registry->journal == NULL || changed == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    which = changed->agent.bits;
    if (changed->closed && is_kept(registry, which) &&
        !MOOR_PLANTED(88)) { /* it is kept for ever */
        /* relaxed: the record is not used again before it is let go. */
        moor_store_relaxed(&annex_of(registry, which)->born, 0);
        (void)moor_sub_release(&registry->journal->kept, 1);
        leave_let_go(registry, which);
    }
    return MOOR_OK;
}

/* --- waiting -------------------------------------------------------------- */

static bool was_rung(struct journal *journal)
{
    /* relaxed: if it was, the exchange acquires. */
    if (moor_load_relaxed(&journal->rung) == QUIET) {
        return false;
    }
    /* seq_cst, J2: before the next pass. */
    (void)moor_exchange_seq_cst(&journal->rung, QUIET);
    return true;
}

moor_error moor_journal_wait(moor_registry *registry, uint64_t timeout_ms)
{
    struct timespec deadline;
    struct journal *journal;
    uint32_t value;

    if (registry == NULL || registry->journal == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    journal = registry->journal;
    deadline = event_deadline(timeout_ms == MOOR_FOREVER ? 0 : timeout_ms);
    for (;;) {
        value = event_value(&journal->event);
        if (is_amid_a_pass(journal) || was_rung(journal)) {
            return MOOR_OK;
        }
        if (!event_wait(&journal->event, value,
                        timeout_ms == MOOR_FOREVER ? NULL : &deadline)) {
            return MOOR_TIMED_OUT;
        }
    }
}

moor_error moor_journal_wake(moor_registry *registry)
{
    if (registry == NULL || registry->journal == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    journal_tell(registry);
    return MOOR_OK;
}
