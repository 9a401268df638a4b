"""A change as the parameters of `statements.SAVE`."""

from typing import Any

from coatcheck.core import grant
from coatcheck.core.change import Change, Commit, Regrant
from coatcheck.core.codec import MAX_DATA_BYTES
from coatcheck.core.identity import Identity
from coatcheck.stores import parts
from coatcheck.stores.postgres import rows


def parameters(id: str, change: Change) -> tuple[Any, ...]:
    """Return the parameters $1 to $15.

    Raises:
        DataNotSerializable: An increment is no finite number.
    """
    return (
        id,
        rows.data_changes(change.data) if change.data else None,
        MAX_DATA_BYTES,
        *_commit(change.commit),
        *_facts(change.identity),
        change.seen_at,
        *_regrant(change.grants),
    )


def _commit(commit: Commit | None) -> tuple[Any, ...]:
    if commit is None:
        return (None,) * 7
    elevation = commit.authenticated
    return (
        commit.expected,
        *rows.chain_values(commit.chain),
        rows.authentication(elevation.at, elevation.amr) if elevation else None,
        elevation.absolute_at if elevation else None,
    )


def _regrant(regrant: Regrant | None) -> tuple[Any, ...]:
    if regrant is None:
        return None, None
    return grant.pack(regrant.grants), None if regrant.expected is None else grant.pack(regrant.expected)


def _facts(identity: Identity | None) -> tuple[Any, ...]:
    return (identity.user_id, parts.pack_person(identity)) if identity else (None, None)
