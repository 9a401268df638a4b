"""The world: countries with providers, providers with networks, and browsers that are updated.

Every number here is made up, in the orders of magnitude that a middle-sized European site would see. What
follows from them is how rules and scores compare, not what your site will see.
"""

import random
from dataclasses import dataclass, field

from coatcheck.watch.places import NOWHERE, Place, Places

DAY = 86_400.0
UPDATE_EVERY = 28 * DAY

# Country, its share of the users, and the middle of it: latitude and longitude.
COUNTRIES = (
    ("DE", 40, 51.0, 10.0),
    ("AT", 10, 47.6, 14.1),
    ("CH", 10, 46.8, 8.2),
    ("FR", 8, 46.6, 2.4),
    ("GB", 8, 52.5, -1.5),
    ("US", 8, 39.8, -98.6),
    ("NL", 4, 52.2, 5.3),
    ("PL", 4, 52.1, 19.4),
    ("IN", 4, 22.9, 79.6),
    ("BR", 4, -10.8, -53.1),
)
# System, browser, its share of the users' devices, and a user agent with its version left open.
BROWSERS = (
    (
        "desktop",
        34,
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{}.0.0.0 Safari/537.36",
    ),
    ("desktop", 10, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/{0}.0.0.0 Safari/537.36 Edg/{0}.0"),
    ("desktop", 8, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"),
    ("desktop", 9, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/{}.0 Safari/605.1.15"),
    ("desktop", 6, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/{}.0.0.0 Safari/537.36"),
    ("desktop", 4, "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"),
    (
        "phone",
        16,
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/{}.0.0.0 Mobile Safari/537.36",
    ),
    ("phone", 12, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/{}.0 Mobile Safari/604.1"),
)
FIRST_VERSION = 120
PROVIDERS, NETWORKS = 4, 300  # of homes in each country, and of each provider
MOBILE, GATEWAYS = 2, 24  # providers of phones in each country, and networks of each
HOSTS, RACKS = 5, 60  # providers of servers and VPNs in each country, and networks of each


@dataclass(frozen=True)
class Provider:
    """Whom addresses belong to: where, and its networks by number."""

    number: int
    country: str
    networks: range

    def network(self, dice: random.Random) -> int:
        return dice.choice(self.networks)


@dataclass
class World:
    """Countries, providers and networks; each kind of provider by its country."""

    seed: int = 1
    homes: dict[str, list[Provider]] = field(default_factory=dict)
    phones: dict[str, list[Provider]] = field(default_factory=dict)
    hosts: dict[str, list[Provider]] = field(default_factory=dict)
    owners: dict[int, Provider] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for country, *_ in COUNTRIES:
            self.homes[country] = [self._provider(country, NETWORKS) for _ in range(PROVIDERS)]
            self.phones[country] = [self._provider(country, GATEWAYS) for _ in range(MOBILE)]
            self.hosts[country] = [self._provider(country, RACKS) for _ in range(HOSTS)]
        self.dice = random.Random(self.seed)

    def _provider(self, country: str, networks: int) -> Provider:
        first = len(self.owners)
        made = Provider(
            64_512 + len({owner.number for owner in self.owners.values()}),
            country,
            range(first, first + networks),
        )
        self.owners |= dict.fromkeys(made.networks, made)
        return made

    def country(self) -> str:
        """Return where a user lives."""
        return self.dice.choices([name for name, *_ in COUNTRIES], [share for _, share, *_ in COUNTRIES])[0]

    def address(self, network: int) -> str:
        """Return an address in a network."""
        return f"10.{network >> 8}.{network & 255}.{self.dice.randrange(1, 255)}"

    def browser(self, kind: str | None = None) -> int:
        """Return the number of a browser, of a kind of device or of any."""
        shares = [share if kind in (None, of) else 0 for of, share, _ in BROWSERS]
        return self.dice.choices(range(len(BROWSERS)), shares)[0]


def agent(browser: int, at: float) -> str:
    """Return the user agent of a browser that was updated at a moment."""
    return BROWSERS[browser][2].format(FIRST_VERSION + int(at // UPDATE_EVERY))


class WorldPlaces(Places):
    """Knows where the world's addresses are, as a database would."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._middles = {name: (latitude, longitude) for name, _, latitude, longitude in COUNTRIES}

    def _look_up(self, ip: str) -> Place:
        _, high, low, _ = ip.split(".")
        owner = self._world.owners.get((int(high) << 8) + int(low))
        if owner is None:
            return NOWHERE
        latitude, longitude = self._middles[owner.country]
        return Place(
            country=owner.country,
            provider=f"AS{owner.number}",
            latitude=latitude,
            longitude=longitude,
            radius=300.0,
        )
