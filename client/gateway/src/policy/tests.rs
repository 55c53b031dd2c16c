use std::collections::BTreeSet;

use super::*;

fn set(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn rule(name: &str, priority: u32, scopes: &[&str]) -> Rule {
    Rule {
        name: name.into(),
        priority,
        is_active: true,
        grant_types: BTreeSet::from([GrantType::ClientCredentials]),
        scopes: set(scopes),
        lifetime_s: 600,
        audience: set(&["api://default"]),
    }
}

fn policy(name: &str, priority: u32, clients: Clients, rules: Vec<Rule>) -> Policy {
    Policy { name: name.into(), priority, is_active: true, clients, rules }
}

fn these(ids: &[&str]) -> Clients {
    Clients::These(set(ids))
}

/// The name of the rule that decides, having checked that the explanation says the same.
fn decide(policies: &Policies, client_id: &str, scopes: &[&str]) -> Option<String> {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let ask = Ask { client_id, grant_type: GrantType::ClientCredentials, scopes: &scopes };
    let decided = policies.decide(&ask).map(|decision| decision.rule.name.clone());
    let explanation = policies.explain(&ask);
    let explained = explanation.steps.last().filter(|step| step.verdict == Verdict::Decides);
    assert_eq!(decided, explained.and_then(|step| step.rule.clone()), "{explanation}");
    assert_eq!(decided.is_some(), !explanation.scopes.is_empty(), "{explanation}");
    decided
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
    let ask = Ask { client_id: "b", grant_type: GrantType::ClientCredentials, scopes: &scopes };
    assert_eq!(
        policies.explain(&ask).to_string(),
        "policy `some`: is for other clients\n\
         policy `all`, rule `write`: has none of the scopes\n\
         policy `all`, rule `both`: decides\n\
         allowed: meters:read"
    );
    let none = Ask { scopes: &scopes[1..], ..ask };
    assert!(policies.explain(&none).to_string().ends_with("refused: no rule decides"));
}

#[test]
fn over_broad_rules_are_refused() {
    let named = || "r".to_owned();
    let good = || rule("r", 1, &["meters:read"]);
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
        (Rule { name: String::new(), ..good() }, PolicyError::InvalidName),
    ] {
        assert_eq!(Policies::new(vec![policy("p", 1, Clients::Every, vec![bad.clone()])]), Err(refusal), "{bad:?}");
    }
    let long = Rule { lifetime_s: 86_400, ..good() };
    assert!(Policies::new(vec![policy("p", 1, these(&["a"]), vec![long])]).is_ok(), "for clients that are named");
    let nobody = PolicyError::InvalidClients { policy: "p".into() };
    for ids in [&[][..], &["a b"], &[""]] {
        assert_eq!(Policies::new(vec![policy("p", 1, these(ids), vec![good()])]), Err(nobody.clone()));
    }
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
