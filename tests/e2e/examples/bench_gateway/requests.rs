//! The requests for tokens. Assertions are signed beforehand, so that the client's signatures are not measured with the server's work.

use std::{
    cell::{Cell, RefCell},
    time::{SystemTime, UNIX_EPOCH},
};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ed25519_dalek::{Signer as _, SigningKey};
use hyper::{
    Request, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue},
    http::uri::PathAndQuery,
};
use serde_json::{Value, json};

use crate::Result;

/// How long an assertion is good for, in seconds: longer than a measurement.
const LIFETIME: u64 = 600;

/// How the client shows who it is.
pub enum Credential {
    /// client_secret_basic: the header.
    Secret(HeaderValue),
    /// private_key_jwt.
    Key(Box<Signer>),
}

/// Signs assertions (RFC 7523, section 3), each with an identifier of its own.
pub struct Signer {
    key: SigningKey,
    header: String,
    client_id: String,
    audience: String,
    /// Sets this run's identifiers apart from another's.
    run: u128,
    number: Cell<u64>,
}

impl Credential {
    /// A secret, sent in a header (RFC 6749, section 2.3.1).
    pub fn secret(client_id: &str, secret: &str) -> Result<Self> {
        let pair = format!("{}:{}", form_encoded(client_id)?, form_encoded(secret)?);
        Ok(Self::Secret(format!("Basic {}", BASE64.encode(pair.as_bytes())).parse()?))
    }

    /// A private JSON Web Key (RFC 8037), by which assertions for an audience are signed.
    pub fn key(client_id: &str, jwk: &str, audience: &str) -> Result<Self> {
        let jwk: Value = serde_json::from_str(jwk)?;
        let seed = jwk["d"].as_str().filter(|_| jwk["crv"] == "Ed25519");
        let seed = BASE64URL_NOPAD.decode(seed.ok_or("the key is no private JWK of Ed25519")?.as_bytes())?;
        let mut header = json!({ "alg": "EdDSA", "typ": "JWT" });
        if jwk["kid"].is_string() {
            header["kid"] = jwk["kid"].clone();
        }
        Ok(Self::Key(Box::new(Signer {
            key: SigningKey::from_bytes(&seed.as_slice().try_into()?),
            header: BASE64URL_NOPAD.encode(header.to_string().as_bytes()),
            client_id: client_id.into(),
            audience: audience.into(),
            run: SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos(),
            number: Cell::new(0),
        })))
    }
}

impl Signer {
    fn assertion(&self) -> Result<String> {
        let number = self.number.get();
        self.number.set(number + 1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "jti": format!("{}-{number}", self.run),
            "iat": now,
            "exp": now + LIFETIME,
        });
        let signed = format!("{}.{}", self.header, BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let signature = self.key.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes())))
    }
}

/// What is sent, one request after another.
pub struct Requests {
    target: PathAndQuery,
    host: HeaderValue,
    credential: Credential,
    /// The body, but for an assertion.
    form: String,
    /// Assertions that no request has yet.
    assertions: RefCell<Vec<String>>,
    too_few: Cell<u64>,
}

impl Requests {
    /// Requests to a token endpoint, for a scope at a resource.
    pub fn new(url: &Uri, credential: Credential, scope: &str, resource: Option<&str>) -> Result<Self> {
        let mut form = vec![("grant_type", "client_credentials"), ("scope", scope)];
        form.extend(resource.map(|resource| ("resource", resource)));
        if let Credential::Key(_) = credential {
            form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
        }
        Ok(Self {
            host: url.authority().ok_or("the URL names no host")?.as_str().parse()?,
            target: url.path_and_query().ok_or("the URL has no path")?.clone(),
            credential,
            form: serde_urlencoded::to_string(form)?,
            assertions: RefCell::default(),
            too_few: Cell::new(0),
        })
    }

    /// The name of the client's authentication method.
    pub fn method(&self) -> &'static str {
        match self.credential {
            Credential::Secret(_) => "client_secret_basic",
            Credential::Key(_) => "private_key_jwt",
        }
    }

    /// Signs assertions for so many requests, in the place of those that are left.
    pub fn prepare(&self, count: usize) -> Result<()> {
        self.too_few.set(0);
        if let Credential::Key(signer) = &self.credential {
            *self.assertions.borrow_mut() = (0..count).map(|_| signer.assertion()).collect::<Result<_>>()?;
        }
        Ok(())
    }

    /// How many assertions were missing since some were prepared, and were signed when they were needed.
    pub fn too_few(&self) -> u64 {
        self.too_few.get()
    }

    /// The next request.
    pub fn next(&self) -> Result<Request<String>> {
        let request = Request::post(self.target.as_str())
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        Ok(match &self.credential {
            Credential::Secret(header) => request.header(AUTHORIZATION, header).body(self.form.clone())?,
            // An assertion is base64url and dots, which a form takes as they are.
            Credential::Key(signer) => {
                request.body(format!("{}&client_assertion={}", self.form, self.next_assertion(signer)?))?
            }
        })
    }

    fn next_assertion(&self, signer: &Signer) -> Result<String> {
        if let Some(prepared) = self.assertions.borrow_mut().pop() {
            return Ok(prepared);
        }
        self.too_few.set(self.too_few.get() + 1);
        signer.assertion()
    }
}

fn form_encoded(text: &str) -> Result<String> {
    Ok(serde_urlencoded::to_string([("", text)])?.trim_start_matches('=').into())
}
