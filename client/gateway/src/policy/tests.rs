use std::collections::BTreeSet;

use serde_json::json;

use super::*;

pub(super) fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(super) fn rule(name: &str, priority: u32, scopes: &[&str]) -> Rule {
    Rule {
        name: name.into(),
        priority,
        is_active: true,
        grant_types: BTreeSet::from([GrantType::ClientCredentials]),
        scopes: set(scopes),
        lifetime_s: 600,
        audience: set(&["api://default"]),
        ..Rule::default()
    }
}

pub(super) fn policy(name: &str, priority: u32, clients: Clients, rules: Vec<Rule>) -> Policy {
    Policy { name: name.into(), priority, is_active: true, clients, rules }
}

fn these(ids: &[&str]) -> Clients {
    Clients::These(set(ids))
}

/// The name of the rule that decides, having checked that the explanation says the same.
fn decide(policies: &Policies, client_id: &str, scopes: &[&str]) -> Option<String> {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let ask = Ask::new(client_id, GrantType::ClientCredentials, &scopes, 0);
    policies.decide(&ask).map(|decision| decision.rule.name.clone())
}

/// What the only rule of a policy for every client says.
fn verdict(rule: Rule, ask: &Ask<'_>) -> Verdict {
    let policies = Policies::new(vec![policy("p", 1, Clients::Every, vec![rule])]).unwrap();
    policies.explain(ask).steps[0].verdict
}

#[test]
fn the_first_rule_that_matches_decides() {
    let policies = Policies::new(vec![
        policy("all", 9, Clients::Every, vec![rule("last", 1, &["meters:read", "meters:write"])]),
        policy("some", 2, these(&["a"]), vec![rule("late", 7, &["meters:read"]), rule("early", 3, &["meters:write"])]),
    ])
    .unwrap();
    assert_eq!(decide(&policies, "a", &["meters:read"]).as_deref(), Some("late"));
    assert_eq!(decide(&policies, "a", &["meters:read", "meters:write"]).as_deref(), Some("early"));
    assert_eq!(decide(&policies, "b", &["meters:read"]).as_deref(), Some("last"), "the policy is for others");
    assert_eq!(decide(&policies, "a", &["doors:open"]), None);
}

#[test]
fn what_is_not_active_is_passed_over() {
    let inactive = Rule { is_active: false, ..rule("off", 1, &["meters:read"]) };
    let off = Policy { is_active: false, ..policy("off", 1, Clients::Every, vec![rule("never", 1, &["meters:read"])]) };
    let on = policy("on", 2, Clients::Every, vec![inactive, rule("on", 2, &["meters:read"])]);
    let policies = Policies::new(vec![off, on]).unwrap();
    assert_eq!(decide(&policies, "a", &["meters:read"]).as_deref(), Some("on"));
    assert_eq!(policies.scopes(), BTreeSet::from(["meters:read"]));
}

#[test]
fn an_explanation_says_what_each_said() {
    let policies = Policies::new(vec![
        policy("some", 1, these(&["a"]), vec![rule("read", 1, &["meters:read"])]),
        policy("all", 2, Clients::Every, vec![rule("write", 1, &["meters:write"]), rule("both", 2, &["meters:read"])]),
    ])
    .unwrap();
    let scopes = ["meters:read".to_owned(), "doors:open".to_owned()];
    let ask = Ask::new("b", GrantType::ClientCredentials, &scopes, 0);
    assert_eq!(
        policies.explain(&ask).to_string(),
        "policy `some`: is for other clients\n\
         policy `all`, rule `write`: has none of the scopes\n\
         policy `all`, rule `both`: decides\n\
         allowed: meters:read"
    );
    let none = Ask { scopes: &scopes[1..], ..ask };
    assert!(policies.explain(&none).to_string().ends_with("refused: no rule decides"));
    assert_eq!(
        serde_json::to_value(policies.explain(&ask)).unwrap(),
        json!({
            "steps": [
                { "policy": "some", "rule": null, "verdict": "other_clients" },
                { "policy": "all", "rule": "write", "verdict": "other_scopes" },
                { "policy": "all", "rule": "both", "verdict": "decides" },
            ],
            "scopes": ["meters:read"],
            "audience": ["api://default"],
        })
    );
}

#[test]
fn over_broad_rules_are_refused() {
    let named = || "r".to_owned();
    let good = || rule("r", 1, &["meters:read"]);
    let many_scopes = |count: usize| (0..count).map(|n| format!("meters:read{n}")).collect::<BTreeSet<_>>();
    let claims = |claims: serde_json::Value| claims.as_object().unwrap().clone();
    let never = TimeWindow { days: BTreeSet::new(), ..night() };
    for (bad, refusal) in [
        (Rule { scopes: set(&["*"]), ..good() }, PolicyError::InvalidScopes { rule: named() }),
        (Rule { scopes: set(&["meters:*"]), ..good() }, PolicyError::InvalidScopes { rule: named() }),
        (Rule { scopes: set(&["meters:all"]), ..good() }, PolicyError::InvalidScopes { rule: named() }),
        (Rule { scopes: set(&[]), ..good() }, PolicyError::InvalidScopes { rule: named() }),
        (Rule { audience: set(&["*"]), ..good() }, PolicyError::InvalidAudience { rule: named() }),
        (Rule { audience: set(&[]), ..good() }, PolicyError::InvalidAudience { rule: named() }),
        (
            Rule { audience: set(&["a:1", "a:2", "a:3", "a:4", "a:5"]), ..good() },
            PolicyError::InvalidAudience { rule: named() },
        ),
        (Rule { grant_types: BTreeSet::new(), ..good() }, PolicyError::NoGrantType { rule: named() }),
        (Rule { lifetime_s: 59, ..good() }, PolicyError::InvalidLifetime { rule: named() }),
        (Rule { lifetime_s: 86_401, ..good() }, PolicyError::InvalidLifetime { rule: named() }),
        (Rule { lifetime_s: 3601, ..good() }, PolicyError::OverBroad { rule: named() }),
        (Rule { scopes: many_scopes(17), ..good() }, PolicyError::OverBroad { rule: named() }),
        (Rule { scopes: many_scopes(65), ..good() }, PolicyError::InvalidScopes { rule: named() }),
        (Rule { zones: set(&[""]), ..good() }, PolicyError::InvalidZones { rule: named() }),
        (
            Rule { zones: set(&["a"]), except_zones: set(&["a", "b"]), ..good() },
            PolicyError::InvalidZones { rule: named() },
        ),
        (Rule { times: vec![never.clone()], ..good() }, PolicyError::InvalidTimes { rule: named() }),
        (Rule { claims: claims(json!({ "sites": "*" })), ..good() }, PolicyError::InvalidClaims { rule: named() }),
        (Rule { claims: claims(json!({ "sub": "other" })), ..good() }, PolicyError::InvalidClaims { rule: named() }),
        (Rule { name: String::new(), ..good() }, PolicyError::InvalidName),
    ] {
        assert_eq!(Policies::new(vec![policy("p", 1, Clients::Every, vec![bad.clone()])]), Err(refusal), "{bad:?}");
    }
    let long = Rule { lifetime_s: 86_400, scopes: many_scopes(64), ..good() };
    assert!(Policies::new(vec![policy("p", 1, these(&["a"]), vec![long])]).is_ok(), "for clients that are named");
    let nobody = PolicyError::InvalidClients { policy: "p".into() };
    let matching = |fleets: &[&str], roles: &[&str], labels: &[&str]| {
        Clients::Matching(Matching { fleets: set(fleets), roles: set(roles), labels: set(labels) })
    };
    for clients in [
        these(&[]),
        these(&["a b"]),
        these(&[""]),
        matching(&[], &[], &[]),
        matching(&["*"], &[], &[]),
        matching(&[], &["admin"], &[]),
        matching(&["north"], &[], &["site=*"]),
        matching(&["north"], &[], &[""]),
    ] {
        let refused = Policies::new(vec![policy("p", 1, clients.clone(), vec![good()])]);
        assert_eq!(refused, Err(nobody.clone()), "{clients:?}");
    }
}

#[test]
fn policies_and_rules_are_bounded() {
    let policies = |count: u32| (0..count).map(|n| policy(&n.to_string(), n, Clients::Every, vec![])).collect();
    assert!(Policies::new(policies(128)).is_ok());
    assert_eq!(Policies::new(policies(129)), Err(PolicyError::TooMany));
    let rules = |count: u32| (0..count).map(|n| rule(&n.to_string(), n, &["meters:read"])).collect();
    assert!(Policies::new(vec![policy("p", 1, Clients::Every, rules(64))]).is_ok());
    assert_eq!(Policies::new(vec![policy("p", 1, Clients::Every, rules(65))]), Err(PolicyError::TooMany));
}

#[test]
fn the_order_is_never_open() {
    let refused = |policies| matches!(Policies::new(policies), Err(PolicyError::NotDistinct { .. }));
    let with = |name, priority| policy(name, priority, Clients::Every, vec![]);
    assert!(refused(vec![with("a", 1), with("b", 1)]));
    assert!(refused(vec![with("a", 1), with("a", 2)]));
    let rules = vec![rule("r", 1, &["meters:read"]), rule("s", 1, &["meters:read"])];
    assert!(refused(vec![policy("a", 1, Clients::Every, rules)]));
}

fn night() -> TimeWindow {
    let time = |text| TimeOfDay::parse(text).unwrap();
    TimeWindow { days: BTreeSet::from([Day::Thursday]), from: time("22:00"), to: time("06:00") }
}

#[test]
fn each_condition_that_does_not_hold_is_told() {
    let scopes = ["meters:read".to_owned()];
    let (audience, factors) = (["api://default".to_owned()], BTreeSet::from([Factor::Secret]));
    let (plant, others) = (set(&["plant"]), set(&["office", "plant"]));
    let good = || rule("r", 1, &["meters:read"]);
    // 1970-01-01 was a Thursday: this is noon.
    let ask = Ask {
        factors: &factors,
        zones: Some(&plant),
        audience: Some(&audience),
        ..Ask::new("c", GrantType::ClientCredentials, &scopes, 12 * 3_600_000)
    };
    for (rule, said) in [
        (good(), Verdict::Decides),
        (Rule { is_active: false, ..good() }, Verdict::Inactive),
        (Rule { grant_types: BTreeSet::from([GrantType::TokenExchange]), ..good() }, Verdict::OtherGrantType),
        (Rule { scopes: set(&["doors:open"]), ..good() }, Verdict::OtherScopes),
        (Rule { audience: set(&["api://other"]), ..good() }, Verdict::OtherAudience),
        (Rule { zones: set(&["office"]), ..good() }, Verdict::OtherZones),
        (Rule { zones: set(&["office", "plant"]), ..good() }, Verdict::Decides),
        (Rule { except_zones: set(&["plant", "street"]), ..good() }, Verdict::ExceptedZone),
        (Rule { except_zones: set(&["street"]), ..good() }, Verdict::Decides),
        (Rule { times: vec![night()], ..good() }, Verdict::OtherTimes),
        (Rule { factors: BTreeSet::from([Factor::Secret, Factor::Certificate]), ..good() }, Verdict::MissingFactors),
        (Rule { factors: factors.clone(), ..good() }, Verdict::Decides),
    ] {
        assert_eq!(verdict(rule.clone(), &ask), said, "{rule:?}");
    }
    let unknown = Ask { zones: None, ..ask };
    assert_eq!(verdict(Rule { zones: set(&["plant"]), ..good() }, &unknown), Verdict::OtherZones);
    assert_eq!(verdict(Rule { except_zones: set(&["street"]), ..good() }, &unknown), Verdict::ExceptedZone);
    assert_eq!(
        verdict(Rule { except_zones: set(&["office"]), ..good() }, &Ask { zones: Some(&others), ..ask }),
        Verdict::ExceptedZone
    );
}

#[test]
fn a_token_is_for_those_who_are_asked_for() {
    let wide = Rule { audience: set(&["api://a", "api://b"]), ..rule("r", 1, &["meters:read"]) };
    let policies = Policies::new(vec![policy("p", 1, Clients::Every, vec![wide])]).unwrap();
    let scopes = ["meters:read".to_owned()];
    let whole = Ask::new("c", GrantType::ClientCredentials, &scopes, 0);
    let audience = |asked: Option<&[String]>| {
        let ask = Ask { audience: asked, ..whole };
        policies.decide(&ask).map(|decision| decision.audience(&ask))
    };
    let (a, b, c) = ("api://a".to_owned(), "api://b".to_owned(), "api://c".to_owned());
    assert_eq!(audience(None), Some(set(&["api://a", "api://b"])));
    assert_eq!(audience(Some(&[])), Some(set(&["api://a", "api://b"])), "never for nobody");
    assert_eq!(audience(Some(&[b.clone(), b])), Some(set(&["api://b"])));
    assert_eq!(audience(Some(&[a, c])), None, "all or none");
}

#[test]
fn clients_match_in_every_kind_that_is_listed() {
    let matching = Matching { fleets: set(&["north", "south"]), labels: set(&["site=7"]), ..Matching::default() };
    let clients = Clients::Matching(matching);
    let is_included = |fleets: &[&str], labels: &[&str]| {
        let (fleets, labels) = (set(fleets), set(labels));
        clients.include(&Ask {
            fleets: &fleets,
            labels: &labels,
            ..Ask::new("c", GrantType::ClientCredentials, &[], 0)
        })
    };
    assert!(is_included(&["south"], &["site=7", "lab"]));
    assert!(!is_included(&["south"], &["site=70"]));
    assert!(!is_included(&["south"], &[]));
    assert!(!is_included(&["west"], &["site=7"]));
}

#[test]
fn documents_are_short_and_read_as_they_are_written() {
    let short = json!([{
        "name": "p", "priority": 1, "is_active": true, "clients": { "matching": { "roles": ["meter"] } },
        "rules": [{
            "name": "r", "priority": 1, "is_active": true, "grant_types": ["client_credentials"], "scopes": ["meters:read"],
            "lifetime_s": 600, "audience": ["api://default"],
        }],
    }]);
    let policies: Policies = serde_json::from_value(short.clone()).unwrap();
    assert_eq!(serde_json::to_value(&policies).unwrap(), short);
    let mut long = short.clone();
    let rule = long[0]["rules"][0].as_object_mut().unwrap();
    rule.insert("zones".into(), json!(["plant"]));
    rule.insert("times".into(), json!([{ "days": ["monday", "sunday"], "from": "22:00", "to": "24:00" }]));
    rule.insert("factors".into(), json!(["device_key"]));
    rule.insert("claims".into(), json!({ "tier": 3 }));
    let policies: Policies = serde_json::from_value(long.clone()).unwrap();
    assert_eq!(policies.zones(), BTreeSet::from(["plant"]));
    assert_eq!(serde_json::to_value(&policies).unwrap(), long);
    for (field, value) in [("zone", json!(["plant"])), ("lifetime_s", json!(1)), ("factors", json!(["luck"]))] {
        let mut bad = short.clone();
        bad[0]["rules"][0][field] = value;
        assert!(serde_json::from_value::<Policies>(bad).is_err(), "{field}");
    }
}
