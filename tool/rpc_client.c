/*
 * One client.
 *
 *   in    at most SESSION_LINE_MAX a line; a longer one is refused, and skipped
 *   out   each answer is written before the next line is looked at: so a client
 *         that does not read is not read either
 *   also  {"op":"subscribe","of":AGENT} and "unsubscribe": each end of a run of
 *         a child of that agent is told by a line {"event":"ended",...}; it
 *         comes to one subscriber
 *         {"op":"stats"}: figures; {"op":"snapshot","form":"tree"}: the tree as
 *         text, or as dot or json
 */
#include "rpc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "look.h"
#include "memory.h"
#include "session.h"
#include "text.h"

enum { ROOM_FIRST = 4096, OWNERS_MAX = 64 };

struct client {
    struct session session;
    struct asker asker;
    moor_registry *registry;
    int in, out;
    int bell; /* epoll's, of the registry's events; edge-triggered */
    char *bytes;
    size_t room, begin, end; /* what was read and not looked at */
    bool skipping;           /* the rest of a line that was too long */
    bool gone;
    moor_agent owners[OWNERS_MAX]; /* whose events it hears */
    size_t owners_count;
};

/* ---- out ----------------------------------------------------------------- */

static void write_all(struct client *client, const char *bytes, size_t length)
{
    while (length > 0 && !client->gone) {
        ssize_t written = write(client->out, bytes, length);

        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno != EINTR) {
            client->gone = true;
        }
    }
}

static void write_line(struct client *client, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    size_t length;

    if (text == NULL) must_json(NULL);
    length = strlen(text);
    text[length++] = '\n'; /* in place of the NUL */
    write_all(client, text, length);
    free(text);
    json_decref(line);
}

static json_t *answer_line(json_t *seq, const char *outcome)
{
    json_t *line = must_json(json_object());

    if (seq != NULL) must_put(line, "seq", json_incref(seq));
    must_put(line, "outcome", json_string(outcome));
    return line;
}

/* A complaint quotes what it complains of, perhaps a part of a character. */
static void answer_invalid(struct client *client, json_t *seq,
                           const struct complaint *complaint)
{
    json_t *line = answer_line(seq, "invalid");

    must_put(line, "column", json_integer((json_int_t)complaint->column));
    must_put(line, "why",
             text_json(complaint->text, strlen(complaint->text)));
    write_line(client, line);
}

/* ---- notices ------------------------------------------------------------- */

static void tell_event(struct client *client, moor_agent owner,
                       const moor_event *event)
{
    json_t *line = must_json(json_object());
    char id[MOOR_ID_TEXT];

    moor_id_format(event->id, id);
    must_put(line, "event", json_string("ended"));
    must_put(line, "of", agent_name(&client->session.player, owner));
    must_put(line, "agent", agent_name(&client->session.player, event->agent));
    must_put(line, "id", json_string(id));
    must_put(line, "status", json_string(moor_status_name(event->status)));
    write_line(client, line);
}

/* False: the owner has left. */
static bool tell_events_of(struct client *client, moor_agent owner)
{
    moor_event events[64];
    const size_t room = sizeof events / sizeof *events;
    size_t count;

    do {
        count = 0;
        if (moor_events(client->registry, owner, events, room, &count) !=
            MOOR_OK) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            tell_event(client, owner, &events[i]);
        }
    } while (count == room);
    return true;
}

static void tell_events(struct client *client)
{
    for (size_t i = 0; i < client->owners_count;) {
        if (tell_events_of(client, client->owners[i])) {
            i++;
        } else {
            client->owners[i] = client->owners[--client->owners_count];
        }
    }
}

/* ---- requests ------------------------------------------------------------ */

static bool is_op(const json_t *request, const char *name)
{
    const char *op = json_string_value(json_object_get(request, "op"));

    return op != NULL && strcmp(op, name) == 0;
}

static size_t find_owner(const struct client *client, moor_agent owner)
{
    size_t at = 0;

    while (at < client->owners_count &&
           client->owners[at].bits != owner.bits) {
        at++;
    }
    return at;
}

static const char *change_subscription(struct client *client, moor_agent owner,
                                       bool wanted)
{
    size_t at = find_owner(client, owner);

    if (at < client->owners_count && !wanted) {
        client->owners[at] = client->owners[--client->owners_count];
    } else if (at == client->owners_count && wanted) {
        if (at == OWNERS_MAX) return "queue_full";
        if (client->bell < 0) return "no_memory"; /* nobody would tell it */
        client->owners[client->owners_count++] = owner;
    }
    return "ok";
}

static bool complain(struct complaint *complaint, const char *what)
{
    complaint->column = 1;
    snprintf(complaint->text, sizeof complaint->text, "%s", what);
    return false;
}

/* The keys are `op` and, if not of the root, `of`. */
static bool subscribe(struct client *client, const json_t *request, json_t *seq,
                      struct complaint *complaint)
{
    const json_t *of = json_object_get(request, "of");
    const char *name = of == NULL ? "root" : json_string_value(of);
    moor_agent owner;

    if (name == NULL ||
        json_object_size(request) != 1 + (size_t)(of != NULL)) {
        return complain(complaint, "subscribe wants the key \"of\" at most, a "
                                   "label or a path");
    }
    owner = session_agent(&client->session, name);
    write_line(client, answer_line(seq, owner.bits == 0
                                            ? "not_found"
                                            : change_subscription(
                                                  client, owner,
                                                  is_op(request,
                                                        "subscribe"))));
    return true;
}

static bool tell_stats(struct client *client, const json_t *request,
                       json_t *seq, struct complaint *complaint)
{
    json_t *line, *figures;

    if (json_object_size(request) != 1) {
        return complain(complaint, "stats wants no keys");
    }
    line = answer_line(seq, "ok");
    figures = look_figures(client->registry);
    if (json_object_update(line, figures) != 0) must_json(NULL);
    json_decref(figures);
    write_line(client, line);
    return true;
}

static bool tell_snapshot(struct client *client, const json_t *request,
                          json_t *seq, struct complaint *complaint)
{
    const char *name = json_string_value(json_object_get(request, "form"));
    moor_snapshot_format form;
    json_t *line;
    char *text;

    if (json_object_size(request) != 2 || name == NULL ||
        !look_form_find(name, &form)) {
        return complain(complaint,
                        "snapshot wants the key \"form\": tree, json or dot");
    }
    text = look_snapshot(client->registry, form);
    line = answer_line(seq, text == NULL ? "no_memory" : "ok");
    if (text != NULL) must_put(line, name, json_string(text));
    free(text);
    write_line(client, line);
    return true;
}

static bool perform(struct client *client, const char *text,
                    const json_t *request, json_t *seq,
                    struct complaint *complaint)
{
    struct answer answer;
    json_t *line;

    if (is_op(request, "stats")) {
        return tell_stats(client, request, seq, complaint);
    }
    if (is_op(request, "snapshot")) {
        return tell_snapshot(client, request, seq, complaint);
    }
    if (is_op(request, "subscribe") || is_op(request, "unsubscribe")) {
        return subscribe(client, request, seq, complaint);
    }
    if (!session_perform(&client->session, text, request, &answer, complaint)) {
        return false;
    }
    line = answer_line(seq, answer.outcome);
    if (json_object_update(line, answer.fields) != 0) must_json(NULL);
    json_decref(answer.fields);
    write_line(client, line);
    return true;
}

static void perform_text(struct client *client, const char *text, size_t length)
{
    struct complaint complaint = {0};
    json_t *request = session_parse(text, length, &complaint);
    json_t *seq = json_incref(json_object_get(request, "seq"));

    if (seq != NULL) (void)json_object_del(request, "seq");
    if (request == NULL ||
        !perform(client, text, request, seq, &complaint)) {
        answer_invalid(client, seq, &complaint);
    }
    json_decref(seq);
    json_decref(request);
}

/* ---- in ------------------------------------------------------------------ */

static void refuse_long_line(struct client *client)
{
    struct complaint complaint = {.column = SESSION_LINE_MAX + 1};

    snprintf(complaint.text, sizeof complaint.text,
             "a line has at most %d bytes", SESSION_LINE_MAX);
    answer_invalid(client, NULL, &complaint);
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t\r")] == '\0';
}

/* The text is ended by a NUL in place of its newline. */
static void take_line(struct client *client, char *line, size_t length)
{
    line[length] = '\0';
    if (client->skipping) {
        client->skipping = false; /* that was its end */
    } else if (!is_blank(line)) {
        perform_text(client, line, length);
    }
}

static void take_lines(struct client *client)
{
    char *newline;

    while (!client->gone &&
           (newline = memchr(client->bytes + client->begin, '\n',
                             client->end - client->begin)) != NULL) {
        char *line = client->bytes + client->begin;

        client->begin = (size_t)(newline - client->bytes) + 1;
        take_line(client, line, (size_t)(newline - line));
    }
    if (client->end - client->begin > SESSION_LINE_MAX) {
        if (!client->skipping) refuse_long_line(client);
        client->skipping = true;
        client->begin = client->end;
    }
}

/* What is left of a line moves to the front, and there is room behind it. */
static void make_room(struct client *client)
{
    client->end -= client->begin;
    memmove(client->bytes, client->bytes + client->begin, client->end);
    client->begin = 0;
    if (client->room - client->end < ROOM_FIRST) {
        client->room = 2 * client->room;
        client->bytes = must_resize(client->bytes, client->room, 1);
    }
}

/* A last line may do without its newline. */
static void take_rest(struct client *client)
{
    make_room(client);
    if (client->end > 0) take_line(client, client->bytes, client->end);
    client->gone = true;
}

static void read_some(struct client *client)
{
    ssize_t count;

    make_room(client);
    count = read(client->in, client->bytes + client->end,
                 client->room - client->end - 1);
    if (count > 0) {
        client->end += (size_t)count;
        take_lines(client);
    } else if (count == 0) {
        take_rest(client);
    } else if (errno != EINTR && errno != EAGAIN) {
        client->gone = true;
    }
}

/* ---- from beginning to end ----------------------------------------------- */

/* The registry's events, seen by this client by itself; -1: there are none. */
static int make_bell(moor_registry *registry)
{
    struct epoll_event wanted = {.events = EPOLLIN | EPOLLET};
    int fd, bell = epoll_create1(EPOLL_CLOEXEC);

    if (bell >= 0 && (moor_events_fd(registry, &fd) != MOOR_OK ||
                      epoll_ctl(bell, EPOLL_CTL_ADD, fd, &wanted) != 0)) {
        (void)close(bell);
        bell = -1;
    }
    return bell;
}

/* Who has not subscribed is waited for by the read itself. */
static void serve_once(struct client *client)
{
    struct pollfd watched[] = {{.fd = client->in, .events = POLLIN},
                               {.fd = client->bell, .events = POLLIN}};
    struct epoll_event rung;

    if (client->owners_count == 0) {
        read_some(client);
        return;
    }
    if (poll(watched, 2, -1) < 0) {
        client->gone = errno != EINTR;
        return;
    }
    if (watched[1].revents != 0) {
        (void)epoll_wait(client->bell, &rung, 1, 0);
    }
    if (watched[0].revents != 0) read_some(client);
    tell_events(client);
}

void rpc_serve(struct host *host, int in, int out)
{
    struct client client = {.registry = host->registry, .in = in, .out = out};

    session_begin(&client.session, host->registry, NULL);
    asker_begin(&client.asker, host->registry, out);
    client.session.player.asker = &client.asker;
    client.room = ROOM_FIRST;
    client.bytes = must_alloc(client.room, 1);
    client.bell = make_bell(host->registry);
    while (!client.gone) serve_once(&client);
    asker_end(&client.asker);
    if (client.bell >= 0) (void)close(client.bell);
    free(client.bytes);
    session_end(&client.session);
}
