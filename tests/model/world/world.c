#include "world.h"

#include <string.h>

#include "books.h"
#include "map_inner.h"
#include "walk.h"

moor_registry *world;

static uint64_t level_at_first; /* of the map of paths */

static uint64_t level_of(const struct map *map)
{
    return map_level(moor_load_acquire(&map->levels));
}

/* The marks of the most that were used are as high as they get, so nothing
 * raises them: model_slots has that, and here it would only multiply schedules.
 */
static void raise_marks(void)
{
    (void)slots_most(&world->running, SLOTS_USED);
    (void)slots_most(&world->resident, SLOTS_USED);
}

void world_make_with(const moor_config *config)
{
    moor_error error = moor_create(config, &world);

    if (error != MOOR_OK) model_fail("no registry: %s", moor_error_name(error));
    level_at_first = level_of(&world->paths);
    raise_marks();
}

void world_make(uint32_t running, moor_release release)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = running;
    config.release = release;
    world_make_with(&config);
}

moor_error world_try_spawn(moor_agent parent, const char *name,
                           moor_agent *agent)
{
    const moor_spawn_options options = {.parent = parent, .name = name};

    return moor_spawn(world, &options, agent, NULL);
}

moor_agent world_spawn(moor_agent parent, const char *name)
{
    moor_agent agent = {0};
    moor_error error = world_try_spawn(parent, name, &agent);

    world_expect_error("spawn", error, MOOR_OK);
    return agent;
}

moor_ticket world_reserve(moor_agent parent, const char *name)
{
    const moor_spawn_options options = {.parent = parent, .name = name};
    moor_ticket ticket = {0};
    moor_error error = moor_reserve(world, &options, &ticket, NULL);

    world_expect_error("reserve", error, MOOR_OK);
    return ticket;
}

moor_error world_finish(moor_agent agent)
{
    return moor_finish(world, agent, MOOR_STATUS_COMPLETED, NULL, 0);
}

moor_error world_close_tree(moor_agent agent)
{
    return moor_close(world, agent, MOOR_CLOSE_TREE, NULL);
}

moor_status world_status(moor_agent agent)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;

    (void)moor_status_of(world, agent, &status);
    return status;
}

uint64_t world_path_owner(const char *path)
{
    struct map_key key;
    uint64_t word;

    map_key_set_path(&key, &world->key, path, strlen(path));
    return map_find(&world->paths, &key, &word);
}

uint64_t world_used(void)
{
    return slots_look(&world->running).used;
}

void world_expect_used(uint64_t used)
{
    if (world_used() != used) {
        model_fail("I1: %llu slots used, not %llu",
                   (unsigned long long)world_used(), (unsigned long long)used);
    }
}

uint64_t world_lifetime_used(void)
{
    return total_look(&world->lifetime).used;
}

void world_expect_error(const char *what, moor_error got, moor_error wanted)
{
    if (got != wanted) {
        model_fail("%s answers %s, not %s", what, moor_error_name(got),
                   moor_error_name(wanted));
    }
}

void world_expect_status(moor_agent agent, moor_status wanted)
{
    moor_status got = world_status(agent);

    if (got != wanted) {
        model_fail("status %s, not %s", moor_status_name(got),
                   moor_status_name(wanted));
    }
}

/* --- what must hold when nobody is under way ----------------------------- */

static void judge_phase(uint32_t index, uint64_t word)
{
    enum word_phase phase = word_phase(word);

    if (phase == WORD_RESERVING || phase == WORD_COMMITTING ||
        word_is_ending(word)) {
        model_fail("record %u stays in phase %d", index, (int)phase);
    }
    if (word_is_ticket(word) && !word_has_slot(word)) {
        model_fail("I1: ticket %u has no slot", index);
    }
}

static void judge_names(uint32_t index, life which)
{
    const struct record *record = record_at(&world->records, index);
    const struct plate *plate = record_plate(record);
    char path[MOOR_PATH_MAX + 1];
    uint64_t header;

    if (plate == NULL) {
        model_fail("record %u has no names", index);
        return;
    }
    header = plate_header(plate);
    plate_copy_path(plate, header, path);
    path[plate_path_length(header)] = '\0';
    if (world_path_owner(path) != which) {
        model_fail("record %u is not found as %s", index, path);
    }
}

/* Each slot that is used has an owner, and each living path one. */
static void judge_records(void)
{
    uint32_t end = books_end(world);
    uint64_t owners = 0;

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;
        life which = walk_at(world, i, &word);

        judge_phase(i,
                    moor_load_acquire(&record_at(&world->records, i)->state));
        if (which == 0) continue;
        owners += word_has_slot(word);
        judge_names(i, which);
    }
    if (owners != world_used()) {
        model_fail("I1: %llu slots used, %llu owners",
                   (unsigned long long)world_used(),
                   (unsigned long long)owners);
    }
}

/* Who has left is swept, at the latest by who was under way with it. */
static void judge_bucket(const struct map *map, struct bucket *bucket)
{
    uint64_t slots = bucket_bitmap(moor_load_acquire(&bucket->head));

    while (slots != 0) {
        uint64_t entry =
            moor_load_acquire(bucket_slot(bucket, next_slot(&slots)));

        if (entry != 0 && !entry_alive(map, entry)) {
            model_fail("life %llx has left, and its key is not swept",
                       (unsigned long long)entry_life(entry));
        }
    }
}

/* Not where the map has grown: who copied a share may have copied a key
 * whose owner left meanwhile.  It stays a hint to nobody until an insert needs
 * its room. */
static void judge_map(const struct map *map)
{
    uint64_t level = level_of(map);

    if (level != level_at_first) return;
    for (uint64_t i = 0; i < buckets_at(level); i++)
        judge_bucket(map, map_bucket(map, MAP_ROOT | i * map_bit(level)));
}

void world_end(void)
{
    char text[200];

    judge_records();
    judge_map(&world->paths);
    judge_map(&world->ids);
    if (moor_check(world, true, text, sizeof text) != MOOR_OK) {
        model_fail("%s", text);
    }
    moor_destroy(world);
    world = NULL;
}

/* --- the fibers' own ----------------------------------------------------- */

static void get_ready(void)
{
    if (!reclaim_ready()) model_fail("no memory");
}

/* In place of world_end, when a thread was killed: the counts are right again,
 * and everything can be closed. */
static void recover(void)
{
    char text[200];
    moor_stats stats;

    if (moor_recover(world, NULL) != MOOR_OK ||
        moor_check(world, true, text, sizeof text) != MOOR_OK) {
        model_fail("after recovery: %s", text);
    }
    (void)moor_close(world, moor_root(world), MOOR_CLOSE_TREE, NULL);
    moor_stats_of(world, &stats);
    if (stats.used != 0 || stats.live + stats.idle + stats.tickets != 0 ||
        moor_check(world, true, text, sizeof text) != MOOR_OK) {
        model_fail("after recovery and close: %llu used, %s",
                   (unsigned long long)stats.used, text);
    }
    moor_destroy(world);
    world = NULL;
}

void world_warm_up(void)
{
    static const struct model_case everybody = {
        .name = "warm up",
        .threads = {get_ready, get_ready, get_ready, get_ready},
        .threads_count = MODEL_THREADS_MAX,
    };
    static const struct model_options once = {.mode = MODEL_RANDOM,
                                              .random_count = 1};
    struct model_result result;

    model_recover = recover;
    (void)model_run(&everybody, &once, &result);
}
