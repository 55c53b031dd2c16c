"""The client credentials grant (RFC 6749, section 4.4), with each way in which a client shows who it is, and its refusals."""

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from discovery import key_client, secret_client
from report import NotAsExpected, equal, ok


def authenticate(gateway: dict) -> None:
    for method in ("client_secret_basic", "client_secret_post"):
        _grant(method, secret_client(gateway["issuer"], gateway["secret_client"], gateway["scope"], method), gateway)
    # The names of one algorithm: of RFC 8037, and of RFC 9864.
    for algorithm in ("EdDSA", "Ed25519"):
        _grant(f"private_key_jwt, alg {algorithm}", key_client(gateway, algorithm), gateway)


def refusals(gateway: dict) -> None:
    issuer, client, scope = gateway["issuer"], gateway["secret_client"], gateway["scope"]
    wrong = {**client, "secret": "not-the-secret"}
    for method in ("client_secret_basic", "client_secret_post"):
        _refused(f"a wrong secret, {method}", secret_client(issuer, wrong, scope, method), "invalid_client")
    _refused("an unknown scope", secret_client(issuer, client, "no:such-scope"), "invalid_scope")


def _grant(what: str, client: OAuth2Session, gateway: dict) -> None:
    token = client.fetch_token()
    equal(f"{what}: token_type", token["token_type"].lower(), "bearer")
    equal(f"{what}: scope", token["scope"], gateway["scope"])
    equal(f"{what}: already expired", token.is_expired(), False)
    ok(f"Authlib: {what}: a token for {token['expires_in']} s")


def _refused(what: str, client: OAuth2Session, error: str) -> None:
    try:
        token = client.fetch_token()
    except OAuthError as refusal:
        equal(what, refusal.error, error)
        ok(f"Authlib: {what}: {error}")
    else:
        raise NotAsExpected(f"{what}: expected {error}, and was given a token for {token.get('scope')!r}")
