"""What the tools do: limits and refusals, tasks, closing and coming back.

Usage   tools.py PROGRAM [TEST...]
"""
import os

from wire import Scratch, TASK_RUNNER, is_there, main, same, that, until

LONG = "exec sleep 600"


def spawn(server, message=LONG, **more):
    return server.call("spawn_agent", {"message": message, **more})["agent_id"]


def status(server, agent):
    return server.call("resume_agent", {"id": agent})["status"]


def wait_for(server, agent):
    waited = server.call("wait_agent",
                         {"targets": [agent], "timeout_ms": 60000})
    that(not waited["timed_out"], "it ends", waited)
    return waited["status"][agent]


def limit_and_holders(start):
    for dialect in ["v1", "v2"]:
        server = start("--limit-running", "3", "--dialect", dialect,
                       exec_=TASK_RUNNER)
        server.initialize()
        key = "agent_id" if dialect == "v1" else "task_name"

        def arguments(name):
            more = {"task_name": name} if dialect == "v2" else {}
            return {"message": LONG, **more}

        agents = [server.call("spawn_agent", arguments(f"a{i}"))[key]
                  for i in range(3)]
        refusal = server.refused("spawn_agent", arguments("more"))
        same("refusal", ("refused", "running", 3, 3),
             tuple(refusal[k] for k in ["error", "reason", "used", "limit"]))
        holders = refusal["holders"]
        field = "agent_id" if dialect == "v1" else "agent_name"
        same("holders, oldest first", agents, [h[field] for h in holders])
        for holder in holders:
            same("holder", ("running", "finish"),
                 (holder["status"], holder["freed_by"]))
            that(holder["age_ms"] >= 0, "age", holder)
        that("interrupt_agent" in refusal["would_free"], "what frees", refusal)
        # Each of these gives a slot back.
        for tool in ["close_agent", "interrupt_agent"]:
            same("previous", {"previous_status": "running"},
                 server.call(tool, {"target": agents.pop(0)}))
            agents.append(server.call("spawn_agent", arguments(tool))[key])
            server.refused("spawn_agent", arguments("still"))
        server.close()


def none_may_run(start):
    server = start("--limit-running", "0")
    server.initialize()
    refusal = server.refused("spawn_agent", {"message": "x"})
    same("refusal", (0, 0, []),
         tuple(refusal[k] for k in ["used", "limit", "holders"]))
    server.close()


def tasks_that_follow(start):
    """At once if idle, else after the run; or after an interrupt."""
    with Scratch() as folder:
        server = start(exec_=TASK_RUNNER)
        server.initialize()
        gate = f"{folder}/gate"
        agent = spawn(server, f"while ! test -e {gate}; do sleep 0.01; done;"
                              "echo first")
        send = {"target": agent, "message": "echo second"}
        ids = {server.call("send_input", send)["submission_id"]}
        same("runs on", "running", status(server, agent))
        open(gate, "w", encoding="ascii").close()
        same("second", {"completed": "second"}, wait_for(server, agent))
        ids.add(server.call("send_input", {
            "target": agent, "items": [{"type": "text", "text": "echo"},
                                       {"text": "echo third"}]
        })["submission_id"])
        same("third", {"completed": "\nthird"}, wait_for(server, agent))
        send["message"] = f"echo $$ > {gate}; mv {gate} {folder}/pid; " + LONG
        ids.add(server.call("send_input", send)["submission_id"])
        pid = until("it runs", lambda: read(f"{folder}/pid"))
        send.update(message="echo fourth", interrupt=True)
        ids.add(server.call("send_input", send)["submission_id"])
        same("fourth", {"completed": "fourth"}, wait_for(server, agent))
        until("the other run is dead", lambda: not is_there(pid))
        same("each has an id of its own", 4, len(ids))
        same("last message", "echo fourth", server.call(
            "list_agents")["agents"][0]["last_task_message"])
        server.close()


def read(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def what_ends_a_run_ends_its_group(start):
    with Scratch() as folder:
        server = start(exec_=TASK_RUNNER)
        server.initialize()
        for i, tool in enumerate(["interrupt_agent", "close_agent", "exit"]):
            pids = f"{folder}/pids-{i}"
            agent = spawn(server, f"sleep 600 & echo $$ $! > {pids}.new;"
                                  f"mv {pids}.new {pids};" +
                          ("exit 0" if tool == "exit" else "wait"))
            both = until("it runs", lambda: read(pids)).split()
            if tool != "exit":
                that(all(map(is_there, both)), "both run", both)
                server.call(tool, {"target": agent})
            until(f"{tool} ends both",
                  lambda: not any(map(is_there, both)), patience=10)
        server.close()


def messages_and_followups(start):
    server = start("--dialect", "v2")
    server.initialize()
    server.call("spawn_agent", {"task_name": "a", "message": "one"})
    server.call("send_message", {"target": "a", "message": "two"})
    report = {"target": "/root/a", "result": "r"}
    same("a message begins no run",
         {"previous_status": "running", "next_message": None},
         server.call("report_agent_result", report))
    error = server.refused("report_agent_result", report)
    same("it has ended", "wrong_status", error["error"])
    server.call("followup_task", {"target": "a", "message": "three"})
    server.call("followup_task", {"target": "a", "message": "four"})
    same("a task does",
         {"previous_status": "running", "next_message": "four"},
         server.call("report_agent_result", report))
    same("what came before is read first", "four", server.call(
        "list_agents")["agents"][0]["last_task_message"])
    for i in range(16):
        server.call("send_message", {"target": "a", "message": f"m{i}"})
    same("17", "queue_full", server.refused(
        "send_message", {"target": "a", "message": "m16"})["error"])
    for ending in ["errored", "shutdown"]:
        server.call("report_agent_result",
                    {"target": "a", "status": ending, "result": "why"})
        listed = server.call("list_agents", {"path_prefix": "/root/a"})
        same("status", {"errored": "why"} if ending == "errored" else ending,
             listed["agents"][0]["agent_status"])
        if ending == "errored":
            server.call("followup_task", {"target": "a", "message": "again"})
    same("shut down for good", "wrong_status", server.refused(
        "followup_task", {"target": "a", "message": "again"})["error"])
    for tool in ["followup_task", "send_message"]:
        same("the root", "is_root", server.refused(
            tool, {"target": "/root", "message": "x"})["error"])
    server.close()


def closed_agents_come_back(start):
    server = start("--limit-running", "1")
    server.initialize()
    agent = spawn(server, "one", agent_type="explorer")
    server.call("report_agent_result", {"target": agent, "result": "kept"})
    before = server.call("list_agents")["agents"][0]
    same("previous", {"previous_status": {"completed": "kept"}},
         server.call("close_agent", {"target": agent}))
    same("gone", [], server.call("list_agents")["agents"])
    same("not there", "not_found", server.refused(
        "send_input", {"target": agent, "message": "x"})["error"])
    other = spawn(server, "two")
    same("no slot", "refused",
         server.refused("resume_agent", {"id": agent})["error"])
    server.call("close_agent", {"target": other})
    same("back", {"completed": "kept"}, status(server, agent))
    after = server.call("list_agents")["agents"][0]
    same("name", before["agent_name"], after["agent_name"])
    # It has no slot, and can be given a task.
    spawned = spawn(server, "three")
    server.call("close_agent", {"target": spawned})
    server.call("send_input", {"target": agent, "message": "go on"})
    same("runs", "running", status(server, agent))
    same("nobody", "not_found", server.refused(
        "resume_agent", {"id": "01890000-0000-7000-8000-000000000000"}
    )["error"])
    server.close()


def a_command_that_cannot_be_run(start):
    server = start("--limit-running", "1", exec_=["/absent/command"])
    server.initialize()
    for _ in range(3):
        refused = server.refused("spawn_agent", {"message": "x"})
        same("error", "exec_failed", refused["error"])
        that("No such file" in refused["message"], "why", refused)
    same("as if it had never been", [], server.call("list_agents")["agents"])
    server.close()


def what_a_process_is_told(start):
    server = start(exec_=TASK_RUNNER)
    server.initialize()
    agent = spawn(server, 'echo "$MOORAGE_AGENT_ID $MOORAGE_AGENT_PATH '
                          '$MOORAGE_MODEL $MOORAGE_FORK"',
                  model="big", fork_context=True)
    same("told", {"completed": f"{agent} /root/agent_1 big all"},
         wait_for(server, agent))
    # A result is cut, and the process not held up by that.
    agent = spawn(server, "head -c 10000000 /dev/zero | tr '\\0' x")
    same("length", 65536, len(wait_for(server, agent)["completed"]))
    # Who reads no task, and who closes its output, are nobody's trouble.
    agent = spawn(server, "exec <&-; exec >&-; exit 0 #" + "x" * 500000)
    same("deaf", {"completed": None}, wait_for(server, agent))
    server.close()


def lists_are_sorted_and_bounded(start):
    server = start("--limit-running", "unlimited", "--dialect", "v2")
    server.initialize()
    names = [f"n{i:03}" for i in range(200)]
    for name in reversed(names):
        server.call("spawn_agent", {"task_name": name,
                                    "message": name + "m" * 5000})
    listed = server.call("list_agents")
    seen = [one["agent_name"] for one in listed["agents"]]
    same("sorted", [f"/root/{n}" for n in names[:len(seen)]], seen)
    that(listed["more"] > 0, "not all fit", listed["more"])
    same("all are counted", 200, len(seen) + listed["more"])
    same("one", ["/root/n150"], [one["agent_name"] for one in server.call(
        "list_agents", {"path_prefix": "n150"})["agents"]])
    server.close()


def a_store_is_resumed(start):
    with Scratch() as folder:
        options = ["--store", f"{folder}/books", "--limit-running", "2"]
        server = start(*options)
        server.initialize()
        done, runs = spawn(server, "one"), spawn(server, "two")
        server.call("report_agent_result", {"target": done, "result": "r"})
        gone = spawn(server, "three")
        server.call("close_agent", {"target": gone})
        server.close()
        # Completed from outside, whoever works on it may still do so.
        server = start(*options)
        server.initialize()
        same("done", {"completed": "r"}, status(server, done))
        same("runs", "running", status(server, runs))
        same("two", 2, len(server.call("list_agents")["agents"]))
        spawn(server, "four")
        server.refused("spawn_agent", {"message": "five"})
        server.close()
        # A process is dead by now: it holds no slot, and can be run again.
        server = start(*options, exec_=TASK_RUNNER)
        server.initialize()
        same("interrupted", "interrupted", status(server, runs))
        server.call("send_input", {"target": runs, "message": "echo again"})
        same("again", {"completed": "again"}, wait_for(server, runs))
        spawn(server), spawn(server)
        server.refused("spawn_agent", {"message": LONG})
        server.close()


def stores_that_cannot_be_opened(start):
    with Scratch() as folder:
        with open(f"{folder}/text", "w", encoding="ascii") as file:
            file.write("no store at all, but a file of another kind\n" * 100)
        for path in [f"{folder}/absent/books", f"{folder}/text"]:
            start("--store", path).close(3)
        start("--store", f"{folder}/books").initialize()
        start("--store", f"{folder}/books").close(3)


if __name__ == "__main__":
    tests = [limit_and_holders, none_may_run, tasks_that_follow,
             what_ends_a_run_ends_its_group, messages_and_followups,
             closed_agents_come_back, a_command_that_cannot_be_run,
             what_a_process_is_told, lists_are_sorted_and_bounded,
             a_store_is_resumed, stores_that_cannot_be_opened]
    if os.environ.get("MOOR_STORE") == "OFF":
        tests = tests[:-2]
    main(tests)
