use proptest::{collection::vec, option, prelude::*, sample::subsequence};

use super::*;
use crate::OAuthError;

const FROM: [&str; 4] = ["read", "write", "admin", "meters:read"];
const TO: [&str; 5] = ["meters:read", "meters:write", "doors:open", "doors:read", "pumps:stop"];

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn mappings() -> impl Strategy<Value = Vec<ScopeMapping>> {
    let one = (option::of(prop::sample::select(&FROM[..])), subsequence(&TO[..], 1..=TO.len()));
    vec(one.prop_map(|(from, to)| mapping(from, &to)), 1..5)
}

/// The scopes of a token, in each of the forms in which issuers write them.
fn written(scopes: &[&str], form: u8) -> Value {
    let mut claims = without("scope");
    match form {
        0 => claims["scope"] = json!(scopes.join(" ")),
        1 => claims["scp"] = json!(scopes),
        2 => claims["scp"] = json!(scopes.join(" ")),
        _ => claims["scope"] = json!(scopes),
    }
    claims
}

proptest! {
    #[test]
    fn scopes_are_narrowed_by_whatever_mapping(
        scopes in mappings(),
        shown in subsequence(&FROM[..], 0..=FROM.len()),
        form in 0u8..4,
        asked in option::of(subsequence(&TO[..], 1..=TO.len())),
    ) {
        let conditions = vec![Condition { claim: "site".into(), one_of: set(&["north"]) }];
        let federation = Federation { scopes, conditions, ..federation() };
        prop_assert_eq!(federation.validate(REGISTRY), Ok(()));
        let subject = verify_with(&federation, &signed(&written(&shown, form))).unwrap();
        let applies = |mapping: &&ScopeMapping| mapping.from.as_deref().is_none_or(|from| shown.contains(&from));
        let targets: BTreeSet<String> =
            federation.scopes.iter().filter(applies).flat_map(|mapping| mapping.to.clone()).collect();
        prop_assert_eq!(&subject.scopes, &targets);
        let scope = asked.as_ref().map(|asked| asked.join(" "));
        match subject.requested_scopes(scope.as_deref()) {
            Ok(left) => {
                prop_assert!(!left.is_empty());
                prop_assert!(left.iter().all(|scope| targets.contains(scope)));
                let asked_for = asked.as_ref().map(|asked| texts(asked));
                prop_assert!(asked_for.is_none_or(|asked| left.iter().all(|scope| asked.contains(scope))));
            }
            Err(error) => {
                prop_assert_eq!(error, OAuthError::ScopesRefused);
                let asked = asked.unwrap_or(TO.to_vec());
                prop_assert!(asked.iter().all(|scope| !targets.contains(*scope)));
            }
        }
    }
}

#[test]
fn what_is_asked_for_must_be_scopes() {
    let subject = verify(&claims()).unwrap();
    assert_eq!(subject.requested_scopes(Some("meters:read doors:open")), Ok(texts(&["meters:read"])));
    for scope in ["openid", "read", "*", "meters:read  doors:open"] {
        assert!(matches!(subject.requested_scopes(Some(scope)), Err(OAuthError::InvalidScope(_))), "{scope}");
    }
    let none = verify(&without("scope")).unwrap();
    assert_eq!(none.requested_scopes(None), Err(OAuthError::ScopesRefused));
    assert_eq!(none.requested_scopes(Some("meters:read")), Err(OAuthError::ScopesRefused));
}
