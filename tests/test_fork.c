/*
 * fork(): the child has a copy of the registry and goes on with it, whatever
 * the parent's other threads were doing at that moment.  What their calls had
 * in hand is lost in the child, as if they had been killed there: a slot, a
 * ticket's worth, till moor_recover() gives it back; and what is retired is not
 * freed any more if one of them was reading a result.
 *
 * A child judges by its exit status: an assertion would not end it.
 */
#include "given.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atomic.h"
#include "threads.h"

/* What a child cannot do under a sanitizer: its allocator may stay locked by a
 * thread that is not there; or it makes no threads in a child of several. */
#if defined(__has_feature)
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS(address_sanitizer)
#define ALLOCATES 0
#else
#define ALLOCATES 1
#endif
#if defined(__SANITIZE_THREAD__) || HAS(thread_sanitizer)
#define MAKES_THREADS 0
#else
#define MAKES_THREADS 1
#endif

#if defined(MOOR_YIELD)
enum { FORKS = 10 };
#else
enum { FORKS = 60 };
#endif

enum { THREADS = 3, CHILD_SECONDS = 15 };

/* --- children ------------------------------------------------------------- */

enum { FAILED = 1, EXECUTED = 7 };

/* Without a lock that another thread may have held. */
static int failed_in(int line)
{
    char text[64];
    int length =
        snprintf(text, sizeof text, "test_fork.c:%d: in the child\n", line);

    (void)!write(STDERR_FILENO, text, (size_t)length);
    return FAILED;
}

/* In a child's program. */
#define MUST(right)                               \
    do {                                          \
        if (!(right)) return failed_in(__LINE__); \
    } while (0)

typedef int child_program(moor_registry *registry, moor_agent agent);

/* Never returns in the child; one that hangs is ended by its alarm. */
static void in_a_child(child_program *run, moor_registry *registry,
                       moor_agent agent, int want)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(CHILD_SECONDS);
        _exit(run(registry, agent));
    }
    cr_assert_gt(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "the child was ended by signal %d",
              WTERMSIG(status));
    cr_assert_eq(WEXITSTATUS(status), want, "the child failed");
}

static bool is_sound(moor_registry *registry, bool quiet)
{
    return moor_check(registry, quiet, NULL, 0) == MOOR_OK;
}

/* --- nobody is inside a call ---------------------------------------------- */

/* A whole life, and the end of what was there. */
static int go_on(moor_registry *registry, moor_agent agent)
{
    moor_spawn_options options = {.parent = agent, .name = "of_the_child"};
    moor_agent made, found;
    moor_waited answer;
    moor_closed closed;

    MUST(moor_spawn(registry, &options, &made, NULL) == MOOR_OK);
    MUST(moor_start(registry, made) == MOOR_OK);
    MUST(moor_find_path(registry, agent, "of_the_child", &found) == MOOR_OK);
    MUST(found.bits == made.bits);
    MUST(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &made, 1, 5,
                   &answer) == MOOR_TIMED_OUT);
    MUST(moor_finish(registry, made, MOOR_STATUS_COMPLETED, "text", 4) ==
         MOOR_OK);
    MUST(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &made, 1,
                   MOOR_FOREVER, &answer) == MOOR_OK);
    MUST(moor_close(registry, agent, MOOR_CLOSE_TREE, &closed) == MOOR_OK);
    MUST(closed.closed == 2);
    MUST(is_sound(registry, true));
    moor_destroy(registry);
    return 0;
}

Test(fork, a_child_goes_on_with_its_copy)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    struct picture *before = picture(registry);

    in_a_child(go_on, registry, agent, 0);
    unchanged(registry, before, "the child");
    completes(registry, agent);
    done(registry);
}

static int go_on_in_a_grandchild(moor_registry *registry, moor_agent agent)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(CHILD_SECONDS);
        _exit(go_on(registry, agent));
    }
    MUST(waitpid(child, &status, 0) == child && status == 0);
    return go_on(registry, agent);
}

Test(fork, so_does_its_child)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);

    in_a_child(go_on_in_a_grandchild, registry, agent, 0);
    done(registry);
}

/* --- a child makes threads ------------------------------------------------ */

static moor_registry *shared;
static moor_word wrong;

static void *live_and_die(void *unused)
{
    (void)unused;
    for (int i = 0; i < 200; i++) {
        moor_agent agent;

        if (moor_spawn(shared, &(moor_spawn_options){0}, &agent, NULL) !=
                MOOR_OK ||
            moor_finish(shared, agent, MOOR_STATUS_ERRORED, "e", 1) !=
                MOOR_OK ||
            moor_close(shared, agent, MOOR_CLOSE_BY_RULE, NULL) != MOOR_OK) {
            (void)moor_add_relaxed(&wrong, 1);
        }
    }
    return NULL;
}

static int make_threads(moor_registry *registry, moor_agent agent)
{
    pthread_t threads[THREADS];
    moor_stats stats;

    shared = registry;
    if (!MAKES_THREADS) (void)live_and_die(NULL);
    for (int t = 0; MAKES_THREADS && t < THREADS; t++) {
        MUST(pthread_create(&threads[t], NULL, live_and_die, NULL) == 0);
    }
    for (int t = 0; MAKES_THREADS && t < THREADS; t++) {
        MUST(pthread_join(threads[t], NULL) == 0);
    }
    MUST(moor_load_relaxed(&wrong) == 0);
    MUST(moor_stats_of(registry, &stats) == MOOR_OK && stats.used == 1);
    MUST(moor_start(registry, agent) == MOOR_OK);
    MUST(is_sound(registry, true));
    return 0;
}

Test(fork, a_child_makes_threads)
{
    moor_registry *registry = given();

    in_a_child(make_threads, registry, spawn(registry), 0);
    done(registry);
}

/* --- others are inside calls ---------------------------------------------- */

/* So many agents of each thread are there at most, one of them in hand. */
enum { OWN = 4 };

static moor_word over, lives;

/* Spawns below one another, ends some, and closes the top. */
static void one_life(void)
{
    moor_agent top = {0}, parent = {0};

    for (int i = 0; i < OWN; i++) {
        moor_spawn_options options = {.parent = parent};
        moor_agent agent;

        if (moor_spawn(shared, &options, &agent, NULL) != MOOR_OK) {
            (void)moor_add_relaxed(&wrong, 1);
            return;
        }
        if (i == 0) top = agent;
        if (i % 2 == 1) {
            char text[8];
            size_t length;

            (void)moor_finish(shared, agent, MOOR_STATUS_COMPLETED, "text", 4);
            (void)moor_result(shared, agent, text, sizeof text, &length);
        }
        parent = agent;
    }
    if (moor_close(shared, top, MOOR_CLOSE_TREE, NULL) != MOOR_OK) {
        (void)moor_add_relaxed(&wrong, 1);
    }
    (void)moor_add_relaxed(&lives, 1);
}

static void *live_on(void *unused)
{
    (void)unused;
    while (moor_load_acquire(&over) == 0) {
        one_life();
    }
    return NULL;
}

static moor_registry *with_threads_inside(pthread_t threads[THREADS])
{
    shared = given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
    together_end = event_deadline(TOGETHER_MS);
    for (int t = 0; t < THREADS; t++) {
        cr_assert_eq(pthread_create(&threads[t], NULL, live_on, NULL), 0);
    }
    return shared;
}

/* Until they have done something more. */
static void let_them_live(void)
{
    uint64_t seen = moor_load_relaxed(&lives);

    while (moor_load_relaxed(&lives) < seen + THREADS && in_time()) {
    }
}

static void end_threads(pthread_t threads[THREADS])
{
    moor_store_release(&over, 1);
    for (int t = 0; t < THREADS; t++) {
        cr_assert_eq(pthread_join(threads[t], NULL), 0);
    }
    cr_assert_eq(moor_load_relaxed(&wrong), 0);
    cr_assert_gt(moor_load_relaxed(&lives), 0);
}

static int spawn_and_find(moor_registry *registry)
{
    for (int i = 0; i < 100; i++) {
        moor_spawn_options options = {.role = "explorer"};
        moor_agent made, found;
        moor_info info;

        MUST(moor_spawn(registry, &options, &made, NULL) == MOOR_OK);
        MUST(moor_info_of(registry, made, &info) == MOOR_OK);
        MUST(moor_find_path(registry, (moor_agent){0}, info.path, &found) ==
                 MOOR_OK &&
             found.bits == made.bits);
        MUST(moor_find_id(registry, &info.id, &found) == MOOR_OK &&
             found.bits == made.bits);
        MUST(moor_finish(registry, made, MOOR_STATUS_COMPLETED, "t", 1) ==
             MOOR_OK);
        MUST(moor_run_again(registry, made, NULL) == MOOR_OK);
    }
    return 0;
}

static uint64_t slots_used(moor_registry *registry)
{
    moor_stats stats = {0};

    return moor_stats_of(registry, &stats) == MOOR_OK ? stats.used : UINT64_MAX;
}

/* Everything goes on; when all is closed, what is left is what the others had
 * in hand. */
static int go_on_without_them(moor_registry *registry, moor_agent agent)
{
    moor_agent root = moor_root(registry);
    moor_status status;
    int failed = ALLOCATES ? spawn_and_find(registry) : 0;

    if (failed != 0) return failed;
    MUST(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
         MOOR_OK);
    MUST(moor_status_of(registry, agent, &status) == MOOR_OK);
    MUST(status == MOOR_STATUS_COMPLETED);
    MUST(slots_used(registry) <= THREADS * OWN + (ALLOCATES ? 100 : 0));
    MUST(is_sound(registry, false));
    MUST(moor_close(registry, root, MOOR_CLOSE_TREE, NULL) == MOOR_OK);
    MUST(slots_used(registry) <= THREADS);
    MUST(is_sound(registry, false));
    return 0;
}

/* A child after another, each made while threads are inside calls. */
static void fork_amid_calls(int (*child)(moor_registry *, moor_agent))
{
    pthread_t threads[THREADS];
    moor_registry *registry = with_threads_inside(threads);
    moor_agent agent = spawn_below(registry, nobody, "kept");

    for (int i = 0; i < FORKS; i++) {
        let_them_live();
        in_a_child(child, registry, agent, 0);
    }
    end_threads(threads);
    cr_assert_eq(used(registry), 1);
    done(registry);
}

Test(fork, a_child_goes_on_though_others_were_inside_calls)
{
    fork_amid_calls(go_on_without_them);
}

/* In the child they are as good as killed: what they had in hand comes back. */
static int recover(moor_registry *registry, moor_agent agent)
{
    uint64_t recovered = 0;
    int failed;

    MUST(moor_recover(registry, &recovered) == MOOR_OK);
    MUST(recovered <= THREADS);
    MUST(is_sound(registry, true));
    failed = ALLOCATES ? spawn_and_find(registry) : 0;
    if (failed != 0) return failed;
    MUST(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) ==
         MOOR_OK);
    MUST(moor_close(registry, moor_root(registry), MOOR_CLOSE_TREE, NULL) ==
         MOOR_OK);
    MUST(slots_used(registry) == 0);
    MUST(is_sound(registry, true));
    return 0;
}

Test(fork, a_child_recovers_what_others_had_in_hand)
{
    fork_amid_calls(recover);
}

static int become_another_program(moor_registry *registry, moor_agent agent)
{
    (void)registry;
    (void)agent;
    (void)execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
    return FAILED;
}

Test(fork, a_child_becomes_another_program)
{
    pthread_t threads[THREADS];
    moor_registry *registry = with_threads_inside(threads);

    for (int i = 0; i < FORKS / 2; i++) {
        let_them_live();
        in_a_child(become_another_program, registry, nobody, EXECUTED);
    }
    end_threads(threads);
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* --- others wait ---------------------------------------------------------- */

struct waiter {
    moor_agent agent;
    moor_error answer;
};

static void *wait_for_it(void *one)
{
    struct waiter *self = (struct waiter *)one;
    moor_waited answer;

    self->answer = moor_wait(shared, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                             &self->agent, 1, TOGETHER_MS, &answer);
    return NULL;
}

static int finish_what_they_wait_for(moor_registry *registry, moor_agent agent)
{
    moor_waited answer;

    MUST(finish(registry, agent, MOOR_STATUS_COMPLETED) == MOOR_OK);
    MUST(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &agent, 1,
                   MOOR_FOREVER, &answer) == MOOR_OK);
    return 0;
}

/* The child's end is the child's: the parent's waiter waits on. */
Test(fork, a_child_ends_what_others_wait_for)
{
    struct waiter waiter;
    pthread_t thread;

    shared = given();
    waiter.agent = spawn(shared);
    cr_assert_eq(pthread_create(&thread, NULL, wait_for_it, &waiter), 0);
    for (int i = 0; i < FORKS; i++) {
        in_a_child(finish_what_they_wait_for, shared, waiter.agent, 0);
        cr_assert_eq(status_of(shared, waiter.agent), MOOR_STATUS_PENDING_INIT);
    }
    completes(shared, waiter.agent);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(waiter.answer, MOOR_OK);
    done(shared);
}

/* --- ids ------------------------------------------------------------------ */

enum { CHILDREN = 4 };

static int pipe_of_ids[2];

/* An id of the registry's making. */
static int tell_id(moor_registry *registry, moor_agent unused)
{
    moor_agent agent;
    moor_info info;

    (void)unused;
    MUST(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL) ==
         MOOR_OK);
    MUST(moor_info_of(registry, agent, &info) == MOOR_OK);
    MUST(write(pipe_of_ids[1], &info.id, sizeof info.id) == sizeof info.id);
    return 0;
}

/* The second half of an id is chance alone: no two draw the same. */
Test(fork, parent_and_children_make_ids_of_their_own)
{
    moor_registry *registry = given();
    moor_id ids[CHILDREN + 1];

    cr_assert_eq(pipe(pipe_of_ids), 0);
    (void)spawn(registry);
    for (int i = 0; i < CHILDREN; i++) {
        in_a_child(tell_id, registry, nobody, 0);
    }
    cr_assert_eq(tell_id(registry, nobody), 0);
    cr_assert_eq(read(pipe_of_ids[0], ids, sizeof ids), sizeof ids);
    for (int i = 0; i <= CHILDREN; i++) {
        for (int j = 0; j < i; j++) {
            cr_assert_neq(memcmp(ids[i].bytes + 8, ids[j].bytes + 8, 8), 0,
                          "%d and %d", j, i);
        }
    }
    done(registry);
}
