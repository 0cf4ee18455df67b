/*
 * The main function for files of cases: its options and its exit status; and
 * what a crash in a case prints.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atomic.h"
#include "self.h"

enum { ARGUMENTS_MAX = 8, PASSED = 0, FAILED = 1, WRONG = 2 };

static moor_word word;

static void clear(void)
{
    word = (moor_word){0};
}

static void add(void)
{
    moor_add_relaxed(&word, 1);
}

static void add_torn(void)
{
    uint64_t seen = moor_load_relaxed(&word);
    moor_store_relaxed(&word, seen + 1);
}

static void judge(void)
{
    if (moor_load_relaxed(&word) != 2) model_fail("not 2");
}

static void die_if_second(void)
{
    if (moor_add_relaxed(&word, 1) == 1) abort();
}

static const struct model_case cases[] = {
    {"good", clear, {add, add}, 2, judge, 0},
    {"bad", clear, {add_torn, add_torn}, 2, judge, 0},
};

static const struct model_case dying[] = {
    {"dying", clear, {die_if_second, add}, 2, NULL, 0},
};

static int run_lines(const struct model_case *which, int count,
                     const char *line)
{
    char copy[100];
    char *argv[ARGUMENTS_MAX] = {copy};
    int argc = 1;

    printf("%s\n", line);
    snprintf(copy, sizeof copy, "program %s", line);
    for (char *at = copy; (at = strchr(at, ' ')) != NULL;) {
        *at++ = 0;
        if (*at) argv[argc++] = at;
    }
    return model_main(which, count, argc, argv);
}

static int run_arguments(const char *line)
{
    return run_lines(cases, 2, line);
}

/* None and then one is seen by a look between two additions, one before them:
 * with two preemptions and not with one. */
static void look_twice(void)
{
    uint64_t early = moor_load_relaxed(&word);
    uint64_t late = moor_load_relaxed(&word);

    if (early == 0 && late == 1) model_fail("none, then one");
}

static void add_twice(void)
{
    add();
    add();
}

/* Needs two preemptions. */
static struct model_case bounded_by(unsigned preemptions)
{
    return (struct model_case){
        .name = "bounded",
        .before = clear,
        .threads = {look_twice, add_twice},
        .threads_count = 2,
        .preemptions_max = preemptions,
    };
}

static int run_bounded(unsigned preemptions, const char *line)
{
    const struct model_case bounded = bounded_by(preemptions);

    return run_lines(&bounded, 1, line);
}

/* A case's own bound is for those who ask for nothing else. */
static void test_own_bound(void)
{
    SELF_EXPECT(run_bounded(1, "--fill 0") == PASSED);
    SELF_EXPECT(run_bounded(1, "--reduced") == FAILED);
    SELF_EXPECT(run_bounded(2, "--fill 0") == FAILED);
    SELF_EXPECT(run_bounded(1, "--fill 0 --deeper 1") == FAILED);
    SELF_EXPECT(run_bounded(1, "--fill 0 --bounded") == PASSED);
    SELF_EXPECT(run_bounded(0, "--bounded") == WRONG); /* no such case */
    /* It is small, so the bound is not asked for. */
    SELF_EXPECT(run_bounded(1 | MODEL_IF_LARGE, "--fill 0") == FAILED);
}

/* What the bound leaves out is met by random priorities. */
static void test_fill(void)
{
    SELF_EXPECT(run_bounded(1, "--fill 100 --seed 3") == FAILED);
    SELF_EXPECT(run_bounded(1, "--fill 100 --depth 1") == PASSED);
    SELF_EXPECT(run_arguments("--case good --fill 100") == PASSED);
    SELF_EXPECT(run_arguments("--bound 0 --fill 100") == FAILED);
    SELF_EXPECT(run_arguments("--case good --bound 1 --fill 100") == PASSED);
}

static void test_options(void)
{
    SELF_EXPECT(run_arguments("") == FAILED);
    SELF_EXPECT(run_arguments("--list") == PASSED);
    SELF_EXPECT(run_arguments("--case good") == PASSED);
    SELF_EXPECT(run_arguments("--case bad") == FAILED);
    SELF_EXPECT(run_arguments("--case none") == WRONG);
    SELF_EXPECT(run_arguments("--case good --full") == PASSED);
    SELF_EXPECT(run_arguments("--bound 0") == PASSED);
    SELF_EXPECT(run_arguments("--bound 1") == FAILED);
    SELF_EXPECT(run_arguments("--preemptions 0") == PASSED);
    SELF_EXPECT(run_arguments("--preemptions 1") == FAILED);
    SELF_EXPECT(run_arguments("--preemptions 1 --keep-going") == FAILED);
    SELF_EXPECT(run_arguments("--random 100 --seed 3") == FAILED);
    SELF_EXPECT(run_arguments("--case good --random 100") == PASSED);
    SELF_EXPECT(run_arguments("--pct 100 --seed 3") == FAILED);
    SELF_EXPECT(run_arguments("--pct 100 --depth 1") == FAILED);
    SELF_EXPECT(run_arguments("--case good --pct 100") == PASSED);
    SELF_EXPECT(run_arguments("--pct 100 --depth 17") == WRONG);
    SELF_EXPECT(run_arguments("--case bad --replay 0101") == FAILED);
    SELF_EXPECT(run_arguments("--case bad --replay 0011") == PASSED);
    SELF_EXPECT(run_arguments("--case bad --replay 0x11") == FAILED);
    SELF_EXPECT(run_arguments("--park --case good") == PASSED);
    SELF_EXPECT(run_arguments("--park") == FAILED);
    SELF_EXPECT(run_arguments("--case good --max-schedules 1") == FAILED);
    SELF_EXPECT(run_arguments("--case good --max-schedules 2") == PASSED);
    SELF_EXPECT(run_arguments("--case good --max-schedules 1"
                              " --allow-partial") == PASSED);
    SELF_EXPECT(run_arguments("--case good --max-steps 1") == FAILED);
    SELF_EXPECT(run_arguments("--unknown") == WRONG);
    SELF_EXPECT(run_arguments("--seed") == WRONG);
    SELF_EXPECT(run_arguments("--seed -3") == WRONG);
}

/* All that comes until the writer has gone. */
static void read_words(int from, char *words, size_t size)
{
    size_t length = 0;
    ssize_t got;

    while ((got = read(from, words + length, size - 1 - length)) > 0) {
        length += (size_t)got;
    }
    words[length] = 0;
}

/* In a process of its own, whose last words are caught. */
static void test_crash(void)
{
    char words[500];
    int ends[2];
    int status = 0;
    char *argv[] = {(char[]){"program"}};

    if (pipe(ends) != 0) abort();
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        _exit(model_main(dying, 1, 1, argv));
    }
    close(ends[1]);
    read_words(ends[0], words, sizeof words);
    waitpid(child, &status, 0);
    close(ends[0]);
    printf("%s", words);
    SELF_EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    SELF_EXPECT(strstr(words, "case dying: died; --case dying --replay 10"));
}

int main(void)
{
    test_options();
    test_own_bound();
    test_fill();
    test_crash();
    return self_verdict();
}
