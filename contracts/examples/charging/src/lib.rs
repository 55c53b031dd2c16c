//! A charging station that serves vehicles whose token allows it: an example of a contract that acts only on verified identity.
//!
//! A vehicle pays a deposit and presents a token with the scope [`SCOPE`](charging::SCOPE) for this station. The station's meter reports
//! the energy. The session ends when the vehicle or the operator stops it, when the deposit is used up, when its time is over, or when
//! the vehicle's token is no longer good. Then the operator gets what the energy costs, and the vehicle the rest.
//!
//! `policy` decides, as pure functions of the session, the caller, the time and the amounts; this file reads the environment, calls them and
//! emits. Nobody can take a vehicle's money but by energy that the meter shows, within the price that the vehicle agreed to and the power that
//! the station has.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

mod policy;

/// The contract.
#[ink::contract]
pub mod charging {
    use ink::{prelude::vec::Vec, storage::Mapping};
    use marque_guard::Guard;

    use crate::policy::{self, Account, Arrival, Metered, Slot, Till};
    pub use crate::policy::{EndReason, Error, Session, SessionId, Settlement, Terms};

    /// The scope that a vehicle's token must have.
    pub const SCOPE: &str = "charge:start";

    /// What the station says of itself.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[ink::scale_derive(Encode, Decode, TypeInfo)]
    pub struct StationInfo {
        /// What it demands of tokens, beside [`SCOPE`].
        pub guard: Guard,
        /// What it offers.
        pub terms: Terms,
        /// How many sessions have been started.
        pub started: u64,
    }

    /// Sessions that begin now have another price.
    #[ink(event)]
    pub struct PriceSet {
        /// What a Wh costed before.
        pub previous_per_wh: Balance,
        /// What it costs.
        pub price_per_wh: Balance,
    }

    /// A session began.
    #[ink(event)]
    pub struct SessionStarted {
        /// Its id.
        #[ink(topic)]
        pub id: SessionId,
        /// All of it.
        pub session: Session,
    }

    /// The meter showed how much energy has flowed since the session began.
    #[ink(event)]
    pub struct EnergyMetered {
        /// The session.
        #[ink(topic)]
        pub id: SessionId,
        /// The energy.
        pub energy_wh: u64,
    }

    /// A session ended, and was settled.
    #[ink(event)]
    pub struct SessionEnded {
        /// The session.
        #[ink(topic)]
        pub id: SessionId,
        /// Why it ended.
        pub reason: EndReason,
        /// How it was settled.
        pub settlement: Settlement,
    }

    /// What the station owed was paid.
    #[ink(event)]
    pub struct Withdrawn {
        /// Whom it was owed to.
        #[ink(topic)]
        pub owner: AccountId,
        /// Whom it was paid to.
        pub to: AccountId,
        /// How much it was. It is zero where the owner closed its account alone.
        pub amount: Balance,
    }

    /// The station's storage.
    #[ink(storage)]
    pub struct Charging {
        guard: Guard,
        terms: Terms,
        started: u64,
        slots: Mapping<u8, Slot>,
        accounts: Mapping<AccountId, Account>,
    }

    impl Charging {
        /// A station. Whoever deploys it pays the storage deposit of all of its connectors.
        ///
        /// # Errors
        /// [`Error::InvalidTerms`].
        #[ink(constructor)]
        pub fn new(guard: Guard, terms: Terms) -> Result<Self, Error> {
            terms.validate(&Self::env().account_id())?;
            let operator = terms.operator;
            let mut station =
                Self { guard, terms, started: 0, slots: Mapping::default(), accounts: Mapping::default() };
            for connector in 1..=station.terms.connectors {
                station.slots.insert(connector, &Slot::FREE);
            }
            policy::open_account(&mut station, &operator)?;
            Ok(station)
        }

        /// Starts a session at a connector for the vehicle that calls, whose deposit is the money that comes with the call. A Wh may
        /// cost `price_max_per_wh`, so that no change of the price that comes first binds the vehicle.
        ///
        /// # Errors
        /// [`Error::ConnectorNotFound`], [`Error::ConnectorBusy`], [`Error::NoDeposit`], [`Error::PriceTooHigh`], [`Error::Guard`],
        /// [`Error::Overflow`].
        ///
        /// # Events
        /// [`SessionStarted`].
        #[ink(message, payable)]
        pub fn start(&mut self, connector: u8, price_max_per_wh: Balance, token: Vec<u8>) -> Result<SessionId, Error> {
            let caller = self.env().caller();
            let deposit = self.env().transferred_value();
            policy::ensure_startable(&self.terms, self.slots.get(connector), deposit, price_max_per_wh)?;
            let vehicle = self.guard.demand(caller, token, &[SCOPE])?;

            self.started = self.started.checked_add(1).ok_or(Error::Overflow)?;
            let id = SessionId { connector, number: self.started };
            policy::open_account(self, &caller)?;
            let arrival = Arrival { id, vehicle: caller, standing: vehicle.standing, deposit };
            let session = Session::start(&self.terms, arrival, self.env().block_timestamp());
            self.slots.insert(connector, &Slot::Taken(session.clone()));
            self.env().emit_event(SessionStarted { id, session });
            Ok(id)
        }

        /// Reports the energy that has flowed since the session began. For the meter. It answers why the session is over, if it is: then
        /// the station must give no more. Where the report is refused, the station must give no more either. What flows after the last report of
        /// a session is not paid for: report often.
        ///
        /// # Errors
        /// [`Error::SessionNotFound`], [`Error::NotAuthorized`], [`Error::Guard`], [`Error::EnergyDecreased`],
        /// [`Error::EnergyExceedsPower`].
        ///
        /// # Events
        /// [`EnergyMetered`] or [`SessionEnded`].
        #[ink(message)]
        pub fn meter(&mut self, id: SessionId, energy_wh: u64) -> Result<Option<EndReason>, Error> {
            let session = self.open_session(id)?;
            let recheck = || self.guard.recheck(&session.standing, &[SCOPE]);
            let now_ms = self.env().block_timestamp();
            match session.meter(&self.terms, &self.env().caller(), energy_wh, now_ms, recheck)? {
                Metered::GoesOn(session) => {
                    self.slots.insert(id.connector, &Slot::Taken(session));
                    self.env().emit_event(EnergyMetered { id, energy_wh });
                    Ok(None)
                }
                Metered::Ends(session, reason) => {
                    self.end(&session, reason);
                    Ok(Some(reason))
                }
            }
        }

        /// Stops a session. For its vehicle and the operator, at any time and whatever became of the token.
        ///
        /// # Errors
        /// [`Error::SessionNotFound`], [`Error::NotAuthorized`].
        ///
        /// # Events
        /// [`SessionEnded`].
        #[ink(message)]
        pub fn stop(&mut self, id: SessionId) -> Result<(), Error> {
            let session = self.open_session(id)?;
            let reason = session.stop(&self.terms, &self.env().caller())?;
            self.end(&session, reason);
            Ok(())
        }

        /// Ends a session whose time is over, or whose vehicle's token is no longer good, and answers why. For anybody. Where neither is
        /// so, nothing happens.
        ///
        /// # Errors
        /// [`Error::SessionNotFound`]; [`Error::Guard`] while nobody can say whether the token is good, but not once the time is over.
        ///
        /// # Events
        /// [`SessionEnded`], if it ends.
        #[ink(message)]
        pub fn recheck(&mut self, id: SessionId) -> Result<Option<EndReason>, Error> {
            let session = self.open_session(id)?;
            let reason =
                session.over(self.env().block_timestamp(), || self.guard.recheck(&session.standing, &[SCOPE]))?;
            if let Some(reason) = reason {
                self.end(&session, reason);
            }
            Ok(reason)
        }

        /// Pays what the station owes to the caller, to an account of its choice, and closes the caller's account here: the storage
        /// deposit that the vehicle paid for it comes back. Answers how much was paid.
        ///
        /// # Errors
        /// [`Error::InvalidRecipient`], [`Error::NothingOwed`], [`Error::TransferFailed`].
        ///
        /// # Events
        /// [`Withdrawn`].
        #[ink(message)]
        pub fn withdraw(&mut self, to: AccountId) -> Result<Balance, Error> {
            let (owner, station) = (self.env().caller(), self.env().account_id());
            let amount = policy::withdraw(self, &owner, &to, &station)?;
            self.env().emit_event(Withdrawn { owner, to, amount });
            Ok(amount)
        }

        /// Sets the price of a Wh for sessions that begin later. For the operator.
        ///
        /// # Errors
        /// [`Error::NotAuthorized`], [`Error::InvalidTerms`].
        ///
        /// # Events
        /// [`PriceSet`].
        #[ink(message)]
        pub fn set_price(&mut self, price_per_wh: Balance) -> Result<(), Error> {
            let terms = self.terms.with_price(price_per_wh, &self.env().caller())?;
            let previous_per_wh = self.terms.price_per_wh;
            self.terms = terms;
            self.env().emit_event(PriceSet { previous_per_wh, price_per_wh });
            Ok(())
        }

        /// What the station says of itself.
        #[ink(message)]
        pub fn info(&self) -> StationInfo {
            StationInfo { guard: self.guard.clone(), terms: self.terms.clone(), started: self.started }
        }

        /// The session that is open at a connector.
        #[ink(message)]
        pub fn session(&self, connector: u8) -> Option<Session> {
            self.slots.get(connector).and_then(Slot::session)
        }

        /// What the station owes to an account and could not pay, in the chain's smallest unit.
        #[ink(message)]
        pub fn owed(&self, owner: AccountId) -> Balance {
            self.account(&owner).unwrap_or_default().owed
        }

        fn open_session(&self, id: SessionId) -> Result<Session, Error> {
            self.session(id.connector).filter(|session| session.id == id).ok_or(Error::SessionNotFound)
        }

        /// The one way in which a session ends.
        fn end(&mut self, session: &Session, reason: EndReason) {
            self.slots.insert(session.id.connector, &Slot::FREE);
            let operator = self.terms.operator;
            let settlement = policy::settle(self, session, &operator);
            let caller = self.env().caller();
            policy::close_account(self, &caller);
            self.env().emit_event(SessionEnded { id: session.id, reason, settlement });
        }
    }

    impl Till for Charging {
        fn account(&self, owner: &AccountId) -> Option<Account> {
            self.accounts.get(owner)
        }

        fn set_account(&mut self, owner: &AccountId, account: Option<Account>) {
            match account {
                Some(account) => {
                    self.accounts.insert(owner, &account);
                }
                None => self.accounts.remove(owner),
            }
        }

        fn transfer(&mut self, to: &AccountId, amount: Balance) -> bool {
            ink::env::transfer::<Environment>(*to, amount).is_ok()
        }
    }
}
