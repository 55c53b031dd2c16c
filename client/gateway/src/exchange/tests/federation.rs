use super::*;

fn fault(change: impl FnOnce(&mut Federation)) -> Option<FederationFault> {
    let mut federation = federation();
    change(&mut federation);
    federation.validate(REGISTRY).err()
}

#[test]
fn a_federation_is_a_document() {
    let document = json!({
        "name": "plant",
        "server": "default",
        "source": { "external": {
            "issuer": ISSUER,
            "keys": { "jwks_uri": "https://idp.example/keys" },
            "audiences": [AUDIENCE],
            "algorithms": ["EdDSA", "ES256", "RS256"],
        } },
        "is_active": true,
        "single_use": true,
        "subject": { "table": { "claim": "serial", "devices": { "A1": device(1).to_string() } } },
        "claims": [{ "from": "site", "to": "plant_site" }],
        "conditions": [{ "claim": "environment", "one_of": ["production"] }],
        "scopes": [{ "from": "read", "to": ["meters:read"] }, { "to": ["meters:list"] }],
    });
    let read: Federation = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(read.validate(REGISTRY), Ok(()));
    let written = serde_json::to_value(&read).unwrap();
    assert_eq!(serde_json::from_value::<Federation>(written).unwrap(), read);

    for place in ["", "/source/external", "/subject/table", "/claims/0", "/conditions/0", "/scopes/0"] {
        let mut unknown = document.clone();
        unknown.pointer_mut(place).unwrap()["surplus"] = json!(1);
        assert!(serde_json::from_value::<Federation>(unknown).is_err(), "{place}");
    }
}

#[test]
fn a_federation_with_the_chain_is_a_document() {
    let document = json!({
        "name": "neighbour", "server": "default", "is_active": true,
        "source": { "marque": { "issuer": 3, "audiences": [AUDIENCE] } },
        "subject": { "did_claim": { "claim": "sub" } },
        "scopes": [{ "from": "meters:read", "to": ["meters:read"] }],
    });
    let good: Federation = serde_json::from_value(document).unwrap();
    assert_eq!(good.validate(REGISTRY), Ok(()));
    let fixed = Federation { subject: SubjectMapping::Fixed { device: device(1).to_string() }, ..good.clone() };
    assert_eq!(fixed.validate(REGISTRY), Err(FederationFault::SubjectOfChain));
    let other = Federation { subject: SubjectMapping::DidClaim { claim: "device".into() }, ..good.clone() };
    assert_eq!(other.validate(REGISTRY), Err(FederationFault::SubjectOfChain));
    let every = Federation {
        scopes: vec![mapping(None, &["meters:read"])],
        conditions: vec![Condition { claim: "client_id".into(), one_of: set(&["a"]) }],
        ..good
    };
    assert_eq!(every.validate(REGISTRY), Err(FederationFault::OverBroad), "trust is for scopes by their names");
}

#[test]
fn sources_that_are_refused() {
    for issuer in ["", "idp.example", "http://idp.example", "https://idp.example?x=1", "https://*.example"] {
        let refused = fault(|federation| external(federation).issuer = issuer.into());
        assert_eq!(refused, Some(FederationFault::InvalidIssuer), "{issuer}");
    }
    let mut twice = keys().to_json();
    let again = twice["keys"][0].clone();
    twice["keys"].as_array_mut().unwrap().push(again);
    let mut private = keys().to_json();
    private["keys"][0]["d"] = "AA".into();
    let mut nameless = keys().to_json();
    nameless["keys"][0].as_object_mut().unwrap().remove("kid");
    let mut encrypting = keys().to_json();
    encrypting["keys"][0]["use"] = "enc".into();
    for set in [json!({}), json!([]), json!({ "keys": [] }), twice, private, nameless, encrypting] {
        let refused = fault(|federation| external(federation).keys = IssuerKeys::Jwks(set.clone()));
        assert_eq!(refused, Some(FederationFault::InvalidKeys), "{set}");
    }
    for uri in ["http://idp.example/keys", "file:///keys", "https://user:secret@idp.example/keys"] {
        let refused = fault(|federation| external(federation).keys = IssuerKeys::JwksUri(uri.into()));
        assert_eq!(refused, Some(FederationFault::InvalidKeys), "{uri}");
    }
    let many: BTreeSet<String> = (0..9).map(|number| format!("api://{number}")).collect();
    for audiences in [set(&[]), set(&["*"]), set(&["api://*"]), set(&["two words"]), many] {
        let refused = fault(|federation| external(federation).audiences = audiences.clone());
        assert_eq!(refused, Some(FederationFault::InvalidAudiences), "{audiences:?}");
    }
    assert_eq!(fault(|federation| external(federation).algorithms.clear()), Some(FederationFault::NoAlgorithm));
    for name in ["", "a\nb", &"n".repeat(65)] {
        assert_eq!(fault(|federation| federation.name = name.into()), Some(FederationFault::InvalidName), "{name:?}");
    }
}

#[test]
fn subjects_that_are_refused() {
    let elsewhere = Did::new(RegistryId([1; 10]), device(1).device).to_string();
    let table = |value: &str, did: &str| SubjectMapping::Table {
        claim: "serial".into(),
        devices: [(value.to_owned(), did.to_owned())].into(),
    };
    let good = device(1).to_string();
    let many = (0..1025).map(|number| (number.to_string(), good.clone())).collect();
    for subject in [
        SubjectMapping::DidClaim { claim: String::new() },
        SubjectMapping::DidClaim { claim: "*".into() },
        SubjectMapping::Fixed { device: elsewhere.clone() },
        SubjectMapping::Fixed { device: "did:web:idp.example".into() },
        SubjectMapping::Table { claim: "serial".into(), devices: [].into() },
        SubjectMapping::Table { claim: "serial".into(), devices: many },
        table("*", &good),
        table("", &good),
        table("A1", &elsewhere),
    ] {
        let refused = fault(|federation| federation.subject = subject.clone());
        assert_eq!(refused, Some(FederationFault::InvalidSubject));
    }
}

#[test]
fn claims_and_conditions_that_are_refused() {
    let copy = |from: &str, to: &str| ClaimMapping { from: from.into(), to: to.into() };
    let many = (0..9).map(|number| copy("site", &number.to_string())).collect();
    for claims in [vec![copy("", "a")], vec![copy("a", "*")], vec![copy("a", "x"), copy("b", "x")], many] {
        assert_eq!(fault(|federation| federation.claims = claims.clone()), Some(FederationFault::InvalidClaims));
    }
    for claim in ["sub", "scope", "scp", "aud", "cnf", "act", "epoch", "active", "client_id"] {
        let refused = fault(|federation| federation.claims = vec![copy("site", claim)]);
        assert_eq!(refused, Some(FederationFault::ReservedClaim { claim: claim.into() }));
    }
    let condition = |claim: &str, one_of: &[&str]| Condition { claim: claim.into(), one_of: set(one_of) };
    for condition in [condition("a", &[]), condition("a", &["main/*"]), condition("", &["b"]), condition("a", &[""])] {
        let refused = fault(|federation| federation.conditions = vec![condition]);
        assert_eq!(refused, Some(FederationFault::InvalidConditions));
    }
    let many = vec![condition("a", &["b"]); 17];
    assert_eq!(fault(|federation| federation.conditions = many), Some(FederationFault::InvalidConditions));
}

#[test]
fn scopes_that_are_refused() {
    let many = (0..65).map(|number| mapping(Some(&number.to_string()), &["meters:read"])).collect();
    for scopes in [
        vec![],
        vec![mapping(Some("read"), &[])],
        vec![mapping(Some("*"), &["meters:read"])],
        vec![mapping(Some(""), &["meters:read"])],
        vec![mapping(Some("a b"), &["meters:read"])],
        vec![mapping(Some("read"), &["*"])],
        vec![mapping(Some("read"), &["meters:*"])],
        vec![mapping(Some("read"), &["meters:all"])],
        many,
    ] {
        let refused = fault(|federation| federation.scopes = scopes.clone());
        assert_eq!(refused, Some(FederationFault::InvalidScopes), "{scopes:?}");
    }
    let refused = fault(|federation| federation.scopes = vec![mapping(None, &["meters:read"])]);
    assert_eq!(refused, Some(FederationFault::OverBroad));
}

#[test]
fn each_has_its_name_and_its_issuer() {
    let other = |name: &str, server: &str| Federation { name: name.into(), server: server.into(), ..federation() };
    let all = |all: Vec<Federation>| Federations::new(all, REGISTRY);
    for second in [other("plant", "second"), other("second", "default")] {
        let name = second.name.clone();
        let refused = Err(FederationError { name, fault: FederationFault::NotDistinct });
        assert_eq!(all(vec![federation(), second]), refused);
    }
    let off = Federation { is_active: false, ..other("off", "third") };
    let federations = all(vec![federation(), other("second", "second"), off]).unwrap();
    assert_eq!(federations.external("default", ISSUER).map(|found| &*found.name), Some("plant"));
    assert_eq!(federations.external("second", ISSUER).map(|found| &*found.name), Some("second"));
    assert_eq!(federations.external("third", ISSUER), None, "it is not active");
    assert_eq!(federations.external("default", "https://idp.example"), None);
    assert_eq!(federations.chain("default", 3), None);
}

#[test]
fn a_refusal_names_the_federation_in_printable_characters() {
    let refused = Federations::new(vec![Federation { name: "a\n\u{1b}b".into(), ..federation() }], REGISTRY);
    let text = refused.unwrap_err().to_string();
    assert!(!text.chars().any(char::is_control), "{text}");
}
