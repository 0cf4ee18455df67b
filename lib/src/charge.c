/*
 * A slot that is given back while somebody waits is never free: its giver, to
 * whom it still counts, hands it to the oldest.  Only when nobody is found does
 * the counter go down, in the swap that says that nobody waits.  So nobody
 * overtakes, and no admission is refused a slot that is free.
 *
 * Who waits enters its place, and then says so beside the counter, in a swap
 * that takes a slot instead if one is free.  Of that swap and a giver's one
 * comes first: the giver finds somebody waiting, or the waiter a slot.
 *
 * Under on_reserve an admission that finds the registry full takes over the
 * slot of the first idle agent that it meets, as it is, without a detour
 * through the count: so nobody who has seen that agent idle can find the slot
 * on its way.  The slots of all other idle agents are given back.
 */
#include "charge.h"

#include "clock.h"
#include "lease.h"
#include "plant.h"
#include "reap.h"

static bool same(struct slots_view a, struct slots_view b)
{
    return a.used == b.used && a.limit == b.limit;
}

/* A slot that was taken over counts already.  It is an admission only if that
 * count is within the limit: the limit may have been lowered. */
static bool within_limit(moor_registry *books)
{
    struct slots_view now = slots_look(&books->running);

    if (now.used <= now.limit || MOOR_PLANTED(36)) { /* whatever the limit */
        return true;
    }
    charge_give(books);
    return false;
}

bool charge_running(moor_registry *books, struct slots_view *seen)
{
    while (!slots_take(&books->running, seen)) {
        bool kept = false;
        uint64_t reaped;

        if (lease_end_all(books) > 0) {
            continue;
        }
        if (books->release != MOOR_ON_RESERVE) {
            return false;
        }
        /* Where somebody waits nobody takes over: what is given goes there. */
        reaped = reap_idle(
            books, slots_are_waited_for(&books->running) ? NULL : &kept);
        if (kept && within_limit(books)) {
            return true;
        }
        if (reaped == 0 && same(slots_look(&books->running), *seen)) {
            return false;
        }
    }
    slots_note(&books->running, seen->used + 1);
    return true;
}

bool charge_running_many(moor_registry *books, uint32_t count,
                         struct slots_view *seen)
{
    if (MOOR_PLANTED(92)) { /* one after the other, and back if too few */
        uint32_t taken = 0;

        while (taken < count && slots_take(&books->running, seen)) {
            taken++;
        }
        for (uint32_t i = taken; i > 0 && taken < count; i--) {
            charge_give(books);
        }
        return taken == count;
    }
    while (!slots_take_many(&books->running, count, seen)) {
        if (lease_end_all(books) > 0) {
            continue;
        }
        if (books->release != MOOR_ON_RESERVE ||
            (reap_idle(books, NULL) == 0 &&
             same(slots_look(&books->running), *seen))) {
            return false;
        }
    }
    slots_note(&books->running, seen->used + count);
    return true;
}

/* --- give ----------------------------------------------------------------- */

/* Somebody waits, or was faster. */
MOOR_SELDOM static void give(moor_registry *books)
{
    uint64_t seen;

    while (!slots_return(&books->running, &seen)) {
        if (MOOR_PLANTED(75) && queue_length(&books->queue) == 0) {
            /* whatever came in between */
            slots_set_used(&books->running, slots_view_of(seen).used - 1);
            return;
        }
        if (queue_hand(&books->queue)) {
            return;
        }
        if (slots_return_last(&books->running, seen)) {
            if (!MOOR_PLANTED(90)) { /* believe that nobody came */
                queue_wake(&books->queue);
            }
            return;
        }
    }
}

void charge_give(moor_registry *books)
{
    if (!slots_return_at_once(&books->running)) {
        give(books);
    }
}

void charge_set_limit(moor_registry *books, uint32_t limit)
{
    uint64_t seen;

    while (!slots_try_limit(&books->running, limit, &seen)) {
        if (slots_widen(&books->running, seen)) {
            charge_give(books);
        }
    }
}

/* --- wait ----------------------------------------------------------------- */

struct patient {
    moor_registry *books;
    struct queue_place *place;
    const moor_word *cancelled; /* null: nobody can */
    const struct timespec *deadline;
};

/* Says that somebody waits; or it has a slot. */
static bool announce(const struct patient *patient, struct slots_view *seen)
{
    moor_registry *books = patient->books;

    if (slots_take_or_wait(&books->running, seen)) {
        slots_note(&books->running, seen->used + 1);
        if (!queue_withdraw(patient->place)) {
            charge_give(books); /* it was handed one as well */
        }
        return true;
    }
    /* Behind the swap: who is idle by now is seen here, or sees it. */
    if (books->release == MOOR_ON_RESERVE) {
        (void)reap_idle(books, NULL);
    }
    return false;
}

static bool is_over(const struct patient *patient)
{
    /* acquire: what was done before it was cancelled.  seq_cst, Q3: behind the
     * entering of the place. */
    return (patient->cancelled != NULL &&
            moor_load_seq_cst(patient->cancelled) != 0) ||
           (patient->deadline != NULL && event_passed(patient->deadline));
}

/* Sleeps until it is woken, or a lease may expire whose slot would be its own;
 * false: its deadline has passed. */
static bool sleep_on_place(const struct patient *patient, uint32_t value)
{
    struct event *event = &patient->place->event;
    uint64_t next = lease_next_ms(patient->books);
    struct timespec sooner;

    if (next == 0) {
        return event_wait(event, value, patient->deadline);
    }
    sooner = event_at_ms(next);
    if (patient->deadline != NULL &&
        event_is_before(patient->deadline, &sooner)) {
        return event_wait(event, value, patient->deadline);
    }
    (void)event_wait(event, value, &sooner);
    lease_end_due(patient->books);
    return true;
}

/* Until it has a slot, or goes without. */
static bool wait_for_slot(const struct patient *patient,
                          struct slots_view *seen)
{
    struct event *event = &patient->place->event;
    bool over = false;

    for (;;) {
        uint32_t value = event_value(event);

        if (queue_is_handed(patient->place)) {
            queue_vacate(patient->place);
            return true;
        }
        if (announce(patient, seen)) {
            return true;
        }
        if (over || is_over(patient)) {
            return !queue_withdraw(patient->place);
        }
        over = !sleep_on_place(patient, value);
    }
}

moor_error charge_wait(moor_registry *books, enum queue_class which,
                       const moor_patience *patience, struct slots_view *seen)
{
    struct patient patient = {.books = books};
    enum queue_entered entered;
    struct timespec deadline;
    uint64_t began = clock_exact_ns();
    bool granted;

    if (patience->cancellation != NULL) {
        patient.cancelled = (const moor_word *)&patience->cancellation->bits;
    }
    if (patience->timeout_ms != MOOR_FOREVER) {
        deadline = event_deadline(patience->timeout_ms);
        patient.deadline = &deadline;
    }
    entered = queue_enter(&books->queue, which, &patient.place);
    if (entered != QUEUE_ENTERED) {
        return entered == QUEUE_IS_FULL ? MOOR_QUEUE_FULL : MOOR_NO_MEMORY;
    }
    granted = wait_for_slot(&patient, seen);
    queue_waited(&books->queue, clock_since_ns(began));
    return granted ? MOOR_OK : MOOR_REFUSED;
}

moor_error charge_patiently(moor_registry *books, enum queue_class which,
                            const moor_patience *patience,
                            struct slots_view *seen)
{
    if (charge_running(books, seen)) {
        return MOOR_OK;
    }
    return patience == NULL || patience->timeout_ms == 0
               ? MOOR_REFUSED
               : charge_wait(books, which, patience, seen);
}

moor_error moor_cancel(moor_registry *registry, moor_cancellation *cancellation)
{
    if (registry == NULL || cancellation == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    /* release: to those that wait.  seq_cst, Q3: before the look at who does.
     * Who enters its place behind that look finds itself cancelled. */
    (void)moor_exchange_seq_cst((moor_word *)&cancellation->bits, 1);
    queue_wake(&registry->queue);
    return MOOR_OK;
}
