#include "world/sleep.h"

#include "event.h"
#include "explore.h"

/* Where a thread went to sleep, and at which value; null: nowhere. */
static struct event *bed_of[MODEL_THREADS_MAX];
static uint32_t since[MODEL_THREADS_MAX];
static jmp_buf homes[MODEL_THREADS_MAX];
static bool goes_home[MODEL_THREADS_MAX];
static bool passed;

/* Signals so far; each access is a step. */
static uint32_t *count_of(struct event *event)
{
    return (uint32_t *)(void *)event;
}

void sleep_begin(void)
{
    passed = false;
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        bed_of[i] = NULL;
        goes_home[i] = false;
    }
}

void sleep_deadlines_pass(bool pass)
{
    passed = pass;
}

bool sleep_for_ever(int thread)
{
    return sleep_happened(thread) && since[thread] == *count_of(bed_of[thread]);
}

bool sleep_happened(int thread)
{
    return bed_of[thread] != NULL;
}

jmp_buf *sleep_bed(void)
{
    goes_home[model_self()] = true;
    return &homes[model_self()];
}

void sleep_no_more(void)
{
    goes_home[model_self()] = false;
}

void event_init(struct event *event)
{
    *count_of(event) = 0;
}

uint32_t event_value(struct event *event)
{
    model_touch(event, false);
    return *count_of(event);
}

void event_signal(struct event *event)
{
    model_touch(event, true);
    ++*count_of(event);
}

bool event_wait(struct event *event, uint32_t value,
                const struct timespec *deadline)
{
    int self = model_self();

    (void)deadline;
    model_touch(event, false);
    if (*count_of(event) != value) return true;
    bed_of[self] = event;
    since[self] = value;
    if (goes_home[self]) longjmp(homes[self], 1);
    return false;
}

struct timespec event_deadline(uint64_t ms)
{
    (void)ms;
    return (struct timespec){0};
}

bool event_passed(const struct timespec *deadline)
{
    (void)deadline;
    return passed;
}

struct timespec event_at_ms(uint64_t ms)
{
    return (struct timespec){(time_t)ms, 0};
}

uint64_t event_left_ms(const struct timespec *deadline)
{
    (void)deadline;
    return passed ? 0 : 1;
}
