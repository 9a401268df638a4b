"""The first page: how many are here, what happened within the hour or the day, who came last."""

import msgspec
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from coatcheck.admin.desk import Desk
from coatcheck.admin.figures import plotted
from coatcheck.admin.health import examine
from coatcheck.admin.minutes import COUNTED, HOUR_MINUTES, Series
from coatcheck.admin.pages.alarms import latest
from coatcheck.admin.rendering import render

DAY_MINUTES = 24 * HOUR_MINUTES
ROWS = 12  # of the table that says what the chart shows
ALARMS_SHOWN = 4


async def overview(desk: Desk, request: Request) -> Response:
    """Show the figures."""
    is_day = request.query_params.get("range") == "day"
    figures = await desk.board.figures()
    series = figures.hour
    if is_day:
        series = (await desk.board.pulse.read(desk.manager.now(), DAY_MINUTES)).with_alive(figures.alive)
    return render(
        desk,
        request,
        "overview.html",
        figures=figures,
        is_day=is_day,
        totals={name: series.total(name) for name in COUNTED},
        data=_as_json(series),
        table=_table(series),
        alarms=await latest(desk, ALARMS_SHOWN),
        health=await examine(desk.manager),
    )


def _as_json(series: Series) -> Markup:
    """Return the series for a script to read, which stands inside the page."""
    return Markup(msgspec.json.encode(plotted(series)).decode())  # noqa: S704 - numbers, and names of ours


def _table(series: Series) -> list[tuple[int, int | None, list[int]]]:
    """Return the same in few rows: start, live sessions at the end, and the counts."""
    size = len(series.cells) // ROWS
    rows = []
    for start in range(0, len(series.cells), size):
        part = Series(series.moments()[start], series.cells[start : start + size])
        alive = [number for number in part.alive() if number is not None]
        rows.append((int(part.since), alive[-1] if alive else None, [part.total(name) for name in COUNTED]))
    return rows[::-1]
