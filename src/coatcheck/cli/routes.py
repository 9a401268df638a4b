"""`coatcheck routes`: the table of route rules, and which of them covers each route."""

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coatcheck.cli.options import Json
from coatcheck.cli.output import Document, print_json, print_line, print_table
from coatcheck.core.errors import ConfigurationError

if TYPE_CHECKING:
    from coatcheck.web import HttpApi, RouteRules, Rule


def routes(
    app: Annotated[
        str,
        typer.Argument(metavar="APP", help="The application, as module:attribute.", show_default=False),
    ],
    *,
    json: Json = False,
) -> None:
    """Print the route rules of an application, and the rule that covers each of its routes."""
    target = load(app)
    rules, api = installed(target, app)
    table = [_rule(rule) for rule in rules.table()]
    covered = [*_api_routes(api), *_routes(getattr(target, "routes", ()), rules)]
    if json:
        print_json({"rules": table, "routes": covered})
        return
    columns = ("path", "kind", "roles", "recent", "passive", "answer")
    print_table(columns, (list(row.values()) for row in map(_shown, table)), empty="no rules")
    print_line("")
    columns = ("route", "methods", "rule", "kind", "roles", "recent")
    print_table(columns, (_cells(row) for row in covered), empty="no routes")


def load(name: str) -> Any:
    """Import an application by `module:attribute`, seen from the working directory.

    Raises:
        ConfigurationError: There is no such thing.
    """
    module_name, separator, attribute = name.partition(":")
    if not (module_name and separator and attribute):
        raise ConfigurationError(
            f"{name!r} names no application", remedy="Write module:attribute, such as shop:app"
        )
    sys.path.insert(0, str(Path.cwd()))  # as a server that is started here sees it
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except ModuleNotFoundError as missing:
        if missing.name is None or not f"{module_name}.".startswith(f"{missing.name}."):
            raise
        raise ConfigurationError(
            f"there is no module {missing.name}", remedy="Run this where its folder is"
        ) from None
    except AttributeError:
        raise ConfigurationError(
            f"{module_name} has no {attribute}", remedy="Name the application's variable"
        ) from None
    finally:
        sys.path.pop(0)
    return found


def installed(app: Any, name: str) -> "tuple[RouteRules, HttpApi | None]":
    """Return the rules of an application and its HTTP API.

    Raises:
        ConfigurationError: Coatcheck is not installed on it.
    """
    from coatcheck.web import RouteRules

    handle = getattr(getattr(app, "state", None), "coatcheck", None)
    rules = getattr(handle, "rules", None)
    if not isinstance(rules, RouteRules):
        raise ConfigurationError(
            f"coatcheck is not installed on {name}", remedy="Call install(app, ...) first"
        )
    return rules, getattr(handle, "api", None)


def _routes(found: Iterable[Any], rules: "RouteRules") -> list[Document]:
    from coatcheck.web.marks import walk

    return [
        _covered(path, sorted(getattr(route, "methods", None) or ()), rules.find(path))
        for path, route in walk(found)
    ]


def _api_routes(api: "HttpApi | None") -> list[Document]:
    return [_covered(row.rule.path, [row.method], row.rule) for row in api.routes] if api else []


def _covered(path: str, methods: list[str], rule: "Rule") -> Document:
    return {"path": path, "methods": methods, "rule": _rule(rule)}


def _rule(rule: "Rule") -> Document:
    return {
        "path": rule.path,
        "exact": rule.exact,
        "kind": rule.kind.value,
        "roles": sorted(rule.roles),
        "recent": rule.recent,
        "passive": rule.passive,
        "answer": rule.answer,
    }


def _shown(rule: Document) -> Document:
    """Return a rule for people: one that covers what lies below its path says so."""
    below = "" if rule["exact"] else "/ and below" if rule["path"] == "/" else " and below"
    recent = None if rule["recent"] is None else f"{rule['recent']:g} s"
    shown = {key: value for key, value in rule.items() if key != "exact"}
    return shown | {"path": rule["path"].rstrip("/") + below or "/", "recent": recent}


def _cells(row: Document) -> list[object]:
    rule = _shown(row["rule"])
    return [row["path"], row["methods"], rule["path"], rule["kind"], rule["roles"], rule["recent"]]
