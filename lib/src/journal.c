#include "journal.h"

#include "moorage/journal.h"

#include "id.h"
#include "info.h"
#include "lease.h"
#include "leave.h"
#include "plant.h"

#define NOTED (UINT64_C(1) << 32)
#define ON_ITS_WAY (UINT64_C(1) << 33)
#define FIRST LIFE_INDEX_MAX
#define ONE_MORE (UINT64_C(1) << LIFE_INDEX_BITS)

enum { LATE = sizeof(((struct journal *)0)->late) / sizeof(moor_word) };

/* --- noting --------------------------------------------------------------- */

/* The caller holds the record, and the list does from here on. */
static void push_note(moor_registry *books, struct annex *annex, uint32_t index)
{
    struct journal *journal = books->journal;
    uint64_t head = moor_load_acquire(&journal->head);
    uint64_t noted;

    do {
        noted = ON_ITS_WAY | NOTED | (head & FIRST);
        /* relaxed: published by the swap. */
        moor_store_relaxed(&annex->changed, noted);
        if (MOOR_PLANTED(89)) { /* swap it in */
            moor_store_release(&journal->head,
                               (head & ~(uint64_t)FIRST) + ONE_MORE + index);
            break;
        }
        /* release, J2. */
    } while (!moor_cas_acq_rel(&journal->head, &head,
                               (head & ~(uint64_t)FIRST) + ONE_MORE + index));
    /* It is in the list, or was taken from it already. */
    (void)moor_cas_acq_rel(&annex->changed, &noted, noted & ~ON_ITS_WAY);
    if ((head & FIRST) == 0) {
        event_signal(&journal->event);
    }
}

/* seq_cst, J3: behind the change; the taker then looks at everything. */
static void fall_behind(struct journal *journal)
{
    (void)moor_exchange_seq_cst(&journal->behind, 1);
    event_signal(&journal->event);
}

/* Another thread is just noting it; it may stop there. */
MOOR_SELDOM static void note_late(moor_registry *books, life which)
{
    struct journal *journal = books->journal;

    for (int i = 0; i < LATE; i++) {
        uint64_t seen = 0;

        if (moor_cas_acq_rel(&journal->late[i], &seen, which)) { /* J2 */
            event_signal(&journal->event);
            return;
        }
    }
    fall_behind(journal);
    leave_let_go(books, which);
}

static void note(moor_registry *books, life which)
{
    struct journal *journal = books->journal;
    struct annex *annex = annex_of(books, which);
    /* seq_cst, J1: behind the swap of the state. */
    uint64_t seen = moor_load_seq_cst(&annex->changed);

    if ((seen & (NOTED | ON_ITS_WAY)) == NOTED ||
        (MOOR_PLANTED(87) && seen != 0)) { /* it may never get there */
        return;
    }
    /* acquire: about how many. */
    if (moor_load_acquire(&journal->head) / ONE_MORE >= MOOR_JOURNAL_MAX) {
        fall_behind(journal);
        return;
    }
    if (!leave_hold(books, which)) {
        return; /* its life is over, and who ended it has noted that */
    }
    if (seen == 0 && moor_cas_seq_cst(&annex->changed, &seen,
                                      ON_ITS_WAY | NOTED)) { /* J1 */
        push_note(books, annex, life_index(which));
    } else if ((seen & ON_ITS_WAY) != 0) {
        note_late(books, which);
    } else {
        leave_let_go(books, which);
    }
}

void journal_note(moor_registry *books, life which)
{
    if (books->journal != NULL) {
        note(books, which);
    }
}

void journal_tell(moor_registry *books)
{
    if (books->journal != NULL) {
        (void)moor_add_acq_rel(&books->journal->told, 1);
        event_signal(&books->journal->event);
    }
}

/* relaxed throughout: alone. */
void journal_recover(moor_registry *books, uint32_t end)
{
    struct journal *journal = books->journal;
    uint64_t head = 0;

    if (journal == NULL) {
        return;
    }
    for (uint32_t i = 1; i < end; i++) {
        struct annex *annex = annex_of(books, life_of(0, i));

        if (annex != NULL && moor_load_relaxed(&annex->changed) != 0) {
            tree_hold_more(record_at(&books->records, i));
            moor_store_relaxed(&annex->changed, NOTED | (head & FIRST));
            head = (head & ~(uint64_t)FIRST) + ONE_MORE + i;
        }
    }
    for (int i = 0; i < LATE; i++) {
        moor_store_relaxed(&journal->late[i], 0);
    }
    moor_store_relaxed(&journal->head, head);
    moor_store_relaxed(&journal->behind, 1);
    journal->taken = 0;
}

/* --- taking --------------------------------------------------------------- */

/* The next one that was taken; its note is cleared. */
static life take_one(moor_registry *books)
{
    struct journal *journal = books->journal;
    uint32_t index = journal->taken;
    struct record *record = record_at(&books->records, index);
    /* acquire, R1: held, so its life stays. */
    uint64_t word = moor_load_acquire(&record->state);
    life which = life_of(word_generation(word), index);
    struct annex *annex = annex_of(books, which);

    if (MOOR_PLANTED(86)) { /* clear it now */
        journal->taken = (uint32_t)(moor_load_acquire(&annex->changed) & FIRST);
        return which;
    }
    /* seq_cst, J1: before the state is read; acquire, J2. */
    journal->taken =
        (uint32_t)(moor_exchange_seq_cst(&annex->changed, 0) & FIRST);
    return which;
}

/* One of those beside the list; 0: none. */
static life take_late(struct journal *journal)
{
    life which = 0;

    for (int i = 0; i < LATE && which == 0; i++) {
        /* acquire, J2; seq_cst, J1: before the state is read. */
        if (moor_load_acquire(&journal->late[i]) != 0) {
            which = moor_exchange_seq_cst(&journal->late[i], 0);
        }
    }
    return which;
}

/* Of one list a call, so that its order is known. */
static life take_next_change(moor_registry *books, bool first)
{
    struct journal *journal = books->journal;

    if (journal->taken == 0 && first) {
        /* acquire, J2. */
        journal->taken =
            (uint32_t)(moor_exchange_seq_cst(&journal->head, 0) & FIRST);
    }
    return journal->taken != 0 ? take_one(books) : take_late(journal);
}

moor_error moor_changes(moor_registry *registry, moor_agent *agents,
                        size_t room, size_t *count, bool *behind)
{
    struct journal *journal;
    size_t taken = 0;
    life which;

    if (registry == NULL || agents == NULL || room == 0 || count == NULL ||
        behind == NULL || registry->journal == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    journal = registry->journal;
    *behind = moor_exchange_seq_cst(&journal->behind, 0) != 0;
    while (taken < room &&
           (which = take_next_change(registry, taken == 0)) != 0) {
        agents[taken++].bits = which;
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

static moor_error read_once(moor_registry *books, life which,
                            moor_change *change, char *text, size_t room)
{
    moor_agent agent = {which};
    uint64_t word;

    if (!books_state(books, which, &word)) {
        return MOOR_NOT_FOUND;
    }
    if (word_generation(word) != life_generation(which) ||
        word_phase(word) == WORD_FREE) {
        return MOOR_STALE;
    }
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
    uint64_t before, after = 0;
    moor_error error;

    if (registry == NULL || change == NULL || (text == NULL && room > 0)) {
        return MOOR_BAD_ARGUMENT;
    }
    do {
        if (!books_state(registry, agent.bits, &before)) {
            return MOOR_NOT_FOUND;
        }
        error = read_once(registry, agent.bits, change, text, room);
        (void)books_state(registry, agent.bits, &after);
    } while (before != after && word_generation(after) ==
                                    life_generation(agent.bits));
    return error;
}

moor_error moor_change_done(moor_registry *registry, moor_agent agent)
{
    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    if (MOOR_PLANTED(86)) {
        moor_store_release(&annex_of(registry, agent.bits)->changed, 0);
    }
    if (MOOR_PLANTED(88)) { /* nobody holds it any more */
        return MOOR_OK;
    }
    leave_let_go(registry, agent.bits);
    return MOOR_OK;
}

/* --- waiting -------------------------------------------------------------- */

/* Is there anything since the last time? */
static bool is_told(struct journal *journal)
{
    uint64_t told = moor_load_acquire(&journal->told);
    bool any = journal->taken != 0 || told != journal->heard ||
               moor_load_acquire(&journal->head) != 0 || /* J2 */
               moor_load_acquire(&journal->behind) != 0; /* J3 */

    for (int i = 0; i < LATE; i++) {
        any |= moor_load_acquire(&journal->late[i]) != 0; /* J2 */
    }
    journal->heard = told;
    return any;
}

moor_error moor_journal_wait(moor_registry *registry, uint64_t timeout_ms)
{
    struct timespec deadline;
    uint32_t value;

    if (registry == NULL || registry->journal == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    deadline = event_deadline(timeout_ms == MOOR_FOREVER ? 0 : timeout_ms);
    for (;;) {
        value = event_value(&registry->journal->event);
        if (is_told(registry->journal)) {
            return MOOR_OK;
        }
        if (!event_wait(&registry->journal->event, value,
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
