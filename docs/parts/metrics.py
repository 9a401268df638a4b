"""Every instrument of the metrics, from their own table."""

from coatcheck.watch.metrics.instruments import INSTRUMENTS, REASONS, Instrument
from docs.parts.docstrings import table

FEW = 6  # values of a label that are worth naming one by one


def instruments(_: str = "") -> str:
    """Return all instruments, with the names that Prometheus and OpenTelemetry know them by."""
    rows = [
        (f"`{_exposed(made)}`", f"`{made.name}`", made.kind, _label(made), f"{made.help}.")
        for made in INSTRUMENTS
    ]
    return table(("Prometheus", "OpenTelemetry", "kind", "label", "meaning"), rows)


def _exposed(made: Instrument) -> str:
    return made.prometheus_name + ("_total" if made.kind == "counter" else "")


def _label(made: Instrument) -> str:
    if not made.label:
        return ""
    if set(REASONS) <= set(made.values):
        return f"`{made.label}`: any [reason](errors.md#reasons)"
    shown = ", ".join(f"`{value}`" for value in made.values[:FEW])
    return f"`{made.label}`: {shown}{f' and {len(made.values) - FEW} more' if len(made.values) > FEW else ''}"
