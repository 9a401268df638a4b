"""`coatcheck keys`: list, rotate and retire the keys that sign access tokens; seal anew what is encrypted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from coatcheck.cli.databases import open_manager
from coatcheck.cli.faults import NotDone
from coatcheck.cli.options import Database, Json
from coatcheck.cli.output import Document, print_json, print_line, print_table
from coatcheck.cli.reencrypt import configured_sealer, reencrypt
from coatcheck.core.clock import SystemClock, timestamp
from coatcheck.demo.options import DEFAULT_DATABASE

if TYPE_CHECKING:
    from coatcheck.tokens import StoredKeys

group = typer.Typer(help="List, rotate and retire the keys that sign access tokens; seal data anew.")
group.command("reencrypt")(reencrypt)


@group.command("list")
def list_keys(
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """List the keys, and what each is good for now."""
    rows = asyncio.run(_list(database))
    if json:
        print_json({"keys": rows})
        return
    columns = ("kid", "algorithm", "state", "created_at", "signs_from")
    print_table(columns, ([row[column] for column in columns] for row in rows), empty="no keys yet")


@group.command("rotate")
def rotate_keys(
    *,
    algorithm: Annotated[
        str, typer.Option("--algorithm", metavar="NAME", help="Of the new key: ES256 or Ed25519.")
    ] = "ES256",
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Publish a new key, which signs once every verifier had the time to learn of it."""
    row = asyncio.run(_rotate(database, algorithm))
    if json:
        print_json({"key": row})
    else:
        print_line(f"published {row['kid']}, which signs from {row['signs_from']}")


@group.command("retire")
def retire_key(
    kid: Annotated[str, typer.Argument(metavar="KID", help="The key's id.", show_default=False)],
    *,
    database: Database = DEFAULT_DATABASE,
    json: Json = False,
) -> None:
    """Drop a key that got out, and with it every token it signed. Rotate all others instead."""
    asyncio.run(_retire(database, kid))
    if json:
        print_json({"retired": kid})
    else:
        print_line(f"retired {kid}")


async def _list(database: str) -> list[Document]:
    async with _open_keys(database) as keys:
        return await _rows(keys)


async def _rotate(database: str, algorithm: str) -> Document:
    async with _open_keys(database, algorithm) as keys:
        kid = (await keys.rotate()).kid
        return next(row for row in await _rows(keys) if row["kid"] == kid)


async def _retire(database: str, kid: str) -> None:
    async with _open_keys(database) as keys:
        if not await keys.retire(kid):
            raise NotDone(f"there is no key {kid}")


async def _rows(keys: "StoredKeys") -> list[Document]:
    ring, now = await keys.ring(), SystemClock().now()
    return [
        {
            "kid": entry.key.kid,
            "algorithm": entry.key.algorithm,
            "state": str(ring.state(entry.key.kid, now)),
            "created_at": timestamp(entry.created_at),
            "signs_from": timestamp(entry.signs_from),
        }
        for entry in ring.entries
    ]


@asynccontextmanager
async def _open_keys(database: str, algorithm: str = "ES256") -> AsyncIterator["StoredKeys"]:
    """Open the key ring of an application.

    Raises:
        ConfigurationError: There is no such database or algorithm, or the keys are sealed with another key.
    """
    from coatcheck.tokens import KeyPolicy, StoredKeys

    policy = KeyPolicy(algorithm=algorithm)  # type: ignore[arg-type]  # the policy checks it
    async with open_manager(database) as manager:
        yield StoredKeys(manager.store, policy, sealer=configured_sealer())
