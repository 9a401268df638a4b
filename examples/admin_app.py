"""An application with the dashboard, and its sign-in. Run it: uvicorn --app-dir examples admin_app:app"""

from html import escape
from string import Template

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from coatcheck.adapters.admin import mount_admin
from coatcheck.adapters.fastapi import CurrentSession, Policies, install
from coatcheck.watch.audit import Audit
from coatcheck.web import RouteRules, csrf

LOGIN = Template("""<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1><p>$told</p>
<form method="post" action="/auth/login">
  <input type="hidden" name="next" value="$next">
  <label>E-mail <input name="email" type="email" autocomplete="username" required></label>
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>""")
CONFIRM = Template("""<!doctype html><html lang="en"><title>Confirm</title><h1>It is you?</h1><p>$told</p>
<form method="post" action="/auth/reauthenticate">
  <input type="hidden" name="csrf_token" value="$token">
  <input type="hidden" name="next" value="$next">
  <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Confirm</button>
</form>""")
HOME = Template("""<!doctype html><html lang="en"><title>Home</title><h1>Hello, $name</h1>
<p><a href="/admin/">The dashboard</a></p>
<form method="post" action="/auth/logout">
  <input type="hidden" name="csrf_token" value="$token"><button>Sign out</button>
</form>""")

app = FastAPI()
rules = RouteRules(login_path="/login", reauthenticate_path="/confirm")
# For plain http on this machine; where there is https, only the observers. The ledger fills two of the pages.
policies = Policies.development(observers=[Audit()])
mount_admin(app, install(app, "sqlite:///app.db", rules=rules, policies=policies))


@app.get("/")
async def home(session: CurrentSession) -> HTMLResponse:
    name = session.identity.name if session.identity else ""
    return _page(HOME, session, name=name)


@app.get("/login")
async def login(session: CurrentSession, next: str = "/admin/", error: str = "") -> HTMLResponse:
    return _page(LOGIN, session, next=next, told="That did not work." if error else "")


@app.get("/confirm")
async def confirm(session: CurrentSession, next: str = "/admin/", error: str = "") -> HTMLResponse:
    return _page(CONFIRM, session, next=next, told="That did not work." if error else "")


def _page(template: Template, session: CurrentSession, **values: str) -> HTMLResponse:
    token = csrf.token(session.record) if session.record else ""
    shown = {name: escape(value) for name, value in values.items()}
    return HTMLResponse(template.substitute(shown, token=token))
