/*
 * A reservation goes through these steps.  What can fail for want of memory
 * comes before a slot is charged, and the running slot is charged last, because
 * that step decides: nobody is refused a slot for the sake of a reservation
 * that then fails for another reason.
 *
 *   judge     parent, name, id, fence; then the limits, read only: when one is
 *             reached, path and id are looked up and it is refused
 *   link      one child and one reference of the parent's
 *   enter     a record in RESERVING, in the parent's bag, its path and its id
 *             in their maps
 *   charge    lifetime, resident, running
 *   publish   the record becomes a ticket; then the fences are looked at once
 *             more, F1
 *
 * Every failure after `link` undoes what came before, in grant_undo().  Several
 * at once go through the same steps together: grant_many.c.
 *
 *   progress  lock-free: each loop repeats only because another call changed
 *             the word it had read
 *
 * Not promised: a reservation may answer path_taken, id_taken or a refusal by
 * children, lifetime or resident because of another that is in flight and that
 * is itself refused a moment later.  For running slots this cannot happen among
 * reservations.
 */
#include "grant.h"

#include "ceilings.h"
#include "charge.h"
#include "clock.h"
#include "fence.h"
#include "grant_inner.h"
#include "held.h"
#include "id.h"
#include "journal.h"
#include "lease.h"
#include "leave.h"
#include "names.h"
#include "plant.h"
#include "refusal.h"
#include "use.h"

/* --- judge ---------------------------------------------------------------- */

static moor_error judge_parent(struct grant *grant)
{
    moor_error error =
        books_agent(grant->books, grant->parent, &grant->parent_word);

    if (error == MOOR_OK) {
        grant->above = books_record(grant->books, grant->parent);
        /* acquire: constant in the life that the word was read of. */
        grant->depth =
            1 + place_depth(moor_load_acquire(&grant->above->place));
    }
    return error;
}

/* No running slot: the answer, or it waits. */
static moor_error refuse_running(struct grant *grant, uint32_t limit,
                                 uint64_t used)
{
    grant->waits = grant->may_wait;
    return grant->waits
               ? MOOR_REFUSED
               : refusal_make(grant->books, MOOR_LIMIT_RUNNING, limit, used,
                              grant->parent, grant->refusal);
}

/* A limit is reached: that is the answer, unless path or id are taken. */
static moor_error refuse(struct grant *grant, struct ceilings_met full)
{
    uint64_t word;

    if (map_find(&grant->books->paths, &grant->path, &word) != 0) {
        return MOOR_PATH_TAKEN;
    }
    if (grant->own_id &&
        map_find(&grant->books->ids, &grant->id, &word) != 0) {
        return MOOR_ID_TAKEN;
    }
    if (full.limit == MOOR_LIMIT_RUNNING) {
        return refuse_running(grant, full.value, full.used);
    }
    return refusal_make(grant->books, full.limit, full.value, full.used,
                        grant->parent, grant->refusal);
}

/* With the path composed.  The fences are looked at once more when the ticket
 * can be seen; here because who is behind one shall not charge even for a
 * moment. */
static moor_error judge(struct grant *grant)
{
    struct ceilings_met full;

    if ((grant->id.high | grant->id.low) == 0) {
        return MOOR_BAD_ID;
    }
    if (fence_is_above(grant->books, grant->parent, grant->parent_word)) {
        moor_error error = fence_look(grant->books, grant->parent, false);

        if (error != MOOR_OK) {
            return error;
        }
    }
    full = ceilings_judge(grant->books, grant->above, grant->depth);
    return full.limit == MOOR_LIMITS ||
                   (full.limit == MOOR_LIMIT_RUNNING && grant->in_hand)
               ? MOOR_OK
               : refuse(grant, full);
}

/* --- link ----------------------------------------------------------------- */

static void unlink_parent(struct grant *grant)
{
    if (tree_part(&grant->books->tree, grant->above)) {
        leave_reuse(grant->books, life_index(grant->parent));
    }
}

/* Charges the child; *full is what was found. */
static moor_error charge_child(struct grant *grant, struct ceilings_met *full)
{
    struct tree *tree = &grant->books->tree;
    uint64_t limit;
    moor_error error;

    full->limit = MOOR_LIMIT_CHILDREN;
    do {
        error = tree_charge(tree, grant->above, grant->parent, &full->used);
        /* seq_cst, with the exchange of set_limit: a limit that was lowered
         * before the charge refuses; one that was raised is tried again. */
        limit = moor_load_seq_cst(&tree->children_limit);
    } while (error == MOOR_REFUSED && full->used < limit);
    full->value = (uint32_t)limit;
    return error;
}

static moor_error link_parent(struct grant *grant)
{
    struct ceilings_met full;
    moor_error error = charge_child(grant, &full);

    if (error == MOOR_REFUSED) {
        return refuse(grant, full);
    }
    if (error != MOOR_OK) {
        return error;
    }
    if (full.value != MOOR_UNLIMITED && full.used >= full.value &&
        !MOOR_PLANTED(29)) { /* planted: go by the limit that was */
        unlink_parent(grant);
        return refuse(grant, full);
    }
    return MOOR_OK;
}

/* --- enter ---------------------------------------------------------------- */

static void fill_record(const struct grant *grant, struct record *record)
{
    /* release: a late reader that looks for the former life and finds one of
     * these finds the state moved on, too (R1). */
    moor_store_release(&record->place,
                       place_of(grant->depth, 0, life_index(grant->parent)));
    moor_store_release(&record->id_high, grant->id.high);
    moor_store_release(&record->id_low, grant->id.low);
    moor_store_release(&record_plate(record)->turn,
                       moor_load_acquire(&grant->books->turn));
}

/* Its very first life: the maps make room for one more. */
static uint64_t begin_record(moor_registry *books, struct record *record,
                             uint32_t index)
{
    map_grow(&books->paths, index + 1);
    map_grow(&books->ids, index + 1);
    tree_begin(record, books->first_generation);
    return word_make(books->first_generation, WORD_FREE);
}

static bool needs_annex(const moor_registry *books)
{
    return books->events || books->journal != NULL || use_is_tracked(books);
}

/* A record of this thread's own, in RESERVING. */
static bool take_record(struct grant *grant)
{
    moor_registry *books = grant->books;
    struct record *record;
    uint32_t index;
    uint64_t word;

    if (!arena_take(&books->records, &index)) {
        return false;
    }
    record = grant->record = record_at(&books->records, index);
    if (!naming_write(books, &grant->naming, record) ||
        (needs_annex(books) && !journal_cover(books, life_of(0, index)))) {
        arena_give(&books->records, index);
        return false;
    }
    word = moor_load_acquire(&record->state); /* R1 */
    if (word_generation(word) == 0) {
        word = begin_record(books, record, index);
    }
    grant->which = life_of(word_generation(word), index);
    if (!held_cover(books, grant->which) ||
        !lease_reserve(books, grant->which, grant->naming.options->ttl_ms)) {
        arena_give(&books->records, index);
        return false;
    }
    fill_record(grant, record);
    moor_store_release(&record->state, word_reserving(word)); /* R1 */
    return true;
}

/* In the bag and in the maps; from here on grant_undo() takes it back. */
static moor_error enter(const struct grant *grant)
{
    moor_registry *books = grant->books;
    moor_error error;
    uint32_t node;

    if (!bag_add(&books->tree, grant->above, grant->which, &node)) {
        return MOOR_NO_MEMORY;
    }
    if (node != 0) { /* release: as in fill_record. */
        moor_store_release(
            &grant->record->place,
            place_of(grant->depth, node, life_index(grant->parent)));
    }
    error = map_insert(&books->paths, &grant->path, grant->which);
    if (error == MOOR_OK) {
        error = map_insert(&books->ids, &grant->id, grant->which);
        error = error == MOOR_PATH_TAKEN ? MOOR_ID_TAKEN : error;
    }
    return error;
}

/* --- charge --------------------------------------------------------------- */

void grant_stamp(const struct grant *grant, uint64_t stamp)
{
    /* release: as in fill_record. */
    moor_store_release(&grant->record->stamp, stamp);
    if (grant->books->journal != NULL) {
        journal_begin(grant->books, grant->which, stamp);
    }
}

static moor_error charge(struct grant *grant)
{
    moor_registry *books = grant->books;
    struct total_view lifetime;
    struct slots_view resident, running;

    grant->counted = total_take(&books->lifetime, &lifetime);
    if (!grant->counted) {
        return refusal_make(books, MOOR_LIMIT_LIFETIME, lifetime.limit,
                            lifetime.used, grant->parent, grant->refusal);
    }
    grant->resident = slots_take(&books->resident, &resident);
    if (!grant->resident) {
        return refusal_make(books, MOOR_LIMIT_RESIDENT, resident.limit,
                            resident.used, grant->parent, grant->refusal);
    }
    if (!grant->in_hand && !charge_running(books, &running)) {
        return refuse_running(grant, running.limit, running.used);
    }
    grant->in_hand = false;
    held_begin(books, grant->which);
    slots_note(&books->resident, resident.used + 1);
    grant_stamp(grant, stamp_of(clock_coarse_ms(), lifetime.number));
    return MOOR_OK;
}

/* A reservation that is not granted leaves nothing behind.  It holds no
 * running slot: that is charged last, and nothing fails behind it but the
 * fence, where there is a ticket to end. */
void grant_undo(struct grant *grant)
{
    moor_word *state = &grant->record->state;
    uint64_t word = moor_load_relaxed(state); /* own */

    if (grant->counted && !MOOR_PLANTED(39)) { /* keep the charge */
        total_give(&grant->books->lifetime);
    }
    if (grant->resident) {
        slots_give(&grant->books->resident);
    }
    moor_store_release(state, word_left(word)); /* R1 */
    leave_for_good(grant->books, grant->which, word);
}

/* --- publish -------------------------------------------------------------- */

/* seq_cst, with the exchange of set_limit: a limit that was lowered before the
 * ticket could be seen refuses. */
static moor_error judge_depth_again(const struct grant *grant)
{
    uint64_t limit = moor_load_seq_cst(&grant->books->depth_limit);

    if (limit == MOOR_UNLIMITED || grant->depth <= limit) {
        return MOOR_OK;
    }
    return refusal_make(grant->books, MOOR_LIMIT_DEPTH, (uint32_t)limit,
                        grant->depth - 1, grant->parent, grant->refusal);
}

/* The nickname is drawn when nothing can refuse any more but a fence that comes
 * at this very moment: then it is put back. */
moor_error grant_show(struct grant *grant)
{
    struct record *record = grant->record;
    uint64_t word = moor_load_relaxed(&record->state); /* own */
    moor_error error;

    grant->drawn = naming_draw(&grant->naming, record);
    /* release, R1; seq_cst, F1: before the look at the fences. */
    (void)moor_exchange_seq_cst(&record->state, word_reserved(word));
    if (MOOR_PLANTED(5)) { /* do not look at the fences again */
        return MOOR_OK;
    }
    error = fence_look(grant->books, grant->parent, false);
    return error == MOOR_OK ? judge_depth_again(grant) : error;
}

void grant_withdraw(const struct grant *grant)
{
    /* A close may have taken the ticket already. */
    if (leave_ticket(grant->books, grant->which, LEAVE_FAILED) != MOOR_OK) {
        total_give(&grant->books->lifetime);
    }
}

static moor_error publish(struct grant *grant)
{
    moor_error error = grant_show(grant);

    naming_settle(&grant->naming, error == MOOR_OK, grant->drawn);
    if (error != MOOR_OK) {
        grant_withdraw(grant);
    }
    return error;
}

/* --- all of it ------------------------------------------------------------ */

/* Up to `enter`, with the path composed. */
static moor_error prepare_composed(struct grant *grant)
{
    moor_error error = judge(grant);

    error = error == MOOR_OK ? link_parent(grant) : error;
    if (error == MOOR_OK && !take_record(grant)) {
        unlink_parent(grant);
        error = MOOR_NO_MEMORY;
    }
    if (error != MOOR_OK) {
        return error;
    }
    error = enter(grant);
    if (error != MOOR_OK) {
        grant_undo(grant);
    }
    return error;
}

static moor_error prepare_named(struct grant *grant, const char *name,
                                size_t length)
{
    struct naming *naming = &grant->naming;
    moor_error error =
        naming_compose(grant->books, grant->parent, name, length, naming);

    if (error != MOOR_OK) {
        return error;
    }
    grant->path.hash =
        hash_words(&grant->books->key, naming->path, naming->path_length);
    grant->path.path = (const char *)naming->path;
    grant->path.length = naming->path_length;
    return prepare_composed(grant);
}

/* Names of the registry's making: the next number, and the one after that where
 * a host has given that name itself. */
static moor_error prepare_made_name(struct grant *grant)
{
    char name[NAMING_MADE_TEXT];
    moor_error error;

    do {
        size_t length = naming_make(grant->books, name);

        grant->counted = grant->resident = false;
        error = prepare_named(grant, name, length);
    } while (error == MOOR_PATH_TAKEN);
    return error;
}

moor_error grant_prepare(struct grant *grant)
{
    const char *name = grant->naming.options->name;
    moor_error error = judge_parent(grant);

    grant->counted = grant->resident = false;
    grant->waits = false;
    if (error != MOOR_OK) {
        return error;
    }
    if (name == NULL) {
        return prepare_made_name(grant);
    }
    return grant->name_length == 0
               ? MOOR_BAD_PATH
               : prepare_named(grant, name, grant->name_length);
}

/* Judged, named and granted as things are now. */
static moor_error grant_now(struct grant *grant)
{
    moor_error error = grant_prepare(grant);

    if (error != MOOR_OK) {
        return error;
    }
    error = charge(grant);
    if (error != MOOR_OK) {
        grant_undo(grant);
        return error;
    }
    return publish(grant);
}

/* It was refused a running slot: it waits for one, and is judged anew. */
MOOR_SELDOM static moor_error grant_later(struct grant *grant)
{
    struct slots_view seen;
    moor_error error = charge_wait(grant->books, QUEUE_ADMISSION,
                                   grant->naming.options->patience, &seen);

    grant->may_wait = false;
    if (error == MOOR_REFUSED) {
        return refuse_running(grant, seen.limit, seen.used);
    }
    if (error != MOOR_OK) {
        return error;
    }
    grant->in_hand = true;
    error = grant_now(grant);
    if (grant->in_hand && !MOOR_PLANTED(79)) { /* keep it, for nobody */
        charge_give(grant->books);
    }
    return error;
}

void grant_begin(struct grant *grant, moor_registry *books,
                 const moor_spawn_options *options, uint64_t *path,
                 moor_refusal *refusal)
{
    struct id_words id;

    grant->books = books;
    grant->refusal = refusal;
    grant->parent = books_parent(books, options->parent);
    grant->own_id = options->id != NULL;
    grant->in_hand = false;
    grant->may_wait =
        options->patience != NULL && options->patience->timeout_ms != 0;
    grant->naming.options = options;
    grant->naming.list = books_nicknames(books, options->role);
    grant->naming.path = path;
    if (options->name != NULL) {
        grant->name_length = names_segment(options->name);
    }
    id = grant->own_id ? id_words_of(options->id) : id_make();
    map_key_set_id(&grant->id, &books->key, id.high, id.low);
}

moor_error grant_ticket(moor_registry *books, const moor_spawn_options *options,
                        life *ticket, moor_refusal *refusal)
{
    uint64_t path[NAMING_WORDS];
    struct grant grant; /* all of it is written before it is read */
    moor_error error;

    lease_end_due(books);
    grant_begin(&grant, books, options, path, refusal);
    error = grant_now(&grant);
    if (error == MOOR_REFUSED && grant.waits) {
        error = grant_later(&grant);
    }
    *ticket = error == MOOR_OK ? grant.which : 0;
    return error;
}
