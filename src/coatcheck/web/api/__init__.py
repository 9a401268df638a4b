"""The HTTP API of protocol.md section 5: sign-in, sign-out and one's own sessions."""

from coatcheck.web.api.call import ApiPolicy
from coatcheck.web.api.http_api import HttpApi

__all__ = ["ApiPolicy", "HttpApi"]
