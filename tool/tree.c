/*
 * moorage tree: the agents of a served registry, or of a store, which is copied
 * first: so nobody is in its way.
 */
#include "watch.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "host.h"
#include "look.h"
#include "memory.h"
#include "text.h"

#ifdef MOORAGE_STORE
#include <sqlite3.h>
#endif

struct tree_arguments {
    const char *source;
    const char *form;
};

static int tree_of_socket(const struct tree_arguments *arguments)
{
    struct watch watch;
    json_t *answer;
    const char *text;

    answer = watch_open(&watch, arguments->source)
                 ? watch_snapshot(&watch, arguments->form)
                 : NULL;
    text = watch_text(&watch, answer, arguments->form);
    if (text != NULL) text_print_lines(stdout, text);
    watch_close(&watch);
    json_decref(answer);
    return text != NULL ? EXIT_HELD : EXIT_COULD_NOT;
}

#ifdef MOORAGE_STORE
static bool copy_store(const char *from, const char *to)
{
    sqlite3 *db = NULL;
    char *query = sqlite3_mprintf("VACUUM INTO %Q", to);
    bool copied =
        query != NULL && access(from, R_OK) == 0 &&
        sqlite3_open_v2(from, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_busy_timeout(db, 5000) == SQLITE_OK &&
        sqlite3_exec(db, query, NULL, NULL, NULL) == SQLITE_OK;

    if (!copied) {
        fprintf(stderr, "moorage: %s: %s\n", from,
                access(from, R_OK) != 0 ? "there is no such file or socket"
                : db == NULL            ? "no memory"
                                        : sqlite3_errmsg(db));
    }
    sqlite3_free(query);
    (void)sqlite3_close(db);
    return copied;
}

static int print_copy(const char *copy, moor_snapshot_format form)
{
    const struct host_options options = {.store = copy};
    struct host host;
    int code = host_open(&host, &options);
    char *text;

    if (code != EXIT_HELD) return code;
    text = look_snapshot(host.registry, form);
    if (text == NULL) must_json(NULL);
    fputs(text, stdout);
    free(text);
    return host_close(&host);
}

static int tree_of_store(const struct tree_arguments *arguments)
{
    struct folder folder;
    moor_snapshot_format form;
    int code = EXIT_COULD_NOT;

    if (!folder_make(&folder)) {
        fprintf(stderr, "moorage: no folder can be made for a copy: %s\n",
                strerror(errno));
        return code;
    }
    (void)look_form_find(arguments->form, &form);
    if (copy_store(arguments->source, folder.store)) {
        code = print_copy(folder.store, form);
    }
    folder_remove(&folder);
    return code;
}
#else
static int tree_of_store(const struct tree_arguments *arguments)
{
    fprintf(stderr, "moorage: %s: no socket, and this program was built "
                    "without SQLite\n", arguments->source);
    return EXIT_COULD_NOT;
}
#endif

/* ---- the command --------------------------------------------------------- */

static error_t tree_option(int key, char *argument, struct argp_state *state)
{
    struct tree_arguments *arguments = state->input;

    switch (key) {
    case 'j': arguments->form = "json"; break;
    case 'd': arguments->form = "dot"; break;
    case ARGP_KEY_ARG:
        if (arguments->source != NULL) argp_error(state, "one at a time");
        arguments->source = argument;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which SOCKET or STORE?"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option tree_options[] = {
    {"json", 'j', NULL, 0, "As JSON", 0},
    {"dot", 'd', NULL, 0, "As a graph for Graphviz", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp tree_argp = {
    tree_options, tree_option, "SOCKET|STORE",
    "Shows the agents that `moorage rpc --socket` serves, or those in a store."
    "\vExit status: 0 it did, 2 the command line is not valid, 3 it could not.",
    NULL, NULL, NULL,
};

int command_tree(int argc, char **argv)
{
    struct tree_arguments arguments = {.form = "tree"};

    argp_parse(&tree_argp, argc, argv, 0, NULL, &arguments);
    return watch_is_socket(arguments.source) ? tree_of_socket(&arguments)
                                             : tree_of_store(&arguments);
}
