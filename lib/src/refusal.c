#include "refusal.h"

#include "clock.h"
#include "trace.h"
#include "walk.h"

/* A holder with its stamp, oldest first. */
struct found {
    uint64_t stamp;
    uint64_t word;
    life which;
};

struct search {
    const moor_registry *books;
    moor_limit limit;
    life parent;
    struct found oldest[MOOR_HOLDERS_MAX];
    uint32_t count;
};

/* Keeps the oldest ones, by insertion. */
static void keep(struct search *search, struct found found)
{
    uint32_t at = search->count;

    if (at == MOOR_HOLDERS_MAX) {
        if (!stamp_is_older(found.stamp, search->oldest[--at].stamp)) {
            return;
        }
    } else {
        search->count++;
    }
    for (; at > 0 && stamp_is_older(found.stamp, search->oldest[at - 1].stamp);
         at--) {
        search->oldest[at] = search->oldest[at - 1];
    }
    search->oldest[at] = found;
}

static bool holds(const struct search *search, life which, uint64_t word)
{
    if (search->limit == MOOR_LIMIT_RUNNING) {
        /* One that is ending has its slot still in the count, perhaps. */
        return word_has_slot(word) || word_is_ending(word);
    }
    if (search->limit == MOOR_LIMIT_RESIDENT) {
        return word_is_resident(word);
    }
    return tree_parent(&search->books->tree, which) == search->parent;
}

static void look_at(struct search *search, uint32_t index)
{
    const struct record *record = record_at(&search->books->records, index);
    struct found found;
    uint64_t again;

    found.which = walk_at(search->books, index, &found.word);
    if (found.which == 0 || !holds(search, found.which, found.word)) {
        return;
    }
    found.stamp = moor_load_acquire(&record->stamp);
    /* acquire, R1: the same life still, so parent and stamp were its own. */
    again = moor_load_acquire(&record->state);
    if (record_is_taken(again, found.which)) {
        keep(search, found);
    }
}

/* A live one is idle first. */
static moor_freed_by residency_freed_by(uint64_t word)
{
    if (!word_is_idle(word)) {
        return MOOR_FREED_BY_FINISH;
    }
    switch (word_residence(word)) {
    case WORD_PINNED:
        return MOOR_FREED_BY_UNPIN;
    case WORD_CLAIMED:
        return MOOR_FREED_BY_UNLOADED;
    default:
        return MOOR_FREED_BY_EVICT;
    }
}

static moor_freed_by freed_by(const struct search *search, uint64_t word)
{
    moor_release release = search->books->release;

    if (word_is_ticket(word)) {
        return MOOR_FREED_BY_ABANDON;
    }
    if (search->limit == MOOR_LIMIT_RESIDENT) {
        return residency_freed_by(word);
    }
    if (search->limit == MOOR_LIMIT_CHILDREN || release == MOOR_ON_CLOSE) {
        return MOOR_FREED_BY_CLOSE;
    }
    if (word_is_idle(word) && release == MOOR_ON_TURN_END) {
        return MOOR_FREED_BY_TURN_END;
    }
    return MOOR_FREED_BY_FINISH;
}

static moor_holder holder_of(const struct search *search,
                             const struct found *found, uint64_t now)
{
    uint64_t then = stamp_ms(found->stamp);
    moor_holder holder = {.status = word_status(found->word),
                          .freed_by = freed_by(search, found->word),
                          .age_ms = now > then ? now - then : 0};

    if (word_is_ticket(found->word)) {
        holder.ticket.bits = found->which;
    } else {
        holder.agent.bits = found->which;
    }
    return holder;
}

static void find_holders(struct search *search, moor_refusal *refusal)
{
    uint32_t end = books_end(search->books);
    uint64_t now = clock_coarse_ms();

    for (uint32_t i = 1; i < end; i++) {
        look_at(search, i);
    }
    for (uint32_t i = 0; i < search->count; i++) {
        refusal->holders[i] = holder_of(search, &search->oldest[i], now);
    }
    refusal->holders_count = search->count;
}

moor_error refusal_make(moor_registry *books, moor_limit limit,
                        uint32_t limit_value, uint64_t used, life parent,
                        moor_refusal *refusal)
{
    struct search search = {.books = books, .limit = limit, .parent = parent};

    stats_add(&books->stats,
              (enum stats_counter)(STATS_REFUSED + (int)limit), 1);
    MOOR_TRACE(refusal, limit);
    if (refusal == NULL) {
        return MOOR_REFUSED;
    }
    *refusal = (moor_refusal){
        .limit = limit, .limit_value = limit_value, .used = used};
    if (limit != MOOR_LIMIT_DEPTH && limit != MOOR_LIMIT_LIFETIME) {
        find_holders(&search, refusal);
    }
    return MOOR_REFUSED;
}
