"""What the wire may bring: every line of it is untrusted.

Each bad input gets a clear error, or a clean end; memory stays bounded, what is
sound beside it is served, and no process and no slot is left behind.

Usage   input.py PROGRAM [TEST...]
"""
import os
import select
import signal
import subprocess
import sys

from wire import (MEMORY_MAX, TASK_RUNNER, main, marked, marked_processes,
                  memory_of, none_is_left, same, that, until)

LONG = "exec sleep 600"
LINE_MAX = 1048576


def initialized(start, *options, **more):
    server = start(*options, **more)
    server.initialize()
    return server


def is_served(server):
    """Nothing that came before has harmed it."""
    server.ask("ping")
    server.call("list_agents")


def nameless(server, count):
    return server.until(f"{count} errors without an id",
                        lambda: len(server.nameless) >= count and
                        server.nameless[:])


def lines_that_are_no_json(start):
    server = initialized(start)
    bad = [b"{", b"}", b"nonsense", b"{\"a\":1}}", b"[1,2", b"\xff\xfe{}",
           b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\xc3\x28ng\"}",
           b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xed\xa0\x80\"}",
           b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\u0000\"}",
           b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}",
           b"{\"id\":1,\"id\":2,\"jsonrpc\":\"2.0\",\"method\":\"ping\"}",
           b"\0", b"{\"a\":1e999}", b"{\"a\":123456789012345678901234567890}",
           b"\xef\xbb\xbf{}", b"'ping'", b"{\"a\":nan}", b"\"\\x\""]
    for i, line in enumerate(bad):
        server.write(line + b"\n")
        same(f"{line[:40]!r}", -32700, nameless(server, i + 1)[i]["code"])
        is_served(server)
    for blank in [b"\n", b"\r\n", b"   \t\n"]:
        server.write(blank)
    server.write(b"{\"jsonrpc\":\"2.0\",\"id\":\"crlf\",\"method\":\"ping\"}\r\n")
    server.result("crlf")
    same("errors", len(bad), len(server.nameless))
    server.close()


def nesting_bombs(start):
    server = initialized(start)
    bombs = [b"[" * 3000, b"[" * 100000, b"[" * LINE_MAX, b"{\"a\":" * 3000,
             b"{\"a\":" * 200000, b"[{\"a\":" * 100000,
             b"[" * 100000 + b"]" * 100000]
    for i, bomb in enumerate(bombs):
        server.write(bomb + b"\n")
        same("code", -32700, nameless(server, i + 1)[i]["code"])
        is_served(server)
    # Deep, but sound: an argument like any other that does not fit.
    deep = "[" * 1000 + "]" * 1000
    server.write(b"{\"jsonrpc\":\"2.0\",\"id\":\"deep\",\"method\":\"tools/call\","
                 b"\"params\":{\"name\":\"spawn_agent\",\"arguments\":"
                 b"{\"message\":" + deep.encode() + b"}}}\n")
    same("deep", "bad_argument",
         server.result("deep")["structuredContent"]["error"])
    server.close()


def a_line_of_a_hundred_megabytes(start):
    server = initialized(start)
    server.write(b"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"")
    piece = b"x" * 1000000
    for _ in range(100):
        server.write(piece)
    # It is told before its end has come, and once.
    same("code", -32700, nameless(server, 1)[0]["code"])
    server.write(b"\"}\n")
    is_served(server)
    same("told once", 1, len(server.nameless))
    most = memory_of(server)
    that(most < MEMORY_MAX, "memory is bounded", most)
    # The longest line that is one, and the shortest that is none.
    head = b"{\"jsonrpc\":\"2.0\",\"id\":\"long\",\"method\":\"ping\"}"
    server.write(head + b" " * (LINE_MAX - len(head)) + b"\n")
    server.result("long")
    server.write(head + b" " * (LINE_MAX - len(head) + 1) + b"\n")
    same("code", -32700, nameless(server, 2)[1]["code"])
    is_served(server)
    server.close()


def messages_that_are_no_requests(start):
    server = initialized(start)
    ping = {"jsonrpc": "2.0", "id": 900, "method": "ping"}
    bad = [1, "text", None, True, {}, {"id": 900}, {**ping, "jsonrpc": "1.0"},
           {**ping, "jsonrpc": 2}, {**ping, "method": 7},
           {**ping, "method": None}, {**ping, "id": None},
           {**ping, "id": [1]}, {**ping, "id": {}}, {**ping, "id": True},
           {**ping, "id": "x" * 257}, [], [ping]]
    for message in bad:
        before = len(server.nameless) + len(server.answers)
        server.write(server.line(message))
        server.until(f"an answer to {message!r}", lambda:
                     len(server.nameless) + len(server.answers) > before)
        answer = server.answers.pop(900, None)
        error = answer["error"] if answer else server.nameless[-1]
        same(f"{message!r}", -32600, error["code"])
    # Answers to what nobody asked are nobody's trouble.
    server.write(server.line({"jsonrpc": "2.0", "id": 1, "result": {}}))
    server.write(server.line({"jsonrpc": "2.0", "id": 1, "error": {}}))
    server.notify("notifications/unheard_of", {"a": 1})
    for id_ in [0, -5, "", "x" * 256, 1.5, 9007199254740993]:
        server.request("ping", id_=id_)
        server.result(id_)
    is_served(server)
    server.close()


def wrong_methods_and_params(start):
    server = initialized(start)
    for method in ["", "unheard/of", "tools", "logging/setLevel",
                   "resources/list", "x" * 100000]:
        same(method[:20], -32601, server.error(
            server.request(method, {}))["code"])
    for method, params in [
            ("ping", [1]), ("ping", 7), ("tools/list", {"cursor": "x"}),
            ("tools/call", {}), ("tools/call", {"name": 7}),
            ("tools/call", {"name": "unheard_of"}),
            ("tools/call", {"name": "x" * 100000}),
            ("tools/call", {"name": "list_agents", "arguments": []}),
            ("tools/call", {"name": "list_agents", "arguments": "x"}),
            ("tools/call", {"name": "list_agents",
                            "_meta": {"progressToken": []}})]:
        error = server.error(server.request(method, params))
        same(f"{method} {str(params)[:60]}", -32602, error["code"])
    same("again", -32600, server.error(server.request(
        "initialize", {"protocolVersion": "2025-11-25"}))["code"])
    is_served(server)
    server.close()


def arguments_of_wrong_types(start):
    server = initialized(start)
    agent = server.call("spawn_agent", {"message": "x"})["agent_id"]
    values = [None, True, 7, -1, 1.5, 1e300, "", "x", [], [1], ["x", 2], {},
              {"a": 1}, [{"type": 1}], [{"unheard_of": "x"}]]
    for tool in server.ask("tools/list")["tools"]:
        for name, schema in tool["inputSchema"]["properties"].items():
            for value in values:
                arguments = {key: agent for key in
                             tool["inputSchema"]["required"]}
                if "targets" in arguments:
                    arguments["targets"] = [agent]
                arguments[name] = value
                result = server.result(
                    server.call_later(tool["name"], arguments
                                      if name == "timeout_ms" or
                                      tool["name"] != "wait_agent" else
                                      {**arguments, "timeout_ms": 0})
                ) if not waits(tool["name"], arguments) else None
                kind = schema["type"]
                if result is not None and not fits(kind, value):
                    same(f"{tool['name']} {name}={value!r}", "bad_argument",
                         result["structuredContent"].get("error"))
    for tool in ["close_agent", "spawn_agent", "wait_agent", "send_input"]:
        for arguments in [{}, {"unheard_of": 1}]:
            same("bad", "bad_argument",
                 server.refused(tool, arguments)["error"])
    for target in ["", "/", "/ROOT", "../x", "/root/", "x" * 5000, "\x7f"]:
        error = server.refused("interrupt_agent", {"target": target})["error"]
        same(target[:20], "bad_path", error)
    same("the root", "is_root",
         server.refused("close_agent", {"target": "/root"})["error"])
    is_served(server)
    server.close()


def waits(tool, arguments):
    """Would it wait?  Then it is no answer of now."""
    timeout = arguments.get("timeout_ms", 0)
    return tool == "wait_agent" and isinstance(timeout, (int, float)) and \
        not isinstance(timeout, bool) and 0 < timeout <= 3600000 and \
        timeout == int(timeout)


def fits(kind, value):
    return {"string": isinstance(value, str),
            "boolean": isinstance(value, bool),
            "integer": isinstance(value, (int, float)) and
            not isinstance(value, bool) and value == int(value) and
            0 <= value <= 3600000,
            "array": value in (["x"],)}[kind]


def before_initialize(start):
    server = start()
    server.ask("ping")
    for method in ["tools/list", "tools/call"]:
        same(method, -32600, server.error(server.request(
            method, {"name": "list_agents"}))["code"])
    for params in [None, {}, {"protocolVersion": 7}]:
        same("initialize", -32602,
             server.error(server.request("initialize", params))["code"])
    # A client of the era without initialize learns what is spoken here.
    meta = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}
    discovered = server.ask("server/discover", meta)
    versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    same("discovered", versions, discovered["supportedVersions"])
    same("kind", "complete", discovered["resultType"])
    error = server.error(server.request("tools/list", meta))
    same("error", (-32022, versions, "2026-07-28"),
         (error["code"], error["data"]["supported"],
          error["data"]["requested"]))
    same("version", "2025-11-25",
         server.initialize("1999-01-01")["protocolVersion"])
    is_served(server)
    server.close()
    for version in versions:
        server = start()
        same("version", version, server.initialize(version)["protocolVersion"])
        is_served(server)
        server.close()


def batches_of_the_version_that_has_them(start):
    server = start()
    server.initialize("2025-03-26")
    agent = server.call("spawn_agent", {"message": "x"})["agent_id"]

    def request(id_, method, params=None):
        return {"jsonrpc": "2.0", "id": id_, "method": method,
                "params": params or {}}

    server.write(server.line([
        request("a", "ping"), request("b", "unheard_of"), 7,
        {"jsonrpc": "2.0", "method": "notifications/unheard_of"},
        request("c", "tools/call", {
            "name": "wait_agent", "arguments": {"targets": [agent]}})]))
    server.ask("ping")
    that("a" not in server.answers, "a batch is answered as a whole")
    server.call("report_agent_result", {"target": agent})
    server.result("a"), server.error("b"), server.result("c")
    same("the number", -32600, server.nameless[-1]["code"])
    for bad in [[], [request(i, "ping") for i in range(51)]]:
        before = len(server.nameless)
        server.write(server.line(bad))
        same("bad", -32600, nameless(server, before + 1)[-1]["code"])
    # Only notifications: no answer at all.
    server.write(server.line([{"jsonrpc": "2.0", "method": "notifications/x"}]))
    is_served(server)
    server.close()


def busy_server(start, **more):
    """A server with six processes, each with one of its own."""
    mark, env = marked()
    server = start(exec_=TASK_RUNNER, env=env, **more)
    server.initialize()
    for _ in range(6):
        server.call("spawn_agent", {"message": "sleep 600 & sleep 600"})
    # The server, its warden; six shells with two each.
    until("all run", lambda: len(marked_processes(mark)) == 20)
    return server, mark


def the_input_ends(start):
    server, mark = busy_server(start)
    server.call_later("wait_agent", {"targets": ["/root/agent_1"]})
    server.close()
    none_is_left(mark)


def the_output_is_closed(start):
    server, mark = busy_server(start)
    server.stop_reading()
    server.process.stdout.close()
    same("a clean end", 0, server.wait_end())
    none_is_left(mark)


def signals_end_it(start):
    for number in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
        server, mark = busy_server(start)
        server.process.send_signal(number)
        same("ended by", -number, server.wait_end())
        none_is_left(mark)


def killed(start):
    server, mark = busy_server(start)
    server.process.kill()
    server.wait_end()
    none_is_left(mark)


def a_client_that_never_reads(start):
    """It stops taking in, and ends when it has waited long enough."""
    mark, env = marked()
    server = start("--stall", "1", exec_=TASK_RUNNER, env=env)
    server.initialize()
    for _ in range(6):
        server.call("spawn_agent", {"message": LONG})
    same("its processes", 8, len(marked_processes(mark)))
    server.stop_reading()
    # As much as it gives back, so that what is kept of it would be seen.
    ping = server.line({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    os.set_blocking(server.process.stdin.fileno(), False)
    sent, most = 0, 0
    while server.process.poll() is None:
        try:
            sent += os.write(server.process.stdin.fileno(), ping * 100)
            most = max(most, memory_of(server))
        except BlockingIOError:
            select.select([], [server.process.stdin], [], 0.05)
        except (BrokenPipeError, OSError):
            break
    same("exit status", 3, server.wait_end())
    that(0 < most < MEMORY_MAX, "memory is bounded", most)
    that(sent < 1 << 20, "it stops taking in", sent)
    none_is_left(mark)


def without_standard_streams(start):
    """Descriptors that are not there are not taken for others."""
    for closed in ["<&- >&1", ">&- < /dev/null", "<&- >&- 2>&-"]:
        ended = subprocess.run(
            ["sh", "-c", f'exec "$0" mcp --exec cat {closed}', sys.argv[1]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
        same(closed, (0, b""), (ended.returncode, ended.stdout))


if __name__ == "__main__":
    main([lines_that_are_no_json, nesting_bombs, a_line_of_a_hundred_megabytes,
          messages_that_are_no_requests, wrong_methods_and_params,
          arguments_of_wrong_types, before_initialize,
          batches_of_the_version_that_has_them, the_input_ends,
          the_output_is_closed, signals_end_it, killed,
          a_client_that_never_reads, without_standard_streams])
