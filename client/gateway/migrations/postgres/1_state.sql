-- What may be used once, such as assertions: the hash that it is known again by, until it would be refused anyway.
CREATE TABLE used (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    expires_ms BIGINT NOT NULL
);
CREATE INDEX used_by_expiry ON used (expires_ms);

-- Tokens that were revoked here: SHA-256 of server and token id, until they have expired.
CREATE TABLE revoked_tokens (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    expires_ms BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_ms);

-- The settings: applications, policies, zones and so on, each as JSON. Secrets in them are sealed, or kept as a MAC alone.
CREATE TABLE documents (
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- How often the documents were changed. Who writes locks the row first: replicas write one after the other.
CREATE TABLE revision (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL
);
INSERT INTO revision (one, number) VALUES (1, 0);

-- The system log, each entry with the hash of itself and the one before.
CREATE TABLE log (
    number BIGINT NOT NULL PRIMARY KEY,
    published_ms BIGINT NOT NULL,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX log_by_time ON log (published_ms);

-- The last entry that was dropped for its age: the first one that is left follows it.
CREATE TABLE log_start (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);
INSERT INTO log_start (one, number, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

-- How many requests there were, by what they are counted by in a minute. It need not outlive the server.
CREATE UNLOGGED TABLE counters (
    bucket BYTEA NOT NULL PRIMARY KEY CHECK (length(bucket) = 32),
    count BIGINT NOT NULL,
    ends_ms BIGINT NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX counters_by_end ON counters (ends_ms);
