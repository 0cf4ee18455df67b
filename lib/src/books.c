#include "books.h"

#include <string.h>

/* Why a life is not the one in its record. */
static moor_error why_not(const moor_registry *books, life which,
                          uint64_t word)
{
    uint64_t generation = life_generation(which);
    uint64_t now = word_generation(word);

    if (generation < books->first_generation || generation > now) {
        return MOOR_NOT_FOUND;
    }
    return generation < now || word_phase(word) >= WORD_LEFT ? MOOR_STALE
                                                             : MOOR_NOT_FOUND;
}

/* The state word of a life, if a record was ever handed out at its index. */
static bool state_of(const moor_registry *books, life which, uint64_t *word)
{
    if (life_generation(which) > LIFE_GENERATION_MAX ||
        life_generation(which) == 0 ||
        !arena_known(&books->records, life_index(which))) {
        return false;
    }
    /* acquire, R1. */
    *word = moor_load_acquire(&books_record(books, which)->state);
    return true;
}

moor_error books_agent(const moor_registry *books, life which, uint64_t *word)
{
    if (!state_of(books, which, word)) {
        return MOOR_NOT_FOUND;
    }
    if (word_generation(*word) == life_generation(which) &&
        word_is_agent(*word)) {
        return MOOR_OK;
    }
    return why_not(books, which, *word);
}

moor_error books_ticket(const moor_registry *books, life which, uint64_t *word)
{
    if (!state_of(books, which, word) || which == books->root) {
        return MOOR_NOT_FOUND;
    }
    if (word_generation(*word) != life_generation(which)) {
        return why_not(books, which, *word);
    }
    if (word_phase(*word) == WORD_TICKET) {
        return MOOR_OK;
    }
    /* Being committed, or committed: the ticket has ended. */
    return word_phase(*word) > WORD_TICKET ? MOOR_STALE : MOOR_NOT_FOUND;
}

moor_error books_subject(const moor_registry *books, life which,
                         uint64_t *word)
{
    if (which == books->root) {
        return MOOR_IS_ROOT;
    }
    return books_agent(books, which, word);
}

bool books_step(moor_registry *books, life which, enum word_phase from,
                uint64_t (*to)(uint64_t), uint64_t *before)
{
    moor_word *state = &books_record(books, which)->state;
    uint64_t word = moor_load_acquire(state); /* R1 */

    do {
        if (word_generation(word) != life_generation(which) ||
            word_phase(word) != from) {
            return false;
        }
    } while (!moor_cas_seq_cst(state, &word, to(word))); /* R1, F1 */
    if (before != NULL) {
        *before = word;
    }
    return true;
}

struct nickname_list *books_nicknames(moor_registry *books, const char *role)
{
    for (size_t i = 0; role != NULL && i < books->roles_count; i++) {
        if (strcmp(books->roles[i].role, role) == 0 &&
            books->roles[i].nicknames.count > 0) {
            return &books->roles[i].nicknames;
        }
    }
    return books->nicknames.count > 0 ? &books->nicknames : NULL;
}
