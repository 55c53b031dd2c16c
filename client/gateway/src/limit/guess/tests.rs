use proptest::{collection, prelude::*};

use super::*;

fn address(number: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, number]))
}

/// How long to wait, in seconds; 0 for not at all.
fn wait(guesses: &Guesses, client_id: &str, address: Option<IpAddr>, now_ms: u64) -> u64 {
    guesses.check(client_id, address, now_ms).err().map_or(0, |wait| wait.seconds)
}

#[test]
fn from_the_fifth_failure_on_the_wait_doubles_up_to_five_minutes() {
    let guesses = Guesses::default();
    let mut now_ms = 1_000_000;
    let mut waits = Vec::new();
    for _ in 0..15 {
        guesses.failed("c", address(1), now_ms);
        let seconds = wait(&guesses, "c", address(1), now_ms);
        waits.push(seconds);
        now_ms += seconds * 1000;
        assert_eq!(wait(&guesses, "c", address(1), now_ms), 0, "it is over");
    }
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
}

#[test]
fn a_wait_is_told_in_whole_seconds_that_suffice() {
    let guesses = Guesses::default();
    (0..7).for_each(|_| guesses.failed("c", address(1), 0));
    assert_eq!(
        [0, 1, 1000, 3001, 3999, 4000].map(|now_ms| wait(&guesses, "c", address(1), now_ms)),
        [4, 4, 3, 1, 1, 0]
    );
}

#[test]
fn a_success_begins_anew_for_this_client_at_this_address_alone() {
    let guesses = Guesses::default();
    for client in ["a", "b"] {
        (0..5).for_each(|_| guesses.failed(client, address(1), 0));
    }
    guesses.succeeded("a", address(2));
    assert_eq!(wait(&guesses, "a", address(1), 0), 1);
    guesses.succeeded("a", address(1));
    assert_eq!((wait(&guesses, "a", address(1), 0), wait(&guesses, "b", address(1), 0)), (0, 1));
    (0..4).for_each(|_| guesses.failed("a", address(1), 0));
    assert_eq!(wait(&guesses, "a", address(1), 0), 0);
}

#[test]
fn an_address_that_fails_under_many_names_waits_under_each() {
    let guesses = Guesses::default();
    for number in 0..50 {
        assert_eq!(wait(&guesses, "x", address(1), 0), 0);
        guesses.failed(&format!("c{number}"), address(1), 0);
    }
    assert_eq!((wait(&guesses, "x", address(1), 0), wait(&guesses, "x", address(2), 0)), (1, 0));
    guesses.succeeded("c1", address(1));
    assert_eq!(wait(&guesses, "x", address(1), 0), 1, "one right secret does not pay for the others");
    // One is forgiven every ten seconds.
    guesses.failed("x", address(1), 30_000);
    assert_eq!(wait(&guesses, "x", address(1), 30_000), 0);
}

#[test]
fn a_device_that_always_fails_does_not_slow_its_neighbours() {
    let guesses = Guesses::default();
    let mut now_ms = 0;
    while now_ms < 24 * 3_600_000 {
        guesses.failed("broken", address(1), now_ms);
        assert_eq!(wait(&guesses, "neighbour", address(1), now_ms), 0);
        now_ms += 1 + wait(&guesses, "broken", address(1), now_ms) * 1000;
    }
}

#[test]
fn after_an_hour_failures_are_forgotten() {
    let guesses = Guesses::default();
    (0..9).for_each(|_| guesses.failed("c", address(1), 0));
    guesses.failed("c", address(1), 3_600_000);
    assert_eq!(wait(&guesses, "c", address(1), 3_600_000), 0);
}

#[test]
fn a_clock_that_is_put_back_locks_nobody_out() {
    let guesses = Guesses::default();
    (0..20).for_each(|_| guesses.failed("c", address(1), u64::MAX));
    assert_eq!(wait(&guesses, "c", address(1), 0), 0);
    guesses.failed("c", address(1), 0);
    assert_eq!(wait(&guesses, "c", address(1), 0), 300);
}

#[test]
fn memory_is_bounded_and_what_is_new_is_remembered() {
    let guesses = Guesses::default();
    (0..5).for_each(|_| guesses.failed("old", address(1), 0));
    for number in 0..ENTRIES_MAX {
        guesses.failed(&number.to_string(), address(2), 1);
    }
    (0..5).for_each(|_| guesses.failed("new", address(3), 2));
    for number in 0..ENTRIES_MAX / 2 {
        guesses.failed(&format!("more {number}"), address(2), 1);
    }
    let state = guesses.state.lock().unwrap();
    assert!(state.pairs.len() <= ENTRIES_MAX && state.addresses.len() == 3, "{}", state.pairs.len());
    drop(state);
    assert_eq!((wait(&guesses, "old", address(1), 2), wait(&guesses, "new", address(3), 2)), (0, 1));
}

#[test]
fn a_guesser_gets_few_tries_whatever_it_does() {
    let guesses = Guesses::default();
    let tries = (0..3_600_000).step_by(100).filter(|now_ms| {
        let is_tried = guesses.check("c", address(1), *now_ms).is_ok();
        if is_tried {
            guesses.failed("c", address(1), *now_ms);
        }
        is_tried
    });
    // Five, nine waits of 511 s together, and one each five minutes.
    assert_eq!(tries.count(), 5 + 9 + (3600 - 511) / 300);
}

proptest! {
    #[test]
    fn what_others_do_elsewhere_never_slows_a_client(
        others in collection::vec((0..3_u8, 2..5_u8, any::<bool>(), 0..10_000_u64), 0..200),
        now_ms in 0..20_000_u64,
    ) {
        let guesses = Guesses::default();
        for (client, from, is_success, at_ms) in others {
            let client = client.to_string();
            if is_success { guesses.succeeded(&client, address(from)) } else { guesses.failed(&client, address(from), at_ms) }
        }
        prop_assert_eq!(guesses.check("0", address(1), now_ms), Ok(()));
    }

    #[test]
    fn times_of_any_size_and_order_are_borne(times in collection::vec(any::<u64>(), 1..80), now_ms: u64) {
        let guesses = Guesses::default();
        for at_ms in times {
            guesses.failed("c", address(1), at_ms);
        }
        let seconds = wait(&guesses, "c", address(1), now_ms);
        guesses.succeeded("c", address(1));
        prop_assert!(seconds <= 300 && wait(&guesses, "c", address(1), now_ms) <= seconds);
    }
}
