//! The certificate for development.

use std::{fs, path::Path};

use marque_gateway::serve::{DevelopmentError, ServeConfig, development_certificate};
use x509_parser::{extensions::GeneralName, pem::parse_x509_pem};

use crate::scene::{client, config, hello, now_ms, serve};

const DAY_MS: u64 = 24 * 3600 * 1000;

#[tokio::test]
async fn clients_that_trust_its_authority_are_served_under_each_name() {
    let folder = tempfile::tempdir().unwrap();
    let made = development_certificate(&folder.path().join("new/folder"), now_ms()).unwrap();
    let serving = serve(hello(), ServeConfig { tls: Some(made.tls), ..config() }).await;
    let port = serving.address().port();
    for name in ["localhost", "127.0.0.1"] {
        let url = format!("https://{name}:{port}/hello");
        let answer = client(Some(&made.authority), None).get(&url).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "hello");
        assert!(client(None, None).get(&url).send().await.is_err(), "nobody else trusts it");
    }
}

#[test]
fn it_is_what_strict_clients_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let made = development_certificate(folder.path(), now_ms()).unwrap();
    let (authority, server) = (fs::read(&made.authority).unwrap(), fs::read(&made.tls.certificates[0]).unwrap());
    let (_, authority) = parse_x509_pem(&authority).unwrap();
    let (_, server) = parse_x509_pem(&server).unwrap();
    let (authority, server) = (authority.parse_x509().unwrap(), server.parse_x509().unwrap());
    let constraints = authority.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && constraints.value.ca);
    assert!(authority.key_usage().unwrap().unwrap().value.key_cert_sign());
    assert!(server.extended_key_usage().unwrap().unwrap().value.server_auth);
    assert!(!server.basic_constraints().unwrap().unwrap().value.ca);
    let oid = x509_parser::oid_registry::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER;
    assert!(server.get_extension_unique(&oid).unwrap().is_some());
    let names = &server.subject_alternative_name().unwrap().unwrap().value.general_names;
    let loopback_v6 = std::net::Ipv6Addr::LOCALHOST.octets();
    let expected = [GeneralName::DNSName("localhost"), GeneralName::IPAddress(&[127, 0, 0, 1])];
    assert_eq!(names[..2], expected);
    assert_eq!(names[2..], [GeneralName::IPAddress(&loopback_v6)]);
    for certificate in [&authority, &server] {
        let validity = certificate.validity();
        assert_eq!(validity.not_after.timestamp() - validity.not_before.timestamp(), 397 * 24 * 3600);
    }
}

#[cfg(unix)]
#[test]
fn its_key_is_for_its_owner_alone_and_the_authoritys_is_not_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let made = development_certificate(folder.path(), now_ms()).unwrap();
    assert_eq!(fs::metadata(&made.tls.key).unwrap().permissions().mode() & 0o777, 0o600);
    let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["ca.pem", "server-key.pem", "server.pem"]);

    let key = fs::read(&made.tls.key).unwrap();
    fs::set_permissions(&made.tls.key, fs::Permissions::from_mode(0o644)).unwrap();
    development_certificate(folder.path(), now_ms()).unwrap();
    assert_ne!(fs::read(&made.tls.key).unwrap(), key, "others could have read it");
}

#[test]
fn it_is_kept_while_it_is_good_and_made_again_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let now = now_ms();
    let made = |now| {
        let made = development_certificate(folder.path(), now).unwrap();
        fs::read(made.authority).unwrap()
    };
    let first = made(now);
    assert_eq!(made(now + 366 * DAY_MS), first, "31 days are left");
    let second = made(now + 368 * DAY_MS);
    assert_ne!(second, first, "29 days are left");
    let third = made(now);
    assert_ne!(third, second, "it is not valid yet");
    for file in ["ca.pem", "server.pem", "server-key.pem"] {
        let before = made(now);
        fs::write(folder.path().join(file), "damaged").unwrap();
        assert_ne!(made(now), before, "{file}");
        assert!(is_whole(folder.path()));
    }
}

fn is_whole(folder: &Path) -> bool {
    ["ca.pem", "server.pem", "server-key.pem"].iter().all(|file| folder.join(file).is_file())
}

#[test]
fn times_and_folders_that_can_not_be_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    for now in [u64::MAX, 253_000_000_000_001] {
        assert!(matches!(development_certificate(folder.path(), now), Err(DevelopmentError::Time)));
    }
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(development_certificate(&file, now_ms()), Err(DevelopmentError::Write { .. })));
    development_certificate(folder.path(), 0).unwrap();
}
