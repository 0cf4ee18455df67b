/*
 * The wire of moorage mcp: what does the server make of any bytes?
 *
 * Goal    whatever comes in, each line that goes out is a message of JSON-RPC,
 *         and each message has one answer at most; what is kept of a line is
 *         bounded; the server then still answers a ping, or the next line if
 *         that was cut off; the registry's books are right, and all memory
 *         comes back.
 * Method  the first byte says which dialect, and whether the client has been
 *         initialized; the rest comes in pieces of a length by chance, and the
 *         clock goes on with each.  Agents are completed from outside: no
 *         process is started.
 * Limits  whether the right tool did the right thing is not judged: that is for
 *         tests/mcp.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "judge.h"
#include "mcp_agents.h"
#include "mcp_children.h"
#include "mcp_rpc.h"
#include "mcp_session.h"
#include "mcp_waits.h"
#include "memory.h"

static uint64_t now_ms;

/* In place of the loop's. */
uint64_t mcp_now_ms(void)
{
    return now_ms;
}

struct seen {
    size_t messages; /* that came in, at most */
    size_t answers;
    bool pong;
};

/* ---- what goes out ------------------------------------------------------- */

#define PING_ID "the last ping"

static void judge_message(struct seen *seen, const json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    const char *version =
        json_string_value(json_object_get(message, "jsonrpc"));
    int kinds = (json_object_get(message, "result") != NULL) +
                (json_object_get(message, "error") != NULL) +
                (json_object_get(message, "method") != NULL);

    judge_that("it is a message",
               version != NULL && strcmp(version, "2.0") == 0 && kinds == 1);
    if (json_object_get(message, "method") != NULL) {
        judge_that("a notification has no id", id == NULL);
        return;
    }
    judge_that("an answer has an id, or null", id != NULL);
    seen->answers++;
    seen->pong = seen->pong || (json_is_string(id) &&
                                strcmp(json_string_value(id), PING_ID) == 0);
}

static void judge_line(struct seen *seen, const char *line, size_t length)
{
    json_t *message = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    size_t i;
    json_t *one;

    judge_note("-> %.*s", (int)length, line);
    judge_that("a line is JSON", message != NULL);
    if (json_is_array(message)) {
        judge_that("a batch has answers", json_array_size(message) > 0);
        json_array_foreach(message, i, one) judge_message(seen, one);
    } else {
        judge_message(seen, message);
    }
    json_decref(message);
}

/* The client reads all there is. */
static void read_all(struct mcp *mcp, struct seen *seen)
{
    while (wire_out_left(&mcp->out) > 0) {
        const char *line = mcp->out.bytes + mcp->out.from;
        const char *feed = memchr(line, '\n', wire_out_left(&mcp->out));

        judge_that("a line has an end", feed != NULL);
        judge_line(seen, line, (size_t)(feed - line));
        wire_out_taken(&mcp->out, (size_t)(feed - line) + 1);
    }
}

/* ---- what comes in ------------------------------------------------------- */

static void take_lines(struct mcp *mcp, struct seen *seen)
{
    const char *line;
    size_t length;

    for (;;) {
        enum wire_got got = wire_in_next(&mcp->in, &line, &length);

        if (got == WIRE_NOTHING) return;
        if (got == WIRE_LINE) {
            judge_note("<- %.*s", (int)length, line);
            judge_that("a line is bounded", length <= WIRE_LINE_MAX);
            rpc_line(mcp, line, length);
        } else {
            rpc_line_too_long(mcp);
        }
        waits_look(mcp);
        /* Each comma of a batch may begin a message. */
        seen->messages += got == WIRE_LINE && length > 0 ? MCP_BATCH_MAX : 1;
        read_all(mcp, seen);
        judge_that("one answer at most", seen->answers <= seen->messages);
    }
}

static void put(struct mcp *mcp, const void *bytes, size_t count)
{
    memcpy(wire_in_room(&mcp->in), bytes, count);
    wire_in_add(&mcp->in, count);
}

static void put_text(struct mcp *mcp, const char *text)
{
    put(mcp, text, strlen(text));
}

static void put_pieces(struct mcp *mcp, struct seen *seen, struct input *input)
{
    while (input_left(input) > 0) {
        size_t piece = 1 + (size_t)input_byte(input) * 4;

        piece = piece < input_left(input) ? piece : input_left(input);
        judge_step("%zu bytes", piece);
        put(mcp, input->at, piece);
        input->at += piece;
        now_ms += 700;
        take_lines(mcp, seen);
        waits_tick(mcp);
        read_all(mcp, seen);
    }
}

/* ---- all of it ----------------------------------------------------------- */

static const char initialize[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"first\",\"method\":\"initialize\","
    "\"params\":{\"protocolVersion\":\"%s\"}}\n";

static void begin(struct mcp *mcp, struct seen *seen, unsigned how)
{
    char text[sizeof initialize + 16];

    mcp->options.v2 = (how & 1) != 0;
    judge_that("it begins", session_open(mcp));
    mcp->closed = must_alloc(MCP_CLOSED_MAX, sizeof *mcp->closed);
    if ((how & 2) != 0) return;
    snprintf(text, sizeof text, initialize,
             (how & 4) != 0 ? "2025-03-26" : "2025-11-25");
    put_text(mcp, text);
    take_lines(mcp, seen);
}

static void judge_the_end(struct mcp *mcp, struct seen *seen)
{
    char text[256] = "";

    judge_step("ping");
    put_text(mcp, "\n{\"jsonrpc\":\"2.0\",\"id\":\"" PING_ID
                  "\",\"method\":\"ping\"}\n");
    take_lines(mcp, seen);
    judge_that("it is served", seen->pong);
    moor_check(mcp->registry, true, text, sizeof text);
    judge_text("the books", "", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mcp mcp = {.warden = -1};
    struct input input = input_of(data, size);
    struct seen seen = {0};

    judge_begin(data, size);
    now_ms = 1;
    begin(&mcp, &seen, input_byte(&input));
    put_pieces(&mcp, &seen, &input);
    judge_the_end(&mcp, &seen);
    waits_drop(&mcp);
    judge_number("waits", 0, mcp.waits_count);
    agents_forget(&mcp, true);
    judge_number("messages that wait", 0, mcp.mail_bytes);
    judge_number("news", 0, mcp.news);
    closed_free(&mcp);
    session_close(&mcp);
    wire_in_free(&mcp.in);
    wire_out_free(&mcp.out);
    return 0;
}
