#include "event.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atomic.h"

static int read_clock(const struct ck_ec_ops *ops, struct timespec *now)
{
    (void)ops;
    return clock_gettime(CLOCK_MONOTONIC, now);
}

static void sleep_on(const struct ck_ec_wait_state *state,
                     const uint32_t *address, uint32_t expected,
                     const struct timespec *deadline)
{
    (void)state;
    /* The BITSET form takes an absolute time of the monotonic clock.  Whatever
     * it answers, the caller looks again. */
    (void)syscall(SYS_futex, address, FUTEX_WAIT_BITSET_PRIVATE, expected,
                  deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void wake_all(const struct ck_ec_ops *ops, const uint32_t *address)
{
    (void)ops;
    (void)syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
                  0);
}

static const struct ck_ec_ops ops = {
    .gettime = read_clock,
    .wait32 = sleep_on,
    .wake32 = wake_all,
};

static const struct ck_ec_mode mode = {.ops = &ops, .single_producer = false};

void event_init(struct event *event)
{
    ck_ec32_init(&event->count, 0);
}

uint32_t event_value(struct event *event)
{
    return ck_ec32_value(&event->count);
}

void event_signal(struct event *event)
{
    MOOR_EDGE_RELEASE(event); /* V1 */
    ck_ec32_inc(&event->count, &mode);
}

bool event_wait(struct event *event, uint32_t value,
                const struct timespec *deadline)
{
    bool changed = ck_ec32_wait(&event->count, &mode, value, deadline) == 0;

    MOOR_EDGE_ACQUIRE(event); /* V1 */
    return changed;
}

struct timespec event_deadline(uint64_t ms)
{
    struct timespec when;

    clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_sec += (time_t)(ms / 1000);
    when.tv_nsec += (long)(ms % 1000) * 1000000;
    if (when.tv_nsec >= 1000000000) {
        when.tv_nsec -= 1000000000;
        when.tv_sec++;
    }
    return when;
}

bool event_passed(const struct timespec *deadline)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > deadline->tv_sec ||
           (now.tv_sec == deadline->tv_sec &&
            now.tv_nsec >= deadline->tv_nsec);
}

struct timespec event_at_ms(uint64_t ms)
{
    return (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
}

uint64_t event_left_ms(const struct timespec *deadline)
{
    struct timespec now;
    int64_t left;

    clock_gettime(CLOCK_MONOTONIC, &now);
    left = (int64_t)(deadline->tv_sec - now.tv_sec) * 1000 +
           (deadline->tv_nsec - now.tv_nsec + 999999) / 1000000;
    return left > 0 ? (uint64_t)left : 0;
}
