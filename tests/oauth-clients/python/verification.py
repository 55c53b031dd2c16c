"""Tokens of both servers, verified with PyJWT by the keys that the servers publish."""

import json
import ssl

import jwt

from discovery import TIMEOUT, metadata, secret_client
from report import NotAsExpected, equal, ok

REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


def verify(gateway: dict) -> None:
    _verify(gateway, gateway["issuer"], gateway["secret_client"], "EdDSA")
    _verify(gateway, gateway["rs256_issuer"], gateway["rs256_client"], "RS256")


def _verify(gateway: dict, issuer: str, client: dict, algorithm: str) -> None:
    token = secret_client(issuer, client, gateway["scope"]).fetch_token()["access_token"]
    authority = ssl.create_default_context(cafile=gateway["ca"])
    keys = jwt.PyJWKClient(metadata(issuer)["jwks_uri"], ssl_context=authority, timeout=TIMEOUT)

    def claims_of(encoded: str, audience: str) -> dict:
        key = keys.get_signing_key_from_jwt(encoded)
        return jwt.decode(
            encoded, key, algorithms=[algorithm], audience=audience, issuer=issuer, options={"require": REQUIRED}
        )

    claims = claims_of(token, gateway["audience"])
    equal("the client", claims["client_id"], client["id"])
    equal("the token's type", jwt.get_unverified_header(token)["typ"], "at+jwt")
    _refused(jwt.InvalidSignatureError, lambda: claims_of(_tampered(token), gateway["audience"]))
    _refused(jwt.InvalidAudienceError, lambda: claims_of(token, "api://elsewhere"))
    ok(f"PyJWT: a token of {issuer}, {algorithm}; not with another claim in it, nor for another audience")


def _refused(error: type, decode) -> None:
    try:
        decode()
    except error:
        return
    raise NotAsExpected(f"no {error.__name__} was raised")


def _tampered(token: str) -> str:
    """The token with one claim more, and the signature of the one without."""
    header, payload, signature = token.split(".")
    claims = json.loads(jwt.utils.base64url_decode(payload))
    more = jwt.utils.base64url_encode(json.dumps({**claims, "admin": True}).encode()).decode()
    return ".".join((header, more, signature))
