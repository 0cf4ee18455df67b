#include "draw.h"

#include <inttypes.h>
#include <string.h>

enum { EVENTS_MAX = 2 * LINEAR_CALLS_MAX };

/* The begin or the end of a call, and where it is drawn. */
struct event {
    uint64_t stamp;
    unsigned call;
    bool is_end;
};

struct drawing {
    const struct linear_history *history;
    char words[LINEAR_CALLS_MAX][LINEAR_WORDS_MAX];
    unsigned begin[LINEAR_CALLS_MAX], end[LINEAR_CALLS_MAX]; /* columns */
    struct event events[EVENTS_MAX];
    unsigned count;
    unsigned width;
};

/* By time; of a call and a return at the same stamp the return comes first. */
static bool is_later(const struct event *a, const struct event *b)
{
    return a->stamp != b->stamp ? a->stamp > b->stamp : !a->is_end && b->is_end;
}

static void add_event(struct drawing *drawing, struct event event)
{
    unsigned at = drawing->count++;

    for (; at > 0 && is_later(&drawing->events[at - 1], &event); at--) {
        drawing->events[at] = drawing->events[at - 1];
    }
    drawing->events[at] = event;
}

/* Each event right of the one before, and each call as wide as its words. */
static void place(struct drawing *drawing)
{
    unsigned column = 0;

    for (unsigned i = 0; i < drawing->count; i++) {
        const struct event *event = &drawing->events[i];
        unsigned call = event->call;

        if (event->is_end) {
            unsigned least = drawing->begin[call] + 1 +
                             (unsigned)strlen(drawing->words[call]);

            column = column < least ? least : column;
            drawing->end[call] = column;
        } else {
            drawing->begin[call] = column;
        }
        column++;
    }
    drawing->width = column;
}

static void draw_call(FILE *to, const struct drawing *drawing, unsigned call,
                      unsigned *column)
{
    bool open = drawing->history->calls[call].returned == LINEAR_PENDING;
    int inside = (int)(drawing->end[call] - drawing->begin[call] - 1);

    fprintf(to, "%*s[%-*s%s", (int)(drawing->begin[call] - *column), "", inside,
            drawing->words[call], open ? "..." : "]");
    *column = drawing->end[call] + 1;
}

/* In the order of their begins. */
static void draw_lane(FILE *to, const struct drawing *drawing, unsigned thread)
{
    unsigned column = 0;
    bool named = false;

    for (unsigned i = 0; i < drawing->count; i++) {
        const struct event *event = &drawing->events[i];

        if (event->is_end ||
            drawing->history->calls[event->call].thread != thread) {
            continue;
        }
        if (!named) {
            fprintf(to, "thread %-2u ", thread);
            named = true;
        }
        draw_call(to, drawing, event->call, &column);
    }
    if (named) {
        fprintf(to, "\n");
    }
}

void linear_draw(FILE *to, const struct linear_spec *spec,
                 const struct linear_history *history)
{
    struct drawing drawing = {.history = history};
    char words[LINEAR_WORDS_MAX];

    for (unsigned i = 0; i < history->count; i++) {
        const struct linear_call *call = &history->calls[i];

        spec->say_call(call, drawing.words[i]);
        add_event(&drawing, (struct event){call->called, i, false});
        add_event(&drawing, (struct event){call->returned, i, true});
    }
    place(&drawing);
    spec->say_state(history->state, words);
    fprintf(to, "before    %s\n", words);
    for (unsigned thread = 0; thread <= UINT8_MAX; thread++) {
        draw_lane(to, &drawing, thread);
    }
}
