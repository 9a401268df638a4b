"""What is done about a finding."""

from collections.abc import Mapping, Sequence
from typing import Any

from coatcheck.core.errors import ConfigurationError, StoreError
from coatcheck.core.events import StoreFailed
from coatcheck.core.events.watching import Response
from coatcheck.manager import SessionManager
from coatcheck.watch.anomaly.finding import Finding, Rule

ACTOR = "watch"  # who acted, in the events of what a rule led to
VERBS: Mapping[str, str] = {"revoke": "end", "reauthenticate": "save"}  # of the store, by the response
RESPONSES: tuple[Response, ...] = ("log", "notify", "reauthenticate", "revoke")


def check(responses: dict[str, Response], rules: Sequence[Rule]) -> dict[str, Response]:
    """Return the response to each rule: its own, or what the app says.

    Raises:
        ConfigurationError: The app names a rule that there is not, or a response.
    """
    own = {rule.name: rule.response for rule in rules}
    for name, response in responses.items():
        if name not in own:
            raise ConfigurationError(f"there is no rule {name!r}", remedy=f"There are {', '.join(own)}")
        if response not in RESPONSES:
            raise ConfigurationError(
                f"{response!r} is no response", remedy=f"Use one of {', '.join(RESPONSES)}"
            )
    return own | responses


async def respond(manager: SessionManager[Any], finding: Finding, response: Response, at: float) -> None:
    """Act on the session that a finding is about, or on all sessions of the user it is about.

    A store that fails is told of, and not asked again: the finding itself was told already.
    """
    try:
        if response == "revoke":
            await _revoke(manager, finding)
        elif response == "reauthenticate":
            await _reauthenticate(manager, finding, at)
    except StoreError:
        manager.emit(StoreFailed(at=manager.now(), session_id=finding.session_id, verb=VERBS[response]))


async def _revoke(manager: SessionManager[Any], finding: Finding) -> None:
    if finding.session_id is not None:
        await manager.revoke(finding.session_id, by=ACTOR)
    elif finding.user_id is not None:
        await manager.revoke_user(finding.user_id, by=ACTOR)


async def _reauthenticate(manager: SessionManager[Any], finding: Finding, at: float) -> None:
    if finding.session_id is not None:
        await manager.require_reauthentication(finding.session_id, at)
    elif finding.user_id is not None:
        for record in await manager.list(finding.user_id):
            await manager.require_reauthentication(record.id, at)
