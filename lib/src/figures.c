/*
 * Figures: what is used of what, and what was counted.
 */
#include "ceilings.h"
#include "fence.h"
#include "held.h"
#include "moorage/read.h"
#include "walk.h"

/* Slots that an admission under on_reserve would take from idle agents. */
static uint64_t count_reapable(const moor_registry *books)
{
    uint32_t end = books_end(books);
    uint64_t reapable = 0;

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;

        reapable += walk_at(books, i, &word) != 0 && word_may_release(word);
    }
    return reapable;
}

static void fill_uses(const moor_registry *books, life parent, uint32_t depth,
                      moor_capacity *capacity)
{
    struct slots_view running = slots_look(&books->running);
    struct slots_view resident = slots_look(&books->resident);
    struct total_view lifetime = total_look(&books->lifetime);

    capacity->of[MOOR_LIMIT_RESIDENT] =
        (moor_use){resident.used, resident.limit};
    capacity->of[MOOR_LIMIT_RUNNING] = (moor_use){running.used, running.limit};
    capacity->of[MOOR_LIMIT_DEPTH] = (moor_use){
        depth, (uint32_t)moor_load_acquire(&books->depth_limit)};
    capacity->of[MOOR_LIMIT_CHILDREN] = (moor_use){
        tree_children(books_record(books, parent)),
        (uint32_t)moor_load_acquire(&books->tree.children_limit)};
    capacity->of[MOOR_LIMIT_LIFETIME] =
        (moor_use){lifetime.used, lifetime.limit};
}

static void fill_would(const moor_registry *books, life parent, uint32_t depth,
                       moor_capacity *capacity)
{
    struct ceilings_met met =
        ceilings_look(books, books_record(books, parent), depth + 1);
    const moor_use *running = &capacity->of[MOOR_LIMIT_RUNNING];

    /* Full, though not for ceilings_look: under on_reserve. */
    if (met.limit == MOOR_LIMITS && running->used >= running->limit &&
        running->used >= running->limit + count_reapable(books)) {
        met.limit = MOOR_LIMIT_RUNNING;
    }
    capacity->would = met.limit == MOOR_LIMITS ? MOOR_OK : MOOR_REFUSED;
    capacity->would_limit = met.limit;
}

moor_error moor_capacity_of(moor_registry *registry, moor_agent parent,
                            moor_capacity *capacity)
{
    life which;
    uint32_t depth;
    uint64_t word;
    moor_error error;

    if (registry == NULL || capacity == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    which = books_parent(registry, parent);
    error = books_agent(registry, which, &word);
    if (error != MOOR_OK) {
        return error;
    }
    depth = place_depth(
        moor_load_acquire(&books_record(registry, which)->place)); /* R1 */
    error = fence_look(registry, which, false);
    if (error != MOOR_OK && error != MOOR_FENCED) {
        return error; /* it has left meanwhile */
    }
    fill_uses(registry, which, depth, capacity);
    fill_would(registry, which, depth, capacity);
    if (error == MOOR_FENCED) {
        capacity->would = MOOR_FENCED;
    }
    /* What was read of its record was this agent's if it is there still. */
    return books_agent(registry, which, &word);
}

/* --- counters ------------------------------------------------------------- */

static void count_one(uint64_t word, moor_stats *stats)
{
    if (word_is_ticket(word)) {
        stats->tickets++;
    } else if (word_is_idle(word)) {
        stats->idle++;
    } else {
        stats->live++; /* one whose end is not to be seen yet counts as live */
    }
}

/* Of the slots and of the residents: how many now, and at most. */
static void fill_used(moor_registry *books, moor_stats *stats)
{
    uint32_t used = slots_look(&books->running).used;
    uint32_t resident = slots_look(&books->resident).used;

    stats->used = used;
    stats->used_most = slots_most(&books->running, used);
    stats->resident = resident;
    stats->resident_most = slots_most(&books->resident, resident);
}

moor_error moor_stats_of(moor_registry *registry, moor_stats *stats)
{
    const struct stats *counted;
    uint32_t end;

    if (registry == NULL || stats == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    counted = &registry->stats;
    *stats = (moor_stats){
        .waiting = queue_length(&registry->queue),
        .turn = moor_load_acquire(&registry->turn),
        .spawned = stats_sum(counted, STATS_SPAWNED),
        .completed = stats_sum(counted, STATS_COMPLETED),
        .closed = stats_sum(counted, STATS_CLOSED),
        .reaped = stats_sum(counted, STATS_REAPED),
        .released = stats_sum(counted, STATS_RELEASED),
        .unfreed = reclaim_unfreed(),
    };
    fill_used(registry, stats);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        stats->refused[i] =
            stats_sum(counted, (enum stats_counter)(STATS_REFUSED + i));
    }
    end = books_end(registry);
    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;

        if (walk_at(registry, i, &word) != 0) {
            count_one(word, stats);
        }
    }
    return MOOR_OK;
}

moor_error moor_times_of(moor_registry *registry, moor_times *waited,
                         moor_times *held)
{
    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    if (waited != NULL) {
        times_sum(queue_times(&registry->queue), waited);
    }
    if (held != NULL) {
        times_sum(registry->held == NULL ? NULL : &registry->held->times, held);
    }
    return MOOR_OK;
}
