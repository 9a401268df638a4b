"""The table of route rules, of a real application."""

import sys
import textwrap

import pytest

SHOP = """
from fastapi import APIRouter, FastAPI
from coatcheck.adapters.fastapi import install
from coatcheck.web import RouteRules, protected, public

app = FastAPI(openapi_url=None)
staff = APIRouter(prefix="/staff")

@app.get("/")
def home(): ...

@staff.get("/orders/{id}")
def orders(id: int): ...

app.include_router(staff)
annex = FastAPI(openapi_url=None)
annex.add_api_route("/notes", home, methods=["POST"])
app.mount("/annex", annex)
rules = RouteRules([public("/", exact=True), protected("/staff", roles={"admin", "clerk"}, recent=300)])
install(app, "sqlite:///shop.db", rules=rules)
bare = FastAPI()
"""


@pytest.fixture
def shop(folder, monkeypatch):
    (folder / "shop.py").write_text(textwrap.dedent(SHOP), "utf-8")
    yield
    sys.modules.pop("shop", None)


@pytest.fixture
def document(coatcheck, shop):
    return coatcheck("routes", "shop:app", "--json").document


def test_the_rules_are_listed_with_what_they_ask_for(document):
    rules = {(rule["path"], rule["exact"]): rule for rule in document["rules"]}
    assert rules["/", False]["kind"] == "protected"
    assert rules["/", True]["kind"] == "public"
    assert rules["/login", False]["kind"] == "guests only"
    assert rules["/staff", False] == {
        "path": "/staff",
        "exact": False,
        "kind": "protected",
        "roles": ["admin", "clerk"],
        "recent": 300.0,
        "passive": False,
        "answer": "auto",
    }


def test_each_route_is_shown_with_the_rule_that_covers_it(document):
    covered = {(row["path"], *row["methods"]): row["rule"] for row in document["routes"]}
    assert covered["/", "GET"]["kind"] == "public"
    assert covered["/staff/orders/{id}", "GET"]["path"] == "/staff"
    assert covered["/annex/notes", "POST"]["path"] == "/"
    assert covered["/auth/session/touch", "POST"]["passive"] is True


def test_people_see_two_tables(coatcheck, shop):
    out = coatcheck("routes", "shop:app").out
    for part in (
        "/ and below",
        "/staff and below",
        "admin, clerk",
        "300 s",
        "guests only",
        "/staff/orders/{id}",
    ):
        assert part in out


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("shop", "names no application"),
        ("nowhere:app", "there is no module nowhere"),
        ("shop:nothing", "shop has no nothing"),
        ("shop:bare", "coatcheck is not installed on shop:bare"),
    ],
)
def test_what_is_no_application_is_one_line_and_status_2(coatcheck, shop, name, why):
    answer = coatcheck("routes", name)
    assert answer.status == 2
    assert why in answer.complaint
