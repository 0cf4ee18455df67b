"""Calls that wait: none is in the way of another.

Usage   waits.py PROGRAM [TEST...]
"""
import time

from wire import TASK_RUNNER, main, same, that

LONG = "exec sleep 600"


def spawn(server, message="work"):
    return server.call("spawn_agent", {"message": message})["agent_id"]


def finish(server, agent, result="done"):
    return server.call("report_agent_result",
                       {"target": agent, "result": result})


def wait(agents, timeout_ms=60000):
    return {"targets": agents, "timeout_ms": timeout_ms}


def fifty_calls_beside_one_that_waits(start):
    server = start("--limit-running", "64")
    server.initialize()
    agent = spawn(server)
    waiting = server.call_later("wait_agent", wait([agent]))
    # In one piece, and not one is read before all are written.
    first = server.next_id + 1
    calls = []
    for i in range(50):
        tool, arguments = [
            ("spawn_agent", {"message": f"task {i}"}),
            ("list_agents", {}),
            ("wait_agent", wait([agent], 0)),
            ("send_input", {"target": agent, "message": "x"}),
            ("resume_agent", {"id": agent}),
        ][i % 5]
        calls.append(server.line({
            "jsonrpc": "2.0", "id": first + i, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}}))
    server.next_id += 50
    server.write(b"".join(calls))
    results = [server.result(first + i) for i in range(50)]
    that(all("isError" not in r for r in results), "all succeed", results)
    that(waiting not in server.answers, "the wait goes on")
    spawned = [r["structuredContent"]["agent_id"] for r in results[::5]]
    same("agents spawned meanwhile", 10, len(set(spawned)))
    # The messages of meanwhile are the next task; so its end is not seen.
    for last in [False, True]:
        that(waiting not in server.answers, "the wait goes on")
        told = finish(server, agent, "it is done")
        that((told["next_message"] is None) == last, "the next task", told)
    waited = server.result(waiting)["structuredContent"]
    same("waited", {"status": {agent: {"completed": "it is done"}},
                    "timed_out": False}, waited)
    server.close()


def many_waits_end_with_their_agent_only(start):
    server = start("--limit-running", "unlimited")
    server.initialize()
    agents = [spawn(server) for _ in range(50)]
    waits = [server.call_later("wait_agent", wait([a])) for a in agents]
    any_of = server.call_later("wait_agent", wait(agents))
    for i, agent in enumerate(agents):
        that(waits[i] not in server.answers, "the wait goes on", i)
        finish(server, agent, f"result {i}")
        same("status", {agent: {"completed": f"result {i}"}},
             server.result(waits[i])["structuredContent"]["status"])
        if i == 0:
            same("any", [agent], list(
                server.result(any_of)["structuredContent"]["status"]))
    server.close()


def every_end_meets_a_wait(start):
    server = start(exec_=TASK_RUNNER)
    server.initialize()
    ends = [("echo a; echo b", {"completed": "a\nb"}),
            ("exit 3", {"errored": "exit 3"}),
            ("kill -9 $$", {"errored": "signal 9"}),
            ("true", {"completed": None}),
            ("printf '\\377\\000x'", {"completed": "\ufffd\ufffdx"})]
    for task, status in ends:
        agent = spawn(server, task)
        same(task, {agent: status},
             server.call("wait_agent", wait([agent]))["status"])
        # It is still so for whoever comes later.
        same(task, {agent: status},
             server.call("wait_agent", wait([agent], 0))["status"])
    agent = spawn(server, LONG)
    waiting = server.call_later("wait_agent", wait([agent]))
    server.call("interrupt_agent", {"target": agent})
    server.call("list_agents")
    that(waiting not in server.answers, "interrupted is not final")
    same("previous", {"previous_status": "interrupted"},
         server.call("close_agent", {"target": agent}))
    same("closed", {agent: "not_found"},
         server.result(waiting)["structuredContent"]["status"])
    same("closed again", {"previous_status": "not_found"},
         server.call("close_agent", {"target": agent}))
    server.close()


def a_wait_times_out(start):
    server = start()
    server.initialize()
    agent = spawn(server)
    begun = time.monotonic()
    same("at once", {"status": {}, "timed_out": True},
         server.call("wait_agent", wait([agent], 0)))
    # Whatever else it is looked at for meanwhile.
    waiting = server.call_later("wait_agent", wait([agent], 150))
    while waiting not in server.answers:
        server.ask("ping")
    took = time.monotonic() - begun
    that(took >= 0.15, "not too early", took)
    same("after a while", {"status": {}, "timed_out": True},
         server.result(waiting)["structuredContent"])
    server.close()


def cancelled_waits_are_never_answered(start):
    server = start()
    server.initialize()
    agent = spawn(server)
    gone = [server.call_later("wait_agent", wait([agent])) for _ in range(20)]
    named = server.request("tools/call", {
        "name": "wait_agent", "arguments": wait([agent])}, id_="by a text")
    kept = server.call_later("wait_agent", wait([agent]))
    for id_ in gone + [named]:
        server.notify("notifications/cancelled", {"requestId": id_})
    for id_ in [987654, "nobody", None, kept + 0.5, {}]:
        server.notify("notifications/cancelled", {"requestId": id_})
    finish(server, agent)
    server.result(kept)
    server.ask("ping")
    that(not set(gone + [named]) & set(server.answers), "no answer",
         server.answers.keys())
    # Its id may be used again.
    server.request("ping", id_=gone[0])
    server.result(gone[0])
    server.close()


def progress_is_reported_to_who_asked(start):
    server = start()
    server.initialize()
    agent = spawn(server)
    server.call_later("wait_agent", wait([agent]))
    asked = server.call_later("wait_agent", wait([agent]),
                              {"progressToken": "mine"})
    other = server.call_later("wait_agent", wait([agent]),
                              {"progressToken": 77})

    def told(token):
        return [n["params"] for n in server.notes
                if n["method"] == "notifications/progress"
                and n["params"]["progressToken"] == token]

    server.until("progress", lambda: len(told("mine")) >= 2 and
                 len(told(77)) >= 2)
    for token in ["mine", 77]:
        seen = told(token)
        that(all(a["progress"] < b["progress"] for a, b in
                 zip(seen, seen[1:])), "it only grows", seen)
        same("total", {60000}, {one["total"] for one in seen})
    server.notify("notifications/cancelled", {"requestId": other})
    finish(server, agent)
    server.result(asked)
    same("who asked", {"mine", 77},
         {n["params"]["progressToken"] for n in server.notes})
    server.close()


def too_many_waits_are_told_so(start):
    server = start()
    server.initialize()
    agent = spawn(server)
    waits = [server.call_later("wait_agent", wait([agent]))
             for _ in range(256)]
    error = server.error(server.call_later("wait_agent", wait([agent])))
    same("code", -32000, error["code"])
    same("data", {"limit": 256, "waiting": 256}, error["data"])
    # What does not wait is served as ever, and a place is free when one ends.
    server.call("list_agents")
    server.notify("notifications/cancelled", {"requestId": waits[100]})
    last = server.call_later("wait_agent", wait([agent]))
    finish(server, agent)
    for id_ in waits[:100] + waits[101:] + [last]:
        server.result(id_)
    server.close()


def news_of_the_second_dialect(start):
    server = start("--dialect", "v2")
    server.initialize()

    def spawn_named(name):
        same("name", f"/root/{name}", server.call(
            "spawn_agent", {"task_name": name, "message": "x"})["task_name"])

    spawn_named("one")
    spawn_named("two")
    same("nothing", {"message": "Wait timed out.", "timed_out": True},
         server.call("wait_agent", {"timeout_ms": 0}))
    both = [server.call_later("wait_agent", {}) for _ in range(2)]
    finish(server, "one")
    for id_ in both:
        same("news", {"message": "Wait completed: /root/one completed.",
                      "timed_out": False},
             server.result(id_)["structuredContent"])
    finish(server, "/root/two")
    same("before the wait", "Wait completed: /root/two completed.",
         server.call("wait_agent", {})["message"])
    same("told", True, server.call("wait_agent", {"timeout_ms": 0})["timed_out"])
    server.close()


if __name__ == "__main__":
    main([fifty_calls_beside_one_that_waits,
          many_waits_end_with_their_agent_only, every_end_meets_a_wait,
          a_wait_times_out, cancelled_waits_are_never_answered,
          progress_is_reported_to_who_asked, too_many_waits_are_told_so,
          news_of_the_second_dialect])
