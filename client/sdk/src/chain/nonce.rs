//! Which nonce the next transaction of an account gets, while others are in flight.
//!
//! [`Nonces`] decides, and nothing else: it neither asks the chain nor waits. Its owner submits one transaction of an account
//! at a time *into the pool*, and any number may be on their way from there into blocks.

/// The nonces of one account, as far as this client knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Nonces {
    /// The next one to use, when it is known.
    next: Option<u64>,
    /// One past the highest that is known to be in a block.
    included: u64,
    /// Transactions that were accepted by the pool, and whose end is not known yet.
    in_flight: u32,
    /// Something went otherwise than expected: `next` is not to be relied on.
    suspect: bool,
}

impl Nonces {
    /// Whether the chain must be asked for the next nonce before one is taken.
    ///
    /// With nothing in flight it always is, because another client may have used the account since.
    pub(crate) const fn needs_sync(&self) -> bool {
        self.next.is_none() || self.suspect || self.in_flight == 0
    }

    /// Takes over what the chain and the pool say is next. A node that has not yet executed the block that a transaction
    /// is known to be in would give its nonce again, so that the answer is not believed below that.
    pub(crate) fn sync(&mut self, chain_next: u64) {
        self.next = Some(chain_next.max(self.included));
        self.suspect = false;
    }

    /// Takes the next nonce. `None` when the chain must be asked first.
    pub(crate) fn take(&mut self) -> Option<u64> {
        if self.needs_sync() && self.next.is_none() {
            return None;
        }
        let nonce = self.next?;
        self.next = nonce.checked_add(1);
        self.in_flight = self.in_flight.saturating_add(1);
        Some(nonce)
    }

    /// The pool did not take the transaction. Its nonce was not used by it.
    pub(crate) fn rejected(&mut self, nonce: u64) {
        if self.next == nonce.checked_add(1) {
            self.next = Some(nonce);
        }
        self.suspect = true;
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// The transaction is in a block.
    pub(crate) fn included(&mut self, nonce: u64) {
        self.included = self.included.max(nonce.saturating_add(1));
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// What became of the transaction is unknown, or it was dropped.
    pub(crate) fn lost(&mut self) {
        self.suspect = true;
        self.in_flight = self.in_flight.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(next: u64) -> Nonces {
        let mut nonces = Nonces::default();
        nonces.sync(next);
        nonces
    }

    #[test]
    fn nothing_is_taken_before_the_chain_was_asked() {
        assert!(Nonces::default().needs_sync());
        assert_eq!(Nonces::default().take(), None);
    }

    #[test]
    fn in_flight_transactions_get_consecutive_nonces() {
        let mut nonces = at(7);
        assert_eq!([nonces.take(), nonces.take(), nonces.take()], [Some(7), Some(8), Some(9)]);
        assert!(!nonces.needs_sync());
    }

    #[test]
    fn a_rejected_nonce_is_used_again_after_the_chain_was_asked() {
        let mut nonces = at(7);
        nonces.take();
        nonces.take();
        nonces.rejected(8);
        assert!(nonces.needs_sync());
        nonces.sync(8);
        assert_eq!(nonces.take(), Some(8));
    }

    #[test]
    fn with_nothing_in_flight_the_chain_is_asked_again() {
        let mut nonces = at(7);
        nonces.take();
        nonces.included(7);
        assert!(nonces.needs_sync());
        nonces.sync(11);
        assert_eq!(nonces.take(), Some(11));
    }

    #[test]
    fn a_node_that_lags_does_not_bring_a_used_nonce_back() {
        let mut nonces = at(7);
        nonces.take();
        nonces.included(7);
        nonces.sync(7);
        assert_eq!(nonces.take(), Some(8));
    }

    #[test]
    fn a_lost_transaction_makes_the_chain_be_asked_though_others_are_in_flight() {
        let mut nonces = at(0);
        nonces.take();
        nonces.take();
        nonces.lost();
        assert!(nonces.needs_sync());
    }

    #[test]
    fn the_last_nonce_does_not_wrap() {
        let mut nonces = at(u64::MAX);
        assert_eq!(nonces.take(), Some(u64::MAX));
        assert_eq!(nonces.take(), None);
        nonces.rejected(u64::MAX);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Submit,
        Reject,
        Drop(usize),
        Include,
        Foreign,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => Just(Step::Submit),
            1 => Just(Step::Reject),
            1 => any::<usize>().prop_map(Step::Drop),
            3 => Just(Step::Include),
            1 => Just(Step::Foreign),
        ];
        prop::collection::vec(step, 0..200)
    }

    /// A chain and a pool as a node has them: the pool takes any nonce from the account's next on that it does not hold.
    #[derive(Default)]
    struct Node {
        account: u64,
        pool: std::collections::BTreeSet<u64>,
    }

    impl Node {
        fn next(&self) -> u64 {
            (self.account..).find(|nonce| !self.pool.contains(nonce)).unwrap()
        }
    }

    proptest! {
        #[test]
        fn no_two_accepted_transactions_share_a_nonce_and_none_stays_stuck(steps in steps()) {
            let (mut node, mut nonces) = (Node::default(), Nonces::default());
            for step in steps {
                match step {
                    Step::Submit | Step::Reject => {
                        let mut accepted = false;
                        for _ in 0..4 {
                            if nonces.needs_sync() { nonces.sync(node.next()); }
                            let nonce = nonces.take().unwrap();
                            if matches!(step, Step::Reject) { nonces.rejected(nonce); accepted = true; break; }
                            if nonce >= node.account && node.pool.insert(nonce) { accepted = true; break; }
                            nonces.rejected(nonce);
                        }
                        prop_assert!(accepted, "no free nonce was found in four attempts");
                    }
                    Step::Drop(at) => {
                        let pooled: Vec<u64> = node.pool.iter().copied().collect();
                        if let Some(nonce) = pooled.get(at % pooled.len().max(1)) {
                            node.pool.remove(nonce);
                            nonces.lost();
                        }
                    }
                    Step::Include => while node.pool.remove(&node.account) {
                        nonces.included(node.account);
                        node.account += 1;
                    },
                    Step::Foreign if node.pool.is_empty() => node.account += 1,
                    Step::Foreign => {}
                }
            }
        }
    }
}
