#include "lease.h"

#include "clock.h"
#include "ending.h"
#include "leave.h"
#include "plant.h"
#include "walk.h"
#include "wheel.h"

#define TTL_SHIFT 32

#if defined(MOOR_STEP)
uint64_t clock_step_ms = 1;
#endif

static struct wheel *wheel_of(const moor_registry *books)
{
    /* acquire, W1: its queues. */
    return (struct wheel *)moor_pointer_acquire(&books->wheel);
}

static uint32_t ttl_of(uint64_t entry)
{
    return (uint32_t)(entry >> TTL_SHIFT);
}

static uint32_t node_of(uint64_t entry)
{
    return (uint32_t)(entry & LIFE_INDEX_MAX);
}

static uint64_t without_node(uint64_t entry)
{
    return entry & ~(uint64_t)LIFE_INDEX_MAX;
}

/* --- reserving ------------------------------------------------------------ */

static struct wheel *have_wheel(moor_registry *books)
{
    struct wheel *wheel = wheel_of(books);
    void *seen = NULL;

    if (wheel != NULL) {
        return wheel;
    }
    wheel = wheel_make();
    if (wheel == NULL) {
        return wheel_of(books); /* another thread may have had more luck */
    }
    /* release, W1; seq_cst, W3: before the look at who waits. */
    if (!moor_pointer_cas_seq_cst(&books->wheel, &seen, wheel)) {
        wheel_free(wheel);
        wheel = (struct wheel *)seen;
    }
    return wheel;
}

bool lease_reserve(moor_registry *books, life which, uint32_t ttl_ms)
{
    struct wheel *wheel;
    uint32_t node;

    if (ttl_ms == 0) {
        return true;
    }
    wheel = have_wheel(books);
    if (wheel == NULL || !annex_make(books, which) ||
        !wheel_take_node(wheel, &node)) {
        return false;
    }
    /* release: published with the record, R1. */
    moor_store_release(&annex_of(books, which)->entry,
                       (uint64_t)ttl_ms << TTL_SHIFT | node);
    return true;
}

bool lease_is_kept(const moor_registry *books, life which)
{
    const struct annex *annex;

    if (wheel_of(books) == NULL) {
        return false;
    }
    annex = annex_of(books, which);
    /* acquire: looked at again by who holds it. */
    return annex != NULL && moor_load_acquire(&annex->entry) != 0;
}

uint32_t lease_ttl(const moor_registry *books, life which)
{
    return lease_is_kept(books, which)
               /* relaxed: constant in a life, and read of it before. */
               ? ttl_of(moor_load_relaxed(&annex_of(books, which)->entry))
               : 0;
}

/* --- a run begins --------------------------------------------------------- */

void lease_begin(moor_registry *books, life which)
{
    struct annex *annex = annex_of(books, which);
    uint64_t ttl = ttl_of(moor_load_acquire(&annex->entry));

    /* release, Z1: before the swap by which it is live. */
    moor_store_release(&annex->lease, clock_exact_ms() + ttl);
}

/* Takes the node that was laid by; 0: it is in the wheel. */
static uint32_t take_laid_by(struct annex *annex)
{
    uint64_t entry = moor_load_seq_cst(&annex->entry); /* Z2 */

    /* acquire and release: of all that take it one wins.  Z2 is the look
     * before: an entry that has a node has been laid by already. */
    while (node_of(entry) != 0 &&
           !moor_cas_acq_rel(&annex->entry, &entry, without_node(entry))) {
    }
    return node_of(entry);
}

/* Behind what came into the wheel: who waits for a slot sleeps no longer than
 * until then. */
static void tell_who_waits(moor_registry *books)
{
    if (slots_are_waited_for(&books->running)) { /* seq_cst, W3 */
        queue_wake(&books->queue);
    }
}

void lease_enter(moor_registry *books, life which)
{
    struct annex *annex = annex_of(books, which);
    uint32_t node = take_laid_by(annex);

    if (node == 0) {
        return;
    }
    wheel_put(wheel_of(books), node, which, clock_exact_ms(),
              moor_load_acquire(&annex->lease)); /* Z1 */
    tell_who_waits(books);
}

/* --- it expires ----------------------------------------------------------- */

/* Has it, by then?  Whoever answers yes is sure of it: nobody can renew it any
 * more. */
static bool has_expired(struct annex *annex, uint64_t now)
{
    uint64_t at = moor_load_acquire(&annex->lease); /* Z1 */

    if (MOOR_PLANTED(81)) { /* whoever has renewed it since */
        return at <= now || at == LEASE_EXPIRED;
    }
    while (at != LEASE_EXPIRED) {
        if (at > now) {
            return false;
        }
        /* acquire and release, Z1: it expires, or is renewed. */
        if (moor_cas_acq_rel(&annex->lease, &at, LEASE_EXPIRED)) {
            return true;
        }
    }
    return true;
}

/* Ends the run if its lease has expired; did a slot come back by that?  One
 * that has lent its slot has none to give. */
static bool end_expired(moor_registry *books, life which, uint64_t now)
{
    struct annex *annex = annex_of(books, which);
    const struct ending how = {.idle = WORD_ERRORED,
                               .text = WORD_TEXT_LEASE,
                               .release = true,
                               .lease = &annex->lease};

    bool released;

    if (!has_expired(annex, now) ||
        ending_end(books, which, &how, &released) != MOOR_OK) {
        return false;
    }
    stats_add(&books->stats, STATS_REAPED, 1);
    return released;
}

static bool is_live(const moor_registry *books, life which)
{
    /* seq_cst, Z2: behind the laying by. */
    return word_is_live(
        moor_load_seq_cst(&books_record(books, which)->state));
}

/* It is not live: its node waits with it for the next run.  False: the run has
 * begun, and the node is the caller's again. */
static bool lay_by(moor_registry *books, life which, uint32_t node)
{
    struct annex *annex = annex_of(books, which);
    uint64_t entry = moor_load_acquire(&annex->entry);

    if (node_of(entry) != 0) { /* it has one, of a recovery */
        wheel_give_node(wheel_of(books), node);
        return true;
    }
    (void)moor_exchange_seq_cst(&annex->entry, entry | node); /* Z2 */
    return !is_live(books, which) || MOOR_PLANTED(82) || /* do not look */
           take_laid_by(annex) == 0;
}

/* One that the wheel has named; the caller holds it.  True: it is in the wheel
 * again. */
static bool look_at_lease(moor_registry *books, life which, uint32_t node,
                          uint64_t now)
{
    struct annex *annex = annex_of(books, which);

    for (;;) {
        if (is_live(books, which)) {
            (void)end_expired(books, which, now);
        }
        if (is_live(books, which)) {
            wheel_put(wheel_of(books), node, which, now,
                      moor_load_acquire(&annex->lease)); /* Z1 */
            return true;
        }
        if (lay_by(books, which, node)) {
            return false;
        }
    }
}

MOOR_SELDOM static void end_due(moor_registry *books, struct wheel *wheel)
{
    uint64_t now = clock_exact_ms();
    bool put = false;
    uint32_t node;
    life which;

    if (!wheel_is_due(wheel, now)) {
        return;
    }
    while (wheel_take(wheel, now, &node, &which)) {
        if (leave_hold(books, which)) {
            put |= look_at_lease(books, which, node, now);
            leave_let_go(books, which);
        } else {
            wheel_give_node(wheel, node);
        }
    }
    /* Another has found the wheel without what was in hand here. */
    if (put && !MOOR_PLANTED(100)) { /* let it sleep */
        tell_who_waits(books);
    }
}

void lease_end_due(moor_registry *books)
{
    struct wheel *wheel = wheel_of(books);

    if (wheel != NULL) {
        end_due(books, wheel);
    }
}

uint64_t lease_end_all(moor_registry *books)
{
    uint64_t now, released = 0;
    uint32_t end;

    if (wheel_of(books) == NULL) {
        return 0;
    }
    now = clock_exact_ms();
    end = books_end(books);
    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;
        life which = walk_at(books, i, &word);

        released += which != 0 && word_is_live(word) &&
                    lease_is_kept(books, which) &&
                    end_expired(books, which, now);
    }
    return released;
}

uint64_t lease_next_ms(const moor_registry *books)
{
    /* acquire, W1; seq_cst, W3: behind the saying that the caller waits. */
    const struct wheel *wheel =
        (const struct wheel *)moor_pointer_seq_cst(&books->wheel);

    return wheel == NULL ? 0 : wheel_next(wheel);
}

/* --- its life is over ----------------------------------------------------- */

void lease_drop(moor_registry *books, uint32_t index)
{
    struct wheel *wheel = wheel_of(books);
    struct annex *annex;
    uint64_t entry;

    if (wheel == NULL) {
        return;
    }
    annex = annex_of(books, life_of(0, index));
    entry = annex == NULL ? 0 : moor_load_relaxed(&annex->entry); /* own */
    if (node_of(entry) != 0) {
        wheel_give_node(wheel, node_of(entry));
    }
    if (entry != 0) {
        moor_store_release(&annex->entry, 0); /* R1: to the next life */
    }
}

void lease_recover(moor_registry *books)
{
    struct wheel *wheel = wheel_of(books);
    uint32_t node, end = wheel == NULL ? 0 : books_end(books);

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;
        life which = walk_at(books, i, &word);

        if (which != 0 && word_is_live(word) && lease_is_kept(books, which) &&
            wheel_take_node(wheel, &node)) {
            wheel_put(wheel, node, which, 0, 0);
        }
    }
}

/* --- renewing ------------------------------------------------------------- */

static moor_error renew_held(moor_registry *books, life which)
{
    struct annex *annex = annex_of(books, which);
    uint64_t at = moor_load_acquire(&annex->lease); /* Z1 */
    uint64_t ttl = ttl_of(moor_load_acquire(&annex->entry));
    uint64_t word;

    do {
        moor_error error = books_subject(books, which, &word);

        if (error != MOOR_OK) {
            return error;
        }
        if (!word_is_live(word) || at == LEASE_EXPIRED) {
            return MOOR_WRONG_STATUS;
        }
        /* acquire and release, Z1: it is renewed, or expires. */
    } while (!moor_cas_acq_rel(&annex->lease, &at, clock_exact_ms() + ttl));
    return MOOR_OK;
}

moor_error moor_renew(moor_registry *registry, moor_agent agent)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_subject(registry, agent.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    if (!word_is_live(word)) {
        return MOOR_WRONG_STATUS;
    }
    if (!lease_is_kept(registry, agent.bits)) {
        return MOOR_OK;
    }
    if (!leave_hold(registry, agent.bits)) {
        return MOOR_STALE;
    }
    error = renew_held(registry, agent.bits);
    leave_let_go(registry, agent.bits);
    return error;
}
