"""Flask, bare and with Flask-Session on Redis."""

import itertools
from typing import Any

from flask import Flask, session
from flask_session import Session
from redis import Redis

from benchmarks.hosts.wsgi import WsgiHost
from benchmarks.variant import DATA, Site

_numbers = itertools.count(1)


def plain() -> str:
    return "ok"


def constant() -> str:
    return "0"


def read() -> str:
    return str(session.get("seen", "nobody"))


def write() -> str:
    session["seen"] = next(_numbers)
    return "ok"


def login() -> str:
    session.update(DATA)
    return "ok"


def build_bare(_site: Site) -> WsgiHost:
    return WsgiHost(_app(constant, plain))


def build(site: Site) -> WsgiHost:
    app = _app(read, write)
    client = site.resources.enter_context(Redis.from_url(site.servers.redis.url))
    app.config.update(SESSION_TYPE="redis", SESSION_REDIS=client, SESSION_COOKIE_SECURE=True)
    Session(app)
    app.add_url_rule("/login", view_func=login)
    return WsgiHost(app)


def _app(read: Any, write: Any) -> Flask:
    app = Flask(__name__)
    for path, view in {"plain": plain, "read": read, "write": write}.items():
        app.add_url_rule(f"/{path}", path, view)
    return app
