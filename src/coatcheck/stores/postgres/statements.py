"""The verbs in SQL: one statement each, atomic by itself, that leaves no state on its connection.

Lists of moments come as texts: for an array of numbers the driver has to ask each new connection what
that is, which takes 40 ms.
"""

from coatcheck.stores.postgres.rows import COLUMNS

_VALUES = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
_ALL = ", ".join((*COLUMNS, "reason", "ended_at"))

LOAD = f"SELECT {_ALL} FROM coatcheck_sessions WHERE id = $1"

# The user's entry first, then the row; the index on ids decides between two that are created at once.
CREATING = f"""
    WITH entry AS MATERIALIZED (SELECT * FROM coatcheck_enter($1, $7, $17, $3, $18, $19)),
    created AS (
        INSERT INTO coatcheck_sessions ({", ".join(COLUMNS)})
        SELECT {_VALUES}
        FROM entry WHERE verdict = 'admitted'
        RETURNING coatcheck_tell(id)
    )
"""
CREATED = "SELECT verdict, others, (SELECT count(*) FROM created) FROM entry"
CREATE = CREATING + CREATED

# Each expression sees the row as it is once its lock is had, whoever wrote it last. A commit ($4 to $10)
# counts only while $4 is still the current digest; an identity ($11, $12) only where somebody is signed in;
# grants ($14) only while $15, if it is given, is what is stored.
SAVE = f"""
    UPDATE coatcheck_sessions SET
        rev = rev + 1,
        data = CASE WHEN $2::text[] IS NULL THEN data ELSE coatcheck_merge(data, $2, $3) END,
        family_digest = CASE WHEN digest = $4 THEN $5 ELSE family_digest END,
        digest = CASE WHEN digest = $4 THEN $6 ELSE digest END,
        due = CASE WHEN digest = $4 THEN $7
              ELSE due OR ($12::bytea IS NOT NULL AND user_id IS NOT NULL) END,
        links = CASE WHEN digest = $4 THEN $8 ELSE links END,
        authentication = CASE WHEN digest = $4 AND user_id IS NOT NULL
                         THEN coalesce($9, authentication) ELSE authentication END,
        absolute_at = CASE WHEN digest = $4 AND user_id IS NOT NULL
                      THEN coalesce($10, absolute_at) ELSE absolute_at END,
        user_id = CASE WHEN user_id IS NOT NULL THEN coalesce($11, user_id) END,
        person = CASE WHEN user_id IS NOT NULL THEN coalesce($12, person) ELSE person END,
        last_seen_at = CASE WHEN $13 > last_seen_at AND $13 <= expires_at THEN $13 ELSE last_seen_at END,
        grants = CASE WHEN $15::bytea IS NULL OR grants = $15 THEN coalesce($14, grants) ELSE grants END
    WHERE id = $1 AND ended_at IS NULL
    RETURNING {", ".join(COLUMNS)}, coatcheck_tell(id)
"""

# Rows are locked in the order of their ids, so that two batches never wait for each other in a circle.
TOUCH = """
    UPDATE coatcheck_sessions AS session SET last_seen_at = seen.at, rev = rev + 1
    FROM (
        SELECT id, at FROM coatcheck_sessions
        JOIN unnest($1::text[], $2::text[]::double precision[]) AS touch (id, at) USING (id)
        WHERE ended_at IS NULL ORDER BY id FOR NO KEY UPDATE OF coatcheck_sessions
    ) AS seen
    WHERE session.id = seen.id AND ended_at IS NULL AND at > last_seen_at AND at <= expires_at
"""

END = "SELECT coatcheck_end($1, $2, $3::text[]::double precision[])"

# Nobody but the current revision goes: whatever was written meanwhile stops it.
HAND_OVER = """
    WITH same AS MATERIALIZED (
        SELECT id FROM coatcheck_sessions WHERE id = $1 AND rev = $2 AND ended_at IS NULL FOR UPDATE
    )
    SELECT count(coatcheck_end(ARRAY[id], ARRAY['moved'], ARRAY[$3::double precision])) FROM same
"""

# As `core.moving.supersedes` decides.
ADOPT_RECORD = f"""
    INSERT INTO coatcheck_sessions AS present ({", ".join(COLUMNS)}) VALUES ({_VALUES})
    ON CONFLICT (id) DO UPDATE SET
        {", ".join(f"{column} = excluded.{column}" for column in COLUMNS)}, reason = NULL, ended_at = NULL
    WHERE present.reason = 'moved' OR (present.ended_at IS NULL AND present.rev < excluded.rev)
    RETURNING coatcheck_tell(id)
"""

ADOPT_TOMBSTONE = f"""
    INSERT INTO coatcheck_sessions AS present (id, rev, reason, ended_at, user_id, family_digest)
    VALUES ($1, 0, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE SET
        {", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column != "rev")},
        rev = present.rev + 1, reason = excluded.reason, ended_at = excluded.ended_at
    WHERE present.reason = 'moved' OR present.ended_at IS NULL
    RETURNING coatcheck_tell(id)
"""

DELETE = """
    WITH gone AS (DELETE FROM coatcheck_sessions WHERE id = ANY ($1::text[]) RETURNING id)
    SELECT count(*) FROM gone
"""

USER = """
    SELECT
        coalesce((SELECT version FROM coatcheck_users WHERE user_id = $1), 0),
        ARRAY(
            SELECT id FROM coatcheck_sessions WHERE user_id = $1 AND ended_at IS NULL ORDER BY created_at
        )
"""

BUMP = "SELECT new_version, ids FROM coatcheck_bump($1)"

# The entry of a user who never signed in is not there, and has version 0.
SET_VERSION = """
    INSERT INTO coatcheck_users AS entry (user_id, version)
    SELECT $1, $2 WHERE $3 = 0 OR EXISTS (SELECT FROM coatcheck_users WHERE user_id = $1)
    ON CONFLICT (user_id) DO UPDATE SET version = excluded.version WHERE entry.version = $3
    RETURNING version
"""

# What another sweeper has in hand is passed over, and so is a row that somebody writes to.
SWEEP = """
    WITH over AS MATERIALIZED (
        SELECT id FROM coatcheck_sessions WHERE expires_at < $1
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ),
    sessions AS (DELETE FROM coatcheck_sessions USING over WHERE coatcheck_sessions.id = over.id RETURNING 1),
    old AS MATERIALIZED (
        SELECT key FROM coatcheck_rows WHERE expires_at < $1
        ORDER BY expires_at LIMIT $2 - (SELECT count(*) FROM sessions) FOR UPDATE SKIP LOCKED
    ),
    rows AS (DELETE FROM coatcheck_rows USING old WHERE coatcheck_rows.key = old.key RETURNING 1)
    SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM rows)
"""

SCAN = f"SELECT {_ALL} FROM coatcheck_sessions WHERE id > $1 ORDER BY id LIMIT $2"

# A tombstone is due from its end: so what is due later than now is alive.
COUNT_ALIVE = "SELECT count(*) FROM coatcheck_sessions WHERE expires_at > $1"

# Looks at some sessions, the newest first, and says which may be meant: what was packed into bytes is sought
# in their ASCII form, so what a text finds here is a guess that `Sought` confirms.
LOOK_FOR_NEWEST = """
    SELECT id, created_at, $5::bytea = '' OR position(
        lower(encode($5::bytea, 'escape')) IN
        lower(concat_ws(' ', encode(client, 'escape'), encode(person, 'escape'), user_id))
    ) > 0
    FROM coatcheck_sessions
    WHERE ended_at IS NULL AND expires_at > $1 AND (created_at, id) < ($2, $3)
    ORDER BY created_at DESC, id DESC LIMIT $4
"""

LOAD_ALIVE = f"SELECT {_ALL} FROM coatcheck_sessions WHERE id = ANY ($1::text[]) AND ended_at IS NULL"

ROW = "SELECT value, version FROM coatcheck_rows WHERE key = $1"

SCAN_ROWS = """
    SELECT key, value, version, expires_at FROM coatcheck_rows WHERE key > $1 ORDER BY key LIMIT $2
"""

INSERT_ROW = """
    INSERT INTO coatcheck_rows (key, value, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING RETURNING version
"""

UPDATE_ROW = """
    UPDATE coatcheck_rows SET value = $2, expires_at = $3, version = DEFAULT
    WHERE key = $1 AND version = $4 RETURNING version
"""

DELETE_ROW = "DELETE FROM coatcheck_rows WHERE key = $1"

# Returns once all that was committed before is on the disk, and wherever else synchronous_commit wants it.
FLUSH = "SELECT pg_logical_emit_message(true, 'coatcheck', '')"

NOW = "SELECT extract(epoch FROM clock_timestamp())::double precision"
