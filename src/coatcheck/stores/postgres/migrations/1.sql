-- Version 1. Never changed once released: a new version is a new file.

-- What SQL computes or searches by has a column of its own; the rest of a record is packed by rows.py.
-- A row is a live session, or (ended_at is set) the tombstone of one. Times are seconds since the epoch.
CREATE TABLE coatcheck_sessions (
    created_at double precision,
    last_seen_at double precision,
    idle double precision,
    absolute_at double precision,
    ended_at double precision,
    expires_at double precision NOT NULL
        GENERATED ALWAYS AS (coalesce(ended_at, least(last_seen_at + idle, absolute_at))) STORED,
    rev bigint NOT NULL,
    due boolean,
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id text COLLATE "C",
    reason text,
    family_digest bytea,
    digest bytea,
    links bytea,
    authentication bytea,
    person bytea,
    client bytea,
    data text[],
    grants bytea,
    -- NaN is greater than any number, and what never expires would never go.
    CONSTRAINT coatcheck_finite CHECK (expires_at < 'infinity'),
    CONSTRAINT coatcheck_live_or_ended CHECK (
        CASE WHEN ended_at IS NULL
        THEN reason IS NULL AND num_nulls(
            created_at, last_seen_at, idle, absolute_at, due, family_digest, digest, links, client, data, grants
        ) = 0
        ELSE reason IS NOT NULL AND num_nonnulls(
            last_seen_at, idle, absolute_at, due, digest, links, authentication, person, client, data, grants
        ) = 0 END
    )
);

-- For the sweeper.
CREATE INDEX coatcheck_sessions_due ON coatcheck_sessions (expires_at);

-- The live sessions of a user, oldest first.
CREATE INDEX coatcheck_sessions_of_user ON coatcheck_sessions (user_id, created_at)
WHERE user_id IS NOT NULL AND ended_at IS NULL;

-- One row per user that ever signed in: whoever signs them in or changes their facts takes turns here.
CREATE TABLE coatcheck_users (
    version bigint NOT NULL,
    user_id text COLLATE "C" NOT NULL PRIMARY KEY
);

-- An identity column never gives a version twice, so a row that was deleted and made again is another row.
CREATE TABLE coatcheck_rows (
    version bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    expires_at double precision NOT NULL,
    key text COLLATE "C" NOT NULL PRIMARY KEY,
    value bytea NOT NULL
);

CREATE INDEX coatcheck_rows_due ON coatcheck_rows (expires_at);

-- Adds two JSON numbers as Python does: whole numbers exactly, others as doubles. What is no number counts as 0.
CREATE FUNCTION coatcheck_sum(stored text, step text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET extra_float_digits = 1 AS $$
DECLARE
    total text;
BEGIN
    IF stored IS NULL OR stored !~ '^[-0-9]' THEN
        stored := '0';
    END IF;
    IF stored || step !~ '[.eE]' THEN
        RETURN (stored::numeric + step::numeric)::text;
    END IF;
    total := (stored::double precision + step::double precision)::text;
    IF total !~ '[.e]' THEN
        total := total || '.0';
    END IF;
    RETURN total;
END
$$;

-- Applies changes to session data, key by key. Data are pairs of a key and its value, both as they stand in
-- the JSON object, the key without its quotes: so they come back to the letter, and in their order.
-- A change is a key, what to do ('=' set, '+' add, '-' delete), and the value; or a key, '?', and the value that must
-- be stored, NULL for none, so that anything is done. An encrypted value counts as much as it takes in the clear, as
-- core/ciphertext.py has it.
CREATE FUNCTION coatcheck_merge(stored text[], changes text[], most integer) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    merged text[];
    size integer;
BEGIN
    IF EXISTS (
        SELECT FROM generate_subscripts(changes, 1) AS n
        WHERE changes[n][2] = '?' AND changes[n][3] IS DISTINCT FROM (
            SELECT stored[m][2] FROM generate_subscripts(stored, 1) AS m WHERE stored[m][1] = changes[n][1]
        )
    ) THEN
        RAISE EXCEPTION 'other session data are stored' USING ERRCODE = 'triggered_data_change_violation';
    END IF;
    SELECT coalesce(array_agg(ARRAY[key, value] ORDER BY place), '{}'),
           1 + coalesce(sum(4 + octet_length(key) + CASE
               WHEN starts_with(value, '"coatcheck:sealed:') THEN (octet_length(value) - 19) * 3 / 4 - 33
               ELSE octet_length(value)
           END), 1)
    INTO merged, size
    FROM (
        SELECT key,
               CASE act WHEN '=' THEN new WHEN '+' THEN coatcheck_sum(old, new) ELSE old END AS value,
               coalesce(old_place, cardinality(stored) + new_place) AS place
        FROM (
            SELECT stored[n][1] AS key, stored[n][2] AS old, n AS old_place
            FROM generate_subscripts(stored, 1) AS n
        ) AS before
        FULL JOIN (
            SELECT changes[n][1] AS key, changes[n][2] AS act, changes[n][3] AS new, n AS new_place
            FROM generate_subscripts(changes, 1) AS n
            WHERE changes[n][2] <> '?'
        ) AS change USING (key)
        WHERE act IS DISTINCT FROM '-'
    ) AS pair;
    IF size > most THEN
        RAISE EXCEPTION 'session data is % bytes, more than %', size, most USING ERRCODE = 'program_limit_exceeded';
    END IF;
    RETURN merged;
END
$$;

-- Tells every worker that sessions changed, as the change is committed. Commits that notify take turns, from
-- before the wait for the disk until after it; so this one does not wait, and its caller does so afterwards,
-- where many wait together (statements.py, FLUSH).
CREATE FUNCTION coatcheck_tell(ids text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('coatcheck', ids), set_config('synchronous_commit', 'off', true);
END
$$;

-- Turns sessions into tombstones, data wiped, absent ones too; returns how many were alive.
CREATE FUNCTION coatcheck_end(ids text[], reasons text[], moments double precision[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    alive bigint;
    told bigint;
BEGIN
    WITH ended AS (
        INSERT INTO coatcheck_sessions AS session (id, rev, reason, ended_at)
        SELECT DISTINCT ON (id) id, 0, why, at
        FROM unnest(ids, reasons, moments) WITH ORDINALITY AS ending (id, why, at, place)
        ORDER BY id, place
        ON CONFLICT (id) DO UPDATE SET
            reason = excluded.reason, ended_at = excluded.ended_at, rev = session.rev + 1,
            last_seen_at = NULL, idle = NULL, absolute_at = NULL, due = NULL,
            digest = NULL, links = NULL, authentication = NULL, person = NULL, client = NULL, data = NULL,
            grants = NULL
        WHERE session.ended_at IS NULL
        RETURNING id, created_at
    ), page AS (
        -- A message holds less than 8,000 bytes.
        SELECT coatcheck_tell(string_agg(id, ' '))
        FROM (SELECT id, row_number() OVER () / 200 AS number FROM ended) AS numbered
        GROUP BY number
    )
    SELECT (SELECT count(created_at) FROM ended), (SELECT count(*) FROM page) INTO alive, told;
    RETURN alive;
END
$$;

-- The step of a sign-in in its user's entry: says whether the session may be created, and which ones of the
-- user were evicted for it (or are in its way). A function, because each statement in it sees what was
-- committed while the one before it waited for its turn.
CREATE FUNCTION coatcheck_enter(
    new_id text, for_user text, known_version bigint, moment double precision, most integer, denies boolean,
    OUT verdict text, OUT others text[]
)
LANGUAGE plpgsql AS $$
DECLARE
    present_version bigint;
    surplus integer;
BEGIN
    verdict := 'admitted';
    others := '{}';
    IF EXISTS (SELECT FROM coatcheck_sessions WHERE id = new_id) THEN
        verdict := 'exists';
    ELSIF for_user IS NOT NULL THEN
        INSERT INTO coatcheck_users AS entry (user_id, version) VALUES (for_user, 0)
        ON CONFLICT (user_id) DO UPDATE SET version = entry.version
        RETURNING version INTO present_version;
        IF present_version <> known_version THEN
            verdict := 'stale';
        ELSIF most IS NOT NULL THEN
            others := ARRAY(
                SELECT id FROM coatcheck_sessions
                WHERE user_id = for_user AND ended_at IS NULL AND expires_at >= moment
                ORDER BY created_at
            );
            surplus := greatest(0, cardinality(others) + 1 - most);
            IF surplus > 0 AND denies THEN
                verdict := 'full';
            ELSE
                others := others[:surplus];
                PERFORM coatcheck_end(others, array_fill('evicted'::text, ARRAY[surplus]), array_fill(moment, ARRAY[surplus]));
            END IF;
        END IF;
    END IF;
END
$$;

-- Raises a user's version, then reads the sessions that were created under the old ones.
CREATE FUNCTION coatcheck_bump(of_user text, OUT new_version bigint, OUT ids text[])
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coatcheck_users AS entry (user_id, version) VALUES (of_user, 1)
    ON CONFLICT (user_id) DO UPDATE SET version = entry.version + 1
    RETURNING version INTO new_version;
    ids := ARRAY(
        SELECT id FROM coatcheck_sessions WHERE user_id = of_user AND ended_at IS NULL ORDER BY created_at
    );
END
$$;
