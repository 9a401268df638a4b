"""The search for tokens finds what it looks for."""

import logging

from coatcheck.core.token import mint
from coatcheck.testing import SeededEntropy
from tests import leaks


def test_a_token_in_the_midst_of_other_bytes_is_found(tmp_path):
    token = mint(SeededEntropy("leak"))
    text = token.text.encode()
    assert leaks.found_in(b"\x00id=A" + text + b"Z\n") == {text}
    assert not leaks.found_in(b"-no-token-" * 20)
    path = tmp_path / "store.db"
    path.write_bytes(b"\x07" + text)
    assert leaks.search([path, tmp_path]) == {str(path): {text}}
    path.write_bytes(token.digest)
    assert not leaks.search([path])


def test_a_token_in_a_log_is_found():
    text = mint(SeededEntropy("logged")).text
    logging.getLogger("coatcheck").warning("%s", text)
    assert leaks.found_in("\n".join(leaks._heard.lines).encode()) == {text.encode()}
    leaks._heard.lines.clear()
