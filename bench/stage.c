#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

/* Room that a crew needs for those it spawns, besides the residents. */
enum { ROOM = 16 * THREADS_MAX };

struct stage stage_open(uint32_t agents, bool full)
{
    return (struct stage){ .agents = agents, .full = full };
}

struct crowd *stage_crowd(struct stage *stage, const struct rival *rival)
{
    for (unsigned i = 0; i < stage->count; i++) {
        if (stage->crowds[i]->rival == rival) return stage->crowds[i];
    }
    struct crowd *crowd = malloc(sizeof *crowd);
    if (crowd == NULL || stage->count > RIVALS_MAX) abort();
    crowd_open(crowd, rival, stage->agents, stage->full ? 0 : ROOM);
    stage->crowds[stage->count++] = crowd;
    return crowd;
}

uint64_t stage_close(struct stage *stage)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < stage->count; i++) {
        const char *name = stage->crowds[i]->rival->name;
        uint64_t wrong = crowd_close(stage->crowds[i]);

        if (wrong > 0) {
            fprintf(stderr, "bench: %s: %llu wrong answers at the end\n", name,
                    (unsigned long long)wrong);
        }
        all += wrong;
        free(stage->crowds[i]);
    }
    stage->count = 0;
    return all;
}
