"""Many workers that start at once on a database without tables."""

import asyncio

import asyncpg

from coatcheck.stores.postgres.schema import _LOCK, SESSIONS, migrate


async def test_who_waited_for_anothers_migration_sees_what_it_made(postgres):
    url = postgres.new_database()
    first, second = await asyncpg.connect(url), await asyncpg.connect(url)
    async with first.transaction():
        await first.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        waiting = asyncio.create_task(migrate(second, SESSIONS))
        while not await first.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await migrate(first, SESSIONS)
    await waiting
    await first.close()
    await second.close()
