"""What looking for anomalies and scoring sign-ins takes: of a worker's time, and of the store's."""

from functools import partial
from statistics import median
from time import perf_counter

from benchmarks.servers import ENGINES, MEMORY, Servers
from benchmarks.timing import MICRO, each
from coatcheck import SessionManager
from coatcheck.core.client import KnownClient
from coatcheck.core.events import Event
from coatcheck.stores import open_store
from coatcheck.stores.memory import MemoryStore
from coatcheck.watch.anomaly import Anomalies, standard_rules
from coatcheck.watch.anomaly.sharing import HELD, Sharing
from coatcheck.watch.places import Places
from coatcheck.watch.risk import Risk

TIMES = 60  # calls to a store
TOGETHER = 40  # events whose time is taken together: whoever takes the processor away hits few of these
CLIENT = KnownClient("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")

Costs = dict[str, dict[str, float]]


async def per_event(events: list[Event], places: Places) -> dict[str, float]:
    """Return the microseconds that an event takes, in the median: to be put aside, and to be looked at."""
    anomalies = Anomalies(standard_rules(places), shared=False)
    manager = SessionManager(MemoryStore())
    put_aside, looked = [], []
    async with anomalies.attend(manager):
        for first in range(0, len(events), TOGETHER):
            some = events[first : first + TOGETHER]
            begin = perf_counter()
            for event in some:
                anomalies.observe(event)
            between = perf_counter()
            await anomalies.look()
            put_aside.append((between - begin) / len(some))
            looked.append((perf_counter() - between) / len(some))
    return {
        "to put an event aside, while a request waits": median(put_aside) * MICRO,
        "to look at it later, with all rules": median(looked) * MICRO,
    }


async def per_call(events: list[Event], servers: Servers) -> Costs:
    """Return the microseconds of each call to a store: with a full row of events, and a user who is known."""
    found: Costs = {}
    for engine in (MEMORY, *ENGINES):
        store = open_store(servers.fresh(engine), near=False)
        sharing, risk = Sharing(store, "one"), Risk(store)
        await Sharing(store, "another").exchange(events[:HELD], 0.0)
        for number in range(20):
            await risk.learn("ada", CLIENT, float(number))
        acts = {
            "to exchange events with other workers": partial(sharing.exchange, events[:1], 0.0),
            "to score a sign-in": partial(risk.score, "ada", CLIENT),
            "to learn from it": partial(risk.learn, "ada", CLIENT, 1.0),
        }
        found[engine] = {what: await each(act, TIMES) * MICRO for what, act in acts.items()}
        await store.close()
    return found
