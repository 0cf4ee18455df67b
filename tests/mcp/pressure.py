"""What runs short, and agents that do as they like.

Goal    memory is bounded whatever is asked for; without descriptors, processes
        or a store the answer says so, no slot is lost, and all goes on when
        there are some again; no agent can be in the way of the server's end, or
        of another agent's.
Usage   pressure.py PROGRAM [TEST...]
"""
import os
import resource
import signal
import sqlite3

from wire import (Scratch, TASK_RUNNER, children_of, is_there, main, marked,
                  marked_processes, memory_of, MEMORY_MAX, none_is_left, same,
                  SANITIZED, that, until)

LONG = "exec sleep 600"


def spawn(server, message=LONG):
    return server.call("spawn_agent", {"message": message})["agent_id"]


def slots_are_free(server, slots=6):
    """All of them, and no more."""
    agents = [spawn(server) for _ in range(slots)]
    same("refused", "refused",
         server.refused("spawn_agent", {"message": LONG})["error"])
    for agent in agents:
        server.call("close_agent", {"target": agent})


# ---- answers that are large --------------------------------------------------


def spellings(id_, count):
    """An id is the same in either case of its letters."""
    letters = [i for i, c in enumerate(id_) if c.isalpha()][:6]
    seen = set()
    for number in range(1 << len(letters)):
        seen.add("".join(c.upper() if i in letters and
                         number >> letters.index(i) & 1 else c
                         for i, c in enumerate(id_)))
    return sorted(seen)[:count]


def one_wait_for_much(start):
    """A short call is not to have an answer of any length."""
    server = start()
    server.initialize()
    agent = spawn(server)
    server.call("report_agent_result",
                {"target": agent, "result": "\x01" * 65536})
    names = spellings(agent, 64)
    waited = server.call("wait_agent", {"targets": names, "timeout_ms": 0})
    that(1 <= len(waited["status"]) < 8, "as many as fit",
         len(waited["status"]))
    same("whole", {"completed": "\x01" * 65536},
         next(iter(waited["status"].values())))
    # None is lost: who asks for the others gets them.
    left = set(names)
    while left:
        waited = server.call("wait_agent",
                             {"targets": sorted(left), "timeout_ms": 0})
        that(waited["status"], "one at least", waited)
        left -= waited["status"].keys()
    that(memory_of(server) < MEMORY_MAX, "bounded", memory_of(server))
    server.close()


def many_waits_for_much(start):
    """All agents end while the server is asleep, so that all waits are met at
    once."""
    with Scratch() as folder:
        server = start("--limit-running", "32", exec_=TASK_RUNNER)
        server.initialize()
        gate = f"{folder}/gate"
        os.mkfifo(gate)
        before = children_of(server.process.pid)
        agents = [spawn(server, f"read x < {gate};"
                        "head -c 65536 /dev/zero | tr '\\0' x")
                  for _ in range(32)]
        processes = children_of(server.process.pid) - before
        same("processes", 32, len(processes))
        waits = [server.call_later("wait_agent", {
            "targets": agents, "timeout_ms": 600000}) for _ in range(40)]
        server.ask("ping")
        os.kill(server.process.pid, signal.SIGSTOP)
        with open(gate, "w", encoding="ascii") as file:
            file.write("x\n" * 32)
            file.flush()
            until("all have ended",
                  lambda: not any(map(is_there, processes)))
        os.kill(server.process.pid, signal.SIGCONT)
        for id_ in waits:
            waited = server.result(id_)["structuredContent"]
            that(waited["status"], "one at least", waited["timed_out"])
        most = memory_of(server)
        that(most < MEMORY_MAX, "memory is bounded", most)
        server.close()


def a_batch_of_much(start):
    server = start("--limit-running", "unlimited")
    server.initialize("2025-03-26")
    for _ in range(150):
        agent = spawn(server)
        server.call("report_agent_result",
                    {"target": agent, "result": "\x01" * 4096})
    waiting = spawn(server)
    calls = [("wait_agent", {"targets": [waiting]})] + \
        [("list_agents", {})] * 48 + [("spawn_agent", {"message": "x"})]
    server.write(server.line([
        {"jsonrpc": "2.0", "id": f"b{i}", "method": "tools/call",
         "params": {"name": name, "arguments": arguments}}
        for i, (name, arguments) in enumerate(calls)]))
    server.ask("ping")
    server.call("report_agent_result", {"target": waiting})
    server.result("b1")
    for id_ in ["b0", "b48", "b49"]:
        error = server.error(id_)
        same(id_, (-32000, 1 << 22), (error["code"], error["data"]["limit"]))
    # What was told so has not been done.
    listed = server.call("list_agents")
    same("agents", 151, len(listed["agents"]) + listed["more"])
    most = memory_of(server)
    that(most < MEMORY_MAX, "memory is bounded", most)
    server.close()


def agents_that_write_without_end(start):
    """To a client that does not read."""
    server = start(exec_=TASK_RUNNER)
    server.initialize()
    agents = [spawn(server, "head -c 50000000 /dev/zero | tr '\\0' x")
              for _ in range(2)]
    for agent in agents:
        waited = server.call("wait_agent", {"targets": [agent]})
        same("kept", 65536, len(waited["status"][agent]["completed"]))
    spawn(server, "exec yes")
    server.ask("ping")
    that(memory_of(server) < MEMORY_MAX, "bounded", memory_of(server))
    slots_are_free(server, 5)
    server.close()


# ---- nothing left of it ------------------------------------------------------


def without(start, what, least, says, **more):
    """It runs short while the server is there, and comes back."""
    server = start(exec_=TASK_RUNNER, **more)
    server.initialize()
    agent = spawn(server, "true")
    server.call("wait_agent", {"targets": [agent]})
    pid = server.process.pid
    soft, hard = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (least, hard))
    for _ in range(20):
        refused = server.refused("spawn_agent", {"message": "x"})
        same("error", "exec_failed", refused["error"])
        that(says in refused["message"], "why", refused)
    refused = server.refused("send_input", {"target": agent, "message": "x"})
    same("error", "exec_failed", refused["error"])
    same("its status", {"errored": "exec_failed"},
         server.call("resume_agent", {"id": agent})["status"])
    resource.prlimit(pid, what, (soft, hard))
    slots_are_free(server)
    same("only the first is there", 1,
         len(server.call("list_agents")["agents"]))
    server.close()


def without_descriptors(start):
    without(start, resource.RLIMIT_NOFILE, 4, "Too many open files")


def without_processes(start):
    if SANITIZED:
        return  # a sanitizer's threads are processes of that user, too
    # The superuser may have as many as it likes.
    other = 54321 if os.getuid() == 0 else None
    try:
        without(start, resource.RLIMIT_NPROC, 0,
                "Resource temporarily unavailable", user=other)
    except PermissionError:
        print("left out: another user's limits cannot be set here")


def a_store_that_is_locked(start):
    with Scratch() as folder:
        server = start("--store", f"{folder}/books")
        server.initialize()
        first = spawn(server)
        other = sqlite3.connect(f"{folder}/books", isolation_level=None)
        other.execute("begin immediate")
        refused = server.refused("spawn_agent", {"message": "x"})
        same("error", "store_failed", refused["error"])
        that("locked" in refused["message"], "why", refused)
        other.execute("rollback")
        other.close()
        # Nobody was told of that one, so it is not there.
        second = spawn(server)
        same("agents", {first, second}, {
            one["agent_id"] for one in server.call("list_agents")["agents"]})
        for agent in [first, second]:
            server.call("close_agent", {"target": agent})
        slots_are_free(server)
        server.close()


def a_store_that_is_removed(start):
    """What would be lost when the server ends is not promised."""
    for replaced in [False, True]:
        with Scratch() as folder:
            server = start("--store", f"{folder}/books")
            server.initialize()
            spawn(server)
            for name in os.listdir(folder):
                os.unlink(f"{folder}/{name}")
            if replaced:
                open(f"{folder}/books", "w", encoding="ascii").close()
            refused = server.refused("spawn_agent", {"message": "x"})
            same("error", "store_failed", refused["error"])
            that("removed or replaced" in refused["message"], "why", refused)
            server.ask("ping")
            server.close()


# ---- agents that do as they like ---------------------------------------------

LEAVES = """
import os, signal, sys
sys.stdin.read()
os.setpgid(0, os.getpgid(os.getppid()))
print("x", flush=True)
open(sys.argv[1], "w").close()
signal.pause()
"""


def one_that_leaves_its_group(start):
    """What leads a group may go over to another one of its session."""
    with Scratch() as folder:
        left = f"{folder}/left"
        for tool in ["close_agent", "interrupt_agent", None]:
            server = start(exec_=["python3", "-c", LEAVES, left])
            server.initialize()
            before = children_of(server.process.pid)
            agent = spawn(server)
            until("it has left", lambda: os.path.exists(left))
            os.unlink(left)
            [process] = children_of(server.process.pid) - before
            if tool is not None:
                server.call(tool, {"target": agent})
                until(f"{tool} ends it", lambda: not is_there(process),
                      patience=10)
            server.close()
            that(not is_there(process), "the server's end ends it")


def one_that_breeds(start):
    """A hundred below each, half of them daemons, deaf to what is polite."""
    mark, env = marked()
    server = start(exec_=TASK_RUNNER, env=env)
    server.initialize()
    task = ("trap '' TERM INT HUP; i=0; while [ $i -lt 50 ]; do sleep 600 &"
            "setsid sleep 600 & i=$((i+1)); done; exec <&- >&-; wait")
    agents = [spawn(server, task) for _ in range(2)]
    until("all are there", lambda: len(marked_processes(mark)) == 2 + 2 * 101)
    server.call("close_agent", {"target": agents[0]})
    slots_are_free(server, 5)
    server.close()
    none_is_left(mark)


def the_warden_is_killed(start):
    """Another one knows what it knew: a group whose members have not the mark
    in their environment is killed all the same."""
    with Scratch() as folder:
        server = start(exec_=TASK_RUNNER)
        server.initialize()
        [warden] = children_of(server.process.pid)
        spawn(server, f"env -i sleep 600 & echo $! > {folder}/new;"
                      f"mv {folder}/new {folder}/pid; wait")
        until("it runs", lambda: os.path.exists(f"{folder}/pid"))
        with open(f"{folder}/pid", encoding="ascii") as file:
            below = int(file.read())
        [agent] = children_of(server.process.pid) - {warden}
        os.kill(warden, signal.SIGKILL)
        until("there is another one",
              lambda: len(children_of(server.process.pid) -
                          {warden, agent}) == 1)
        server.ask("ping")
        that(is_there(below), "it runs")
        server.process.kill()
        server.wait_end()
        until("its group is dead", lambda: not is_there(below), patience=10)


def descriptors_of_an_agent(start):
    """Its own three, and nothing of the server's."""
    with Scratch() as folder:
        options = ["--store", f"{folder}/books"]
        if os.environ.get("MOOR_STORE") == "OFF":
            options = []
        server = start(*options, exec_=TASK_RUNNER)
        server.initialize()
        spawn(server)
        agent = spawn(server, "for i in $(seq 0 31); do"
                              " test -e /proc/$$/fd/$i && echo $i; done; true")
        seen = server.call("wait_agent", {"targets": [agent]})
        same("descriptors", {"completed": "0\n1\n2"}, seen["status"][agent])
        server.close()


if __name__ == "__main__":
    tests = [one_wait_for_much, many_waits_for_much, a_batch_of_much,
             agents_that_write_without_end, without_descriptors,
             without_processes, one_that_leaves_its_group, one_that_breeds,
             the_warden_is_killed, descriptors_of_an_agent,
             a_store_that_is_locked, a_store_that_is_removed]
    if os.environ.get("MOOR_STORE") == "OFF":
        tests = tests[:-2]
    main(tests)
