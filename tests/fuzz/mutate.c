#include "mutate.h"

#include <string.h>

enum { FRESH_MOST = 512, CHANGES_MOST = 8, RUN_MOST = 64 };

/* splitmix64 */
uint64_t chance_next(struct chance *chance)
{
    uint64_t mixed = chance->state += 0x9e3779b97f4a7c15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

static size_t below(struct chance *chance, size_t bound)
{
    return (size_t)(chance_next(chance) % bound);
}

struct draft {
    uint8_t *at;
    size_t size, room;
};

/* Opens a gap of at most `size` bytes; answers how many there was room for. */
static size_t open_gap(struct draft *draft, size_t where, size_t size)
{
    size = size < draft->room - draft->size ? size : draft->room - draft->size;
    memmove(draft->at + where + size, draft->at + where, draft->size - where);
    draft->size += size;
    return size;
}

static void insert(struct draft *draft, size_t where, const uint8_t *bytes,
                   size_t size)
{
    uint8_t copy[RUN_MOST];

    size = size < sizeof copy ? size : sizeof copy;
    memcpy(copy, bytes, size); /* it may come from the draft itself */
    memcpy(draft->at + where, copy, open_gap(draft, where, size));
}

static void insert_fresh(struct chance *chance, struct draft *draft)
{
    uint8_t fresh[RUN_MOST];
    size_t size = 1 + below(chance, 8);

    for (size_t i = 0; i < size; i++) {
        fresh[i] = (uint8_t)chance_next(chance);
    }
    insert(draft, below(chance, draft->size + 1), fresh, size);
}

static void cut(struct chance *chance, struct draft *draft)
{
    size_t where = below(chance, draft->size);
    size_t size = 1 + below(chance, RUN_MOST);

    size = size < draft->size - where ? size : draft->size - where;
    memmove(draft->at + where, draft->at + where + size,
            draft->size - where - size);
    draft->size -= size;
}

static void repeat(struct chance *chance, struct draft *draft)
{
    size_t from = below(chance, draft->size);
    size_t size = 1 + below(chance, RUN_MOST);

    size = size < draft->size - from ? size : draft->size - from;
    insert(draft, below(chance, draft->size + 1), draft->at + from, size);
}

/* The rest becomes that of another input. */
static void splice(struct chance *chance, const struct pool *corpus,
                   struct draft *draft)
{
    const struct bytes *other = &corpus->all[below(chance, corpus->count)];
    size_t from = below(chance, other->size + 1);
    size_t size = other->size - from;

    draft->size = below(chance, draft->size + 1);
    size = size < draft->room - draft->size ? size : draft->room - draft->size;
    if (size > 0) {
        memcpy(draft->at + draft->size, other->at + from, size);
    }
    draft->size += size;
}

static void change(struct chance *chance, const struct pool *words,
                   struct draft *draft)
{
    size_t kind = below(chance, words->count > 0 ? 8 : 6);
    size_t where = draft->size > 0 ? below(chance, draft->size) : 0;
    const struct bytes *word =
        words->count > 0 ? &words->all[below(chance, words->count)] : NULL;

    if (draft->size == 0 || kind == 0) {
        insert_fresh(chance, draft);
    } else if (kind == 1) {
        draft->at[where] ^= (uint8_t)(1U << below(chance, 8));
    } else if (kind == 2) {
        draft->at[where] = (uint8_t)chance_next(chance);
    } else if (kind == 3) {
        draft->at[where] = (uint8_t)(draft->at[where] + below(chance, 9) - 4);
    } else if (kind == 4) {
        cut(chance, draft);
    } else if (kind == 5) {
        repeat(chance, draft);
    } else {
        insert(draft, where, word->at, word->size);
    }
}

size_t mutate(struct chance *chance, const struct pool *corpus,
              const struct pool *words, uint8_t *to, size_t room)
{
    struct draft draft = {to, 0, room};
    size_t changes = 1 + below(chance, CHANGES_MOST);

    if (corpus->count == 0 || below(chance, 8) == 0) {
        draft.size = 1 + below(chance, FRESH_MOST);
        draft.size = draft.size < room ? draft.size : room;
        for (size_t i = 0; i < draft.size; i++) {
            to[i] = (uint8_t)chance_next(chance);
        }
        return draft.size;
    }
    splice(chance, corpus, &draft);
    if (below(chance, 4) != 0) { /* whole, most of the time */
        const struct bytes *base = &corpus->all[below(chance, corpus->count)];

        draft.size = base->size < room ? base->size : room;
        memcpy(to, base->at, draft.size);
    }
    for (size_t i = 0; i < changes; i++) {
        change(chance, words, &draft);
    }
    return draft.size;
}
