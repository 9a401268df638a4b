"""An application that is measured, and tells its users what happens to their accounts."""

from fastapi import FastAPI
from starlette.routing import Route

from coatcheck.adapters.fastapi import Policies, install
from coatcheck.watch.metrics import Metrics
from coatcheck.watch.metrics.prometheus import Prometheus
from coatcheck.watch.notices import NewDevice, Notice, Notices, PasswordReplaced, SessionsEnded
from coatcheck.web import RouteRules, public
from coatcheck.web.metrics import MetricsEndpoint


async def send(notice: Notice) -> None:
    match notice:
        case NewDevice(device=device):
            text = f"a new sign-in from {device.label}, at {device.ip}"
        case PasswordReplaced():
            text = "your password was changed"
        case SessionsEnded(sessions=count, reason=reason):
            text = f"{count} of your sessions ended: {reason}"
        case _:
            return
    print(f"mail to {notice.user_id}: {text}")  # yours to send


app = FastAPI()
prometheus = Prometheus()
endpoint = MetricsEndpoint(prometheus.exposition, loopback=True)  # or token=..., wherever there is a proxy
app.router.routes.append(Route("/metrics", endpoint))
install(
    app,
    "sqlite:///app.db",
    rules=RouteRules([public("/metrics", exact=True, passive=True)]),
    policies=Policies.development(observers=[Metrics(prometheus), Notices(send)]),
)
