/*
 * Making and ending a registry, and its settings.
 */
#include "books.h"

#include <stdlib.h>
#include <string.h>

#include "annex.h"
#include "block.h"
#include "charge.h"
#include "clock.h"
#include "held.h"
#include "journal.h"
#include "names.h"
#include "plant.h"
#include "random.h"
#include "use.h"
#include "wheel.h"

/* Salts lie in the lower half, so that a record has many lives before it. */
#define SALTS (LIFE_GENERATION_MAX / 2)

void moor_config_default(moor_config *config)
{
    if (config == NULL) {
        return;
    }
    *config = (moor_config){.release = MOOR_ON_COMPLETION,
                            .close_rule = MOOR_CASCADE};
    for (int i = 0; i < MOOR_LIMITS; i++) {
        config->limits[i] = MOOR_UNLIMITED;
    }
    config->limits[MOOR_LIMIT_RUNNING] = 6;
    config->queue = 64;
}

static bool nicknames_ok(const char *const *names, size_t count)
{
    if (count > 0 && names == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i] == NULL || !names_text_ok(names[i], MOOR_NICKNAME_MAX)) {
            return false;
        }
    }
    return true;
}

static bool role_ok(const moor_config *config, size_t which)
{
    const moor_role *role = &config->roles[which];

    if (role->name == NULL || !names_text_ok(role->name, MOOR_ROLE_MAX) ||
        !nicknames_ok(role->nicknames, role->nicknames_count)) {
        return false;
    }
    for (size_t i = 0; i < which; i++) {
        if (strcmp(config->roles[i].name, role->name) == 0) {
            return false;
        }
    }
    return true;
}

static bool config_ok(const moor_config *config)
{
    if ((unsigned)config->release >= MOOR_RELEASES ||
        (unsigned)config->close_rule >= MOOR_CLOSE_RULES ||
        config->queue > MOOR_QUEUE_MAX ||
        !nicknames_ok(config->nicknames, config->nicknames_count) ||
        (config->roles_count > 0 && config->roles == NULL)) {
        return false;
    }
    for (size_t i = 0; i < config->roles_count; i++) {
        if (!role_ok(config, i)) {
            return false;
        }
    }
    return true;
}

static bool make_roles(moor_registry *books, const moor_config *config)
{
    if (config->roles_count == 0) {
        return true;
    }
    books->roles = calloc(config->roles_count, sizeof *books->roles);
    if (books->roles == NULL) {
        return false;
    }
    for (size_t i = 0; i < config->roles_count; i++) {
        const moor_role *role = &config->roles[i];

        books->roles_count = i + 1;
        books->roles[i].role = strdup(role->name);
        if (books->roles[i].role == NULL ||
            !nickname_init(&books->roles[i].nicknames, role->nicknames,
                           role->nicknames_count)) {
            return false;
        }
    }
    return true;
}

/* The root's record: index 0, there from the start. */
static bool make_root(moor_registry *books)
{
    const uint64_t path = hash_tail("/root", sizeof "/root" - 1);
    const struct plate_names names = {
        .path = &path, .path_length = sizeof "/root" - 1, .segments = 1};
    struct plate *plate = (struct plate *)(void *)books->root_plate;
    struct record *record;

    if (!arena_prepare(&books->records) ||
        (books->events && !annex_make(books, books->root))) {
        return false;
    }
    plate_write(plate, &names);
    record = record_at(&books->records, 0);
    tree_begin(record, books->first_generation);
    moor_store_relaxed(&record->stamp, stamp_of(clock_coarse_ms(), 0));
    moor_pointer_release(&record->plate, plate);
    moor_store_release(&record->state,
                       word_make(books->first_generation, WORD_RUNNING));
    return true;
}

static void make_words(moor_registry *books, const moor_config *config)
{
    const uint32_t *limits = config->limits;

    for (size_t i = 0; i < sizeof books->key.word / sizeof(uint64_t); i++) {
        books->key.word[i] = random_seed();
    }
    books->first_generation = 1 + random_seed() % SALTS;
    books->root = life_of(books->first_generation, 0);
    books->release = MOOR_PLANTED(54) ? MOOR_ON_CLOSE /* only a close gives */
                                      : config->release;
    books->close_rule = config->close_rule;
    books->events = config->events;
    books->on_release = config->on_release;
    books->on_release_context = config->on_release_context;
    books->tells = config->events || config->on_release != NULL ||
                   config->journal || config->measure_held;
    /* relaxed: whoever made the registry publishes it. */
    moor_store_relaxed(&books->depth_limit, limits[MOOR_LIMIT_DEPTH]);
    slots_init(&books->running, limits[MOOR_LIMIT_RUNNING]);
    slots_init(&books->resident, limits[MOOR_LIMIT_RESIDENT]);
    moor_store_relaxed(&books->tracks_use,
                       config->track_use ||
                           limits[MOOR_LIMIT_RESIDENT] != MOOR_UNLIMITED);
    total_init(&books->lifetime, limits[MOOR_LIMIT_LIFETIME]);
    arena_init(&books->records, sizeof(struct record),
               offsetof(struct record, stamp), 1, TREE_RECORDS_MAX);
    arena_use_stacks(&books->records, books->vacant, BOOKS_STACKS);
    arena_init(&books->annexes, sizeof(struct annex), 0, 1, TREE_RECORDS_MAX);
    text_init(&books->texts);
    tree_init(&books->tree, &books->records, books->root,
              limits[MOOR_LIMIT_CHILDREN]);
    event_init(&books->event);
    queue_init(&books->queue, config->queue);
}

static bool make_all(moor_registry *books, const moor_config *config)
{
    make_words(books, config);
    return reclaim_ready() && (!config->journal || journal_make(books)) &&
           (!config->measure_held || held_make(books)) &&
           map_init(&books->paths, &map_by_path, &books->key,
                    &books->records) &&
           map_init(&books->ids, &map_by_id, &books->key, &books->records) &&
           make_root(books) &&
           nickname_init(&books->nicknames, config->nicknames,
                         config->nicknames_count) &&
           make_roles(books, config);
}

moor_error moor_create(const moor_config *config, moor_registry **registry)
{
    moor_config defaults;
    moor_registry *books;
    struct map_key key;

    moor_config_default(&defaults);
    config = config == NULL ? &defaults : config;
    if (registry == NULL || !config_ok(config)) {
        return MOOR_BAD_ARGUMENT;
    }
    books = aligned_alloc(MOOR_APART, sizeof *books);
    if (books == NULL) {
        return MOOR_NO_MEMORY;
    }
    memset(books, 0, sizeof *books);
    if (!make_all(books, config)) {
        moor_destroy(books);
        return MOOR_NO_MEMORY;
    }
    map_key_set_path(&key, &books->key, "/root", sizeof "/root" - 1);
    if (map_insert(&books->paths, &key, books->root) != MOOR_OK) {
        moor_destroy(books);
        return MOOR_NO_MEMORY;
    }
    *registry = books;
    return MOOR_OK;
}

void moor_destroy(moor_registry *registry)
{
    if (registry == NULL) {
        return;
    }
    /* relaxed throughout: the last call, alone. */
    bell_destroy(&registry->bell);
    plate_destroy(&registry->plates);
    map_destroy(&registry->paths);
    map_destroy(&registry->ids);
    text_destroy(&registry->texts);
    tree_destroy(&registry->tree);
    arena_destroy(&registry->records);
    arena_destroy(&registry->annexes);
    queue_destroy(&registry->queue);
    wheel_free((struct wheel *)moor_pointer_relaxed(&registry->wheel));
    nickname_destroy(&registry->nicknames);
    for (size_t i = 0; i < registry->roles_count; i++) {
        free(registry->roles[i].role);
        nickname_destroy(&registry->roles[i].nicknames);
    }
    free(registry->roles);
    journal_free(registry);
    held_free(registry);
    free(registry);
}

moor_agent moor_root(const moor_registry *registry)
{
    return (moor_agent){registry == NULL ? 0 : registry->root};
}

moor_error moor_set_limit(moor_registry *registry, moor_limit which,
                          uint32_t value)
{
    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    switch (which) {
    case MOOR_LIMIT_RUNNING:
        charge_set_limit(registry, value);
        break;
    case MOOR_LIMIT_RESIDENT:
        slots_set_limit(&registry->resident, value);
        if (value != MOOR_UNLIMITED && !use_is_tracked(registry)) {
            use_track(registry);
        }
        break;
    case MOOR_LIMIT_DEPTH:
        /* release: who goes by it sees what led to it; seq_cst: whoever looks
         * after this call finds nothing of that depth but what is there. */
        (void)moor_exchange_seq_cst(&registry->depth_limit, value);
        break;
    case MOOR_LIMIT_CHILDREN:
        (void)moor_exchange_seq_cst(&registry->tree.children_limit, value);
        break;
    case MOOR_LIMIT_LIFETIME:
        total_set_limit(&registry->lifetime, value);
        break;
    case MOOR_LIMITS:
    default:
        return MOOR_BAD_ARGUMENT;
    }
    journal_tell(registry);
    return MOOR_OK;
}

moor_error moor_turn_begin(moor_registry *registry, uint64_t *turn)
{
    uint64_t now;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    now = moor_add_acq_rel(&registry->turn, 1) + 1;
    journal_tell(registry);
    if (turn != NULL) {
        *turn = now;
    }
    return MOOR_OK;
}
