"""Options that several commands share, and the two variables of the environment they fall back on."""

from typing import Annotated

import typer

Database = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="COATCHECK_DATABASE",
        help="Where the sessions live, such as sqlite:///app.db.",
    ),
]
AccountsFile = Annotated[
    str,
    typer.Option(
        "--accounts",
        metavar="FILE",
        envvar="COATCHECK_ACCOUNTS",
        help="SQLite file of the accounts; not used if the database speaks SQL, for then they live there.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Limit = Annotated[
    int, typer.Option("--limit", metavar="NUMBER", min=1, max=1000, help="At most so many on this page.")
]
