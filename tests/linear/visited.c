#include "visited.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 256 };

bool visited_make(struct visited *visited)
{
    *visited = (struct visited){.room = ROOM_FIRST, .epoch = 1};
    visited->slots = calloc(ROOM_FIRST, sizeof *visited->slots);
    return visited->slots != NULL;
}

void visited_free(struct visited *visited)
{
    free(visited->slots);
}

void visited_clear(struct visited *visited)
{
    visited->count = 0;
    visited->epoch++;
}

static uint64_t hash(const struct visited_place *place)
{
    uint64_t mixed = place->state;

    for (int i = 0; i < VISITED_PROGRESS_WORDS; i++) {
        mixed = (mixed ^ place->progress[i]) * 0x9e3779b97f4a7c15u;
        mixed ^= mixed >> 29;
    }
    return mixed * 0xbf58476d1ce4e5b9u >> 20;
}

/* The slot of the place, or the vacant one where it belongs. */
static struct visited_slot *slot_of(const struct visited *visited,
                                    const struct visited_place *place)
{
    size_t at = hash(place);

    for (;; at++) {
        struct visited_slot *slot = &visited->slots[at & (visited->room - 1)];

        if (slot->epoch != visited->epoch ||
            memcmp(&slot->place, place, sizeof *place) == 0) {
            return slot;
        }
    }
}

bool visited_has(const struct visited *visited,
                 const struct visited_place *place)
{
    return visited->count > 0 &&
           slot_of(visited, place)->epoch == visited->epoch;
}

static bool grow(struct visited *visited)
{
    struct visited larger = {.room = 2 * visited->room,
                             .epoch = visited->epoch};

    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < visited->room; i++) {
        if (visited->slots[i].epoch == visited->epoch) {
            visited_add(&larger, &visited->slots[i].place);
        }
    }
    free(visited->slots);
    *visited = larger;
    return true;
}

void visited_add(struct visited *visited, const struct visited_place *place)
{
    struct visited_slot *slot;

    if (2 * visited->count >= visited->room && !grow(visited)) {
        visited_clear(visited);
    }
    slot = slot_of(visited, place);
    if (slot->epoch != visited->epoch) {
        *slot = (struct visited_slot){*place, visited->epoch};
        visited->count++;
    }
}
