/*
 * Three threads, each with two of the calls that matter most: spawn, finish,
 * close, run_again, reap, find.
 *
 * Goal    The answers of all six, and what is left, are what one of their
 *         orders gives; I1 to I8 hold (world.h).
 * Method  every schedule with at most two preemptions.
 * Limits  not every three of the 36 programs of two calls: of each two of them
 *         one case, with a third that is another for each, and one of three
 *         scenes in turn.
 *
 *   p.q|r.s|t.u@STATE/LIMIT  what each thread calls, all of a, which is in that
 *                            state; r behind the limit: on_reserve
 */
#include <stdio.h>
#include <stdlib.h>

#include "world/plays.h"

static const char *const core[] = {"spawn_root", "finish", "close_tree",
                                   "run_again",  "reap",   "find_path"};

enum {
    CORE = sizeof core / sizeof *core,
    PROGRAMS = CORE * CORE,
    PLAYS = PROGRAMS * (PROGRAMS + 1) / 2,
    FEW_PREEMPTIONS = 2,
};

/* One slot, and a has it, or has had it. */
static const struct scene scenes[] = {
    {MOOR_ON_COMPLETION, 1, SCENE_RUNNING, SCENE_NONE},
    {MOOR_ON_TURN_END, 1, SCENE_KEPT, SCENE_NONE},
    {MOOR_ON_RESERVE, 1, SCENE_KEPT, SCENE_NONE},
};

enum { SCENES = sizeof scenes / sizeof *scenes };

static struct play plays[PLAYS];

static void set_program(struct play *play, int thread, int program)
{
    play->calls[thread][0].operation = operation_named(core[program / CORE]);
    play->calls[thread][1].operation = operation_named(core[program % CORE]);
}

static void name(struct play *play)
{
    const struct scene *scene = &play->scene;
    size_t length = 0;

    for (int i = 0; i < play->threads; i++) {
        length += (size_t)snprintf(
            play->name + length, sizeof play->name - length, "%s%s.%s",
            i > 0 ? "|" : "", play->calls[i][0].operation->name,
            play->calls[i][1].operation->name);
    }
    snprintf(play->name + length, sizeof play->name - length, "@%s/%u%s",
             scene_state_name(scene->a), scene->limit,
             scene->release == MOOR_ON_RESERVE ? "r" : "");
}

static void make_plays(void)
{
    struct play *play = plays;

    for (int i = 0; i < PROGRAMS; i++) {
        for (int j = i; j < PROGRAMS; j++, play++) {
            play->scene = scenes[(i + j) % SCENES];
            play->threads = 3;
            play->length = 2;
            play->preemptions_max = FEW_PREEMPTIONS;
            set_program(play, 0, i);
            set_program(play, 1, j);
            set_program(play, 2, (CORE * i + 5 * j + i / CORE) % PROGRAMS);
            name(play);
        }
    }
}

int main(int argc, char **argv)
{
    make_plays();
    return plays_main(plays, PLAYS, argc, argv);
}
