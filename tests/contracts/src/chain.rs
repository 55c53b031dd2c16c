//! drink's in-memory chain: raw calls, with the origin, the time and the block chosen by the test.

use drink::{
    AccountId32, Sandbox, Weight,
    frame_support::{
        Blake2_128Concat, StorageHasher, Twox64Concat,
        sp_runtime::DispatchError,
        storage::{
            child::{self, ChildInfo, StateVersion},
            storage_prefix, unhashed,
        },
    },
    minimal::{MinimalSandbox, MinimalSandboxRuntime, RuntimeEvent, System},
    pallet_contracts::{Determinism, Event, ExecReturnValue, StorageDeposit},
    sandbox_api::{
        balance_api::BalanceAPI, contracts_api::ContractAPI, system_api::SystemAPI, timestamp_api::TimestampAPI,
    },
};
use ink_sandbox::{EventRecordOf, Snapshot};
use marque_primitives::{AccountId, TimestampMs};
use parity_scale_codec::Decode;

/// Time of the first block: 2026-01-01T00:00:00Z.
pub const GENESIS_MS: TimestampMs = 1_767_225_600_000;

/// More than any call needs, so that no test depends on a limit: picoseconds, and bytes of storage proof.
const REF_TIME_MAX_PS: u64 = 10_000_000_000_000;
const PROOF_MAX_BYTES: u64 = u64::MAX / 2;
/// What each origin has. The chain asks for one unit per byte and one per item that is stored.
const BALANCE: u128 = 1_000_000_000_000;

/// An event of a contract, as the chain has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawEvent {
    /// The contract that emitted it.
    pub contract: AccountId,
    /// Its topics; the first one marks its kind.
    pub topics: Vec<[u8; 32]>,
    /// Its content.
    pub data: Vec<u8>,
}

/// How a contract's code ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Returned {
    /// Whether the contract asked the chain to undo all that it did.
    pub reverted: bool,
    /// What it returned.
    pub data: Vec<u8>,
}

/// What the origin gives a call, beside its input.
#[derive(Clone, Copy, Debug)]
pub struct Means {
    /// What it pays to the contract.
    pub value: u128,
    /// How long the call may run at most, in picoseconds.
    pub ref_time_max_ps: u64,
}

/// No payment, and more time than any call needs.
impl Default for Means {
    fn default() -> Self {
        Self { value: 0, ref_time_max_ps: REF_TIME_MAX_PS }
    }
}

impl Means {
    /// A payment, and all the time.
    pub fn paying(value: u128) -> Self {
        Self { value, ..Self::default() }
    }

    /// No payment, and this much time, in picoseconds.
    pub fn within(ref_time_max_ps: u64) -> Self {
        Self { ref_time_max_ps, ..Self::default() }
    }

    fn gas_limit(&self) -> Weight {
        Weight::from_parts(self.ref_time_max_ps, PROOF_MAX_BYTES)
    }
}

/// What a call did.
#[derive(Clone, Debug)]
pub struct Receipt<T> {
    /// Its result.
    pub result: T,
    /// Picoseconds of execution: what the contract's code and the host functions cost, without the extrinsic's base weight.
    pub ref_time_ps: u64,
    /// Bytes of storage proof.
    pub proof_bytes: u64,
    /// Storage deposit: positive when the origin paid, negative when it was paid back. On this chain one unit per byte and item.
    pub deposit: i128,
    /// The contract's events.
    pub events: Vec<RawEvent>,
}

impl<T> Receipt<T> {
    /// The receipt with another result.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Receipt<U> {
        Receipt {
            result: change(self.result),
            ref_time_ps: self.ref_time_ps,
            proof_bytes: self.proof_bytes,
            deposit: self.deposit,
            events: self.events,
        }
    }
}

/// Why a call has no answer of the contract.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The chain ended the call: a trap, no gas, no contract. The text is the chain's.
    Chain(String),
    /// The contract could not read the call's input.
    Language,
    /// The constructor refused: its error, encoded.
    Refused(Vec<u8>),
}

impl From<DispatchError> for Failure {
    fn from(error: DispatchError) -> Self {
        Self::Chain(format!("{error:?}"))
    }
}

/// The chain.
pub struct Chain {
    sandbox: MinimalSandbox,
    now_ms: TimestampMs,
}

/// All that the chain had at one moment.
pub struct State {
    snapshot: Snapshot,
    now_ms: TimestampMs,
}

impl Default for Chain {
    fn default() -> Self {
        let mut chain = Self { sandbox: MinimalSandbox::default(), now_ms: GENESIS_MS };
        chain.set_time(GENESIS_MS);
        chain
    }
}

impl Chain {
    /// The block's time.
    pub fn now_ms(&self) -> TimestampMs {
        self.now_ms
    }

    /// Sets the block's time.
    pub fn set_time(&mut self, now_ms: TimestampMs) {
        self.now_ms = now_ms;
        self.sandbox.set_timestamp(now_ms);
    }

    /// The current block's number.
    pub fn block(&mut self) -> u32 {
        self.sandbox.block_number()
    }

    /// Goes to a later block of the same time.
    pub fn next_block(&mut self) {
        let next = self.block() + 1;
        // Not `build_block`: it takes the machine's clock.
        self.sandbox.execute_with(|| System::set_block_number(next));
    }

    /// The chain's state as it is now.
    pub fn snapshot(&mut self) -> State {
        State { snapshot: self.sandbox.take_snapshot(), now_ms: self.now_ms }
    }

    /// Goes back to an earlier state.
    pub fn restore(&mut self, state: State) {
        self.sandbox.restore_snapshot(state.snapshot);
        self.now_ms = state.now_ms;
    }

    /// Uploads and instantiates a contract, and tells its account.
    ///
    /// # Errors
    /// [`Failure::Chain`] when the chain refuses the code, or its constructor traps; [`Failure::Language`] when the constructor can't read
    /// the input; [`Failure::Refused`] when it refuses.
    pub fn deploy(
        &mut self,
        wasm: &[u8],
        input: Vec<u8>,
        salt: &[u8],
        origin: AccountId,
    ) -> Result<Receipt<AccountId>, Failure> {
        self.fund(origin);
        self.sandbox.reset_events();
        let (wasm, salt, gas_limit) = (wasm.to_vec(), salt.to_vec(), Means::default().gas_limit());
        let deployed = self.sandbox.deploy_contract(wasm, 0, input, salt, to_chain(origin), gas_limit, None);
        let result = deployed.result?;
        if result.result.did_revert() {
            // What a constructor returns is in two results: whether it could read the input, and its own.
            return Err(match &result.result.data[..] {
                [0, 1, error @ ..] => Failure::Refused(error.to_vec()),
                _ => Failure::Language,
            });
        }
        Ok(Receipt {
            result: AccountId(result.account_id.into()),
            ref_time_ps: deployed.gas_consumed.ref_time(),
            proof_bytes: deployed.gas_consumed.proof_size(),
            deposit: signed(&deployed.storage_deposit),
            events: Vec::new(),
        })
    }

    /// Calls a contract.
    ///
    /// # Errors
    /// [`Failure::Chain`] when the contract traps, or the chain does not run it.
    pub fn call(
        &mut self,
        contract: AccountId,
        input: Vec<u8>,
        origin: AccountId,
        means: Means,
    ) -> Result<Receipt<Returned>, Failure> {
        self.fund(origin);
        self.sandbox.reset_events();
        let called = self.sandbox.call_contract(
            to_chain(contract),
            means.value,
            input,
            to_chain(origin),
            means.gas_limit(),
            None,
            Determinism::Enforced,
        );
        let ExecReturnValue { flags, data } = called.result?;
        Ok(Receipt {
            result: Returned { reverted: !flags.is_empty(), data },
            ref_time_ps: called.gas_consumed.ref_time(),
            proof_bytes: called.gas_consumed.proof_size(),
            deposit: signed(&called.storage_deposit),
            events: called.events.unwrap_or_default().into_iter().filter_map(contract_event).collect(),
        })
    }

    /// What an account can spend.
    pub fn free_balance(&mut self, account: AccountId) -> u128 {
        self.sandbox.free_balance(&to_chain(account))
    }

    /// The storage deposit that a contract holds.
    pub fn held_deposit(&mut self, contract: AccountId) -> u128 {
        self.sandbox.execute_with(|| System::account(to_chain(contract)).data.reserved)
    }

    /// A hash over all that a contract keeps in its storage.
    ///
    /// # Panics
    /// When there is no such contract.
    pub fn storage_root(&mut self, contract: AccountId) -> Vec<u8> {
        self.sandbox.execute_with(|| child::root(&storage_of(contract), StateVersion::V1))
    }

    /// Writes into a contract's storage, past the contract: for states that no test could reach in time.
    ///
    /// # Panics
    /// When there is no such contract.
    pub fn plant(&mut self, contract: AccountId, key: &[u8], value: &[u8]) {
        self.sandbox.execute_with(|| child::put_raw(&storage_of(contract), &Blake2_128Concat::hash(key), value));
    }

    /// Gives an account as much as an account can have but for this room, past the chain's own rules: no more than that can be paid to it.
    ///
    /// # Panics
    /// When there is no such account.
    pub fn fill(&mut self, account: AccountId, room: u128) {
        let prefix = storage_prefix(b"System", b"Account");
        let key = [&prefix[..], &Blake2_128Concat::hash(&account.0)].concat();
        self.sandbox.execute_with(|| {
            let mut info = unhashed::get_raw(&key).expect("the account is there");
            // The free balance comes after the nonce and three counters of references, of four bytes each.
            info[16..32].copy_from_slice(&(u128::MAX - room).to_le_bytes());
            unhashed::put_raw(&key, &info);
        });
    }

    /// Gives the account what it needs to pay deposits, once.
    pub fn fund(&mut self, account: AccountId) {
        if self.free_balance(account) == 0 {
            self.sandbox.mint_into(&to_chain(account), BALANCE).expect("the chain mints for tests");
        }
    }
}

/// Where the chain keeps a contract's storage.
fn storage_of(contract: AccountId) -> ChildInfo {
    let prefix = storage_prefix(b"Contracts", b"ContractInfoOf");
    let info_key = [&prefix[..], &Twox64Concat::hash(&contract.0)].concat();
    let info = unhashed::get_raw(&info_key).expect("the contract is there");
    // The trie's id is the first field.
    let trie = Vec::<u8>::decode(&mut &info[..]).expect("the chain's own encoding");
    ChildInfo::new_default(&trie)
}

fn to_chain(account: AccountId) -> AccountId32 {
    AccountId32::new(account.0)
}

fn signed(deposit: &StorageDeposit<u128>) -> i128 {
    let amount = |amount: u128| i128::try_from(amount).expect("deposits are far below 2^127");
    match deposit {
        StorageDeposit::Charge(charged) => amount(*charged),
        StorageDeposit::Refund(refunded) => -amount(*refunded),
    }
}

fn contract_event(record: EventRecordOf<MinimalSandboxRuntime>) -> Option<RawEvent> {
    let RuntimeEvent::Contracts(Event::ContractEmitted { contract, data }) = record.event else { return None };
    let topics = record.topics.into_iter().map(|topic| topic.0).collect();
    Some(RawEvent { contract: AccountId(contract.into()), topics, data })
}
