"""The pages of the demo, one file per place."""

from coatcheck.demo.pages import dashboard, entrance, health, profile, settings

ROUTERS = (entrance.router, dashboard.router, profile.router, settings.router, health.router)
