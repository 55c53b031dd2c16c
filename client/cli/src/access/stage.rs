//! Changing an authorization server: who acts, and what is said of it.

use marque_sdk::{
    Access, AccessEvent, CallError, Receipt, Signer, account,
    primitives::{
        AccountId, Hash, TimestampMs,
        access::{AccessError, AccessOperation, Issuer, IssuerId},
    },
};
use serde_json::json;

use super::{args::Acting, read, render};
use crate::{
    act,
    context::Context,
    duration::When,
    failure::{Failure, Kind, Outcome},
    output,
    session::Session,
};

/// An authorization server that is about to be changed.
pub struct Stage<'a> {
    /// The registry and the accounts.
    pub session: Session,
    /// The access contract.
    pub access: Access,
    /// Its number.
    pub issuer: IssuerId,
    /// Its record.
    pub record: Issuer,
    context: &'a Context,
    acting: Acting,
}

impl<'a> Stage<'a> {
    /// Connects, and finds the authorization server.
    ///
    /// # Errors
    /// When the access contract can't be reached, or no authorization server has this number.
    pub async fn open(context: &'a Context, issuer: IssuerId, acting: &Acting) -> Outcome<Self> {
        let (session, access) = context.session_with_access().await?;
        let record = read::issuer(&access, issuer).await?;
        Ok(Self { session, access, issuer, record, context, acting: acting.clone() })
    }

    /// A time, for what the access contract accepts up to `ms_max` ahead.
    ///
    /// # Errors
    /// When it is further ahead than that, or the chain can't be read.
    pub async fn time(&self, when: When, ms_max: u64) -> Outcome<TimestampMs> {
        when.resolve(self.session.chain(), ms_max).await
    }

    /// Carries out the operation and says so.
    ///
    /// # Errors
    /// When it is not plain who acts, the account can't pay, or the contract refuses.
    pub async fn perform(self, operation: AccessOperation) -> Outcome {
        let receipt = self.execute(operation).await?;
        report(self.context, &self.session, &self.access, self.issuer, &receipt).await
    }

    /// Carries out the operation.
    ///
    /// # Errors
    /// Those of [`perform`](Self::perform).
    pub async fn execute(&self, operation: AccessOperation) -> Outcome<Receipt> {
        let actor = self.actor(&operation)?;
        let executed = self.access.execute(&*actor, self.issuer, operation).await;
        executed.map_err(|error| self.explain(error, actor.account()))
    }

    /// Takes away the entry of a revoked token that has expired, and says so. Anybody may.
    ///
    /// # Errors
    /// Those of [`perform`](Self::perform).
    pub async fn reclaim(self, token: Hash) -> Outcome {
        let actor = self.signer(self.record.owner)?;
        let receipt = self.access.reclaim(&*actor, self.issuer, token).await?;
        report(self.context, &self.session, &self.access, self.issuer, &receipt).await
    }

    /// Who acts: whom the user names, else who may for certain.
    fn actor(&self, operation: &AccessOperation) -> Outcome<Box<dyn Signer>> {
        match (operation, self.record.offer) {
            (AccessOperation::AcceptTransfer, Some(offer)) => self.signer(offer.to),
            _ => self.signer(self.record.owner),
        }
    }

    fn signer(&self, otherwise: AccountId) -> Outcome<Box<dyn Signer>> {
        if let Some(text) = &self.acting.actor {
            return self.session.signer(text);
        }
        match self.session.keys.of_account(&otherwise)? {
            Some(info) => self.session.keys.open(&info),
            None => Err(who_acts()),
        }
    }

    /// The failure of this operation, with what is known of the authorization server.
    fn explain(&self, error: CallError, actor: AccountId) -> Failure {
        let refusal = error.access_refusal();
        let failure = Failure::from(error);
        if refusal != Some(AccessError::NotAuthorized) {
            return failure;
        }
        let label = |account: &AccountId| self.session.label(account);
        failure.hint(format!(
            "you acted as {}; authorization server {} is owned by {}, and `marque issuer show {}` shows its delegates: say who \
             acts with --as",
            label(&actor),
            self.issuer,
            label(&self.record.owner),
            self.issuer,
        ))
    }
}

/// The failure when nobody is named and nobody is plain.
pub fn who_acts() -> Failure {
    Failure::usage("who acts?")
        .hint("say who with --as: the name of a key in the keystore, or //Alice on a development chain")
}

/// Says what a transaction changed.
///
/// # Errors
/// When its block does not have the change, or stdout can't be written.
pub async fn report(
    context: &Context,
    session: &Session,
    access: &Access,
    issuer: IssuerId,
    receipt: &Receipt,
) -> Outcome {
    let events = access.events_in(receipt.block).await?;
    let is_ours =
        |event: &&AccessEvent| event.issuer == issuer && event.extrinsic_index == Some(receipt.extrinsic_index);
    let event = events.iter().find(is_ours).ok_or_else(|| {
        Failure::new(
            Kind::Failed,
            "the transaction is in a block, and the block has no change of the authorization server: don't trust this node",
        )
    })?;
    let block = receipt.block.number;
    let result = json!({
        "issuer": issuer,
        "actor": account::format(&event.entry.actor),
        "change": render::entry_json(issuer, block, &event.entry),
        "receipt": act::receipt_json(receipt),
    });
    context.output.result(&result, || {
        let what = render::change(&event.entry.change, session);
        let head = output::styled(output::GOOD, format!("authorization server {issuer}: {what}"));
        let rest = format!("by {}; block {block}, {}", session.label(&event.entry.actor), act::cost(receipt));
        format!("{head}\n{}", output::styled(output::DIM, rest))
    })
}
