"""A certificate of our own making: TLS makes the rules of `__Host-` cookies real."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificate:
    """Files for a server, and the context of a client that trusts them."""

    certfile: str
    keyfile: str
    trust: ssl.SSLContext


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate for this machine."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    certfile, keyfile = folder / "cert.pem", folder / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certfile)
    issued.private_key_pem.write_to_path(keyfile)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return Certificate(str(certfile), str(keyfile), trust)
