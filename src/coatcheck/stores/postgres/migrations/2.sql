-- Version 2. For operators: from the newest live session to the oldest. What expired is passed over by the
-- index alone.
CREATE INDEX coatcheck_sessions_newest ON coatcheck_sessions (created_at DESC, id DESC) INCLUDE (expires_at)
WHERE ended_at IS NULL;
