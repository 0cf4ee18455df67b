/*
 * moorage rpc: the registry for other programs, one JSON object a line.
 *
 *   rpc.c          the command
 *   rpc_socket.c   a Unix socket, whose clients are this user's, a thread each
 *   rpc_client.c   one client: lines in, answers and notices out
 *
 * A request is an operation of a scenario file (session.h); a key `seq`
 * comes back in its answer.  A client's requests are answered in their order,
 * and one that waits keeps nobody else waiting: who wants to do both at once
 * connects twice.  Who closes while it waits has left, and gives up its place
 * in the queue (asker.h).  Labels are the client's own, agents are everybody's.
 */
#ifndef MOORAGE_TOOL_RPC_H
#define MOORAGE_TOOL_RPC_H

#include <stdbool.h>
#include <sys/un.h>

#include "host.h"

/* One client, from its first line to its last; the descriptors stay open. */
void rpc_serve(struct host *host, int in, int out);

/* The address of a socket.  False: the path is too long for one. */
bool rpc_address(const char *path, struct sockaddr_un *address);

/* Clients of a socket, until a signal ends the program; then closes the host.
 * An exit code. */
int rpc_listen(struct host *host, const char *path);

int command_rpc(int argc, char **argv);

#endif
