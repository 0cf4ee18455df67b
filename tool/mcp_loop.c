#include "mcp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "mcp_children.h"
#include "mcp_rpc.h"
#include "mcp_waits.h"
#include "mcp_warden.h"
#include "memory.h"

enum { INPUT, OUTPUT, SIGNALS, FIXED };
enum {
    WRITE_ONCE = 4096,   /* fits whenever a pipe has room: never blocks */
    LAST_WORDS_MS = 2000 /* for what is still to be written at the end */
};

struct loop {
    struct mcp *mcp;
    struct pollfd *watched;
    size_t room;
    size_t children; /* that are watched */
    bool input_ended, ended;
    int code;              /* the exit status; or a signal, below zero */
    uint64_t read_last_ms; /* the client took something, or nothing was left */
};

uint64_t mcp_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void end(struct loop *loop, int code)
{
    if (!loop->ended) loop->code = code;
    loop->ended = true;
}

/* ---- in ----------------------------------------------------------------- */

static void read_input(struct loop *loop)
{
    struct wire_in *in = &loop->mcp->in;
    ssize_t count = read(STDIN_FILENO, wire_in_room(in), WIRE_READ);

    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) {
        loop->input_ended = true;
        wire_in_end(in);
        return;
    }
    wire_in_add(in, (size_t)count);
}

/* True: there is more, but no room for the answers. */
static bool take_lines(struct mcp *mcp)
{
    const char *line;
    size_t length;

    while (!wire_out_is_high(&mcp->out)) {
        switch (wire_in_next(&mcp->in, &line, &length)) {
        case WIRE_NOTHING:
            return false;
        case WIRE_LINE:
            rpc_line(mcp, line, length);
            break;
        case WIRE_TOO_LONG:
            rpc_line_too_long(mcp);
            break;
        }
        waits_look(mcp);
    }
    return true;
}

/* ---- out ---------------------------------------------------------------- */

static void write_output(struct loop *loop)
{
    struct wire_out *out = &loop->mcp->out;
    size_t left = wire_out_left(out);
    ssize_t count = write(STDOUT_FILENO, out->bytes + out->from,
                          left < WRITE_ONCE ? left : WRITE_ONCE);

    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count < 0) { /* nobody reads any more */
        end(loop, EXIT_HELD);
        return;
    }
    wire_out_taken(out, (size_t)count);
    loop->read_last_ms = mcp_now_ms();
}

/* As much as there is room for just now. */
static void write_more(struct loop *loop)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};

    while (!loop->ended && wire_out_left(&loop->mcp->out) > 0 &&
           poll(&output, 1, 0) == 1) {
        write_output(loop);
    }
}

static void write_the_rest(struct loop *loop)
{
    uint64_t until = mcp_now_ms() + LAST_WORDS_MS;

    loop->ended = false;
    while (!loop->ended && wire_out_left(&loop->mcp->out) > 0) {
        struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
        uint64_t now = mcp_now_ms();

        if (now >= until) return;
        if (poll(&output, 1, (int)(until - now)) == 1) write_output(loop);
    }
}

/* ---- signals ------------------------------------------------------------ */

static void take_signals(struct loop *loop)
{
    struct signalfd_siginfo info;

    while (read(loop->mcp->signals, &info, sizeof info) ==
           (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            children_reap(loop->mcp);
            if (!warden_look(loop->mcp)) {
                perror("moorage mcp: its warden has gone");
                end(loop, EXIT_COULD_NOT);
            }
        } else {
            end(loop, -(int)info.ssi_signo);
        }
    }
}

/* ---- the loop ----------------------------------------------------------- */

static void watch(struct loop *loop)
{
    struct mcp *mcp = loop->mcp;
    bool takes = !loop->input_ended && !wire_out_is_high(&mcp->out);
    bool gives = wire_out_left(&mcp->out) > 0;

    loop->children = children_count(mcp);
    if (FIXED + 2 * loop->children > loop->room) {
        loop->room = 2 * (FIXED + 2 * loop->children);
        loop->watched =
            must_resize(loop->watched, loop->room, sizeof *loop->watched);
    }
    loop->watched[INPUT] =
        (struct pollfd){.fd = takes ? STDIN_FILENO : -1, .events = POLLIN};
    /* Without events it still says when nobody reads any more. */
    loop->watched[OUTPUT] =
        (struct pollfd){.fd = STDOUT_FILENO, .events = gives ? POLLOUT : 0};
    loop->watched[SIGNALS] =
        (struct pollfd){.fd = mcp->signals, .events = POLLIN};
    children_watch(mcp, loop->watched + FIXED);
}

/* Milliseconds until there is something to do; also does it. */
static int tick(struct loop *loop)
{
    struct mcp *mcp = loop->mcp;
    uint64_t next = waits_tick(mcp);
    uint64_t now = mcp_now_ms();

    if (wire_out_left(&mcp->out) == 0) {
        loop->read_last_ms = now;
    } else {
        uint64_t stalled = loop->read_last_ms + mcp->options.stall_ms;

        if (now >= stalled) {
            fputs("moorage mcp: the client does not read\n", stderr);
            end(loop, EXIT_COULD_NOT);
        }
        if (stalled < next) next = stalled;
    }
    if (mcp->changed && !wire_out_is_high(&mcp->out)) return 0;
    if (next == UINT64_MAX) return -1;
    /* Rounded up, so that it is not too early and in vain. */
    return next <= now ? 0 : (int)(next - now < 60000 ? next - now + 1 : 60000);
}

static void step(struct loop *loop)
{
    int timeout = tick(loop);
    const struct pollfd *watched;

    if (loop->ended) return;
    watch(loop);
    watched = loop->watched;
    if (poll(loop->watched, FIXED + 2 * loop->children, timeout) < 0) return;
    children_serve(loop->mcp, watched + FIXED);
    if (watched[SIGNALS].revents != 0) take_signals(loop);
    waits_look(loop->mcp);
    if (watched[INPUT].revents != 0) read_input(loop);
    if ((watched[OUTPUT].revents & POLLOUT) == 0 &&
        (watched[OUTPUT].revents & (POLLERR | POLLNVAL)) != 0) {
        end(loop, EXIT_HELD);
    }
    while (!loop->ended) {
        bool more = take_lines(loop->mcp);

        write_more(loop);
        if (!more) {
            if (loop->input_ended) end(loop, EXIT_HELD);
            return;
        }
        if (wire_out_is_high(&loop->mcp->out)) return;
    }
}

int mcp_loop(struct mcp *mcp)
{
    struct loop loop = {.mcp = mcp, .read_last_ms = mcp_now_ms()};

    while (!loop.ended)
        step(&loop);
    waits_drop(mcp);
    children_end(mcp);
    if (loop.code == EXIT_HELD) write_the_rest(&loop);
    free(loop.watched);
    return loop.code;
}
