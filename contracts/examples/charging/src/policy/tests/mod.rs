//! Tests of the policy: one file per subject, and shared fixtures here.

mod actors;
mod history;
mod money;
mod sessions;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

use ink::primitives::AccountId;
use marque_guard::{GuardError, Standing, VerifyError};
use marque_primitives::{token::IssuerKeyRef, DeviceId, TimestampMs};

use super::{
    close_account, ensure_startable, open_account, settle, withdraw, Account, Arrival, Balance, EndReason, Error,
    Metered, Session, SessionId, Settlement, Slot, Terms, Till,
};

/// The time at which every world starts.
const START_MS: TimestampMs = 1_700_000_000_000;
const HOUR_MS: TimestampMs = 60 * 60 * 1000;

const STATION: AccountId = AccountId([0x57; 32]);
const OPERATOR: AccountId = AccountId([0x09; 32]);
const METER: AccountId = AccountId([0x3e; 32]);
const VEHICLE: AccountId = AccountId([0xca; 32]);
const OTHER_VEHICLE: AccountId = AccountId([0xcb; 32]);
const STRANGER: AccountId = AccountId([0xee; 32]);

const PRICE: Balance = 10;
const DEPOSIT: Balance = 100_000;

/// 22 kW: 22,000 Wh in an hour, of which [`DEPOSIT`] pays for 10,000.
const POWER_MAX_W: u32 = 22_000;

fn terms() -> Terms {
    Terms {
        operator: OPERATOR,
        meter: METER,
        connectors: 2,
        price_per_wh: PRICE,
        power_max_w: POWER_MAX_W,
        session_max_ms: 8 * HOUR_MS,
    }
}

fn standing(vehicle: AccountId) -> Standing {
    Standing {
        signed_by: IssuerKeyRef { issuer: 3, key: 1 },
        device: DeviceId(vehicle.0),
        epoch: 2,
        token: [7; 32],
        issued_ms: START_MS,
        expires_ms: START_MS + HOUR_MS,
    }
}

/// What the contract keeps, what the chain has, and what the access contract would say: the policy is called as the contract calls it.
#[derive(Clone, Debug)]
struct World {
    terms: Terms,
    slots: BTreeMap<u8, Slot>,
    accounts: BTreeMap<AccountId, Account>,
    started: u64,
    now_ms: TimestampMs,
    /// The money of all: what somebody deposited is missing there, and may make it negative.
    balances: BTreeMap<AccountId, i128>,
    /// Accounts that the chain refuses to pay.
    refusing: BTreeSet<AccountId>,
    /// What the access contract says of each vehicle's token. Who is not here has none.
    tokens: BTreeMap<AccountId, Result<(), GuardError>>,
    /// How often it was asked.
    asked: u32,
    /// How each session that ended was settled.
    ended: Vec<(Session, EndReason, Settlement)>,
}

impl Till for World {
    fn account(&self, owner: &AccountId) -> Option<Account> {
        self.accounts.get(owner).copied()
    }

    fn set_account(&mut self, owner: &AccountId, account: Option<Account>) {
        match account {
            Some(account) => self.accounts.insert(*owner, account),
            None => self.accounts.remove(owner),
        };
    }

    fn transfer(&mut self, to: &AccountId, amount: Balance) -> bool {
        let is_paid = !self.refusing.contains(to);
        if is_paid {
            self.move_money(STATION, *to, amount);
        }
        is_paid
    }
}

impl World {
    fn new() -> Self {
        let good = [VEHICLE, OTHER_VEHICLE].map(|vehicle| (vehicle, Ok(())));
        let mut world = Self {
            terms: terms(),
            slots: (1..=terms().connectors).map(|connector| (connector, Slot::FREE)).collect(),
            accounts: BTreeMap::new(),
            started: 0,
            now_ms: START_MS,
            balances: BTreeMap::new(),
            refusing: BTreeSet::new(),
            tokens: good.into(),
            asked: 0,
            ended: Vec::new(),
        };
        open_account(&mut world, &OPERATOR).unwrap();
        world
    }

    /// A session of [`VEHICLE`] at connector 1 has begun.
    fn charging() -> Self {
        let mut world = Self::new();
        world.start(VEHICLE, 1, DEPOSIT, PRICE).unwrap();
        world
    }

    /// The session of [`World::charging`].
    fn id() -> SessionId {
        SessionId { connector: 1, number: 1 }
    }

    fn start(
        &mut self,
        caller: AccountId,
        connector: u8,
        deposit: Balance,
        price_max: Balance,
    ) -> Result<SessionId, Error> {
        ensure_startable(&self.terms, self.slots.get(&connector).cloned(), deposit, price_max)?;
        self.ask(caller)?;
        let id = SessionId { connector, number: self.started + 1 };
        open_account(self, &caller)?;
        self.started += 1;
        self.move_money(caller, STATION, deposit);
        let arrival = Arrival { id, vehicle: caller, standing: standing(caller), deposit };
        self.slots.insert(connector, Slot::Taken(Session::start(&self.terms, arrival, self.now_ms)));
        Ok(id)
    }

    fn meter(&mut self, caller: AccountId, id: SessionId, energy_wh: u64) -> Result<Option<EndReason>, Error> {
        let session = self.open(id)?;
        let (terms, now_ms) = (self.terms.clone(), self.now_ms);
        match session.meter(&terms, &caller, energy_wh, now_ms, || self.ask(session.vehicle))? {
            Metered::GoesOn(session) => {
                self.slots.insert(id.connector, Slot::Taken(session));
                Ok(None)
            }
            Metered::Ends(session, reason) => {
                self.end(caller, session, reason);
                Ok(Some(reason))
            }
        }
    }

    fn stop(&mut self, caller: AccountId, id: SessionId) -> Result<EndReason, Error> {
        let session = self.open(id)?;
        let reason = session.stop(&self.terms, &caller)?;
        self.end(caller, session, reason);
        Ok(reason)
    }

    fn recheck(&mut self, caller: AccountId, id: SessionId) -> Result<Option<EndReason>, Error> {
        let session = self.open(id)?;
        let now_ms = self.now_ms;
        let reason = session.over(now_ms, || self.ask(session.vehicle))?;
        if let Some(reason) = reason {
            self.end(caller, session, reason);
        }
        Ok(reason)
    }

    fn withdraw(&mut self, caller: AccountId, to: AccountId) -> Result<Balance, Error> {
        withdraw(self, &caller, &to, &STATION)
    }

    fn set_price(&mut self, caller: AccountId, price_per_wh: Balance) -> Result<(), Error> {
        self.terms = self.terms.with_price(price_per_wh, &caller)?;
        Ok(())
    }

    fn session(&self, connector: u8) -> Option<Session> {
        self.slots.get(&connector).cloned().and_then(Slot::session)
    }

    /// All open sessions.
    fn sessions(&self) -> Vec<Session> {
        self.slots.values().cloned().filter_map(Slot::session).collect()
    }

    fn owed(&self, owner: AccountId) -> Balance {
        self.account(&owner).unwrap_or_default().owed
    }

    fn balance(&self, owner: AccountId) -> i128 {
        self.balances.get(&owner).copied().unwrap_or_default()
    }

    /// How the last session that ended was settled.
    fn settlement(&self) -> Settlement {
        self.ended.last().expect("a session ended").2
    }

    fn open(&self, id: SessionId) -> Result<Session, Error> {
        self.session(id.connector).filter(|session| session.id == id).ok_or(Error::SessionNotFound)
    }

    fn end(&mut self, caller: AccountId, session: Session, reason: EndReason) {
        self.slots.insert(session.id.connector, Slot::FREE);
        let operator = self.terms.operator;
        let settlement = settle(self, &session, &operator);
        close_account(self, &caller);
        self.ended.push((session, reason, settlement));
    }

    fn ask(&mut self, vehicle: AccountId) -> Result<(), GuardError> {
        self.asked += 1;
        self.tokens.get(&vehicle).copied().unwrap_or(Err(GuardError::Refused(VerifyError::Malformed)))
    }

    fn move_money(&mut self, from: AccountId, to: AccountId, amount: Balance) {
        let amount = i128::try_from(amount).expect("amounts of tests are small");
        *self.balances.entry(from).or_default() -= amount;
        *self.balances.entry(to).or_default() += amount;
    }
}
