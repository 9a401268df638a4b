"""All commands under one name, and what becomes of their faults: one line and an exit status."""

from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from coatcheck.cli import audit, demo, everyone, keys, migrate, routes, sessions, sweep, users
from coatcheck.cli.faults import explain
from coatcheck.cli.output import complain

app = typer.Typer(
    name="coatcheck",
    help="Server-side web sessions: start the demo, look after sessions and users.",
    add_completion=False,
    # A fault that nobody expected is a bug of ours: Python's own trace says most about it.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("routes")(routes.routes)
sessions.group.command("revoke-everyone")(everyone.revoke_everyone)
app.add_typer(sessions.group, name="sessions")
app.add_typer(users.group, name="users")
app.add_typer(keys.group, name="keys")
app.add_typer(audit.group, name="audit")
app.command("migrate")(migrate.migrate)
app.command("sweep")(sweep.sweep)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        status = app(args=arguments, prog_name="coatcheck", standalone_mode=False)
    except Exception as error:
        fault = explain(error)
        if fault is None:
            raise
        if fault.sentence:
            complain(fault.sentence)
        return fault.status
    return status if isinstance(status, int) else 0


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the flag's value
    if wanted:
        typer.echo(f"coatcheck {metadata.version('coatcheck')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Server-side web sessions: start the demo, look after sessions and users."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
