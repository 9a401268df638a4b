"""The audit ledger and its notes in SQL."""

from collections.abc import Sequence

from coatcheck.core.events import SessionOver
from coatcheck.core.reason import Reason
from coatcheck.stores.postgres import statements
from coatcheck.stores.postgres.rows import COLUMNS

LEDGER_COLUMNS = "chain, seq, digest, text, name, at, session_id, user_id, place"

# Lists of numbers come as texts, as elsewhere, and digests in hexadecimal digits.
APPEND = """
    WITH settled AS (DELETE FROM coatcheck_notes WHERE key = ANY ($9::text[]))
    INSERT INTO coatcheck_ledger (chain, seq, digest, text, name, at, session_id, user_id)
    SELECT chain, seq::bigint, decode(digest, 'hex'), text, name, at::double precision, session_id, user_id
    FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]
    ) WITH ORDINALITY AS entry (chain, seq, digest, text, name, at, session_id, user_id, number)
    ORDER BY number
"""


def find(conditions: Sequence[str]) -> str:
    """Return the statement that finds entries.

    Args:
        conditions: Each has `{}` in place of its parameter; the last parameter is the limit.
    """
    where = (
        " AND ".join(part.format(f"${number}") for number, part in enumerate(conditions, start=1)) or "true"
    )
    limit = len(conditions) + 1
    return f"""
        SELECT {LEDGER_COLUMNS} FROM coatcheck_ledger WHERE {where} ORDER BY place DESC LIMIT ${limit}
    """


CHAIN = f"SELECT {LEDGER_COLUMNS} FROM coatcheck_ledger WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3"

# It leaps from chain to chain: there are few, and many entries.
HEADS = f"""
    WITH RECURSIVE chains (id) AS (
        (SELECT chain FROM coatcheck_ledger ORDER BY chain LIMIT 1)
        UNION ALL
        SELECT (SELECT chain FROM coatcheck_ledger WHERE chain > id ORDER BY chain LIMIT 1)
        FROM chains WHERE id IS NOT NULL
    )
    SELECT head.* FROM chains, LATERAL (
        SELECT {LEDGER_COLUMNS} FROM coatcheck_ledger WHERE chain = id ORDER BY seq DESC LIMIT 1
    ) AS head
"""

FORGET = """
    WITH gone AS (DELETE FROM coatcheck_ledger WHERE chain = $1 AND seq <= $2 RETURNING 1)
    SELECT count(*) FROM gone
"""

NOTES = "SELECT key, user_id, at FROM coatcheck_notes ORDER BY place LIMIT $1"

_NOTE = "INSERT INTO coatcheck_notes (key, user_id, at)"

# $20 is the key of the note.
CREATE = f"""{statements.CREATING},
    noted AS (
        {_NOTE}
        SELECT $20, $7, $3 FROM created
        UNION ALL
        SELECT '{SessionOver.name}' || E'\\n' || other || E'\\n{Reason.EVICTED}', $7, $3
        FROM entry, unnest(others) AS other WHERE verdict = 'admitted'
        ON CONFLICT DO NOTHING
    )
    {statements.CREATED}
"""

# $16 and $17 are the key of the note about a commit and its moment, $18 the key of the one about an identity.
# Two commits may lead to the same digest; their links differ then.
SAVE = f"""
    WITH saved AS ({statements.SAVE}),
    noted AS (
        {_NOTE}
        SELECT $16, user_id, $17::double precision FROM saved
        WHERE $16::text IS NOT NULL AND digest = $6 AND links = $8
        UNION ALL
        SELECT $18, user_id, 0 FROM saved WHERE $18::text IS NOT NULL AND user_id IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    SELECT {", ".join(COLUMNS)} FROM saved
"""

# $4 are the keys of the notes. The sessions are locked first, in the order of their ids as everywhere.
END = f"""
    WITH alive AS MATERIALIZED (
        SELECT id, user_id FROM coatcheck_sessions
        WHERE id = ANY ($1::text[]) AND ended_at IS NULL ORDER BY id FOR UPDATE
    ),
    noted AS (
        {_NOTE}
        SELECT note.key, user_id, note.at::double precision
        FROM alive JOIN unnest($1::text[], $4::text[], $3::text[]) AS note (id, key, at) USING (id)
        WHERE note.key IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    SELECT coatcheck_end($1, $2, $3::text[]::double precision[]) FROM (SELECT count(*) FROM alive) AS locked
"""
