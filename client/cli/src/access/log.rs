//! What the access contract does not enumerate, from its events.

use futures::TryStreamExt;
use marque_sdk::{
    Access,
    access::AnyEvent,
    primitives::access::{AccessChange, IssuerId},
};

use super::read;
use crate::{failure::Outcome, past::Source};

/// Where to begin to read.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Since {
    /// Reads the chain from this block on: what was defined before is not seen
    #[arg(long, value_name = "BLOCK", default_value_t = 1)]
    from: u32,
}

/// All changes of an authorization server, in order.
///
/// # Errors
/// When there is none of this number, the chain can't be read, or the node no longer has the blocks.
pub async fn changes(access: &Access, issuer: IssuerId, since: Since) -> Outcome<Vec<AccessChange>> {
    read::issuer(access, issuer).await?;
    let head = access.chain().finalized().await?.number;
    let mut events = Source::Both(access.clone()).past(since.from, head);
    let mut changes = Vec::new();
    while let Some(event) = events.try_next().await? {
        if let AnyEvent::Access(event) = event
            && event.issuer == issuer
        {
            changes.push(event.entry.change);
        }
    }
    Ok(changes)
}
