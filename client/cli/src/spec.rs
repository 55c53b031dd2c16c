//! Values of the command line and of bulk files that are more than a word.

use marque_sdk::primitives::Service;

/// Parses `id,type,endpoint`. The endpoint may have commas.
///
/// # Errors
/// A message for the user.
pub fn service(text: &str) -> Result<Service, String> {
    let mut parts = text.splitn(3, ',');
    let (Some(id), Some(service_type), Some(endpoint)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("expected id,type,endpoint, such as api,HttpApi,https://device.example/".into());
    };
    checked_service(Service { id: id.into(), service_type: service_type.into(), endpoint: endpoint.into() })
}

/// The service, if the registry would take it.
///
/// # Errors
/// A message for the user.
pub fn checked_service(service: Service) -> Result<Service, String> {
    if service.validate().is_ok() {
        return Ok(service);
    }
    Err("the id takes 1 to 32 and the type 1 to 64 of A–Z a–z 0–9 - . _ ~ (and the id does not begin with key-); the \
         endpoint is a URI of at most 256 characters"
        .into())
}

/// Parses 32 bytes of hexadecimal, with or without `0x`.
///
/// # Errors
/// A message for the user.
pub fn hash(text: &str) -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes)
        .map_err(|_| "expected 32 bytes as 64 hexadecimal digits".to_owned())?;
    Ok(bytes)
}

/// `0x` and the bytes in hexadecimal.
pub fn hex0x(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_three_parts_and_the_endpoint_may_have_commas() {
        let parsed = service("api,HttpApi,https://x.example/a,b").unwrap();
        assert_eq!(parsed.id, "api");
        assert_eq!(parsed.service_type, "HttpApi");
        assert_eq!(parsed.endpoint, "https://x.example/a,b");
    }

    #[test]
    fn a_service_that_the_registry_would_refuse_is_refused_here() {
        for text in
            ["", "api", "api,Http", "api,Http,", ",Http,https://x", "key-1,Http,https://x", "a b,Http,https://x"]
        {
            assert!(service(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_hash_is_32_bytes() {
        let digits = "ab".repeat(32);
        assert_eq!(hash(&digits), Ok([0xab; 32]));
        assert_eq!(hash(&format!("0x{digits}")), Ok([0xab; 32]));
        for text in ["", "0x", "abc", &digits[1..], &"zz".repeat(32)] {
            assert!(hash(text).is_err(), "{text:?} was taken");
        }
    }
}
