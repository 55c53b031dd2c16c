//! Calls and deployments of contracts, each after a dry run that says what it takes.

use marque_primitives::AccountId;
use parity_scale_codec::Encode;
use subxt::{
    dynamic::{self, Value},
    ext::scale_value::value,
};

use super::{
    At, CallError, Chain, Receipt, Weight,
    receipt::Outcome,
    wire::{DryRunResult, ExecReturn, InstantiateReturn},
};
use crate::signer::Signer;

/// Whose name reads are made in. Nobody has its key.
const READER: AccountId = AccountId([0; 32]);

/// What a call would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DryRun {
    /// The gas that it takes.
    pub gas: Weight,
    /// The storage deposit that it takes, in the chain's smallest unit; 0 when it gives some back.
    pub deposit: u128,
    /// What the contract returns.
    pub data: Vec<u8>,
    /// Whether the contract reverts, with `data` saying why.
    pub is_reverted: bool,
}

/// A contract that was deployed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deployed {
    /// Its account.
    pub contract: AccountId,
    /// What its deployment did.
    pub receipt: Receipt,
}

impl Chain {
    /// Runs a call without a transaction, and says what it would do. `data` is the message's selector and its arguments.
    ///
    /// # Errors
    /// [`CallError::ContractNotFound`], [`CallError::CannotPay`], [`CallError::OutOfGas`], [`CallError::Trapped`],
    /// [`CallError::Dispatch`]; [`CallError::Chain`] when the chain can't be read.
    pub async fn dry_run_call(
        &self,
        origin: &AccountId,
        contract: &AccountId,
        data: &[u8],
        at: At,
    ) -> Result<DryRun, CallError> {
        self.dry_run(origin, ContractCall { contract, value: 0, data }, at).await
    }

    /// Reads from a contract: a dry run in nobody's name.
    ///
    /// # Errors
    /// [`CallError::Reverted`]; those of [`dry_run_call`](Self::dry_run_call).
    pub async fn read(&self, contract: &AccountId, data: &[u8], at: At) -> Result<Vec<u8>, CallError> {
        let run = self.dry_run_call(&READER, contract, data, at).await?;
        if run.is_reverted { Err(CallError::Reverted { data: run.data }) } else { Ok(run.data) }
    }

    /// Calls a contract: a dry run for gas and deposit, then a transaction with a margin.
    ///
    /// # Errors
    /// [`CallError::Reverted`] when the contract refuses, in the dry run (nothing was submitted or paid then) or in the block;
    /// those of [`dry_run_call`](Self::dry_run_call); [`CallError::InvalidTransaction`], [`CallError::Dropped`],
    /// [`CallError::NotIncluded`], [`CallError::NotFinalized`], [`CallError::Signer`].
    pub async fn call(&self, signer: &dyn Signer, contract: &AccountId, data: &[u8]) -> Result<Receipt, CallError> {
        self.call_paying(signer, contract, 0, data).await
    }

    /// Calls a contract and gives it an amount in the chain's smallest unit with the call.
    ///
    /// # Errors
    /// Those of [`call`](Self::call).
    pub async fn call_paying(
        &self,
        signer: &dyn Signer,
        contract: &AccountId,
        value: u128,
        data: &[u8],
    ) -> Result<Receipt, CallError> {
        let call = ContractCall { contract, value, data };
        let run = self.dry_run(&signer.account(), call, At::Best).await?;
        if run.is_reverted {
            return Err(CallError::Reverted { data: run.data });
        }
        self.execute(signer, call, &run).await
    }

    /// Calls a contract with the gas and deposit of a dry run that was made before.
    ///
    /// # Errors
    /// Those of [`call`](Self::call).
    pub async fn call_with(
        &self,
        signer: &dyn Signer,
        contract: &AccountId,
        data: &[u8],
        run: &DryRun,
    ) -> Result<Receipt, CallError> {
        self.execute(signer, ContractCall { contract, value: 0, data }, run).await
    }

    /// Uploads code and instantiates a contract from it. The same account, code, data and salt give the same contract, once.
    ///
    /// # Errors
    /// [`CallError::Reverted`] when the constructor refuses; else those of [`call`](Self::call).
    pub async fn deploy(
        &self,
        signer: &dyn Signer,
        code: &[u8],
        data: &[u8],
        salt: &[u8],
    ) -> Result<Deployed, CallError> {
        let origin = signer.account();
        let (value, gas_limit, deposit_limit) = (0u128, None::<Weight>, None::<u128>);
        let args = (origin, value, gas_limit, deposit_limit, CODE_UPLOAD, code, data, salt).encode();
        let answer = self.state_call("ContractsApi_instantiate", &args, At::Best).await?;
        let result = DryRunResult::<InstantiateReturn>::decode(&answer);
        let result = result.map_err(|error| CallError::undecodable("the dry run", error))?;
        let parties = Parties { payer: &origin, contract: &origin };
        let returned = self.dispatched(result.result, At::Best, parties).await?;
        if returned.result.is_reverted() {
            return Err(CallError::Reverted { data: returned.result.data });
        }
        let limits = self.limits(result.gas_required, result.deposit).await?;
        let fields = (0u128, limits.gas, limits.deposit, code.to_vec(), data.to_vec(), salt.to_vec());
        let payload = dynamic::tx("Contracts", "instantiate_with_code", fields);
        let Outcome { receipt, failure, instantiated } = self.submit(signer, &payload).await?;
        if let Some(failure) = failure {
            return Err(dispatch_error(&failure, parties));
        }
        let unnamed = || CallError::undecodable("the receipt", "it names no contract");
        Ok(Deployed { contract: instantiated.ok_or_else(unnamed)?, receipt })
    }

    /// Transfers an amount in the chain's smallest unit.
    ///
    /// # Errors
    /// [`CallError::CannotPay`], [`CallError::Dispatch`], [`CallError::InvalidTransaction`], [`CallError::Dropped`],
    /// [`CallError::NotIncluded`], [`CallError::NotFinalized`], [`CallError::Signer`], [`CallError::Chain`].
    pub async fn transfer(&self, signer: &dyn Signer, to: &AccountId, amount: u128) -> Result<Receipt, CallError> {
        let payload = dynamic::tx("Balances", "transfer_keep_alive", (address(to), amount));
        let outcome = self.submit(signer, &payload).await?;
        let payer = signer.account();
        match outcome.failure {
            Some(failure) => Err(dispatch_error(&failure, Parties { payer: &payer, contract: to })),
            None => Ok(outcome.receipt),
        }
    }

    async fn dry_run(&self, origin: &AccountId, call: ContractCall<'_>, at: At) -> Result<DryRun, CallError> {
        let ContractCall { contract, value, data } = call;
        let (gas_limit, deposit_limit) = (None::<Weight>, None::<u128>);
        let args = (origin, contract, value, gas_limit, deposit_limit, data).encode();
        let answer = self.state_call("ContractsApi_call", &args, at).await?;
        let result = DryRunResult::<ExecReturn>::decode(&answer);
        let result = result.map_err(|error| CallError::undecodable("the dry run", error))?;
        let returned = self.dispatched(result.result, at, Parties { payer: origin, contract }).await?;
        let is_reverted = returned.is_reverted();
        Ok(DryRun { gas: result.gas_required, deposit: result.deposit, data: returned.data, is_reverted })
    }

    async fn execute(&self, signer: &dyn Signer, call: ContractCall<'_>, run: &DryRun) -> Result<Receipt, CallError> {
        let ContractCall { contract, value, data } = call;
        let origin = signer.account();
        let limits = self.limits(run.gas, run.deposit).await?;
        let dest = address(contract);
        let payload = dynamic::tx("Contracts", "call", (dest, value, limits.gas, limits.deposit, data.to_vec()));
        let outcome = self.submit(signer, &payload).await?;
        let Some(failure) = outcome.failure else { return Ok(outcome.receipt) };
        if failure == "Contracts::ContractReverted" {
            let reason = self.reason(&origin, call, &outcome.receipt).await?;
            return Err(CallError::Reverted { data: reason });
        }
        Err(dispatch_error(&failure, Parties { payer: &origin, contract }))
    }

    async fn limits(&self, gas: Weight, deposit: u128) -> Result<Limits, CallError> {
        let head = self.finalized().await?;
        let max = self.runtime_at(&head.hash).await?.weight_max;
        if gas.ref_time > max.ref_time || gas.proof_size > max.proof_size {
            return Err(CallError::OutOfGas);
        }
        let gas = gas.with_margin(self.config().gas_margin_percent, max);
        let percent = u128::from(self.config().deposit_margin_percent);
        let deposit = deposit.saturating_add(deposit.saturating_mul(percent) / 100);
        let Weight { ref_time, proof_size } = gas;
        Ok(Limits { gas: value! { { ref_time: ref_time, proof_size: proof_size } }, deposit: Some(deposit) })
    }

    async fn dispatched<T>(&self, result: Result<T, Vec<u8>>, at: At, parties: Parties<'_>) -> Result<T, CallError> {
        let error = match result {
            Ok(returned) => return Ok(returned),
            Err(error) => error,
        };
        let hash = match at {
            At::Block(hash) => hash,
            At::Best | At::Finalized => self.finalized().await?.hash,
        };
        let name = self.runtime_at(&hash).await?.dispatch_error(&error);
        match dispatch_error(&name, parties) {
            // A dry run has no limit but what the account has.
            CallError::StorageDepositLimitExhausted => Err(cannot_pay(&name, parties)),
            other => Err(other),
        }
    }

    /// Why a call reverted in a block though its dry run before did not: from the state that the block began with, or, when
    /// something within the block came in between, from the state that it ended with.
    async fn reason(
        &self,
        origin: &AccountId,
        call: ContractCall<'_>,
        receipt: &Receipt,
    ) -> Result<Vec<u8>, CallError> {
        let parent = self.block_hash(receipt.block.number.saturating_sub(1)).await?;
        for hash in [parent, receipt.block.hash] {
            let run = self.dry_run(origin, call, At::Block(hash)).await?;
            if run.is_reverted {
                return Ok(run.data);
            }
        }
        Ok(Vec::new())
    }
}

/// The variant `Upload` of `pallet_contracts::Code`.
const CODE_UPLOAD: u8 = 0;

#[derive(Clone, Copy)]
struct ContractCall<'call> {
    contract: &'call AccountId,
    /// What is given to the contract with the call.
    value: u128,
    data: &'call [u8],
}

struct Limits {
    gas: Value,
    deposit: Option<u128>,
}

#[derive(Clone, Copy)]
struct Parties<'account> {
    payer: &'account AccountId,
    contract: &'account AccountId,
}

fn address(account: &AccountId) -> Value {
    Value::unnamed_variant("Id", [Value::from_bytes(account.0)])
}

fn dispatch_error(name: &str, parties: Parties<'_>) -> CallError {
    match name {
        "Contracts::ContractNotFound" => CallError::ContractNotFound { contract: *parties.contract },
        "Contracts::OutOfGas" => CallError::OutOfGas,
        "Contracts::StorageDepositLimitExhausted" => CallError::StorageDepositLimitExhausted,
        "Contracts::ContractTrapped" => CallError::Trapped,
        "Contracts::StorageDepositNotEnoughFunds" | "Contracts::TransferFailed" => cannot_pay(name, parties),
        _ if name.starts_with("Balances::") || name.starts_with("Token error") => cannot_pay(name, parties),
        _ => CallError::Dispatch { error: name.to_owned() },
    }
}

fn cannot_pay(name: &str, parties: Parties<'_>) -> CallError {
    CallError::CannotPay { account: *parties.payer, reason: name.to_owned() }
}
