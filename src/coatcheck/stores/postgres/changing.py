"""A change as the parameters of `statements.SAVE`."""

from typing import Any

from coatcheck.core.change import Change, Commit
from coatcheck.core.codec import MAX_DATA_BYTES
from coatcheck.core.identity import Identity
from coatcheck.stores.postgres import rows


def parameters(id: str, change: Change) -> tuple[Any, ...]:
    """Return the parameters $1 to $13.

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


def _facts(identity: Identity | None) -> tuple[Any, ...]:
    return (identity.user_id, rows.person(identity)) if identity else (None, None)
