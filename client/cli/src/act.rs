//! Changing a device: who acts, who submits and pays, and what is said of it.

use marque_sdk::{
    CallError, Receipt, RegistryEvent, Signer, account, did,
    primitives::{AccountId, Device, Error, Operation, PublicKey, Status, bounds},
};
use parity_scale_codec::Encode;
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::{Failure, Kind, Outcome},
    output, render,
    session::Session,
    spec::hex0x,
    target::{self, Target},
};

/// Who acts and who pays.
#[derive(clap::Args, Clone, Debug)]
pub struct Acting {
    /// Who acts: the name of a key in the keystore, or //Alice on a development chain [default: the device's own key]
    #[arg(long = "as", env = "MARQUE_ACCOUNT", hide_env_values = true, value_name = "ACCOUNT")]
    pub actor: Option<String>,
    /// Who submits and pays for it; the actor signs off chain then
    #[arg(long, value_name = "ACCOUNT")]
    pub sponsor: Option<String>,
}

/// A device, and who acts.
#[derive(clap::Args, Clone, Debug)]
pub struct Subject {
    /// The device: its name in the keystore, its id (z6Mk…), or its DID
    #[arg(value_name = "DEVICE")]
    pub device: String,
    #[command(flatten)]
    pub acting: Acting,
}

/// A device that is about to be changed.
pub struct Stage<'a> {
    /// The registry and the accounts.
    pub session: Session,
    context: &'a Context,
    target: Target,
    record: Option<Device>,
    acting: Acting,
}

impl<'a> Stage<'a> {
    /// Connects, and finds the device.
    ///
    /// # Errors
    /// When the registry can't be reached, or the text names no device.
    pub async fn open(context: &'a Context, subject: &Subject) -> Outcome<Self> {
        let session = context.session().await?;
        let target = session.target(&subject.device)?;
        let record = session.registry.device(target.device).await?;
        Ok(Self { session, context, target, record, acting: subject.acting.clone() })
    }

    /// The device's DID.
    pub fn did(&self) -> did::Did {
        self.session.did(&self.target)
    }

    /// The device's record.
    ///
    /// # Errors
    /// When it is not registered.
    pub fn registered(&self) -> Outcome<&Device> {
        self.record.as_ref().ok_or_else(|| not_registered(&self.target))
    }

    /// A time as long from now, for what the registry accepts up to `ms_max` ahead.
    ///
    /// # Errors
    /// When the chain can't be read.
    pub async fn time_after(&self, ms: u64, ms_max: u64) -> Outcome<u64> {
        Ok(self.session.chain().time_ahead_ms(ms, ms_max).await?)
    }

    /// A new key of the device, in the keystore. One that an earlier attempt left there is taken again; the registry refuses a
    /// key that the device ever had.
    ///
    /// # Errors
    /// When the device is not registered or has no name here, or the keystore can't be written.
    pub fn later_key(&self) -> Outcome<PublicKey> {
        let record = self.registered()?;
        let device_name = self.target.name.as_deref().ok_or_else(|| {
            Failure::usage("the device has no key in the keystore beside which a new one could be kept")
                .hint("make the key where the device is, and give it with --public-key")
        })?;
        let name = target::later_key_name(device_name, record.next_key_id);
        let info = match self.session.keys.find(&name)? {
            Some(left) => left,
            None => self.session.keys.make(&name)?,
        };
        Ok(info.public_key)
    }

    /// Carries out the operation and says so.
    ///
    /// # Errors
    /// When it is not plain who acts, an account can't pay, or the contract refuses.
    pub async fn perform(self, operation: Operation) -> Outcome {
        self.ensure_possible(&operation)?;
        let actor = self.actor(&operation)?;
        let sponsor = self.acting.sponsor.as_deref().map(|text| self.session.signer(text)).transpose()?;
        let sponsor = sponsor.filter(|sponsor| sponsor.account() != actor.account());
        let registry = &self.session.registry;
        let submitted = match &sponsor {
            None => registry.execute(&*actor, self.target.device, operation).await,
            Some(sponsor) => {
                let prepared = registry.prepare(self.target.device, operation).only_by(sponsor.account());
                match prepared.sign(&*actor).await {
                    Ok(signed) => registry.submit(&**sponsor, signed).await,
                    Err(error) => Err(error),
                }
            }
        };
        let receipt = submitted.map_err(|error| self.explain(error, actor.account()))?;
        self.report(&receipt, actor.account(), sponsor.map(|sponsor| sponsor.account())).await
    }

    /// What is plain before anybody signs, and would be told less plainly after.
    fn ensure_possible(&self, operation: &Operation) -> Outcome {
        let is_registration = matches!(operation, Operation::Register { .. });
        let Some(record) = &self.record else {
            return if is_registration { Ok(()) } else { Err(not_registered(&self.target)) };
        };
        if record.status == Status::Revoked {
            let message = format!("{} is revoked, for ever: nothing can be done with it any more", self.target.label());
            return Err(Failure::new(Kind::Refused, message)
                .hint("a device that is to go on needs a new key, and with it a new identity"));
        }
        if is_registration {
            return Err(Failure::new(Kind::Refused, format!("{} is registered already", self.target.label()))
                .hint(format!("`marque device show {}` shows it", self.target.label())));
        }
        Ok(())
    }

    /// Signs the operation and prints it, for submission elsewhere: by the sponsor alone, if one is named.
    ///
    /// # Errors
    /// When it is not plain who acts, or the chain can't be read.
    pub async fn sign_only(self, operation: Operation, valid_ms: u64) -> Outcome {
        self.ensure_possible(&operation)?;
        let actor = self.actor(&operation)?;
        let deadline_ms = self.time_after(valid_ms, bounds::DEADLINE_AHEAD_MAX_MS).await?;
        let mut prepared = self.session.registry.prepare(self.target.device, operation).deadline_ms(deadline_ms);
        if let Some(text) = &self.acting.sponsor {
            prepared = prepared.only_by(self.session.account(text)?);
        }
        let signed = prepared.sign(&*actor).await?;
        let row = json!({"operation": hex0x(&signed.encode())});
        self.context.output.result(&row, || row.to_string())
    }

    /// Who acts: whom the user names, else the device by a key of its own that is here.
    fn actor(&self, operation: &Operation) -> Outcome<Box<dyn Signer>> {
        if let Some(text) = &self.acting.actor {
            return self.session.signer(text);
        }
        let keys = &self.session.keys;
        let relationship = operation.relationship();
        let accounts: Vec<AccountId> = match &self.record {
            None => vec![self.target.device.account()],
            Some(record) => {
                let fits =
                    |key: &&marque_sdk::primitives::Key| key.is_current() && key.relationships.contains(relationship);
                record.keys.iter().filter(fits).filter_map(|key| key.public_key.account()).collect()
            }
        };
        let local = keys.list()?;
        match local.iter().find(|info| accounts.contains(&info.account())) {
            Some(info) => keys.open(info),
            None => Err(Failure::usage(format!(
                "who acts? None of the keys of {} that may do this is in the keystore",
                self.target.label()
            ))
            .hint("say who with --as: the name of a key in the keystore, or //Alice on a development chain")),
        }
    }

    /// The failure of this operation, with what is known of the device.
    fn explain(&self, error: CallError, actor: AccountId) -> Failure {
        let refusal = error.refusal();
        let failure = Failure::from(error);
        let label = |account: &AccountId| self.session.label(account);
        match (failure.kind, refusal, &self.record) {
            (Kind::CannotPay, ..) if self.acting.sponsor.is_none() => {
                failure.hint("let another account pay: --sponsor <account> (//Alice on a development chain)")
            }
            (_, Some(Error::NotAuthorized | Error::Suspended), Some(record)) => {
                let controller = render::controller(&record.controller, &label);
                let status = render::status(record.status);
                failure.hint(format!(
                    "you acted as {}; the device is {status} and controlled by {controller}: say who acts with --as",
                    label(&actor)
                ))
            }
            _ => failure,
        }
    }

    async fn report(&self, receipt: &Receipt, actor: AccountId, sponsor: Option<AccountId>) -> Outcome {
        let (did, id) = (self.did(), did::format_device_id(&self.target.device));
        let events = self.session.registry.events_in(receipt.block).await?;
        let is_ours = |event: &&RegistryEvent| {
            event.device == self.target.device && event.extrinsic_index == Some(receipt.extrinsic_index)
        };
        let event = events.iter().find(is_ours).ok_or_else(|| {
            Failure::new(
                Kind::Failed,
                "the transaction is in a block, and the block has no change of the device: don't trust this node",
            )
        })?;
        let result = json!({
            "device": id,
            "did": did,
            "name": self.target.name,
            "actor": account::format(&actor),
            "sponsor": sponsor.as_ref().map(account::format),
            "change": render::entry_json(&id, receipt.block.number, &event.entry),
            "receipt": receipt_json(receipt),
        });
        self.context.output.result(&result, || {
            let label = |account: &AccountId| self.session.label(account);
            let what = render::change(&event.entry.change, &label);
            let head = output::styled(output::GOOD, format!("{}: {what}", self.target.label()));
            let by = format!("by {}", label(&actor));
            let by = sponsor.map_or(by.clone(), |sponsor| format!("{by}, submitted and paid by {}", label(&sponsor)));
            let rest =
                format!("{did}\n{by}; block {}, epoch {}, {}", receipt.block.number, event.entry.epoch, cost(receipt));
            format!("{head}\n{}", output::styled(output::DIM, rest))
        })
    }
}

/// The failure of a device that was never registered.
pub fn not_registered(target: &Target) -> Failure {
    let failure = Failure::new(Kind::NotFound, format!("{} is not registered here", target.label()));
    match &target.name {
        Some(name) => failure.hint(format!("`marque device register {name} --sponsor <who pays>` registers it")),
        None => failure.hint("see whether this is the right registry: --url and --registry"),
    }
}

/// What a transaction cost, for programs. Amounts are in the chain's smallest unit.
pub fn receipt_json(receipt: &Receipt) -> Value {
    json!({
        "block": receipt.block.number,
        "block_hash": hex0x(&receipt.block.hash),
        "extrinsic_hash": hex0x(&receipt.extrinsic_hash),
        "fee": receipt.fee.map(|fee| fee.to_string()),
        "ref_time_ps": receipt.weight.ref_time,
    })
}

/// What a transaction cost, for people.
pub fn cost(receipt: &Receipt) -> String {
    let fee = receipt.fee.map_or_else(|| "fee unknown".to_owned(), |fee| format!("fee {}", render::amount(fee)));
    format!("{fee}, {} of execution", render::gas(receipt.weight.ref_time))
}
