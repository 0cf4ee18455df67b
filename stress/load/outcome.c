/* outcome: see outcome.h.  One thread to a tally. */
#include "outcome.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const grade_names[] = { "expected", "must occur",
                                           "interesting", "FORBIDDEN" };

void outcome_blame(struct tally *tally, unsigned which, const char *format,
                   ...)
{
    va_list arguments;

    outcome_count(tally, which);
    if (tally->detail[0] != '\0') {
        return;
    }
    va_start(arguments, format);
    vsnprintf(tally->detail, sizeof tally->detail, format, arguments);
    va_end(arguments);
}

void outcome_add(struct tally *sum, const struct tally *part)
{
    for (unsigned i = 0; i < OUTCOMES_MAX; i++) {
        sum->counts[i] += part->counts[i];
    }
    if (sum->detail[0] == '\0') {
        memcpy(sum->detail, part->detail, sizeof sum->detail);
    }
}

static bool outcome_fails(const struct outcome *outcome, uint64_t count)
{
    return (outcome->grade == FORBIDDEN && count > 0) ||
           (outcome->grade == MUST_OCCUR && count == 0);
}

/* One row; a row that says nothing new (a forbidden zero) is left out. */
static void outcome_print(const struct outcome *outcome, uint64_t count)
{
    if (count == 0 && outcome->grade != MUST_OCCUR) {
        return;
    }
    printf("  %12" PRIu64 "  %-11s  %-34s %s%s\n", count,
           grade_names[outcome->grade], outcome->name, outcome->reason,
           outcome_fails(outcome, count) ? "   <-- FAILED" : "");
}

int outcome_verdict(const struct options *options,
                    const struct outcome *outcomes, size_t count,
                    const struct tally *tally)
{
    unsigned failed = 0;

    for (size_t i = 0; i < count; i++) {
        outcome_print(&outcomes[i], tally->counts[i]);
        failed += outcome_fails(&outcomes[i], tally->counts[i]);
    }
    printf("%s: %s\n", options->program, failed == 0 ? "passed" : "FAILED");
    fflush(stdout);
    if (failed == 0) {
        return 0;
    }
    if (tally->detail[0] != '\0') {
        fprintf(stderr, "%s: first: %s\n", options->program, tally->detail);
    }
    options_replay(options);
    return 1;
}
