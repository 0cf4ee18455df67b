/*
 * Turns: the end of one, and what it does to those that are left over.
 */
#include "ending.h"
#include "fence.h"
#include "lease.h"
#include "reap.h"
#include "walk.h"

/* Is it live, and was its last admission in that turn? */
static bool is_left(const moor_registry *books, life which, uint64_t word,
                    uint64_t turn)
{
    const struct record *record = books_record(books, which);
    uint64_t of_record;

    if (!word_is_live(word)) {
        return false;
    }
    of_record = moor_load_acquire(&record_plate(record)->turn);
    /* acquire, R1: still that life, so the turn was its own. */
    return of_record == turn &&
           word_generation(moor_load_acquire(&record->state)) ==
               life_generation(which);
}

static void apply(moor_registry *books, life which, moor_left left,
                  moor_turn_ended *answer)
{
    const struct ending how = {.idle = left == MOOR_LEFT_INTERRUPT
                                           ? WORD_INTERRUPTED
                                           : WORD_SHUTDOWN,
                               .turn = &answer->turn};
    bool released;

    if (left == MOOR_LEFT_FENCE) {
        (void)fence_set(books, which);
        return;
    }
    if (ending_end(books, which, &how, &released) == MOOR_OK) {
        answer->ended++;
        answer->released += released;
    }
}

static void end_left(moor_registry *books, moor_left left,
                     moor_turn_ended *answer)
{
    uint32_t end = books_end(books);

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;
        life which = walk_at(books, i, &word);

        if (which != 0 && is_left(books, which, word, answer->turn)) {
            apply(books, which, left, answer);
        }
    }
}

moor_error moor_turn_end(moor_registry *registry, moor_left left,
                         moor_turn_ended *answer)
{
    moor_turn_ended ended = {0};

    if (registry == NULL || (unsigned)left >= MOOR_LEFTS) {
        return MOOR_BAD_ARGUMENT;
    }
    /* acquire: what was admitted in a turn that was begun. */
    ended.turn = moor_load_acquire(&registry->turn);
    ended.released = lease_end_all(registry);
    if (left != MOOR_LEFT_KEEP) {
        end_left(registry, left, &ended);
    }
    if (registry->release == MOOR_ON_TURN_END) {
        ended.released += reap_idle(registry, NULL);
    }
    if (answer != NULL) {
        *answer = ended;
    }
    return MOOR_OK;
}
