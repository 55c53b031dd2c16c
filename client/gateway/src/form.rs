//! The parameters of a request (RFC 6749, section 3.2): in its body, each once.

use std::collections::BTreeMap;

use marque_sdk::primitives::access;
use url::Url;

use crate::OAuthError;

/// The largest body that is read, in bytes: an assertion of 8 KiB, percent-encoded at worst, and the rest.
pub const BODY_BYTES_MAX: usize = 32 * 1024;
/// The most parameters that a request may have, unknown ones included.
const PARAMETERS_MAX: usize = 32;
const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Parameters that may be there several times (RFC 8707, section 2; RFC 8693, section 2.1), and how often at most.
const REPEATED: [&str; 2] = ["resource", "audience"];
const REPEATED_MAX: usize = 4;

/// The parameters of a request. What they say may be a secret: they are not shown.
pub struct Form {
    once: BTreeMap<String, String>,
    repeated: Vec<(String, String)>,
}

impl Form {
    /// Reads a body. A parameter without a value counts as left out, and those that are not known are ignored (RFC 6749, section 3.2).
    ///
    /// # Errors
    /// [`OAuthError::InvalidRequest`] for a query string, another media type, too many or repeated parameters, in this order.
    pub fn read(content_type: Option<&str>, query: Option<&str>, body: &[u8]) -> Result<Self, OAuthError> {
        if query.is_some_and(|query| !query.is_empty()) {
            return Err(OAuthError::InvalidRequest("parameters belong in the body, not in the query string"));
        }
        let media_type = content_type.map(|text| text.split(';').next().unwrap_or(text).trim());
        if !media_type.is_some_and(|text| text.eq_ignore_ascii_case(MEDIA_TYPE)) {
            return Err(OAuthError::InvalidRequest("the body must be application/x-www-form-urlencoded"));
        }
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(body).map_err(|_| OAuthError::InvalidRequest("the body can't be read"))?;
        if pairs.len() > PARAMETERS_MAX {
            return Err(OAuthError::InvalidRequest("there are too many parameters"));
        }
        let (mut once, mut repeated) = (BTreeMap::new(), Vec::new());
        for (name, value) in pairs {
            if REPEATED.contains(&name.as_str()) {
                repeated.push((name, value));
            } else if once.insert(name, value).is_some() {
                return Err(OAuthError::InvalidRequest("a parameter is there more than once"));
            }
        }
        once.retain(|_, value| !value.is_empty());
        repeated.retain(|(_, value)| !value.is_empty());
        if repeated.len() > REPEATED_MAX {
            return Err(OAuthError::InvalidRequest("there are more than four of resource and audience"));
        }
        Ok(Self { once, repeated })
    }

    /// The value of a parameter that is there once.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.once.get(name).map(String::as_str)
    }

    /// Whom the token is to be for: the values of `resource` and `audience`.
    ///
    /// # Errors
    /// [`OAuthError::InvalidTarget`] where one can't be an audience, or a resource is no absolute URI or has a fragment (RFC 8707,
    /// section 2).
    pub fn audience(&self) -> Result<Vec<String>, OAuthError> {
        let is_good =
            |name: &str, value: &str| access::is_audience(value) && (name != "resource" || is_resource(value));
        let read = |(name, value): &(String, String)| is_good(name, value).then(|| value.clone());
        self.repeated.iter().map(read).collect::<Option<_>>().ok_or(OAuthError::InvalidTarget)
    }
}

fn is_resource(text: &str) -> bool {
    !text.contains('#') && Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Form, OAuthError> {
        Form::read(Some(MEDIA_TYPE), None, body.as_bytes())
    }

    #[test]
    fn values_are_decoded_and_empty_ones_left_out() {
        let form = read("scope=meters%3Aread+meters:write&empty=&grant_type=x").unwrap();
        assert_eq!(form.get("scope"), Some("meters:read meters:write"));
        assert_eq!(form.get("empty"), None);
        assert_eq!(form.get("missing"), None);
    }

    #[test]
    fn a_parameter_is_there_once_even_if_it_is_empty_or_unknown() {
        for body in ["a=1&a=1", "a=&a=1", "a=1&%61=2"] {
            assert!(read(body).is_err(), "{body}");
        }
        let many = |count: usize| (0..count).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(read(&many(PARAMETERS_MAX)).is_ok());
        assert!(read(&many(PARAMETERS_MAX + 1)).is_err());
    }

    #[test]
    fn whom_a_token_is_for_may_be_several() {
        let form = read("resource=https://a.example&audience=api://b&resource=").unwrap();
        assert_eq!(form.audience().unwrap(), ["https://a.example", "api://b"]);
        assert_eq!(read("audience=meters").unwrap().audience().unwrap(), ["meters"], "an audience may be any name");
        let long = format!("audience={}", "x".repeat(129));
        for body in
            ["resource=/api", "resource=meters", "resource=https://a.example%23part", "audience=two+words", &long]
        {
            assert_eq!(read(body).unwrap().audience(), Err(OAuthError::InvalidTarget), "{body}");
        }
        assert!(read("resource=a&resource=b&audience=c&audience=d").is_ok());
        assert!(read("resource=a&resource=b&audience=c&audience=d&resource=e").is_err());
    }

    #[test]
    fn the_media_type_counts_and_its_parameters_do_not() {
        let with = |media_type| Form::read(media_type, None, b"a=1").is_ok();
        assert!(with(Some("Application/X-www-form-urlencoded; charset=UTF-8")));
        assert!(!with(Some("application/json")));
        assert!(!with(None));
    }
}
