/*
 * moorage's own parts at the map level: its map, arena, records, state words
 * and slots, put together as the library does it for an agent; what serves
 * paths, the tree, names and counters is left out.
 */
#include "map_rival.h"

#include <stddef.h>

#include "books.h"
#include "id.h"
#include "layout.h"
#include "map.h"
#include "slots.h"

struct books {
    struct hash_key key;
    struct map ids;
    MOOR_ON_OWN_LINE struct slots running;
    MOOR_ON_OWN_LINE struct arena records;
    struct arena_stack vacant[BOOKS_STACKS];
};

enum { FIRST_GENERATION = 1 };

static void *moorage_create(uint32_t limit)
{
    struct books *books = aligned_alloc(MOOR_APART, sizeof *books);

    if (books == NULL) abort();
    memset(books, 0, sizeof *books);
    books->key = hash_key_make();
    slots_init(&books->running, limit);
    arena_init(&books->records, sizeof(struct record),
               offsetof(struct record, stamp), 1, LIFE_INDEX_MAX);
    arena_use_stacks(&books->records, books->vacant, BOOKS_STACKS);
    if (!arena_prepare(&books->records) ||
        !map_init(&books->ids, &map_by_id, &books->key, &books->records)) {
        abort();
    }
    return books;
}

static void moorage_destroy(void *of)
{
    struct books *books = of;

    map_destroy(&books->ids);
    arena_destroy(&books->records);
    free(books);
}

static void set_key(struct map_key *key, const struct books *books,
                    const moor_id *id)
{
    struct id_words words = id_words_of(id);

    map_key_set_id(key, &books->key, words.high, words.low);
}

/* Null: the handle's record was never handed out. */
static struct record *record_known(const struct books *books, life which)
{
    return arena_find(&books->records, life_index(which),
                      sizeof(struct record));
}

static void reuse(struct books *books, life which)
{
    struct record *record = record_of(&books->records, which);
    uint64_t word = moor_load_relaxed(&record->state); /* ours alone */

    if (life_generation(which) == LIFE_GENERATION_MAX) return;
    moor_store_release(&record->state, word_freed(word));
    arena_give(&books->records, life_index(which));
}

/* A record of this thread's own, in RESERVING. */
static life take_record(struct books *books, const struct map_key *key)
{
    uint32_t index;

    if (!arena_take(&books->records, &index)) abort();
    struct record *record = record_at(&books->records, index);
    uint64_t word = moor_load_acquire(&record->state);
    if (word_generation(word) == 0) {
        map_grow(&books->ids, index + 1);
        word = word_make(FIRST_GENERATION, WORD_FREE);
    }
    moor_store_release(&record->id_high, key->high);
    moor_store_release(&record->id_low, key->low);
    moor_store_release(&record->state, word_reserving(word));
    return life_of(word_generation(word), index);
}

static moor_error moorage_spawn(void *of, const struct rival_agent *agent,
                                uint64_t *handle)
{
    struct books *books = of;
    struct map_key key;
    struct slots_view seen;

    set_key(&key, books, &agent->id);
    if (!slots_take(&books->running, &seen)) return MOOR_REFUSED;
    const life which = take_record(books, &key);
    moor_word *state = &record_of(&books->records, which)->state;
    uint64_t word = moor_load_relaxed(state); /* ours alone */
    if (map_insert(&books->ids, &key, which) != MOOR_OK) {
        moor_store_release(state, word_left(word));
        map_remove(&books->ids, key.hash, which);
        slots_give(&books->running);
        reuse(books, which);
        return MOOR_ID_TAKEN;
    }
    word = word_started(word_committed(word_reserved(word)));
    moor_store_release(state, word);
    *handle = which;
    return MOOR_OK;
}

/* The state of a handle's agent; false: there is none. */
static bool state_of(const struct books *books, life which, uint64_t *word)
{
    const struct record *record = record_known(books, which);

    if (record == NULL) return false;
    *word = moor_load_acquire(&record->state);
    return word_generation(*word) == life_generation(which) &&
           word_is_agent(*word);
}

static moor_status moorage_status_of(void *of, uint64_t handle)
{
    uint64_t word;

    return state_of(of, handle, &word) ? word_status(word)
                                       : MOOR_STATUS_NOT_FOUND;
}

static moor_status moorage_status_id(void *of, const moor_id *id)
{
    const struct books *books = of;
    struct map_key key;
    uint64_t word;

    set_key(&key, books, id);
    if (map_find(&books->ids, &key, &word) == 0 || !word_is_agent(word)) {
        return MOOR_STATUS_NOT_FOUND;
    }
    return word_status(word);
}

/* The idle status can be seen when the slot is back. */
static void settle(moor_word *state, life which, uint64_t word)
{
    while (word_generation(word) == life_generation(which) &&
           word_is_ending(word) &&
           !moor_cas_acq_rel(state, &word, word_settled(word))) {
    }
}

static bool moorage_finish(void *of, uint64_t handle)
{
    struct books *books = of;
    uint64_t word;

    if (!state_of(books, handle, &word)) return false;
    moor_word *state = &record_of(&books->records, handle)->state;
    uint64_t ended;
    do {
        if (word_generation(word) != life_generation(handle) ||
            !word_may_end(word)) {
            return false;
        }
        ended = word_ended(word, WORD_COMPLETED, WORD_NO_TEXT, true);
    } while (!moor_cas_acq_rel(state, &word, ended));
    slots_give(&books->running);
    settle(state, handle, ended);
    return true;
}

/* One swap: out of the slot if it has one, else out of the map. */
static bool leave(struct books *books, life which, uint64_t *after)
{
    moor_word *state = &record_of(&books->records, which)->state;
    uint64_t word = moor_load_acquire(state);

    do {
        if (word_generation(word) != life_generation(which) ||
            !word_is_agent(word)) {
            return false;
        }
        *after = word_has_slot(word) ? word_closing(word) : word_left(word);
    } while (!moor_cas_acq_rel(state, &word, *after));
    if (word_has_slot(word)) slots_give(&books->running);
    return true;
}

static bool moorage_close(void *of, uint64_t handle)
{
    struct books *books = of;
    uint64_t after;

    if (!state_of(books, handle, &after)) return false;
    do {
        if (!leave(books, handle, &after)) return false;
    } while (word_phase(after) != WORD_LEFT);
    struct record *record = record_of(&books->records, handle);
    map_remove(&books->ids,
               hash_id(&books->key, moor_load_relaxed(&record->id_high),
                       moor_load_relaxed(&record->id_low)),
               handle);
    reuse(books, handle);
    return true;
}

static void moorage_count(void *of, uint64_t *used, uint64_t *agents)
{
    struct books *books = of;

    *used = slots_look(&books->running).used;
    *agents = 0;
    for (uint32_t i = 1; i < arena_end(&books->records); i++) {
        *agents += word_is_agent(
            moor_load_acquire(&record_at(&books->records, i)->state));
    }
}

const struct rival map_moorage = {
    .name = "moorage",
    .level = RIVAL_MAP,
    .create = moorage_create,
    .destroy = moorage_destroy,
    .spawn = moorage_spawn,
    .start = map_start,
    .status_of = moorage_status_of,
    .status_id = moorage_status_id,
    .finish = moorage_finish,
    .close = moorage_close,
    .count = moorage_count,
};
