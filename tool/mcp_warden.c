#include "mcp_warden.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mcp_children.h"
#include "memory.h"

/* Positive: this group has begun; negative: it has ended. */
struct told {
    pid_t group;
};

static void tell(int warden, pid_t group)
{
    struct told told = {group};

    /* Less than a pipe writes in one piece.  If it fails, the warden is gone,
     * and there is still the parent-death signal. */
    if (warden >= 0 && write(warden, &told, sizeof told) < 0) return;
}

void warden_told_of(int warden, pid_t group)
{
    tell(warden, group);
}

void warden_told_of_end(int warden, pid_t group)
{
    tell(warden, -group);
}

/* ---- in the warden ------------------------------------------------------ */

struct groups {
    pid_t *all;
    size_t count, room;
};

static void take(struct groups *groups, pid_t group)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->all[i] != -group) continue;
        groups->all[i] = groups->all[--groups->count];
        return;
    }
    if (group < 0) return;
    if (groups->count == groups->room) {
        groups->room = 2 * groups->room + 64;
        groups->all =
            must_resize(groups->all, groups->room, sizeof *groups->all);
    }
    groups->all[groups->count++] = group;
}

/* Nothing of the server's stays open here: who reads its output is to see that
 * it has ended. */
static void close_all_but(int fd)
{
    long most = sysconf(_SC_OPEN_MAX);

    if (fd > 0) close_range(0, (unsigned)fd - 1, 0);
    if (close_range((unsigned)fd + 1, ~0U, 0) == 0) return;
    for (int i = 0; i < (most > 0 && most < 65536 ? most : 65536); i++) {
        if (i != fd) close(i);
    }
}

/* ---- who has left its group ---------------------------------------------- */

enum { ENVIRON_MOST = 1 << 20, ROUNDS_MOST = 1000 };

/* Has the process the mark in its environment?  One that has ended has none. */
static bool has_mark(int pid, const char *mark, char *room)
{
    char name[64];
    size_t length = 0;
    ssize_t count = 0;
    int fd;

    snprintf(name, sizeof name, "/proc/%d/environ", pid);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    while (length < ENVIRON_MOST &&
           (count = read(fd, room + length, ENVIRON_MOST - length)) > 0) {
        length += (size_t)count;
    }
    close(fd);
    return memmem(room, length, mark, strlen(mark)) != NULL;
}

/* False: nobody has it. */
static bool kill_marked(const char *mark, char *room)
{
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    bool found = false;

    while (processes != NULL && (entry = readdir(processes)) != NULL) {
        int pid = atoi(entry->d_name);

        if (pid <= 0 || !has_mark(pid, mark, room)) continue;
        found = true;
        kill(pid, SIGKILL);
    }
    if (processes != NULL) closedir(processes);
    return found;
}

/* Until nobody has it: whoever is killed may have started another one. */
static void kill_strays(const char *mark)
{
    char *room = malloc(ENVIRON_MOST);

    for (int i = 0; room != NULL && i < ROUNDS_MOST; i++) {
        if (!kill_marked(mark, room)) break;
        sched_yield();
    }
    free(room);
}

static void guard(int fd, const char *mark)
{
    struct groups groups = {0};
    struct told told;
    sigset_t all;

    setsid();
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    close_all_but(fd);
    while (read(fd, &told, sizeof told) == (ssize_t)sizeof told) {
        take(&groups, told.group);
    }
    for (size_t i = 0; i < groups.count; i++)
        kill(-groups.all[i], SIGKILL);
    kill_strays(mark);
    free(groups.all);
    _exit(0);
}

/* ---- in the server ------------------------------------------------------ */

/* Nobody else's: a process of that number began at that time. */
static void make_mark(struct mcp *mcp)
{
    const char *above = getenv("MOORAGE_SERVERS");
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    snprintf(mcp->mark, sizeof mcp->mark, "<%d@%lld.%09ld>", (int)getpid(),
             (long long)now.tv_sec, now.tv_nsec);
    if (above == NULL) above = "";
    mcp->servers = must_alloc(strlen(above) + sizeof mcp->mark, 1);
    stpcpy(stpcpy(mcp->servers, above), mcp->mark);
}

static bool begin(struct mcp *mcp)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    mcp->warden_pid = fork();
    if (mcp->warden_pid == 0) {
        close(ends[1]);
        guard(ends[0], mcp->mark);
    }
    close(ends[0]);
    mcp->warden = ends[1];
    if (mcp->warden_pid > 0) return true;
    close(ends[1]);
    mcp->warden = -1;
    return false;
}

bool warden_start(struct mcp *mcp)
{
    make_mark(mcp);
    return begin(mcp);
}

bool warden_look(struct mcp *mcp)
{
    if (mcp->warden < 0 ||
        waitpid(mcp->warden_pid, NULL, WNOHANG) != mcp->warden_pid) {
        return true;
    }
    close(mcp->warden);
    mcp->warden = -1;
    if (!begin(mcp)) return false;
    for (const struct child *c = mcp->children; c != NULL; c = c->next)
        warden_told_of(mcp->warden, c->pid);
    return true;
}

void warden_stop(struct mcp *mcp)
{
    free(mcp->servers);
    if (mcp->warden < 0) return;
    close(mcp->warden);
    mcp->warden = -1;
    waitpid(mcp->warden_pid, NULL, 0);
}
