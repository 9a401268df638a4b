import pickle

from coatcheck.testing.contract import Poison


def test_who_loads_the_poison_is_found_out(tmp_path):
    poison = Poison(tmp_path / "poisoned")
    for protocol in (0, pickle.HIGHEST_PROTOCOL):
        assert not poison.flag.exists()
        pickle.loads(pickle.dumps(poison, protocol))  # noqa: S301 - this is what no store may do
        assert poison.flag.exists()
        poison.flag.rmdir()
