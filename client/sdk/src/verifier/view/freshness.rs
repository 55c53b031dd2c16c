//! How old a view is.

use crate::{chain::BlockRef, verifier::Moment};

/// Since when it is known that the view's block was the last finalized one.
#[derive(Debug)]
pub(super) struct Freshness {
    /// The moment at which the node was asked that then named the view's block, or one before it, as its head.
    current_at: Moment,
    /// A head that the node named, when it was asked for it, and that the view has not come to yet.
    awaited: Option<(BlockRef, Moment)>,
}

/// The node named two blocks of one number as finalized.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OtherBlock;

impl Freshness {
    pub(super) const fn new(current_at: Moment) -> Self {
        Self { current_at, awaited: None }
    }

    /// How long ago the view was last known to be current, in milliseconds.
    pub(super) fn age_ms(&self, now: &Moment) -> u64 {
        now.since(&self.current_at)
    }

    /// Notes that the node, when it was asked at some moment, named `head`, while the view is at `block`.
    pub(super) fn heard(&mut self, head: BlockRef, asked: Moment, block: BlockRef) -> Result<(), OtherBlock> {
        if head == block {
            self.current_at = asked;
            return Ok(());
        }
        if head.number == block.number {
            return Err(OtherBlock);
        }
        // A head before the view's block says nothing: the node, or the one that took its place, is behind.
        if head.number > block.number && self.awaited.is_none() {
            self.awaited = Some((head, asked));
        }
        Ok(())
    }

    /// Notes that the view came to `block`.
    pub(super) fn reached(&mut self, block: BlockRef) -> Result<(), OtherBlock> {
        let Some((head, asked)) = self.awaited.filter(|(head, _)| head.number <= block.number) else { return Ok(()) };
        self.awaited = None;
        self.heard(head, asked, block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn block(number: u32) -> BlockRef {
        BlockRef { number, hash: [number as u8; 32] }
    }

    const fn at(ms: u64) -> Moment {
        Moment { wall_ms: 1_000_000 + ms, uptime_ms: ms }
    }

    #[test]
    fn the_age_counts_from_when_the_head_was_asked_for() {
        let mut freshness = Freshness::new(at(0));
        assert_eq!(freshness.age_ms(&at(70)), 70);
        freshness.heard(block(5), at(60), block(5)).unwrap();
        assert_eq!(freshness.age_ms(&at(70)), 10);
    }

    #[test]
    fn a_head_that_is_ahead_counts_once_the_view_is_there() {
        let mut freshness = Freshness::new(at(0));
        freshness.heard(block(7), at(60), block(5)).unwrap();
        freshness.heard(block(9), at(90), block(5)).unwrap();
        freshness.reached(block(6)).unwrap();
        assert_eq!(freshness.age_ms(&at(100)), 100);
        freshness.reached(block(7)).unwrap();
        assert_eq!(
            freshness.age_ms(&at(100)),
            40,
            "the first one, or a view that is always behind would never be current"
        );
        freshness.reached(block(9)).unwrap();
        assert_eq!(freshness.age_ms(&at(100)), 40, "the second one was not waited for");
    }

    #[test]
    fn a_node_that_is_behind_says_nothing() {
        let mut freshness = Freshness::new(at(0));
        freshness.heard(block(4), at(60), block(5)).unwrap();
        assert_eq!(freshness.age_ms(&at(70)), 70);
    }

    #[test]
    fn another_block_of_the_same_number_is_a_contradiction() {
        let other = BlockRef { number: 5, hash: [99; 32] };
        assert_eq!(Freshness::new(at(0)).heard(other, at(1), block(5)), Err(OtherBlock));
        let mut freshness = Freshness::new(at(0));
        freshness.heard(other, at(1), block(4)).unwrap();
        assert_eq!(freshness.reached(block(5)), Err(OtherBlock));
    }
}
