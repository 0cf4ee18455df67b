"""A program in Python that uses the installed library, with asyncio."""

import asyncio
import threading

import moorage


async def main():
    with moorage.Registry(running=1) as registry:
        async with moorage.Completions(registry) as completions:
            for _ in range(2):
                agent = registry.spawn()
                try:
                    registry.spawn()
                    return "nothing was refused"
                except moorage.Refused:
                    pass
                ends = threading.Thread(target=registry.finish, args=(agent,))
                ends.start()
                status = await completions.of(agent)
                ends.join()
                if status != moorage.Status.COMPLETED:
                    return f"ended as {status!r}"
    return "consumed"


print(asyncio.run(main()))
