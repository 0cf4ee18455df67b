/*
 * moorage top on a terminal, whose server is the test.
 */
#include <pty.h>
#include <time.h>

#include "served.h"

enum { SPAWNED = 3000, LATE_MS = 1500 };

static char folder[] = "/tmp/moorage-top-XXXXXX";
static char path[64];
static int listener;

static void begin(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)signal(SIGPIPE, SIG_IGN);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    strcpy(address.sun_path, path);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, sizeof address),
                 0);
    cr_assert_eq(listen(listener, 1), 0);
}

static void end(void)
{
    (void)close(listener);
    (void)unlink(path);
    cr_assert_eq(rmdir(folder), 0);
}

TestSuite(top, .init = begin, .fini = end);

static pid_t begin_top(int *terminal)
{
    const struct winsize size = {.ws_row = 24, .ws_col = 80};
    pid_t pid = forkpty(terminal, NULL, NULL, &size);

    cr_assert_geq(pid, 0);
    if (pid == 0) {
        (void)execl(MOORAGE_PROGRAM, MOORAGE_PROGRAM, "top", path, NULL);
        _exit(127);
    }
    return pid;
}

/* It asks for that, and has its answer. */
static void is_asked(const struct wire *wire, const char *op, const char *line)
{
    json_t *request = hears(wire);

    cr_assert_not_null(request, "it has gone");
    cr_assert_str_eq(text_in(request, "op"), op);
    json_decref(request);
    says(wire, line);
}

static double now_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A whole look; the time when its figures were told. */
static double is_looked_at(const struct wire *wire, int spawned)
{
    char line[128];
    double told;

    snprintf(line, sizeof line, "{\"outcome\":\"ok\",\"spawned\":%d}", spawned);
    is_asked(wire, "stats", line);
    told = now_s();
    is_asked(wire, "snapshot", "{\"outcome\":\"ok\",\"tree\":\"root\\n\"}");
    is_asked(wire, "snapshot", "{\"outcome\":\"ok\",\"json\":\"{}\"}");
    return told;
}

/* The number on the screen behind that text. */
static double screen_says(int terminal, const char *before)
{
    static char screen[65536];
    size_t length = 0;
    const char *at;

    do {
        struct pollfd watched = {.fd = terminal, .events = POLLIN};
        ssize_t count;

        cr_assert_eq(poll(&watched, 1, PATIENCE_MS), 1, "no \"%s\"", before);
        count = read(terminal, screen + length, sizeof screen - 1 - length);
        cr_assert_gt(count, 0);
        length += (size_t)count;
        screen[length] = '\0';
        at = strstr(screen, before);
    } while (at == NULL || strchr(at, '\n') == NULL);
    return strtod(at + strlen(before), NULL);
}

/* A server that takes its time: between two looks is more than a second. */
Test(top, rates_are_by_the_time_that_passed)
{
    struct wire wire;
    int terminal, client;
    pid_t pid = begin_top(&terminal);
    double first, second, told, real;

    client = accept(listener, NULL, NULL);
    cr_assert_geq(client, 0);
    wire = wire_of(client, client);
    first = is_looked_at(&wire, 0);
    while (now_s() < first + LATE_MS / 1000.0) {
        (void)poll(NULL, 0, LATE_MS);
    }
    second = is_looked_at(&wire, SPAWNED);
    told = screen_says(terminal, "a second  ");
    real = SPAWNED / (second - first);
    cr_assert(told > 0.8 * real && told < 1.25 * real,
              "%.1f a second, not %.1f", told, real);
    (void)kill(pid, SIGTERM);
    hangs_up(&wire);
    (void)ended(pid);
    (void)close(terminal);
}
