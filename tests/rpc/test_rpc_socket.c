/*
 * moorage rpc at a Unix socket: many clients, and how it begins and ends.
 */
#include <fcntl.h>
#include <sys/resource.h>
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

static json_int_t figure(const struct wire *client, const char *key)
{
    json_t *answer;
    json_int_t number;

    says(client, "{\"op\":\"stats\"}");
    answer = hears_outcome(client, "ok");
    number = json_integer_value(json_object_get(answer, key));
    json_decref(answer);
    return number;
}

static long threads_of(pid_t pid)
{
    char name[64], line[256];
    long count = 0;
    FILE *file;

    snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
    file = fopen(name, "r");
    cr_assert_not_null(file);
    while (count == 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Threads:", 8) == 0) count = atol(line + 8);
    }
    (void)fclose(file);
    cr_assert_gt(count, 0);
    return count;
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

/* Who waits and leaves takes no slot when there is one, and no thread for the
 * hour that it would have waited. */
Test(rpc_socket, who_leaves_while_it_waits)
{
    struct wire one = connects(), other;
    long before;

    expects(&one, "{\"op\":\"set_limit\",\"running\":1}", "ok");
    expects(&one, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}", "ok");
    expects(&one, "{\"op\":\"sleep\",\"ms\":1}", "ok"); /* from then on it is
                                                         looked who leaves */
    before = threads_of(server);
    for (int i = 0; i < 4; i++) {
        other = connects();
        says(&other, "{\"op\":\"spawn\",\"timeout_ms\":3600000}");
        while (figure(&one, "waiting") == 0) continue;
        hangs_up(&other);
        while (figure(&one, "waiting") != 0) continue;
        other = connects();
        says(&other, "{\"op\":\"wait\",\"for\":\"all\","
                     "\"agents\":[\"/root/x\"],\"timeout_ms\":3600000}");
        hangs_up(&other);
        other = connects();
        says(&other, "{\"op\":\"sleep\",\"ms\":60000}");
        hangs_up(&other);
    }
    expects(&one, "{\"op\":\"finish\",\"agent\":\"a\"}", "ok");
    cr_assert_eq(figure(&one, "live"), 0);
    while (threads_of(server) > before) (void)figure(&one, "live");
    hangs_up(&one);
}

/* Who only says that it sends no more is answered. */
Test(rpc_socket, who_sends_no_more)
{
    struct wire one = connects(), other = connects();

    expects(&one, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}", "ok");
    says(&other, "{\"op\":\"wait\",\"for\":\"all\",\"agents\":[\"/root/x\"],"
                 "\"timeout_ms\":3600000}");
    cr_assert_eq(shutdown(other.out, SHUT_WR), 0);
    expects(&one, "{\"op\":\"finish\",\"agent\":\"a\"}", "ok");
    json_decref(hears_outcome(&other, "ok"));
    cr_assert_null(hears(&other));
    hangs_up(&one);
    hangs_up(&other);
}

/* Who comes then is told so, and can come again. */
Test(rpc_socket, no_descriptor_is_left)
{
    const struct rlimit few = {24, 24};
    struct wire clients[24], client = connects();
    size_t count = 0;

    cr_assert_eq(prlimit(server, RLIMIT_NOFILE, &few, NULL), 0);
    for (bool taken = true; taken; count++) {
        json_t *answer;

        cr_assert_lt(count, sizeof clients / sizeof *clients);
        clients[count] = connects();
        says(&clients[count], "{\"op\":\"capacity\"}");
        answer = hears(&clients[count]);
        taken = strcmp(text_in(answer, "outcome"), "ok") == 0;
        cr_assert(taken || strstr(text_in(answer, "why"), "descriptor"));
        json_decref(answer);
    }
    cr_assert_gt(count, 2);
    while (count > 0) hangs_up(&clients[--count]);
    expects(&client, "{\"op\":\"list\"}", "ok");
    hangs_up(&client);
    client = connects();
    expects(&client, "{\"op\":\"list\"}", "ok");
    hangs_up(&client);
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
