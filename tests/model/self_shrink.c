/*
 * Shrinking, on schedules whose shortest form is known.
 *
 * Goal    a failing schedule found at random comes down to the preemptions
 *         that the bug needs, fails in the same way when it is replayed, and
 *         one that does not fail is not shrunk.
 */
#include <string.h>

#include "atomic.h"
#include "self.h"
#include "shrink.h"

enum { SEEDS = 50, PADDING = 20 };

static moor_word words[1 + MODEL_THREADS_MAX];
static uint64_t seen[2];

static void clear(void)
{
    memset(words, 0, sizeof words);
    seen[0] = seen[1] = 0;
}

static void pad(void)
{
    for (int i = 0; i < PADDING; i++)
        moor_add_relaxed(&words[1 + model_self()], 1);
}

static void add_torn(void)
{
    pad();
    uint64_t before = moor_load_relaxed(&words[0]);
    moor_store_relaxed(&words[0], before + 1);
    pad();
}

static void judge_sum(void)
{
    if (moor_load_relaxed(&words[0]) != 3) model_fail("lost");
}

static void look_twice(void)
{
    pad();
    seen[0] = moor_load_relaxed(&words[0]);
    seen[1] = moor_load_relaxed(&words[0]);
    pad();
}

static void add_twice(void)
{
    pad();
    moor_add_relaxed(&words[0], 1);
    moor_add_relaxed(&words[0], 1);
    pad();
}

/* Either complaint alone needs one preemption; the first, two. */
static void judge_looks(void)
{
    if (seen[0] == 0 && seen[1] == 1) model_fail("none, then one");
    if (seen[0] != seen[1]) model_fail("changed");
}

static void expect_short(const struct model_case *model, const char *message,
                         unsigned preemptions)
{
    struct model_options options = {.mode = MODEL_RANDOM,
                                    .random_count = 100000};
    struct model_result found;
    bool drawn = false;
    char schedule[MODEL_STEPS_MAX + 1];

    printf("%s: %s, the first made short:\n", model->name, message);
    for (options.seed = 0; options.seed < SEEDS;) {
        model_run(model, &options, &found);
        options.seed = found.seed + 1;
        if (!found.schedule || strcmp(found.message, message)) continue;
        strcpy(schedule, found.schedule);
        SELF_EXPECT(shrink_schedule(model, schedule));
        SELF_EXPECT(run.failed && !strcmp(run.message, message));
        SELF_EXPECT(shrink_preemptions() == preemptions);
        if (!drawn) shrink_draw();
        drawn = true;
        strcpy(schedule, run_schedule());
        struct model_options replay = {.mode = MODEL_REPLAY,
                                       .replay = schedule};
        model_run(model, &replay, &found);
        SELF_EXPECT(found.violations && !strcmp(found.message, message));
    }
    SELF_EXPECT(drawn);
}

int main(void)
{
    const struct model_case torn = {
        "lost update", clear, {add_torn, add_torn, add_torn}, 3, judge_sum, 0};
    const struct model_case looks = {
        "looks", clear, {look_twice, add_twice}, 2, judge_looks, 0};

    expect_short(&torn, "lost", 1);
    expect_short(&looks, "none, then one", 2);
    expect_short(&looks, "changed", 1);
    SELF_EXPECT(!shrink_schedule(&looks, "0"));
    return self_verdict();
}
