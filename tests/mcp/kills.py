"""Client or server is killed at a random instant, again and again.

Goal    no process is left of any agent, nor of what it has started; the store
        resumes: all that was promised is there, what was closed is not, and all
        slots are free.
Method  a client that spawns, waits and closes at random writes down what it
        asks and what it was told; after a random time it is killed, or its
        server is, or that gets a signal.  What was asked and not answered may
        have been done or not.
Usage   kills.py PROGRAM [--kills N] [--seed N]
"""
import argparse
import os
import random
import signal
import sys
import time

from wire import (Broken, PATIENCE, Scratch, Server, TASK_RUNNER,
                  marked_processes, same, that, until)

SLOTS = 3
TASKS = ["echo done", "echo done", "sleep 600 & sleep 600",
         "trap '' TERM INT HUP; sleep 600 & sleep 600; sleep 600",
         "(setsid sh -c 'sleep 600 & sleep 600' &) ; echo done"]


class Log:
    """Lines in a pipe: written by the client, read when it is dead."""

    def __init__(self):
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.text = b""

    def say(self, *words):
        os.write(self.writer, " ".join(words).encode() + b"\n")

    def read(self):
        try:
            while True:
                piece = os.read(self.reader, 65536)
                if not piece:
                    break
                self.text += piece
        except BlockingIOError:
            pass
        return self.text.decode().splitlines()

    def close(self):
        os.close(self.reader)
        os.close(self.writer)


def act(program, options, env, seed, log):
    """The client; it goes on until it is killed, or its server has gone."""
    choose = random.Random(seed)
    server = Server(program, *options, exec_=TASK_RUNNER, env=env)
    log.say("server", str(server.process.pid))
    server.initialize()
    agents = []
    while True:
        what = choose.random()
        if what < 0.5 or not agents:
            log.say("spawning")
            result = server.result(server.call_later(
                "spawn_agent", {"message": choose.choice(TASKS)}))
            if not result.get("isError"):
                agents.append(result["structuredContent"]["agent_id"])
                log.say("spawned", agents[-1])
            elif agents:
                what = 0.9
        if what >= 0.75 and agents:
            agent = agents.pop(choose.randrange(len(agents)))
            log.say("closing", agent)
            server.call("close_agent", {"target": agent})
            log.say("closed", agent)
        elif what >= 0.5 and agents:
            agent = choose.choice(agents)
            waited = server.call("wait_agent", {
                "targets": [agent], "timeout_ms": choose.randrange(20)})
            if waited["status"].get(agent) == {"completed": "done"}:
                log.say("completed", agent)


def fork_client(*arguments):
    pid = os.fork()
    if pid == 0:
        try:
            act(*arguments)
        except (Broken, BrokenPipeError):
            pass
        finally:
            os._exit(0)
    return pid


class Promised:
    """What must be so, as far as anybody was told."""

    def __init__(self):
        self.there, self.gone, self.completed = set(), set(), set()
        self.perhaps = set()  # asked to close, and not answered

    def take(self, lines):
        for line in lines:
            word, *rest = line.split()
            if word == "spawned":
                self.there.add(rest[0])
            elif word == "closing":
                self.there.discard(rest[0])
                self.perhaps.add(rest[0])
            elif word == "closed":
                self.gone.add(rest[0])
                self.perhaps.discard(rest[0])
            elif word == "completed":
                self.completed.add(rest[0])

    def judge(self, listed):
        statuses = {one["agent_id"]: one["agent_status"]
                    for one in listed["agents"]}
        same("all were listed", 0, listed["more"])
        that(self.there <= statuses.keys(), "spawned agents are there",
             self.there - statuses.keys())
        that(not self.gone & statuses.keys(), "closed agents are not",
             self.gone & statuses.keys())
        for agent, status in statuses.items():
            if agent in self.completed:
                same("completed", {"completed": "done"}, status)
            that(status not in ["running", "pending_init"], "nobody runs",
                 agent, status)
        return statuses


def resume(program, options, env, promised):
    """Judge the store, and leave half of its agents."""
    server = Server(program, *options, exec_=TASK_RUNNER, env=env)
    try:
        server.initialize()
        statuses = promised.judge(server.call("list_agents"))
        spawned = [server.call("spawn_agent", {"message": "sleep 600"})
                   ["agent_id"] for _ in range(SLOTS)]
        refusal = server.refused("spawn_agent", {"message": "sleep 600"})
        same("slots", (SLOTS, SLOTS), (refusal["used"], refusal["limit"]))
        for agent in spawned + list(statuses)[::2]:
            server.call("close_agent", {"target": agent})
            promised.take([f"closing {agent}", f"closed {agent}"])
        server.close()
    finally:
        server.destroy()


def kill_once(program, options, env, mark, choose, promised):
    log = Log()
    seed = choose.randrange(1 << 30)
    after = choose.choice([0.02, 0.1, 0.3]) * choose.random()
    whom = choose.choice(["client", "server", "term", "both"])
    client = fork_client(program, options, env, seed, log)
    try:
        started = until("the server starts", log.read)[0]
        server = int(started.split()[1])
        time.sleep(after)  # the instant is what is random here
        if whom in ("client", "both"):
            os.kill(client, signal.SIGKILL)
        if whom != "client":
            os.kill(server, signal.SIGTERM if whom == "term"
                    else signal.SIGKILL)
        # A dead server ends its client, too.
        until("the client has ended",
              lambda: os.waitpid(client, os.WNOHANG)[0] == client)
        until(f"no process is left after {whom} was killed",
              lambda: not marked_processes(mark))
        lines = log.read()
    finally:
        log.close()
    promised.take(lines)
    resume(program, options, env, promised)
    until("no process is left at the end", lambda: not marked_processes(mark))
    return whom, sum(line.startswith("spawned") for line in lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int,
                        default=int.from_bytes(os.urandom(4), "big"))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    choose = random.Random(given.seed)
    mark = f"MOOR_TEST_MARK={os.getpid()}-{given.seed}"
    name, value = mark.split("=")
    env = {**os.environ, name: value}
    promised, whom, spawned = Promised(), {}, 0
    with Scratch() as folder:
        options = ["--store", f"{folder}/books", "--limit-running", str(SLOTS)]
        for number in range(given.kills):
            try:
                who, count = kill_once(given.program, options, env, mark,
                                       choose, promised)
            except Broken as error:
                print(f"kill {number + 1}: BROKEN: {error}")
                return 1
            finally:
                for pid in marked_processes(mark):
                    os.kill(pid, signal.SIGKILL)
            whom[who] = whom.get(who, 0) + 1
            spawned += count
    told = ", ".join(f"{who} {count}" for who, count in sorted(whom.items()))
    print(f"{given.kills} kills ({told}), {spawned} agents spawned, "
          f"{len(promised.gone)} closed: no process left, all promises kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
