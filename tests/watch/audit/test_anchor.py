import pytest

from coatcheck.core.errors import ConfigurationError
from coatcheck.core.events import SinkFailed
from coatcheck.testing import RecordingObserver
from coatcheck.watch.audit import anchor
from coatcheck.watch.audit.verify import verify
from tests.watch.audit.support import notary

in_memory = pytest.mark.parametrize("url", ["memory"], indirect=True)


def test_lines_come_back_and_what_makes_no_sense_is_an_empty_body(tmp_path):
    path = tmp_path / "anchor"
    anchor.append(path, {"event": "audit.checkpoint", "at": 1.5, "chains": {}})
    anchor.append(path, {"event": "audit.checkpoint", "at": 2.5, "chains": {}})
    with path.open("ab") as file:
        file.write(b"\n[1]\n{cut")
    bodies = anchor.read(path)
    assert [body.get("at") for body in bodies] == [1.5, 2.5, None, None]


def test_a_file_that_is_no_anchor_is_no_accusation(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("# Coatcheck\n\nSessions.\n")
    with pytest.raises(ConfigurationError, match=r"README.md, line 1, is no checkpoint\. Name the file that"):
        anchor.read(path)


def test_an_anchor_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        anchor.read(tmp_path / "none")


@in_memory
async def test_a_line_that_is_no_checkpoint_is_told(store):
    findings = (await verify(store, anchors=[{}])).findings
    assert [str(finding) for finding in findings] == ["a line of an anchor is no checkpoint, or not signed"]


@in_memory
async def test_an_anchor_that_cannot_be_written_is_told_and_stops_nothing(app, tmp_path):
    seen = RecordingObserver()
    async with app.worker(checkpoint_every=None) as manager:
        manager._context.announcer.observers = (seen,)
        faulty = notary(manager, path=tmp_path / "no folder" / "anchor")
        assert await faulty.state(lambda _: {"event": "told", "at": 1.0}) is None
    assert [(event.sink, event.lost) for event in seen.events if isinstance(event, SinkFailed)] == [
        ("audit anchor", 1)
    ]
    assert [entry.name for entry in await app.entries()] == ["told"]
