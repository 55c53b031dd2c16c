//! How a client says who it is: in one of several places, and in one of them alone (RFC 6749, section 2.3).

use std::fmt;

use data_encoding::BASE64;
use marque_sdk::primitives::access;
use zeroize::Zeroizing;

use crate::{Form, OAuthError};

/// The type of assertions that are JWTs (RFC 7523, section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The parameter of a secret beside an assertion, where a policy wants both. It has a name of its own: with `client_secret` beside an assertion,
/// a request uses two ways of client authentication, and is refused.
pub const SECOND_SECRET: &str = "marque_client_secret";

/// All that a client showed in a request. A certificate is shown in TLS, and goes with any of it (RFC 8705, section 2).
pub struct Presented {
    /// How it says who it is.
    pub credentials: Credentials,
    /// A secret beside its assertion.
    pub second_secret: Option<Zeroizing<String>>,
}

impl Presented {
    /// Finds what a client showed: in the header `Authorization`, or in the form.
    ///
    /// # Errors
    /// Those of [`Credentials::read`]; [`OAuthError::InvalidRequest`] for a second secret that is not beside an assertion.
    pub fn read(authorization: Option<&str>, form: &Form) -> Result<Self, OAuthError> {
        let credentials = Credentials::read(authorization, form)?;
        let second_secret = form.get(SECOND_SECRET).map(|secret| Zeroizing::new(secret.to_owned()));
        if second_secret.is_some() && !matches!(credentials, Credentials::Assertion(_)) {
            return Err(OAuthError::InvalidRequest("marque_client_secret goes with a client assertion alone"));
        }
        Ok(Self { credentials, second_secret })
    }
}

/// What a client showed. It is a secret, or can be used once like one, and is not shown.
pub enum Credentials {
    /// `private_key_jwt`: a JWT that the client signed.
    Assertion(Zeroizing<String>),
    /// `client_secret_basic` or `client_secret_post`.
    Secret {
        /// The client's id: its form is that of one.
        client_id: String,
        /// The secret that it showed.
        secret: Zeroizing<String>,
    },
    /// `tls_client_auth` or `self_signed_tls_client_auth` (RFC 8705, section 2): only the client's id, whose form is that of one. It proves
    /// nothing: a certificate must.
    ClientId(String),
}

const WRONG_HEADER: OAuthError =
    OAuthError::InvalidClient("the header Authorization must be Basic, with id and secret");

impl Credentials {
    /// Finds the credentials of a request: in its header `Authorization`, or in its form.
    ///
    /// # Errors
    /// [`OAuthError::SeveralMethods`], then [`OAuthError::InvalidClient`] where there are none or of a kind or form that is not known,
    /// and [`OAuthError::InvalidRequest`] where one of the two parameters of an assertion is missing.
    pub fn read(authorization: Option<&str>, form: &Form) -> Result<Self, OAuthError> {
        let assertion = (form.get("client_assertion_type"), form.get("client_assertion"));
        let secret = form.get("client_secret");
        match (authorization, secret, assertion) {
            (Some(header), None, (None, None)) => read_basic(header, form),
            (None, Some(secret), (None, None)) => of_secret(form.get("client_id").unwrap_or_default(), secret),
            (None, None, (Some(ASSERTION_TYPE), Some(assertion))) => {
                Ok(Self::Assertion(Zeroizing::new(assertion.to_owned())))
            }
            (None, None, (Some(ASSERTION_TYPE), None)) => {
                Err(OAuthError::InvalidRequest("client_assertion is missing"))
            }
            (None, None, (Some(_), _)) => {
                Err(OAuthError::InvalidClient("the type of client assertion is not supported"))
            }
            (None, None, (None, Some(_))) => Err(OAuthError::InvalidRequest("client_assertion_type is missing")),
            (None, None, (None, None)) => of_client_id(form.get("client_id")),
            _ => Err(OAuthError::SeveralMethods),
        }
    }
}

/// RFC 6749, section 2.3.1: id and secret are encoded as in a form, and then as in RFC 7617.
fn read_basic(header: &str, form: &Form) -> Result<Credentials, OAuthError> {
    let (scheme, encoded) = header.split_once(' ').ok_or(WRONG_HEADER)?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(WRONG_HEADER);
    }
    let decoded = Zeroizing::new(BASE64.decode(encoded.trim().as_bytes()).map_err(|_| WRONG_HEADER)?);
    let (id, secret) = std::str::from_utf8(&decoded).ok().and_then(|pair| pair.split_once(':')).ok_or(WRONG_HEADER)?;
    let (id, secret) = (decode(id)?, Zeroizing::new(decode(secret)?));
    if form.get("client_id").is_some_and(|client_id| client_id != id) {
        return Err(OAuthError::InvalidClient("client_id is not the one of the header Authorization"));
    }
    of_secret(&id, &secret)
}

fn decode(encoded: &str) -> Result<String, OAuthError> {
    let mut pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(&format!("={encoded}")).map_err(|_| WRONG_HEADER)?;
    match (pairs.pop(), pairs.is_empty()) {
        (Some((_, decoded)), true) => Ok(decoded),
        _ => Err(WRONG_HEADER),
    }
}

fn of_secret(client_id: &str, secret: &str) -> Result<Credentials, OAuthError> {
    if !access::is_client_id(client_id) || secret.is_empty() {
        return Err(OAuthError::InvalidClient("id and secret of the client are not both there"));
    }
    Ok(Credentials::Secret { client_id: client_id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
}

fn of_client_id(client_id: Option<&str>) -> Result<Credentials, OAuthError> {
    let client_id = client_id.filter(|client_id| access::is_client_id(client_id));
    let client_id = client_id.ok_or(OAuthError::InvalidClient("the client did not authenticate"))?;
    Ok(Credentials::ClientId(client_id.to_owned()))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(..)")
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Presented(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authorization: Option<&str>, body: &str) -> Result<Credentials, OAuthError> {
        let form = Form::read(Some("application/x-www-form-urlencoded"), None, body.as_bytes()).unwrap();
        Credentials::read(authorization, &form)
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", BASE64.encode(pair.as_bytes()))
    }

    #[test]
    fn id_and_secret_are_found_in_either_place() {
        for (authorization, body) in [
            (Some(basic("did%3Ax:a%2Bb+c")), ""),
            (Some(basic("did%3Ax:a%2Bb+c").replace("Basic", "basic")), "client_id=did:x"),
            (None, "client_id=did%3Ax&client_secret=a%2Bb+c"),
        ] {
            let found = read(authorization.as_deref(), body).unwrap();
            assert!(!format!("{found:?}").contains("a+b"), "it is not shown");
            let Credentials::Secret { client_id, secret } = found else { panic!("a secret") };
            assert_eq!((client_id.as_str(), secret.as_str()), ("did:x", "a+b c"));
        }
    }

    #[test]
    fn headers_that_are_none() {
        for header in [
            "",
            "Basic",
            "Basic ",
            "Bearer eDp5",
            "Basic eHk=",
            "Basic !",
            "Basic eDo=",
            &basic("a b:c"),
            &basic("x:a&b"),
        ] {
            assert!(matches!(read(Some(header), ""), Err(OAuthError::InvalidClient(_))), "{header}");
        }
        assert!(matches!(read(Some(&basic("x:y")), "client_id=z"), Err(OAuthError::InvalidClient(_))));
        assert!(matches!(read(None, "client_secret=y"), Err(OAuthError::InvalidClient(_))));
    }

    #[test]
    fn an_id_alone_is_left_to_a_certificate() {
        let found = read(None, "client_id=0oa1").unwrap();
        assert!(matches!(found, Credentials::ClientId(client_id) if client_id == "0oa1"));
        for body in ["", "client_id=", "client_id=a+b"] {
            assert!(matches!(read(None, body), Err(OAuthError::InvalidClient(_))), "{body}");
        }
    }

    #[test]
    fn a_second_secret_goes_with_an_assertion_alone() {
        let presented = |authorization: Option<&str>, body: &str| {
            let form = Form::read(Some("application/x-www-form-urlencoded"), None, body.as_bytes()).unwrap();
            Presented::read(authorization, &form)
        };
        let assertion = format!("client_assertion_type={ASSERTION_TYPE}&client_assertion=j");
        let both = presented(None, &format!("{assertion}&marque_client_secret=k%2B")).unwrap();
        assert!(!format!("{both:?}").contains("k+"), "it is not shown");
        assert!(matches!(&both.credentials, Credentials::Assertion(text) if **text == "j"));
        assert_eq!(both.second_secret.unwrap().as_str(), "k+");
        assert!(presented(None, &assertion).unwrap().second_secret.is_none());
        for (authorization, body) in [
            (Some(&*basic("x:y")), "marque_client_secret=k"),
            (None, "client_id=x&client_secret=y&marque_client_secret=k"),
            (None, "client_id=x&marque_client_secret=k"),
        ] {
            assert!(matches!(presented(authorization, body), Err(OAuthError::InvalidRequest(_))), "{body}");
        }
        let refused = presented(None, &format!("{assertion}&client_secret=k"));
        assert_eq!(refused.err(), Some(OAuthError::SeveralMethods), "the standard's rule stays");
    }

    #[test]
    fn one_way_and_no_other() {
        let header = basic("x:y");
        for (authorization, body) in [
            (Some(&*header), "client_id=x&client_secret=y"),
            (Some(&*header), "client_assertion=j"),
            (None, "client_id=x&client_secret=y&client_assertion=j"),
            (None, "client_id=x&client_secret=y&client_assertion_type=t"),
        ] {
            assert_eq!(read(authorization, body).err(), Some(OAuthError::SeveralMethods), "{body}");
        }
    }
}
