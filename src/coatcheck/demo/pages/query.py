"""What a page is asked to say, by the query that a redirect of the library leads to."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a page. Every value may come from anybody, so none is shown as it is.

    Attributes:
        next: Where to go afterwards.
        reason: Why there is no session.
        support_code: Leads whoever helps to the session that is over.
        error: Why an act was refused.
        retry_after: Seconds until the act may be repeated.
        done: Which act succeeded.
    """

    next: str | None = None
    reason: str | None = None
    support_code: str | None = None
    error: str | None = None
    retry_after: str | None = None
    done: str | None = None


Asked = Annotated[Query, Depends()]
