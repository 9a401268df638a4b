"""Writes a tiny database in MaxMind's format: a binary tree over addresses, and the data at its leaves.

The format: https://maxmind.github.io/MaxMind-DB/. Records of 24 bits; IPv4 lies at ::/96 of the IPv6 tree.
"""

import struct
from collections.abc import Mapping
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
SEPARATOR = bytes(16)
MAP, TEXT, DOUBLE, UINT16, UINT32, UINT64, ARRAY = 7, 2, 3, 5, 6, 9, 11
EMPTY = None  # a record that leads nowhere

Node = list[Any]


def write(path: Path, places: Mapping[str, Mapping[str, Any]], kind: str = "City") -> Path:
    """Write a database that says of each network what is given."""
    root: Node = [EMPTY, EMPTY]
    data, offsets = b"", {}
    for place, facts in places.items():
        offsets[place] = len(data)
        data += _encode(facts)
        _insert(root, place, offsets[place])
    nodes = _numbered(root)
    tree = b"".join(_record(nodes, node[0]) + _record(nodes, node[1]) for node in nodes.values())
    path.write_bytes(tree + SEPARATOR + data + MARKER + _encode(_metadata(len(nodes), kind)))
    return path


def place(country: str, latitude: float, longitude: float, radius: int = 10) -> dict[str, Any]:
    """Return what a City database says of a network."""
    location = {"latitude": latitude, "longitude": longitude, "accuracy_radius": radius}
    return {"country": {"iso_code": country}, "location": location}


def _insert(root: Node, place: str, offset: int) -> None:
    network = ip_network(place)
    v4 = isinstance(network, IPv4Network)
    bits = f"{int(network.network_address):0{128}b}"
    length = network.prefixlen + (96 if v4 else 0)
    node = root
    for bit in bits[: length - 1]:
        if node[int(bit)] is EMPTY:
            node[int(bit)] = [EMPTY, EMPTY]
        node = node[int(bit)]
    node[int(bits[length - 1])] = offset


def _numbered(root: Node) -> dict[int, Node]:
    """Return the nodes in the order of their numbers, by identity."""
    nodes, waiting = {}, [root]
    while waiting:
        node = waiting.pop()
        nodes[id(node)] = node
        waiting += [side for side in node if isinstance(side, list)]
    return nodes


def _record(nodes: dict[int, Node], side: Any) -> bytes:
    count, order = len(nodes), list(nodes)
    if side is EMPTY:
        number = count
    elif isinstance(side, list):
        number = order.index(id(side))
    else:
        number = count + len(SEPARATOR) + side
    return number.to_bytes(3, "big")


def _metadata(nodes: int, kind: str) -> dict[str, Any]:
    return {
        "node_count": (UINT32, nodes),
        "record_size": 24,
        "ip_version": 6,
        "database_type": f"Test-{kind}",
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": (UINT64, 1_700_000_000),
        "description": {"en": "A few places"},
    }


def _encode(value: Any) -> bytes:
    match value:
        case str():
            raw = value.encode()
            return _control(TEXT, len(raw)) + raw
        case float():
            return _control(DOUBLE, 8) + struct.pack(">d", value)
        case int():
            return _encode((UINT16, value))
        case (kind, number):  # readers insist on the type of some numbers
            raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
            return _control(kind, len(raw)) + raw
        case list():
            return _control(ARRAY, len(value)) + b"".join(map(_encode, value))
        case _:
            pairs = b"".join(_encode(name) + _encode(item) for name, item in value.items())
            return _control(MAP, len(value)) + pairs


def _control(kind: int, size: int) -> bytes:
    first = min(29, size)
    more = b"" if size < 29 else bytes([size - 29])
    extended = kind > 7
    head = bytes([first if extended else (kind << 5) | first])
    return head + (bytes([kind - 7]) if extended else b"") + more
