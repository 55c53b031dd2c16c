-- Clients that can't sign, and the devices that they act for.
CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    device BLOB NOT NULL CHECK (length(device) = 32)
) STRICT, WITHOUT ROWID;

-- Their secrets, as HMAC-SHA-256 under the master key.
CREATE TABLE client_secrets (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL REFERENCES clients (id),
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX client_secrets_by_client ON client_secrets (client);

-- Tokens that were revoked here: SHA-256 of server and token id, until they have expired.
CREATE TABLE revoked_tokens (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_ms);
