//! The newest finalized block, asked for once for all requests that wait for it: each gets the answer to a question that was asked after
//! it came.

use std::sync::{Arc, Mutex, PoisonError};

use marque_sdk::{BlockRef, Chain};
use tokio::sync::oneshot;

use super::Unavailable;

type Answer = Result<BlockRef, Unavailable>;

/// Asks a chain for its newest finalized block.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    chain: Chain,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    is_asking: bool,
    waiting: Vec<oneshot::Sender<Answer>>,
}

impl Heads {
    pub(super) fn new(chain: Chain) -> Self {
        Self { chain, state: Arc::default() }
    }

    /// The newest finalized block, as of a time after this was called.
    pub(super) async fn newest(&self) -> Answer {
        let (sender, receiver) = oneshot::channel();
        let begins = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.waiting.push(sender);
            !std::mem::replace(&mut state.is_asking, true)
        };
        if begins {
            // A task of its own: the one who asked first may go away.
            tokio::spawn(self.clone().ask());
        }
        receiver.await.unwrap_or_else(|_| Err(Unavailable { reason: "the gateway is about to stop".into() }))
    }

    /// Asks as long as somebody waits.
    async fn ask(self) {
        loop {
            let waiting = {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.is_asking = !state.waiting.is_empty();
                std::mem::take(&mut state.waiting)
            };
            if waiting.is_empty() {
                return;
            }
            let head = self.chain.finalized().await.map_err(|error| Unavailable { reason: error.to_string() });
            for sender in waiting {
                // Who waited may have gone away.
                drop(sender.send(head.clone()));
            }
        }
    }
}
