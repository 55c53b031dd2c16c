//! The pool alone, with made-up transactions.

use sp_core::H256;
use sp_runtime::OpaqueExtrinsic;

use super::*;

/// A transaction of account `account`: requires the nonce before its own unless that is what the chain expects (0).
fn tx(account: u8, nonce: u8, priority: u64) -> Transaction {
    let extrinsic = OpaqueExtrinsic::from_bytes(&[0]).unwrap();
    let hash = H256::from_slice(&{
        let mut bytes = [0; 32];
        bytes[..3].copy_from_slice(&[account, nonce, priority as u8]);
        bytes
    });
    Transaction {
        hash,
        extrinsic,
        length_bytes: 100,
        priority,
        requires: if nonce == 0 { vec![] } else { vec![vec![account, nonce - 1]] },
        provides: vec![vec![account, nonce]],
        valid_till: 64,
    }
}

fn small() -> Pool {
    Pool::new(Limits {
        ready: Quota { count_max: 3, bytes_max: 1000 },
        future: Quota { count_max: 2, bytes_max: 1000 },
    })
}

fn submit(pool: &mut Pool, transaction: Transaction) -> (Result<(), Refusal>, Vec<Event>) {
    let mut events = Vec::new();
    let outcome = pool.submit(transaction, &mut events);
    assert_consistent(pool);
    (outcome, events)
}

fn order(pool: &Pool) -> Vec<H256> {
    pool.ready().iter().map(|transaction| transaction.hash).collect()
}

/// What must hold after each operation.
fn assert_consistent(pool: &Pool) {
    let ready = pool.entries.values().filter(|entry| entry.is_ready()).count();
    assert_eq!(pool.ready.count, ready);
    assert_eq!(pool.future.count, pool.entries.len() - ready);
    let bytes: usize = pool.entries.values().map(|entry| entry.transaction.length_bytes).sum();
    assert_eq!(pool.ready.bytes + pool.future.bytes, bytes);
    assert!(pool.ready.count <= pool.limits.ready.count_max);
    assert!(pool.future.count <= pool.limits.future.count_max);
    for (tag, hash) in &pool.providers {
        assert!(pool.entries[hash].transaction.provides.contains(tag));
    }
    assert_eq!(order(pool).len(), ready);
}

#[test]
fn nonces_wait_for_those_before_them() {
    let mut pool = Pool::default();
    let [first, second, third] = [tx(1, 0, 1), tx(1, 1, 9), tx(1, 2, 5)];
    assert_eq!(submit(&mut pool, third.clone()).1, [Event::Future(third.hash)]);
    assert_eq!(submit(&mut pool, second.clone()).1, [Event::Future(second.hash)]);
    assert!(!pool.has_ready());
    let (outcome, events) = submit(&mut pool, first.clone());
    assert_eq!(outcome, Ok(()));
    let ready = [first.hash, second.hash, third.hash];
    assert_eq!(events, ready.map(Event::Ready));
    assert_eq!(order(&pool), ready);
    pool.included(&[first.hash]);
    assert_consistent(&pool);
    assert_eq!(order(&pool), [second.hash, third.hash]);
}

#[test]
fn the_higher_priority_goes_first_then_the_earlier() {
    let mut pool = Pool::default();
    let [low, high, same, after_low] = [tx(1, 0, 1), tx(2, 0, 5), tx(3, 0, 5), tx(1, 1, 99)];
    for transaction in [&low, &high, &same, &after_low] {
        submit(&mut pool, transaction.clone()).0.unwrap();
    }
    assert_eq!(order(&pool), [high.hash, same.hash, low.hash, after_low.hash]);
}

#[test]
fn a_replacement_needs_a_higher_priority() {
    let mut pool = Pool::default();
    let [old, after] = [tx(1, 0, 5), tx(1, 1, 5)];
    submit(&mut pool, old.clone()).0.unwrap();
    submit(&mut pool, after.clone()).0.unwrap();
    let refusal = Refusal::AlreadyImported(old.hash);
    assert_eq!(submit(&mut pool, old.clone()).0, Err(refusal));
    let refusal = Refusal::TooLowPriority { old: 5, new: 4 };
    assert_eq!(submit(&mut pool, tx(1, 0, 4)), (Err(refusal), vec![]));
    let new = tx(1, 0, 6);
    let (outcome, events) = submit(&mut pool, new.clone());
    assert_eq!(outcome, Ok(()));
    assert_eq!(events, [Event::Usurped(old.hash, new.hash), Event::Ready(new.hash)]);
    assert_eq!(order(&pool), [new.hash, after.hash]);
}

#[test]
fn a_waiting_transaction_is_replaced_alike() {
    let mut pool = Pool::default();
    let old = tx(1, 3, 5);
    submit(&mut pool, old.clone()).0.unwrap();
    assert!(submit(&mut pool, tx(1, 3, 2)).0.is_err());
    let new = tx(1, 3, 7);
    let (_, events) = submit(&mut pool, new.clone());
    assert_eq!(events, [Event::Usurped(old.hash, new.hash), Event::Future(new.hash)]);
}

#[test]
fn an_invalid_transaction_takes_its_dependents_along() {
    let mut pool = Pool::default();
    let chain = [tx(1, 0, 1), tx(1, 1, 1), tx(1, 2, 1)];
    for transaction in &chain {
        submit(&mut pool, transaction.clone()).0.unwrap();
    }
    submit(&mut pool, tx(2, 0, 1)).0.unwrap();
    let mut events = Vec::new();
    pool.invalid(chain[1].hash, &mut events);
    assert_eq!(events, [Event::Invalid(chain[1].hash), Event::Invalid(chain[2].hash)]);
    assert_consistent(&pool);
    assert_eq!(order(&pool), [chain[0].hash, tx(2, 0, 1).hash]);
}

#[test]
fn what_outlives_its_era_goes() {
    let mut pool = Pool::default();
    let mortal = Transaction { valid_till: 10, ..tx(1, 1, 1) };
    submit(&mut pool, mortal.clone()).0.unwrap();
    submit(&mut pool, tx(2, 1, 1)).0.unwrap();
    let mut events = Vec::new();
    pool.expire(10, &mut events);
    assert_eq!(events, []);
    pool.expire(11, &mut events);
    assert_eq!(events, [Event::Invalid(mortal.hash)]);
    assert_consistent(&pool);
    assert!(!pool.contains(&mortal.hash));
}

#[test]
fn a_full_pool_puts_out_the_least_wanted() {
    let mut pool = small();
    for account in 1..=3 {
        submit(&mut pool, tx(account, 0, u64::from(account) * 10)).0.unwrap();
    }
    assert_eq!(submit(&mut pool, tx(4, 0, 5)).0, Err(Refusal::ImmediatelyDropped));
    let (outcome, events) = submit(&mut pool, tx(5, 0, 50));
    assert_eq!(outcome, Ok(()));
    assert_eq!(events, [Event::Ready(tx(5, 0, 50).hash), Event::Dropped(tx(1, 0, 10).hash)]);
}

#[test]
fn each_queue_is_bounded_in_count_and_bytes() {
    let mut pool = small();
    for nonce in 1..=2 {
        submit(&mut pool, tx(1, nonce * 2, 1)).0.unwrap();
    }
    assert_eq!(submit(&mut pool, tx(1, 9, 1)).0, Err(Refusal::ImmediatelyDropped));
    let huge = Transaction { length_bytes: 1001, ..tx(2, 0, 99) };
    assert_eq!(submit(&mut pool, huge).0, Err(Refusal::ImmediatelyDropped));
}

#[test]
fn what_provides_nothing_is_refused() {
    let nameless = Transaction { provides: vec![], ..tx(1, 0, 1) };
    assert_eq!(submit(&mut Pool::default(), nameless).0, Err(Refusal::NoTags));
}

#[test]
fn lost_tags_take_their_dependents_along() {
    let mut pool = Pool::default();
    let both = Transaction { provides: vec![vec![1, 0], vec![7]], ..tx(1, 0, 1) };
    let orphan = Transaction { requires: vec![vec![7]], ..tx(2, 5, 1) };
    submit(&mut pool, both.clone()).0.unwrap();
    submit(&mut pool, orphan.clone()).0.unwrap();
    let (_, events) = submit(&mut pool, tx(1, 0, 2));
    assert!(events.contains(&Event::Dropped(orphan.hash)));
    assert!(events.contains(&Event::Usurped(both.hash, tx(1, 0, 2).hash)));
}
