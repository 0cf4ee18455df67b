/*
 * Every pair of public operations that may meet.
 *
 * Goal    The answers of both, and what is left, are what one of the two orders
 *         gives; I1 to I8 hold (world.h).
 * Method  every schedule up to the order of independent steps where these are
 *         few, else those with at most two preemptions: each case's line says
 *         which.
 * Limits  one call a thread; a registry of one agent, or of two, and of one or
 *         two free slots.
 *
 * The cases are made from the table of operations:
 *
 *   p+q@STATE/LIMIT        both of a, which is in that state
 *   p>q@STATE,STATE/LIMIT  p of a, q of b, which hangs below a
 *
 * --table says which cases there are for each pair; a pair without any is a
 * failure.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/plays.h"

enum { PLAYS_MAX = 8192, FEW_PREEMPTIONS = 3 };

static struct play plays[PLAYS_MAX];
static int plays_count;

static struct play *add(const struct scene *scene, const struct operation *p,
                        const struct operation *q, bool apart)
{
    struct play *play = &plays[plays_count];

    if (plays_count++ == PLAYS_MAX) abort();
    *play = (struct play){
        .scene = *scene,
        .threads = 2,
        .length = 1,
        .calls = {{{p, false}}, {{q, apart}}},
        .preemptions_max = FEW_PREEMPTIONS | MODEL_IF_LARGE,
    };
    return play;
}

static bool holds_slot(enum scene_state state)
{
    return state != SCENE_NONE && state != SCENE_IDLE;
}

static uint32_t slots_of(const struct scene *scene)
{
    return (uint32_t)holds_slot(scene->a) + holds_slot(scene->b);
}

/* Is there somebody who asks for a slot? */
static bool asks(const struct operation *p, const struct operation *q)
{
    return ((p->kind | q->kind) & KIND_ADMITS) != 0;
}

/* With no slot free, and with one; if nobody asks, that is all the same. */
static void add_limits(struct scene scene, const struct operation *p,
                       const struct operation *q, bool apart)
{
    uint32_t held = slots_of(&scene);

    for (uint32_t free = 0; free <= 1; free++) {
        struct play *play;

        scene.limit = held + free;
        if (scene.limit == 0 || (free == 1 && held > 0 && !asks(p, q))) {
            continue;
        }
        play = add(&scene, p, q, apart);
        if (apart) {
            snprintf(play->name, sizeof play->name, "%s>%s@%s,%s/%u", p->name,
                     q->name, scene_state_name(scene.a),
                     scene_state_name(scene.b), scene.limit);
        } else {
            snprintf(play->name, sizeof play->name, "%s+%s@%s/%u%s", p->name,
                     q->name, scene_state_name(scene.a), scene.limit,
                     scene.release == MOOR_ON_RESERVE ? "r" : "");
        }
    }
}

static moor_release policy_of(enum scene_state a, enum scene_state b)
{
    return a == SCENE_KEPT || b == SCENE_KEPT ? MOOR_ON_TURN_END
                                              : MOOR_ON_COMPLETION;
}

/* Both of one agent, in each state in which both have something to do. */
static void add_together(const struct operation *p, const struct operation *q)
{
    for (int state = SCENE_TICKET; state < SCENE_STATES; state++) {
        struct scene scene = {.a = (enum scene_state)state};

        if (!((p->states & q->states) >> state & 1)) continue;
        scene.release = policy_of(scene.a, SCENE_NONE);
        add_limits(scene, p, q, false);
        if (state == SCENE_KEPT && asks(p, q)) {
            scene.release = MOOR_ON_RESERVE;
            add_limits(scene, p, q, false);
        }
    }
}

/* One of the parent, one of its child. */
static enum scene_state state_for(const struct operation *operation,
                                  bool is_parent)
{
    static const enum scene_state order[] = {
        SCENE_RUNNING, SCENE_IDLE, SCENE_PENDING, SCENE_KEPT, SCENE_TICKET};
    int count = (int)(sizeof order / sizeof *order) - is_parent;

    for (int i = 0; i < count; i++) {
        if (operation->states >> order[i] & 1) return order[i];
    }
    return SCENE_NONE;
}

static void add_apart(const struct operation *p, const struct operation *q)
{
    struct scene scene = {.a = state_for(p, true), .b = state_for(q, false)};

    if (scene.a == SCENE_NONE) {
        if (scene.b != SCENE_TICKET) return;
        scene.a = SCENE_RUNNING; /* nothing hangs below a ticket */
    }
    scene.release = policy_of(scene.a, scene.b);
    add_limits(scene, p, q, true);
}

static void make_plays(void)
{
    for (int i = 0; i < operations_count; i++) {
        for (int j = i; j < operations_count; j++) {
            add_together(&operations[i], &operations[j]);
            add_apart(&operations[i], &operations[j]);
            if (i != j) add_apart(&operations[j], &operations[i]);
        }
    }
}

/* --- the table ------------------------------------------------------------ */

static bool is_of(const struct play *play, const struct operation *p,
                  const struct operation *q)
{
    const struct operation *first = play->calls[0][0].operation;
    const struct operation *second = play->calls[1][0].operation;

    return (first == p && second == q) || (first == q && second == p);
}

/* One line; false: no case covers it. */
static bool cover(const struct operation *p, const struct operation *q,
                  bool print)
{
    int count = 0;

    if (print) printf("%s, %s:", p->name, q->name);
    for (int i = 0; i < plays_count; i++) {
        if (!is_of(&plays[i], p, q)) continue;
        if (print) printf(" %s", plays[i].name);
        count++;
    }
    if (print) printf("\n");
    if (count == 0) {
        fprintf(stderr, "no case for %s and %s\n", p->name, q->name);
    }
    return count > 0;
}

static bool cover_all(bool print)
{
    bool covered = true;

    for (int i = 0; i < operations_count; i++) {
        for (int j = i; j < operations_count; j++)
            covered &= cover(&operations[i], &operations[j], print);
    }
    return covered;
}

int main(int argc, char **argv)
{
    bool table = argc == 2 && !strcmp(argv[1], "--table");

    make_plays();
    if (!cover_all(table)) return 1;
    return table ? 0 : plays_main(plays, plays_count, argc, argv);
}
