-- Version 3. The audit ledger, in the order of arrival. No two workers write one chain.
CREATE TABLE coatcheck_ledger (
    place bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq bigint NOT NULL,
    at double precision NOT NULL,
    chain text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    session_id text COLLATE "C",
    user_id text COLLATE "C",
    digest bytea NOT NULL,
    text text NOT NULL,
    UNIQUE (chain, seq)
);

CREATE INDEX coatcheck_ledger_of_session ON coatcheck_ledger (session_id, place) WHERE session_id IS NOT NULL;

CREATE INDEX coatcheck_ledger_of_user ON coatcheck_ledger (user_id, place) WHERE user_id IS NOT NULL;

CREATE INDEX coatcheck_ledger_of_name ON coatcheck_ledger (name, place);

-- What was changed and is not in the ledger yet.
CREATE TABLE coatcheck_notes (
    place bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    at double precision NOT NULL,
    key text COLLATE "C" NOT NULL PRIMARY KEY,
    user_id text COLLATE "C"
);
