#include "repl.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef MOORAGE_EDITLINE
#include <editline/readline.h>
#endif

#include "host.h"
#include "memory.h"
#include "play_children.h"
#include "text.h"

/* ---- lines --------------------------------------------------------------- */

static struct session session;

#ifdef MOORAGE_EDITLINE
static char *copy_of(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL) must_json(NULL);
    return copy;
}

/* readline's: the next that begins so.  The first word is a verb. */
static char *next_verb(const char *begin, int again)
{
    static size_t at;
    const char *verb;

    if (again == 0) at = 0;
    while ((verb = words_verb(at)) != NULL) {
        at++;
        if (strncmp(verb, begin, strlen(begin)) == 0) return copy_of(verb);
    }
    return NULL;
}

/* Any other one is a label, or a path. */
static char *next_path(const char *begin, label_number *passed)
{
    moor_list_filter all = {0};
    moor_info infos[16];
    uint64_t cursor = 0;
    label_number number = 0;
    size_t count = 0;

    do {
        if (moor_list(session.play.registry, &all, &cursor, infos, 16,
                      &count) != MOOR_OK) {
            return NULL;
        }
        for (size_t i = 0; i < count; i++, number++) {
            if (number >= *passed &&
                strncmp(infos[i].path, begin, strlen(begin)) == 0) {
                *passed = number + 1;
                return copy_of(infos[i].path);
            }
        }
    } while (cursor != 0);
    return NULL;
}

static char *next_name(const char *begin, int again)
{
    static label_number at;
    const struct labels *labels = &session.scenario.labels;

    if (again == 0) at = 0;
    if (begin[0] == '/') return next_path(begin, &at);
    while (at < labels->count) {
        const char *name = labels->all[at++].name;

        if (strncmp(name, begin, strlen(begin)) == 0) return copy_of(name);
    }
    return NULL;
}

static char **complete(const char *begin, int from, int to)
{
    (void)to;
    return rl_completion_matches(begin, from == 0 ? next_verb : next_name);
}

static void begin_lines(void)
{
    rl_readline_name = (char *)"moorage";
    rl_attempted_completion_function = complete;
    using_history();
}
#endif

/* Of a line that is too long no more than its bound is kept. */
static char *read_plain(FILE *in, const char **wrong)
{
    char *line = NULL;
    size_t length = 0, room = 0;
    int byte;

    while ((byte = getc(in)) != EOF && byte != '\n') {
        if (byte == '\0') *wrong = "a line has no byte of zero";
        if (length == SESSION_LINE_MAX) {
            *wrong = "a line has at most 262144 bytes";
        }
        if (*wrong != NULL) continue;
        if (length + 1 >= room) {
            room = room == 0 ? 128 : 2 * room;
            line = must_resize(line, room, 1);
        }
        line[length++] = (char)byte;
    }
    if (line == NULL && byte == EOF && *wrong == NULL) return NULL;
    if (line == NULL) line = must_alloc(1, 1);
    if (length > 0) line[length] = '\0';
    return line;
}

/* The caller's; null: there are no more.  *wrong: why it is refused, if so. */
static char *read_line(FILE *in, bool terminal, const char **wrong)
{
    *wrong = NULL;
#ifdef MOORAGE_EDITLINE
    if (terminal) {
        char *line = readline("moorage> ");

        if (line != NULL && line[0] != '\0') add_history(line);
        return line;
    }
#else
    if (terminal) {
        fputs("moorage> ", stdout);
        fflush(stdout);
    }
#endif
    return read_plain(in, wrong);
}

/* ---- what a line does ---------------------------------------------------- */

static void print_help(const char *verb)
{
    const char *usage = verb == NULL ? NULL : words_usage(verb);

    if (usage != NULL) {
        printf("  %s\n", usage);
        return;
    }
    puts("AGENT is a label (as in `spawn a`), root, or a path (/root/x).");
    for (size_t i = 0; (verb = words_verb(i)) != NULL; i++) {
        printf("  %s\n", words_usage(verb));
    }
}

/* It may quote what was typed. */
static void say_bad(const struct paint *paint, const char *why)
{
    fputs(paint->bad, stdout);
    text_print(stdout, why);
    printf("%s\n", paint->end);
}

/* False: it is no verb that only looks. */
static bool look(const struct words *words, bool *quit)
{
    const char *verb = words->all[0];
    const char *second = words->count > 1 ? words->all[1] : NULL;

    if (strcmp(verb, "tree") == 0) {
        look_tree(&session);
    } else if (strcmp(verb, "stats") == 0) {
        look_stats(&session);
    } else if (strcmp(verb, "why") == 0) {
        look_why(&session, second == NULL ? "root" : second);
    } else if (strcmp(verb, "help") == 0) {
        print_help(second);
    } else if (strcmp(verb, "quit") == 0 || strcmp(verb, "exit") == 0) {
        *quit = true;
    } else {
        return false;
    }
    return true;
}

/* Exit codes of a script are those of `run`: 1, if anything was not ok. */
static bool request(const struct paint *paint, const struct words *words)
{
    struct complaint complaint = {0};
    struct answer answer;
    json_t *asked = words_request(words, complaint.text, sizeof complaint.text);
    char *text = asked == NULL ? NULL : json_dumps(asked, JSON_COMPACT);
    bool good = false;

    if (text != NULL &&
        session_perform(&session, text, asked, &answer, &complaint)) {
        print_answer(paint, &answer);
        good = strcmp(answer.outcome, "ok") == 0;
        json_decref(answer.fields);
    } else {
        say_bad(paint, complaint.text);
    }
    free(text);
    json_decref(asked);
    return good;
}

static bool do_line(const struct paint *paint, const char *line, bool *quit)
{
    struct words words;
    bool good = true;

    if (!words_split(line, &words)) {
        say_bad(paint, "a quote is open, or there are more than 64 words");
        good = false;
    } else if (words.count > 0 && words.all[0][0] != '#' &&
               !look(&words, quit)) {
        good = request(paint, &words);
    }
    words_free(&words);
    return good;
}

/* False: one was not ok. */
static bool play_lines(FILE *in, bool terminal)
{
    const struct paint paint = paint_for(STDOUT_FILENO);
    bool quit = false, good = true;
    const char *wrong;
    char *line;

    while (!quit && (line = read_line(in, terminal, &wrong)) != NULL) {
        if (wrong != NULL) say_bad(&paint, wrong);
        good = wrong == NULL && do_line(&paint, line, &quit) && good;
        free(line);
    }
    return good;
}

bool repl_play(moor_registry *registry, struct children *children, FILE *in,
               bool terminal)
{
    bool good;

    session_begin(&session, registry, children);
    good = play_lines(in, terminal);
    session_end(&session);
    return good;
}

/* ---- the command --------------------------------------------------------- */

static error_t repl_option(int key, char *argument, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = state->input; break;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is too much: repl takes options only",
                   argument);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_child repl_children[] = {
    {&host_argp, 0, NULL, 0}, {NULL, 0, NULL, 0},
};

static const struct argp repl_argp = {
    NULL, repl_option, NULL,
    "A registry to try things in: each line is a verb and its words, as `spawn "
    "a`; `help` lists them."
    "\vExit status: 0 all was well, 1 a line of a script was not, 2 the "
    "command line is not valid, 3 it could not run.",
    repl_children, NULL, NULL,
};

int command_repl(int argc, char **argv)
{
    struct host_options options = {0};
    struct children *children;
    struct host host;
    bool terminal = isatty(STDIN_FILENO) != 0, good;
    int code, closed;

    argp_parse(&repl_argp, argc, argv, 0, NULL, &options);
    code = host_open(&host, &options);
    if (code != EXIT_HELD) return code;
    children = children_create(host.registry);
#ifdef MOORAGE_EDITLINE
    begin_lines();
#endif
    if (terminal) puts("help lists the verbs, quit ends; try: spawn a");
    good = repl_play(host.registry, children, stdin, terminal);
    code = good || terminal ? EXIT_HELD : EXIT_BROKEN;
    children_destroy(children);
    closed = host_close(&host);
    return closed != EXIT_HELD ? closed : code;
}
