/*
 * What the explorer's own tests share: expectations that are counted.
 */
#ifndef MODEL_SELF_H
#define MODEL_SELF_H

#include <stdbool.h>
#include <stdio.h>

#include "explore.h"

static int self_failures;

#define SELF_EXPECT(condition) \
    self_expect((condition), #condition, __FILE__, __LINE__)

static inline void self_expect(bool holds, const char *what, const char *file,
                               int line)
{
    if (holds) return;
    printf("%s:%d: not so: %s\n", file, line, what);
    self_failures++;
}

static inline struct model_result self_run(const struct model_case *model,
                                           enum model_mode mode)
{
    struct model_options options = {.mode = mode, .keep_going = true};
    struct model_result result;

    model_run(model, &options, &result);
    printf("%-22s %-8s %8llu schedules %6llu redundant %6llu violations"
           " %.3f s\n",
           model->name, mode == MODEL_REDUCED ? "reduced" : "full",
           (unsigned long long)result.schedules,
           (unsigned long long)result.redundant,
           (unsigned long long)result.violations, result.seconds);
    SELF_EXPECT(result.exhausted);
    return result;
}

static inline int self_verdict(void)
{
    printf("%d expectations failed\n", self_failures);
    return self_failures != 0;
}

#endif
