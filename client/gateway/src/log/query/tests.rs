use proptest::{collection, option, prelude::*, sample};
use serde_json::json;

use super::*;

/// 2026-07-01T12:00:00Z.
const NOW_MS: u64 = 1_782_907_200_000;

fn read(query: &str) -> Result<LogQuery, QueryError> {
    LogQuery::read(Some(query), NOW_MS)
}

fn entry(number: u64, published_ms: u64) -> Entry {
    Entry { number, published_ms, body: String::new(), hash: [0; 32] }
}

#[test]
fn a_query_says_nothing_by_default() {
    for query in [None, Some(""), Some("q=&since=&limit=&filter=")] {
        let query = LogQuery::read(query, NOW_MS).unwrap();
        assert_eq!((query.since_ms, query.until_ms, query.after), (NOW_MS - 7 * DAY_MS, None, None));
        assert_eq!((query.order, query.limit), (SortOrder::Ascending, 100));
        assert!(query.matches(&entry(1, NOW_MS), &json!({})));
    }
    assert_eq!(LogQuery::read(None, 0).unwrap().since_ms, 0, "a clock that was never set");
}

#[test]
fn each_parameter_counts() {
    let query = "since=2026-06-30T12:00:00Z&until=2026-06-30T12:00:01.5Z&after=7&sortOrder=DESCENDING&limit=1000\
                 &q=Meter++read&filter=actor.id+eq+%22a%22";
    let query = read(query).unwrap();
    let since_ms = NOW_MS - DAY_MS;
    assert_eq!((query.since_ms, query.until_ms, query.after), (since_ms, Some(since_ms + 1500), Some(7)));
    assert_eq!((query.order, query.limit), (SortOrder::Descending, 1000));
    let event = json!({ "actor": { "id": "a" }, "scopes": ["METERS:x", "a:read"] });
    assert!(query.matches(&entry(6, since_ms), &event));
    assert!(!query.matches(&entry(7, since_ms), &event), "that page has been read");
    assert!(!query.matches(&entry(6, since_ms - 1), &event), "older");
    assert!(!query.matches(&entry(6, since_ms + 1500), &event), "newer");
    assert!(!query.matches(&entry(6, since_ms), &json!({ "actor": { "id": "a" }, "scopes": ["meters:x"] })), "a word");
    assert!(!query.matches(&entry(6, since_ms), &json!({ "actor": { "id": "b" }, "x": "meter read" })), "the filter");
    assert!(!query.matches(&entry(6, since_ms), &json!({ "actor": { "id": "a" }, "meter read": 1 })), "a name");
    let next = read("after=7").unwrap();
    assert!(next.matches(&entry(8, NOW_MS), &json!({})) && !next.matches(&entry(7, NOW_MS), &json!({})));
}

#[test]
fn nothing_older_than_the_retention_is_read() {
    assert_eq!(read("since=2020-01-01T00:00:00Z").unwrap().since_ms, NOW_MS - RETENTION_MS);
    assert_eq!(read("since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z"), Err(QueryError::NoTime));
}

#[test]
fn what_is_wrong_is_told() {
    let words = |count: usize| format!("q={}", vec!["w"; count].join("+"));
    assert!(read(&words(10)).is_ok());
    assert!(read(&format!("q={}", "é".repeat(40))).is_ok());
    for (query, error) in [
        ("limit=1&limit=1".to_owned(), QueryError::Repeated),
        ("limit=&l%69mit=1".to_owned(), QueryError::Repeated),
        ("Limit=1".to_owned(), QueryError::Unknown),
        ("a=1".to_owned(), QueryError::Unknown),
        (format!("q={}", "x".repeat(BYTES_MAX)), QueryError::TooLong),
        ("since=yesterday".to_owned(), QueryError::InvalidTime),
        ("until=2026-07-01T12:00:00+01:00".to_owned(), QueryError::InvalidTime),
        ("since=2026-07-01T12:00:00Z&until=2026-07-01T12:00:00Z".to_owned(), QueryError::NoTime),
        ("after=-1".to_owned(), QueryError::InvalidAfter),
        ("after=%2B1".to_owned(), QueryError::InvalidAfter),
        ("after=9223372036854775808".to_owned(), QueryError::InvalidAfter),
        (words(11), QueryError::InvalidWords),
        (format!("q={}", "x".repeat(41)), QueryError::InvalidWords),
        ("sortOrder=ascending".to_owned(), QueryError::InvalidOrder),
        ("limit=0".to_owned(), QueryError::InvalidLimit),
        ("limit=1001".to_owned(), QueryError::InvalidLimit),
        ("limit=many".to_owned(), QueryError::InvalidLimit),
    ] {
        let refused = read(&query).unwrap_err();
        assert_eq!((refused, refused.code()), (error, "E0000031"), "{query}");
    }
    let refused = read("filter=actor.id").unwrap_err();
    assert_eq!((matches!(refused, QueryError::Filter(_)), refused.code()), (true, "E0000053"));
}

#[test]
fn a_link_goes_on_from_the_last_entry() {
    let query = read("q=a%26b&filter=a+eq+%22%3E%22").unwrap();
    assert!(query.is_endless());
    assert_eq!(
        query.next_link("https://gateway.example/api/v1/logs", Some(41)),
        "<https://gateway.example/api/v1/logs?since=2026-06-24T12%3A00%3A00.000Z&after=41&filter=a+eq+%22%3E%22&q=a%26b\
         &sortOrder=ASCENDING&limit=100>; rel=\"next\""
    );
    assert!(!read("sortOrder=DESCENDING").unwrap().is_endless());
    assert!(!read("until=2026-07-01T12:00:00Z").unwrap().is_endless());
}

proptest! {
    #[test]
    fn a_link_asks_for_the_same_from_there_on(
        since_ms in NOW_MS - RETENTION_MS..NOW_MS,
        until_ms in option::of(NOW_MS + 1..NOW_MS * 2),
        limit in 1..=LIMIT_MAX,
        order in sample::select(&[SortOrder::Ascending, SortOrder::Descending][..]),
        words in collection::vec("\\PC{1,9}", 0..3),
        text in option::of("\\PC{0,9}"),
        (after, last) in (option::of(0..=i64::MAX as u64), option::of(0..=i64::MAX as u64)),
    ) {
        let words = words.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect();
        let filter_text = text.map(|text| format!("a eq {}", Value::from(text)));
        let filter = filter_text.as_deref().map(|text| Filter::parse(text).unwrap());
        let query = LogQuery { since_ms, until_ms, after, order, limit, filter, words, filter_text };
        let link = query.next_link("https://x.example/api/v1/logs", last);
        let next = link.strip_prefix("<https://x.example/api/v1/logs?").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        prop_assert!(next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'>'));
        prop_assert_eq!(read(next).unwrap(), LogQuery { after: last.or(after), ..query });
    }

    #[test]
    fn any_query_is_read_or_refused(query in "(since|until|after|filter|q|sortOrder|limit|x)?=?.{0,32}(&(q|limit)=.{0,9})?") {
        if let Ok(query) = read(&query) {
            query.matches(&entry(1, NOW_MS), &json!({ "a": ["b", 1] }));
        }
    }
}
