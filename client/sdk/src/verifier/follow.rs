//! The task that follows the chain, and keeps the view at its finalized head.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::StreamExt;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::{Changes, Contradiction, EndReason, Origin, VerifierConfig, View, shell::Shell};
use crate::{
    access::{self, Access},
    chain::{At, BlockRef, CallError, Chain, ChainError},
    follow,
    registry::{self, HistoryError},
};

/// The pause before an unreachable node is asked again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// A view at the node's finalized head, or so many blocks before it. Also says which block is the head.
pub(super) async fn begin(access: &Access, config: &VerifierConfig) -> Result<(View, BlockRef), CallError> {
    let asked = config.clock.now();
    let head = access.chain().finalized().await?;
    let origin = origin(access, head, config.replay_blocks).await?;
    let mut view = View::begin(origin, asked, config.limits());
    // The first that it hears of contradicts nothing.
    let _ = view.heard(head, asked);
    Ok((view, head))
}

/// Follows the chain until that can't go on.
pub(super) async fn follow(shell: Arc<Shell>, access: Access) {
    let reason = loop {
        match go_on(&shell, &access).await {
            // What was missed can't be read any more, but what is now can.
            Err(EndReason::History(HistoryError::Pruned { .. })) => {
                if let Err(reason) = begin_anew(&shell, &access).await {
                    break reason;
                }
            }
            Err(reason) => break reason,
            Ok(()) => break EndReason::Stopped,
        }
    };
    shell.end(reason);
}

async fn go_on(shell: &Shell, access: &Access) -> Result<(), EndReason> {
    let last = shell.view().map_err(|_| EndReason::Stopped)?.block().number;
    let of = access.clone();
    let mut blocks = pin!(follow::blocks(access.chain(), last.saturating_add(1), move |block| {
        let access = of.clone();
        async move { changes_in(&access, block).await }
    }));
    let mut polls = interval(shell.config.poll_interval());
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            next = blocks.next() => match next {
                Some(changes) => shell.apply(&changes?)?,
                None => return Ok(()),
            },
            _ = polls.tick() => ask_for_head(shell, access.chain()).await?,
        }
    }
}

/// Asks the node for its head: that it answers, and with the view's block, is what makes the view current.
async fn ask_for_head(shell: &Shell, chain: &Chain) -> Result<(), EndReason> {
    let asked = shell.now();
    match timeout(shell.config.poll_interval(), chain.finalized()).await {
        Ok(Ok(head)) => shell.heard(head, asked),
        // No answer is no proof: the view grows older.
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

/// Begins another view of the same chain, where it is now.
async fn begin_anew(shell: &Shell, access: &Access) -> Result<(), EndReason> {
    let last = shell.view().map_err(|_| EndReason::Stopped)?.block();
    tracing::warn!(block = last.number, "the node has discarded what was missed: beginning anew");
    loop {
        match begin_after(shell, access, last).await {
            Err(EndReason::Call(error)) if error.is_unreachable() => sleep(RETRY_INTERVAL).await,
            other => return other,
        }
    }
}

async fn begin_after(shell: &Shell, access: &Access, last: BlockRef) -> Result<(), EndReason> {
    let found = access.chain().block_hash(last.number).await.map_err(CallError::from)?;
    if found != last.hash {
        return Err(Contradiction::OtherBlock { number: last.number }.into());
    }
    let (view, _) = begin(access, &shell.config).await?;
    shell.begin_anew(view)
}

async fn origin(access: &Access, head: BlockRef, replay_blocks: u32) -> Result<Origin, CallError> {
    let number = head.number.saturating_sub(replay_blocks);
    if number < head.number {
        let hash = access.chain().block_hash(number).await?;
        match origin_at(access, BlockRef { number, hash }).await {
            // The node keeps no state that old.
            Err(CallError::Chain(error)) if error.is_not_found() => {}
            other => return other,
        }
    }
    origin_at(access, head).await
}

async fn origin_at(access: &Access, block: BlockRef) -> Result<Origin, CallError> {
    let registry = access.registry().id();
    // Before the first block there is no contract, and no time.
    if block.number == 0 {
        return Ok(Origin { registry, block, time_ms: 0, issuers: 0, is_complete: true });
    }
    let at = At::Block(block.hash);
    let time_ms = access.chain().time_ms(at).await?;
    match access.info_at(at).await {
        Ok(info) => Ok(Origin { registry, block, time_ms, issuers: info.next_issuer, is_complete: false }),
        Err(CallError::ContractNotFound { .. }) => {
            Ok(Origin { registry, block, time_ms, issuers: 0, is_complete: true })
        }
        Err(error) => Err(error),
    }
}

/// What a block changed in both contracts.
async fn changes_in(access: &Access, block: BlockRef) -> Result<Changes, HistoryError> {
    let chain = access.chain();
    let at_block = |error: ChainError| HistoryError::at(block.number, error);
    let emitted = chain.contract_events(&block.hash).await.map_err(at_block)?;
    let time_ms = chain.time_ms(At::Block(block.hash)).await.map_err(at_block)?;
    let undecodable = |reason| HistoryError::Undecodable { block: block.number, reason };
    let (registry, contract) = (access.registry().contract(), access.contract());
    let mut changes = Changes { block, time_ms, devices: Vec::new(), issuers: Vec::new() };
    for event in &emitted {
        let changed = registry::device_changed(&registry, event).transpose().map_err(undecodable)?;
        changes.devices.extend(changed);
        let changed = access::issuer_changed(&contract, event).transpose().map_err(undecodable)?;
        changes.issuers.extend(changed);
    }
    Ok(changes)
}
