"""Events shown to the rules as an app's worker would show them."""

from collections.abc import Iterable

from coatcheck import SessionManager
from coatcheck.core.events import AnomalyFound, Event
from coatcheck.stores.memory import MemoryStore
from coatcheck.testing import RecordingObserver
from coatcheck.watch.anomaly import Anomalies, standard_rules
from coatcheck.watch.places import Places

BATCH = 5_000


async def watch(events: Iterable[Event], places: Places) -> list[AnomalyFound]:
    """Let one worker with the standard rules see events; return what it finds, and act on nothing."""
    rules = standard_rules(places)
    anomalies = Anomalies(rules, responses={rule.name: "log" for rule in rules}, shared=False)
    seen = RecordingObserver()
    async with SessionManager(MemoryStore(), observers=[seen, anomalies]):
        for number, event in enumerate(events):
            anomalies.observe(event)
            if number % BATCH == 0:
                await anomalies.look()
    return seen.of(AnomalyFound)
