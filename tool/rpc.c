#include "rpc.h"

#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"

struct rpc_arguments {
    const char *socket;
    struct host_options host;
};

static error_t rpc_option(int key, char *argument, struct argp_state *state)
{
    struct rpc_arguments *arguments = state->input;

    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &arguments->host; break;
    case 'k': arguments->socket = argument; break;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is too much: rpc takes options only",
                   argument);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rpc_options[] = {
    {"socket", 'k', "PATH", 0,
     "Serve clients of this user at a Unix socket; else standard input and "
     "output", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp_child rpc_children[] = {
    {&host_argp, 0, NULL, 0}, {NULL, 0, NULL, 0},
};

static const struct argp rpc_argp = {
    rpc_options, rpc_option, NULL,
    "Answers requests, one JSON object a line: the operations of scenario "
    "files, such as {\"op\":\"spawn\",\"as\":\"a\"}."
    "\vA key \"seq\" comes back in the answer. {\"op\":\"subscribe\",\"of\":"
    "\"root\"} tells of each run that ends. Exit status: 0 the input ended or "
    "a signal came, 2 the command line is not valid, 3 it could not run.",
    rpc_children, NULL, NULL,
};

/* Clients may stand in a call when the program ends. */
static struct host host;

int command_rpc(int argc, char **argv)
{
    struct rpc_arguments arguments = {0};
    int code;

    argp_parse(&rpc_argp, argc, argv, 0, NULL, &arguments);
    code = host_open(&host, &arguments.host);
    if (code != EXIT_HELD) return code;
    if (arguments.socket != NULL) return rpc_listen(&host, arguments.socket);
    rpc_serve(&host, STDIN_FILENO, STDOUT_FILENO);
    return host_close(&host);
}
