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

/* The first return after `end`. */
static uint64_t next_return(const struct linear_history *history, uint64_t end)
{
    uint64_t next = LINEAR_PENDING;

    for (unsigned i = 0; i < history->count; i++) {
        uint64_t returned = history->calls[i].returned;

        if (returned > end && returned < next) {
            next = returned;
        }
    }
    return next;
}

/* The first return at which the history was broken; false: at none.  What was
 * good up to a return is soon found good, and the first that is broken is the
 * smallest that must be searched through. */
static bool cut_early(struct linear_checker *checker,
                      const struct linear_history *history,
                      struct linear_history *shrunk)
{
    uint64_t end = 0;

    do {
        end = next_return(history, end);
        cut(history, end, shrunk);
        if (is_broken(checker, shrunk)) {
            return true;
        }
    } while (end != LINEAR_PENDING);
    return false;
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

static void leave_out(struct linear_history *history)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < history->count; i++) {
        if (linear_is_known(&history->calls[i])) {
            history->calls[kept++] = history->calls[i];
        }
    }
    history->count = kept;
}

bool linear_shrink(struct linear_checker *checker,
                   const struct linear_history *history,
                   struct linear_history *shrunk)
{
    if (!cut_early(checker, history, shrunk)) {
        shrunk->count = 0;
        return false;
    }
    forget(checker, shrunk);
    leave_out(shrunk);
    return true;
}
