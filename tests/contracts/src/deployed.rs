//! A deployed contract: its messages called by name, its answers read.

use marque_primitives::{AccountId, Hash};
use parity_scale_codec::{Decode, DecodeAll, Encode};

use crate::{
    Actor, Bundle, Chain, Failure, Receipt,
    chain::{Means, RawEvent},
};

/// The genesis hash that the tests deploy contracts with.
pub const GENESIS_HASH: Hash = [0x6d; 32];

/// What a contract answers: `Err` when it could not read the input.
type Answer<T> = Result<T, LanguageError>;

/// ink!'s `LangError`.
#[derive(Decode)]
enum LanguageError {
    #[codec(index = 1)]
    CouldNotReadInput,
}

/// A contract on a chain, which the caller of each method has.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The contract's account.
    pub account: AccountId,
    /// The bundle that was deployed.
    pub bundle: Bundle,
}

impl Deployed {
    /// Deploys the committed bundle of the contract of this name. The salt makes its account another one.
    ///
    /// # Panics
    /// When the chain refuses the bundle, or the constructor the arguments.
    pub fn new(chain: &mut Chain, contract: &str, arguments: impl Encode, salt: &[u8], deployer: &Actor) -> Self {
        let bundle = Bundle::committed(contract);
        let input = (bundle.selector("new"), arguments).encode();
        let deployed = chain.deploy(&bundle.wasm, input, salt, deployer.account());
        Self { account: deployed.expect("the bundle deploys").result, bundle }
    }

    /// The contract that checks Ed25519 signatures for the others; deployed, or found where it is.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub fn ed25519(chain: &mut Chain, deployer: &Actor) -> Self {
        Self::new(chain, "ed25519", (), b"", deployer)
    }

    /// Calls with any bytes, and gives the answer's bytes.
    ///
    /// # Errors
    /// [`Failure::Language`] when the contract can't read the input, [`Failure::Chain`] when the chain ends the call.
    ///
    /// # Panics
    /// When the answer is none of an ink! contract.
    pub fn call_raw(
        &self,
        chain: &mut Chain,
        input: Vec<u8>,
        origin: AccountId,
        means: Means,
    ) -> Result<Receipt<Vec<u8>>, Failure> {
        let receipt = chain.call(self.account, input, origin, means)?;
        let data = receipt.result.data.clone();
        match Answer::<()>::decode(&mut &data[..]) {
            Ok(Ok(())) => Ok(receipt.map(|_| data[1..].to_vec())),
            Ok(Err(LanguageError::CouldNotReadInput)) => Err(Failure::Language),
            Err(error) => panic!("no answer of an ink! contract: {data:02x?} ({error})"),
        }
    }

    /// Calls a message, and reads its answer.
    ///
    /// # Errors
    /// As [`call_raw`](Self::call_raw).
    ///
    /// # Panics
    /// When the answer is of another type.
    pub fn call<T: Decode>(
        &self,
        chain: &mut Chain,
        message: &str,
        arguments: impl Encode,
        origin: AccountId,
        means: Means,
    ) -> Result<Receipt<T>, Failure> {
        let input = (self.bundle.selector(message), arguments).encode();
        let receipt = self.call_raw(chain, input, origin, means)?;
        Ok(receipt.map(|data| T::decode_all(&mut &data[..]).expect("the answer is of the message's type")))
    }

    /// Calls a message that changes nothing; anybody may.
    ///
    /// # Panics
    /// When the contract can't read the arguments, traps, emits or takes a deposit.
    pub fn read<T: Decode>(&self, chain: &mut Chain, message: &str, arguments: impl Encode) -> Receipt<T> {
        let receipt = self.call(chain, message, arguments, Actor::new("reader").account(), Means::default());
        let receipt = receipt.expect("the contract reads well-formed input");
        assert!(receipt.events.is_empty() && receipt.deposit == 0, "a read changes nothing");
        receipt
    }

    /// Reads an event of the contract of this name, whose topics beside its kind are these.
    ///
    /// # Panics
    /// When it is not that.
    pub fn event<T: Decode>(&self, event: &RawEvent, name: &str, topics: impl FnOnce(&T) -> Vec<[u8; 32]>) -> T {
        assert_eq!(event.contract, self.account);
        let content = T::decode_all(&mut &event.data[..]).unwrap_or_else(|error| panic!("no {name}: {error}"));
        assert_eq!(event.topics, [vec![self.bundle.topic(name)], topics(&content)].concat(), "{name}");
        content
    }
}
