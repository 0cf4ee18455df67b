"""The nine rounds of codex issue 18335 over the wire, with real processes.

Goal    a model that closes only some of its agents is never refused a spawn
        under on_completion; under on_close, where it was seen, it stands still
        from round 4 on.
Method  agents run as many at once as they did: each waits until all of its wave
        are there.  The ends are seen by wait_agent, and nothing else is done
        for their slots.
Usage   rounds.py PROGRAM [TEST...]
"""
import os

from wire import Scratch, TASK_RUNNER, main, same, that

SLOTS = 12
# wanted, at once, closes
ROUNDS = [(24, 7, 14), (6, 4, 4), (2, 2, 2)] + [(4, 4, 0)] * 6

WAVE = """
: > "{folder}/$MOORAGE_AGENT_ID"
while test "$(ls "{folder}" | wc -l)" -lt {count}; do sleep 0.01; done
echo round {number} is done
"""


class Model:
    """What it spawned and not closed, oldest first, and what it was told."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.left, self.spawned, self.refused = [], 0, 0
        self.most = 0

    def spawn(self, task):
        result = self.server.result(
            self.server.call_later("spawn_agent", {"message": task}))
        if result.get("isError"):
            refusal = result["structuredContent"]
            same("reason", "running", refusal["reason"])
            same("limit", SLOTS, refusal["limit"])
            self.refused += 1
            return None, refusal
        self.spawned += 1
        return result["structuredContent"]["agent_id"], None

    def wait(self, agents):
        waiting = set(agents)
        while waiting:
            waited = self.server.call("wait_agent", {
                "targets": sorted(waiting), "timeout_ms": 60000})
            that(not waited["timed_out"], "a wave ends", waited)
            for agent, status in waited["status"].items():
                that("is done" in status.get("completed", ""), "completed",
                     status)
                waiting.remove(agent)

    def wave(self, number, count):
        """How many could be spawned."""
        folder = f"{self.folder}/{number}-{self.spawned}"
        os.mkdir(folder)
        # With one slot fewer the others would wait for ever, so each counts on
        # itself where refusals are expected.
        task = WAVE.format(folder=folder, count=count, number=number)
        agents = []
        for _ in range(count):
            agent, _refusal = self.spawn(task)
            if agent is None:
                break
            agents.append(agent)
        for i in range(count - len(agents)):
            open(f"{folder}/absent-{i}", "w", encoding="ascii").close()
        self.wait(agents)
        self.most = max(self.most, len(agents))
        self.left += agents
        return len(agents)

    def close(self, count):
        for _ in range(count):
            closed = self.server.call("close_agent",
                                      {"target": self.left.pop(0)})
            that("completed" in closed["previous_status"], "completed", closed)

    def play(self, number, wanted, at_once, closes):
        """A round; answers how many of the wanted were refused."""
        refused = self.refused
        while wanted > 0:
            spawned = self.wave(number, min(at_once, wanted))
            if spawned == 0:
                break
            wanted -= spawned
            now = min(closes, spawned)
            self.close(now)
            closes -= now
        return self.refused - refused


def play(start, release):
    with Scratch() as folder:
        server = start("--limit-running", str(SLOTS), "--release", release,
                       exec_=TASK_RUNNER)
        server.initialize()
        model = Model(server, folder)
        refused = [model.play(number + 1, *one)
                   for number, one in enumerate(ROUNDS)]
        full, refusal = [], None
        while refusal is None:
            agent, refusal = model.spawn("exec sleep 600")
            if agent:
                full.append(agent)
        server.close()
        return model, refused, full, refusal


def never_refused_on_completion(start):
    model, refused, full, refusal = play(start, "on_completion")
    same("refused", [0] * 9, refused)
    same("spawned", sum(one[0] for one in ROUNDS) + SLOTS, model.spawned)
    same("most at once", 7, model.most)
    same("not closed", 36, len(model.left))
    # All slots are there at the end, and no more.
    same("slots at the end", SLOTS, len(full))
    same("used", SLOTS, refusal["used"])
    same("freed by", {"finish"}, {h["freed_by"] for h in refusal["holders"]})


def stands_still_on_close(start):
    """The same model under the policy that leaks: this test can fail."""
    model, refused, full, refusal = play(start, "on_close")
    that(all(refused[3:]), "rounds 4 to 9 are refused", refused)
    same("slots at the end", 0, len(full))
    same("used", SLOTS, refusal["used"])
    same("freed by", {"close"}, {h["freed_by"] for h in refusal["holders"]})
    that("close" in refusal["would_free"], "what would free one", refusal)
    same("held", SLOTS, len(model.left))


if __name__ == "__main__":
    main([never_refused_on_completion, stands_still_on_close])
