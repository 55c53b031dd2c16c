"""Tokens that are bound to a key of their holder (RFC 9449). Authlib has no DPoP: PyJWT makes the proofs here."""

import base64
import hashlib
import json
import time
import uuid

import jwt
from authlib.integrations.base_client import OAuthError
from authlib.oauth2.client import DEFAULT_HEADERS
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from discovery import secret_client
from report import NotAsExpected, equal, ok


def bound_token(gateway: dict) -> None:
    """The server asks for its nonce first (section 8), and gives a token for a proof with it."""
    client = secret_client(gateway["issuer"], gateway["secret_client"], gateway["scope"])
    endpoint = client.metadata["token_endpoint"]
    key = Ed25519PrivateKey.generate()
    answers = []
    client.register_compliance_hook("access_token_response", lambda answer: answers.append(answer) or answer)

    try:
        client.fetch_token(headers={**DEFAULT_HEADERS, "DPoP": _proof(key, endpoint)})
        raise NotAsExpected("a proof without the server's nonce was taken")
    except OAuthError as refusal:
        equal("a proof without the server's nonce", refusal.error, "use_dpop_nonce")
    nonce = answers[-1].headers["DPoP-Nonce"]
    token = client.fetch_token(headers={**DEFAULT_HEADERS, "DPoP": _proof(key, endpoint, nonce=nonce)})

    equal("token_type", token["token_type"], "DPoP")
    claims = jwt.decode(token["access_token"], options={"verify_signature": False})
    equal("the confirmation", claims["cnf"], {"jkt": _thumbprint(key)})
    ok("PyJWT's proofs of DPoP, sent by Authlib: the server's nonce, then a token bound to the key")


def _proof(key: Ed25519PrivateKey, url: str, **more: str) -> str:
    claims = {"htm": "POST", "htu": url, "jti": str(uuid.uuid4()), "iat": int(time.time()), **more}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"typ": "dpop+jwt", "jwk": _public_jwk(key)})


def _public_jwk(key: Ed25519PrivateKey) -> dict:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(key.public_key().public_bytes_raw())}


def _thumbprint(key: Ed25519PrivateKey) -> str:
    """RFC 7638: the members in the order of their names, without spaces."""
    return _base64url(hashlib.sha256(json.dumps(_public_jwk(key), separators=(",", ":")).encode()).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
