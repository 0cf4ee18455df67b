"""A client that speaks the wire itself: lines of JSON over pipes.

It reads in a thread of its own, so that a test can look at what has come in
any order, and each wait for something has a deadline that fails the test.
"""
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 60.0  # a test that waits longer for anything has failed
TASK_RUNNER = ["sh"]  # an agent whose task is a shell script
# A sanitizer takes memory of its own.
SANITIZED = os.environ.get("MOOR_SANITIZE", "none") != "none"
MEMORY_MAX = (1024 if SANITIZED else 32) << 20


class Broken(Exception):
    """What a test expected did not hold."""


def that(holds, what, *seen):
    if not holds:
        raise Broken(what + "".join(f"\n    {one}" for one in seen))


def same(what, wanted, seen):
    that(wanted == seen, what, f"wanted {wanted!r}", f"seen   {seen!r}")


class Server:
    """One server, with its answers by id and its notifications in order."""

    def __init__(self, program, *options, exec_=None, stderr=None, env=None,
                 user=None):
        command = [program, "mcp", *options]
        if exec_ is not None:
            command += ["--exec", *exec_]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=stderr, env=env, user=user)
        self.next_id = 0
        self.answers, self.notes, self.nameless = {}, [], []
        self.came = threading.Condition()
        self.ended = False
        self.impure = None  # what came that is no message
        self.wake = os.pipe()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        rest = b""
        while True:
            ready = select.select([self.process.stdout, self.wake[0]], [], [])
            if self.wake[0] in ready[0]:
                return  # stop_reading
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            with self.came:
                for line in lines:
                    self._take(line)
                self.came.notify_all()
        with self.came:
            self.ended = True
            self.came.notify_all()

    def _take(self, line):
        try:
            message = json.loads(line)
            batch = message if isinstance(message, list) else [message]
            for one in batch:
                self._keep(one)
        except (ValueError, KeyError, AttributeError, Broken) as error:
            self.impure = f"{error!r}: {line[:200]!r}"

    def stop_reading(self):
        os.write(self.wake[1], b"x")
        self.reader.join(PATIENCE)

    def _keep(self, message):
        same("jsonrpc of a message", "2.0", message.get("jsonrpc"))
        if "method" in message:
            self.notes.append(message)
        elif message["id"] is None:
            self.nameless.append(message["error"])
        else:
            that(message["id"] not in self.answers, "two answers", message)
            self.answers[message["id"]] = message

    def until(self, what, condition, patience=PATIENCE):
        """Wait until condition() is not None or False; answer that."""
        deadline = time.monotonic() + patience
        with self.came:
            while True:
                value = condition()
                if value is not None and value is not False:
                    return value
                left = deadline - time.monotonic()
                that(self.impure is None, "only messages", self.impure)
                that(left > 0, f"{what}: not within {patience} s")
                that(not self.ended or condition(), f"{what}: the server ended")
                self.came.wait(left)

    # What goes out.

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def line(self, message):
        return json.dumps(message).encode() + b"\n"

    def request(self, method, params=None, id_=None):
        """Send only; answers the id."""
        if id_ is None:
            self.next_id += 1
            id_ = self.next_id
        message = {"jsonrpc": "2.0", "id": id_, "method": method}
        if params is not None:
            message["params"] = params
        self.write(self.line(message))
        return id_

    def notify(self, method, params=None):
        message = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        self.write(self.line(message))

    def call_later(self, tool, arguments=None, meta=None):
        params = {"name": tool, "arguments": arguments or {}}
        if meta is not None:
            params["_meta"] = meta
        return self.request("tools/call", params)

    # What comes back.

    def answer(self, id_):
        return self.until(f"answer {id_}", lambda: self.answers.get(id_))

    def result(self, id_):
        answer = self.answer(id_)
        that("result" in answer, "a result", answer)
        return answer["result"]

    def error(self, id_):
        answer = self.answer(id_)
        that("error" in answer, "an error", answer)
        return answer["error"]

    def ask(self, method, params=None):
        return self.result(self.request(method, params))

    def call(self, tool, arguments=None):
        """Structured content of a call that succeeds."""
        result = self.result(self.call_later(tool, arguments))
        that(not result.get("isError"), f"{tool} succeeds", result)
        same("text", json.loads(result["content"][0]["text"]),
             result["structuredContent"])
        return result["structuredContent"]

    def refused(self, tool, arguments=None):
        """Structured content of a call that does not."""
        result = self.result(self.call_later(tool, arguments))
        that(result.get("isError") is True, f"{tool} is refused", result)
        same("text", result["content"][0]["text"],
             result["structuredContent"]["message"])
        return result["structuredContent"]

    def initialize(self, version="2025-11-25"):
        result = self.ask("initialize", {
            "protocolVersion": version, "capabilities": {},
            "clientInfo": {"name": "wire", "version": "1"}})
        self.notify("notifications/initialized")
        return result

    # The end.

    def wait_end(self, patience=PATIENCE):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Broken(f"the server did not end within {patience} s") from None

    def close(self, code=0):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        seen = self.wait_end()
        self.reader.join(PATIENCE)
        same("exit status", code, seen)
        same("what is no message", None, self.impure)

    def destroy(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.reader.is_alive():
            self.stop_reading()
        for file in [self.process.stdin, self.process.stdout]:
            try:
                file.close()
            except BrokenPipeError:
                pass
        os.close(self.wake[0])
        os.close(self.wake[1])


def is_there(pid):
    """A process that has ended and was not waited for counts as gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(what, condition, patience=PATIENCE):
    """For what cannot be waited on; it is looked at again and again."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        that(time.monotonic() < deadline, f"{what}: not within {patience} s")
        time.sleep(0.005)


def marked_processes(mark):
    """Who has this in its environment, and so was started by a server of this
    test, however far down, but for those that have ended."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if mark.encode() in environ.read().split(b"\0"):
                    if is_there(entry) and int(entry) != os.getpid():
                        found.append(int(entry))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
    return found


def marked():
    """A mark of its own for a test, and the environment that has it."""
    mark = f"MOOR_TEST_MARK={os.getpid()}-{time.monotonic_ns()}"
    name, value = mark.split("=")
    return mark, {**os.environ, name: value}


def none_is_left(mark):
    until("no process is left", lambda: not marked_processes(mark))


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return set(map(int, file.read().split()))


def memory_of(server, what="VmHWM"):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024
    raise AssertionError(what)


class Scratch:
    """A folder for the time of a test."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="moorage-mcp-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def run(tests, program, only=None):
    """Each test by itself; prints what broke; the exit status."""
    broken = 0
    for test in tests:
        if only and test.__name__ not in only:
            continue
        servers = []

        def start(*options, **more):
            servers.append(Server(program, *options, **more))
            return servers[-1]

        begun = time.monotonic()
        try:
            test(start)
            verdict = "ok"
        except (Broken, BrokenPipeError, json.JSONDecodeError) as error:
            broken += 1
            verdict = f"BROKEN: {type(error).__name__}: {error}"
        finally:
            for server in servers:
                server.destroy()
        print(f"{test.__name__}: {verdict} "
              f"({time.monotonic() - begun:.2f} s)", flush=True)
    return 1 if broken else 0


def main(tests):
    sys.exit(run(tests, sys.argv[1], sys.argv[2:]))
