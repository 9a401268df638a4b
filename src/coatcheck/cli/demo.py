"""`coatcheck demo`: start the example application."""

from typing import Annotated

import typer

from coatcheck.cli.faults import require_demo
from coatcheck.cli.options import AccountsFile, Database, Json
from coatcheck.demo.options import DEFAULT_ACCOUNTS, DEFAULT_DATABASE, DemoOptions, Listening, Timing

USUAL = DemoOptions()
SERVER = "Server"
TIMING = "Lifetimes, in seconds (short ones are for watching)"


def _server(name: str, metavar: str, explanation: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=explanation, rich_help_panel=SERVER
    )
    return option


def _seconds(name: str, explanation: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, metavar="SECONDS", help=explanation, rich_help_panel=TIMING
    )
    return option


Port = Annotated[int, _server("--port", "PORT", "Port to listen on; 0 takes a free one.")]
TrustedProxies = Annotated[
    str,
    _server("--trusted-proxies", "ADDRESSES", "Proxies whose X-Forwarded headers count, comma-separated."),
]
Near = Annotated[
    bool,
    typer.Option(
        "--near/--no-near", help="Remember sessions in each server process.", rich_help_panel=SERVER
    ),
]
MovingFrom = Annotated[
    str | None,
    typer.Option(
        "--moving-from", metavar="URL", help="Where the sessions lived before, while `migrate` moves them."
    ),
]
Overlap = Annotated[float, _seconds("--overlap", "How long the previous token stays good.")]


def demo(  # noqa: PLR0913 - one parameter for each flag is how typer declares them
    *,
    database: Database = DEFAULT_DATABASE,
    moving_from: MovingFrom = None,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
    host: Annotated[str, _server("--host", "ADDRESS", "Address to listen on.")] = USUAL.listening.host,
    port: Port = USUAL.listening.port,
    workers: Annotated[int, _server("--workers", "NUMBER", "Server processes.")] = USUAL.listening.workers,
    near: Near = True,
    certfile: Annotated[str | None, _server("--certfile", "FILE", "TLS certificate chain, in PEM.")] = None,
    keyfile: Annotated[str | None, _server("--keyfile", "FILE", "Its private key, in PEM.")] = None,
    trusted_proxies: TrustedProxies = "",
    idle: Annotated[float, _seconds("--idle", "Idle timeout.")] = USUAL.timing.idle,
    absolute: Annotated[float, _seconds("--absolute", "Absolute timeout.")] = USUAL.timing.absolute,
    rotate: Annotated[float, _seconds("--rotate", "Rotation period of the token.")] = USUAL.timing.rotate,
    overlap: Overlap = USUAL.timing.overlap,
    tolerance: Annotated[float, _seconds("--tolerance", "Clock tolerance.")] = USUAL.timing.tolerance,
) -> None:
    """Start the example application, with two accounts whose passwords are printed once."""
    require_demo()
    from coatcheck.demo.serve import run

    run(
        DemoOptions(
            database=database,
            moving_from=moving_from,
            accounts=accounts,
            json=json,
            near=near,
            timing=Timing(idle=idle, absolute=absolute, rotate=rotate, overlap=overlap, tolerance=tolerance),
            listening=Listening(
                host=host,
                port=port,
                workers=workers,
                certfile=certfile,
                keyfile=keyfile,
                trusted_proxies=trusted_proxies,
            ),
        )
    )
