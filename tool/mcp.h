/*
 * moorage mcp: a server of the Model Context Protocol on standard input and
 * output.  One thread, one poll loop:
 *
 *   mcp_loop       waits for input, room for output, children and deadlines
 *   mcp_wire       bytes to lines and back, both bounded
 *   mcp_rpc        JSON-RPC 2.0: requests, batches, notifications, errors
 *   mcp_tools      which tools there are, their schemas, and whether arguments
 *                  fit them
 *   mcp_calls      what each tool does; mcp_runs: how a run begins and ends
 *   mcp_waits      calls that wait for an agent: records in a list, so that
 *                  none is in the way of another
 *   mcp_agents     what the server knows of an agent beside the registry
 *   mcp_children   processes; mcp_warden kills them if this one is killed
 *   mcp_session    the registry and its store
 *   mcp_answers    the results of tools
 *
 * Nobody else changes the registry, so nothing has to be watched: whoever
 * changes it sets `changed`, and the waiting calls are looked at before the
 * next line is.
 */
#ifndef MOORAGE_TOOL_MCP_H
#define MOORAGE_TOOL_MCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>
#include <moorage/moorage.h>

#include "mcp_wire.h"

int command_mcp(int argc, char **argv);

enum {
    MCP_CALLS_MAX = 256,       /* that wait at once */
    MCP_BATCH_MAX = 50,        /* requests of one batch */
    MCP_ID_MAX = 256,          /* bytes of a request's id, if it is a text */
    MCP_TARGETS_MAX = 64,      /* agents that one call waits for */
    MCP_MAIL_MAX = 16,         /* messages that wait for one agent */
    MCP_MAIL_BYTES = 1 << 26,  /* of all messages that wait */
    MCP_RESULT_MAX = 65536,    /* bytes of a result that are kept */
    MCP_MESSAGE_MAX = 4096,    /* of an agent's latest message, to be listed */
    MCP_LIST_BYTES = 1 << 19,  /* of results and messages in one answer */
    MCP_BATCH_BYTES = 1 << 22, /* of the answers to one batch */
    MCP_CLOSED_MAX = 256,      /* closed agents that can be resumed */
    MCP_CHILDREN_MAX = 65536,  /* agents below one parent: a bound of memory */
    MCP_PROGRESS_MS = 1000,    /* between two reports of a wait */
    MCP_WAIT_MS = 30000,       /* if a call does not say */
    MCP_WAIT_MAX_MS = 3600000
};

struct mcp_options {
    bool v2;           /* the dialect */
    const char *store; /* null: none */
    char **exec; /* ended by null; null: agents are completed from outside */
    bool limit_given;
    uint32_t limit;
    moor_release release;
    uint64_t stall_ms; /* a client that reads nothing for so long has gone */
};

struct mcp_agent;
struct child;
struct waiting;
struct mcp_closed;

enum { MCP_BUCKETS = 1024 };

struct mcp {
    struct mcp_options options;
    moor_registry *registry;
    struct moor_store *store; /* null: none */
    dev_t store_device;       /* which file it is */
    ino_t store_inode;
    struct wire_in in;
    struct wire_out out;
    const char *version; /* negotiated; null before initialize */
    struct waiting *waits;
    size_t waits_count;
    bool changed; /* a wait may be met by now */
    struct mcp_agent *agents[MCP_BUCKETS];
    size_t news; /* agents whose end no wait has told of */
    size_t mail_bytes;
    uint64_t submissions;
    struct mcp_closed *closed; /* a ring of MCP_CLOSED_MAX */
    size_t closed_next;
    struct child *children;
    int warden; /* the pipe to it; -1: there is none */
    int warden_pid;
    char mark[64];   /* of this server: mcp_warden.h */
    char *servers;   /* its mark, behind those of servers above it */
    int start_error; /* errno: why the last process could not be begun */
    int signals;     /* a signalfd */
};

/* Milliseconds of a clock that only goes forward. */
uint64_t mcp_now_ms(void);

/* The poll loop; answers the exit status, or a signal's number below zero. */
int mcp_loop(struct mcp *mcp);

#endif
