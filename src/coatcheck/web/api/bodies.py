"""What the API accepts in a body: exactly these fields, as JSON or as a URL-encoded form."""

from typing import Annotated, TypeVar
from urllib.parse import parse_qsl

import msgspec

from coatcheck.web import body, csrf
from coatcheck.web.answer import JSON, Answer, Receive
from coatcheck.web.fields import Fields
from coatcheck.web.problem import problem

MAX_FIELDS = 32
_CHECKED = frozenset({"on", "true", "1"})  # what a ticked box sends


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body. Its `repr` shows nothing, for there are passwords in most."""

    next: str | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class LoginBody(Body, frozen=True, kw_only=True):
    """Who signs in."""

    email: str
    password: str
    remember: bool = False


class RegisterBody(LoginBody, frozen=True, kw_only=True):
    """Who wants an account."""

    name: str = ""


class ReauthenticateBody(Body, frozen=True, kw_only=True):
    """The password once more."""

    password: str


class PasswordBody(Body, frozen=True, kw_only=True):
    """The old password and the new one."""

    current_password: str
    new_password: str


class AudienceBody(Body, frozen=True, kw_only=True):
    """Which service an access token is for."""

    audience: str | None = None


class RefreshBody(AudienceBody, frozen=True, kw_only=True):
    """What to exchange."""

    refresh_token: str


class TokenBody(Body, frozen=True, kw_only=True):
    """A token to take back or to look into (RFC 7009 2.1, RFC 7662 2.1); the hint is not needed."""

    token: str
    token_type_hint: str = ""


class TouchBody(Body, frozen=True, kw_only=True):
    """Seconds since the last real input."""

    idle_for: Annotated[float, msgspec.Meta(ge=0)] = 0.0


BodyT = TypeVar("BodyT", bound=Body)


async def receive_body(receive: Receive, fields: Fields, kind: type[BodyT]) -> BodyT | Answer:
    """Return the body, or the problem with it. Nothing at all counts as no fields."""
    content = await body.read(receive, fields)
    if content is None:
        return problem(413, "body_too_large")
    try:
        if csrf.is_form(fields):
            return msgspec.convert(_form(content, kind), kind, strict=False)
        if content and csrf.media_type(fields) != JSON:
            return problem(415, "unsupported_media_type")
        return msgspec.json.decode(content or b"{}", type=kind)
    except msgspec.ValidationError:
        return problem(422, "invalid_body")
    except (ValueError, RecursionError):
        return problem(400, "malformed_body")


def _form(content: bytes, kind: type[Body]) -> dict[str, str | bool]:
    """Read a form; fields that are not ours, such as a button's name, are left out.

    Raises:
        ValueError: It is no form, or names a field twice.
    """
    pairs = parse_qsl(
        content.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
    )
    form: dict[str, str | bool] = dict(pairs)
    if len(form) != len(pairs):
        raise ValueError("a field came twice")
    if "remember" in form:
        form["remember"] = form["remember"] in _CHECKED
    return {name: value for name, value in form.items() if name in kind.__struct_fields__}
