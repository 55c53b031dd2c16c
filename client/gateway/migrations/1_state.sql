-- Assertions that were used: SHA-256 of client and jti, until they have expired.
CREATE TABLE used_assertions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_assertions_by_expiry ON used_assertions (expires_ms);

-- The system log, each entry with the hash of itself and the one before.
CREATE TABLE log (
    number INTEGER NOT NULL PRIMARY KEY,
    published_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
