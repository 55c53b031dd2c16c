-- What may be used once, such as assertions: the hash that it is known again by, until it would be refused anyway.
CREATE TABLE used (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_by_expiry ON used (expires_ms);

-- Tokens that were revoked here: SHA-256 of server and token id, until they have expired.
CREATE TABLE revoked_tokens (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_ms);

-- The settings: applications, policies, zones and so on, each as JSON. Secrets in them are sealed, or kept as a MAC alone.
CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- How often the documents were changed.
CREATE TABLE revision (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO revision (only, number) VALUES (1, 0);

-- The system log, each entry with the hash of itself and the one before.
CREATE TABLE log (
    number INTEGER NOT NULL PRIMARY KEY,
    published_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX log_by_time ON log (published_ms);

-- The last entry that was dropped for its age: the first one that is left follows it.
CREATE TABLE log_start (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO log_start (only, number, hash) VALUES (1, 0, zeroblob(32));
