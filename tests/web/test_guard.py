import msgspec
import pytest

from coatcheck import ConfigurationError, Reason
from coatcheck.web import RouteRules, guests_only, protected, public
from coatcheck.web.guard import Refusal, judge
from coatcheck.web.rule import Kind
from coatcheck.web.rule_tree import RuleTree
from tests.web.support import ADA

RULES = RouteRules(
    [
        public("/", exact=True),
        public("/static"),
        protected("/admin", roles={"admin"}),
        public("/admin/help"),
        public("/{lang}/{page}", exact=True),
        protected("/docs/{id}/edit", recent=60),
        public("/docs/{id}", exact=True),
        guests_only("/register"),
    ]
)


@pytest.mark.parametrize(
    ("path", "covered_by"),
    [
        ("/", "/"),
        ("/static", "/static"),
        ("/static/", "/static"),
        ("/static/a/b", "/static"),
        ("/staticx", "/"),
        ("/static.", "/"),
        ("/Static", "/"),
        ("/admin", "/admin"),
        ("/admin/x", "/admin"),
        ("/admin/x/y", "/admin"),
        ("/admin/help/me", "/admin/help"),
        ("/adminx", "/"),
        ("/en/about", "/{lang}/{page}"),
        ("/en/about/", "/{lang}/{page}"),
        ("/en/about/x", "/"),
        ("/docs/1", "/docs/{id}"),
        ("/docs/1/edit/now", "/docs/{id}/edit"),
        ("/login", "/login"),
        ("/login/x", "/login"),
        ("/loginx", "/"),
        ("/" + "x/" * 200, "/"),
    ],
)
def test_the_most_specific_rule_covers_a_path_by_whole_segments(path, covered_by):
    rule = RULES.find(path)
    assert rule.path == covered_by
    assert RULES.find(path) is rule


def test_everything_is_protected_unless_a_rule_says_otherwise():
    assert RouteRules().find("/anything").kind is Kind.PROTECTED
    assert RULES.find("/x").kind is Kind.PROTECTED  # "/" alone is public, not what lies below it
    assert RULES.find("/").kind is Kind.PUBLIC


def test_a_literal_segment_shields_what_lies_below_it():
    rules = RouteRules([public("/{a}/{b}", exact=True), protected("/dashboard")])
    assert rules.find("/dashboard/x").kind is Kind.PROTECTED
    assert rules.find("/other/x").kind is Kind.PUBLIC


def test_adding_a_rule_makes_new_rules():
    more = RULES.with_rules(public("/docs/{id}/print", exact=True))
    assert more.find("/docs/7/print").kind is Kind.PUBLIC
    assert more.find("/docs/7/print/x").kind is Kind.PROTECTED
    assert RULES.find("/docs/7/print").kind is Kind.PROTECTED
    assert more.login_path == RULES.login_path


def test_rules_that_cover_nothing_at_all_are_refused():
    with pytest.raises(ConfigurationError):
        RuleTree([], [public("/", exact=True)])


def test_the_table_shows_every_rule_in_effect_sorted():
    paths = [rule.path for rule in RULES.table()]
    assert paths == sorted(paths, key=lambda path: [s for s in path.split("/") if s])
    assert set(paths) == {rule.path for rule in RULES.rules} | {"/", "/login"}
    assert len(paths) == len(RULES.rules) + 2


def test_a_rule_of_the_app_replaces_a_built_in_one():
    assert RouteRules([public("/login")]).find("/login").kind is Kind.PUBLIC
    assert RouteRules([public("/")]).find("/x").kind is Kind.PUBLIC


NOW = 1000.0
FRESH = msgspec.structs.replace(ADA, auth_time=NOW - 60)
STALE = msgspec.structs.replace(ADA, auth_time=NOW - 60.1)
FUTURE = msgspec.structs.replace(ADA, auth_time=NOW + 5)


@pytest.mark.parametrize(
    ("rule", "identity", "reason", "expected"),
    [
        (public("/x"), None, None, None),
        (guests_only("/x"), ADA, None, None),
        (protected("/x"), None, None, Refusal(401, Reason.NO_SESSION)),
        (protected("/x"), None, Reason.IDLE_TIMEOUT, Refusal(401, Reason.IDLE_TIMEOUT)),
        (protected("/x"), ADA, None, None),
        (protected("/x", roles={"admin", "user"}), ADA, None, None),
        (protected("/x", roles={"admin"}), ADA, None, Refusal(403, Reason.ROLE_REQUIRED)),
        (protected("/x", recent=60), FRESH, None, None),
        (protected("/x", recent=60), FUTURE, None, None),
        (protected("/x", recent=60), STALE, None, Refusal(403, Reason.REAUTHENTICATION_REQUIRED)),
        (protected("/x", roles={"admin"}, recent=60), STALE, None, Refusal(403, Reason.ROLE_REQUIRED)),
    ],
)
def test_who_may_pass(rule, identity, reason, expected):
    assert judge(rule, identity, reason, NOW) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: public("x"),
        lambda: public("//x"),
        lambda: public("/a/../b"),
        lambda: public("/a;b"),
        lambda: public("/x", answer="xml"),
        lambda: protected("/x", recent=0),
        lambda: protected("/x", roles="admin"),
        lambda: RouteRules([public("/x"), protected("/x")]),
        lambda: RouteRules([public("/x"), protected("/x/")]),
        lambda: RouteRules(login_path="//evil"),
        lambda: RouteRules(home_path="https://evil"),
        lambda: RouteRules(reauthenticate_path="x"),
    ],
)
def test_rules_that_could_never_do_what_they_say_are_refused(make):
    with pytest.raises(ConfigurationError):
        make()


def test_the_same_rule_twice_is_one_rule():
    assert len(RouteRules([public("/x"), public("/x")]).table()) == 3
