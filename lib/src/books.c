#include "books.h"

#include <string.h>

moor_error books_why_not(const moor_registry *books, life which,
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

moor_error books_ticket(const moor_registry *books, life which, uint64_t *word)
{
    if (!books_state(books, which, word) || which == books->root) {
        return MOOR_NOT_FOUND;
    }
    if (word_generation(*word) != life_generation(which)) {
        return books_why_not(books, which, *word);
    }
    if (word_phase(*word) == WORD_TICKET) {
        return MOOR_OK;
    }
    /* Being committed, or committed: the ticket has ended. */
    return word_phase(*word) > WORD_TICKET ? MOOR_STALE : MOOR_NOT_FOUND;
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
