/*
 * Schedules by random priorities, on bugs whose depth is known.
 *
 * Two threads draw numbers from one counter, in turn, after some steps of
 * their own; the bug is that they draw them one by one, each the next, thread
 * 0 first.  That takes one ordering for each draw but the first, and no fewer.
 *
 * Goal    a bug of depth d is found as often as is promised, never with a
 *         depth below d, and a seed repeats it.
 * Method  so many schedules that, at the promised chance, some hundreds find
 *         it: a tenth less than expected is four standard deviations.
 */
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "self.h"

enum { WORDS = 1 + MODEL_THREADS_MAX, FINDS = 1600, DEPTH_MOST = 4 };

static moor_word words[WORDS]; /* the counter; and each thread's own */
static unsigned depth;         /* of the bug */
static unsigned steps_before;  /* on a word of its own */
static unsigned in_turn[MODEL_THREADS_MAX]; /* draws that came so */

static void clear(void)
{
    memset(words, 0, sizeof words);
    memset(in_turn, 0, sizeof in_turn);
}

/* depth + 1 draws, of which thread 0 has the first, thread 1 the second. */
static unsigned draws_of(unsigned thread)
{
    return (depth + 2 - thread) / 2;
}

static void draw(void)
{
    unsigned self = (unsigned)model_self();

    for (unsigned i = 0; i < steps_before; i++)
        moor_add_relaxed(&words[1 + self], 1);
    for (unsigned i = 0; i < draws_of(self); i++)
        in_turn[self] += moor_add_relaxed(&words[0], 1) == 2 * i + self;
}

static void judge(void)
{
    if (in_turn[0] + in_turn[1] == depth + 1) model_fail("one by one");
}

static const struct model_case model = {
    .name = "draws",
    .before = clear,
    .threads = {draw, draw},
    .threads_count = 2,
    .after = judge,
};

static struct model_result run_at(unsigned searched, uint64_t count,
                                  uint64_t seed)
{
    struct model_options options = {.mode = MODEL_PCT,
                                    .random_count = count,
                                    .seed = seed,
                                    .depth = searched,
                                    .keep_going = true};
    struct model_result result;

    model_run(&model, &options, &result);
    SELF_EXPECT(result.schedules == count);
    return result;
}

/* One in so many runs finds it, it is promised. */
static uint64_t promised(void)
{
    uint64_t runs = 2;
    uint64_t length = depth + 1 + 2 * steps_before;

    for (unsigned i = 1; i < depth; i++)
        runs *= length;
    return runs;
}

static void expect_repeats(uint64_t seed)
{
    struct model_result again = run_at(depth, 1, seed);

    SELF_EXPECT(again.violations == 1);
    SELF_EXPECT(again.seed == seed);
    SELF_EXPECT(!strcmp(again.message, "one by one"));
}

static void test_depth(unsigned of_the_bug, unsigned steps, uint64_t seed)
{
    depth = of_the_bug;
    steps_before = steps;

    uint64_t count = FINDS * promised();
    struct model_result found = run_at(depth, count, seed);
    printf("depth %u, one in %llu promised: %llu of %llu schedules, %.2f s\n",
           depth, (unsigned long long)promised(),
           (unsigned long long)found.violations, (unsigned long long)count,
           found.seconds);
    SELF_EXPECT(10 * found.violations >= 9 * (uint64_t)FINDS);
    SELF_EXPECT(found.seed >= seed && found.seed < seed + 20 * promised());
    expect_repeats(found.seed);
    for (unsigned below = 1; below < depth; below++) {
        SELF_EXPECT(run_at(below, count / 10, seed).violations == 0);
    }
}

/* Whoever has the highest priority waits for the other, for ever. */
static void wait_for_other(void)
{
    unsigned self = (unsigned)model_self();

    moor_store_relaxed(&words[self], 1);
    while (moor_load_relaxed(&words[!self]) == 0)
        continue;
}

static void test_endless(void)
{
    const struct model_case endless = {
        .name = "endless",
        .before = clear,
        .threads = {wait_for_other, wait_for_other},
        .threads_count = 2,
    };
    struct model_options options = {
        .mode = MODEL_PCT, .random_count = 10, .depth = 1, .steps_max = 50};
    struct model_result result;

    SELF_EXPECT(!model_run(&endless, &options, &result));
    SELF_EXPECT(result.longest == 50);
    SELF_EXPECT(strstr(result.message, "no end after 50 steps"));
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;

    printf("seed %llu\n", (unsigned long long)seed);
    for (unsigned d = 1; d <= DEPTH_MOST; d++)
        test_depth(d, 0, seed);
    test_depth(2, 10, seed);
    test_depth(3, 4, seed);
    test_endless();
    return self_verdict();
}
