"""The parts of a record that a store keeps as they are: the facts of an account, the links of a chain."""

import msgspec

from coatcheck.core.chain import Chain, Digest
from coatcheck.core.identity import Identity


class _Person(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The facts of an account beside its id: what an update of it replaces."""

    email: str
    name: str
    roles: frozenset[str]


class _Links(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a chain knows beside its current token, its family, and whether a successor is due."""

    generation: int
    previous_digest: Digest | None
    next_digest: Digest
    next_key: bytes
    committed_at: float
    former_family_digest: Digest | None = None


_pack = msgspec.msgpack.Encoder().encode
_person = msgspec.msgpack.Decoder(_Person).decode
_links = msgspec.msgpack.Decoder(_Links).decode


def pack_person(identity: Identity) -> bytes:
    """Return the facts of an account."""
    return _pack(_Person(identity.email, identity.name, identity.roles))


def identity(user_id: str, person: bytes, auth_time: float, amr: tuple[str, ...]) -> Identity:
    """Build an identity; `auth_time` in seconds since the epoch.

    Raises:
        msgspec.MsgspecError: The facts cannot be read.
    """
    facts = _person(person)
    return Identity(
        user_id=user_id, email=facts.email, name=facts.name, roles=facts.roles, auth_time=auth_time, amr=amr
    )


def pack_links(chain: Chain) -> bytes:
    """Return what stands behind the digests of a chain."""
    return _pack(
        _Links(
            chain.generation,
            chain.previous_digest,
            chain.next_digest,
            chain.next_key,
            chain.committed_at,
            chain.former_family_digest,
        )
    )


def chain(links: bytes, *, digest: bytes, family_digest: bytes, due: bool) -> Chain:
    """Build a chain.

    Raises:
        msgspec.MsgspecError: The links cannot be read.
    """
    link = _links(links)
    return Chain(
        family_digest=family_digest,
        generation=link.generation,
        digest=digest,
        previous_digest=link.previous_digest,
        next_digest=link.next_digest,
        next_key=link.next_key,
        committed_at=link.committed_at,
        due=due,
        former_family_digest=link.former_family_digest,
    )
