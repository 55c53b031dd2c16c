"""Introspection (RFC 7662) and revocation (RFC 7009)."""

from authlib.integrations.requests_client import OAuth2Session

from discovery import key_client, metadata, secret_client
from report import equal, ok


def introspect_and_revoke(gateway: dict) -> None:
    by_secret = secret_client(gateway["issuer"], gateway["secret_client"], gateway["scope"])
    for what, client in (("secret", by_secret), ("key", key_client(gateway))):
        _with_client(what, client, gateway)


def _with_client(what: str, client: OAuth2Session, gateway: dict) -> None:
    endpoints = metadata(gateway["issuer"])
    token = client.fetch_token()["access_token"]

    def introspected() -> dict:
        answer = client.introspect_token(endpoints["introspection_endpoint"], token, "access_token")
        equal("the status of introspection", answer.status_code, 200)
        return answer.json()

    before = introspected()
    equal("a new token is active", before["active"], True)
    equal("its client", before["client_id"], client.client_id)
    equal("its scope", before["scope"], gateway["scope"])
    revoked = client.revoke_token(endpoints["revocation_endpoint"], token, "access_token")
    equal("the status of revocation", revoked.status_code, 200)
    equal("a revoked token", introspected(), {"active": False})
    ok(f"Authlib: introspection and revocation, by a client with a {what}")
