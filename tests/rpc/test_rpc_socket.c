/*
 * moorage rpc at a Unix socket: many clients, and how it begins and ends.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "served.h"

static char folder[] = "/tmp/moorage-rpc-XXXXXX";
static char path[64], store[64];
static struct wire wire; /* the server's own output: nothing comes */
static pid_t server;

static struct wire connects(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    cr_assert_geq(fd, 0);
    strcpy(address.sun_path, path);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        cr_assert(errno == ENOENT || errno == ECONNREFUSED, "%s",
                  strerror(errno));
        cr_assert_eq(waitpid(server, NULL, WNOHANG), 0, "it has ended");
        (void)poll(NULL, 0, 1); /* until it listens */
    }
    return wire_of(fd, fd);
}

static pid_t serves(struct wire *own)
{
    const char *const arguments[] = {"--socket", path, "--store", store, NULL};

    return serve(own, arguments);
}

static void begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(store, sizeof store, "%s/store", folder);
    server = serves(&wire);
}

static void ends_by(int number, int code)
{
    cr_assert_eq(kill(server, number), 0);
    cr_assert_eq(ended(server), code);
    hangs_up(&wire);
}

static void end(void)
{
    static const char *const names[] = {"store", "store-wal", "store-shm",
                                        "store-lock", "socket"};

    ends_by(SIGTERM, 0);
    cr_assert_neq(access(path, F_OK), 0, "the socket is left");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[96];

        snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        (void)unlink(name);
    }
    cr_assert_eq(rmdir(folder), 0);
}

TestSuite(rpc_socket, .init = begin, .fini = end);

Test(rpc_socket, is_its_users_alone)
{
    struct wire client = connects();
    struct stat status;

    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    hangs_up(&client);
}

/* Agents are everybody's, labels are not. */
Test(rpc_socket, two_clients)
{
    struct wire one = connects(), other = connects();

    expects(&one, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}", "ok");
    expects(&other, "{\"op\":\"start\",\"agent\":\"a\"}", "not_found");
    expects(&other, "{\"op\":\"start\",\"agent\":\"/root/x\"}", "ok");
    hangs_up(&one);
    expects(&other, "{\"op\":\"start\",\"agent\":\"/root/x\"}", "wrong_status");
    hangs_up(&other);
}

Test(rpc_socket, who_waits_keeps_nobody_waiting)
{
    struct wire one = connects(), other = connects();
    json_t *answer;

    expects(&one, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}", "ok");
    says(&one, "{\"op\":\"wait\",\"for\":\"all\",\"agents\":[\"a\"],"
               "\"timeout_ms\":3600000}");
    for (int i = 0; i < 50; i++) {
        expects(&other, "{\"op\":\"capacity\"}", "ok");
    }
    cr_assert(is_silent(&one));
    expects(&other,
            "{\"op\":\"finish\",\"agent\":\"/root/x\","
            "\"status\":\"completed\"}",
            "ok");
    answer = hears_outcome(&one, "ok");
    cr_assert(json_is_false(json_object_get(answer, "timed_out")));
    json_decref(answer);
    hangs_up(&one);
    hangs_up(&other);
}

Test(rpc_socket, each_hears_of_its_own)
{
    struct wire one = connects(), other = connects();
    json_t *notice;

    expects(&one, "{\"op\":\"spawn\",\"as\":\"p\",\"name\":\"p\"}", "ok");
    expects(&one, "{\"op\":\"spawn\",\"parent\":\"p\",\"name\":\"c\"}", "ok");
    expects(&one, "{\"op\":\"spawn\",\"name\":\"d\"}", "ok");
    expects(&one, "{\"op\":\"subscribe\",\"of\":\"p\"}", "ok");
    expects(&other, "{\"op\":\"subscribe\"}", "ok");
    expects(&one,
            "{\"op\":\"finish\",\"agent\":\"/root/d\","
            "\"status\":\"completed\"}",
            "ok");
    notice = hears(&other);
    cr_assert_str_eq(text_in(notice, "agent"), "/root/d");
    json_decref(notice);
    expects(&other,
            "{\"op\":\"finish\",\"agent\":\"/root/p/c\","
            "\"status\":\"completed\"}",
            "ok");
    notice = hears(&one);
    cr_assert_str_eq(text_in(notice, "agent"), "/root/p/c");
    json_decref(notice);
    cr_assert(is_silent(&other));
    hangs_up(&one);
    hangs_up(&other);
}

/* Its answers fill what lies between; then it is not read any more, and the
 * others are served all the same. */
Test(rpc_socket, a_client_that_never_reads)
{
    static const char request[] = "{\"op\":\"list\"}\n";
    struct wire deaf = connects(), other = connects();
    struct pollfd watched = {.fd = deaf.out, .events = POLLOUT};

    cr_assert_eq(fcntl(deaf.out, F_SETFL, O_NONBLOCK), 0);
    for (int full = 0; full < 3;) {
        if (write(deaf.out, request, sizeof request - 1) > 0) {
            full = 0;
        } else {
            full += poll(&watched, 1, 50) == 0;
        }
    }
    for (int i = 0; i < 50; i++) {
        expects(&other, "{\"op\":\"list\"}", "ok");
    }
    hangs_up(&deaf);
    expects(&other, "{\"op\":\"list\"}", "ok");
    hangs_up(&other);
}

/* --- beginnings and ends -------------------------------------------------- */

/* Somebody waits for an hour, and somebody reads nothing. */
Test(rpc_socket, ends_in_the_middle)
{
    struct wire one = connects(), other = connects();

    expects(&one, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}", "ok");
    says(&one, "{\"op\":\"wait\",\"for\":\"all\",\"agents\":[\"a\"],"
               "\"timeout_ms\":3600000}");
    ends_by(SIGTERM, 0);
    cr_assert_neq(access(path, F_OK), 0);
    hangs_up(&one);
    hangs_up(&other);
    server = serves(&wire);
    one = connects();
    expects(&one,
            "{\"op\":\"finish\",\"agent\":\"/root/x\","
            "\"status\":\"completed\"}",
            "ok");
    expects(&one, "{\"op\":\"spawn\",\"name\":\"x\"}", "path_taken");
    hangs_up(&one);
}

Test(rpc_socket, the_socket_of_one_that_was_killed)
{
    struct wire client;

    client = connects();
    hangs_up(&client);
    ends_by(SIGKILL, -SIGKILL);
    cr_assert_eq(access(path, F_OK), 0);
    server = serves(&wire);
    client = connects();
    expects(&client, "{\"op\":\"list\"}", "ok");
    hangs_up(&client);
}

/* Nothing of theirs is taken away. */
Test(rpc_socket, what_is_somebody_elses)
{
    struct wire client = connects(), own;
    const char *const arguments[] = {"--socket", path, NULL};
    const char *const on_a_file[] = {"--socket", store, NULL};

    cr_assert_eq(ended(serve(&own, arguments)), 3);
    hangs_up(&own);
    expects(&client, "{\"op\":\"list\"}", "ok");
    cr_assert_eq(ended(serve(&own, on_a_file)), 3);
    hangs_up(&own);
    cr_assert_eq(access(store, F_OK), 0);
    hangs_up(&client);
}
