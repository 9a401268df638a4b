"""Work beside the requests: there for as long as the context lasts, and gone after it."""

import asyncio

import pytest

from coatcheck.manager.beside import beside


async def go_on(told: list[str]) -> None:
    told.append("begun")
    try:
        await asyncio.Event().wait()
    finally:
        told.append("over")


async def test_it_is_over_when_the_context_is() -> None:
    told: list[str] = []
    async with beside(go_on(told)):
        await asyncio.sleep(0)
        assert told == ["begun"]
    assert told == ["begun", "over"]


async def fail_beside(told: list[str]) -> None:
    async with beside(go_on(told)):
        await asyncio.sleep(0)
        raise LookupError


async def test_it_is_over_too_where_the_context_fails() -> None:
    told: list[str] = []
    with pytest.raises(LookupError):
        await fail_beside(told)
    assert told == ["begun", "over"]
