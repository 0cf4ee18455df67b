#include "ceilings.h"

#include "lease.h"

static struct ceilings_met met(moor_limit limit, uint32_t value, uint64_t used)
{
    return (struct ceilings_met){limit, value, used};
}

/* No limit reads as a number that nothing reaches. */
static uint64_t bound(uint32_t limit)
{
    return limit == MOOR_UNLIMITED ? UINT64_MAX : limit;
}

struct ceilings_met ceilings_look(const moor_registry *books,
                                  const struct record *parent, uint32_t depth)
{
    struct slots_view running = slots_look(&books->running);
    struct slots_view resident = slots_look(&books->resident);
    struct total_view lifetime = total_look(&books->lifetime);
    uint64_t children = tree_children(parent);
    /* acquire: at least the limit of the last set_limit that returned. */
    uint32_t depth_limit = (uint32_t)moor_load_acquire(&books->depth_limit);
    uint32_t children_limit =
        (uint32_t)moor_load_acquire(&books->tree.children_limit);

    if (depth > bound(depth_limit)) {
        return met(MOOR_LIMIT_DEPTH, depth_limit, depth - 1);
    }
    if (children >= bound(children_limit)) {
        return met(MOOR_LIMIT_CHILDREN, children_limit, children);
    }
    if (lifetime.used >= bound(lifetime.limit)) {
        return met(MOOR_LIMIT_LIFETIME, lifetime.limit, lifetime.used);
    }
    if (slots_view_is_full(resident)) {
        return met(MOOR_LIMIT_RESIDENT, resident.limit, resident.used);
    }
    if (books->release != MOOR_ON_RESERVE && slots_view_is_full(running)) {
        return met(MOOR_LIMIT_RUNNING, running.limit, running.used);
    }
    return met(MOOR_LIMITS, 0, 0);
}

struct ceilings_met ceilings_judge(moor_registry *books,
                                   const struct record *parent, uint32_t depth)
{
    struct ceilings_met full = ceilings_look(books, parent, depth);

    return full.limit == MOOR_LIMIT_RUNNING && lease_end_all(books) > 0
               ? ceilings_look(books, parent, depth)
               : full;
}
