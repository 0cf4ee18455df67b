#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rpc.h"
#include "text.h"

static bool say(const struct watch *watch, const char *why)
{
    fprintf(stderr, "moorage: %s: ", watch->path);
    text_print(stderr, why);
    putc('\n', stderr);
    return false;
}

bool watch_is_socket(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address;
    int fd, error;

    if (!rpc_address(path, &address)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        return fd;
    }
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

bool watch_open(struct watch *watch, const char *path)
{
    int fd = connect_to(path), other;

    *watch = (struct watch){.path = path};
    if (fd < 0) {
        return say(watch, errno == ECONNREFUSED || errno == ENOENT
                              ? "nobody serves there: moorage rpc --socket"
                              : strerror(errno));
    }
    other = dup(fd);
    watch->from = fdopen(fd, "r");
    watch->to = other < 0 ? NULL : fdopen(other, "w");
    if (watch->from == NULL || watch->to == NULL) {
        return say(watch, strerror(errno));
    }
    return true;
}

void watch_close(struct watch *watch)
{
    if (watch->from != NULL) (void)fclose(watch->from);
    if (watch->to != NULL) (void)fclose(watch->to);
}

const char *watch_text(const struct watch *watch, const json_t *answer,
                       const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));

    if (answer != NULL && text == NULL) {
        (void)say(watch, "what serves there is no moorage");
    }
    return text;
}

json_t *watch_ask(struct watch *watch, const char *line)
{
    char *text = NULL;
    size_t room = 0;
    json_t *answer = NULL;
    const char *outcome;

    if (fprintf(watch->to, "%s\n", line) > 0 && fflush(watch->to) == 0 &&
        getline(&text, &room, watch->from) > 0) {
        answer = json_loads(text, 0, NULL);
    }
    free(text);
    outcome = json_string_value(json_object_get(answer, "outcome"));
    if (outcome == NULL || strcmp(outcome, "ok") != 0) {
        (void)say(watch, outcome == NULL ? "it is gone, or no moorage"
                                         : outcome);
        json_decref(answer);
        return NULL;
    }
    return answer;
}

json_t *watch_snapshot(struct watch *watch, const char *form)
{
    char line[64];

    snprintf(line, sizeof line, "{\"op\":\"snapshot\",\"form\":\"%s\"}", form);
    return watch_ask(watch, line);
}
