/*
 * A Unix socket, mode 0600, whose clients are the same user's (or root's).
 *
 * The main thread accepts, and takes the signals that end the program; each
 * client has a thread.  Those may stand in a wait for an hour: so at the end
 * they are cut off, the store is closed, and then all agents are, which ends
 * every wait for one.
 */
#include "rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

enum {
    CLIENTS_MAX = 256,
    BACKLOG = SOMAXCONN,
    END_SECONDS = 2,
    PAUSE_MS = 100
};

static int say(const char *path, const char *why)
{
    fprintf(stderr, "moorage: %s: %s\n", path, why);
    return -1;
}

/* ---- the socket ---------------------------------------------------------- */

bool rpc_address(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path) return false;
    strcpy(address->sun_path, path);
    return true;
}

/* A socket that a killed server left behind: nobody listens to it. */
static bool is_left_behind(const struct sockaddr_un *address)
{
    struct stat status;
    int fd;
    bool refused;

    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return false;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    refused = connect(fd, (const struct sockaddr *)address,
                      sizeof *address) != 0 &&
              errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

/* Its mode is right from the first moment on. */
static bool bind_private(int fd, const struct sockaddr_un *address)
{
    mode_t before = umask(0177);
    bool bound =
        bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;

    (void)umask(before);
    return bound;
}

static int open_socket(const char *path)
{
    struct sockaddr_un address;
    int fd;

    if (!rpc_address(path, &address)) {
        return say(path, "too long for the name of a socket");
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return say(path, strerror(errno));
    if (is_left_behind(&address)) (void)unlink(path);
    if (!bind_private(fd, &address) || listen(fd, BACKLOG) != 0) {
        (void)say(path, errno == EADDRINUSE
                            ? "somebody serves there, or it is another file: "
                              "choose another name"
                            : strerror(errno));
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* ---- clients ------------------------------------------------------------- */

struct server {
    struct host *host;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t gone;   /* the last client */
    int clients[CLIENTS_MAX];
    size_t count;
};

struct served {
    struct server *server;
    int fd;
};

static bool is_allowed(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool note_client(struct server *server, int fd)
{
    bool room;

    pthread_mutex_lock(&server->mutex);
    room = server->count < CLIENTS_MAX;
    if (room) server->clients[server->count++] = fd;
    pthread_mutex_unlock(&server->mutex);
    return room;
}

/* Closed inside, so that no other is cut off in its place. */
static void forget_client(struct server *server, int fd)
{
    pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < server->count; i++) {
        if (server->clients[i] == fd) {
            server->clients[i] = server->clients[--server->count];
            break;
        }
    }
    (void)close(fd);
    if (server->count == 0) pthread_cond_signal(&server->gone);
    pthread_mutex_unlock(&server->mutex);
}

static void *serve(void *argument)
{
    struct served own = *(struct served *)argument;

    free(argument);
    rpc_serve(own.server->host, own.fd, own.fd);
    forget_client(own.server, own.fd);
    return NULL;
}

static void refuse(int fd, const char *why)
{
    char line[128];
    int length = snprintf(line, sizeof line,
                          "{\"outcome\":\"refused\",\"why\":\"%s\"}\n", why);

    (void)!write(fd, line, (size_t)length);
}

static void begin_client(struct server *server, int fd)
{
    struct served *served;
    pthread_t thread;

    if (!is_allowed(fd)) {
        refuse(fd, "another user's");
        (void)close(fd);
        return;
    }
    if (!note_client(server, fd)) {
        refuse(fd, "256 clients are served: close one, and try again");
        (void)close(fd);
        return;
    }
    served = must_alloc(1, sizeof *served);
    *served = (struct served){server, fd};
    if (pthread_create(&thread, NULL, serve, served) != 0) {
        refuse(fd, "no thread is left: close a client, and try again");
        forget_client(server, fd);
        free(served);
        return;
    }
    (void)pthread_detach(thread);
}

/* ---- taking them --------------------------------------------------------- */

/* A descriptor kept for when no other is left: who comes then is told so. */
struct door {
    int listener, spare;
    bool told;
};

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool turn_away(struct door *door)
{
    int fd;

    (void)close(door->spare);
    fd = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        refuse(fd, "no descriptor is left: close a client, and try again");
        (void)close(fd);
    }
    door->spare = open_spare();
    if (!door->told) {
        fputs("moorage: no descriptor is left for another client: ulimit -n\n",
              stderr);
    }
    door->told = true;
    return fd >= 0;
}

/* False: nobody can be taken, or turned away, now. */
static bool take(struct server *server, struct door *door)
{
    int fd;

    if (door->spare < 0) door->spare = open_spare();
    if (door->spare < 0) return false;
    fd = accept4(door->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        begin_client(server, fd);
        return true;
    }
    if (errno == EMFILE || errno == ENFILE) return turn_away(door);
    return errno == EINTR || errno == ECONNABORTED;
}

/* ---- from beginning to end ----------------------------------------------- */

/* In all threads that begin from here on, too. */
static int take_signals(void)
{
    sigset_t ending;

    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ending, NULL);
    return signalfd(-1, &ending, SFD_CLOEXEC);
}

/* While nobody can be taken, nobody is listened to, for a while. */
static void accept_until_signal(struct server *server, struct door *door,
                                int signals)
{
    bool open = true;

    for (;;) {
        struct pollfd watched[] = {
            {.fd = signals, .events = POLLIN},
            {.fd = open ? door->listener : -1, .events = POLLIN}};
        int ready = poll(watched, 2, open ? -1 : PAUSE_MS);

        if (ready < 0 && errno != EINTR) break;
        if (ready > 0 && watched[0].revents != 0) break;
        if (!open) {
            open = true;
        } else if (ready > 0) {
            open = take(server, door);
        }
    }
}

static void cut_off(struct server *server)
{
    pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < server->count; i++) {
        (void)shutdown(server->clients[i], SHUT_RDWR);
    }
    pthread_mutex_unlock(&server->mutex);
}

/* False: somebody is still in a call. */
static bool all_gone(struct server *server)
{
    struct timespec deadline;
    int error = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += END_SECONDS;
    pthread_mutex_lock(&server->mutex);
    while (server->count > 0 && error == 0) {
        error =
            pthread_cond_timedwait(&server->gone, &server->mutex, &deadline);
    }
    bool gone = server->count == 0;
    pthread_mutex_unlock(&server->mutex);
    return gone;
}

/* What is kept is kept; what waits for anybody is told that all have left. */
static int end_all(struct server *server)
{
    struct host *host = server->host;
    int code;

    cut_off(server);
    code = host_settle(host);
    (void)moor_close(host->registry, moor_root(host->registry),
                     MOOR_CLOSE_TREE, NULL);
    if (all_gone(server)) (void)host_close(host);
    return code;
}

int rpc_listen(struct host *host, const char *path)
{
    static struct server server = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                                   .gone = PTHREAD_COND_INITIALIZER};
    int signals = take_signals();
    struct door door = {open_socket(path), open_spare(), false};

    server.host = host;
    if (door.listener < 0 || signals < 0) {
        (void)host_close(host);
        return EXIT_COULD_NOT;
    }
    accept_until_signal(&server, &door, signals);
    (void)unlink(path);
    (void)close(door.listener);
    (void)close(signals);
    return end_all(&server);
}
