#include "mcp_warden.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void guard(int fd)
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
    free(groups.all);
    _exit(0);
}

/* ---- in the server ------------------------------------------------------ */

bool warden_start(struct mcp *mcp)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    mcp->warden_pid = fork();
    if (mcp->warden_pid == 0) {
        close(ends[1]);
        guard(ends[0]);
    }
    close(ends[0]);
    mcp->warden = ends[1];
    if (mcp->warden_pid > 0) return true;
    close(ends[1]);
    mcp->warden = -1;
    return false;
}

void warden_stop(struct mcp *mcp)
{
    if (mcp->warden < 0) return;
    close(mcp->warden);
    mcp->warden = -1;
    waitpid(mcp->warden_pid, NULL, 0);
}
