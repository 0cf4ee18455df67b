#include "wheel.h"

#include "backoff.h"
#include "block.h"
#include "plant.h"

struct wheel_node {
    moor_word link; /* keeps its version while the node is vacant */
    moor_word which;
    moor_word look;  /* when it is to be looked at */
    moor_word below; /* the arena's, while it is vacant */
};

#define INDEX LIFE_INDEX_MAX
#define VERSION (UINT64_C(1) << LIFE_INDEX_BITS)
#define NEXT_VERSIONS 22
#define NEVER (UINT64_MAX >> NEXT_VERSIONS)

static struct wheel_node *wheel_node_at(const struct wheel *wheel,
                                        uint64_t word)
{
    return (struct wheel_node *)arena_at(
        &wheel->nodes, (uint32_t)(word & INDEX), sizeof(struct wheel_node));
}

/* The word's successor, naming that node. */
static uint64_t naming_node(uint64_t word, uint64_t node)
{
    return ((word & ~(uint64_t)INDEX) + VERSION) | (node & INDEX);
}

/* --- making --------------------------------------------------------------- */

static bool make_queue(struct wheel *wheel, struct wheel_queue *queue)
{
    uint32_t node;

    if (!wheel_take_node(wheel, &node)) {
        return false;
    }
    /* relaxed: the wheel is published later. */
    moor_store_relaxed(&wheel_node_at(wheel, node)->link, 0);
    moor_store_relaxed(&queue->head, node);
    moor_store_relaxed(&queue->tail, node);
    return true;
}

struct wheel *wheel_make(void)
{
    struct wheel *wheel = (struct wheel *)block_make(sizeof *wheel);

    if (wheel == NULL) {
        return NULL;
    }
    arena_init(&wheel->nodes, sizeof(struct wheel_node),
               offsetof(struct wheel_node, below), 1, LIFE_INDEX_MAX);
    moor_store_relaxed(&wheel->next, NEVER << NEXT_VERSIONS); /* as above */
    for (int i = 0; i < WHEEL_QUEUES; i++) {
        if (!make_queue(wheel, &wheel->queues[i])) {
            wheel_free(wheel);
            return NULL;
        }
    }
    return wheel;
}

void wheel_free(struct wheel *wheel)
{
    if (wheel != NULL) {
        arena_destroy(&wheel->nodes);
        block_free(wheel, sizeof *wheel);
    }
}

bool wheel_take_node(struct wheel *wheel, uint32_t *node)
{
    return arena_take(&wheel->nodes, node);
}

void wheel_give_node(struct wheel *wheel, uint32_t node)
{
    arena_give(&wheel->nodes, node);
}

/* --- one queue ------------------------------------------------------------ */

static void append_node(const struct wheel *wheel, struct wheel_queue *queue,
                        uint32_t node)
{
    struct backoff backoff = backoff_begin();

    for (;;) {
        uint64_t tail = moor_load_acquire(&queue->tail);
        moor_word *last = &wheel_node_at(wheel, tail)->link;
        uint64_t link = moor_load_acquire(last); /* W1 */

        if (tail != moor_load_acquire(&queue->tail)) {
            continue;
        }
        if ((link & INDEX) != 0) { /* the tail is behind: help it on */
            (void)moor_cas_acq_rel(&queue->tail, &tail,
                                   naming_node(tail, link));
        } else if (moor_cas_acq_rel(last, &link,
                                    naming_node(link, node))) { /* W1 */
            (void)moor_cas_acq_rel(&queue->tail, &tail,
                                   naming_node(tail, node));
            return;
        } else {
            backoff_wait(&backoff);
        }
    }
}

/* When the first entry is to be looked at; NEVER: there is none.  With `now`:
 * takes it, if that is by then. */
static uint64_t first_look(const struct wheel *wheel,
                           struct wheel_queue *queue, uint64_t now,
                           uint32_t *node, life *which)
{
    for (;;) {
        uint64_t head = moor_load_acquire(&queue->head);
        uint64_t tail = moor_load_acquire(&queue->tail);
        uint64_t link = /* W1 */
            moor_load_acquire(&wheel_node_at(wheel, head)->link);
        uint64_t look;

        if (head != moor_load_acquire(&queue->head)) {
            continue;
        }
        if ((link & INDEX) == 0) {
            return NEVER;
        }
        if ((head & INDEX) == (tail & INDEX)) {
            (void)moor_cas_acq_rel(&queue->tail, &tail,
                                   naming_node(tail, link));
            continue;
        }
        /* Before the swap: afterwards the node may be another's. */
        look = moor_load_acquire(&wheel_node_at(wheel, link)->look);
        *which = moor_load_acquire(&wheel_node_at(wheel, link)->which);
        if (look > now && head == moor_load_acquire(&queue->head)) {
            return look;
        }
        if (look <= now &&
            moor_cas_acq_rel(&queue->head, &head, naming_node(head, link))) {
            *node = (uint32_t)(head & INDEX);
            return look;
        }
    }
}

/* --- all ------------------------------------------------------------------ */

static int queue_for(uint64_t left)
{
    const uint64_t most = (UINT64_C(1) << WHEEL_QUEUES) - 1;

    left = left > most ? most : left;
    return left == 0 ? 0 : 63 - __builtin_clzll(left);
}

/* No later than then, and changed in any case. */
static void bring_forward(struct wheel *wheel, uint64_t look)
{
    const uint64_t version = (UINT64_C(1) << NEXT_VERSIONS) - 1;
    uint64_t next = moor_load_acquire(&wheel->next);
    uint64_t time;

    do {
        time = next >> NEXT_VERSIONS;
        time = time < look ? time : look;
        /* release, W2; acquire: of all that bring it forward.  seq_cst, W3:
         * before the look at who waits. */
    } while (!moor_cas_seq_cst(&wheel->next, &next,
                               time << NEXT_VERSIONS |
                                   ((next + 1) & version)));
}

void wheel_put(struct wheel *wheel, uint32_t node, life which, uint64_t now,
               uint64_t at)
{
    uint64_t left = at > now ? at - now : 0;
    int queue = queue_for(left);
    uint64_t look = left == 0 ? now : now + (UINT64_C(1) << queue);
    struct wheel_node *own = wheel_node_at(wheel, node);

    /* release, W1: who sees any of it in a node that it knows as another's sees
     * that the queue has moved on.  The link keeps its version.  relaxed: the
     * node is the caller's. */
    moor_store_release(&own->which, which);
    moor_store_release(&own->look, look);
    moor_store_release(&own->link,
                       naming_node(moor_load_relaxed(&own->link), 0));
    append_node(wheel, &wheel->queues[queue], node);
    if (!MOOR_PLANTED(80)) { /* tell nobody that it is sooner */
        bring_forward(wheel, look);
    }
}

bool wheel_is_due(const struct wheel *wheel, uint64_t now)
{
    /* acquire, W2. */
    return moor_load_acquire(&wheel->next) >> NEXT_VERSIONS <= now;
}

uint64_t wheel_next(const struct wheel *wheel)
{
    /* seq_cst, W3: behind the saying that the caller waits. */
    uint64_t next = moor_load_seq_cst(&wheel->next) >> NEXT_VERSIONS;

    return next == NEVER ? 0 : next;
}

bool wheel_take(struct wheel *wheel, uint64_t now, uint32_t *node, life *which)
{
    uint64_t next = moor_load_acquire(&wheel->next); /* W2 */
    uint64_t soonest;

    do {
        soonest = NEVER;
        for (int i = 0; i < WHEEL_QUEUES; i++) {
            uint64_t look =
                first_look(wheel, &wheel->queues[i], now, node, which);

            if (look <= now) {
                return true;
            }
            soonest = look < soonest ? look : soonest;
        }
        /* acquire on failure, W2: an entry came meanwhile. */
    } while (!moor_cas_acq_rel(&wheel->next, &next,
                               soonest << NEXT_VERSIONS |
                                   (next & ((UINT64_C(1) << NEXT_VERSIONS) -
                                            1))));
    return false;
}
