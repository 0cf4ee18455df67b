#include "mcp.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "mcp_agents.h"
#include "mcp_session.h"
#include "mcp_warden.h"
#include "memory.h"

/* ---- options ------------------------------------------------------------ */

enum {
    KEY_STORE = 's',
    KEY_EXEC = 'e',
    KEY_DIALECT = 'd',
    KEY_LIMIT = 256,
    KEY_RELEASE,
    KEY_STALL
};

static const struct argp_option options[] = {
    {"store", KEY_STORE, "FILE", 0,
     "Keep the agents in FILE, and begin with those that are in it", 0},
    {"exec", KEY_EXEC, "CMD [ARG...]", 0,
     "Agents are processes of this command, which is the rest of the line: the "
     "task on standard input, the result on standard output",
     0},
    {"dialect", KEY_DIALECT, "v1|v2", 0,
     "Which tools: agents by id (v1, the default), or by task name (v2)", 0},
    {"limit-running", KEY_LIMIT, "N", 0,
     "How many agents may run at once, or unlimited; 6 if not given", 0},
    {"release", KEY_RELEASE, "POLICY", 0,
     "When an agent that has ended gives its slot up: on_completion (the "
     "default), on_turn_end, on_reserve or on_close",
     0},
    {"stall", KEY_STALL, "SECONDS", 0,
     "End when the client has read nothing for so long though there was "
     "something to read; 60 if not given",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static uint32_t number(struct argp_state *state, const char *what,
                       const char *text, unsigned long most)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
        value > most) {
        argp_error(state, "%s is a whole number up to %lu, not \"%s\"", what,
                   most, text);
    }
    return (uint32_t)value;
}

static moor_release release_named(struct argp_state *state, const char *text)
{
    for (int i = 0; i < MOOR_RELEASES; i++) {
        if (strcmp(text, moor_release_name((moor_release)i)) == 0) {
            return (moor_release)i;
        }
    }
    argp_error(state, "\"%s\" is no release policy", text);
    return MOOR_ON_COMPLETION;
}

/* The command is all that is left of the line. */
static void take_command(struct mcp_options *mcp, char *first,
                         struct argp_state *state)
{
    size_t count = (size_t)(state->argc - state->next);

    mcp->exec = must_alloc(count + 2, sizeof *mcp->exec);
    mcp->exec[0] = first;
    for (size_t i = 0; i < count; i++) {
        mcp->exec[i + 1] = state->argv[state->next + (int)i];
    }
    state->next = state->argc;
}

static error_t option(int key, char *argument, struct argp_state *state)
{
    struct mcp_options *mcp = state->input;

    switch (key) {
    case KEY_STORE:
        mcp->store = argument;
        break;
    case KEY_EXEC:
        take_command(mcp, argument, state);
        break;
    case KEY_DIALECT:
        mcp->v2 = strcmp(argument, "v2") == 0;
        if (!mcp->v2 && strcmp(argument, "v1") != 0) {
            argp_error(state, "\"%s\" is no dialect: v1 or v2", argument);
        }
        break;
    case KEY_LIMIT:
        mcp->limit_given = true;
        mcp->limit = strcmp(argument, "unlimited") == 0
                         ? MOOR_UNLIMITED
                         : number(state, "--limit-running", argument,
                                  MOOR_UNLIMITED - 1);
        break;
    case KEY_RELEASE:
        mcp->release = release_named(state, argument);
        break;
    case KEY_STALL:
        mcp->stall_ms =
            1000 * (uint64_t)number(state, "--stall", argument, 86400);
        break;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is too much: a command goes behind --exec",
                   argument);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp mcp_argp = {
    options,
    option,
    NULL,
    "A server of the Model Context Protocol on standard input and output, with "
    "tools to spawn agents, wait for them, give them tasks and close them."
    "\vWithout --exec, agents work elsewhere, and report_agent_result says how "
    "they ended.  With --store, a policy and limits that the file has stand, "
    "but for --limit-running.  Exit status: 0 the client has gone, 2 the "
    "command line is not valid, 3 it could not run, or the client read "
    "nothing for too long.",
    NULL,
    NULL,
    NULL,
};

/* ---- the process -------------------------------------------------------- */

/* Descriptors 0 to 2 are ours even if nobody has opened them. */
static void hold_standard_streams(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) close(fd);
}

/* Those that end a program, unless whoever ran this one has them ignored. */
static bool take_signals(struct mcp *mcp)
{
    static const int endings[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction now;
    sigset_t taken;

    sigemptyset(&taken);
    sigaddset(&taken, SIGCHLD);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (sigaction(endings[i], NULL, &now) == 0 &&
            now.sa_handler != SIG_IGN) {
            sigaddset(&taken, endings[i]);
        }
    }
    signal(SIGCHLD, SIG_DFL); /* ignored, children could not be waited for */
    sigprocmask(SIG_BLOCK, &taken, NULL);
    mcp->signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    return mcp->signals >= 0;
}

static int end_by(int signal_number)
{
    sigset_t one;

    signal(signal_number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, signal_number);
    raise(signal_number);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    return EXIT_COULD_NOT;
}

static int serve(struct mcp *mcp)
{
    int code = EXIT_COULD_NOT;

    if (!take_signals(mcp) ||
        (mcp->options.exec != NULL && !warden_start(mcp))) {
        perror("moorage mcp");
        return code;
    }
    if (session_open(mcp)) {
        mcp->closed = must_alloc(MCP_CLOSED_MAX, sizeof *mcp->closed);
        code = mcp_loop(mcp);
        agents_forget(mcp, true);
        closed_free(mcp);
        session_close(mcp);
    }
    warden_stop(mcp);
    close(mcp->signals);
    wire_in_free(&mcp->in);
    wire_out_free(&mcp->out);
    return code;
}

int command_mcp(int argc, char **argv)
{
    struct mcp mcp = {.options = {.stall_ms = 60000}, .warden = -1};

    argp_parse(&mcp_argp, argc, argv, ARGP_IN_ORDER, NULL, &mcp.options);
    hold_standard_streams();
    int code = serve(&mcp);
    free(mcp.options.exec);
    return code < 0 ? end_by(-code) : code;
}
