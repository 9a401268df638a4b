from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coatcheck.web.paths import is_odd, raw_path, route_path, safe_target

ORIGIN = "https://app.test"
EVIL = [
    "//evil",
    "/\\evil",
    "///evil",
    "/%09/evil",
    "/\t/evil",
    "\t//evil",
    "/\n/evil",
    "https:evil",
    "https:/evil",
    "http:///evil",
    "https://evil",
    "javascript:alert(1)",
    "@evil",
    "user@evil",
    "https://app.test@evil",
    "\\\\evil",
    "\\/evil",
    "/\u2215/evil/..",
    "\uff0f\uff0fevil",
    "/\uff0fevil",
    "/%EF%BC%8Fevil",
    "/%2fevil",
    "/%2f%2fevil",
    "/%252fevil",
    "/%25252fevil",
    "/%2525252525252561",
    "/%5cevil",
    "/%255cevil",
    "/%0d%0aSet-Cookie:x=1",
    "/a%00b",
    "/..//evil",
    "/.//evil",
    "/a/../../b",
    "/%2e%2e/x",
    "/a b",
    "",
    " /a",
    "a",
    "?x",
    "#x",
    "/a\\b",
    "/" + "a" * 3000,
    "/\r\nLocation: https://evil",
    "/%E2%80%AE//evil",
    "data:text/html,x",
    None,
]
FINE = [
    "/",
    "/dashboard",
    "/a/b/?q=1&r=//x",
    "/a?next=https://x",
    "/caf%C3%A9",
    "/a%20b",
    "/a.b/c..d",
    "/@evil",
    "/a#b",
]


@pytest.mark.parametrize("target", EVIL)
def test_a_target_that_could_leave_the_origin_becomes_the_home_page(target):
    assert safe_target(target) == "/"
    assert safe_target(target, "/home") == "/home"


@pytest.mark.parametrize("target", FINE)
def test_a_path_of_our_own_is_kept(target):
    assert safe_target(target) == target


@given(st.text(alphabet="/\\%25fcF.:@?#;\t\nevil2", max_size=24).map(lambda tail: "/" + tail))
def test_whatever_is_kept_stays_on_our_origin_however_often_it_is_decoded(target):
    kept = safe_target(target)
    path = kept.partition("?")[0].partition("#")[0]
    for _ in range(4):
        assert urlsplit(urljoin(ORIGIN, path.replace("\\", "/"))).netloc == "app.test"
        assert not path.startswith(("//", "/\\"))
        path = unquote(path)


def scope(raw, **more):
    return {"path": unquote(raw), "raw_path": raw.encode("latin-1"), **more}


@pytest.mark.parametrize(
    "raw",
    [
        "//dashboard",
        "/dashboard//",
        "/./dashboard",
        "/x/../dashboard",
        "/dashboard/..",
        "/dashboard%2f..",
        "/a%2Fb",
        "/%2e%2e/dashboard",
        "/a%5cb",
        "/a\\b",
        "/dashboard;x=1",
        "/a%3bb",
        "/a%252fb",
        "/a%00",
        "/a%0a",
        "*",
        "",
    ],
)
def test_paths_that_two_programs_could_read_differently_are_odd(raw):
    assert is_odd(scope(raw))


@pytest.mark.parametrize(
    "raw", ["/", "/dashboard", "/dashboard.", "/a..b/.well-known", "/caf%C3%A9", "/a%20b"]
)
def test_ordinary_paths_are_not_odd(raw):
    assert not is_odd(scope(raw))
    assert not is_odd({"path": unquote(raw)})


def test_a_dot_segment_hidden_in_the_raw_path_alone_is_odd():
    assert is_odd({"path": "/dashboard", "raw_path": b"/x/../dashboard"})


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [("/a/b", "", "/a/b"), ("/m/b", "/m", "/b"), ("/m", "/m", "/"), ("/mb", "/m", "/mb"), ("/b", "/m", "/b")],
)
def test_the_router_s_path_leaves_out_the_mount_point(path, root, expected):
    assert route_path({"path": path, "root_path": root}) == expected


def test_the_raw_path_is_made_where_a_server_gives_none():
    assert raw_path({"path": "/é x"}) == quote("/é x")
    assert raw_path({"path": "/a", "raw_path": b"/a?b"}) == "/a"
