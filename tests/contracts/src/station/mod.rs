//! The deployed charging station, with a check of every write.

use std::collections::BTreeSet;

use marque_primitives::AccountId;
use parity_scale_codec::{Decode, Encode};

use crate::{
    Access, Actor, Bundle, Chain, Deployed, Failure, Receipt, access,
    chain::{Means, RawEvent},
    written,
};

pub use marque_charging::{
    Balance, EndReason, EnergyMetered, Error, Event, Guard, GuardError, PriceSet, Session, SessionEnded, SessionId,
    SessionStarted, Settlement, StationInfo, Terms, Withdrawn,
};

/// What a write came to.
pub type Written<T> = written::Written<T, Error, Event>;

/// A station on the same chain as the `access_control` that it asks.
pub struct Station {
    /// The contracts that it builds on, with the chain.
    pub access: Access,
    /// The contract's account.
    pub contract: AccountId,
    deployed: Deployed,
    connectors: u8,
    /// What the chain wants a contract to have, which came from its deployer.
    floor: Balance,
    ledger: Ledger,
}

/// What the writes so far say.
#[derive(Clone)]
struct Ledger {
    /// The storage deposit that the station holds.
    held: Balance,
    /// Everybody who has had to do with it, and may be owed something.
    known: BTreeSet<AccountId>,
}

/// The station, what it builds on and the chain, at one moment.
pub struct Saved {
    access: access::Saved,
    ledger: Ledger,
}

/// What a write that is refused must leave as it is.
#[derive(PartialEq, Eq, Debug)]
struct Footprint {
    storage: Vec<u8>,
    held: Balance,
    balance: Balance,
}

impl Station {
    /// Deploys a station.
    ///
    /// # Errors
    /// The constructor's.
    ///
    /// # Panics
    /// When the chain refuses the bundle.
    pub fn deploy(mut access: Access, guard: &Guard, terms: &Terms, deployer: &Actor) -> Result<Self, Error> {
        let bundle = Bundle::committed("charging");
        let input = (bundle.selector("new"), guard, terms).encode();
        let account = match access.chain().deploy(&bundle.wasm, input, b"", deployer.account()) {
            Ok(receipt) => receipt.result,
            Err(Failure::Refused(error)) => return Err(Error::decode(&mut &error[..]).expect("it is the station's")),
            Err(failure) => panic!("the bundle deploys: {failure:?}"),
        };
        let (held, floor) = (access.chain().held_deposit(account), access.chain().free_balance(account));
        Ok(Self {
            access,
            contract: account,
            deployed: Deployed { account, bundle },
            connectors: terms.connectors,
            floor,
            ledger: Ledger { held, known: BTreeSet::from([terms.operator]) },
        })
    }

    /// The bundle that was deployed.
    pub fn bundle(&self) -> &Bundle {
        &self.deployed.bundle
    }

    /// The chain.
    pub fn chain(&mut self) -> &mut Chain {
        self.access.chain()
    }

    /// Does something and takes it back, whatever it was.
    pub fn trial<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = Saved { access: self.access.save(), ledger: self.ledger.clone() };
        let result = act(self);
        self.access.go_back(before.access);
        self.ledger = before.ledger;
        result
    }

    /// Puts what the station says of itself into its storage, past the contract: for states that no test could reach in time.
    pub fn plant(&mut self, info: &StationInfo) {
        let contract = self.contract;
        self.chain().plant(contract, &[0; 4], &info.encode());
    }

    /// The storage deposit that the station holds.
    pub fn held(&self) -> Balance {
        self.ledger.held
    }
}

/// Writes. Each is made in a block of its own, and checked:
///
/// - an accepted one emits the one event that it stands for, and nothing else does;
/// - what the station has is what open sessions paid in and what it owes, to the unit;
/// - the deposit that it holds changes by what the chain says that it charged;
/// - a refused one changes nothing of its storage, deposit and balance;
/// - nothing changes in `access_control`.
impl Station {
    /// Starts a session, with a deposit.
    pub fn start(
        &mut self,
        vehicle: &Actor,
        connector: u8,
        price_max_per_wh: Balance,
        token: &[u8],
        deposit: Balance,
    ) -> Written<SessionId> {
        let written = self.write("start", (connector, price_max_per_wh, token), vehicle, deposit);
        check_events(&written, |id| {
            Some(move |event: &Event| matches!(event, Event::Started(started) if started.id == id))
        });
        written
    }

    /// Reports the energy since the session began.
    pub fn meter(&mut self, caller: &Actor, id: SessionId, energy_wh: u64) -> Written<Option<EndReason>> {
        let written = self.write("meter", (id, energy_wh), caller, 0);
        check_events(&written, |ended: Option<EndReason>| {
            Some(move |event: &Event| match event {
                Event::Metered(metered) => ended.is_none() && (metered.id, metered.energy_wh) == (id, energy_wh),
                event => ended.is_some_and(|reason| is_end(event, id, reason)),
            })
        });
        written
    }

    /// Stops a session.
    pub fn stop(&mut self, caller: &Actor, id: SessionId) -> Written<()> {
        let written = self.write("stop", id, caller, 0);
        check_events(&written, |()| {
            Some(move |event: &Event| {
                is_end(event, id, EndReason::StoppedByVehicle) || is_end(event, id, EndReason::StoppedByOperator)
            })
        });
        written
    }

    /// Ends a session if it is over.
    pub fn recheck(&mut self, caller: &Actor, id: SessionId) -> Written<Option<EndReason>> {
        let written = self.write("recheck", id, caller, 0);
        check_events(&written, |ended: Option<EndReason>| {
            ended.map(|reason| move |event: &Event| is_end(event, id, reason))
        });
        written
    }

    /// Pays what is owed to the caller.
    pub fn withdraw(&mut self, caller: &Actor, to: AccountId) -> Written<Balance> {
        let written = self.write("withdraw", to, caller, 0);
        let owner = caller.account();
        check_events(&written, |amount| {
            Some(move |event: &Event| *event == Event::Withdrawn(Withdrawn { owner, to, amount }))
        });
        written
    }

    /// Sets the price of sessions that begin later.
    pub fn set_price(&mut self, caller: &Actor, price_per_wh: Balance) -> Written<()> {
        let written = self.write("set_price", price_per_wh, caller, 0);
        check_events(&written, |()| {
            Some(move |event: &Event| matches!(event, Event::PriceSet(set) if set.price_per_wh == price_per_wh))
        });
        written
    }

    fn write<T: Decode>(
        &mut self,
        message: &str,
        arguments: impl Encode,
        caller: &Actor,
        deposit: Balance,
    ) -> Written<T> {
        self.chain().next_block();
        self.ledger.known.insert(caller.account());
        let (contract, access) = (self.contract, self.access.contract);
        let before = (self.footprint(contract), self.footprint(access));
        let means = Means::paying(deposit);
        let receipt: Receipt<Result<T, Error>> =
            self.call(message, arguments, caller.account(), means).expect("the contract reads well-formed input");
        let changes: Vec<Event> = receipt.events.iter().map(|event| self.decode_event(event)).collect();
        self.ledger.held = self.ledger.held.checked_add_signed(receipt.deposit).expect("no negative deposit");
        if receipt.result.is_err() {
            assert_eq!((changes.len(), receipt.deposit), (0, 0));
            assert_eq!(self.footprint(contract), before.0, "a refused write changes nothing");
        }
        assert_eq!(self.footprint(access), before.1, "a station only asks");
        self.check_money();
        Written { receipt, changes }
    }

    /// Checks that the station has what open sessions paid in and what it owes, and nothing else.
    pub fn check_money(&mut self) {
        let sessions = (1..=self.connectors).filter_map(|connector| self.session(connector)).collect::<Vec<_>>();
        let deposited: Balance = sessions.iter().map(|session| session.deposit).sum();
        let owed: Balance = self.ledger.known.clone().into_iter().map(|owner| self.owed(owner)).sum();
        let contract = self.contract;
        let Footprint { held, balance, .. } = self.footprint(contract);
        assert_eq!(balance, self.floor + deposited + owed);
        assert_eq!(held, self.ledger.held);
    }

    fn footprint(&mut self, contract: AccountId) -> Footprint {
        let chain = self.chain();
        Footprint {
            storage: chain.storage_root(contract),
            held: chain.held_deposit(contract),
            balance: chain.free_balance(contract),
        }
    }

    fn decode_event(&self, event: &RawEvent) -> Event {
        let deployed = &self.deployed;
        let is = |name: &str| event.topics.first() == Some(&deployed.bundle.topic(name));
        if is("PriceSet") {
            Event::PriceSet(deployed.event(event, "PriceSet", |_| vec![]))
        } else if is("SessionStarted") {
            Event::Started(deployed.event(event, "SessionStarted", |it: &SessionStarted| vec![topic(it.id)]))
        } else if is("EnergyMetered") {
            Event::Metered(deployed.event(event, "EnergyMetered", |it: &EnergyMetered| vec![topic(it.id)]))
        } else if is("SessionEnded") {
            Event::Ended(deployed.event(event, "SessionEnded", |it: &SessionEnded| vec![topic(it.id)]))
        } else {
            Event::Withdrawn(deployed.event(event, "Withdrawn", |it: &Withdrawn| vec![it.owner.0]))
        }
    }
}

/// Checks that a write that was accepted emitted just the event that `expected` tells by the answer, or none.
fn check_events<T: Copy, F: FnOnce(&Event) -> bool>(written: &Written<T>, expected: impl FnOnce(T) -> Option<F>) {
    let expected = written.receipt.result.ok().and_then(expected);
    match (&written.changes[..], expected) {
        ([], None) => {}
        ([event], Some(is_it)) => assert!(is_it(event), "{event:?}"),
        (events, _) => panic!("another event, or none: {events:?}"),
    }
}

fn is_end(event: &Event, id: SessionId, reason: EndReason) -> bool {
    matches!(event, Event::Ended(ended) if (ended.id, ended.reason) == (id, reason))
}

/// A session as a topic: its bytes, filled up.
fn topic(id: SessionId) -> [u8; 32] {
    let mut topic = [0; 32];
    topic[..9].copy_from_slice(&id.encode());
    topic
}

/// Reads, and calls with all that can go wrong.
impl Station {
    /// What the station says of itself.
    pub fn info(&mut self) -> StationInfo {
        self.read("info", ()).result
    }

    /// The session at a connector.
    pub fn session(&mut self, connector: u8) -> Option<Session> {
        self.read("session", connector).result
    }

    /// What the station owes to an account.
    pub fn owed(&mut self, owner: AccountId) -> Balance {
        self.read("owed", owner).result
    }

    /// Calls a message that changes nothing; anybody may.
    ///
    /// # Panics
    /// As [`Deployed::read`].
    pub fn read<T: Decode>(&mut self, message: &str, arguments: impl Encode) -> Receipt<T> {
        self.deployed.read(self.access.chain(), message, arguments)
    }

    /// Calls a message, with all that can go wrong.
    ///
    /// # Errors
    /// As [`Deployed::call_raw`].
    pub fn call<T: Decode>(
        &mut self,
        message: &str,
        arguments: impl Encode,
        origin: AccountId,
        means: Means,
    ) -> Result<Receipt<T>, Failure> {
        self.deployed.call(self.access.chain(), message, arguments, origin, means)
    }

    /// Calls with any bytes, and gives the answer's bytes.
    ///
    /// # Errors
    /// As [`Deployed::call_raw`].
    pub fn call_raw(&mut self, input: Vec<u8>, origin: AccountId, means: Means) -> Result<Receipt<Vec<u8>>, Failure> {
        self.deployed.call_raw(self.access.chain(), input, origin, means)
    }
}
