"""`coatcheck keys reencrypt`: seal what a store holds with the newest encryption key, while people use it."""

import asyncio
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec

from coatcheck.cli.databases import open_manager
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import Database, Json
from coatcheck.cli.output import counted, print_json, print_line, progress_bar
from coatcheck.core.errors import ConfigurationError
from coatcheck.demo.options import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from coatcheck.stores.sealed import Sealer, Tally

KEYS = "COATCHECK_ENCRYPTION_KEYS"  # never an option: others can read the command line


def configured_sealer() -> "Sealer | None":
    """Return what seals with the keys in the environment; None where there are none.

    Raises:
        ConfigurationError: One of them is no good.
    """
    if not (secrets := os.environ.get(KEYS)):
        return None
    from coatcheck.stores.sealed import Sealer

    return Sealer.parse(secrets)


def reencrypt(
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Seal session data and signing keys with the newest encryption key. It may be killed, and repeated.

    Give the keys to every worker of the application before: Policies(sealer=...).
    """
    if (sealer := configured_sealer()) is None:
        raise ConfigurationError(
            f"{KEYS} is not set", remedy="Set it to the keys of the application, the newest first"
        )
    with progress_bar(silent=json) as bar:
        task = bar.add_task("Sealing", total=1.0)
        tally = asyncio.run(_walk(database, sealer, lambda reached: bar.update(task, completed=reached)))
    if json:
        print_json({**msgspec.to_builtins(tally), "whole": tally.is_whole})
    else:
        print_line(
            f"{counted(tally.sealed, 'value')} sealed in {counted(tally.sessions, 'session')}, "
            f"of which {tally.unreadable} cannot be read and {tally.left} are left"
        )
    if tally.locked:
        verb = "is" if tally.locked == 1 else "are"
        raise NotDone(
            f"{counted(tally.locked, 'session')} {verb} sealed with a key that is not in {KEYS}. "
            "Add it behind the newest"
        )
    if not tally.is_whole:
        raise NotDone(
            f"the newest key has not sealed what is in {counted(tally.left, 'session')}. Keep the old keys "
            "and run it again; if it stays so, look for workers that have no keys or older ones"
        )


async def _walk(database: str, sealer: "Sealer", show: "Callable[[float], None]") -> "Tally":
    from coatcheck.stores.sealed import Resealing, SealedStore

    async with open_manager(database) as manager:
        if find_spec("joserfc"):  # without it nobody here has signing keys
            from coatcheck.tokens import StoredKeys

            await StoredKeys(manager.store, sealer=sealer).reseal()
        walk = Resealing(SealedStore(manager.store, sealer))
        async for tally in walk.run():
            show(tally.reached)
        return walk.tally
