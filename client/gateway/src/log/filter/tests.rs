use proptest::{collection, prelude::*, sample};
use serde_json::json;

use super::*;

fn event() -> Value {
    json!({
        "eventType": "app.oauth2.as.token.grant.access_token",
        "published": "2026-07-01T12:00:00.500Z",
        "version": "0",
        "actor": { "id": "did:marque:Ab", "alternateId": null },
        "outcome": { "result": "SUCCESS", "reason": "" },
        "target": [{ "id": "AT.1", "type": "access_token" }, { "id": "AT.2", "type": "scope" }],
        "debugContext": { "debugData": { "grantType": "client_credentials", "count": 3, "share": 0.5, "dpop": true, "tags": ["a", "b"] } },
        "securityContext": {},
        "not": 1,
    })
}

fn matches(filter: &str) -> bool {
    Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(&event())
}

#[test]
fn what_people_ask_for_is_found() {
    for filter in [
        r#"eventType eq "app.oauth2.as.token.grant.access_token" and debugContext.debugData.grantType eq "client_credentials""#,
        r#"EVENTTYPE EQ "APP.oauth2.as.token.grant.access_TOKEN""#,
        r#"eventType sw "app.oauth2" and eventType co "TOKEN.grant" and eventType ew "access_token""#,
        r#"published ge "2026-07-01T12:00:00Z" and published lt "2026-07-01T12:00:01Z""#,
        r#"published eq "2026-07-01T12:00:00.5Z""#,
        r#"target.id eq "AT.2""#,
        r#"debugContext.debugData.tags eq "b""#,
        r#"outcome.result ne "FAILURE""#,
        "debugContext.debugData.count gt 2 and debugContext.debugData.count le 3 and debugContext.debugData.count eq 3.0",
        "debugContext.debugData.share lt 1 and debugContext.debugData.share ge 5e-1",
        "debugContext.debugData.dpop eq true",
        "actor.alternateId eq null and missing eq null and missing.deep eq null",
        r#"missing ne "x""#,
        "actor.id pr and target pr",
        r#"actor.id eq "\u0064id:marque:ab""#,
        "not pr and not eq 1",
    ] {
        assert!(matches(filter), "{filter}");
    }
}

#[test]
fn what_is_otherwise_is_not_found() {
    for filter in [
        r#"eventType eq "app.oauth2.as.token.revoke""#,
        r#"published gt "2026-07-01T12:00:00.5Z""#,
        r#"target.id eq "AT.3""#,
        r#"missing eq "x""#,
        r#"missing co """#,
        "missing gt 0",
        "missing pr",
        "actor.alternateId pr",
        "outcome.reason pr",
        "securityContext pr",
        r#"debugContext.debugData.count eq "3""#,
        "version eq 0",
        r#"actor eq "did:marque:ab""#,
        "debugContext.debugData.dpop eq false",
        r#"debugContext.debugData.count gt "2""#,
    ] {
        assert!(!matches(filter), "{filter}");
    }
}

#[test]
fn not_binds_before_and_and_and_before_or() {
    let read = |filter: &str| matches(&filter.replace('+', "version pr").replace('-', "missing pr"));
    for (filter, is_so) in [
        ("+ or - and -", true),
        ("(+ or -) and -", false),
        ("- and - or +", true),
        ("not (-) and -", false),
        ("not (- and -)", true),
        ("not (+) or +", true),
        ("not (not (+) or -)", true),
        ("NOT(-)AND(+ OR -)", true),
    ] {
        assert_eq!(read(filter), is_so, "{filter}");
    }
}

#[test]
fn what_is_no_filter_is_told_where() {
    for (filter, at) in [
        ("", 0),
        ("   ", 3),
        ("actor.id", 8),
        ("actor.id is \"x\"", 9),
        ("actor.id eq", 11),
        ("actor.id eq x", 12),
        ("actor.id eq 'x'", 12),
        ("actor.id eq \"x", 12),
        ("actor.id eq \"x\\", 12),
        ("actor.id eq \"\\x\"", 12),
        ("actor.id eq [1]", 12),
        ("actor.id eq {}", 12),
        ("actor.id eq 1e999", 12),
        ("actor.id eq 01", 12),
        ("actor.id eq +1", 12),
        ("actor.id eq True", 12),
        ("actor.id co 1", 11),
        ("actor.id gt true", 11),
        ("actor.id le null", 11),
        ("actor..id pr", 0),
        (".actor pr", 0),
        ("actor. pr", 0),
        ("1a pr", 0),
        ("a[b eq 1] pr", 0),
        ("é pr", 0),
        ("a pr b pr", 5),
        ("a pr and", 8),
        ("a pr or or b pr", 11),
        ("(a pr", 5),
        ("a pr)", 4),
        ("()", 1),
        ("not a pr", 4),
        ("not not (a pr)", 4),
    ] {
        let Err(FilterError::Expected { at: told, .. }) = Filter::parse(filter) else { panic!("{filter}") };
        assert_eq!(told, at, "{filter}");
    }
}

#[test]
fn a_filter_is_bounded() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(16)).is_ok());
    assert_eq!(Filter::parse(&nested(17)), Err(FilterError::TooDeep));
    assert_eq!(Filter::parse(&"(".repeat(2048)), Err(FilterError::TooDeep));
    assert!(Filter::parse(&["(a pr)"; 64].join(" and ")).is_ok(), "parentheses side by side are not deep");
    assert_eq!(Filter::parse(&["a pr"; 65].join(" or ")), Err(FilterError::TooManyTerms));
    let long = |length: usize| format!("a eq \"{}\"", "x".repeat(length - 7));
    assert!(Filter::parse(&long(2048)).is_ok());
    assert_eq!(Filter::parse(&long(2049)), Err(FilterError::TooLong));
}

#[test]
fn a_filter_is_written_with_the_parentheses_that_it_needs() {
    for (filter, written) in [
        ("((a pr))", "a pr"),
        ("(a pr and b pr) or c pr", "a pr and b pr or c pr"),
        ("a pr and (b pr or c pr)", "a pr and (b pr or c pr)"),
        ("a pr and (b pr and c pr)", "a pr and (b pr and c pr)"),
        ("a pr or (b pr or c pr)", "a pr or (b pr or c pr)"),
        ("NOT  (a   EQ\"\\u0041\\n\")", "not (a eq \"A\\n\")"),
    ] {
        assert_eq!(Filter::parse(filter).unwrap().to_string(), written);
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has none", |number| number.is_finite()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ]
}

fn term() -> impl Strategy<Value = String> {
    let compared = (sample::select(&Operator::ALL[..]), value())
        .prop_filter("no filter", |(operator, value)| match operator {
            Operator::Equal | Operator::NotEqual => true,
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => value.is_string(),
            _ => value.is_string() || value.is_number(),
        })
        .prop_map(|(operator, value)| format!("{} {value}", operator.name()));
    let path = collection::vec(sample::select(&["version", "target", "id", "not", "and", "or", "pr", "eq"][..]), 1..4);
    (path, prop_oneof![Just("pr".to_owned()), compared]).prop_map(|(path, test)| format!("{} {test}", path.join(".")))
}

fn filter() -> impl Strategy<Value = String> {
    term().prop_recursive(4, 12, 3, |part| {
        prop_oneof![
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("{a}  OR\t{b}")),
            part.clone().prop_map(|part| format!("({part})")),
            part.prop_map(|part| format!("not ( {part} )")),
        ]
    })
}

proptest! {
    #[test]
    fn a_filter_reads_as_it_is_written(text in filter()) {
        let filter = Filter::parse(&text).unwrap();
        let written = filter.to_string();
        prop_assert_eq!(Filter::parse(&written).unwrap(), filter.clone(), "{}", written);
        prop_assert_ne!(filter.matches(&event()), Filter::parse(&format!("not ({text})")).unwrap().matches(&event()));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,64}") {
        if let Ok(filter) = Filter::parse(&text) {
            filter.matches(&event());
        }
    }

    #[test]
    fn any_words_are_read_or_refused(
        words in collection::vec(
            sample::select(&["(", ")", "not", "and", "or", "a", "a.b", "eq", "pr", "gt", "\"", "\"x\"", "\\", "1", "null", " ", "é"][..]),
            0..24,
        ),
        between in sample::select(&["", " "][..]),
    ) {
        let text = words.join(between);
        match Filter::parse(&text) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter),
            Err(FilterError::Expected { at, .. }) => prop_assert!(text.is_char_boundary(at)),
            Err(_) => {}
        }
    }
}
