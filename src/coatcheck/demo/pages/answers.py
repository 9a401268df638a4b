"""How a form is answered: by sending the browser on to a page."""

from starlette.responses import RedirectResponse


def see(path: str) -> RedirectResponse:
    """Send the browser on with a GET, so that a reload repeats nothing (303)."""
    return RedirectResponse(path, status_code=303)
