"""The books of an agent runtime: moorage by ctypes, and with asyncio.

    import moorage

    with moorage.Registry(running=6) as registry:
        agent = registry.spawn(name="one")
        registry.finish(agent, text="42")

All calls may come from any thread; Python's lock is not held during a call, so
one that waits stops nobody.  A registry has to be closed after every other call
on it has returned; its handles die with it.  Times are in seconds, None is no
deadline.

What a call answers but "ok" is raised: Error, or Refused, which says by which
limit and who holds it.  For an event loop there is Completions.

The library is that of MOORAGE_LIBRARY, or the one that the system finds.
"""

import asyncio
import ctypes
import ctypes.util
import math
import os
from ctypes import (POINTER, Structure, byref, c_bool, c_char, c_char_p, c_int,
                    c_size_t, c_uint8, c_uint32, c_uint64, c_void_p)
from enum import IntEnum

UNLIMITED = 2**32 - 1
FOREVER = 2**64 - 1
QUEUE_MAX = 65536
JOURNAL_MAX = 65536
KEPT_ROOT = ctypes.c_size_t(-1).value
HOLDERS_MAX = 8
SPAWN_MANY_MAX = 64
TIMES_BUCKETS = 34
ID_TEXT = 37
SEGMENT_MAX = 64
SEGMENTS_MAX = 32
PATH_MAX = 1024
NICKNAME_MAX = 64
NICKNAME_TEXT = 96
ROLE_MAX = 64


# --- values, as in the headers; tests/python compares them -------------------

def _values(name, prefix, members):
    made = IntEnum(name, members.upper().split(), start=0)
    made.prefix = prefix  # of the names in C
    return made


ErrorCode = _values("ErrorCode", "MOOR_", """
    ok refused timed_out bad_argument no_memory not_found stale wrong_status
    bad_path bad_id path_taken id_taken path_mismatch fenced has_children
    is_root queue_full not_lent not_resident evicting not_evictable stopped
    violated""")
Status = _values("Status", "MOOR_STATUS_", """
    not_found reserved pending_init running interrupted completed errored
    shutdown""")
Limit = _values("Limit", "MOOR_LIMIT_",
                "running resident depth children lifetime")
Release = _values("Release", "MOOR_", """
    on_completion on_turn_end on_reserve on_close""")
CloseRule = _values("CloseRule", "MOOR_", "cascade adopt refuse")
Left = _values("Left", "MOOR_LEFT_", "keep interrupt shutdown fence")
FreedBy = _values("FreedBy", "MOOR_FREED_BY_", """
    finish turn_end close abandon evict unpin unloaded""")
CloseScope = _values("CloseScope", "MOOR_CLOSE_", """
    by_rule tree cascade adopt refuse""")
RequestKind = _values("RequestKind", "MOOR_REQUEST_", """
    none interrupt shutdown""")
WaitFor = _values("WaitFor", "MOOR_WAIT_", "any all")
WaitUntil = _values("WaitUntil", "MOOR_UNTIL_", "final idle")
SnapshotFormat = _values("SnapshotFormat", "MOOR_SNAPSHOT_", "tree json dot")
MetricsForm = _values("MetricsForm", "MOOR_METRICS_", """
    openmetrics prometheus""")
Restored = _values("Restored", "MOOR_RESTORED_", """
    idle live interrupted closed""")


# --- structs, as in the headers ----------------------------------------------

class _Handle(Structure):
    """By value; equal when it names the same."""
    _fields_ = [("bits", c_uint64)]

    def __eq__(self, other):
        return type(self) is type(other) and self.bits == other.bits

    def __hash__(self):
        return hash(self.bits)

    def __bool__(self):
        return self.bits != 0

    def __repr__(self):
        return f"{type(self).__name__}({self.bits:#x})"


class Agent(_Handle):
    """Names one agent of one registry; a stale one is told so."""


class Ticket(_Handle):
    """Names a reservation; see Registry.reserve."""


class Id(Structure):
    _fields_ = [("bytes", c_uint8 * 16)]

    def __str__(self):
        text = ctypes.create_string_buffer(ID_TEXT)
        _lib.moor_id_format(self, text)
        return text.value.decode()

    @classmethod
    def parse(cls, text):
        made = cls()
        _check(_lib.moor_id_parse(_bytes(text), byref(made)))
        return made

    def __eq__(self, other):
        return type(self) is type(other) and bytes(self) == bytes(other)

    def __hash__(self):
        return hash(bytes(self))


class Cancellation(Structure):
    """By which admissions that wait can be cancelled."""
    _fields_ = [("bits", c_uint64)]


class Patience(Structure):
    _fields_ = [("timeout_ms", c_uint64),
                ("cancellation", POINTER(Cancellation))]


class SpawnOptions(Structure):
    _fields_ = [("parent", Agent), ("name", c_char_p), ("role", c_char_p),
                ("nickname", c_char_p), ("id", POINTER(Id)),
                ("patience", POINTER(Patience)), ("ttl_ms", c_uint32)]


class Holder(Structure):
    _fields_ = [("agent", Agent), ("ticket", Ticket), ("status", c_int),
                ("freed_by", c_int), ("age_ms", c_uint64)]


class Refusal(Structure):
    _fields_ = [("limit", c_int), ("limit_value", c_uint32), ("used", c_uint64),
                ("holders_count", c_uint32), ("holders", Holder * HOLDERS_MAX)]


class Closed(Structure):
    _fields_ = [("previous", c_int), ("closed", c_uint64)]


class Event(Structure):
    _fields_ = [("agent", Agent), ("id", Id), ("status", c_int)]


class Role(Structure):
    _fields_ = [("name", c_char_p), ("nicknames", POINTER(c_char_p)),
                ("nicknames_count", c_size_t)]


class Config(Structure):
    _fields_ = [("limits", c_uint32 * len(Limit)), ("release", c_int),
                ("close_rule", c_int), ("queue", c_uint32),
                ("journal", c_bool), ("measure_held", c_bool),
                ("nicknames", POINTER(c_char_p)),
                ("nicknames_count", c_size_t), ("roles", POINTER(Role)),
                ("roles_count", c_size_t), ("track_use", c_bool),
                ("events", c_bool), ("on_release", c_void_p),
                ("on_release_context", c_void_p)]


class TurnEnded(Structure):
    _fields_ = [("turn", c_uint64), ("ended", c_uint64),
                ("released", c_uint64)]


class Waited(Structure):
    _fields_ = [("met", c_bool), ("status", c_int), ("requested", c_int)]


class Info(Structure):
    _fields_ = [("agent", Agent), ("ticket", Ticket), ("parent", Agent),
                ("id", Id), ("status", c_int), ("slot", c_bool),
                ("lent", c_bool), ("fenced", c_bool), ("loaded", c_bool),
                ("pinned", c_bool), ("evicting", c_bool), ("depth", c_uint32),
                ("turn", c_uint64), ("age_ms", c_uint64),
                ("path", c_char * (PATH_MAX + 1)),
                ("nickname", c_char * NICKNAME_TEXT),
                ("role", c_char * (ROLE_MAX + 1))]


class ListFilter(Structure):
    _fields_ = [("from", Agent), ("prefix", c_char_p), ("statuses", c_uint32)]


class Use(Structure):
    _fields_ = [("used", c_uint64), ("limit", c_uint32)]


class Capacity(Structure):
    _fields_ = [("of", Use * len(Limit)), ("would", c_int),
                ("would_limit", c_int)]


class Stats(Structure):
    _fields_ = [("used", c_uint64), ("live", c_uint64), ("idle", c_uint64),
                ("tickets", c_uint64), ("waiting", c_uint64),
                ("resident", c_uint64), ("turn", c_uint64),
                ("spawned", c_uint64), ("refused", c_uint64 * len(Limit)),
                ("completed", c_uint64), ("closed", c_uint64),
                ("reaped", c_uint64), ("released", c_uint64),
                ("used_most", c_uint64), ("resident_most", c_uint64),
                ("unfreed", c_uint64)]


class Times(Structure):
    _fields_ = [("count", c_uint64), ("sum_us", c_uint64),
                ("buckets", c_uint64 * TIMES_BUCKETS)]


class Changed(Structure):
    _fields_ = [("agent", Agent), ("order", c_uint64), ("closed", c_bool)]


class Change(Structure):
    _fields_ = [("info", Info), ("parent", Id), ("closed", c_bool),
                ("failed", c_bool), ("ttl_ms", c_uint32), ("length", c_size_t)]


class Kept(Structure):
    _fields_ = [("parent", c_size_t), ("id", Id), ("path", c_char_p),
                ("role", c_char_p), ("nickname", c_char_p),
                ("closed", c_bool), ("status", c_int), ("turn", c_uint64),
                ("ttl_ms", c_uint32), ("text", c_char_p),
                ("length", c_size_t)]


_Write = ctypes.CFUNCTYPE(c_bool, c_void_p, c_void_p, c_size_t)


# --- the library -------------------------------------------------------------

def _load():
    name = os.environ.get("MOORAGE_LIBRARY") or \
        ctypes.util.find_library("moorage") or "libmoorage.so.0"
    lib = ctypes.CDLL(name)
    registry, handle = c_void_p, Agent
    calls = {
        "create": (POINTER(Config), POINTER(c_void_p)),
        "set_limit": (registry, c_int, c_uint32),
        "turn_begin": (registry, POINTER(c_uint64)),
        "turn_end": (registry, c_int, POINTER(TurnEnded)),
        "reap": (registry, POINTER(c_uint64)),
        "cancel": (registry, POINTER(Cancellation)),
        "reserve": (registry, POINTER(SpawnOptions), POINTER(Ticket),
                    POINTER(Refusal)),
        "commit": (registry, Ticket, POINTER(Id), c_char_p, POINTER(Agent)),
        "abandon": (registry, Ticket),
        "spawn": (registry, POINTER(SpawnOptions), POINTER(Agent),
                  POINTER(Refusal)),
        "finish": (registry, handle, c_int, c_char_p, c_size_t),
        "run_again_queued": (registry, handle, POINTER(Patience),
                             POINTER(Refusal)),
        "request": (registry, handle, c_int),
        "poll": (registry, handle, POINTER(c_int)),
        "close": (registry, handle, c_int, POINTER(Closed)),
        "evict": (registry, handle, POINTER(Agent)),
        "load": (registry, handle, POINTER(Refusal)),
        "wait": (registry, c_int, c_int, POINTER(Agent), c_size_t, c_uint64,
                 POINTER(Waited)),
        "take_back": (registry, handle, POINTER(Patience), POINTER(Refusal)),
        "wait_lending": (registry, handle, c_int, c_int, POINTER(Agent),
                         c_size_t, c_uint64, POINTER(Waited)),
        "events": (registry, handle, POINTER(Event), c_size_t,
                   POINTER(c_size_t)),
        "events_fd": (registry, POINTER(c_int)),
        "status_of": (registry, handle, POINTER(c_int)),
        "info_of": (registry, handle, POINTER(Info)),
        "result": (registry, handle, c_char_p, c_size_t, POINTER(c_size_t)),
        "find_id": (registry, POINTER(Id), POINTER(Agent)),
        "find_path": (registry, handle, c_char_p, POINTER(Agent)),
        "list": (registry, POINTER(ListFilter), POINTER(c_uint64),
                 POINTER(Info), c_size_t, POINTER(c_size_t)),
        "capacity_of": (registry, handle, POINTER(Capacity)),
        "stats_of": (registry, POINTER(Stats)),
        "check": (registry, c_bool, c_char_p, c_size_t),
        "snapshot": (registry, c_int, _Write, c_void_p),
        "metrics": (registry, c_int, _Write, c_void_p),
        "id_parse": (c_char_p, POINTER(Id)),
    }
    for name in ("start start_failed interrupt died renew lend unloaded touch "
                 "pin unpin").split():
        calls[name] = (registry, handle)
    for name, arguments in calls.items():
        call = getattr(lib, "moor_" + name)
        call.argtypes, call.restype = arguments, c_int
    lib.moor_config_default.argtypes = [POINTER(Config)]
    lib.moor_config_default.restype = None
    lib.moor_destroy.argtypes, lib.moor_destroy.restype = [registry], None
    lib.moor_root.argtypes, lib.moor_root.restype = [registry], Agent
    lib.moor_id_format.argtypes = [Id, c_char_p]
    lib.moor_id_format.restype = None
    lib.moor_error_text.argtypes = [c_int]
    lib.moor_error_text.restype = c_char_p
    return lib


_lib = _load()


class Error(Exception):
    """What a call answered; `code` is an ErrorCode."""

    def __init__(self, code, text=None):
        self.code = ErrorCode(code)
        text = text or _lib.moor_error_text(code).decode()
        super().__init__(f"{self.code.name.lower()}: {text}")


class Refused(Error):
    """A limit refused the admission; the holders come oldest first."""

    def __init__(self, refusal):
        self.limit = Limit(refusal.limit)
        self.limit_value = refusal.limit_value
        self.used = refusal.used
        self.holders = [Holder.from_buffer_copy(h) for h in
                        refusal.holders[:refusal.holders_count]]
        super().__init__(ErrorCode.REFUSED,
                         f"{self.limit.name.lower()}: {self.used} used, the "
                         f"limit is {self.limit_value}")


def _check(code, refusal=None):
    if code == ErrorCode.OK:
        return
    if code == ErrorCode.REFUSED and refusal is not None:
        raise Refused(refusal)
    raise Error(code)


def _bytes(text):
    """C ends a text at its NUL: what is behind one must not be lost."""
    if text is None:
        return None
    made = text.encode() if isinstance(text, str) else bytes(text)
    if b"\0" in made:
        raise ValueError("a text with a NUL")
    return made


def _ms(seconds):
    if seconds is None or seconds == math.inf:
        return FOREVER
    if not seconds >= 0:
        raise ValueError("a time before now")
    return min(math.ceil(seconds * 1000), FOREVER - 1)


def _patience(timeout, cancellation):
    if timeout == 0:
        return None
    made = Patience(_ms(timeout))
    if cancellation is not None:
        made.cancellation = ctypes.pointer(cancellation)
    return made


def _texts(texts):
    texts = [_bytes(t) for t in texts]
    return (c_char_p * max(len(texts), 1))(*texts), len(texts)


class Reservation:
    """A ticket; leaving its `with` gives it back, unless it was committed."""

    def __init__(self, registry, ticket):
        self._registry, self.ticket = registry, ticket

    def commit(self, id=None, path=None):
        """Make the agent.  Whatever it raises, the ticket has ended."""
        agent = Agent()
        path = _bytes(path)
        ticket, self.ticket = self.ticket, Ticket()
        _check(_lib.moor_commit(self._registry._pointer, ticket,
                                byref(id) if id is not None else None, path,
                                byref(agent)))
        return agent

    def abandon(self):
        ticket, self.ticket = self.ticket, Ticket()
        _check(_lib.moor_abandon(self._registry._pointer, ticket))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.ticket and self._registry:
            # Taken by a close from above: that is no error here.
            _lib.moor_abandon(self._registry._pointer, self.ticket)
            self.ticket = Ticket()


class Registry:
    """One tree of agents with its limits; leaving its `with` destroys it."""

    def __init__(self, *, running=6, resident=None, depth=None, children=None,
                 lifetime=None, release=Release.ON_COMPLETION,
                 close_rule=CloseRule.CASCADE, queue=64, nicknames=(),
                 roles=None, events=True, measure_held=False):
        self._handle = None
        self._watchers = []
        config = Config()
        _lib.moor_config_default(byref(config))
        for which, value in zip(Limit, (running, resident, depth, children,
                                        lifetime)):
            config.limits[which] = self._limit(value)
        config.release, config.close_rule = release, close_rule
        config.queue, config.events = queue, events
        config.measure_held = measure_held
        config.nicknames, config.nicknames_count = _texts(nicknames)
        made = [Role(_bytes(name), *_texts(texts))
                for name, texts in (roles or {}).items()]
        config.roles, config.roles_count = (Role * max(len(made), 1))(*made), \
            len(made)
        handle = c_void_p()
        _check(_lib.moor_create(byref(config), byref(handle)))
        self._handle = handle

    @staticmethod
    def _limit(value):
        if value is None:
            return UNLIMITED
        if not 0 <= value <= UNLIMITED:
            raise ValueError("a limit is from 0 to UNLIMITED")
        return value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __bool__(self):
        return self._handle is not None

    @property
    def _pointer(self):
        if self._handle is None:
            raise ValueError("the registry is closed")
        return self._handle

    def close(self):
        """The last call: every other has returned."""
        if self._watchers:
            raise RuntimeError("Completions still watch this registry")
        handle, self._handle = self._handle, None
        if handle is not None:
            _lib.moor_destroy(handle)

    @property
    def root(self):
        return _lib.moor_root(self._pointer)

    def _call(self, name, *arguments):
        _check(getattr(_lib, "moor_" + name)(self._pointer, *arguments))

    def _answer(self, answer, name, *arguments):
        self._call(name, *arguments, byref(answer))
        return answer

    def _admit(self, name, *arguments):
        refusal = Refusal()
        _check(getattr(_lib, "moor_" + name)(self._pointer, *arguments,
                                             byref(refusal)), refusal)

    def _poke(self):
        for watcher in list(self._watchers):
            watcher._poke()

    # Admission.  timeout 0: a refusal answers at once.

    def _options(self, parent, name, role, nickname, ttl, patience):
        ttl_ms = 0 if ttl is None else max(1, math.ceil(ttl * 1000))
        if not 0 <= ttl_ms < 2**32:
            raise ValueError("a ttl out of range")
        options = SpawnOptions(parent or Agent(), _bytes(name), _bytes(role),
                               _bytes(nickname), None, None, ttl_ms)
        if patience is not None:
            options.patience = ctypes.pointer(patience)
        return options

    def spawn(self, name=None, *, parent=None, role=None, nickname=None,
              id=None, ttl=None, timeout=0, cancellation=None):
        options = self._options(parent, name, role, nickname, ttl,
                                _patience(timeout, cancellation))
        if id is not None:
            options.id = ctypes.pointer(id)
        agent = Agent()
        self._admit("spawn", byref(options), byref(agent))
        return agent

    def reserve(self, name=None, *, parent=None, role=None, nickname=None,
                ttl=None, timeout=0, cancellation=None):
        options = self._options(parent, name, role, nickname, ttl,
                                _patience(timeout, cancellation))
        ticket = Ticket()
        self._admit("reserve", byref(options), byref(ticket))
        return Reservation(self, ticket)

    def cancel(self, cancellation):
        self._call("cancel", byref(cancellation))

    def run_again(self, agent, *, timeout=0, cancellation=None):
        self._admit("run_again_queued", agent,
                    _patience(timeout, cancellation))

    # Life.

    def start(self, agent):
        self._call("start", agent)

    def start_failed(self, agent):
        self._call("start_failed", agent)
        self._poke()

    def finish(self, agent, status=Status.COMPLETED, text=None):
        """`text`: str or bytes, of any content."""
        text = text.encode() if isinstance(text, str) else text
        self._call("finish", agent, status, text, len(text or b""))

    def interrupt(self, agent):
        self._call("interrupt", agent)

    def died(self, agent):
        self._call("died", agent)

    def renew(self, agent):
        self._call("renew", agent)

    def request(self, agent, what=RequestKind.INTERRUPT):
        self._call("request", agent, what)

    def poll(self, agent):
        return RequestKind(self._answer(c_int(), "poll", agent).value)

    def close_agent(self, agent, scope=CloseScope.BY_RULE):
        """Answers the previous status and how many were closed."""
        closed = self._answer(Closed(), "close", agent, scope)
        self._poke()
        return Status(closed.previous), closed.closed

    def lend(self, agent):
        self._call("lend", agent)

    def take_back(self, agent, *, timeout=0, cancellation=None):
        self._admit("take_back", agent, _patience(timeout, cancellation))

    # Waiting, by the thread that calls.

    def _wait(self, call, lender, agents, timeout, all, idle):
        agents = list(agents)
        answers = (Waited * len(agents))()
        code = call(self._pointer, *lender,
                    WaitFor.ALL if all else WaitFor.ANY,
                    WaitUntil.IDLE if idle else WaitUntil.FINAL,
                    (Agent * len(agents))(*agents), len(agents), _ms(timeout),
                    answers)
        if code != ErrorCode.TIMED_OUT:
            _check(code)
        return code == ErrorCode.OK, list(answers)

    def wait(self, agents, timeout=None, *, all=True, idle=False):
        """Answers whether it was met, and a Waited for each agent."""
        return self._wait(_lib.moor_wait, (), agents, timeout, all, idle)

    def wait_lending(self, lender, agents, timeout=None, *, all=True,
                     idle=False):
        return self._wait(_lib.moor_wait_lending, (lender,), agents, timeout,
                          all, idle)

    def events(self, owner=None, room=64):
        events, count = (Event * room)(), c_size_t()
        self._call("events", owner or Agent(), events, room, byref(count))
        return list(events[:count.value])

    def events_fd(self):
        return self._answer(c_int(), "events_fd").value

    # Turns and limits.

    def set_limit(self, which, value):
        self._call("set_limit", which, self._limit(value))

    def turn_begin(self):
        return self._answer(c_uint64(), "turn_begin").value

    def turn_end(self, left=Left.KEEP):
        return self._answer(TurnEnded(), "turn_end", left)

    def reap(self):
        return self._answer(c_uint64(), "reap").value

    # Residency.

    def evict(self, agent=None):
        return self._answer(Agent(), "evict", agent or Agent())

    def unloaded(self, agent):
        self._call("unloaded", agent)

    def load(self, agent):
        self._admit("load", agent)

    def touch(self, agent):
        self._call("touch", agent)

    def pin(self, agent):
        self._call("pin", agent)

    def unpin(self, agent):
        self._call("unpin", agent)

    # Reading.

    def status(self, agent):
        """Of a handle that is stale or never was: Status.NOT_FOUND."""
        status = c_int()
        code = _lib.moor_status_of(self._pointer, agent, byref(status))
        if code not in (ErrorCode.STALE, ErrorCode.NOT_FOUND):
            _check(code)
        return Status(status.value)

    def info(self, agent):
        return self._answer(Info(), "info_of", agent)

    def result(self, agent):
        """The text of the last run, as bytes."""
        length, room = c_size_t(), 256
        while True:
            text = ctypes.create_string_buffer(room)
            self._call("result", agent, text, room, byref(length))
            if length.value <= room:
                return text.raw[:length.value]
            room = length.value

    def find(self, path, start=None):
        """By path; None when there is none."""
        return self._found("find_path", start or Agent(), _bytes(path))

    def find_id(self, id):
        return self._found("find_id", byref(id))

    def _found(self, *call):
        try:
            return self._answer(Agent(), *call)
        except Error as error:
            if error.code == ErrorCode.NOT_FOUND:
                return None
            raise

    def list(self, prefix=None, statuses=(), start=None):
        """An Info for each agent and ticket."""
        chosen = ListFilter(start or Agent(), _bytes(prefix),
                            sum(1 << s for s in set(statuses)))
        cursor, infos, count = c_uint64(), (Info * 64)(), c_size_t()
        while True:
            self._call("list", byref(chosen), byref(cursor), infos, 64,
                       byref(count))
            for info in infos[:count.value]:
                yield Info.from_buffer_copy(info)
            if cursor.value == 0:
                return

    def capacity(self, parent=None):
        return self._answer(Capacity(), "capacity_of", parent or Agent())

    def stats(self):
        return self._answer(Stats(), "stats_of")

    def check(self):
        """Raises what is wrong; exact when nothing else runs."""
        text = ctypes.create_string_buffer(512)
        code = _lib.moor_check(self._pointer, True, text, len(text))
        if code == ErrorCode.VIOLATED:
            raise Error(code, text.value.decode(errors="replace"))
        _check(code)

    def _written(self, name, form):
        pieces = []

        def write(_, piece, length):
            pieces.append(ctypes.string_at(piece, length))
            return True

        self._call(name, form, _Write(write), None)
        return b"".join(pieces).decode()

    def snapshot(self, form=SnapshotFormat.TREE):
        return self._written("snapshot", form)

    def metrics(self, form=MetricsForm.OPENMETRICS):
        return self._written("metrics", form)


# --- asyncio -----------------------------------------------------------------

class Completions:
    """Awaits agents of a registry in the running event loop.

        async with moorage.Completions(registry) as completions:
            status = await completions.of(agent)
            met, answers = await completions.wait([a, b], timeout=5, all=False)

    One for a registry: it reads the eventfd, and the events of the root, which
    it hands to `on_event`.  Whoever spawns below other agents reads theirs.

    An await is level-triggered: it ends when the agents are seen to have ended,
    or are gone.  A run that ends and runs again before the loop comes to look
    is not seen.  Closing an idle agent gives no event: it is seen when it was
    closed by Registry.close_agent.
    """

    def __init__(self, registry, on_event=None):
        self._registry, self._on_event = registry, on_event
        self._pending = {}  # future: (agents, all, idle)
        self._loop = None

    async def __aenter__(self):
        self._loop = asyncio.get_running_loop()
        self._fd = self._registry.events_fd()
        self._loop.add_reader(self._fd, self._ready)
        self._registry._watchers.append(self)
        return self

    async def __aexit__(self, *_):
        self._registry._watchers.remove(self)
        self._loop.remove_reader(self._fd)
        for future in list(self._pending):
            future.cancel()

    def _poke(self):
        """From any thread: somebody has left without an event."""
        try:
            self._loop.call_soon_threadsafe(self._look)
        except RuntimeError:
            pass  # the loop is closed, and nobody awaits

    def _ready(self):
        try:
            os.read(self._fd, 8)  # first this, then look
        except BlockingIOError:
            pass
        try:
            self._take_events()
        finally:
            self._look()

    def _take_events(self):
        room, count = 64, 64
        while count == room:
            events = self._registry.events(room=room)
            count = len(events)
            if self._on_event is not None:
                for event in events:
                    self._on_event(event)

    def _look(self):
        for future, wanted in list(self._pending.items()):
            if future.done():
                continue
            try:
                met, answers = self._now(wanted)
            except Exception as error:
                future.set_exception(error)
                continue
            if met:
                future.set_result(answers)

    def _now(self, wanted):
        agents, all, idle = wanted
        return self._registry.wait(agents, 0, all=all, idle=idle)

    async def wait(self, agents, timeout=None, *, all=True, idle=False):
        """Registry.wait, but only the task waits."""
        wanted = (tuple(agents), all, idle)
        met, answers = self._now(wanted)
        if met or timeout == 0:
            return met, answers
        future = self._loop.create_future()
        self._pending[future] = wanted
        try:
            return True, await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            return self._now(wanted)
        finally:
            del self._pending[future]

    async def of(self, agent, *, idle=False):
        """The status with which the agent has ended."""
        _, answers = await self.wait([agent], idle=idle)
        return Status(answers[0].status)
