#include "play_children.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

extern char **environ;

/* One process that was not waited for yet. */
struct child {
    struct child *next;
    pid_t pid; /* and process group */
    moor_agent agent;
    bool run_ended; /* nobody wants to know how it ends */
};

struct children {
    moor_registry *registry;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t more;   /* a child was added, or stopping was set */
    struct child *first;
    bool stopping;
    pthread_t watcher, listener;
    sigset_t heard, mask_before;
};

void children_enter(struct children *children)
{
    if (children != NULL) pthread_mutex_lock(&children->mutex);
}

void children_leave(struct children *children)
{
    if (children != NULL) pthread_mutex_unlock(&children->mutex);
}

/* ---- the end of a process ----------------------------------------------- */

static void report_exit(struct children *children, const struct child *child,
                        const siginfo_t *how)
{
    char text[32];
    int length;

    if (how->si_code == CLD_EXITED && how->si_status == 0) {
        moor_finish(children->registry, child->agent, MOOR_STATUS_COMPLETED,
                    NULL, 0);
        return;
    }
    length = snprintf(text, sizeof text, "%s %d",
                      how->si_code == CLD_EXITED ? "exit" : "signal",
                      how->si_status);
    moor_error error = moor_finish(children->registry, child->agent,
                                   MOOR_STATUS_ERRORED, text, (size_t)length);
    /* Without memory for the text the slot must come back all the same. */
    if (error == MOOR_NO_MEMORY) moor_died(children->registry, child->agent);
}

/* `how` tells of a child that has ended but was not waited for yet. */
static void child_ended(struct children *children, const siginfo_t *how)
{
    struct child **link = &children->first;

    while (*link != NULL && (*link)->pid != how->si_pid) link = &(*link)->next;
    struct child *child = *link;
    if (child != NULL) {
        /* What its executor left behind in the group goes with it. */
        kill(-child->pid, SIGKILL);
        if (!child->run_ended) report_exit(children, child, how);
        *link = child->next;
        free(child);
    }
    /* One that is not listed was inherited from whoever ran this program. */
    waitpid(how->si_pid, NULL, 0);
}

/* Wait until there is something to watch; false: nothing will ever be. */
static bool anything_to_watch(struct children *children)
{
    children_enter(children);
    while (children->first == NULL && !children->stopping) {
        pthread_cond_wait(&children->more, &children->mutex);
    }
    bool any = children->first != NULL;
    children_leave(children);
    return any;
}

static void *watch(void *argument)
{
    struct children *children = argument;

    while (anything_to_watch(children)) {
        siginfo_t how;
        /* WNOWAIT: until child_ended holds the mutex, the process id stays
         * taken and may be signalled. */
        if (waitid(P_ALL, 0, &how, WEXITED | WNOWAIT) != 0) continue;
        children_enter(children);
        child_ended(children, &how);
        children_leave(children);
    }
    return NULL;
}

/* ---- the beginning of a process ----------------------------------------- */

/* In a group of its own, signals as usual, nothing to read, and standard output
 * on standard error: ours is for the answers. */
static int spawn_process(pid_t *pid, const char *const *argv)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error = -1;

    sigemptyset(&none);
    sigfillset(&all);
    if (posix_spawn_file_actions_init(&files) != 0) return error;
    if (posix_spawnattr_init(&attributes) == 0) {
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                                  POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        if (posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
                                             O_RDONLY, 0) == 0 &&
            posix_spawn_file_actions_adddup2(&files, STDERR_FILENO,
                                             STDOUT_FILENO) == 0) {
            /* Unlike a bare fork this is safe while other threads run, and it
             * answers here that a program cannot be run. */
            error = posix_spawnp(pid, argv[0], &files, &attributes,
                                 (char *const *)argv, environ);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

bool children_run(struct children *children, moor_agent agent,
                  const char *const *argv)
{
    pid_t pid;

    if (argv[0] == NULL || spawn_process(&pid, argv) != 0) return false;

    struct child *child = must_alloc(1, sizeof *child);
    *child = (struct child){children->first, pid, agent, false};
    children->first = child;
    pthread_cond_signal(&children->more);
    return true;
}

/* ---- runs that end otherwise -------------------------------------------- */

void children_forget(struct children *children, moor_agent agent)
{
    if (children == NULL) return;
    for (struct child *c = children->first; c != NULL; c = c->next) {
        if (c->agent.bits == agent.bits) c->run_ended = true;
    }
}

void children_settle(struct children *children)
{
    if (children == NULL) return;
    for (struct child *c = children->first; c != NULL; c = c->next) {
        moor_status status = MOOR_STATUS_NOT_FOUND;

        moor_status_of(children->registry, c->agent, &status);
        if (c->run_ended || moor_holds_slot(status)) continue;
        kill(-c->pid, SIGKILL);
        c->run_ended = true;
    }
}

/* ---- all of them -------------------------------------------------------- */

static void kill_all(struct children *children)
{
    for (struct child *c = children->first; c != NULL; c = c->next) {
        kill(-c->pid, SIGKILL);
        c->run_ended = true;
    }
}

/* The signals that end a program from outside, unless whoever ran this one
 * wants them ignored; and one of our own, by which the listener is told to
 * return.  From here on only the listener takes them. */
static void block_signals(struct children *children)
{
    static const int endings[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction now;

    sigemptyset(&children->heard);
    sigaddset(&children->heard, SIGRTMIN);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (sigaction(endings[i], NULL, &now) == 0 &&
            now.sa_handler != SIG_IGN) {
            sigaddset(&children->heard, endings[i]);
        }
    }
    pthread_sigmask(SIG_BLOCK, &children->heard, &children->mask_before);
}

/* The children are in groups of their own: what ends us does not end them. */
static void *listen_for_signals(void *argument)
{
    struct children *children = argument;
    int number;

    if (sigwait(&children->heard, &number) != 0 || number == SIGRTMIN) {
        return NULL;
    }
    children_enter(children); /* and never leave: no child is to be added */
    kill_all(children);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &children->heard, NULL);
    raise(number);
    return NULL;
}

static void stop(struct children *children)
{
    children_enter(children);
    kill_all(children);
    children->stopping = true;
    pthread_cond_signal(&children->more);
    children_leave(children);
    pthread_join(children->watcher, NULL);
}

static void release(struct children *children)
{
    pthread_sigmask(SIG_SETMASK, &children->mask_before, NULL);
    pthread_cond_destroy(&children->more);
    pthread_mutex_destroy(&children->mutex);
    free(children);
}

struct children *children_create(moor_registry *registry)
{
    struct children *children = must_alloc(1, sizeof *children);

    children->registry = registry;
    pthread_mutex_init(&children->mutex, NULL);
    pthread_cond_init(&children->more, NULL);
    block_signals(children);
    if (pthread_create(&children->watcher, NULL, watch, children) == 0) {
        if (pthread_create(&children->listener, NULL, listen_for_signals,
                           children) == 0) {
            return children;
        }
        stop(children);
    }
    release(children);
    return NULL;
}

void children_destroy(struct children *children)
{
    if (children == NULL) return;
    stop(children);
    pthread_kill(children->listener, SIGRTMIN);
    pthread_join(children->listener, NULL);
    release(children);
}
