/* Operations on completion events. */
#include "memory.h"
#include "play.h"

static void append(const struct player *player, json_t *events,
                   const moor_event *event)
{
    json_t *pair = must_json(json_array());

    json_array_append_new(pair, agent_name(player, event->agent));
    json_array_append_new(
        pair, must_json(json_string(moor_status_name(event->status))));
    json_array_append_new(events, pair);
}

/* Empties the queue: reads until there is room left. */
void op_events(struct player *player, const struct operation *operation,
               struct answer *answer)
{
    const moor_agent owner = label_agent(player, operation->given.of);
    json_t *events = must_json(json_array());
    moor_event read[64];
    const size_t room = sizeof read / sizeof *read;
    size_t count;
    moor_error error;

    do {
        count = 0;
        error = moor_events(player->play->registry, owner, read, room, &count);
        for (size_t i = 0; i < count; i++) {
            append(player, events, &read[i]);
        }
    } while (count == room);
    answer_error(answer, error);
    if (error == MOOR_OK) {
        answer_json(answer, "events", events);
    } else {
        json_decref(events);
    }
}
