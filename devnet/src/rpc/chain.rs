//! `chain_*`: blocks and headers.

use std::sync::Arc;

use contracts_node_runtime::opaque::{Block, Header};
use jsonrpsee::core::RegisterMethodError;
use jsonrpsee::server::{PendingSubscriptionSink, SubscriptionCloseResponse};
use serde::{Deserialize, Serialize};
use sp_core::H256;

use super::error::RpcError;
use super::subscribe::{forward, send};
use super::{Context, Module, query};
use crate::chain::Chain;

/// Block numbers in one request.
const NUMBERS_MAX: u32 = 1000;

/// A block number, in either of the forms that clients use.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum NumberOrHex {
    Number(u64),
    Hex(sp_core::U256),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ListOrValue<T> {
    List(Vec<T>),
    Value(T),
}

/// Whether an answer is one or many is for the question to say.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Hashes {
    One(Option<H256>),
    Many(Vec<Option<H256>>),
}

#[derive(Clone, Serialize)]
struct SignedBlock {
    block: Block,
    justifications: Option<()>,
}

pub(super) fn register(module: &mut Module) -> Result<(), RegisterMethodError> {
    query(module, &["chain_getBlock"], |p| p.optional_next(), block)?;
    query(module, &["chain_getHeader"], |p| p.optional_next(), header)?;
    query(module, &["chain_getBlockHash", "chain_getHead"], |p| p.optional_next(), hashes)?;
    let named = ["chain_getFinalizedHead", "chain_getFinalisedHead"];
    query(module, &named, |_| Ok(()), |chain, ()| Ok(chain.head().hash))?;
    heads(module, ["chain_subscribeAllHeads", "chain_allHead", "chain_unsubscribeAllHeads"])?;
    heads(module, ["chain_subscribeNewHeads", "chain_newHead", "chain_unsubscribeNewHeads"])?;
    heads(module, ["chain_subscribeFinalizedHeads", "chain_finalizedHead", "chain_unsubscribeFinalizedHeads"])?;
    for (alias, method) in [
        ("subscribe_newHead", "chain_subscribeNewHeads"),
        ("unsubscribe_newHead", "chain_unsubscribeNewHeads"),
        ("chain_subscribeNewHead", "chain_subscribeNewHeads"),
        ("chain_unsubscribeNewHead", "chain_unsubscribeNewHeads"),
        ("chain_subscribeFinalisedHeads", "chain_subscribeFinalizedHeads"),
        ("chain_unsubscribeFinalisedHeads", "chain_unsubscribeFinalizedHeads"),
    ] {
        module.register_alias(alias, method)?;
    }
    Ok(())
}

fn block(chain: &Chain, hash: Option<H256>) -> Result<Option<SignedBlock>, RpcError> {
    let block = chain.block(hash.unwrap_or_else(|| chain.head().hash))?;
    Ok(block.map(|found| SignedBlock {
        block: Block { header: found.header, extrinsics: found.body },
        justifications: None,
    }))
}

fn header(chain: &Chain, hash: Option<H256>) -> Result<Option<Header>, RpcError> {
    match hash {
        None => Ok(Some(chain.head().header.clone())),
        Some(hash) => Ok(chain.block(hash)?.map(|block| block.header)),
    }
}

fn hashes(chain: &Chain, asked: Option<ListOrValue<NumberOrHex>>) -> Result<Hashes, RpcError> {
    match asked {
        None => Ok(Hashes::One(Some(chain.head().hash))),
        Some(ListOrValue::Value(number)) => Ok(Hashes::One(hash_at(chain, number)?)),
        Some(ListOrValue::List(numbers)) => {
            let asked = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            if asked > NUMBERS_MAX {
                return Err(RpcError::TooMany { asked, max: NUMBERS_MAX });
            }
            let hashes = numbers.into_iter().map(|number| hash_at(chain, number));
            Ok(Hashes::Many(hashes.collect::<Result<_, _>>()?))
        }
    }
}

fn hash_at(chain: &Chain, number: NumberOrHex) -> Result<Option<H256>, RpcError> {
    let fits = match number {
        NumberOrHex::Number(number) => u32::try_from(number).ok(),
        NumberOrHex::Hex(number) => u32::try_from(number).ok(),
    };
    let number =
        fits.ok_or_else(|| RpcError::BlockNumber(format!("`{number:?}` > u32::MAX, the max block number is u32.")))?;
    Ok(chain.block_at(number)?.map(|block| block.hash))
}

/// The three subscriptions to heads are one here: each block is the best and final as soon as it is made.
fn heads(module: &mut Module, names: [&'static str; 3]) -> Result<(), RegisterMethodError> {
    let [subscribe, notify, unsubscribe] = names;
    module.register_subscription(subscribe, notify, unsubscribe, |_, pending, context, _| {
        follow_heads(pending, context)
    })?;
    Ok(())
}

async fn follow_heads(pending: PendingSubscriptionSink, context: Arc<Context>) -> SubscriptionCloseResponse {
    // Before the head is read, so that no block falls between.
    let news = context.chain.subscribe();
    let head = context.chain.head();
    let Ok(sink) = pending.accept().await else {
        return SubscriptionCloseResponse::None;
    };
    if !send(&sink, &head.header).await {
        return SubscriptionCloseResponse::None;
    }
    forward(sink, news, head.header.number, |news| Some(news.header.clone())).await
}
