/*
 * The event: threads that wait sleep on it, a step that somebody watches
 * signals it.  ConcurrencyKit's event count over the kernel's futex.
 *
 *   event_value, look, event_wait  -  a signal after the value was read makes
 *                                     the wait return: no wake-up is lost
 *
 * A signal costs one atomic addition, and a system call only when somebody
 * sleeps; and nobody signals unless the state word says that it is watched.
 *
 *   pair  release side   acquire side  what it carries
 *   V1    event_signal   event_wait    the step that was waited for
 */
#ifndef MOOR_EVENT_H
#define MOOR_EVENT_H

#include <ck_ec.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct event {
    struct ck_ec32 count;
};

void event_init(struct event *event);

/* Read it before you look at what you wait for. */
uint32_t event_value(struct event *event);

void event_signal(struct event *event);

/* Sleeps until the event's value is no longer `value`; false at `deadline`
 * (absolute, monotonic; null: none). */
bool event_wait(struct event *event, uint32_t value,
                const struct timespec *deadline);

/* Now plus `ms` on the monotonic clock. */
struct timespec event_deadline(uint64_t ms);

/* That many milliseconds on the monotonic clock. */
struct timespec event_at_ms(uint64_t ms);

static inline bool event_is_before(const struct timespec *a,
                                   const struct timespec *b)
{
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* Milliseconds until then, rounded up; 0: it has passed. */
uint64_t event_left_ms(const struct timespec *deadline);

/* Has it passed? */
bool event_passed(const struct timespec *deadline);

#endif
