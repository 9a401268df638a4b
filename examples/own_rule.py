"""A rule of your own: somebody tries door after door that is closed to them."""

from typing import ClassVar

from coatcheck.core.events import AccessDenied, Event
from coatcheck.watch.anomaly import Anomalies, Finding, standard_rules
from coatcheck.watch.anomaly.memory import Window


class ClosedDoors:
    name: ClassVar = "closed_doors"
    kinds: ClassVar = (AccessDenied,)  # the events that it wants to see
    response: ClassVar = "notify"
    quiet: ClassVar = 3600.0  # seconds for which the same user is not told again
    shared: ClassVar = False  # True: it sees what all workers see

    def __init__(self, doors: int = 10) -> None:
        self._doors = doors
        self._tried = Window(seconds=600, values=doors)  # per user, the latest paths; bounded

    def see(self, event: Event) -> Finding | None:
        if event.user_id is None:
            return None
        tried = self._tried.add(event.user_id, event.path, event.at)
        if len(tried) < self._doors:
            return None
        evidence = (("doors", str(len(tried))), ("latest", event.path))
        return Finding(severity="warning", key=event.user_id, evidence=evidence, user_id=event.user_id)


anomalies = Anomalies(
    [*standard_rules(), ClosedDoors()]
)  # install(..., policies=Policies(observers=[anomalies]))

if __name__ == "__main__":
    rule = ClosedDoors()
    knocks = [
        AccessDenied(at=1.0, user_id="eve", reason="role_required", path=f"/admin/{n}") for n in range(10)
    ]
    print([finding.evidence for knock in knocks if (finding := rule.see(knock))])
