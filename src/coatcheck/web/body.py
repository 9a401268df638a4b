"""Request bodies, bounded: looking into one without using it up, and reading one to its end."""

from collections import deque

from coatcheck.web.answer import Message, Receive
from coatcheck.web.fields import Fields

MAX_BODY = 64 * 1024


async def peek(receive: Receive) -> tuple[bytes, Receive]:
    """Return the start of a body, 64 KiB at least if it is that long, and a `receive` that replays it."""
    messages: deque[Message] = deque()
    start = bytearray()
    more = True
    while more and len(start) < MAX_BODY:
        message = await receive()
        messages.append(message)
        start += message.get("body", b"")
        more = message.get("more_body", False)

    async def replay() -> Message:
        return messages.popleft() if messages else await receive()

    return bytes(start[:MAX_BODY]), replay


async def read(receive: Receive, fields: Fields) -> bytes | None:
    """Return the whole body, or None if it is longer than 64 KiB."""
    declared = fields.get(b"content-length", b"")
    if declared.isdigit() and (len(declared) > len(str(MAX_BODY)) or int(declared) > MAX_BODY):
        return None
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        more = message.get("more_body", False)
    return bytes(body)
