"""The metadata of an authorization server, and the clients of Authlib that are made from it."""

import json
from pathlib import Path

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from joserfc.jwk import OKPKey

from report import equal, ok

# Of any request, in seconds.
TIMEOUT = 30


def discover(gateway: dict) -> None:
    """Authlib's own check of RFC 8414 holds for both servers."""
    for issuer in (gateway["issuer"], gateway["rs256_issuer"]):
        found = metadata(issuer)
        AuthorizationServerMetadata(found).validate()
        equal("the issuer", found["issuer"], issuer)
        ok(f"Authlib: the metadata of {issuer}")


def metadata(issuer: str) -> dict:
    answer = requests.get(get_well_known_url(issuer, external=True), timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.json()


def secret_client(issuer: str, client: dict, scope: str, method: str = "client_secret_basic") -> OAuth2Session:
    return OAuth2Session(
        client["id"],
        client["secret"],
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope=scope,
        token_endpoint=metadata(issuer)["token_endpoint"],
        default_timeout=TIMEOUT,
    )


def key_client(gateway: dict, algorithm: str = "Ed25519") -> OAuth2Session:
    """The client that signs assertions with its Ed25519 key. They are for the token endpoint, which is Authlib's own choice."""
    client = gateway["jwt_client"]
    endpoint = metadata(gateway["issuer"])["token_endpoint"]
    session = OAuth2Session(
        client["id"],
        OKPKey.import_key(json.loads(Path(client["key"]).read_text())),
        token_endpoint_auth_method="private_key_jwt",
        revocation_endpoint_auth_method="private_key_jwt",
        scope=gateway["scope"],
        token_endpoint=endpoint,
        default_timeout=TIMEOUT,
    )
    session.register_client_auth_method(PrivateKeyJWT(endpoint, alg=algorithm))
    return session
