"""`make bench`, or `python -m benchmarks`: measure, print the figures, and keep them where asked."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.options import Options, parse
from benchmarks.page import Page
from benchmarks.parts import (
    anomalies,
    audit,
    cold,
    growth,
    load,
    overhead,
    revocation,
    risk,
    sizes,
    sweep,
    tokens,
    touches,
)
from benchmarks.run import Run
from benchmarks.servers import Servers

RESULTS = Path(__file__).with_name("results")

Part = Callable[[Options, Servers], Page]

PARTS: dict[str, tuple[Part, str]] = {
    "overhead": (overhead.run, "what a session adds to a request, beside the peers"),
    "cold": (cold.run, "a read from the store, beside the driver's own call"),
    "load": (load.run, "requests per second behind uvicorn, asked by wrk"),
    "revocation": (revocation.run, "how fast a revocation counts in every worker"),
    "growth": (growth.run, "a read and a sign-in, in a small store and in a large one"),
    "sizes": (sizes.run, "bytes that a session takes"),
    "sweep": (sweep.run, "what a read notices while half a million sessions are deleted"),
    "tokens": (tokens.run, "what it costs to verify an access token"),
    "audit": (audit.run, "what the audit ledger adds, and how fast it is written and verified"),
    "anomalies": (anomalies.run, "what the rules find on an ordinary day, and how soon they see an attack"),
    "risk": (risk.run, "how well sign-ins are told from attacks, in a made-up world"),
    "touches": (touches.run, "what activity writes"),
}


def main(given: list[str]) -> None:
    options = parse(given, {name: about for name, (_, about) in PARTS.items()})
    run = Run(given)
    # An event loop that stands still while another is measured hears no feed, and is warned of that.
    logging.getLogger("coatcheck").setLevel(logging.ERROR)
    for name in options.parts or PARTS:
        measure, _ = PARTS[name]
        with Servers() as servers:
            page = measure(options, servers)
        print(page.markdown(run), flush=True)
        keep(name, page, run, options)


def keep(name: str, page: Page, run: Run, options: Options) -> None:
    """Write what was found where it was asked for."""
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.md").write_text(page.markdown(run))
    if options.json:
        options.json.mkdir(parents=True, exist_ok=True)
        (options.json / f"{name}.json").write_text(json.dumps(page.as_json(run), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
