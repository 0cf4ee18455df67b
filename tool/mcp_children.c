#include "mcp_children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mcp_answers.h"
#include "mcp_runs.h"
#include "mcp_warden.h"
#include "memory.h"
#include "text.h"

extern char **environ;

/* ---- its environment ---------------------------------------------------- */

enum { TOLD = 7 };

static char *setting(const char *name, const char *value)
{
    char *text = must_alloc(strlen(name) + strlen(value) + 2, 1);

    stpcpy(stpcpy(stpcpy(text, name), "="), value);
    return text;
}

/* Ours, and then what it is told; to be freed with the first `TOLD`. */
static char **environment_of(struct mcp *mcp, const struct mcp_agent *notes,
                             const struct child_told *told)
{
    moor_info info = {0};
    char id[MOOR_ID_TEXT];
    size_t count = 0, to = 0;

    moor_info_of(mcp->registry, notes->agent, &info);
    moor_id_format(info.id, id);
    const struct {
        const char *name, *value;
    } settings[TOLD] = {
        {"MOORAGE_AGENT_ID", id},
        {"MOORAGE_AGENT_PATH", info.path},
        {"MOORAGE_MODEL", told == NULL ? NULL : told->model},
        {"MOORAGE_REASONING_EFFORT", told == NULL ? NULL : told->effort},
        {"MOORAGE_SERVICE_TIER", told == NULL ? NULL : told->tier},
        {"MOORAGE_FORK", told == NULL ? NULL : told->fork},
        {"MOORAGE_SERVERS", mcp->servers},
    };
    while (environ[count] != NULL)
        count++;
    char **all = must_alloc(count + TOLD + 1, sizeof *all);
    for (size_t i = 0; i < TOLD; i++) {
        const char *value = settings[i].value;
        all[to++] = setting(settings[i].name, value == NULL ? "" : value);
    }
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "MOORAGE_", 8) != 0) all[to++] = environ[i];
    }
    return all;
}

static void environment_free(char **all)
{
    for (size_t i = 0; i < TOLD; i++)
        free(all[i]);
    free(all);
}

/* ---- its beginning ------------------------------------------------------ */

struct pipes {
    int in[2], out[2], error[2];
};

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0) close(pair[i]);
        pair[i] = -1;
    }
}

static bool open_pipes(struct pipes *pipes)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    return pipe2(pipes->in, O_CLOEXEC) == 0 &&
           pipe2(pipes->out, O_CLOEXEC) == 0 &&
           pipe2(pipes->error, O_CLOEXEC) == 0;
}

/* In the child; only what is safe after a fork beside other threads. */
static void become(const struct mcp *mcp, const struct pipes *pipes,
                   pid_t server, char **environment)
{
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != server) _exit(127); /* it died before we said that */
    warden_told_of(mcp->warden, getpid());
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(pipes->in[0], STDIN_FILENO) >= 0 &&
        dup2(pipes->out[1], STDOUT_FILENO) >= 0) {
        execvpe(mcp->options.exec[0], mcp->options.exec, environment);
    }
    while (write(pipes->error[1], &errno, sizeof errno) < 0 && errno == EINTR) {
    }
    _exit(127);
}

/* Its pipe ends at exec, or says why there was none: 0, or an errno. */
static int begun(int error)
{
    int number;
    ssize_t got;

    do {
        got = read(error, &number, sizeof number);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return 0;
    return got == (ssize_t)sizeof number ? number : EIO;
}

static void never_block(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* The process by itself, too: it may have gone over to another group.  As long
 * as it was not waited for, the number is its own.  False: the kernel does not
 * let us, since it has become another user's. */
static bool kill_group(pid_t pid)
{
    kill(-pid, SIGKILL);
    return kill(pid, SIGKILL) == 0;
}

/* One that cannot be killed is not waited for: it may run for ever. */
static void end_group(const struct mcp *mcp, pid_t pid)
{
    bool ends = kill_group(pid);

    warden_told_of_end(mcp->warden, pid);
    waitpid(pid, NULL, ends ? 0 : WNOHANG);
}

static pid_t begin(struct mcp *mcp, struct pipes *pipes, char **environment)
{
    pid_t server = getpid();
    pid_t pid = fork();

    if (pid == 0) become(mcp, pipes, server, environment);
    if (pid < 0) mcp->start_error = errno;
    close(pipes->error[1]);
    pipes->error[1] = -1;
    if (pid < 0) return pid;
    mcp->start_error = begun(pipes->error[0]);
    if (mcp->start_error == 0) return pid;
    end_group(mcp, pid);
    return -1;
}

bool child_start(struct mcp *mcp, struct mcp_agent *notes, char *task,
                 const struct child_told *told)
{
    struct pipes pipes;
    pid_t pid = -1;

    if (open_pipes(&pipes)) {
        char **environment = environment_of(mcp, notes, told);

        pid = begin(mcp, &pipes, environment);
        environment_free(environment);
    } else {
        mcp->start_error = errno;
    }
    if (pid < 0) {
        close_pair(pipes.in);
        close_pair(pipes.out);
        close_pair(pipes.error);
        free(task);
        return false;
    }
    close(pipes.in[0]);
    close(pipes.out[1]);
    close(pipes.error[0]);
    never_block(pipes.in[1]);
    never_block(pipes.out[0]);
    struct child *child = must_alloc(1, sizeof *child);
    *child = (struct child){.next = mcp->children,
                            .pid = pid,
                            .notes = notes,
                            .in = pipes.in[1],
                            .out = pipes.out[0],
                            .task = task,
                            .task_length = strlen(task)};
    mcp->children = child;
    notes->child = child;
    return true;
}

/* ---- its pipes ---------------------------------------------------------- */

static void shut(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void give_task(struct child *child)
{
    while (child->in >= 0 && child->task_from < child->task_length) {
        ssize_t count = write(child->in, child->task + child->task_from,
                              child->task_length - child->task_from);

        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return;
        if (count < 0) break; /* it does not want to know */
        child->task_from += (size_t)count;
    }
    shut(&child->in);
    free(child->task);
    child->task = NULL;
}

static void keep(struct child *child, const char *bytes, size_t count)
{
    size_t left = MCP_RESULT_MAX - child->length;
    size_t kept = count < left ? count : left;

    if (kept < count) child->cut = true;
    if (kept == 0) return;
    child->result = must_resize(child->result, child->length + kept, 1);
    memcpy(child->result + child->length, bytes, kept);
    child->length += kept;
}

/* No more than a moment's worth: one that writes without end is not to keep us
 * from the others. */
static void take_result(struct child *child)
{
    char bytes[16384];

    for (int times = 0; child->out >= 0 && times < 16; times++) {
        ssize_t count = read(child->out, bytes, sizeof bytes);

        if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (count <= 0) {
            shut(&child->out);
            return;
        }
        keep(child, bytes, (size_t)count);
    }
}

size_t children_count(const struct mcp *mcp)
{
    size_t count = 0;

    for (struct child *c = mcp->children; c != NULL; c = c->next)
        count++;
    return count;
}

void children_watch(const struct mcp *mcp, struct pollfd *watched)
{
    for (struct child *c = mcp->children; c != NULL; c = c->next) {
        *watched++ = (struct pollfd){.fd = c->in, .events = POLLOUT};
        *watched++ = (struct pollfd){.fd = c->out, .events = POLLIN};
    }
}

void children_serve(struct mcp *mcp, const struct pollfd *watched)
{
    for (struct child *c = mcp->children; c != NULL; c = c->next) {
        if (watched[0].revents != 0) give_task(c);
        if (watched[1].revents != 0) take_result(c);
        watched += 2;
    }
}

/* ---- its end ------------------------------------------------------------ */

void child_kill(struct child *child)
{
    if (child == NULL) return;
    kill_group(child->pid);
    child->notes->child = NULL;
    child->notes = NULL;
}

static void child_free(struct child *child)
{
    shut(&child->in);
    shut(&child->out);
    free(child->task);
    free(child->result);
    free(child);
}

/* The result as text: UTF-8, without the line feed at its end. */
static char *result_of(const struct child *child, size_t *length)
{
    *length = child->length;
    if (*length == 0) return must_alloc(1, 1);
    if (!child->cut && child->result[*length - 1] == '\n') --*length;
    return text_clean(child->result, length);
}

static void report(struct mcp *mcp, struct child *child, const siginfo_t *how)
{
    struct mcp_agent *notes = child->notes;
    size_t length;

    notes->child = NULL;
    child->notes = NULL;
    if (how->si_code == CLD_EXITED && how->si_status == 0) {
        char *text = result_of(child, &length);

        run_ended(mcp, notes, MOOR_STATUS_COMPLETED, text, length);
        free(text);
        return;
    }
    char text[32];
    length = (size_t)snprintf(text, sizeof text, "%s %d",
                              how->si_code == CLD_EXITED ? "exit" : "signal",
                              how->si_status);
    run_ended(mcp, notes, MOOR_STATUS_ERRORED, text, length);
}

static bool has_ended(const struct child *child, siginfo_t *how)
{
    how->si_pid = 0;
    return waitid(P_PID, (id_t)child->pid, how, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           how->si_pid == child->pid;
}

void children_reap(struct mcp *mcp)
{
    struct child **link = &mcp->children;
    struct child *ended = NULL;

    while (*link != NULL) {
        struct child *child = *link;
        siginfo_t how;

        if (!has_ended(child, &how)) {
            link = &child->next;
            continue;
        }
        /* What it left behind in its group goes with it; what is in the pipe
         * by now is its result. */
        take_result(child);
        end_group(mcp, child->pid);
        *link = child->next;
        child->next = ended;
        ended = child;
        /* A run that begins in here is put before `link`'s, or at it. */
        if (child->notes != NULL) report(mcp, child, &how);
        link = &mcp->children;
    }
    while (ended != NULL) {
        struct child *next = ended->next;

        child_free(ended);
        ended = next;
    }
}

void children_end(struct mcp *mcp)
{
    for (struct child *c = mcp->children; c != NULL; c = c->next)
        kill_group(c->pid);
    while (mcp->children != NULL) {
        struct child *child = mcp->children;

        mcp->children = child->next;
        end_group(mcp, child->pid);
        child_free(child);
    }
}
