/*
 * The explorer on cases whose answer is known: which bugs it must find, which
 * it must not, and how many schedules and traces there are.
 */
#include <string.h>

#include "atomic.h"
#include "self.h"

static moor_word words[8];
static uint64_t got[MODEL_THREADS_MAX];

static void clear(void)
{
    memset(words, 0, sizeof words);
    memset(got, 0, sizeof got);
}

/*
 * Counting.  Two threads with n and m steps have binomial(n + m, n)
 * schedules; if no step depends on another there is one trace, if all do
 * there are as many traces as schedules.
 */
static int steps_of[MODEL_THREADS_MAX];
static bool on_one_word;
static bool only_loads;

static void many_steps(void)
{
    int self = model_self();
    moor_word *word = &words[on_one_word ? 0 : self];

    for (int i = 0; i < steps_of[self]; i++) {
        if (only_loads) {
            got[self] += moor_load_relaxed(word);
        } else {
            moor_store_relaxed(word, 1);
        }
    }
}

static struct model_case counting(int a, int b, int c, int d)
{
    steps_of[0] = a;
    steps_of[1] = b;
    steps_of[2] = c;
    steps_of[3] = d;
    return (struct model_case){
        .name = on_one_word
                    ? only_loads ? "loads of one word" : "stores to one word"
                    : "words of their own",
        .before = clear,
        .threads = {many_steps, many_steps, many_steps, many_steps},
        .threads_count = d   ? 4
                         : c ? 3
                             : 2,
    };
}

/* (a + b + c + d)! / (a! b! c! d!) */
static uint64_t multinomial(int a, int b, int c, int d)
{
    int parts[] = {a, b, c, d};
    uint64_t result = 1;
    uint64_t total = 0;

    for (int i = 0; i < 4; i++) {
        for (int j = 1; j <= parts[i]; j++) {
            result = result * ++total / (uint64_t)j;
        }
    }
    return result;
}

static void expect_counts(int a, int b, int c, int d, bool one_word, bool loads)
{
    on_one_word = one_word;
    only_loads = loads;

    struct model_case model = counting(a, b, c, d);
    uint64_t all = multinomial(a, b, c, d);
    struct model_result full = self_run(&model, MODEL_FULL);
    struct model_result reduced = self_run(&model, MODEL_REDUCED);
    SELF_EXPECT(full.schedules == all);
    SELF_EXPECT(reduced.schedules == (one_word && !loads ? all : 1));
    SELF_EXPECT(reduced.redundant == 0);
    SELF_EXPECT(full.steps == all * (unsigned)(a + b + c + d));
}

static void test_counts(void)
{
    for (int n = 1; n <= 6; n++) {
        for (int m = 1; m <= n; m++)
            expect_counts(n, m, 0, 0, false, false);
    }
    expect_counts(3, 3, 3, 0, false, false);
    expect_counts(2, 2, 2, 2, false, false);
    expect_counts(3, 3, 3, 0, true, true);
    expect_counts(1, 1, 0, 0, true, false);
    expect_counts(1, 1, 1, 0, true, false);
    expect_counts(1, 1, 1, 1, true, false);
    expect_counts(4, 4, 0, 0, true, false);
    expect_counts(2, 2, 2, 0, true, false);
    expect_counts(2, 2, 2, 2, true, false);
}

/* One writer and three readers: each reads before or after, 8 traces. */
static void write_once(void)
{
    moor_store_release(&words[0], 1);
}

static void read_once(void)
{
    got[model_self()] = moor_load_acquire(&words[0]);
}

static void test_readers(void)
{
    const struct model_case model = {
        .name = "one writer, 3 readers",
        .before = clear,
        .threads = {write_once, read_once, read_once, read_once},
        .threads_count = 4,
    };
    SELF_EXPECT(self_run(&model, MODEL_REDUCED).schedules == 8);
    SELF_EXPECT(self_run(&model, MODEL_FULL).schedules == 24);
}

/*
 * Store buffering: sequentially consistent runs have three outcomes, and
 * never two zeros.
 */
static unsigned outcomes;

static void store_then_load(void)
{
    int self = model_self();

    moor_store_relaxed(&words[self], 1);
    got[self] = moor_load_relaxed(&words[!self]);
}

static void note_outcome(void)
{
    outcomes |= 1u << (2 * got[0] + got[1]);
}

static void test_store_buffering(void)
{
    const struct model_case model = {
        .name = "store buffering",
        .before = clear,
        .threads = {store_then_load, store_then_load},
        .threads_count = 2,
        .after = note_outcome,
    };
    for (int mode = MODEL_REDUCED; mode <= MODEL_FULL; mode++) {
        outcomes = 0;
        uint64_t count = self_run(&model, (enum model_mode)mode).schedules;
        SELF_EXPECT(count == (mode == MODEL_FULL ? 6 : 3));
        SELF_EXPECT(outcomes == 0xe); /* 01, 10, 11 */
    }
}

/*
 * Counters: load and store loses updates, compare-and-swap does not.
 */
static void count_torn(void)
{
    uint64_t seen = moor_load_relaxed(&words[0]);
    moor_store_relaxed(&words[0], seen + 1);
}

static void count_swapping(void)
{
    uint64_t seen = moor_load_relaxed(&words[0]);
    while (!moor_cas_relaxed(&words[0], &seen, seen + 1))
        continue;
}

static int counters;

static void judge_counter(void)
{
    uint64_t sum = moor_load_relaxed(&words[0]);

    if (sum != (uint64_t)counters) {
        model_fail("%d counted, sum %d", counters, (int)sum);
    }
}

static struct model_case counter(const char *name, void (*body)(void))
{
    counters = 3;
    return (struct model_case){
        .name = name,
        .before = clear,
        .threads = {body, body, body},
        .threads_count = 3,
        .after = judge_counter,
    };
}

static struct model_result run_with(const struct model_case *model,
                                    struct model_options options)
{
    struct model_result result;

    model_run(model, &options, &result);
    return result;
}

/* A failing schedule, given back, fails in the same way. */
static void expect_replay(const struct model_case *model,
                          struct model_options options)
{
    char schedule[MODEL_STEPS_MAX + 1];
    struct model_result found = run_with(model, options);

    SELF_EXPECT(found.violations == 1 && found.schedule && !found.exhausted);
    if (!found.schedule) return;
    strcpy(schedule, found.schedule);

    struct model_result again =
        run_with(model, (struct model_options){.mode = MODEL_REPLAY,
                                               .replay = schedule});
    SELF_EXPECT(again.violations == 1);
    SELF_EXPECT(!strcmp(again.message, found.message));
    SELF_EXPECT(again.schedule && !strcmp(again.schedule, schedule));
}

static void test_counters(void)
{
    struct model_case torn = counter("lost update", count_torn);
    SELF_EXPECT(self_run(&torn, MODEL_FULL).violations > 0);
    SELF_EXPECT(self_run(&torn, MODEL_REDUCED).violations > 0);
    expect_replay(&torn, (struct model_options){.mode = MODEL_REDUCED});
    expect_replay(&torn, (struct model_options){.mode = MODEL_RANDOM,
                                                .random_count = 1000,
                                                .seed = 7});
    expect_replay(&torn, (struct model_options){.mode = MODEL_PREEMPTIONS,
                                                .preemptions_max = 1});

    struct model_case correct = counter("counter by swap", count_swapping);
    SELF_EXPECT(self_run(&correct, MODEL_FULL).violations == 0);
    SELF_EXPECT(self_run(&correct, MODEL_REDUCED).violations == 0);
}

/* Without preemption nothing is lost; each order of three is one schedule. */
static void test_bounds(void)
{
    struct model_case torn = counter("lost update", count_torn);
    struct model_result result =
        run_with(&torn, (struct model_options){.mode = MODEL_PREEMPTIONS});
    SELF_EXPECT(result.exhausted && result.violations == 0);
    SELF_EXPECT(result.schedules == 6);

    result = run_with(&torn, (struct model_options){.mode = MODEL_PREEMPTIONS,
                                                    .preemptions_max = 99,
                                                    .keep_going = true});
    SELF_EXPECT(result.schedules == multinomial(2, 2, 2, 0));
}

static void test_caps(void)
{
    struct model_case correct = counter("counter by swap", count_swapping);
    struct model_options capped = {.mode = MODEL_FULL, .schedules_max = 10};
    struct model_result result;

    SELF_EXPECT(!model_run(&correct, &capped, &result));
    SELF_EXPECT(!result.exhausted && result.schedules == 10);
    capped.allow_partial = true;
    SELF_EXPECT(model_run(&correct, &capped, &result));
    capped = (struct model_options){.mode = MODEL_FULL, .seconds_max = 1e-9};
    SELF_EXPECT(!model_run(&correct, &capped, &result));
    SELF_EXPECT(!result.exhausted);
    capped = (struct model_options){.mode = MODEL_REPLAY, .replay = "03"};
    SELF_EXPECT(!model_run(&correct, &capped, &result)); /* no thread 3 */
}

/*
 * Two completers and a watcher of one word: 0 live, 7 or 9 done.
 */
static bool is_completer_careless;

static void complete(void)
{
    uint64_t outcome = model_self() == 0 ? 7 : 9;
    uint64_t seen = moor_load_acquire(&words[0]);

    if (seen != 0) return;
    if (is_completer_careless) {
        moor_store_release(&words[0], outcome);
        got[model_self()] = 1;
    } else {
        got[model_self()] = moor_cas_acq_rel(&words[0], &seen, outcome);
    }
}

static void watch(void)
{
    uint64_t early = moor_load_acquire(&words[0]);
    uint64_t late = moor_load_acquire(&words[0]);

    if (early != 0 && late != early) model_fail("an outcome changed");
}

static void judge_winners(void)
{
    if (got[0] + got[1] != 1) model_fail("%d winners", (int)(got[0] + got[1]));
}

static void test_completers(void)
{
    const struct model_case model = {
        .name = "two completers",
        .before = clear,
        .threads = {complete, complete, watch},
        .threads_count = 3,
        .after = judge_winners,
    };
    for (int careless = 0; careless <= 1; careless++) {
        is_completer_careless = careless;
        uint64_t full = self_run(&model, MODEL_FULL).violations;
        uint64_t reduced = self_run(&model, MODEL_REDUCED).violations;
        SELF_EXPECT((full > 0) == careless && (reduced > 0) == careless);
    }
}

/* Endless loops, and cases that do not repeat, are told. */
static void wait_for_one(void)
{
    while (moor_load_acquire(&words[0]) == 0)
        continue;
}

static int runs;

static void change_each_run(void)
{
    if (runs++ % 2) moor_store_relaxed(&words[0], 1);
    count_swapping();
}

static void test_refusals(void)
{
    const struct model_case endless = {
        .name = "endless",
        .before = clear,
        .threads = {wait_for_one, write_once},
        .threads_count = 2,
    };
    struct model_options options = {.steps_max = 50};
    struct model_result result;
    SELF_EXPECT(!model_run(&endless, &options, &result));
    SELF_EXPECT(result.longest == 50);
    SELF_EXPECT(strstr(result.message, "no end after 50 steps"));

    const struct model_case changing = {
        .name = "changing",
        .before = clear,
        .threads = {count_swapping, change_each_run},
        .threads_count = 2,
    };
    SELF_EXPECT(!model_run(&changing, NULL, &result));
    SELF_EXPECT(strstr(result.message, "not repeatable"));
}

/* model_touch() lets others come between a load and a plain access. */
static uint64_t plain;

static void write_plain(void)
{
    model_touch(&plain, true);
    plain++;
}

static void read_plain_twice(void)
{
    model_touch(&plain, false);
    uint64_t early = plain;
    model_touch(&plain, false);
    if (plain != early) model_fail("changed in between");
}

static void test_touch(void)
{
    const struct model_case model = {
        .name = "touch",
        .threads = {write_plain, read_plain_twice},
        .threads_count = 2,
    };
    struct model_result result = self_run(&model, MODEL_REDUCED);
    SELF_EXPECT(result.schedules == 3 && result.violations == 1);
    SELF_EXPECT(model_self() == -1);
}

int main(void)
{
    test_counts();
    test_readers();
    test_store_buffering();
    test_counters();
    test_bounds();
    test_caps();
    test_completers();
    test_refusals();
    test_touch();
    return self_verdict();
}
