/*
 * The driver of a fuzz body where there is no libFuzzer: the corpus first, then
 * inputs by chance.
 *
 *   BODY [--seed N] [--seconds S | --runs N] [--words FILE] CORPUS...
 *   BODY --replay FILE      runs one input and tells each step
 *
 * Inputs run in a child, one after the other, out of memory that the parent
 * shares: so whatever ends the child, the parent has the input, writes it to
 * BODY-failed-SEED-N in the current directory and says how to see it again.  A
 * child that stands still is ended, and counts as failed.
 *
 * Exit status: 0 nothing was found, 1 something was, 2 a bad option.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "judge.h"
#include "mutate.h"

enum { INPUT_MOST = 1 << 16, PATIENCE_SECONDS = 60, EXIT_USAGE = 2 };

struct options {
    const char *program;
    const char *replay;
    uint64_t seed, runs;
    double seconds;
    struct pool corpus, words;
};

/* What parent and child share. */
struct shared {
    uint64_t executions; /* begun, the corpus included */
    bool inside;         /* an input is being run: this one */
    size_t size;
    uint8_t data[INPUT_MOST];
};

/* --- options -------------------------------------------------------------- */

static _Noreturn void usage(const char *program, const char *wrong)
{
    fprintf(stderr,
            "%s: bad option: %s\n"
            "usage: %s [--seed N] [--seconds S | --runs N] [--words FILE] "
            "CORPUS...\n       %s --replay FILE\n",
            program, wrong, program, program);
    exit(EXIT_USAGE);
}

static uint64_t fresh_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        seed = 1; /* repeatable is good enough; it is printed either way */
    }
    return seed;
}

static uint64_t whole(const struct options *options, const char *text)
{
    char *end;
    uint64_t number = strtoull(text, &end, 0);

    if (end == text || *end != '\0' || *text == '-') {
        usage(options->program, text);
    }
    return number;
}

static double fraction(const struct options *options, const char *text)
{
    char *end;
    double number = strtod(text, &end);

    if (end == text || *end != '\0' || !(number >= 0)) {
        usage(options->program, text);
    }
    return number;
}

static void take(struct options *options, const char *name, const char *value)
{
    if (strcmp(name, "--seed") == 0) {
        options->seed = whole(options, value);
    } else if (strcmp(name, "--runs") == 0) {
        options->runs = whole(options, value);
        options->seconds = 0;
    } else if (strcmp(name, "--seconds") == 0) {
        options->seconds = fraction(options, value);
    } else if (strcmp(name, "--replay") == 0) {
        options->replay = value;
    } else if (strcmp(name, "--words") != 0 ||
               !pool_read_words(&options->words, value)) {
        usage(options->program, strcmp(name, "--words") == 0 ? value : name);
    }
}

static struct options read_options(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    struct options options = {.program = slash == NULL ? argv[0] : slash + 1,
                              .seed = fresh_seed(),
                              .seconds = 1};

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (i + 1 == argc) {
                usage(options.program, argv[i]);
            }
            take(&options, argv[i], argv[i + 1]);
            i++;
        } else if (!pool_read(&options.corpus, argv[i])) {
            usage(options.program, argv[i]);
        }
    }
    return options;
}

/* --- the child ------------------------------------------------------------ */

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Runs the input that lies in the shared memory.  A copy of its very size is
 * given, so that a look behind its end is one outside of the heap block. */
static void run_shared(struct shared *shared)
{
    uint8_t *data = malloc(shared->size > 0 ? shared->size : 1);

    if (data == NULL) {
        exit(EXIT_FAILURE);
    }
    memcpy(data, shared->data, shared->size);
    shared->executions++;
    shared->inside = true;
    (void)alarm(PATIENCE_SECONDS);
    (void)LLVMFuzzerTestOneInput(data, shared->size);
    shared->inside = false;
    free(data);
}

static void run_given(struct shared *shared, const struct bytes *input)
{
    shared->size = input->size < INPUT_MOST ? input->size : INPUT_MOST;
    memcpy(shared->data, input->at, shared->size);
    run_shared(shared);
}

static void run_all(struct options *options, struct shared *shared)
{
    const struct pool *corpus = &options->corpus;
    struct chance chance = {options->seed};
    double end = now() + options->seconds;

    for (size_t i = 0; i < corpus->count; i++) {
        run_given(shared, &corpus->all[i]);
    }
    while (shared->executions - corpus->count < options->runs || now() < end) {
        shared->size =
            mutate(&chance, corpus, &options->words, shared->data, INPUT_MOST);
        run_shared(shared);
    }
    pool_free(&options->corpus);
    pool_free(&options->words);
}

/* --- the parent ----------------------------------------------------------- */

static void say_how(const struct options *options, int status)
{
    if (WIFSIGNALED(status)) {
        printf("%s: FAILED: %s\n", options->program,
               WTERMSIG(status) == SIGALRM ? "it stood still"
                                           : strsignal(WTERMSIG(status)));
    } else {
        printf("%s: FAILED: exit status %d\n", options->program,
               WEXITSTATUS(status));
    }
}

/* Keeps the input that was being run. */
static void keep(const struct options *options, const struct shared *shared)
{
    char name[256];
    FILE *stream;

    if (!shared->inside) {
        printf("after all inputs; not because of the last one alone\n");
        return;
    }
    (void)snprintf(name, sizeof name, "%s-failed-%llu-%llu", options->program,
                   (unsigned long long)options->seed,
                   (unsigned long long)shared->executions);
    stream = fopen(name, "wb");
    if (stream == NULL ||
        fwrite(shared->data, 1, shared->size, stream) != shared->size ||
        fclose(stream) != 0) {
        printf("cannot write %s: %s\n", name, strerror(errno));
        return;
    }
    printf("input: %s, %zu bytes; see it again: %s --replay %s\n", name,
           shared->size, options->program, name);
}

static int watch(struct options *options, struct shared *shared)
{
    double begin = now();
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        run_all(options, shared);
        exit(EXIT_SUCCESS);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        printf("%s: %s\n", options->program, strerror(errno));
        return EXIT_FAILURE;
    }
    printf("%s: %llu executions in %.1f s\n", options->program,
           (unsigned long long)shared->executions, now() - begin);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
        return EXIT_SUCCESS;
    }
    say_how(options, status);
    keep(options, shared);
    return EXIT_FAILURE;
}

static int replay(const struct options *options, struct shared *shared)
{
    struct pool one = {0};

    if (!pool_read(&one, options->replay) || one.count == 0) {
        usage(options->program, options->replay);
    }
    judge_tell(true);
    for (size_t i = 0; i < one.count; i++) {
        run_given(shared, &one.all[i]);
    }
    pool_free(&one);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options options = read_options(argc, argv);
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int code;

    if (shared == MAP_FAILED) {
        perror(options.program);
        return EXIT_FAILURE;
    }
    if (options.replay == NULL) {
        printf("%s: seed %llu, %zu inputs in the corpus\n", options.program,
               (unsigned long long)options.seed, options.corpus.count);
        (void)fflush(stdout);
        code = watch(&options, shared);
    } else {
        code = replay(&options, shared);
    }
    pool_free(&options.corpus);
    pool_free(&options.words);
    return code;
}
