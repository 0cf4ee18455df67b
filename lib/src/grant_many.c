/*
 * Several admissions, all or none, in the steps of one (grant.c): all are
 * prepared, one after the other; then lifetime and running slots are charged,
 * each for all of them in one swap; then all are shown.
 *
 * So nobody else is refused a running slot that is then given back, and of two
 * calls that cannot both be granted one is: the one whose swap comes first.
 *
 * What fails on the way undoes them all.  Only a fence, or a limit of depth
 * that was lowered, can fail behind the charge.
 */
#include "grant.h"

#include "charge.h"
#include "clock.h"
#include "grant_inner.h"
#include "held.h"
#include "lease.h"
#include "leave.h"
#include "plant.h"
#include "refusal.h"

struct several {
    moor_registry *books;
    moor_refusal *refusal;
    size_t count;
    struct grant of[MOOR_SPAWN_MANY_MAX];
};

/* --- undo ----------------------------------------------------------------- */

/* So many of them are prepared. */
static void undo_prepared(struct several *all, size_t prepared)
{
    while (prepared > MOOR_PLANTED(93)) { /* planted: forget the first */
        grant_undo(&all->of[--prepared]);
    }
}

/* They are charged, and so many of them were shown. */
static void undo_charged(struct several *all, size_t shown)
{
    for (size_t i = 0; i < all->count; i++) {
        struct grant *grant = &all->of[i];

        if (i >= shown) {
            grant_undo(grant);
            if (!MOOR_PLANTED(94)) { /* keep its slot */
                charge_give(all->books);
            }
        } else if (!MOOR_PLANTED(95) || i + 1 == shown) { /* the last only */
            grant_withdraw(grant);
        }
    }
}

/* --- steps ---------------------------------------------------------------- */

/* Each is judged with those before it in place: their names are taken, their
 * children are counted. */
static moor_error prepare_all(struct several *all,
                              const moor_spawn_options *options)
{
    uint64_t path[NAMING_WORDS];

    for (size_t i = 0; i < all->count; i++) {
        struct grant *grant = &all->of[i];
        moor_error error;

        grant_begin(grant, all->books, &options[i], path, all->refusal);
        error = grant_prepare(grant);
        if (error != MOOR_OK) {
            undo_prepared(all, i);
            return error;
        }
    }
    return MOOR_OK;
}

static moor_error refuse_all(const struct several *all, moor_limit limit,
                             uint32_t value, uint64_t used)
{
    return refusal_make(all->books, limit, value, used, all->of[0].parent,
                        all->refusal);
}

/* The numbers of the charge are theirs, in the order of the options. */
static void stamp_all(struct several *all, uint32_t first)
{
    uint64_t now = clock_coarse_ms();

    for (uint32_t i = 0; i < all->count; i++) {
        uint32_t number = (first + i) % (1U << TOTAL_NUMBER_BITS);

        all->of[i].counted = true;
        grant_stamp(&all->of[i], stamp_of(now, number));
    }
}

static moor_error charge_all(struct several *all)
{
    moor_registry *books = all->books;
    uint32_t count = (uint32_t)all->count;
    struct total_view lifetime;
    struct slots_view resident, running;

    if (!total_take_many(&books->lifetime, count, &lifetime)) {
        return refuse_all(all, MOOR_LIMIT_LIFETIME, lifetime.limit,
                          lifetime.used);
    }
    stamp_all(all, lifetime.number);
    if (!slots_take_many(&books->resident, count, &resident)) {
        return refuse_all(all, MOOR_LIMIT_RESIDENT, resident.limit,
                          resident.used);
    }
    for (uint32_t i = 0; i < count; i++) {
        all->of[i].resident = true;
    }
    if (!charge_running_many(books, count, &running)) {
        return refuse_all(all, MOOR_LIMIT_RUNNING, running.limit, running.used);
    }
    for (uint32_t i = 0; i < count; i++) {
        held_begin(books, all->of[i].which);
    }
    slots_note(&books->resident, resident.used + count);
    return MOOR_OK;
}

static moor_error show_all(struct several *all)
{
    moor_error error = MOOR_OK;
    size_t shown = 0;

    while (error == MOOR_OK && shown < all->count) {
        error = grant_show(&all->of[shown++]);
    }
    for (size_t i = 0; i < shown; i++) {
        naming_settle(&all->of[i].naming, error == MOOR_OK, all->of[i].drawn);
    }
    if (error != MOOR_OK) {
        undo_charged(all, shown);
    }
    return error;
}

moor_error grant_many(moor_registry *books, const moor_spawn_options *options,
                      size_t count, life *tickets, moor_refusal *refusal)
{
    struct several all; /* all of it is written before it is read */
    moor_error error;

    lease_end_due(books);
    all.books = books;
    all.refusal = refusal;
    all.count = count;
    error = prepare_all(&all, options);
    if (error != MOOR_OK) {
        return error;
    }
    error = charge_all(&all);
    if (error != MOOR_OK) {
        undo_prepared(&all, count);
        return error;
    }
    error = show_all(&all);
    for (size_t i = 0; error == MOOR_OK && i < count; i++) {
        tickets[i] = all.of[i].which;
    }
    return error;
}
