//! What the chain keeps of accounts, contracts and time.

use marque_primitives::{AccountId, Hash, TimestampMs};
use subxt::{
    dynamic::Value,
    ext::{scale_decode, scale_decode::DecodeAsType},
    rpcs::client::rpc_params,
};

use super::{At, Chain, ChainError, wire};

/// What an account holds, in the chain's smallest unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// What it can spend, but for what keeps it alive.
    pub free: u128,
    /// What is held, for deposits among others.
    pub reserved: u128,
}

/// What a contract's storage takes as deposit, in the chain's smallest unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoragePrices {
    /// For each entry.
    pub per_item: u128,
    /// For each byte of it.
    pub per_byte: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct AccountInfo {
    data: AccountData,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct AccountData {
    free: u128,
    reserved: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct ContractInfo {
    code_hash: [u8; 32],
}

impl Chain {
    /// What an account holds. An account that does not exist holds nothing.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn balance(&self, account: &AccountId, at: At) -> Result<Balance, ChainError> {
        let info: Option<AccountInfo> = self.storage("System", "Account", Some(account), at).await?;
        Ok(info.map(|info| Balance { free: info.data.free, reserved: info.data.reserved }).unwrap_or_default())
    }

    /// The hash of the code of the contract at this account; `None` when there is no contract.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn code_hash(&self, contract: &AccountId, at: At) -> Result<Option<Hash>, ChainError> {
        let info: Option<ContractInfo> = self.storage("Contracts", "ContractInfoOf", Some(contract), at).await?;
        Ok(info.map(|info| info.code_hash))
    }

    /// The block's time, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn time_ms(&self, at: At) -> Result<TimestampMs, ChainError> {
        let now: Option<u64> = self.storage("Timestamp", "Now", None, at).await?;
        now.ok_or_else(|| ChainError::undecodable("Timestamp.Now", "the chain has no time"))
    }

    /// What a contract's storage takes as deposit.
    ///
    /// # Errors
    /// [`ChainError`] when the chain can't be read.
    pub async fn storage_prices(&self, at: At) -> Result<StoragePrices, ChainError> {
        let hash = match self.hash_at(at).await? {
            Some(hash) => hash,
            None => self.best().await?.hash,
        };
        let runtime = self.runtime_at(&hash).await?;
        let amount = |name: &str| runtime.constant::<u128>("Contracts", name);
        Ok(StoragePrices { per_item: amount("DepositPerItem")?, per_byte: amount("DepositPerByte")? })
    }

    async fn storage<T: DecodeAsType>(
        &self,
        pallet: &'static str,
        entry: &'static str,
        key: Option<&AccountId>,
        at: At,
    ) -> Result<Option<T>, ChainError> {
        let hash = match self.hash_at(at).await? {
            Some(hash) => hash,
            None => self.best().await?.hash,
        };
        let what = || format!("{pallet}.{entry}");
        let undecodable = |error: &dyn ToString| ChainError::undecodable(what(), error.to_string());
        let runtime = self.runtime_at(&hash).await?;
        let storage = runtime.client.storage();
        let parts: Vec<Value> = key.map(|account| Value::from_bytes(account.0)).into_iter().collect();
        let address = subxt::dynamic::storage::<Vec<Value>, Value>(pallet, entry);
        let entry = storage.entry(address).map_err(|error| undecodable(&error))?;
        let key = entry.fetch_key(parts).map_err(|error| undecodable(&error))?;
        let (key, hash) = (wire::hex(&key), wire::hex(&hash));
        let value: Option<String> = self.rpc().read("state_getStorage", || rpc_params![&key, &hash]).await?;
        let Some(value) = value else { return Ok(None) };
        let bytes = wire::bytes(&what(), &value)?;
        let metadata = runtime.client.metadata_ref();
        let info = subxt::ext::frame_decode::storage::StorageTypeInfo::storage_info(
            metadata,
            pallet,
            what().rsplit('.').next().unwrap_or_default(),
        )
        .map_err(|error| undecodable(&error))?;
        T::decode_as_type(&mut &bytes[..], info.value_id, metadata.types())
            .map(Some)
            .map_err(|error| undecodable(&error))
    }
}
