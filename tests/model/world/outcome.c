#include "outcome.h"

#include <string.h>

#include "books.h"

static const char *const field_names[PATHS] = {
    "used",   "limit",   "lifetime", "turn",     "live",
    "idle",   "tickets", "spawned",  "refused",  "completed",
    "closed", "reaped",  "released", "children",
};

/* All that a scene and calls can bring about. */
static const char *const paths[OUTCOME_PATHS] = {
    "/root/a",  "/root/a/b", "/root/a/n", "/root/a/b/n", "/root/r0",
    "/root/r1", "/root/r2",  "/root/r3",  "/root/r4",    "/root/r5",
};

static uint64_t known(life which)
{
    if (which == world->root) return 1;
    if (which == scene_a.bits) return 2;
    return which == scene_b.bits ? 3 : 4;
}

/* Everything about whom the path names that does not differ from run to run. */
static uint64_t look_at(const char *path)
{
    life which = world_path_owner(path);
    const struct record *record;
    uint64_t word;

    if (which == 0) return 0;
    record = books_record(world, which);
    word = moor_load_acquire(&record->state);
    return word_status(word) | (uint64_t)word_has_slot(word) << 4 |
           (uint64_t)word_is_fenced(word) << 5 |
           (uint64_t)(word_text(word) != 0) << 6 |
           (uint64_t)word_requested(word) << 7 |
           known(tree_parent(&world->tree, which)) << 12 |
           tree_children(record) << 16 |
           (uint64_t)place_depth(moor_load_acquire(&record->place)) << 32 |
           moor_load_acquire(&record_plate(record)->turn) << 48;
}

static void look_at_figures(uint64_t *fields)
{
    moor_stats stats;

    moor_stats_of(world, &stats);
    fields[USED] = stats.used;
    fields[LIMIT] = slots_look(&world->running).limit;
    fields[LIFETIME] = world_lifetime_used();
    fields[TURN] = stats.turn;
    fields[LIVE] = stats.live;
    fields[IDLE] = stats.idle;
    fields[TICKETS] = stats.tickets;
    fields[SPAWNED] = stats.spawned;
    fields[COMPLETED] = stats.completed;
    fields[CLOSED] = stats.closed;
    fields[REAPED] = stats.reaped;
    fields[RELEASED] = stats.released;
    fields[CHILDREN] = tree_children(record_at(&world->records, 0));
    for (int i = 0; i < MOOR_LIMITS; i++)
        fields[REFUSED] += stats.refused[i];
}

void outcome_look(uint64_t fields[OUTCOME_FIELDS])
{
    memset(fields, 0, OUTCOME_FIELDS * sizeof *fields);
    look_at_figures(fields);
    for (int i = 0; i < OUTCOME_PATHS; i++)
        fields[PATHS + i] = look_at(paths[i]);
}

const char *outcome_field_name(int field)
{
    return field < PATHS ? field_names[field] : paths[field - PATHS];
}
