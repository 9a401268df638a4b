"""Django, bare and with each of its session backends for a server: PostgreSQL, Redis, or both."""

import itertools
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path

from benchmarks.hosts.wsgi import WsgiHost
from benchmarks.servers import Servers
from benchmarks.variant import DATA, Site

_numbers = itertools.count(1)


def plain(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def read(request: HttpRequest) -> HttpResponse:
    session = getattr(request, "session", None)
    return HttpResponse("0" if session is None else str(session.get("seen", "nobody")))


def write(request: HttpRequest) -> HttpResponse:
    if hasattr(request, "session"):
        request.session["seen"] = next(_numbers)
    return HttpResponse("ok")


def login(request: HttpRequest) -> HttpResponse:
    request.session.update(DATA)
    return HttpResponse("ok")


urlpatterns = [path(view.__name__, view) for view in (plain, read, write, login)]


def build_bare(site: Site) -> WsgiHost:
    configure(site.servers)
    return WsgiHost(WSGIHandler())


def in_database(site: Site) -> WsgiHost:
    return _build(site, "db")


def in_cached_database(site: Site) -> WsgiHost:
    return _build(site, "cached_db")


def in_cache(site: Site) -> WsgiHost:
    return _build(site, "cache")


def configure(servers: Servers) -> None:
    """Settle once per process, as Django has it, which servers are meant."""
    if settings.configured:
        return
    settings.configure(
        ROOT_URLCONF=__name__,
        SECRET_KEY="a secret of no consequence",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.sessions"],
        SESSION_COOKIE_SECURE=True,
        DATABASES={"default": _database(servers)},
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": servers.redis.url,
            }
        },
    )
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def _database(servers: Servers) -> dict[str, Any]:
    url = urlsplit(servers.postgres.new_database())
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(url.hostname),
        "PORT": str(url.port),
        "USER": str(url.username),
        "PASSWORD": unquote(str(url.password)),
        "NAME": url.path.lstrip("/"),
        "CONN_MAX_AGE": None,  # a connection is kept, as anybody who measures would have it
    }


def _build(site: Site, backend: str) -> WsgiHost:
    configure(site.servers)
    with override_settings(
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        SESSION_ENGINE=f"django.contrib.sessions.backends.{backend}",
    ):
        return WsgiHost(WSGIHandler())
