"""`coatcheck demo`: start the example application."""

import importlib
from typing import Annotated

import typer

from coatcheck.cli.options import DEFAULT_ACCOUNTS, DEFAULT_DATABASE, AccountsFile, Database, Json
from coatcheck.core.lifetimes import Lifetimes

USUAL = Lifetimes()
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


TrustedProxies = Annotated[
    str,
    _server("--trusted-proxies", "ADDRESSES", "Proxies whose X-Forwarded headers count, comma-separated."),
]
Overlap = Annotated[float, _seconds("--overlap", "How long the previous token stays good.")]


def demo(  # noqa: PLR0913 - one parameter for each flag is how typer declares them
    *,
    database: Database = DEFAULT_DATABASE,
    accounts: AccountsFile = DEFAULT_ACCOUNTS,
    json: Json = False,
    host: Annotated[str, _server("--host", "ADDRESS", "Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, _server("--port", "PORT", "Port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, _server("--workers", "NUMBER", "Server processes.")] = 1,
    certfile: Annotated[str | None, _server("--certfile", "FILE", "TLS certificate chain, in PEM.")] = None,
    keyfile: Annotated[str | None, _server("--keyfile", "FILE", "Its private key, in PEM.")] = None,
    trusted_proxies: TrustedProxies = "",
    idle: Annotated[float, _seconds("--idle", "Idle timeout.")] = USUAL.idle,
    absolute: Annotated[float, _seconds("--absolute", "Absolute timeout.")] = USUAL.absolute,
    rotate: Annotated[float, _seconds("--rotate", "Rotation period of the token.")] = USUAL.rotation.period,
    overlap: Overlap = USUAL.rotation.overlap,
    tolerance: Annotated[float, _seconds("--tolerance", "Clock tolerance.")] = USUAL.rotation.tolerance,
) -> None:
    """Start the example application, with two accounts whose passwords are printed once."""
    # By its name, at run time: the demo stands on the floor above.
    room = importlib.import_module("coatcheck.demo")
    room.run(
        room.DemoOptions(
            database=database,
            accounts=accounts,
            json=json,
            timing=room.Timing(
                idle=idle, absolute=absolute, rotate=rotate, overlap=overlap, tolerance=tolerance
            ),
            listening=room.Listening(
                host=host,
                port=port,
                workers=workers,
                certfile=certfile,
                keyfile=keyfile,
                trusted_proxies=trusted_proxies,
            ),
        )
    )
