/*
 * The program moorage: its commands and their options.
 *
 * Exit status: 0 all is as it should be, 1 it is not, 2 the file or the command
 * line is not valid, 3 it could not run; see memory.h.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "demo.h"
#include "doctor.h"
#include "mcp.h"
#include "memory.h"
#include "play.h"
#include "repl.h"
#include "rpc.h"
#include "text.h"
#include "watch.h"

const char *argp_program_version = "moorage " MOORAGE_VERSION;

/* ---- run ---------------------------------------------------------------- */

struct run_arguments {
    const char *file;
    bool json;
};

static error_t run_option(int key, char *argument, struct argp_state *state)
{
    struct run_arguments *arguments = state->input;

    switch (key) {
    case 'j': arguments->json = true; break;
    case ARGP_KEY_ARG:
        if (arguments->file != NULL) argp_error(state, "one file at a time");
        arguments->file = argument;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which FILE?"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option run_options[] = {
    {"json", 'j', NULL, 0, "Print one JSON object for each operation", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static const struct argp run_argp = {
    run_options, run_option, "FILE",
    "Plays the scenario FILE and tells each expectation that broke."
    "\vExit status: 0 every expectation held, 1 one broke, 2 FILE or the "
    "command line is not valid, 3 it could not run.",
    NULL, NULL, NULL,
};

/* What the file says may be in the text. */
static void print_complaint(const char *file, const struct complaint *complaint)
{
    fprintf(stderr, "%s:", file);
    if (complaint->line != 0) {
        fprintf(stderr, "%zu:%zu:", complaint->line, complaint->column);
    }
    putc(' ', stderr);
    text_print(stderr, complaint->text);
    putc('\n', stderr);
}

static int run_file(const struct run_arguments *arguments)
{
    struct scenario scenario;
    struct complaint complaint;
    int code = EXIT_COULD_NOT;

    switch (scenario_read(arguments->file, &scenario, &complaint)) {
    case SCENARIO_INVALID: code = EXIT_INVALID; /* fall through */
    case SCENARIO_UNREADABLE:
        print_complaint(arguments->file, &complaint);
        break;
    case SCENARIO_VALID:
        if (scenario.unbuilt_line == 0) {
            code = play_scenario(arguments->file, &scenario, arguments->json);
            break;
        }
        fprintf(stderr, "%s:%zu: \"%s\" is not in this version of moorage\n",
                arguments->file, scenario.unbuilt_line, scenario.unbuilt_what);
    }
    scenario_free(&scenario);
    return code;
}

static int command_run(int argc, char **argv)
{
    struct run_arguments arguments = {0};

    argp_parse(&run_argp, argc, argv, 0, NULL, &arguments);
    return run_file(&arguments);
}

/* ---- demo --------------------------------------------------------------- */

static error_t demo_option(int key, char *argument, struct argp_state *state)
{
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    argp_error(state, "\"%s\" is too much: demo takes nothing", argument);
    return 0;
}

static const struct argp demo_argp = {
    NULL, demo_option, NULL,
    "Plays nine rounds of a session that leaks its slots, once for each "
    "release policy, and shows which of them stand still."
    "\vExit status: 0 it came out as it says, 1 it did not, 3 it could not "
    "run.",
    NULL, NULL, NULL,
};

static int command_demo(int argc, char **argv)
{
    argp_parse(&demo_argp, argc, argv, 0, NULL, NULL);
    return demo();
}

/* ---- commands ----------------------------------------------------------- */

static const struct command {
    const char *name;
    char *full_name; /* as help and complaints say it */
    int (*perform)(int argc, char **argv);
} commands[] = {
    {"run", (char[]){"moorage run"}, command_run},
    {"demo", (char[]){"moorage demo"}, command_demo},
    {"repl", (char[]){"moorage repl"}, command_repl},
    {"mcp", (char[]){"moorage mcp"}, command_mcp},
    {"rpc", (char[]){"moorage rpc"}, command_rpc},
    {"tree", (char[]){"moorage tree"}, command_tree},
    {"top", (char[]){"moorage top"}, command_top},
#ifdef MOORAGE_STORE
    {"doctor", (char[]){"moorage doctor"}, command_doctor},
#endif
};

struct chosen {
    const struct command *command;
    int argc;
    char **argv;
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    }
    return NULL;
}

static error_t main_option(int key, char *argument, struct argp_state *state)
{
    struct chosen *chosen = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        chosen->command = find_command(argument);
        if (chosen->command == NULL) {
            argp_error(state, "\"%s\" is no command: see moorage --help",
                       argument);
        }
        /* The rest is the command's, options too. */
        chosen->argc = state->argc - state->next + 1;
        chosen->argv = state->argv + state->next - 1;
        state->next = state->argc;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which command?"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp main_argp = {
    NULL, main_option, "run FILE [--json]\ndemo\nrepl\nmcp [--exec CMD...]\n"
    "rpc [--socket PATH]\n"
    "tree SOCKET|STORE\ntop SOCKET\ndoctor STORE",
    "Keeps the books of an agent runtime."
    "\v  run FILE   plays a scenario: one JSON operation a line\n"
    "  demo       shows which release policies leak and which do not\n"
    "  repl       a registry to try things in, a line at a time\n"
    "  mcp        serves the Model Context Protocol on standard input\n"
    "  rpc        serves other programs: one JSON request a line\n"
    "  tree       shows the agents of a server or of a store\n"
    "  top        watches a server\n"
    "  doctor     looks for leaked slots and broken edges in a store\n"
    "\nmoorage COMMAND --help says more.",
    NULL, NULL, NULL,
};

/* An answer that was not written is no answer. */
static int written(int code)
{
    if (fflush(stdout) != 0) {
        fprintf(stderr, "moorage: cannot write: %s\n", strerror(errno));
    } else if (ferror(stdout) != 0) {
        fputs("moorage: cannot write all of the answer\n", stderr);
    } else {
        return code;
    }
    return EXIT_COULD_NOT;
}

int main(int argc, char **argv)
{
    struct chosen chosen = {0};

    argp_err_exit_status = EXIT_INVALID;
    /* A reader that has gone is an error of the write, not the end of us: the
     * processes that `exec` has started are still to be killed. */
    signal(SIGPIPE, SIG_IGN);
    argp_parse(&main_argp, argc, argv, ARGP_IN_ORDER, NULL, &chosen);
    chosen.argv[0] = chosen.command->full_name;
    return written(chosen.command->perform(chosen.argc, chosen.argv));
}
