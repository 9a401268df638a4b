"""What uvicorn serves when it is under load: the bare application, or the same behind a session layer."""

import os
from typing import Any

from benchmarks.apps import bare, coat, signed
from coatcheck import SessionManager
from coatcheck.stores import open_store

URL = "COATCHECK_BENCHMARK_URL"  # of the store, in the environment of a worker


def without_sessions() -> Any:
    return bare.starlette()


def with_a_signed_cookie() -> Any:
    return signed.application()


def with_coatcheck() -> Any:
    manager: SessionManager[Any] = SessionManager(open_store(os.environ[URL], near=True))
    return coat.application(manager)
