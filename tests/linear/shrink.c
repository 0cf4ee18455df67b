#include "shrink.h"

static bool is_broken(struct linear_checker *checker,
                      const struct linear_history *history)
{
    return linear_check(checker, history) == LINEAR_BROKEN;
}

/* In the order of their begins. */
static void keep(struct linear_history *history, struct linear_call call)
{
    unsigned at = history->count++;

    for (; at > 0 && history->calls[at - 1].called > call.called; at--) {
        history->calls[at] = history->calls[at - 1];
    }
    history->calls[at] = call;
}

/* What was to be seen at the return with the stamp `end`. */
static void cut(const struct linear_history *history, uint64_t end,
                struct linear_history *earlier)
{
    earlier->state = history->state;
    earlier->count = 0;
    for (unsigned i = 0; i < history->count; i++) {
        struct linear_call call = history->calls[i];

        if (call.called >= end) {
            continue;
        }
        if (call.returned > end) {
            call.returned = LINEAR_PENDING;
            call.answer = LINEAR_UNKNOWN;
        }
        keep(earlier, call);
    }
}

/* The earliest return at which the history was already broken. */
static void cut_early(struct linear_checker *checker,
                      const struct linear_history *history,
                      struct linear_history *shrunk)
{
    struct linear_history earlier;

    cut(history, LINEAR_PENDING, shrunk);
    for (unsigned i = 0; i < history->count; i++) {
        cut(shrunk, history->calls[i].returned, &earlier);
        if (is_broken(checker, &earlier)) {
            *shrunk = earlier;
        }
    }
}

/* The latest first: what came before is what explains the rest. */
static void forget(struct linear_checker *checker,
                   struct linear_history *history)
{
    for (unsigned i = history->count; i-- > 0;) {
        struct linear_call *call = &history->calls[i];
        uint8_t answer = call->answer;

        call->answer = LINEAR_UNKNOWN;
        if (!is_broken(checker, history)) {
            call->answer = answer;
        }
    }
}

static unsigned leave_out(struct linear_history *history)
{
    unsigned kept = 0, count = history->count;

    for (unsigned i = 0; i < count; i++) {
        if (linear_is_known(&history->calls[i])) {
            history->calls[kept++] = history->calls[i];
        }
    }
    history->count = kept;
    return count - kept;
}

unsigned linear_shrink(struct linear_checker *checker,
                       const struct linear_history *history,
                       struct linear_history *shrunk)
{
    cut_early(checker, history, shrunk);
    forget(checker, shrunk);
    return leave_out(shrunk);
}
