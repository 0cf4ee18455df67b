"""The Python binding: what a call answers, with threads, and with asyncio."""

import asyncio
import os
import select
import threading
import unittest

import moorage
from moorage import ErrorCode, Limit, Status

# Nine rounds of codex issue 18335: the model spawns, this many at a time, and
# closes so many of those that have ended.  It never closes the rest.
ROUNDS = [(24, 7, 14), (6, 4, 4)] + [(2, 2, 2)] + [(2, 2, 0)] * 6
SLOTS = 12


class Calls(unittest.TestCase):
    def setUp(self):
        self.registry = moorage.Registry(running=2, nicknames=["Ada"],
                                         roles={"explorer": ["Plato"]})
        self.addCleanup(self.registry.close)

    def answers(self, code, call, *arguments, **named):
        with self.assertRaises(moorage.Error) as raised:
            call(*arguments, **named)
        self.assertEqual(raised.exception.code, code)

    def used(self):
        return self.registry.stats().used

    def test_a_life(self):
        r = self.registry
        agent = r.spawn("one", role="explorer", ttl=60)
        r.start(agent)
        info = r.info(agent)
        self.assertEqual((info.path, info.role, info.nickname, info.status),
                         (b"/root/one", b"explorer", b"Plato", Status.RUNNING))
        self.assertEqual(r.find("one"), agent)
        self.assertEqual(r.find_id(info.id), agent)
        self.assertEqual(moorage.Id.parse(str(info.id)), info.id)
        self.assertIsNone(r.find("two"))
        r.request(agent)
        self.assertEqual(r.poll(agent), moorage.RequestKind.INTERRUPT)
        r.renew(agent)
        text = "\0 and many bytes, " * 100
        r.finish(agent, text=text)
        self.assertEqual(r.result(agent), text.encode())
        self.assertEqual(self.used(), 0)
        r.run_again(agent)
        r.died(agent)
        self.assertEqual(r.status(agent), Status.ERRORED)
        self.assertEqual(r.close_agent(agent), (Status.ERRORED, 1))
        self.assertEqual(r.status(agent), Status.NOT_FOUND)
        r.check()

    def test_refused_with_holders(self):
        r = self.registry
        first, second = r.spawn(), r.reserve()
        with self.assertRaises(moorage.Refused) as raised:
            r.spawn()
        refused = raised.exception
        self.assertEqual((refused.limit, refused.limit_value, refused.used),
                         (Limit.RUNNING, 2, 2))
        self.assertEqual([h.agent for h in refused.holders],
                         [first, moorage.Agent()])
        self.assertEqual([h.freed_by for h in refused.holders],
                         [moorage.FreedBy.FINISH, moorage.FreedBy.ABANDON])
        self.assertEqual(refused.holders[1].status, Status.RESERVED)
        second.abandon()
        self.answers(ErrorCode.STALE, r._call, "abandon", moorage.Ticket(
            refused.holders[1].ticket.bits))
        r.set_limit(Limit.RUNNING, 1)
        with self.assertRaises(moorage.Refused):
            r.reserve(timeout=0.01)
        self.assertEqual(self.used(), 1)

    def test_tickets(self):
        r = self.registry
        with r.reserve("one") as ticket:
            self.assertEqual(self.used(), 1)
        self.assertEqual(self.used(), 0)
        with self.assertRaises(KeyError):
            with r.reserve("one"):
                raise KeyError
        self.assertEqual(self.used(), 0)
        with r.reserve("one") as ticket:
            agent = ticket.commit(path="/root/one")
        self.assertEqual(r.status(agent), Status.PENDING_INIT)
        with r.reserve("two") as ticket:
            self.answers(ErrorCode.PATH_MISMATCH, ticket.commit,
                         path="/root/one")
            self.answers(ErrorCode.NOT_FOUND, ticket.commit)
        with r.reserve("two") as ticket:
            r.close_agent(r.root, moorage.CloseScope.TREE)
            self.answers(ErrorCode.STALE, ticket.commit)
        self.assertEqual(self.used(), 0)

    def test_wrong_handles(self):
        r = self.registry
        nobody = moorage.Agent(2**63 + 12345)
        agent = r.spawn()
        r.close_agent(agent)
        for call in (r.start, r.finish, r.interrupt, r.died, r.info, r.result,
                     r.run_again, r.lend, r.touch, r.pin, r.poll, r.renew):
            with self.subTest(call=call.__name__):
                self.answers(ErrorCode.STALE, call, agent)
                self.answers(ErrorCode.NOT_FOUND, call, nobody)
        self.answers(ErrorCode.IS_ROOT, r.finish, r.root)
        self.answers(ErrorCode.STALE, r.spawn, parent=agent)
        self.answers(ErrorCode.BAD_PATH, r.spawn, "No")
        self.answers(ErrorCode.BAD_ID, moorage.Id.parse, "no id")
        self.answers(ErrorCode.BAD_ARGUMENT, r.wait, [])
        self.answers(ErrorCode.BAD_ARGUMENT, r.finish, r.spawn(),
                     Status.RUNNING)
        with self.assertRaises(Exception):
            r.start(12345)  # a number is no handle
        for wrong in (-1, float("nan")):
            with self.assertRaises(ValueError):
                r.wait([agent], timeout=wrong)
        with self.assertRaises(ValueError):
            r.spawn("a\0b")
        with self.assertRaises(ValueError):
            moorage.Registry(running=-1)
        with self.assertRaises(moorage.Error):
            moorage.Registry(queue=moorage.QUEUE_MAX + 1)
        closed = moorage.Registry()
        closed.close()
        closed.close()
        self.assertFalse(closed)
        with self.assertRaises(ValueError):
            closed.spawn()

    def test_reading(self):
        r = self.registry
        a = r.spawn("a")
        b = r.spawn("b", parent=a)
        self.assertEqual(sorted(i.path for i in r.list()),
                         [b"/root", b"/root/a", b"/root/a/b"])
        self.assertEqual([i.agent for i in r.list("a/b")], [b])
        self.assertEqual([i.agent for i in r.list(statuses=[Status.RUNNING])],
                         [r.root])
        self.assertEqual(r.capacity(a).would, ErrorCode.REFUSED)
        self.assertEqual(r.capacity(a).of[Limit.RUNNING].used, 2)
        self.assertIn("    b pending_init slot", r.snapshot())
        self.assertIn("# EOF", r.metrics())
        self.assertEqual(r.turn_begin(), 1)
        self.assertEqual(r.turn_end().turn, 1)
        self.assertEqual(r.reap(), 0)

    def test_lending_and_residency(self):
        r = self.registry
        parent = r.spawn()
        r.start(parent)
        r.lend(parent)
        self.assertEqual(self.used(), 0)
        r.take_back(parent)
        child = r.spawn(parent=parent)
        r.finish(child)
        met, answers = r.wait_lending(parent, [child], 1)
        self.assertTrue(met and answers[0].status == Status.COMPLETED)
        r.pin(child)
        self.answers(ErrorCode.NOT_EVICTABLE, r.evict)
        r.unpin(child)
        self.assertEqual(r.evict(), child)
        r.unloaded(child)
        r.load(child)
        self.assertEqual(self.used(), 1)

    def test_two_threads(self):
        """Both want the one slot; each waits for it in its call."""
        r, each, wrong = self.registry, 300, []
        r.set_limit(Limit.RUNNING, 1)

        def work():
            try:
                for _ in range(each):
                    agent = r.spawn(timeout=30)
                    if r.stats().used > 1:
                        wrong.append("two at once")
                    r.finish(agent)
                    r.close_agent(agent)
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual((self.used(), r.stats().completed), (0, 2 * each))
        r.check()

    def test_a_call_that_waits_lets_others_run(self):
        r, passed = self.registry, threading.Event()
        r.set_limit(Limit.RUNNING, 1)
        agent = r.spawn()

        def finish_when_somebody_waits():
            while r.stats().waiting == 0 and not passed.is_set():
                pass
            r.finish(agent)

        other = threading.Thread(target=finish_when_somebody_waits)
        other.start()
        try:
            r.spawn(timeout=20)
        finally:
            passed.set()
            other.join()
        met, answers = r.wait([agent], 30)
        self.assertTrue(met and answers[0].status == Status.COMPLETED)

    def test_close_destroys(self):
        with moorage.Registry() as r:
            fd = r.events_fd()
            os.fstat(fd)
        with self.assertRaises(OSError):
            os.fstat(fd)

    def test_cancel(self):
        r, cancellation = self.registry, moorage.Cancellation()
        r.set_limit(Limit.RUNNING, 0)
        r.cancel(cancellation)
        with self.assertRaises(moorage.Refused):
            r.spawn(timeout=None, cancellation=cancellation)


class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_await(self):
        events = []
        with moorage.Registry() as r:
            async with moorage.Completions(r, events.append) as completions:
                one, two = r.spawn(), r.spawn()
                self.assertEqual((await completions.wait([one], 0))[0], False)
                self.assertEqual((await completions.wait([one], 0.01))[0],
                                 False)
                both = asyncio.create_task(completions.wait([one, two], 30))
                any = asyncio.create_task(
                    completions.wait([one, two], 30, all=False))
                by_thread = threading.Thread(target=r.finish, args=(one,))
                by_thread.start()
                met, answers = await any
                by_thread.join()
                self.assertEqual((met, [a.met for a in answers]),
                                 (True, [True, False]))
                self.assertFalse(both.done())
                r.finish(two, Status.ERRORED)
                met, answers = await both
                self.assertEqual([a.status for a in answers],
                                 [Status.COMPLETED, Status.ERRORED])
                self.assertEqual([e.agent for e in events], [one, two])
                # All is read: the loop has nothing to run for.
                self.assertEqual(
                    select.select([r.events_fd()], [], [], 0)[0], [])

    async def test_idle_closed_and_wrong(self):
        told = asyncio.Event()
        with moorage.Registry() as r:
            async with moorage.Completions(r, lambda _: told.set()) as \
                    completions:
                agent = r.spawn()
                r.interrupt(agent)
                self.assertEqual(await completions.of(agent, idle=True),
                                 Status.INTERRUPTED)
                await told.wait()  # the only one that comes
                final = asyncio.create_task(completions.of(agent))
                await asyncio.sleep(0)
                r.close_agent(agent)  # no event: it was idle
                self.assertEqual(await asyncio.wait_for(final, 30),
                                 Status.NOT_FOUND)
                with self.assertRaises(moorage.Error):
                    await completions.wait([])
                with self.assertRaises(RuntimeError):
                    r.close()
                left = asyncio.create_task(completions.of(r.spawn()))
                await asyncio.sleep(0)
            with self.assertRaises(asyncio.CancelledError):
                await left

    async def rounds(self, release):
        """How many were spawned and refused, round by round."""
        told = []
        with moorage.Registry(running=SLOTS, release=release) as r:
            idle = []
            async with moorage.Completions(r) as completions:
                for spawns, at_once, closes in ROUNDS:
                    spawned = refused = 0
                    live = []
                    for n in range(spawns):
                        try:
                            agent = r.spawn()
                        except moorage.Refused:
                            refused += 1
                            continue
                        spawned += 1
                        live.append(agent)
                        executor = threading.Thread(target=r.finish,
                                                    args=(agent,))
                        executor.start()
                        if len(live) == at_once or n == spawns - 1:
                            await completions.wait(live, 30)
                            idle += live
                            live = []
                        # It closes as it goes along, the oldest first.
                        while closes and idle:
                            r.close_agent(idle.pop(0))
                            closes -= 1
                        executor.join()
                    told.append((spawned, refused))
                if release == moorage.Release.ON_COMPLETION:
                    self.assertEqual(r.stats().used, 0)
            r.check()
        return told

    async def test_nine_rounds(self):
        kept = await self.rounds(moorage.Release.ON_COMPLETION)
        self.assertEqual(kept, [(s, 0) for s, _, _ in ROUNDS])
        leaked = await self.rounds(moorage.Release.ON_CLOSE)
        self.assertEqual(leaked[3:], [(0, 2)] * 6)


class Library(unittest.TestCase):
    def test_is_the_one_that_was_built(self):
        self.assertEqual(moorage._lib._name, os.environ["MOORAGE_LIBRARY"])


if __name__ == "__main__":
    unittest.main()
