/*
 * rpc: spawn, finish and close over the socket of `moorage rpc`, beside a bare
 * echo of the same lines over a socket of the same kind.
 *
 * One client, one request after the other: each is a whole way there and back,
 * two switches of threads, all of them on one processor: else it depends on
 * where the system puts whom.  The two servers are processes of their own, and
 * take turns, life by life.  What the echo sends back is the request; an answer
 * of moorage is about as long.
 */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIVES = 5000, LIVES_QUICK = 50, STEPS = 3, LINE = 512 };

static const char *const steps[STEPS] = {
    "{\"op\":\"spawn\",\"as\":\"a\"}\n",
    "{\"op\":\"finish\",\"agent\":\"a\",\"status\":\"completed\"}\n",
    "{\"op\":\"close\",\"agent\":\"a\"}\n",
};

struct served {
    char path[64];
    pid_t pid;
    int fd;
    double *ns; /* of each request */
    double whole;
};

static struct sockaddr_un address_of(const struct served *served)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    strcpy(address.sun_path, served->path);
    return address;
}

static void echo(const struct served *served)
{
    struct sockaddr_un address = address_of(served);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client;
    char bytes[LINE];
    ssize_t count;

    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 1) != 0 ||
        (client = accept(listener, NULL, NULL)) < 0) {
        _exit(1);
    }
    while ((count = read(client, bytes, sizeof bytes)) > 0) {
        if (write(client, bytes, (size_t)count) != count) break;
    }
    _exit(0);
}

static void open_served(struct served *served, const char *folder,
                        const char *name, unsigned lives)
{
    bool ours = strcmp(name, "moorage") == 0;

    snprintf(served->path, sizeof served->path, "%s/%s", folder, name);
    served->ns = calloc(STEPS * (size_t)lives, sizeof *served->ns);
    served->whole = 0;
    probe_must(served->ns != NULL, "rpc: no memory");
    served->pid = fork();
    probe_must(served->pid >= 0, "rpc: no process");
    if (served->pid != 0) return;
    if (!ours) echo(served);
    execl(BENCH_PROGRAM, BENCH_PROGRAM, "rpc", "--socket", served->path,
          (char *)NULL);
    _exit(127);
}

static void connect_to(struct served *served)
{
    struct sockaddr_un address = address_of(served);

    served->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    while (connect(served->fd, (struct sockaddr *)&address, sizeof address) !=
           0) {
        probe_must(errno == ENOENT || errno == ECONNREFUSED,
                   "rpc: a server cannot be reached");
        probe_must(waitpid(served->pid, NULL, WNOHANG) == 0,
                   "rpc: a server has ended");
        usleep(100); /* until it listens */
    }
}

static void close_served(struct served *served)
{
    close(served->fd);
    kill(served->pid, SIGTERM);
    probe_must(waitpid(served->pid, NULL, 0) == served->pid,
               "rpc: a server is lost");
    unlink(served->path);
    free(served->ns);
}

/* One request, to the end of its answer. */
static void ask(const struct served *served, const char *line, char *answer)
{
    size_t length = strlen(line), end = 0;

    probe_must(write(served->fd, line, length) == (ssize_t)length,
               "rpc: a request was not sent");
    do {
        ssize_t count = read(served->fd, answer + end, LINE - 1 - end);

        probe_must(count > 0, "rpc: no answer");
        end += (size_t)count;
        answer[end] = '\0';
    } while (answer[end - 1] != '\n' && end < LINE - 1);
}

static void live(struct served *served, unsigned life, const char *wanted)
{
    char answer[LINE];

    for (int i = 0; i < STEPS; i++) {
        uint64_t begin = ticks();

        ask(served, steps[i], answer);
        double ns = (double)(ticks() - begin) * ns_per_tick();
        served->ns[STEPS * life + (unsigned)i] = ns;
        served->whole += ns;
        probe_must(strstr(answer, wanted) != NULL, "rpc: a wrong answer");
    }
}

static void add_figures(struct figures *figures, struct served *ours,
                        struct served *bare, unsigned lives)
{
    const unsigned count = STEPS * lives;

    figures_add(figures, "requests a second over an echo's",
                bare->whole / ours->whole, "", 0);
    figures_add(figures, "requests a second", 1e9 * count / ours->whole, "/s",
                0);
    figures_add(figures, "an echo's", 1e9 * count / bare->whole, "/s", 0);
    figures_add(figures, "a request, p99", probe_share(ours->ns, count, 0.99),
                "ns", 0);
    figures_add(figures, "an echo, p99", probe_share(bare->ns, count, 0.99),
                "ns", 0);
}

static void play(bool quick, struct figures *figures)
{
    const unsigned lives = quick ? LIVES_QUICK : LIVES;
    char folder[] = "/tmp/moorage-bench-XXXXXX";
    struct served ours, bare;

    probe_must(mkdtemp(folder) != NULL, "rpc: no folder");
    (void)ns_per_tick();
    open_served(&ours, folder, "moorage", lives);
    open_served(&bare, folder, "echo", lives);
    connect_to(&ours);
    connect_to(&bare);
    for (unsigned i = 0; i < lives; i++) {
        live(&ours, i, "\"ok\"");
        live(&bare, i, "\"op\"");
    }
    add_figures(figures, &ours, &bare, lives);
    close_served(&ours);
    close_served(&bare);
    rmdir(folder);
}

struct asked {
    bool quick;
    struct figures *figures;
};

static void play_asked(void *argument)
{
    const struct asked *asked = argument;

    play(asked->quick, asked->figures);
}

/* What this thread begins is where it is. */
void probe_rpc(bool quick, struct figures *figures)
{
    struct asked asked = { quick, figures };
    struct probe_thread thread;

    probe_start(&thread, 0, play_asked, &asked);
    probe_join(&thread);
}
