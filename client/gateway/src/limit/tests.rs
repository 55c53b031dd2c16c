use futures::FutureExt;
use proptest::{option, prelude::*};

use super::*;

const LIMITS: Limits = Limits { per_server: 10, per_client_percent: 50, per_address: 4, warn_percent: 90 };

fn counts(server: Option<u32>, client: Option<u32>, address: Option<u32>) -> Counts {
    Counts { window: Window::at(0), address, server, client }
}

fn judge(server: u32, client: u32, address: u32) -> Judged {
    LIMITS.judge(&counts(Some(server), Some(client), Some(address)))
}

#[test]
fn the_tightest_limit_is_told() {
    let judged = judge(7, 1, 1);
    assert_eq!((judged.limit, judged.remaining, judged.reset_s, judged.refused), (10, 3, 60, None), "the first of two");
    assert_eq!((judge(8, 1, 1).limit, judge(8, 1, 1).remaining), (10, 2));
    assert_eq!((judge(5, 5, 1).limit, judge(5, 5, 1).remaining, judge(5, 5, 1).refused), (5, 0, None));
    assert_eq!(judge(5, 6, 1).refused, Some(Kind::Client));
    assert_eq!(judge(11, 6, 7).refused, Some(Kind::Address));
    assert_eq!(judge(11, 1, 1).refused, Some(Kind::Server));
    let none = LIMITS.judge(&counts(None, None, None));
    assert_eq!((none.limit, none.remaining, none.refused), (10, 10, None));
}

#[test]
fn a_warning_and_a_refusal_are_news_once_a_minute() {
    let warnings = |server, client, address| judge(server, client, address).warnings;
    assert_eq!(warnings(8, 1, 1), []);
    assert_eq!(warnings(9, 1, 1), [Kind::Server]);
    assert_eq!(warnings(10, 1, 1), []);
    assert_eq!(warnings(9, 5, 4), [Kind::Server, Kind::Client, Kind::Address], "rounded up");
    assert_eq!([4, 5, 6].map(|address| judge(1, 1, address).is_first_refused), [false, true, false]);
}

#[test]
fn the_headers_and_the_wait_are_for_this_minute() {
    let judged = judge(1, 1, 5);
    let headers = [("x-rate-limit-limit", "4"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "60")];
    assert_eq!(judged.headers(), headers.map(|(name, value)| (name, value.to_owned())));
    let seconds = |now_ms| judged.wait(now_ms).map(|wait| wait.seconds);
    assert_eq!([0, 1, 59_001, 59_999, 60_000].map(seconds), [60, 60, 1, 1, 1].map(Some));
    assert_eq!(judge(1, 1, 4).wait(0), None);
    assert_eq!(Wait::body()["errorCode"], "E0000047");
}

#[test]
fn who_is_refused_does_not_use_up_what_others_have() {
    let counters = MemoryCounters::default();
    let count = |number: u8| {
        let address = Some(IpAddr::from([192, 0, 2, number]));
        LIMITS.count_request(&counters, "default", address, 0).now_or_never().unwrap().unwrap()
    };
    let refused = (0..100).filter(|_| LIMITS.judge(&count(1)).refused == Some(Kind::Address));
    assert_eq!(refused.count(), 96);
    let other = count(2);
    assert_eq!((other.address, other.server, other.client), (Some(1), Some(5), None), "four of the first were let in");
    let client = |id| LIMITS.count_client(&counters, other, "default", id, 0).now_or_never().unwrap().unwrap();
    assert_eq!((client("a").client, client("a").client, client("b").client), (Some(1), Some(2), Some(1)));
}

#[test]
fn limits_are_bounded() {
    assert_eq!(Limits::default().validate(), Ok(()));
    assert_eq!(
        serde_json::from_str::<Limits>(r#"{"per_server":7}"#).unwrap(),
        Limits { per_server: 7, ..Limits::default() }
    );
    for (limits, error) in [
        (Limits { per_server: 0, ..LIMITS }, LimitsError::InvalidCount),
        (Limits { per_address: 10_000_001, ..LIMITS }, LimitsError::InvalidCount),
        (Limits { per_client_percent: 101, ..LIMITS }, LimitsError::InvalidPercent),
        (Limits { warn_percent: 0, ..LIMITS }, LimitsError::InvalidPercent),
    ] {
        assert_eq!(limits.validate(), Err(error), "{limits:?}");
    }
}

proptest! {
    #[test]
    fn a_request_is_refused_exactly_if_it_is_over_a_limit(
        (per_server, per_client_percent, per_address) in (1..50_u32, 1..=100_u32, 1..50_u32),
        (server, client, address) in (option::of(1..60_u32), option::of(1..60_u32), option::of(1..60_u32)),
    ) {
        let limits = Limits { per_server, per_client_percent, per_address, warn_percent: 90 };
        let judged = limits.judge(&counts(server, client, address));
        let per_client = (per_server * per_client_percent).div_ceil(100);
        let all = [(per_server, server), (per_client, client), (per_address, address)];
        let is_over = all.iter().any(|(limit, count)| count.is_some_and(|count| count > *limit));
        prop_assert_eq!(judged.refused.is_some(), is_over);
        let least = all.iter().filter_map(|(limit, count)| Some(limit.saturating_sub((*count)?))).min();
        prop_assert_eq!(judged.remaining, least.unwrap_or(per_server));
        prop_assert!(judged.remaining <= judged.limit && (!is_over || judged.remaining == 0));
    }

    #[test]
    fn a_minute_lets_in_as_many_as_it_says(per_address in 1..20_u32, requests in 1..60_u32) {
        let limits = Limits { per_address, per_server: 1000, ..LIMITS };
        let counters = MemoryCounters::default();
        let let_in = (0..requests).filter(|_| {
            let counts = limits.count_request(&counters, "default", None, 0).now_or_never().unwrap().unwrap();
            limits.judge(&counts).refused.is_none()
        });
        prop_assert_eq!(let_in.count() as u32, requests.min(per_address));
    }
}
