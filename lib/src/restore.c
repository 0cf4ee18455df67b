/*
 * From kept agents to a registry.
 *
 * Each is admitted again, in the order of their spawns, to a registry without
 * limits that nobody else has yet; so paths, ids, names and links come about by
 * the same steps as ever.  Then its state is written, and what it is charged
 * with.  One that was closed while others hung below it is there until its path
 * is wanted by a later one, or all are there; then it is closed by adoption, as
 * it was.  In the end come the limits.
 *
 * Alone: all orders are relaxed, and whoever is given the registry gets it from
 * the caller.
 */
#include "moorage/journal.h"

#include <string.h>

#include "moorage/close.h"
#include "charge.h"
#include "grant.h"
#include "id.h"
#include "lease.h"

struct restore {
    moor_registry *books;
    const moor_kept *kept;
    size_t count;
    uint32_t running; /* the limit to come */
    moor_agent *agents;
    moor_restored *outcomes;
};

static const uint8_t phases[MOOR_STATUSES] = {
    [MOOR_STATUS_PENDING_INIT] = WORD_PENDING,
    [MOOR_STATUS_RUNNING] = WORD_RUNNING,
    [MOOR_STATUS_INTERRUPTED] = WORD_INTERRUPTED,
    [MOOR_STATUS_COMPLETED] = WORD_COMPLETED,
    [MOOR_STATUS_ERRORED] = WORD_ERRORED,
    [MOOR_STATUS_SHUTDOWN] = WORD_SHUTDOWN,
};

/* --- one ------------------------------------------------------------------ */

static bool kept_is_right(const moor_kept *kept, size_t which)
{
    return kept->path != NULL && (unsigned)kept->status < MOOR_STATUSES &&
           phases[kept->status] != WORD_FREE &&
           (kept->text != NULL || kept->length == 0) &&
           (kept->parent < which || kept->parent == MOOR_KEPT_ROOT);
}

/* One that was closed has its path still: it leaves now. */
static void make_way(const struct restore *restore, size_t which)
{
    moor_agent owner;

    if (moor_find_path(restore->books, moor_root(restore->books),
                       restore->kept[which].path, &owner) != MOOR_OK) {
        return;
    }
    for (size_t i = 0; i < which; i++) {
        if (restore->agents[i].bits == owner.bits && restore->kept[i].closed) {
            (void)moor_close(restore->books, owner, MOOR_CLOSE_ADOPT, NULL);
        }
    }
}

static moor_error admit_kept(const struct restore *restore, size_t which,
                        life *ticket)
{
    const moor_kept *kept = &restore->kept[which];
    const char *slash = strrchr(kept->path, '/');
    const moor_spawn_options options = {
        .parent = kept->parent == MOOR_KEPT_ROOT
                      ? moor_root(restore->books)
                      : restore->agents[kept->parent],
        .name = slash == NULL ? kept->path : slash + 1,
        .role = kept->role, /* an empty one is none */
        /* Not null: it would be drawn. */
        .nickname = kept->nickname == NULL ? "" : kept->nickname,
        .id = &kept->id,
        .ttl_ms = kept->ttl_ms};
    moor_error error;

    if ((options.role != NULL && strnlen(options.role, MOOR_ROLE_MAX + 1) >
                                     MOOR_ROLE_MAX) ||
        strnlen(options.nickname, MOOR_NICKNAME_TEXT) == MOOR_NICKNAME_TEXT) {
        return MOOR_BAD_ARGUMENT;
    }
    make_way(restore, which);
    error = grant_ticket(restore->books, &options, ticket, NULL);
    if (error != MOOR_OK) {
        return error;
    }
    return plate_has_path(record_plate(books_record(restore->books, *ticket)),
                          kept->path, strlen(kept->path))
               ? MOOR_OK
               : MOOR_PATH_MISMATCH;
}

/* Its state, as it was; *outcome says what became of it. */
static uint64_t kept_state(const struct restore *restore, const moor_kept *kept,
                         uint32_t text, uint64_t word, moor_restored *outcome)
{
    uint64_t unloaded = word_with_residence(word & ~WORD_SLOT, WORD_NOT_LOADED);
    bool fits = slots_look(&restore->books->running).used <= restore->running;

    *outcome = MOOR_RESTORED_IDLE;
    if (kept->closed) {
        *outcome = MOOR_RESTORED_CLOSED;
        return word_with_phase(unloaded, WORD_SHUTDOWN);
    }
    if (kept->status == MOOR_STATUS_PENDING_INIT ||
        kept->status == MOOR_STATUS_RUNNING) {
        *outcome = fits ? MOOR_RESTORED_LIVE : MOOR_RESTORED_INTERRUPTED;
        return fits ? word_with_phase(
                          word, (enum word_phase)phases[kept->status])
                    : word_with_phase(unloaded, WORD_INTERRUPTED);
    }
    return word_with_phase(unloaded, (enum word_phase)phases[kept->status]) |
           text;
}

static moor_error restore_one(const struct restore *restore, size_t which)
{
    moor_registry *books = restore->books;
    const moor_kept *kept = &restore->kept[which];
    struct record *record;
    uint32_t text = WORD_NO_TEXT;
    uint64_t word;
    life ticket;
    moor_error error = admit_kept(restore, which, &ticket);

    if (error != MOOR_OK) {
        return error;
    }
    if (!text_make(&books->texts, kept->text, kept->length, &text)) {
        return MOOR_NO_MEMORY;
    }
    record = books_record(books, ticket);
    word = kept_state(restore, kept, text, moor_load_relaxed(&record->state),
                    &restore->outcomes[which]);
    if ((word & WORD_TEXT) != text) {
        text_drop(&books->texts, text);
    }
    moor_store_relaxed(&record->state, word); /* alone */
    moor_store_relaxed(&record_plate(record)->turn, kept->turn); /* alone */
    if (!word_has_slot(word)) {
        charge_give(books);
        slots_give(&books->resident);
    }
    restore->agents[which].bits = ticket;
    return MOOR_OK;
}

/* --- all ------------------------------------------------------------------ */

static void close_the_closed(const struct restore *restore)
{
    for (size_t i = 0; i < restore->count; i++) {
        if (restore->kept[i].closed) {
            (void)moor_close(restore->books, restore->agents[i],
                             MOOR_CLOSE_ADOPT, NULL);
        }
    }
}

/* Not before: an admission ends what has expired. */
static void begin_leases(const struct restore *restore)
{
    for (size_t i = 0; i < restore->count; i++) {
        if (restore->kept[i].ttl_ms != 0 &&
            restore->outcomes[i] == MOOR_RESTORED_LIVE) {
            lease_begin(restore->books, restore->agents[i].bits);
            lease_enter(restore->books, restore->agents[i].bits);
        }
    }
}

/* Nothing has changed yet. */
static void forget_changes(moor_registry *books)
{
    moor_changed changed[64];
    size_t count = books->journal != NULL ? 1 : 0;
    bool behind;

    while (count > 0) {
        (void)moor_changes(books, changed, 64, &count, &behind);
        for (size_t i = 0; i < count; i++) {
            (void)moor_change_done(books, &changed[i]);
        }
    }
    memset(&books->stats, 0, sizeof books->stats);
    slots_forget_most(&books->running);
    slots_forget_most(&books->resident);
}

static moor_error restore_all(const struct restore *restore, size_t *wrong)
{
    for (*wrong = 0; *wrong < restore->count; ++*wrong) {
        moor_error error = kept_is_right(&restore->kept[*wrong], *wrong)
                               ? restore_one(restore, *wrong)
                               : MOOR_BAD_ARGUMENT;

        if (error != MOOR_OK) {
            return error;
        }
    }
    close_the_closed(restore);
    begin_leases(restore);
    return MOOR_OK;
}

static moor_error create_limitless(const moor_config *config,
                                   moor_registry **registry)
{
    moor_config limitless = *config;

    for (int i = 0; i < MOOR_LIMITS; i++) {
        limitless.limits[i] = MOOR_UNLIMITED;
    }
    return moor_create(&limitless, registry);
}

static void set_all_limits(moor_registry *books, const moor_config *config)
{
    for (int i = 0; i < MOOR_LIMITS; i++) {
        (void)moor_set_limit(books, (moor_limit)i, config->limits[i]);
    }
}

moor_error moor_restore(const moor_config *config, const moor_kept *kept,
                        size_t count, uint64_t turn, uint64_t lifetime,
                        moor_registry **registry, moor_agent *agents,
                        moor_restored *outcomes, size_t *wrong)
{
    struct restore restore = {.kept = kept,
                              .count = count,
                              .agents = agents,
                              .outcomes = outcomes};
    moor_config defaults;
    size_t place;
    moor_error error;

    moor_config_default(&defaults);
    config = config == NULL ? &defaults : config;
    if (registry == NULL || (count > 0 && (kept == NULL || agents == NULL ||
                                           outcomes == NULL))) {
        return MOOR_BAD_ARGUMENT;
    }
    error = create_limitless(config, &restore.books);
    if (error != MOOR_OK) {
        return error;
    }
    restore.running = config->limits[MOOR_LIMIT_RUNNING];
    error = restore_all(&restore, wrong == NULL ? &place : wrong);
    if (error != MOOR_OK) {
        moor_destroy(restore.books);
        return error;
    }
    forget_changes(restore.books);
    total_set_used(&restore.books->lifetime, lifetime);
    moor_store_relaxed(&restore.books->turn, turn); /* alone */
    set_all_limits(restore.books, config);
    *registry = restore.books;
    return MOOR_OK;
}

uint64_t moor_lifetime_used(const moor_registry *registry)
{
    return registry == NULL ? 0 : total_look(&registry->lifetime).used;
}

uint64_t moor_turn_now(const moor_registry *registry)
{
    /* relaxed: a figure, of one instant. */
    return registry == NULL ? 0 : moor_load_relaxed(&registry->turn);
}
