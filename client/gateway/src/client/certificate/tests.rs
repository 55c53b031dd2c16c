use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, Issuer, KeyPair, SanType, date_time_ymd,
};
use serde_json::json;

use super::*;

/// The 1st of January 2027, midnight in Greenwich.
const BEGIN_MS: u64 = 1_798_761_600_000;
/// A year later.
const END_MS: u64 = 1_830_297_600_000;

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2027, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params.distinguished_name = subject(&[(DnType::OrganizationName, "Example, Ltd"), (DnType::CommonName, "meter-7")]);
    params
}

fn subject(attributes: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (attribute, value) in attributes {
        name.push(attribute.clone(), *value);
    }
    name
}

fn named(names: Vec<SanType>) -> CertificateParams {
    let mut params = params();
    params.subject_alt_names = names;
    params
}

fn der(params: &CertificateParams) -> Vec<u8> {
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn read(params: &CertificateParams) -> ClientCertificate {
    ClientCertificate::read(&der(params), BEGIN_MS).unwrap()
}

fn all_names() -> Vec<SanType> {
    vec![
        SanType::DnsName("Meter-7.example".try_into().unwrap()),
        SanType::URI("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
        SanType::Rfc822Name("meter-7@example.com".try_into().unwrap()),
    ]
}

#[test]
fn names_are_found() {
    let der = der(&named(all_names()));
    let certificate = ClientCertificate::read(&der, BEGIN_MS).unwrap();
    assert_eq!(certificate.thumbprint.0, <[u8; 32]>::from(Sha256::digest(&der)));
    assert_eq!(certificate.subject, "CN=meter-7,O=Example\\, Ltd");
    assert_eq!(certificate.dns_names, ["Meter-7.example"]);
    assert_eq!(certificate.uris, ["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]);
    assert_eq!(certificate.addresses, ["192.0.2.7", "2001:db8::7"].map(|address| address.parse::<IpAddr>().unwrap()));
    assert_eq!(certificate.emails, ["meter-7@example.com"]);
    let plain = read(&params());
    assert!(plain.dns_names.is_empty() && plain.uris.is_empty() && plain.emails.is_empty());
}

#[test]
fn subjects_are_written_as_the_standard_has_it() {
    let of = |attributes: &[(DnType, &str)]| {
        let mut params = params();
        params.distinguished_name = subject(attributes);
        read(&params).subject
    };
    let device = [
        (DnType::CountryName, "GB"),
        (DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 25]), "example"),
        (DnType::CustomDnType(vec![2, 5, 4, 5]), "#00 7 "),
        (DnType::CommonName, "Lu\u{10d}i\u{107}+1"),
    ];
    assert_eq!(of(&device), "CN=Lu\u{10d}i\u{107}\\+1,serialNumber=\\#00 7\\ ,DC=example,C=GB");
    // A type without a name: RFC 4514, section 4, has an example of this form.
    let title = [(DnType::CustomDnType(vec![2, 5, 4, 12]), "Hi")];
    assert_eq!(of(&title), "2.5.4.12=#0c024869");
    assert_eq!(of(&[]), "");
    let mut params = params();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, DnValue::BmpString("a".try_into().unwrap()));
    assert_eq!(read(&params).subject, "CN=#1e020061", "a value that is no text here");
}

#[test]
fn a_certificate_counts_from_its_first_to_its_last_second() {
    let der = der(&params());
    for (now_ms, outcome) in [
        (0, Some(CertificateError::NotYetValid)),
        (BEGIN_MS - 1, Some(CertificateError::NotYetValid)),
        (BEGIN_MS, None),
        (END_MS + 999, None),
        (END_MS + 1000, Some(CertificateError::Expired)),
        (u64::MAX, Some(CertificateError::Expired)),
    ] {
        assert_eq!(ClientCertificate::read(&der, now_ms).err(), outcome, "{now_ms}");
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    let good = der(&params());
    let padded = [&good[..], &[0]].concat();
    for (bytes, refusal) in [
        (&[][..], CertificateError::Malformed),
        (b"-----BEGIN CERTIFICATE-----", CertificateError::Malformed),
        (&good[..good.len() - 1], CertificateError::Malformed),
        (&padded, CertificateError::Malformed),
        (&[0x30; CERTIFICATE_BYTES_MAX + 1], CertificateError::TooLong),
    ] {
        assert_eq!(ClientCertificate::read(bytes, BEGIN_MS), Err(refusal));
    }
    // Alternative names: an address of three bytes; a name of DNS that is no UTF-8; the extension twice.
    let names = |content: &[u8]| CustomExtension::from_oid_content(&[2, 5, 29, 17], content.to_vec());
    for extensions in [
        vec![names(&[0x30, 5, 0x87, 3, 1, 2, 3])],
        vec![names(&[0x30, 4, 0x82, 2, 0xff, 0xfe])],
        vec![names(&[0x30, 3, 0x82, 1, b'a']), names(&[0x30, 3, 0x82, 1, b'b'])],
    ] {
        let mut params = params();
        params.custom_extensions = extensions;
        assert_eq!(ClientCertificate::read(&self::der(&params), BEGIN_MS), Err(CertificateError::Malformed));
    }
}

#[test]
fn a_thumbprint_is_enough_whoever_issued_the_certificate() {
    let (mine, others) = (read(&params()), read(&params()));
    let binding = CertificateBinding::Thumbprints(vec![others.thumbprint, mine.thumbprint]);
    assert!(binding.matches(&mine, false) && binding.matches(&mine, true));
    let binding = CertificateBinding::Thumbprints(vec![others.thumbprint]);
    assert!(!binding.matches(&mine, true), "the same names with another key");
    assert!(!CertificateBinding::Thumbprints(vec![]).matches(&mine, true));
}

#[test]
fn a_name_counts_if_the_issuer_is_trusted() {
    let authority = KeyPair::generate().unwrap();
    let issuer = Issuer::new(CertificateParams::default(), &authority);
    let issued = named(all_names()).signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let certificate = ClientCertificate::read(issued.der(), BEGIN_MS).unwrap();
    let parse = |binding: serde_json::Value| serde_json::from_value::<CertificateBinding>(binding).unwrap();
    for (binding, is_so) in [
        (json!({ "subject_dn": "CN=meter-7,O=Example\\, Ltd" }), true),
        (json!({ "subject_dn": "CN=meter-7" }), false),
        (json!({ "san_dns": "meter-7.EXAMPLE" }), true),
        (json!({ "san_dns": "example" }), false),
        (json!({ "san_uri": "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" }), true),
        (json!({ "san_uri": "urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6" }), false),
        (json!({ "san_ip": "192.0.2.7" }), true),
        (json!({ "san_ip": "2001:db8:0::7" }), true),
        (json!({ "san_ip": "192.0.2.8" }), false),
        (json!({ "san_email": "meter-7@example.com" }), true),
        (json!({ "san_email": "meter-7.example" }), false),
    ] {
        let text = binding.to_string();
        let binding = parse(binding);
        assert_eq!(binding.matches(&certificate, true), is_so, "{text}");
        assert!(!binding.matches(&certificate, false), "{text}");
        assert_eq!(binding.validate(), Ok(()));
    }
}

#[test]
fn nobody_is_called_nothing() {
    let mut params = named(vec![SanType::DnsName("".try_into().unwrap()), SanType::URI("".try_into().unwrap())]);
    params.distinguished_name = DistinguishedName::new();
    let certificate = read(&params);
    for binding in [
        CertificateBinding::SubjectDn(String::new()),
        CertificateBinding::SanDns(String::new()),
        CertificateBinding::SanUri(String::new()),
        CertificateBinding::SanEmail(String::new()),
    ] {
        assert!(!binding.matches(&certificate, true), "{binding:?}");
        assert_eq!(binding.validate(), Err(BindingError::Name));
    }
    let wildcard = read(&named(vec![SanType::DnsName("*.example".try_into().unwrap())]));
    assert!(!CertificateBinding::SanDns("meter.example".into()).matches(&wildcard, true));
}

#[test]
fn bindings_have_one_form_and_bounds() {
    let text = json!({ "thumbprints": [BASE64URL_NOPAD.encode(&[7; 32])] });
    let binding: CertificateBinding = serde_json::from_value(text.clone()).unwrap();
    assert_eq!(binding, CertificateBinding::Thumbprints(vec![Thumbprint([7; 32])]));
    assert_eq!(serde_json::to_value(&binding).unwrap(), text);
    for bad in [
        json!({ "thumbprints": ["AA"] }),
        json!({ "thumbprints": [format!("{}=", BASE64URL_NOPAD.encode(&[7; 32]))] }),
        json!({ "san_ip": "192.0.2" }),
        json!({ "san_dns": "a", "san_uri": "b" }),
        json!({ "issuer": "a" }),
    ] {
        assert!(serde_json::from_value::<CertificateBinding>(bad.clone()).is_err(), "{bad}");
    }
    let of = |count| CertificateBinding::Thumbprints(vec![Thumbprint([7; 32]); count]).validate();
    assert_eq!((of(0), of(1), of(50)), (Err(BindingError::Thumbprints), Ok(()), Ok(())));
    assert_eq!(of(51), Err(BindingError::Thumbprints));
    let long = |count| CertificateBinding::SanUri("a".repeat(count)).validate();
    assert_eq!((long(1024), long(1025)), (Ok(()), Err(BindingError::Name)));
}

proptest! {
    #[test]
    fn whatever_is_changed_nothing_panics_and_nothing_is_taken_for_it(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = der(&named(all_names()));
        let before = ClientCertificate::read(&bytes, BEGIN_MS).unwrap();
        let original = bytes.clone();
        for (position, byte) in changes {
            let position = position.index(bytes.len());
            bytes[position] = byte;
        }
        if let Ok(after) = ClientCertificate::read(&bytes, BEGIN_MS) {
            prop_assert_eq!(after.thumbprint == before.thumbprint, bytes == original);
        }
    }

    #[test]
    fn whatever_is_read_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        prop_assert!(ClientCertificate::read(&bytes, BEGIN_MS).is_err());
    }
}
