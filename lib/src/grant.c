/*
 * A reservation goes through these steps.  What can fail for want of memory
 * comes before what is charged, and the running slot is charged last, because
 * that step decides: nobody is refused a slot for the sake of a reservation
 * that then fails for another reason.
 *
 *   judge     parent, name, id, fence; then the limits, read only: when one is
 *             reached, path and id are looked up and it is refused
 *   link      one child and one reference of the parent's, a node of its bag
 *   enter     a record in RESERVING, its path and its id in their maps
 *   charge    lifetime, running
 *   publish   the node names the child, the record becomes a ticket; then the
 *             fences are looked at once more, F1
 *
 * Every failure after `link` undoes what came before, in undo().
 *
 *   progress  lock-free: each loop repeats only because another call changed
 *             the word it had read
 *
 * Not promised: a reservation may answer path_taken, id_taken or a refusal by
 * children or lifetime because of another that is in flight and that is itself
 * refused a moment later.  For running slots this cannot happen among
 * reservations.
 */
#include "grant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charge.h"
#include "clock.h"
#include "fence.h"
#include "id.h"
#include "leave.h"
#include "ceilings.h"
#include "plant.h"
#include "refusal.h"

enum { MADE_NAME_TEXT = 32 };

struct grant {
    moor_registry *books;
    const moor_spawn_options *options;
    moor_refusal *refusal;
    life parent;
    uint32_t depth;
    struct id_words id;
    struct nickname_list *list; /* null: no nickname is to be had */

    struct names *names; /* ours until the record has them */
    uint64_t path_hash;
    uint32_t node;
    life which; /* 0: no record yet */
    bool counted; /* against lifetime */
};

/* --- judge ---------------------------------------------------------------- */

static moor_error judge_texts(const moor_spawn_options *options)
{
    if ((options->role != NULL &&
         !names_text_ok(options->role, MOOR_ROLE_MAX)) ||
        (options->nickname != NULL &&
         !names_text_ok(options->nickname, MOOR_NICKNAME_MAX))) {
        return MOOR_BAD_ARGUMENT;
    }
    return MOOR_OK;
}

static moor_error judge_parent(struct grant *grant)
{
    uint64_t word;
    moor_error error = books_agent(grant->books, grant->parent, &word);

    if (error == MOOR_OK) {
        /* acquire: constant in the life that the word was read of. */
        grant->depth = 1 + place_depth(moor_load_acquire(
                               &books_record(grant->books, grant->parent)
                                    ->place));
    }
    return error;
}

/* The names of the agent to be, below the parent's path. */
static moor_error make_names(struct grant *grant, const char *name)
{
    const moor_spawn_options *options = grant->options;
    const struct names *above;
    moor_error error = MOOR_STALE;
    uint64_t word;

    reclaim_enter();
    above =
        moor_pointer_acquire(&books_record(grant->books, grant->parent)->names);
    /* Still the parent's record: so the names are the parent's. */
    if (above != NULL &&
        books_agent(grant->books, grant->parent, &word) == MOOR_OK) {
        error = names_make(above, name, options->role,
                           grant->list != NULL || options->nickname != NULL,
                           &grant->names);
    }
    reclaim_leave();
    if (error == MOOR_OK) {
        grant->path_hash =
            hash_text(&grant->books->key, grant->names->text,
                      grant->names->path_length);
    }
    return error;
}

static struct map_key path_key(const struct grant *grant)
{
    return (struct map_key){.hash = grant->path_hash,
                            .path = grant->names->text,
                            .length = grant->names->path_length};
}

static struct map_key id_key(const struct grant *grant)
{
    return map_key_of_id(&grant->books->key, grant->id.high, grant->id.low);
}

/* A limit is reached: that is the answer, unless path or id are taken. */
static moor_error refuse(const struct grant *grant, struct ceilings_met full)
{
    struct map_key path = path_key(grant);
    struct map_key id = id_key(grant);
    uint64_t word;

    if (map_find(&grant->books->paths, &path, &word) != 0) {
        return MOOR_PATH_TAKEN;
    }
    if (grant->options->id != NULL &&
        map_find(&grant->books->ids, &id, &word) != 0) {
        return MOOR_ID_TAKEN;
    }
    return refusal_make(grant->books, full.limit, full.value, full.used,
                        grant->parent, grant->refusal);
}

static moor_error judge(struct grant *grant)
{
    struct ceilings_met full;
    moor_error error;

    if (grant->options->id != NULL && id_is_nil(grant->id)) {
        return MOOR_BAD_ID;
    }
    error = fence_look(grant->books, grant->parent, false);
    if (error != MOOR_OK) {
        return error;
    }
    full = ceilings_look(grant->books, grant->parent, grant->depth);
    return full.limit == MOOR_LIMITS ? MOOR_OK : refuse(grant, full);
}

/* --- link ----------------------------------------------------------------- */

static void unlink_parent(struct grant *grant)
{
    moor_registry *books = grant->books;

    bag_give(&books->tree, grant->parent, grant->node);
    tree_discharge(&books->tree, grant->parent);
    leave_let_go(books, grant->parent);
}

/* Charges the child; *full is what was found. */
static moor_error charge_child(struct grant *grant, struct ceilings_met *full)
{
    struct tree *tree = &grant->books->tree;
    uint64_t limit;
    moor_error error;

    full->limit = MOOR_LIMIT_CHILDREN;
    do {
        error = tree_charge(tree, grant->parent, &full->used);
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
    if (!bag_take(&grant->books->tree, grant->parent, &grant->node)) {
        unlink_parent(grant);
        return MOOR_NO_MEMORY;
    }
    if (full.value != MOOR_UNLIMITED && full.used >= full.value) {
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
    moor_store_release(&record->parent, grant->parent);
    moor_store_release(&record->place, place_of(grant->depth, grant->node));
    moor_store_release(&record->id_high, grant->id.high);
    moor_store_release(&record->id_low, grant->id.low);
    moor_store_release(&record->path_hash, grant->path_hash);
    moor_store_release(&record->turn, moor_load_acquire(&grant->books->turn));
    moor_pointer_release(&record->names, grant->names);
}

/* A record of this thread's own, in RESERVING; it has the names now. */
static bool take_record(struct grant *grant)
{
    moor_registry *books = grant->books;
    struct record *record;
    uint32_t index;
    uint64_t word;

    if (!arena_take(&books->records, &index)) {
        return false;
    }
    map_grow(&books->paths, index + 1);
    map_grow(&books->ids, index + 1);
    record = record_at(&books->records, index);
    word = moor_load_acquire(&record->state); /* R1 */
    if (word_generation(word) == 0) { /* its very first life */
        word = word_make(books->first_generation, WORD_FREE);
        tree_begin(record, books->first_generation);
    }
    grant->which = life_of(word_generation(word), index);
    fill_record(grant, record);
    moor_store_release(&record->state, word_reserving(word)); /* R1 */
    return true;
}

static moor_error enter_maps(const struct grant *grant)
{
    struct map_key path = path_key(grant);
    struct map_key id = id_key(grant);
    moor_error error =
        map_insert(&grant->books->paths, &path, grant->which);

    if (error == MOOR_OK) {
        error = map_insert(&grant->books->ids, &id, grant->which);
        error = error == MOOR_PATH_TAKEN ? MOOR_ID_TAKEN : error;
    }
    return error;
}

/* --- charge --------------------------------------------------------------- */

static moor_error charge(struct grant *grant)
{
    moor_registry *books = grant->books;
    struct total_view lifetime;
    struct slots_view running;

    grant->counted = total_take(&books->lifetime, &lifetime);
    if (!grant->counted) {
        return refusal_make(books, MOOR_LIMIT_LIFETIME, lifetime.limit,
                            lifetime.used, grant->parent, grant->refusal);
    }
    if (!charge_running(books, &running)) {
        return refusal_make(books, MOOR_LIMIT_RUNNING, running.limit,
                            running.used, grant->parent, grant->refusal);
    }
    /* release: as in fill_record. */
    moor_store_release(&books_record(books, grant->which)->stamp,
                       stamp_of(clock_coarse_ms(), lifetime.number));
    return MOOR_OK;
}

/* A reservation that is not granted leaves nothing behind.  It holds no
 * running slot: that is charged last, and nothing fails behind it but the
 * fence, where there is a ticket to end. */
static void undo(struct grant *grant)
{
    moor_word *state = &books_record(grant->books, grant->which)->state;
    uint64_t word = moor_load_relaxed(state); /* own */

    if (grant->counted) {
        total_give(&grant->books->lifetime);
    }
    moor_store_release(state, word_left(word)); /* R1 */
    leave_tree(grant->books, grant->which, word);
}

/* --- publish -------------------------------------------------------------- */

/* The nickname is drawn when nothing can refuse any more but a fence that
 * comes at this very moment: then it is put back. */
static struct nickname_drawn name_it(const struct grant *grant)
{
    char *text = grant->names->text + grant->names->nickname_at;

    if (grant->options->nickname != NULL) {
        (void)snprintf(text, MOOR_NICKNAME_TEXT, "%s",
                       grant->options->nickname);
    } else if (grant->list != NULL) {
        return nickname_draw(grant->list, text);
    }
    return (struct nickname_drawn){0};
}

static void settle_name(const struct grant *grant, bool granted,
                        struct nickname_drawn drawn)
{
    if (grant->list == NULL) {
        return;
    }
    if (grant->options->nickname != NULL) {
        if (granted) {
            nickname_use(grant->list, grant->options->nickname);
        }
    } else if (!granted) {
        nickname_put_back(grant->list, drawn);
    }
}

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

static moor_error publish(struct grant *grant)
{
    moor_registry *books = grant->books;
    moor_word *state = &books_record(books, grant->which)->state;
    uint64_t word = moor_load_relaxed(state); /* own */
    struct nickname_drawn drawn = name_it(grant);
    moor_error error;

    bag_add(&books->tree, grant->node, grant->which);
    /* release, R1; seq_cst, F1: before the look at the fences. */
    (void)moor_exchange_seq_cst(state, word_reserved(word));
    if (MOOR_PLANTED(5)) { /* do not look at the fences again */
        settle_name(grant, true, drawn);
        return MOOR_OK;
    }
    error = fence_look(books, grant->parent, false);
    error = error == MOOR_OK ? judge_depth_again(grant) : error;
    settle_name(grant, error == MOOR_OK, drawn);
    if (error != MOOR_OK) {
        /* A close may have taken the ticket already. */
        if (leave_ticket(books, grant->which, LEAVE_FAILED) != MOOR_OK) {
            total_give(&books->lifetime);
        }
    }
    return error;
}

/* --- all of it ------------------------------------------------------------ */

/* With the names made. */
static moor_error grant_named(struct grant *grant)
{
    moor_error error = judge(grant);

    error = error == MOOR_OK ? link_parent(grant) : error;
    if (error == MOOR_OK && !take_record(grant)) {
        unlink_parent(grant);
        error = MOOR_NO_MEMORY;
    }
    if (error != MOOR_OK) {
        free(grant->names);
        return error;
    }
    error = enter_maps(grant);
    error = error == MOOR_OK ? charge(grant) : error;
    if (error != MOOR_OK) {
        undo(grant);
        return error;
    }
    return publish(grant);
}

/* "agent_" and the number.  By hand: a formatted print would be the dearest
 * part of a spawn. */
static const char *write_made_name(uint64_t number, char text[MADE_NAME_TEXT])
{
    static const char begin[] = "agent_";
    char *at = text + MADE_NAME_TEXT - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    at -= sizeof begin - 1;
    return memcpy(at, begin, sizeof begin - 1);
}

/* Names of the registry's making: the next number, and the one after that where
 * a host has given that name itself. */
static moor_error grant_made_name(struct grant *grant)
{
    char name[MADE_NAME_TEXT];
    moor_error error;

    do {
        /* relaxed: any number will do; the map keeps names apart. */
        uint64_t number = moor_add_relaxed(&grant->books->names_made, 1) + 1;

        grant->counted = false;
        error = make_names(grant, write_made_name(number, name));
        error = error == MOOR_OK ? grant_named(grant) : error;
    } while (error == MOOR_PATH_TAKEN);
    return error;
}

moor_error grant_ticket(moor_registry *books, const moor_spawn_options *options,
                        life *ticket, moor_refusal *refusal)
{
    struct grant grant = {.books = books,
                          .options = options,
                          .refusal = refusal,
                          .parent = books_parent(books, options->parent),
                          .list = books_nicknames(books, options->role)};
    moor_error error = judge_texts(options);

    if (error == MOOR_OK && !reclaim_ready()) {
        error = MOOR_NO_MEMORY;
    }
    error = error == MOOR_OK ? judge_parent(&grant) : error;
    if (error != MOOR_OK) {
        return error;
    }
    if (options->name != NULL && !names_segment_ok(options->name)) {
        return MOOR_BAD_PATH;
    }
    grant.id = options->id == NULL ? id_make() : id_words_of(options->id);
    if (options->name == NULL) {
        error = grant_made_name(&grant);
    } else {
        error = make_names(&grant, options->name);
        error = error == MOOR_OK ? grant_named(&grant) : error;
    }
    *ticket = error == MOOR_OK ? grant.which : 0;
    return error;
}
