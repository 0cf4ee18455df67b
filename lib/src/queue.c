#include "queue.h"

#include <assert.h>

#include "block.h"
#include "plant.h"

#define CLASS_SHIFT 63
#define NUMBER_SHIFT 2
#define HOW UINT64_C(3)

enum { VACANT = 0, WAITING = 1, HANDED = 2 };

static bool waits(uint64_t word)
{
    return (word & HOW) == WAITING;
}

static uint64_t with(uint64_t word, uint64_t how)
{
    return (word & ~HOW) | how;
}

void queue_init(struct queue *queue, uint32_t size)
{
    queue->size = size;
}

static struct queue_room *room_of(const struct queue *queue)
{
    /* acquire, Q1: the places, vacant. */
    return (struct queue_room *)moor_pointer_acquire(&queue->room);
}

static struct queue_place *places_of(const struct queue *queue)
{
    struct queue_room *room = room_of(queue);

    return room == NULL ? NULL : room->places;
}

static size_t bytes_of(const struct queue *queue)
{
    return sizeof(struct queue_room) + queue->size * sizeof(struct queue_place);
}

void queue_destroy(struct queue *queue)
{
    block_free(room_of(queue), bytes_of(queue));
}

/* Makes them if there are none; null: no memory. */
static struct queue_place *have_places(struct queue *queue)
{
    struct queue_room *room = room_of(queue);
    void *seen = NULL;

    if (room != NULL) {
        return room->places;
    }
    room = (struct queue_room *)block_make(bytes_of(queue));
    if (room == NULL) {
        return places_of(queue); /* another thread may have had more luck */
    }
    for (uint32_t i = 0; i < queue->size; i++) {
        event_init(&room->places[i].event);
    }
    /* release, Q1; seq_cst, Q3: before the look at what cancels. */
    if (!moor_pointer_cas_seq_cst(&queue->room, &seen, room)) {
        block_free(room, bytes_of(queue));
        room = (struct queue_room *)seen;
    }
    return room->places;
}

/* One pass over the places for a vacant one; *seen sums up who has them. */
static struct queue_place *enter_any(const struct queue *queue,
                                     struct queue_place *places,
                                     uint64_t word, uint64_t *seen)
{
    uint64_t first = word >> NUMBER_SHIFT;

    *seen = 0;
    for (uint32_t i = 0; i < queue->size; i++) {
        struct queue_place *at = &places[(first + i) % queue->size];
        uint64_t state = moor_load_acquire(&at->state); /* Q1 */

        /* release, Q1, by the swap that then says that somebody waits;
         * acquire: the place as it was left.  seq_cst, Q3: before the look at
         * what cancels. */
        if (state == VACANT && moor_cas_seq_cst(&at->state, &state, word)) {
            return at;
        }
        *seen += state * (2 * i + 1);
    }
    return NULL;
}

enum queue_entered queue_enter(struct queue *queue, enum queue_class which,
                               struct queue_place **place)
{
    struct queue_place *places;
    uint64_t word, before, seen = 0;

    if (queue->size == 0) {
        return QUEUE_IS_FULL;
    }
    places = have_places(queue);
    if (places == NULL) {
        return QUEUE_NO_MEMORY;
    }
    /* relaxed: a number and nothing else. */
    word = moor_add_relaxed(&queue->number, 1) << NUMBER_SHIFT |
           (uint64_t)which << CLASS_SHIFT | WAITING;
    /* Two passes that find the same owners: between them it was full. */
    do {
        before = seen;
        *place = enter_any(queue, places, word, &seen);
    } while (*place == NULL && seen != before);
    return *place != NULL ? QUEUE_ENTERED : QUEUE_IS_FULL;
}

/* The place whose owner is first; null: nobody waits.  Somebody has: there are
 * places. */
static struct queue_place *first_of(const struct queue *queue, uint64_t *word)
{
    struct queue_place *places = places_of(queue);
    struct queue_place *first = NULL;

    assert(places != NULL);
    *word = UINT64_MAX;
    for (uint32_t i = 0; i < queue->size; i++) {
        uint64_t seen = moor_load_acquire(&places[i].state); /* Q1 */

        if (waits(seen) && (seen < *word || MOOR_PLANTED(72))) { /* the last */
            *word = seen;
            first = &places[i];
        }
    }
    return first;
}

bool queue_hand(struct queue *queue)
{
    struct queue_place *first;
    uint64_t word;

    while ((first = first_of(queue, &word)) != NULL) {
        if (MOOR_PLANTED(73)) { /* look, then store */
            moor_store_release(&first->state, with(word, HANDED));
            event_signal(&first->event);
            return true;
        }
        /* release, Q1: the slot with all that its last holder did. */
        if (moor_cas_acq_rel(&first->state, &word, with(word, HANDED))) {
            event_signal(&first->event);
            return true;
        }
    }
    return false;
}

bool queue_is_handed(const struct queue_place *place)
{
    return (moor_load_acquire(&place->state) & HOW) == HANDED; /* Q1 */
}

void queue_vacate(struct queue_place *place)
{
    moor_store_release(&place->state, VACANT); /* Q1: to the next owner */
}

bool queue_withdraw(struct queue_place *place)
{
    uint64_t word = moor_load_acquire(&place->state); /* Q1 */

    /* acquire on both: a slot that came first. */
    if (waits(word) && moor_cas_acq_rel(&place->state, &word, VACANT)) {
        return true;
    }
    queue_vacate(place);
    return MOOR_PLANTED(74); /* forget what was handed */
}

void queue_wake(struct queue *queue)
{
    /* seq_cst, Q3, in both: behind the cancelling. */
    struct queue_room *room =
        (struct queue_room *)moor_pointer_seq_cst(&queue->room);

    for (uint32_t i = 0; room != NULL && i < queue->size; i++) {
        if (waits(moor_load_seq_cst(&room->places[i].state))) {
            event_signal(&room->places[i].event);
        }
    }
}

uint32_t queue_length(const struct queue *queue)
{
    const struct queue_place *places = places_of(queue);
    uint32_t length = 0;

    for (uint32_t i = 0; places != NULL && i < queue->size; i++) {
        length += waits(moor_load_acquire(&places[i].state)); /* Q1 */
    }
    return length;
}

void queue_clear(struct queue *queue)
{
    struct queue_place *places = places_of(queue);

    for (uint32_t i = 0; places != NULL && i < queue->size; i++) {
        moor_store_relaxed(&places[i].state, VACANT); /* alone */
    }
}

void queue_waited(struct queue *queue, uint64_t ns)
{
    times_add(&room_of(queue)->waited, ns);
}

const struct times *queue_times(const struct queue *queue)
{
    const struct queue_room *room = room_of(queue);

    return room == NULL ? NULL : &room->waited;
}
