/*
 * The program, started by a test, and lines to and from it.
 */
#ifndef TESTS_RPC_SERVED_H
#define TESTS_RPC_SERVED_H

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, ARGUMENTS_MOST = 8 };

/* A connection: what was written to it comes back as lines. */
struct wire {
    int in, out;
    FILE *lines;
};

static inline struct wire wire_of(int in, int out)
{
    struct wire wire = {in, out, fdopen(in, "r")};

    cr_assert_not_null(wire.lines);
    return wire;
}

/* `moorage rpc` with those arguments, ended by a null. */
static inline pid_t serve(struct wire *wire, const char *const *arguments)
{
    const char *argv[ARGUMENTS_MOST + 3] = {MOORAGE_PROGRAM, "rpc"};
    int to[2], from[2];
    pid_t pid;

    for (int i = 0; arguments != NULL && arguments[i] != NULL; i++) {
        argv[i + 2] = arguments[i];
    }
    cr_assert_eq(pipe(to), 0);
    cr_assert_eq(pipe(from), 0);
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        (void)dup2(to[0], STDIN_FILENO);
        (void)dup2(from[1], STDOUT_FILENO);
        (void)close(to[0]);
        (void)close(to[1]);
        (void)close(from[0]);
        (void)close(from[1]);
        (void)execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    *wire = wire_of(from[0], to[1]);
    return pid;
}

static inline void sends(const struct wire *wire, const char *bytes,
                         size_t length)
{
    while (length > 0) {
        ssize_t written = write(wire->out, bytes, length);

        cr_assert_gt(written, 0, "%s", strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
}

static inline void says(const struct wire *wire, const char *line)
{
    sends(wire, line, strlen(line));
    sends(wire, "\n", 1);
}

/* The next line, as JSON; null: there are no more. */
static inline json_t *hears(const struct wire *wire)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length = getline(&line, &room, wire->lines);
    json_t *value =
        length < 0 ? NULL : json_loadb(line, (size_t)length, 0, NULL);

    cr_assert(length < 0 || value != NULL, "no JSON: %s", line);
    free(line);
    return value;
}

static inline const char *text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

/* The next line is of that outcome; the caller's. */
static inline json_t *hears_outcome(const struct wire *wire,
                                    const char *outcome)
{
    json_t *answer = hears(wire);

    cr_assert_not_null(answer, "no answer");
    cr_assert_str_eq(text_in(answer, "outcome"), outcome, "%s: %s",
                     text_in(answer, "outcome"), text_in(answer, "why"));
    return answer;
}

static inline void expects(const struct wire *wire, const char *line,
                           const char *outcome)
{
    says(wire, line);
    json_decref(hears_outcome(wire, outcome));
}

/* It has nothing to say now. */
static inline bool is_silent(const struct wire *wire)
{
    struct pollfd watched = {.fd = wire->in, .events = POLLIN};

    return poll(&watched, 1, 0) == 0;
}

static inline void hangs_up(struct wire *wire)
{
    if (wire->out != wire->in) {
        (void)close(wire->out);
    }
    (void)fclose(wire->lines);
}

/* How it ended: an exit code, or a signal's number with a minus. */
static inline int ended(pid_t pid)
{
    int status;

    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Its input ends: it writes what it has to say, and ends. */
static inline void ends_well(pid_t pid, struct wire *wire)
{
    (void)close(wire->out);
    json_decref(hears(wire));
    (void)fclose(wire->lines);
    cr_assert_eq(ended(pid), 0);
}

#endif
