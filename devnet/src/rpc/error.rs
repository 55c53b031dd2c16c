//! Errors with the codes and texts of the node: clients tell them apart by these.

use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::error::SERVER_IS_BUSY_CODE;
use sp_core::H256;
use sp_runtime::transaction_validity::InvalidTransaction;

use crate::chain::ChainError;
use crate::error::StoreError;
use crate::pool::Refusal;
use crate::runtime::CallError;
use crate::seal::SubmitError;

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum RpcError {
    /// An unknown block, or storage that fails.
    Chain(ChainError),
    /// The runtime has no answer.
    Execution(CallError),
    /// The state cannot be read.
    State(String),
    /// More items were asked for than one answer may hold.
    TooMany { asked: u32, max: u32 },
    /// The two ends of a range of blocks do not make one.
    Range { from: H256, to: H256, reason: String },
    /// A block number is out of range.
    BlockNumber(String),
    /// The submitted bytes are no extrinsic.
    Format(String),
    /// The submitted extrinsic was refused.
    Submit(SubmitError),
    /// An extrinsic cannot be tried or priced: what was attempted, and why it failed.
    Extrinsic { attempt: &'static str, code: i32, reason: String },
    /// The chain is stopping.
    Stopped,
}

impl From<ChainError> for RpcError {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<StoreError> for RpcError {
    fn from(error: StoreError) -> Self {
        Self::Chain(error.into())
    }
}

impl From<CallError> for RpcError {
    fn from(error: CallError) -> Self {
        Self::Execution(error)
    }
}

impl From<RpcError> for ErrorObjectOwned {
    fn from(error: RpcError) -> Self {
        match error {
            RpcError::Chain(error) => plain(4003, format!("Client error: {error}")),
            RpcError::Execution(error) => plain(4003, format!("Client error: Execution failed: {error}")),
            RpcError::State(reason) => plain(4003, format!("Client error: {reason}")),
            RpcError::TooMany { asked, max } => {
                plain(4002, format!("count exceeds maximum value. value: {asked}, max: {max}"))
            }
            RpcError::Range { from, to, reason } => {
                plain(4001, format!("Cannot resolve a block range ['{from:?}' ... '{to:?}']. {reason}"))
            }
            RpcError::BlockNumber(text) => plain(3001, text),
            RpcError::Format(reason) => plain(1040, format!("Client error: {reason}")),
            RpcError::Submit(error) => refused(error),
            RpcError::Extrinsic { attempt, code, reason } => ErrorObjectOwned::owned(code, attempt, Some(reason)),
            RpcError::Stopped => plain(SERVER_IS_BUSY_CODE, "the chain is stopping".into()),
        }
    }
}

fn refused(error: SubmitError) -> ErrorObjectOwned {
    match error {
        SubmitError::Invalid(InvalidTransaction::Custom(code)) => {
            with_data(1010, "Invalid Transaction", format!("Custom error: {code}"))
        }
        SubmitError::Invalid(reason) => {
            let reason: &str = reason.into();
            with_data(1010, "Invalid Transaction", reason.into())
        }
        SubmitError::Unknown(reason) => ErrorObjectOwned::owned(1011, "Unknown Transaction Validity", Some(reason)),
        SubmitError::Banned => plain(1012, "Transaction is temporarily banned".into()),
        SubmitError::Runtime(error) => {
            let reason = format!("Runtime error: Execution failed: {error}");
            with_data(1002, &format!("Verification Error: {reason}"), reason)
        }
        SubmitError::Halted(reason) => plain(1040, format!("Client error: {reason}")),
        SubmitError::Pool(refusal) => not_pooled(refusal),
    }
}

fn not_pooled(refusal: Refusal) -> ErrorObjectOwned {
    match refusal {
        Refusal::AlreadyImported(hash) => with_data(1013, "Transaction Already Imported", format!("{hash:?}")),
        Refusal::TooLowPriority { old, new } => with_data(
            1014,
            &format!("Priority is too low: ({old} vs {new})"),
            "The transaction has too low priority to replace another transaction already in the pool.".into(),
        ),
        Refusal::ImmediatelyDropped => with_data(
            1016,
            "Immediately Dropped",
            "The transaction couldn't enter the pool because of the limit".into(),
        ),
        Refusal::NoTags => with_data(
            1017,
            "No tags provided",
            "Transaction does not provide any tags, so the pool can't identify it".into(),
        ),
    }
}

fn plain(code: i32, message: String) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(code, message, None::<()>)
}

fn with_data(code: i32, message: &str, data: String) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(code, message, Some(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_that_stops_asks_to_be_asked_later() {
        // By this code clients tell it from a refusal (jsonrpsee, `ServerIsBusy`).
        assert_eq!(ErrorObjectOwned::from(RpcError::Stopped).code(), -32009);
    }
}
