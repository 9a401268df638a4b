import sys
import threading
import tracemalloc
from collections import OrderedDict

import msgspec
import pytest

from coatcheck.core.device import Device
from coatcheck.core.reason import Reason
from coatcheck.core.store import ABSENT
from coatcheck.stores.near.cache import Cache, Limits, size_of
from coatcheck.testing.contract import NOW, sample_record

RECORDS = [sample_record(seed, "u-1") for seed in range(8)]
ADA = RECORDS[0]


@pytest.fixture
def cache():
    return Cache(Limits(records=4, size=10**9, absent=4))


def remember(cache, *records):
    for record in records:
        cache.finish(record.id, cache.begin(record.id, NOW), record)


def test_what_was_read_is_remembered(cache):
    remember(cache, ADA)
    assert cache.look(ADA.id, NOW) is ADA
    assert cache.look(RECORDS[1].id, NOW) is None
    assert (cache.hits, cache.misses, cache.records) == (1, 1, 1)


@pytest.mark.parametrize("how", ["drop", "clear", "touch"])
def test_a_read_that_began_before_a_change_inserts_nothing(cache, how):
    load = cache.begin(ADA.id, NOW)
    match how:
        case "drop":
            cache.drop([ADA.id])
        case "clear":
            cache.clear()
        case "touch":
            cache.touch([(ADA.id, NOW + 60)])
    cache.finish(ADA.id, load, ADA)
    assert cache.look(ADA.id, NOW) is None


def test_of_two_reads_at_once_the_one_that_began_first_inserts_nothing(cache):
    newer = msgspec.structs.replace(ADA, rev=2)
    first, second = cache.begin(ADA.id, NOW), cache.begin(ADA.id, NOW)
    cache.finish(ADA.id, second, newer)
    cache.finish(ADA.id, first, ADA)
    assert cache.look(ADA.id, NOW) is newer


def test_a_read_that_fails_is_in_nobodys_way(cache):
    first, second = cache.begin(ADA.id, NOW), cache.begin(ADA.id, NOW)
    cache.abandon(ADA.id, first)
    cache.finish(ADA.id, second, ADA)
    assert cache.look(ADA.id, NOW) is ADA
    cache.abandon(RECORDS[1].id, cache.begin(RECORDS[1].id, NOW))
    assert not cache._loads


def test_what_changed_is_forgotten(cache):
    remember(cache, *RECORDS[:2])
    cache.drop([ADA.id, "unheard of"])
    assert cache.look(ADA.id, NOW) is None
    assert cache.look(RECORDS[1].id, NOW) is RECORDS[1]
    assert cache.invalidations == 1


def test_a_touch_moves_the_stamp_and_never_backwards(cache):
    remember(cache, ADA)
    cache.touch([(ADA.id, NOW + 60), (ADA.id, NOW + 30), (RECORDS[1].id, NOW + 60)])
    assert cache.look(ADA.id, NOW) == ADA.touched(NOW + 60)


def test_what_is_too_old_is_read_again_whatever_was_touched_meanwhile(cache):
    remember(cache, ADA)
    cache.finish("unknown", cache.begin("unknown", NOW), None)
    cache.touch([(ADA.id, NOW + 50)])
    assert cache.look(ADA.id, NOW + 60) == ADA.touched(NOW + 50)
    assert cache.look("unknown", NOW + 60) is ABSENT
    assert cache.look(ADA.id, NOW + 60.1) is None
    assert cache.look("unknown", NOW + 60.1) is None
    assert (cache.hits, cache.misses) == (2, 2)


def test_its_age_counts_from_the_beginning_of_the_read(cache):
    load = cache.begin(ADA.id, NOW)
    cache.finish(ADA.id, load, ADA)
    cache.finish(ADA.id, cache.begin(ADA.id, NOW + 61), ADA)
    assert cache.look(ADA.id, NOW + 121) is ADA
    assert (cache.records, cache.size) == (1, size_of(ADA))


def test_a_record_that_is_dropped_while_somebody_looks_was_there_when_they_began(cache):
    class Interrupted(OrderedDict):
        def get(self, id):
            found = super().get(id)
            self.clear()
            return found

    cache._records = Interrupted({ADA.id: (ADA, NOW)})
    assert cache.look(ADA.id, NOW) is ADA
    assert cache.look(ADA.id, NOW) is None


def test_an_ended_session_is_not_remembered(cache):
    remember(cache, ADA)
    cache.finish(ADA.id, cache.begin(ADA.id, NOW), ADA.entomb(Reason.REVOKED, NOW))
    assert cache.look(ADA.id, NOW) is None
    assert (cache.records, cache.size) == (0, 0)


def test_an_unknown_id_is_remembered_until_it_is_created(cache):
    cache.finish(ADA.id, cache.begin(ADA.id, NOW), None)
    assert cache.look(ADA.id, NOW) is ABSENT
    cache.drop([ADA.id])
    assert cache.look(ADA.id, NOW) is None
    assert cache.invalidations == 0


def test_the_record_used_longest_ago_goes_first(cache):
    remember(cache, *RECORDS[:4])
    cache.look(ADA.id, NOW)
    remember(cache, RECORDS[4])
    assert cache.look(ADA.id, NOW) is ADA
    assert cache.look(RECORDS[1].id, NOW) is None
    assert cache.records == 4


def test_large_records_make_room_for_themselves():
    large = msgspec.structs.replace(ADA, data=b'{"a":"%b"}' % (b"x" * 60_000))
    cache = Cache(Limits(records=100, size=3 * size_of(large)))
    remember(cache, *(msgspec.structs.replace(large, id=record.id) for record in RECORDS))
    assert cache.records == 3
    assert cache.size == 3 * size_of(large)
    remember(cache, RECORDS[7])
    assert cache.size == 2 * size_of(large) + size_of(RECORDS[7])
    cache.clear()
    assert cache.size == 0


def test_a_flood_of_unknown_ids_pushes_no_record_out(cache):
    remember(cache, *RECORDS[:4])
    for number in range(1_000):
        cache.finish(str(number), cache.begin(str(number), NOW), None)
    assert (cache.records, cache.absent) == (4, 4)


def test_a_lapse_forgets_everything_and_is_counted(cache):
    remember(cache, ADA)
    cache.finish("unknown", cache.begin("unknown", NOW), None)
    cache.lapse()
    assert (cache.records, cache.absent, cache.lapses) == (0, 0, 1)


def test_the_estimated_size_is_no_less_than_what_records_take():
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
    encoded = [
        msgspec.msgpack.encode(
            sample_record(
                seed,
                f"user-{seed}",
                data=b'{"cart":"%b"}' % (b"x" * 200),
                device=Device(ip="192.0.2.7", user_agent=agent, label="Chrome on Windows"),
            )
        )
        for seed in range(500)
    ]
    cache = Cache(Limits())
    tracemalloc.start()
    for packed in encoded:
        remember(cache, msgspec.msgpack.decode(packed, type=type(ADA)))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken <= cache.size <= 2 * taken


def test_threads_never_see_what_was_dropped_before_they_looked():
    """Writers drop what they change; a reader who looks later finds nothing older, whatever loads do."""
    cache, stored, failures, done = Cache(Limits()), {"rev": 1}, [], threading.Event()

    def change():
        for rev in range(2, 3_000):
            stored["rev"] = rev
            cache.drop([ADA.id])
            found = cache.look(ADA.id, NOW)
            if found is not None and found.rev < rev:
                failures.append((rev, found.rev))
        done.set()

    def load():
        while not done.is_set():
            begun = cache.begin(ADA.id, NOW)
            cache.finish(ADA.id, begun, msgspec.structs.replace(ADA, rev=stored["rev"]))
            cache.touch([(ADA.id, NOW + 1)])
            cache.look(ADA.id, NOW)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=work) for work in (change, load, load)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(interval)
    assert not failures
    assert cache.size == sum(size_of(record) for record, _ in cache._records.values())
