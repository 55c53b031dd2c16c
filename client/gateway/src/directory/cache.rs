//! What the chain said at a block, which never changes: asked for once, however many requests want it.

use std::{future::Future, hash::Hash, time::Duration};

use marque_sdk::{BlockRef, CallError};
use moka::future::Cache;

use super::Unavailable;

/// The most answers of one kind that are kept.
const ANSWERS_MAX: u64 = 20_000;
/// How long an answer is kept that nobody asks for: with the next block, nobody does.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// Answers of one kind, by block and what was asked about.
#[derive(Clone, Debug)]
pub(super) struct Answers<K, V>(Cache<([u8; 32], K), V>)
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static;

impl<K, V> Answers<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(ANSWERS_MAX).time_to_idle(IDLE_MAX).build())
    }

    /// The answer, which is asked for if it is not known. What fails is asked for again by the next one.
    pub(super) async fn get(
        &self,
        block: BlockRef,
        about: K,
        ask: impl Future<Output = Result<V, CallError>>,
    ) -> Result<V, Unavailable> {
        let ask = async { ask.await.map_err(|error| Unavailable { reason: error.to_string() }) };
        self.0.try_get_with((block.hash, about), ask).await.map_err(|error| (*error).clone())
    }
}
