/*
 * One run of a case under one schedule, and the record of it.
 */
#include "run.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct run_record run;

static char text[MODEL_STEPS_MAX + 1];

void model_fail(const char *format, ...)
{
    va_list arguments;

    if (run.failed) return;
    run.failed = true;
    run.complaint = format;
    va_start(arguments, format);
    vsnprintf(run.message, sizeof run.message, format, arguments);
    va_end(arguments);
}

/* Who takes the next step of this run. */
enum { NOT_CHOSEN = -1, NOBODY = -2 };

static struct {
    run_chooser *choose;
    size_t steps_max;
    int next; /* a thread, or one of the above */
} turn;

/* NOBODY: the run ends here, and if that is a failure, it is noted. */
static int choose_next(void)
{
    unsigned live = fibers_live();
    int thread;

    if (run.length == turn.steps_max) {
        model_fail("no end after %zu steps", turn.steps_max);
        return NOBODY;
    }
    thread = turn.choose(run.length, live);
    if (thread == RUN_STOP) return NOBODY;
    if (!(live >> thread & 1)) {
        model_fail("thread %d cannot take step %zu", thread, run.length);
        return NOBODY;
    }
    return thread;
}

static void note_step(int thread)
{
    struct fiber_step step = fibers_next(thread);

    run.events[run.length++] = (struct run_event){
        .word = step.word,
        .kind = (uint8_t)step.kind,
        .thread = (uint8_t)thread,
    };
}

/* Most steps follow one of the same thread. */
static bool takes_again(int thread)
{
    int next = choose_next();

    if (next != thread) {
        turn.next = next;
        return false;
    }
    note_step(thread);
    return true;
}

static bool run_threads(void)
{
    while (fibers_live() != 0) {
        int thread = turn.next == NOT_CHOSEN ? choose_next() : turn.next;

        if (thread == NOBODY) return false;
        turn.next = NOT_CHOSEN;
        note_step(thread);
        fibers_advance(thread);
    }
    return true;
}

bool run_case(const struct model_case *model, run_chooser *choose,
              size_t steps_max)
{
    run.model = model;
    run.length = 0;
    run.redundant = false;
    run.failed = false;
    if (model->before) model->before();
    turn.choose = choose;
    turn.steps_max = steps_max;
    turn.next = NOT_CHOSEN;
    fibers_start(model->threads, model->threads_count, takes_again);

    bool complete = run_threads();
    if (complete && model->after) model->after();
    return complete;
}

const char *run_schedule(void)
{
    for (size_t i = 0; i < run.length; i++) {
        text[i] = (char)('0' + run.events[i].thread);
    }
    text[run.length] = 0;
    return text;
}

/*
 * Crashes: an assertion of the library, a sanitizer's verdict or a wild
 * pointer ends the process; say where, with write() only.
 */
static void say(const char *words)
{
    if (write(STDERR_FILENO, words, strlen(words)) < 0) return;
}

static void report_crash(void)
{
    if (!run.model) return;
    say("case ");
    say(run.model->name);
    say(": died; --case ");
    say(run.model->name);
    say(" --replay ");
    say(run_schedule());
    say("\n");
}

#if defined(__SANITIZE_ADDRESS__)
#define RUN_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RUN_SANITIZED 1
#endif
#endif

#ifdef RUN_SANITIZED
#include <sanitizer/common_interface_defs.h>
static const int signals[] = {SIGABRT}; /* the others are its own */
#else
static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
#endif

static void on_signal(int signal)
{
    report_crash();
    raise(signal); /* the handler was reset: this one kills */
}

void run_report_crashes(void)
{
    static char stack[16384]; /* a fiber may have used up its own */
    stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};

    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        sigaction(signals[i], &action, NULL);
    }
#ifdef RUN_SANITIZED
    __sanitizer_set_death_callback(report_crash);
#endif
}
