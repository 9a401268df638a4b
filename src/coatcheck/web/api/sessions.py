"""One's own session and sessions: peek, touch, list, end, sign out."""

from msgspec import UNSET

from coatcheck.core.reason import Reason
from coatcheck.web import csrf
from coatcheck.web.answer import Answer, json_answer, redirect
from coatcheck.web.api.bodies import TouchBody
from coatcheck.web.api.call import Call
from coatcheck.web.fields import is_secure
from coatcheck.web.guard import Refusal
from coatcheck.web.paths import from_root
from coatcheck.web.problem import of_refusal, problem
from coatcheck.web.rule import protected
from coatcheck.web.view import list_item
from coatcheck.web.wire import RevokedAnswer, SessionAnswer, SessionsAnswer

CLEAR_SITE_DATA = (b"clear-site-data", b'"cache", "storage"')  # "cookies" would reach sibling apps


async def peek(call: Call) -> Answer:
    """Show the session, or why there is none; never activity."""
    await call.exchange.close()
    record, reason = call.session.record, call.session.reason
    answer = SessionAnswer(
        session=call.view(),
        server_now=call.server_now(),
        csrf_token=UNSET if record is None else csrf.token(record),
        reason=UNSET if reason is None else reason,
        support_code=UNSET if reason is None else call.session.support_code or UNSET,
    )
    return json_answer(200, answer)


async def touch(call: Call) -> Answer:
    """Earn what real input has earned: now less `idle_for`, and never less than was earned before."""
    body = await call.body(TouchBody)
    if isinstance(body, Answer):
        return body
    await call.manager.touch(call.session, call.manager.now() - body.idle_for)
    return await call.show_session()


async def list_own(call: Call) -> Answer:
    """List one's own sessions; ids are no credentials."""
    session = call.session
    found = await call.manager.list(session.user_id or "")
    return json_answer(200, SessionsAnswer(sessions=[list_item(record, session.id) for record in found]))


async def end_one(call: Call) -> Answer:
    """End one of one's own sessions; the present one is signed out."""
    session, gate = call.session, call.exchange.gate
    if call.id == session.id:
        await call.manager.end(session)
        return _signed_out(call)
    recently = protected(call.policy.prefix, recent=call.policy.recent)
    if (refusal := gate.judge(recently, call.exchange.scope, session)) is not None:
        return of_refusal(refusal)
    if not await call.manager.revoke(call.id, user_id=session.user_id):
        return problem(404, "unknown_session")
    return Answer(204)


async def end_others(call: Call) -> Answer:
    """End all of one's own sessions but the present one."""
    session = call.session
    revoked = await call.manager.revoke_user(session.user_id or "", keep=session.id)
    return json_answer(200, RevokedAnswer(revoked=revoked))


async def logout(call: Call) -> Answer:
    """Sign out; safe to repeat.

    A token that was superseded meanwhile signs nobody out, and deletes nothing: the browser holds
    a newer one, with which it asks again.
    """
    if call.session.reason is Reason.SUPERSEDED:
        return of_refusal(Refusal(401, Reason.SUPERSEDED, call.session.support_code))
    await call.manager.end(call.session)
    return _signed_out(call)


def _signed_out(call: Call) -> Answer:
    scope, rules = call.exchange.scope, call.exchange.gate.rules
    entrance = f"{from_root(scope, rules.login_path)}?reason={Reason.LOGGED_OUT}"
    answer = redirect(entrance) if call.is_form else Answer(204)
    return answer.with_headers(CLEAR_SITE_DATA) if is_secure(scope) else answer
