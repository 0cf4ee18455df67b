/*
 * moorage top: a served registry, as it is each second; without a terminal
 * once.
 */
#include <argp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"
#include "watch.h"

enum { WIDTH = 80, HEIGHT = 24, HOLDERS = 6, BAR = 24, EVERY_MS = 1000 };

/* ---- a frame ------------------------------------------------------------- */

struct frame {
    int width, height;
    int lines; /* so far */
    bool terminal;
};

/* One line, cut at the frame's width; nothing below its height. */
static void line(struct frame *frame, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(struct frame *frame, const char *format, ...)
{
    char text[512];
    va_list values;

    if (frame->lines == frame->height - 1) return;
    frame->lines++;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    text[text_fitting(text, strlen(text), (size_t)frame->width - 1)] = '\0';
    text_print(stdout, text);
    puts(frame->terminal ? "\033[K" : "");
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* A number, or the sum of an object's. */
static json_int_t figure(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key), *part;
    json_int_t sum = json_integer_value(value);
    const char *of;

    json_object_foreach(value, of, part) {
        sum += json_integer_value(part);
    }
    return sum;
}

/* "3 of 6", with a bar if there is a limit. */
static void use(struct frame *frame, const char *name, json_int_t used,
                const json_t *limit)
{
    char bar[BAR + 1] = "";
    json_int_t most = json_integer_value(limit);

    if (!json_is_integer(limit)) {
        line(frame, "%-9s %" JSON_INTEGER_FORMAT ", unlimited", name, used);
        return;
    }
    for (int i = 0; i < BAR; i++) {
        bar[i] = most > 0 && i * most < used * BAR ? '#' : '.';
    }
    line(frame, "%-9s [%s] %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT,
         name, bar, used, most);
}

/* ---- holders ------------------------------------------------------------- */

struct holder {
    const char *path, *status;
    json_int_t age_ms;
};

struct holders {
    struct holder oldest[HOLDERS];
    size_t count;
};

static void keep(struct holders *holders, struct holder holder)
{
    size_t at = holders->count < HOLDERS ? holders->count++ : HOLDERS;

    for (; at > 0 && holders->oldest[at - 1].age_ms < holder.age_ms; at--) {
        if (at < HOLDERS) holders->oldest[at] = holders->oldest[at - 1];
    }
    if (at < HOLDERS) holders->oldest[at] = holder;
}

static void find_holders(const json_t *node, struct holders *holders)
{
    size_t i;
    json_t *child;

    if (json_is_true(json_object_get(node, "slot"))) {
        keep(holders,
             (struct holder){json_string_value(json_object_get(node, "path")),
                             json_string_value(json_object_get(node, "status")),
                             number(node, "age_ms")});
    }
    json_array_foreach(json_object_get(node, "children"), i, child) {
        find_holders(child, holders);
    }
}

static void draw_holders(struct frame *frame, const json_t *root)
{
    struct holders holders = {.count = 0};

    find_holders(root, &holders);
    line(frame, "%s", "");
    line(frame, "%s", holders.count == 0 ? "nobody holds a running slot"
                                         : "longest in the tree with a slot:");
    for (size_t i = 0; i < holders.count; i++) {
        const struct holder *holder = &holders.oldest[i];

        line(frame, "  %-44.44s %-13s %9.1f s", holder->path, holder->status,
             (double)holder->age_ms / 1000);
    }
}

/* ---- the tree ------------------------------------------------------------ */

static void draw_tree(struct frame *frame, const char *text)
{
    line(frame, "%s", "");
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        if (frame->lines >= frame->height - 2 && text[length] != '\0' &&
            text[length + 1] != '\0') {
            line(frame, "%s", "... moorage tree shows all of it");
            return;
        }
        line(frame, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* ---- all of it ----------------------------------------------------------- */

/* What was asked, and when. */
struct look {
    json_t *figures;
    double seconds;
};

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* How much more a second of `key`, a number or an object of numbers. */
static double rate(const struct look *now, const struct look *before,
                   const char *key)
{
    json_int_t more = figure(now->figures, key) - figure(before->figures, key);

    return (double)more / (now->seconds - before->seconds);
}

static void draw_figures(struct frame *frame, const char *path,
                         const struct look *look, const struct look *before)
{
    const json_t *now = look->figures;
    const json_t *limits = json_object_get(now, "limits");

    line(frame, "moorage at %s, turn %" JSON_INTEGER_FORMAT, path,
         number(now, "turn"));
    use(frame, "running", number(now, "used"),
        json_object_get(limits, "running"));
    use(frame, "resident", number(now, "resident"),
        json_object_get(limits, "resident"));
    line(frame,
         "%-9s %" JSON_INTEGER_FORMAT " live, %" JSON_INTEGER_FORMAT
         " idle, %" JSON_INTEGER_FORMAT " reserved; %" JSON_INTEGER_FORMAT
         " wait for a slot",
         "agents", number(now, "live"), number(now, "idle"),
         number(now, "tickets"), number(now, "waiting"));
    line(frame,
         "%-9s %" JSON_INTEGER_FORMAT " spawned, %" JSON_INTEGER_FORMAT
         " completed, %" JSON_INTEGER_FORMAT " refused, %" JSON_INTEGER_FORMAT
         " waited",
         "so far", number(now, "spawned"), number(now, "completed"),
         figure(now, "refused"), number(now, "waited"));
    if (before->figures == NULL) return;
    line(frame, "%-9s %.1f spawned, %.1f completed, %.1f refused, %.1f waited",
         "a second", rate(look, before, "spawned"),
         rate(look, before, "completed"), rate(look, before, "refused"),
         rate(look, before, "waited"));
}

static struct frame frame_of_terminal(void)
{
    struct frame frame = {.width = WIDTH, .height = HEIGHT};
    struct winsize size;

    frame.terminal = isatty(STDOUT_FILENO) != 0;
    if (frame.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
        size.ws_row > 4 && size.ws_col > 20) {
        frame.width = size.ws_col;
        frame.height = size.ws_row;
    }
    return frame;
}

/* *before becomes what was asked now.  False: there is nothing to draw. */
static bool draw(struct watch *watch, struct look *before)
{
    struct frame frame = frame_of_terminal();
    struct look now = {watch_ask(watch, "{\"op\":\"stats\"}"), seconds_now()};
    json_t *tree = now.figures == NULL ? NULL : watch_snapshot(watch, "tree");
    json_t *json = tree == NULL ? NULL : watch_snapshot(watch, "json");
    const char *lines = watch_text(watch, tree, "tree");
    const char *agents = watch_text(watch, json, "json");
    json_t *root = lines == NULL || agents == NULL
                       ? NULL
                       : json_loads(agents, 0, NULL);

    if (root != NULL) {
        if (frame.terminal) fputs("\033[H", stdout);
        draw_figures(&frame, watch->path, &now, before);
        draw_holders(&frame, root);
        draw_tree(&frame, lines);
        if (frame.terminal) fputs("\033[J", stdout);
        fflush(stdout);
    }
    json_decref(before->figures);
    *before = now;
    json_decref(tree);
    json_decref(json);
    json_decref(root);
    return root != NULL;
}

/* ---- the command --------------------------------------------------------- */

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static error_t top_option(int key, char *argument, struct argp_state *state)
{
    const char **path = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        if (*path != NULL) argp_error(state, "one socket at a time");
        *path = argument;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which SOCKET?"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp top_argp = {
    NULL, top_option, "SOCKET",
    "Shows what `moorage rpc --socket` serves, each second: slots, the oldest "
    "holders, refusals, the tree. Without a terminal once."
    "\vExit status: 0 it did, 2 the command line is not valid, 3 it could not.",
    NULL, NULL, NULL,
};

int command_top(int argc, char **argv)
{
    const struct sigaction ending = {.sa_handler = stop};
    const char *path = NULL;
    struct watch watch;
    struct look before = {NULL, 0};
    bool drawn;

    argp_parse(&top_argp, argc, argv, 0, NULL, &path);
    (void)sigaction(SIGINT, &ending, NULL);
    (void)sigaction(SIGTERM, &ending, NULL);
    drawn = watch_open(&watch, path);
    if (drawn && isatty(STDOUT_FILENO) != 0) fputs("\033[2J", stdout);
    do {
        drawn = drawn && draw(&watch, &before);
        if (isatty(STDOUT_FILENO) == 0) break;
        (void)poll(NULL, 0, EVERY_MS);
    } while (drawn && !stopped);
    json_decref(before.figures);
    watch_close(&watch);
    return drawn ? EXIT_HELD : EXIT_COULD_NOT;
}
