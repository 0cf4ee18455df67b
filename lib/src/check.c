/*
 * Verifying the invariants.
 *
 * Under load each record is judged by one load of its state, and by look-ups
 * between two loads of an unchanged state: only what must hold at every
 * instant.  When nothing else runs, the sums are judged as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "id.h"
#include "info.h"
#include "moorage/read.h"
#include "walk.h"

struct check {
    moor_registry *books;
    bool quiet;
    uint32_t end; /* of the records that are judged */
    char *text;
    size_t room;
    moor_info info;     /* of the record that is being judged */
    uint64_t held;      /* slots that state words hold */
    uint64_t resident;  /* state words that are resident */
    uint32_t *children; /* found below each record; only when quiet */
};

/* Says what is wrong and where. */
static moor_error broken(const struct check *check, const char *invariant,
                         const char *what)
{
    if (check->room > 0) {
        (void)snprintf(check->text, check->room, "%s: %s: %s", invariant,
                       check->info.path, what);
    }
    return MOOR_VIOLATED;
}

static moor_error broken_sum(const struct check *check, const char *invariant,
                             const char *what, uint64_t counted,
                             uint64_t found)
{
    if (check->room > 0) {
        (void)snprintf(check->text, check->room,
                       "%s: %s: %llu counted, %llu found", invariant, what,
                       (unsigned long long)counted, (unsigned long long)found);
    }
    return MOOR_VIOLATED;
}

/* --- one record ----------------------------------------------------------- */

/* The slot and the residence against the phase. */
static moor_error judge_state(const struct check *check, uint64_t word)
{
    bool slot = word_has_slot(word);

    if ((word_is_ticket(word) || word_is_live(word)) && !slot &&
        !word_is_lent(word)) {
        return broken(check, "I1", "calls for a slot and holds none");
    }
    if (word_is_lent(word) && (slot || word_phase(word) != WORD_RUNNING)) {
        return broken(check, "I1", "has lent a slot and has one");
    }
    if (word_is_ending(word) && (slot || check->quiet)) {
        return broken(check, "I1", "its run has not come to its end");
    }
    if (word_is_idle(word) && slot &&
        check->books->release == MOOR_ON_COMPLETION) {
        return broken(check, "I1", "idle and still holds a slot");
    }
    if (word_is_idle(word) && (word & WORD_ASKED) != 0) {
        return broken(check, "I11", "a request outlived the run");
    }
    if (!word_is_idle(word) &&
        (!word_is_resident(word) || word_is_claimed(word))) {
        return broken(check, "I7", "not idle, and not loaded");
    }
    return MOOR_OK;
}

/* Is it the one of its path, and an agent the one of its id? */
static moor_error judge_maps(const struct check *check, life which,
                             uint64_t word)
{
    const struct record *record = books_record(check->books, which);
    struct id_words words = id_words_of(&check->info.id);
    struct map_key path, id;
    bool found;

    map_key_set_path(&path, &check->books->key, check->info.path,
                     strlen(check->info.path));
    map_key_set_id(&id, &check->books->key, words.high, words.low);
    found = map_find(&check->books->paths, &path, &word) == which &&
            (check->info.ticket.bits != 0 ||
             map_find(&check->books->ids, &id, &word) == which);

    /* acquire, R1: if it has left meanwhile there was nothing to find. */
    if (!found && record_is_taken(moor_load_acquire(&record->state), which)) {
        return broken(check, "I10", "not found by its path or its id");
    }
    return MOOR_OK;
}

static moor_error judge_depth(const struct check *check, life which)
{
    const struct record *record = books_record(check->books, which);
    uint64_t above = moor_load_acquire(
        &record_above(&check->books->records, record)->place);

    /* acquire, R1: a record that is in the tree holds its parent's. */
    if (place_depth(above) + 1 != check->info.depth &&
        record_is_taken(moor_load_acquire(&record->state), which)) {
        return broken(check, "I3", "not one deeper than its parent");
    }
    return MOOR_OK;
}

static void count_child(struct check *check, life parent)
{
    /* Beyond the end only if somebody spawns, whatever the caller has said. */
    if (life_index(parent) < check->end) {
        check->children[life_index(parent)]++;
    }
}

static moor_error judge_record(struct check *check, life which, uint64_t word)
{
    moor_error error = judge_state(check, word);

    check->held += word_has_slot(word);
    check->resident += word_is_resident(word);
    if (error == MOOR_OK) {
        error = judge_maps(check, which, word);
    }
    if (error == MOOR_OK) {
        error = judge_depth(check, which);
    }
    if (error == MOOR_OK && check->quiet) {
        count_child(check, tree_parent(&check->books->tree, which));
    }
    return error;
}

/* --- all ------------------------------------------------------------------ */

static moor_error judge_records(struct check *check)
{
    moor_error error = MOOR_OK;

    for (uint32_t i = 1; i < check->end && error == MOOR_OK; i++) {
        uint64_t word;
        life which = walk_at(check->books, i, &word);

        if (which != 0 && info_read(check->books, which, &check->info)) {
            error = judge_record(check, which, word);
        }
    }
    return error;
}

/* The children that an agent counts against those that were found. */
static moor_error judge_children(const struct check *check)
{
    const moor_registry *books = check->books;

    for (uint32_t i = 0; i < check->end; i++) {
        uint64_t word;
        life which = walk_at(books, i, &word);
        uint64_t counted =
            which == 0 ? 0 : tree_children(books_record(books, which));

        if (counted != check->children[i]) {
            return broken_sum(check, "I3", "children below one agent", counted,
                              check->children[i]);
        }
    }
    return MOOR_OK;
}

static moor_error judge_quiet(struct check *check)
{
    uint64_t used = slots_look(&check->books->running).used;
    uint64_t resident = slots_look(&check->books->resident).used;
    moor_error error;

    check->children = calloc(check->end, sizeof *check->children);
    if (check->children == NULL) {
        return MOOR_NO_MEMORY;
    }
    error = judge_records(check);
    if (error == MOOR_OK && used != check->held) {
        error = broken_sum(check, "I1", "running slots", used, check->held);
    }
    if (error == MOOR_OK && resident != check->resident) {
        error = broken_sum(check, "I10", "residents", resident,
                           check->resident);
    }
    if (error == MOOR_OK) {
        error = judge_children(check);
    }
    free(check->children);
    return error;
}

moor_error moor_check(moor_registry *registry, bool quiet, char *text,
                      size_t room)
{
    struct check check = {
        .books = registry, .quiet = quiet, .text = text, .room = room};

    if (registry == NULL || (text == NULL && room > 0)) {
        return MOOR_BAD_ARGUMENT;
    }
    if (room > 0) {
        text[0] = '\0';
    }
    check.end = books_end(registry);
    return quiet ? judge_quiet(&check) : judge_records(&check);
}
