//! Submission: one transaction of an account at a time into the pool, and any number on their way from there into blocks.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use marque_primitives::{AccountId, Hash, blake2b_256};
use subxt::{
    config::{DefaultExtrinsicParamsBuilder, SubstrateConfig},
    rpcs::{
        client::{RpcSubscription, rpc_params},
        methods::legacy::TransactionStatus,
    },
    tx::Payload,
    utils::{AccountId32, H256},
};
use tokio::time::Instant;

use super::{BlockRef, CallError, Chain, ChainError, WaitFor, nonce::Nonces, receipt::Outcome, wire};
use crate::signer::{Signer, multi_signature};

/// How often a transaction is tried with another nonce, and how often it is submitted again over a broken connection.
const ATTEMPTS_MAX: u32 = 8;
/// Node error codes of transactions (`sc-rpc-api`, `author`).
const INVALID_CODE: i32 = 1010;
const BANNED_CODE: i32 = 1012;
const ALREADY_IMPORTED_CODE: i32 = 1013;
const TOO_LOW_PRIORITY_CODE: i32 = 1014;
/// How long a search for a transaction waits for the next block.
const SEARCH_INTERVAL: Duration = Duration::from_millis(500);

type Statuses = RpcSubscription<TransactionStatus<H256>>;

/// One account's place in the queue, and its nonces.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Held while one transaction goes into the pool.
    gate: tokio::sync::Mutex<()>,
    nonces: Mutex<Nonces>,
}

impl Turn {
    fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction that the pool has. When its waiter goes away before its end is known, its nonce counts as lost.
struct InFlight {
    turn: Arc<Turn>,
    nonce: u64,
    extrinsic_hash: Hash,
    account: AccountId,
    /// The finalized block that it was made at: it can't be in that one or before.
    made_at: BlockRef,
    is_settled: bool,
}

impl InFlight {
    fn included(&mut self) {
        if !std::mem::replace(&mut self.is_settled, true) {
            self.turn.nonces().included(self.nonce);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.is_settled {
            self.turn.nonces().lost();
        }
    }
}

/// How the pool took a transaction.
enum Taken {
    /// It reports what becomes of it.
    Watched(Statuses),
    /// It has it, or had it, from an earlier attempt.
    Before,
    /// The nonce is not the next one.
    WrongNonce(String),
}

impl Chain {
    /// Signs, submits, and waits.
    pub(super) async fn submit<P: Payload>(&self, signer: &dyn Signer, payload: &P) -> Result<Outcome, CallError> {
        let (mut in_flight, statuses) = self.enter_pool(signer, payload).await?;
        let deadline = Instant::now() + self.config().inclusion_timeout;
        let (block, is_final) = match statuses {
            Some(statuses) => self.watch(statuses, &mut in_flight, deadline).await?,
            None => (self.search(&in_flight, deadline).await?, true),
        };
        let outcome = self.outcome(block, &in_flight.extrinsic_hash).await?;
        let missing = || ChainError::undecodable("block", "the transaction is not in the block that was named");
        let outcome = outcome.ok_or_else(missing)?;
        in_flight.included();
        match is_final || self.config().wait_for == WaitFor::Included {
            true => Ok(outcome),
            false => Err(CallError::NotFinalized {
                receipt: Box::new(outcome.receipt),
                after: self.config().finality_timeout,
            }),
        }
    }

    /// Gets the transaction into the pool, with the nonce that is its.
    async fn enter_pool<P: Payload>(
        &self,
        signer: &dyn Signer,
        payload: &P,
    ) -> Result<(InFlight, Option<Statuses>), CallError> {
        let account = signer.account();
        let turn = self.turn(account);
        let _gate = turn.gate.lock().await;
        let mut reason = String::new();
        for _ in 0..ATTEMPTS_MAX {
            let nonce = self.next_nonce(&turn, &account).await?;
            let mut pending = Pending { turn: &turn, nonce, is_settled: false };
            let made_at = self.finalized().await?;
            let extrinsic = self.sign(signer, payload, nonce, made_at).await?;
            let taken = self.offer(&account, &extrinsic).await?;
            if let Taken::WrongNonce(because) = taken {
                reason = because;
                continue;
            }
            pending.is_settled = true;
            let extrinsic_hash = blake2b_256(&extrinsic);
            let in_flight = InFlight { turn: turn.clone(), nonce, extrinsic_hash, account, made_at, is_settled: false };
            let statuses = match taken {
                Taken::Watched(statuses) => Some(statuses),
                _ => None,
            };
            return Ok((in_flight, statuses));
        }
        Err(CallError::InvalidTransaction { reason: format!("no nonce was right, {ATTEMPTS_MAX} times: {reason}") })
    }

    async fn next_nonce(&self, turn: &Turn, account: &AccountId) -> Result<u64, CallError> {
        if turn.nonces().needs_sync() {
            let address = crate::account::format(account);
            let next = self.rpc().read("system_accountNextIndex", || rpc_params![&address]).await?;
            turn.nonces().sync(next);
        }
        let exhausted = || CallError::InvalidTransaction { reason: "the account has no nonce left".to_owned() };
        turn.nonces().take().ok_or_else(exhausted)
    }

    async fn sign<P: Payload>(
        &self,
        signer: &dyn Signer,
        payload: &P,
        nonce: u64,
        made_at: BlockRef,
    ) -> Result<Vec<u8>, CallError> {
        let runtime = self.runtime_at(&made_at.hash).await?;
        let mortality = self.config().mortality_blocks.into();
        let params = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .nonce(nonce)
            .mortal_from_unchecked(mortality, made_at.number.into(), H256(made_at.hash))
            .build();
        let undecodable = |error: subxt::error::ExtrinsicError| CallError::undecodable("the transaction", error);
        let mut signable = runtime.client.tx().create_signable_offline(payload, params).map_err(undecodable)?;
        let signature = signer.sign(&signable.signer_payload().map_err(undecodable)?)?;
        let account = AccountId32(signer.account().0);
        let signed = signable.sign_with_account_and_signature(&account, &multi_signature(&signature));
        Ok(signed.map_err(undecodable)?.into_encoded())
    }

    /// Offers the extrinsic to the pool, again and again while the connection breaks: the same bytes can't be executed twice.
    async fn offer(&self, account: &AccountId, extrinsic: &[u8]) -> Result<Taken, CallError> {
        let hex = wire::hex(extrinsic);
        let (method, end) = ("author_submitAndWatchExtrinsic", "author_unwatchExtrinsic");
        let mut may_be_in = false;
        for attempt in 1..=ATTEMPTS_MAX {
            match self.rpc().subscribe(method, rpc_params![&hex], end).await {
                Ok(statuses) => return Ok(Taken::Watched(statuses)),
                Err(error) if error.is_unreachable() && attempt < ATTEMPTS_MAX => {
                    may_be_in = true;
                    tokio::time::sleep(Duration::from_millis(100 * u64::from(attempt))).await;
                }
                Err(ChainError::Rpc { code, message, detail, .. }) => {
                    return refused(account, code, &detail.unwrap_or(message), may_be_in);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Taken::Before)
    }

    /// Follows the pool's reports, and looks into the blocks when they end early. Says whether the block is final.
    async fn watch(
        &self,
        mut statuses: Statuses,
        in_flight: &mut InFlight,
        deadline: Instant,
    ) -> Result<(BlockRef, bool), CallError> {
        let mut included: Option<H256> = None;
        let mut deadline = deadline;
        loop {
            match tokio::time::timeout_at(deadline, statuses.next()).await {
                Ok(Some(Ok(TransactionStatus::InBlock(hash)))) => {
                    in_flight.included();
                    if self.config().wait_for == WaitFor::Included {
                        return Ok((self.block(&hash.0).await?, false));
                    }
                    included = Some(hash);
                    deadline = Instant::now() + self.config().finality_timeout;
                }
                Ok(Some(Ok(TransactionStatus::Finalized(hash)))) => return Ok((self.block(&hash.0).await?, true)),
                Ok(Some(Ok(TransactionStatus::Retracted(_)))) => included = None,
                Ok(Some(Ok(TransactionStatus::Usurped(_)))) => {
                    return Err(dropped(in_flight, "another transaction took its nonce"));
                }
                Ok(Some(Ok(TransactionStatus::Dropped))) => return Err(dropped(in_flight, "the pool is full")),
                Ok(Some(Ok(TransactionStatus::Invalid))) => return Err(dropped(in_flight, "it became invalid")),
                Ok(Some(Ok(TransactionStatus::FinalityTimeout(_)) | Err(_)) | None) => {
                    return Ok((self.search(in_flight, deadline).await?, true));
                }
                Ok(Some(Ok(
                    TransactionStatus::Future | TransactionStatus::Ready | TransactionStatus::Broadcast(_),
                ))) => {}
                Err(_) => {
                    let Some(hash) = included else { return Err(not_included(in_flight, self)) };
                    return Ok((self.block(&hash.0).await?, false));
                }
            }
        }
    }

    /// Looks for the transaction in the finalized blocks, from the one that it was made at.
    async fn search(&self, in_flight: &InFlight, deadline: Instant) -> Result<BlockRef, CallError> {
        let mut number = in_flight.made_at.number.saturating_add(1);
        while Instant::now() < deadline {
            let head = self.finalized().await?;
            while number <= head.number {
                let hash = self.block_hash(number).await?;
                let body = self.body(&hash).await?;
                if body.iter().any(|extrinsic| blake2b_256(extrinsic) == in_flight.extrinsic_hash) {
                    return Ok(BlockRef { number, hash });
                }
                number = number.saturating_add(1);
            }
            let era = u32::from(self.config().mortality_blocks).next_power_of_two();
            if head.number > in_flight.made_at.number.saturating_add(era) {
                return Err(dropped(in_flight, "its time was over"));
            }
            if self.finalized_nonce(&in_flight.account, &head.hash).await? > in_flight.nonce {
                return Err(dropped(in_flight, "another transaction took its nonce"));
            }
            tokio::time::sleep(SEARCH_INTERVAL).await;
        }
        Err(not_included(in_flight, self))
    }

    async fn finalized_nonce(&self, account: &AccountId, block: &Hash) -> Result<u64, CallError> {
        let nonce = self.state_call("AccountNonceApi_account_nonce", &account.0, super::At::Block(*block)).await?;
        wire::decode_all::<u32>("the account's nonce", &nonce).map(u64::from)
    }
}

/// A nonce that was taken for a transaction that the pool does not have yet.
struct Pending<'turn> {
    turn: &'turn Turn,
    nonce: u64,
    is_settled: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.turn.nonces().rejected(self.nonce);
        }
    }
}

/// What the pool's refusal means. `may_be_in`: an earlier attempt with the same bytes may have reached it.
fn refused(account: &AccountId, code: i32, reason: &str, may_be_in: bool) -> Result<Taken, CallError> {
    let lower = reason.to_ascii_lowercase();
    let is_wrong_nonce = code == TOO_LOW_PRIORITY_CODE
        || (code == INVALID_CODE
            && (lower.contains("outdated") || lower.contains("stale") || lower.contains("future")));
    if code == ALREADY_IMPORTED_CODE || (may_be_in && (is_wrong_nonce || code == BANNED_CODE)) {
        return Ok(Taken::Before);
    }
    if is_wrong_nonce || code == BANNED_CODE {
        return Ok(Taken::WrongNonce(reason.to_owned()));
    }
    if code == INVALID_CODE && (lower.contains("pay") || lower.contains("balance")) {
        return Err(CallError::CannotPay { account: *account, reason: reason.to_owned() });
    }
    Err(CallError::InvalidTransaction { reason: reason.to_owned() })
}

fn dropped(in_flight: &InFlight, reason: &str) -> CallError {
    CallError::Dropped { extrinsic_hash: in_flight.extrinsic_hash, reason: reason.to_owned() }
}

fn not_included(in_flight: &InFlight, chain: &Chain) -> CallError {
    CallError::NotIncluded { extrinsic_hash: in_flight.extrinsic_hash, after: chain.config().inclusion_timeout }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANYONE: AccountId = AccountId([1; 32]);

    fn kind(code: i32, reason: &str, may_be_in: bool) -> &'static str {
        match refused(&ANYONE, code, reason, may_be_in) {
            Ok(Taken::Before) => "before",
            Ok(Taken::WrongNonce(_)) => "nonce",
            Ok(Taken::Watched(_)) => "watched",
            Err(CallError::CannotPay { .. }) => "funds",
            Err(_) => "invalid",
        }
    }

    #[test]
    fn the_pools_refusals_are_told_apart() {
        assert_eq!(kind(1010, "Transaction is outdated", false), "nonce");
        assert_eq!(kind(1010, "Transaction will be valid in the future", false), "nonce");
        assert_eq!(kind(1014, "The transaction has too low priority", false), "nonce");
        assert_eq!(kind(1010, "Inability to pay some fees (e.g. account balance too low)", false), "funds");
        assert_eq!(kind(1010, "Transaction has a bad signature", false), "invalid");
    }

    #[test]
    fn after_a_broken_connection_the_same_bytes_may_be_in_already() {
        for (code, reason) in [(1013, "Already Imported"), (1010, "Transaction is outdated"), (1012, "banned")] {
            assert_eq!(kind(code, reason, true), "before", "{code}");
        }
        assert_eq!(kind(1010, "Transaction has a bad signature", true), "invalid");
    }

    #[test]
    fn a_waiter_that_goes_away_leaves_no_nonce_in_flight() {
        let turn = Arc::new(Turn::default());
        turn.nonces().sync(3);
        let nonce = turn.nonces().take().unwrap();
        let made_at = BlockRef { number: 0, hash: [0; 32] };
        let in_flight = InFlight {
            turn: turn.clone(),
            nonce,
            extrinsic_hash: [0; 32],
            account: ANYONE,
            made_at,
            is_settled: false,
        };
        drop(in_flight);
        assert!(turn.nonces().needs_sync());
    }
}
