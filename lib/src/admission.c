/*
 * Tickets and what becomes of them: reserve, commit, abandon, spawn.
 *
 * A ticket ends by one swap of its state word: by commit, by abandon, by a
 * commit that fails, or by a close above it.  A commit without an id is that
 * one swap, TICKET to PENDING.  One with an id has to enter the id first: it
 * claims the ticket (COMMITTING), so that nobody else commits or abandons it,
 * and holds the record, so that a close that ends the ticket meanwhile does not
 * let it be used again under its hands.  A new ticket is COMMITTING, too, until
 * its call returns: others can see it in lists before that.
 */
#include "moorage/admission.h"

#include <string.h>

#include "fence.h"
#include "grant.h"
#include "id.h"
#include "journal.h"
#include "lease.h"
#include "leave.h"
#include "naming.h"
#include "plant.h"
#include "trace.h"

/* --- steps of a ticket --------------------------------------------------- */

/* Its lease begins with the agent. */
MOOR_SELDOM static bool step_with_lease(moor_registry *books, life which,
                                        enum word_phase from)
{
    bool done;

    if (!leave_hold(books, which)) {
        return false;
    }
    lease_begin(books, which);
    done = books_step(books, which, from, word_committed, NULL);
    if (done) {
        lease_enter(books, which);
    }
    leave_let_go(books, which);
    return done;
}

/* R1: who finds the agent finds what the caller did before. */
static bool become_agent(moor_registry *books, life which,
                         enum word_phase from)
{
    if (lease_is_kept(books, which)
            ? !step_with_lease(books, which, from)
            : !books_step(books, which, from, word_committed, NULL)) {
        return false;
    }
    stats_add(&books->stats, STATS_SPAWNED, 1);
    journal_note(books, which);
    MOOR_TRACE(admission, which);
    return true;
}

/* A close has taken the ticket before its maker could hand it out: so it was
 * not granted, after all. */
static moor_error taken_by_close(moor_registry *books)
{
    total_give(&books->lifetime);
    return MOOR_FENCED;
}

/* --- reserve, spawn ------------------------------------------------------- */

static moor_error admit(moor_registry *books, const moor_spawn_options *options,
                        life *which, moor_refusal *refusal)
{
    moor_error error = naming_judge(options);

    return error == MOOR_OK ? grant_ticket(books, options, which, refusal)
                            : error;
}

moor_error moor_reserve(moor_registry *registry,
                        const moor_spawn_options *options, moor_ticket *ticket,
                        moor_refusal *refusal)
{
    life which;
    moor_error error;

    if (registry == NULL || options == NULL || ticket == NULL ||
        options->id != NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = admit(registry, options, &which, refusal);
    if (error != MOOR_OK) {
        return error;
    }
    if (!books_step(registry, which, WORD_COMMITTING, word_ticketed, NULL)) {
        return taken_by_close(registry);
    }
    ticket->bits = which;
    return MOOR_OK;
}

moor_error moor_spawn(moor_registry *registry,
                      const moor_spawn_options *options, moor_agent *agent,
                      moor_refusal *refusal)
{
    life which;
    moor_error error;

    if (registry == NULL || options == NULL || agent == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = admit(registry, options, &which, refusal);
    if (error != MOOR_OK) {
        return error;
    }
    if (!become_agent(registry, which, WORD_COMMITTING)) {
        return taken_by_close(registry);
    }
    agent->bits = which;
    return MOOR_OK;
}

static bool may_be_many(const moor_spawn_options *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (options[i].patience != NULL ||
            naming_judge(&options[i]) != MOOR_OK) {
            return false;
        }
    }
    return count > 0;
}

/* What a close has taken meanwhile was there before. */
static moor_error become_agents(moor_registry *books, const life *tickets,
                                size_t count)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++) {
        taken += !become_agent(books, tickets[i], WORD_COMMITTING);
    }
    if (taken < count) {
        return MOOR_OK;
    }
    while (taken-- > 0) {
        (void)taken_by_close(books);
    }
    return MOOR_FENCED;
}

moor_error moor_spawn_many(moor_registry *registry,
                           const moor_spawn_options *options, size_t count,
                           moor_agent *agents, moor_refusal *refusal)
{
    life tickets[MOOR_SPAWN_MANY_MAX];
    moor_error error;

    if (registry == NULL || options == NULL || agents == NULL ||
        count > MOOR_SPAWN_MANY_MAX || !may_be_many(options, count)) {
        return MOOR_BAD_ARGUMENT;
    }
    error = grant_many(registry, options, count, tickets, refusal);
    error = error == MOOR_OK ? become_agents(registry, tickets, count) : error;
    for (size_t i = 0; error == MOOR_OK && i < count; i++) {
        agents[i].bits = tickets[i];
    }
    return error;
}

/* --- commit --------------------------------------------------------------- */

/* Gives the claimed record the id.  The one of the registry's making, under
 * which nobody could find it so far, leaves the map. */
static moor_error change_id(moor_registry *books, life which,
                            struct id_words id)
{
    struct record *record = books_record(books, which);
    struct map_key key;
    moor_error error;

    map_key_set_id(&key, &books->key, id.high, id.low);
    /* relaxed: only who claims the ticket writes them after the reservation. */
    map_remove(&books->ids,
               hash_id(&books->key, moor_load_relaxed(&record->id_high),
                       moor_load_relaxed(&record->id_low)),
               which);
    /* release: as in fill_record of grant.c. */
    moor_store_release(&record->id_high, id.high);
    moor_store_release(&record->id_low, id.low);
    error = map_insert(&books->ids, &key, which);
    return error == MOOR_PATH_TAKEN ? MOOR_ID_TAKEN : error;
}

/* The caller holds the record. */
static moor_error commit_held(moor_registry *books, life which,
                              struct id_words id)
{
    moor_error error;

    if (!books_step(books, which, WORD_TICKET, word_committing, NULL)) {
        return MOOR_STALE;
    }
    error = change_id(books, which, id);
    if (error == MOOR_OK && become_agent(books, which, WORD_COMMITTING)) {
        return MOOR_OK;
    }
    if (leave_ticket(books, which, LEAVE_FAILED) != MOOR_OK) {
        /* A close has taken it, and may have swept before the id was there. */
        map_remove(&books->ids, hash_id(&books->key, id.high, id.low), which);
        error = MOOR_STALE;
    }
    return error;
}

static moor_error commit_with_id(moor_registry *books, life which,
                                 struct id_words id)
{
    moor_error error;

    if (MOOR_PLANTED(51)) { /* without holding the record */
        return commit_held(books, which, id);
    }
    if (!leave_hold(books, which)) {
        return MOOR_STALE;
    }
    error = commit_held(books, which, id);
    leave_let_go(books, which);
    return error;
}

/* Does the ticket's path have that text? */
static bool has_path(const moor_registry *books, life which, const char *path)
{
    size_t length = strnlen(path, MOOR_PATH_MAX + 1);

    return plate_has_path(record_plate(books_record(books, which)), path,
                          length);
}

/* What a commit is judged by, in the order of judgement.  If the ticket ends
 * meanwhile this may be the judgement of another; then the swap says so. */
static moor_error judge_commit(const moor_registry *books, life which,
                               const moor_id *id, const char *path)
{
    life parent = record_parent(&books->records, books_record(books, which));

    if (id != NULL && id_is_nil(id_words_of(id))) {
        return MOOR_BAD_ID;
    }
    /* The parent may have left, by adoption: the ticket went along. */
    if (!MOOR_PLANTED(6) && /* do not look at the fences */
        fence_look(books, parent, true) != MOOR_OK) {
        return MOOR_FENCED;
    }
    return path == NULL || has_path(books, which, path) ||
                   MOOR_PLANTED(50) /* believe what the caller says */
               ? MOOR_OK
               : MOOR_PATH_MISMATCH;
}

moor_error moor_commit(moor_registry *registry, moor_ticket ticket,
                       const moor_id *id, const char *path, moor_agent *agent)
{
    life which = ticket.bits;
    uint64_t word;
    moor_error error;

    if (registry == NULL || agent == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_ticket(registry, which, &word);
    if (error != MOOR_OK) {
        return error;
    }
    error = judge_commit(registry, which, id, path);
    if (error != MOOR_OK) {
        return leave_ticket(registry, which, LEAVE_ABANDONED) == MOOR_OK
                   ? error
                   : MOOR_STALE;
    }
    if (id != NULL) {
        error = commit_with_id(registry, which, id_words_of(id));
    } else if (!become_agent(registry, which, WORD_TICKET)) {
        error = MOOR_STALE;
    }
    if (error == MOOR_OK) {
        agent->bits = which;
    }
    return error;
}

/* --- abandon -------------------------------------------------------------- */

moor_error moor_abandon(moor_registry *registry, moor_ticket ticket)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_ticket(registry, ticket.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    return leave_ticket(registry, ticket.bits, LEAVE_ABANDONED);
}
