//! Applications that are known by a certificate in TLS (RFC 8705). What TLS found out stands beside each request here.

use axum::http::Request;
use marque_gateway::{
    CertificateBinding, ClientCertificate, Thumbprint, operate::NewApp, serve::PeerCertificate,
    settings::Authentication,
};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType, date_time_ymd};
use serde_json::json;

use crate::{
    call::Call,
    scene::{Answer, NOW_S, Scene, TOKEN, by, did, new_app},
};

fn certificate_in_der(name: &str) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2027, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    params.distinguished_name.push(DnType::CommonName, name);
    params.subject_alt_names = vec![
        SanType::DnsName(format!("{name}.example").try_into().unwrap()),
        SanType::URI(format!("urn:meter:{name}").try_into().unwrap()),
        SanType::Rfc822Name(format!("{name}@example.com").try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
    ];
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

/// A new certificate, as TLS hands it on.
pub fn shown(name: &str, is_issued: bool) -> PeerCertificate {
    PeerCertificate { der: certificate_in_der(name).into(), is_issued }
}

pub fn thumbprint(shown: &PeerCertificate) -> Thumbprint {
    ClientCertificate::read(&shown.der, NOW_S * 1000).unwrap().thumbprint
}

pub fn by_thumbprint(shown: &PeerCertificate) -> CertificateBinding {
    CertificateBinding::Thumbprints(vec![thumbprint(shown)])
}

fn known_by(binding: CertificateBinding) -> NewApp {
    NewApp { authentication: Authentication::TlsClientAuth, certificate: Some(binding), ..new_app() }
}

async fn ask(scene: &Scene, id: &str, certificate: &PeerCertificate) -> Answer {
    Call::new("meters:read").with("client_id", id).showing(certificate).send(scene).await
}

#[tokio::test]
async fn a_name_counts_if_who_is_trusted_issued_the_certificate() {
    let scene = Scene::new().await;
    let (issued, of_its_own) = (shown("meter-7", true), shown("meter-7", false));
    let of_another = shown("meter-8", true);
    for (binding, is_others_too) in [
        (CertificateBinding::SubjectDn("CN=meter-7,O=Example".into()), false),
        (CertificateBinding::SanDns("METER-7.example".into()), false),
        (CertificateBinding::SanUri("urn:meter:meter-7".into()), false),
        (CertificateBinding::SanEmail("meter-7@example.com".into()), false),
        (CertificateBinding::SanIp("192.0.2.7".parse().unwrap()), true),
    ] {
        let id = scene.put_app(&known_by(binding.clone())).await.id;
        let said = ask(&scene, &id, &issued).await.said();
        assert_eq!((&said["client_id"], &said["sub"]), (&json!(id), &json!(did().to_string())), "{binding:?}");
        ask(&scene, &id, &of_its_own).await.expect_refused(401, "invalid_client");
        let status = ask(&scene, &id, &of_another).await.status.as_u16();
        assert_eq!(status, if is_others_too { 200 } else { 401 }, "{binding:?}");
    }
    let events = scene.events().await;
    assert_eq!(events[0]["debugContext"]["debugData"]["factors"], json!(["certificate"]));
}

#[tokio::test]
async fn a_certificate_counts_by_its_thumbprint_whoever_issued_it() {
    let scene = Scene::new().await;
    let (old, new, other) = (shown("a", false), shown("a", false), shown("a", true));
    let both = CertificateBinding::Thumbprints(vec![thumbprint(&old), thumbprint(&new)]);
    let id = scene.put_app(&known_by(both)).await.id;
    for known in [&old, &new] {
        assert_eq!(ask(&scene, &id, known).await.status, 200);
    }
    ask(&scene, &id, &other).await.expect_refused(401, "invalid_client");
    let next = known_by(by_thumbprint(&new));
    scene.gateway.update_app(by(&Default::default()), &id, &next).await.unwrap();
    ask(&scene, &id, &old).await.expect_refused(401, "invalid_client");
    assert_eq!(ask(&scene, &id, &new).await.status, 200);
}

#[tokio::test]
async fn a_certificate_without_its_application_and_the_other_way_round_prove_nothing() {
    let scene = Scene::new().await;
    let certificate = shown("a", true);
    let id = scene.put_app(&known_by(by_thumbprint(&certificate))).await.id;
    let by_secret = scene.put_app(&NewApp { certificate: Some(by_thumbprint(&certificate)), ..new_app() }).await.id;
    Call::new("meters:read").with("client_id", &id).send(&scene).await.expect_refused(401, "invalid_client");
    Call::new("meters:read").showing(&certificate).send(&scene).await.expect_refused(401, "invalid_client");
    ask(&scene, "0oaunknown", &certificate).await.expect_refused(401, "invalid_client");
    ask(&scene, &did().to_string(), &certificate).await.expect_refused(401, "invalid_client");
    ask(&scene, &by_secret, &certificate).await.expect_refused(401, "invalid_client");
    let (_, secret) = scene.secret(&id).await;
    let with_secret = Call::by_secret(&id, &secret, "meters:read").showing(&certificate);
    with_secret.send(&scene).await.expect_refused(401, "invalid_client");
    assert_eq!(ask(&scene, &id, &certificate).await.status, 200);
    scene.gateway.set_app_active(by(&Default::default()), &id, false).await.unwrap();
    ask(&scene, &id, &certificate).await.expect_refused(401, "invalid_client");
}

#[tokio::test]
async fn what_a_client_says_in_a_header_is_no_certificate() {
    let scene = Scene::new().await;
    let certificate = shown("a", true);
    let id = scene.put_app(&known_by(by_thumbprint(&certificate))).await.id;
    let thumbprint = String::from(thumbprint(&certificate));
    for header in ["client-cert", "x-forwarded-client-cert", "x-ssl-client-cert"] {
        let request = Request::post(TOKEN).header("content-type", "application/x-www-form-urlencoded");
        let body = format!("grant_type=client_credentials&scope=meters:read&client_id={id}");
        let answer = scene.send(request.header(header, &thumbprint).body(body.into()).unwrap()).await;
        answer.expect_refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn a_certificate_counts_as_long_as_it_is_valid_even_on_a_connection_that_lasts() {
    let scene = Scene::new().await;
    scene.chain.grants_end_after(1000 * 86_400);
    let certificate = shown("a", true);
    let by_name = known_by(CertificateBinding::SubjectDn("CN=a,O=Example".into()));
    let ids = [by_name, known_by(by_thumbprint(&certificate))].map(async |new| scene.put_app(&new).await.id);
    let ids = futures::future::join_all(ids).await;
    // It is the 15th of January, and the certificate ends with the first second of the next year.
    scene.advance(350 * 86_400 + 16 * 3600);
    scene.gateway.tend_keys(scene.now_ms()).await.unwrap();
    for id in &ids {
        let status = ask(&scene, id, &certificate).await.status;
        assert_ne!(status, 401, "known still");
    }
    scene.advance(1);
    for id in &ids {
        ask(&scene, id, &certificate).await.expect_refused(401, "invalid_client");
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_no_certificate() {
    let scene = Scene::new().await;
    let certificate = shown("a", true);
    let id = scene.put_app(&known_by(by_thumbprint(&certificate))).await.id;
    for der in [&certificate.der[..certificate.der.len() - 1], &[], &[&*certificate.der, &[0]].concat()] {
        let other = PeerCertificate { der: der.into(), is_issued: true };
        ask(&scene, &id, &other).await.expect_refused(401, "invalid_client");
        assert_eq!(scene.call("meters:read").showing(&other).send(&scene).await.status, 200, "who signs needs none");
    }
}

#[tokio::test]
async fn bindings_that_are_nobodys_are_refused() {
    let scene = Scene::new().await;
    for binding in [
        CertificateBinding::Thumbprints(vec![]),
        CertificateBinding::Thumbprints((0..51).map(|n| Thumbprint([n; 32])).collect()),
        CertificateBinding::SubjectDn(String::new()),
        CertificateBinding::SanDns("x".repeat(1025)),
    ] {
        let refused = scene.gateway.create_app(by(&Default::default()), &known_by(binding.clone())).await;
        assert!(refused.is_err(), "{binding:?}");
    }
    let without = NewApp { authentication: Authentication::TlsClientAuth, ..new_app() };
    assert!(scene.gateway.create_app(by(&Default::default()), &without).await.is_err());
}
