/*
 * After a thread was killed inside a call: what it left half done is done or
 * undone, and what it may have counted is counted anew.
 *
 * Everything that is counted is said by the state words, and each state word
 * changes by one swap; so wherever the thread was stopped, the words are right
 * and the counts follow from them:
 *
 *   ENDING_x               -> x: the run has ended, that was decided; its slot
 *                          is told of, and its end, if it was not (ends.h)
 *   RESERVING, COMMITTING  -> LEFT: nobody was told of the ticket
 *   FAILING                -> LEFT, and all below: that was decided, too
 *   used, resident         = what the words hold of each; nobody waits
 *   children, references   = the records whose words say so
 *   queues of events       = the records whose ends are unread
 *
 * What cannot be told stays: a claim for eviction, a lifetime charge, a
 * nickname that was drawn, the event and the hook of an end that was one step
 * or of a close that had come to its last one, and, until the registry ends,
 * the memory that the thread had in hand.  Alone, so all orders are relaxed:
 * the caller has seen to it that nothing else runs.
 */
#include "completion.h"
#include "hook.h"
#include "journal.h"
#include "lease.h"
#include "leave.h"
#include "remove.h"

static moor_word *state_of(moor_registry *books, uint32_t index)
{
    return &record_at(&books->records, index)->state;
}

static uint64_t word_at(moor_registry *books, uint32_t index)
{
    return moor_load_relaxed(state_of(books, index));
}

/* Is it, or was it, somebody's?  Then it names its parent. */
static bool is_in_tree(uint64_t word)
{
    return word_generation(word) != 0 && word_phase(word) != WORD_FREE;
}

/* Behind the counts. */
static void end_run_of(moor_registry *books, uint32_t index)
{
    uint64_t word = word_at(books, index);
    life which = life_of(word_generation(word), index);
    enum word_phase idle;

    if (!word_is_ending(word)) {
        return;
    }
    idle = word_phase(word_settled(word));
    if (books->events && !completion_is_told(books, which, word)) {
        completion_tell(books, which, idle, false);
    }
    word = word_settled(word);
    moor_store_relaxed(state_of(books, index), word);
    hook_released(books, which, word_status(word));
}

static void take_back(moor_registry *books, uint32_t index)
{
    uint64_t word = word_at(books, index);
    life which = life_of(word_generation(word), index);

    switch (word_phase(word)) {
    case WORD_RESERVING:
    case WORD_COMMITTING:
        if (word_phase(word) == WORD_COMMITTING) {
            total_give(&books->lifetime);
        }
        moor_store_relaxed(state_of(books, index), word_left(word));
        leave_for_good(books, which, word);
        break;
    case WORD_FAILING:
        (void)remove_below(books, which);
        remove_failing(books, which);
        break;
    default:
        break;
    }
}

static void count_links(moor_registry *books, uint32_t end)
{
    for (uint32_t i = 0; i < end; i++) {
        tree_reset(record_at(&books->records, i));
    }
    for (uint32_t i = 1; i < end; i++) {
        if (is_in_tree(word_at(books, i))) {
            tree_count(&books->tree, record_at(&books->records, i));
        }
    }
}

/* Sets both counts; how many slots are used. */
static uint32_t count_slots(moor_registry *books, uint32_t end)
{
    uint32_t used = 0, resident = 0;

    for (uint32_t i = 1; i < end; i++) {
        used += word_has_slot(word_at(books, i));
        resident += word_is_resident(word_at(books, i));
    }
    slots_set_used(&books->running, used);
    slots_set_used(&books->resident, resident);
    return used;
}

moor_error moor_recover(moor_registry *registry, uint64_t *recovered)
{
    uint32_t end, before, used;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    end = books_end(registry);
    before = slots_look(&registry->running).used;
    count_links(registry, end);
    journal_recover(registry, end);
    if (registry->events) {
        completion_recover(registry, end);
    }
    for (uint32_t i = 1; i < end; i++) {
        take_back(registry, i);
    }
    used = count_slots(registry, end);
    queue_clear(&registry->queue);
    lease_recover(registry);
    for (uint32_t i = 1; i < end; i++) {
        end_run_of(registry, i);
    }
    completion_ring(registry);
    if (recovered != NULL) {
        *recovered = before > used ? before - used : 0;
    }
    return MOOR_OK;
}
