/*
 * The reduced searches against the plain ones, on random small programs.
 *
 * Goal    the reduction loses no trace and repeats none; the bounded search
 *         loses none of those that have a schedule within the bound.
 * Method  programs of a few operations on a few words, with jumps that depend
 *         on what was read.  Each run is named twice: by its outcome (words
 *         and registers), and by its trace.  Both searches must meet the
 *         same set of outcomes and the same set of traces, and the reduced
 *         one must complete each trace exactly once.  The same with each
 *         bound of preemptions from none to three, but for the last.
 *
 * A trace is named by the set of its ordered dependent pairs, collected here
 * from the record of the run by plain comparison of all pairs, so that
 * nothing of dpor.c judges itself.
 *
 * Arguments: number of programs, seed.
 */
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "run.h"
#include "self.h"

enum {
    WORDS_MAX = 3,
    OPERATIONS_MAX = 4,
    BOUND_MOST = 3, /* of preemptions */
    SET_SIZE = 1 << 16
};

enum { OP_LOAD, OP_STORE, OP_CAS, OP_ADD, OP_KINDS };

struct operation {
    uint8_t what;
    uint8_t word;
    uint8_t value;
    uint8_t jump; /* how many operations to skip if the register is odd */
};

static struct {
    int threads;
    int words;
    int lengths[MODEL_THREADS_MAX];
    struct operation operations[MODEL_THREADS_MAX][OPERATIONS_MAX];
} program;

static moor_word words[WORDS_MAX];
static uint64_t registers[MODEL_THREADS_MAX];

/* Sets of 64-bit names, 0 meaning none. */
struct set {
    uint64_t entries[SET_SIZE];
    size_t count;
};

struct met {
    struct set outcomes;
    struct set traces;
};

static struct met met_full;
static struct met met_reduced;
static struct met *met;

static void set_add(struct set *set, uint64_t name)
{
    if (name == 0) name = 1;
    size_t slot = name & (SET_SIZE - 1);
    while (set->entries[slot] && set->entries[slot] != name) {
        slot = (slot + 1) & (SET_SIZE - 1);
    }
    if (set->entries[slot]) return;
    set->entries[slot] = name;
    if (++set->count == SET_SIZE) exit(2);
}

static bool set_includes(const struct set *set, uint64_t name)
{
    size_t slot = name & (SET_SIZE - 1);

    while (set->entries[slot] && set->entries[slot] != name) {
        slot = (slot + 1) & (SET_SIZE - 1);
    }
    return set->entries[slot] == name;
}

static bool set_equal(const struct set *one, const struct set *other)
{
    if (one->count != other->count) return false;
    for (size_t i = 0; i < SET_SIZE; i++) {
        uint64_t name = one->entries[i];
        if (name && !set_includes(other, name)) return false;
    }
    return true;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ (hash >> 29)) * 0x94D049BB133111EBu;
    return hash ^ (hash >> 32);
}

/* The sum of a number for each pair, as the order of pairs is not known;
 * events are named by thread and number within it. */
static uint64_t name_of_trace(void)
{
    uint64_t names[MODEL_THREADS_MAX * OPERATIONS_MAX];
    uint64_t numbers[MODEL_THREADS_MAX] = {0};
    uint64_t sum = run.length;

    for (size_t i = 0; i < run.length; i++) {
        const struct run_event *late = &run.events[i];
        struct fiber_step step = {late->word, (moor_step_kind)late->kind};
        names[i] = 16 * numbers[late->thread]++ + late->thread + 1;
        sum += mix(names[i], 0);
        for (size_t j = 0; j < i; j++) {
            if (run.events[j].thread != late->thread &&
                run_dependent(step, &run.events[j])) {
                sum += mix(mix(0, names[j]), names[i]);
            }
        }
    }
    return sum;
}

static void clear(void)
{
    memset(words, 0, sizeof words);
    memset(registers, 0, sizeof registers);
}

static void note_run(void)
{
    uint64_t outcome = 1;

    if (run.redundant) return; /* the others must suffice */
    for (int i = 0; i < WORDS_MAX; i++) {
        outcome = mix(outcome, moor_load_relaxed(&words[i]));
    }
    for (int i = 0; i < MODEL_THREADS_MAX; i++) {
        outcome = mix(outcome, registers[i]);
    }
    set_add(&met->outcomes, outcome);
    set_add(&met->traces, name_of_trace());
}

static uint64_t execute(const struct operation *operation, uint64_t seen)
{
    moor_word *word = &words[operation->word];
    uint64_t expected = operation->value;

    switch (operation->what) {
    case OP_LOAD:
        return moor_load_relaxed(word);
    case OP_STORE:
        moor_store_relaxed(word, operation->value + seen);
        return seen;
    case OP_CAS:
        moor_cas_relaxed(word, &expected, seen + 1);
        return expected;
    default:
        return moor_add_relaxed(word, operation->value);
    }
}

static void interpret(void)
{
    int self = model_self();

    for (int i = 0; i < program.lengths[self]; i++) {
        const struct operation *operation = &program.operations[self][i];
        uint64_t seen = execute(operation, registers[self] & 3);
        registers[self] = 4 * registers[self] + (seen & 3);
        if (registers[self] & 1) i += operation->jump;
    }
}

static const struct model_case model = {
    .name = "random program",
    .before = clear,
    .threads = {interpret, interpret, interpret, interpret},
    .threads_count = 3,
    .after = note_run,
};

static uint64_t state;

static unsigned below(unsigned bound)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(mix(state, 0) >> 33) % bound;
}

static void write_program(void)
{
    program.threads = below(8) ? 3 : 4;
    program.words = 2 + (int)below(2);
    for (int i = 0; i < program.threads; i++) {
        /* Four threads: two steps each, or the full search takes long. */
        unsigned most = program.threads == 4 ? 2 : OPERATIONS_MAX;
        program.lengths[i] = 1 + (int)below(most);
        for (int j = 0; j < program.lengths[i]; j++) {
            program.operations[i][j] = (struct operation){
                .what = (uint8_t)below(OP_KINDS),
                .word = (uint8_t)below((unsigned)program.words),
                .value = (uint8_t)below(3),
                .jump = (uint8_t)(below(3) == 0),
            };
        }
    }
}

static struct model_result search(enum model_mode mode, unsigned bound,
                                  struct met *into)
{
    struct model_options options = {.mode = mode, .preemptions_max = bound};
    struct model_case this_one = model;
    struct model_result result;

    this_one.threads_count = program.threads;
    memset(into, 0, sizeof *into);
    met = into;
    SELF_EXPECT(model_run(&this_one, &options, &result));
    return result;
}

/* full, reduced, redundant; with a bound: all, reduced */
static uint64_t totals[5];

static bool agrees(void)
{
    struct model_result full = search(MODEL_FULL, 0, &met_full);
    struct model_result reduced = search(MODEL_REDUCED, 0, &met_reduced);

    totals[0] += full.schedules;
    totals[1] += reduced.schedules;
    totals[2] += reduced.redundant;
    return set_equal(&met_full.outcomes, &met_reduced.outcomes) &&
           set_equal(&met_full.traces, &met_reduced.traces) &&
           reduced.schedules == met_full.traces.count;
}

/* The traces that have a schedule within the bound: all of them, and some of
 * them more than once. */
static bool agrees_bounded(unsigned bound)
{
    struct model_result all = search(MODEL_PREEMPTIONS, bound, &met_full);
    struct model_result some = search(MODEL_BOUNDED, bound, &met_reduced);

    totals[3] += all.schedules;
    totals[4] += some.schedules;
    return set_equal(&met_full.outcomes, &met_reduced.outcomes) &&
           set_equal(&met_full.traces, &met_reduced.traces);
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 400;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    long wrong = 0;

    printf("%ld programs, seed %llu\n", count, (unsigned long long)seed);
    for (long i = 0; i < count; i++) {
        state = mix(seed, (uint64_t)i);
        write_program();
        bool agree = agrees();
        for (unsigned bound = 0; bound <= BOUND_MOST; bound++)
            agree &= agrees_bounded(bound);
        if (agree) continue;
        if (wrong++ < 3) printf("program %ld: the searches differ\n", i);
    }
    printf("full %llu schedules, reduced %llu and %llu redundant\n",
           (unsigned long long)totals[0], (unsigned long long)totals[1],
           (unsigned long long)totals[2]);
    printf("with a bound %llu schedules, reduced %llu\n",
           (unsigned long long)totals[3], (unsigned long long)totals[4]);
    printf("%ld programs differ\n", wrong);
    SELF_EXPECT(count > 0 && wrong == 0);
    return self_verdict();
}
