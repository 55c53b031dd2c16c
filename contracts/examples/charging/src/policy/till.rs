//! The station's money: what it owes whom, and paying it. A debt is written down before it is paid, and stays where the chain refuses
//! to pay, so that no account can keep a session from ending.

use ink::primitives::AccountId;

use super::{Balance, Error, Session};

/// What the station keeps for a vehicle or its operator. Of a fixed size.
///
/// Its bytes are paid for by who it is for: a vehicle when it starts a session, the operator when it deploys the station. It stays until
/// the same account takes it away, for the chain gives the deposit to whoever does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Account {
    /// What is owed to it, in the chain's smallest unit.
    pub owed: Balance,
    /// What it is needed for: one for each open session, and one for ever for the operator.
    pub uses: u8,
}

/// Where the accounts are, and the chain that pays.
pub trait Till {
    /// The account of this owner.
    fn account(&self, owner: &AccountId) -> Option<Account>;
    /// Keeps the account of this owner, or takes it away.
    fn set_account(&mut self, owner: &AccountId, account: Option<Account>);
    /// Pays from the station's own balance; whether the chain did.
    fn transfer(&mut self, to: &AccountId, amount: Balance) -> bool;
}

/// How a session was settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
pub struct Settlement {
    /// The energy that was metered.
    pub energy_wh: u64,
    /// What it costs, which is the operator's.
    pub cost: Balance,
    /// What is left of the deposit, which is the vehicle's.
    pub rest: Balance,
    /// What the operator was paid now, what was owed from before included. Zero where the chain refused.
    pub paid_to_operator: Balance,
    /// What the vehicle was paid now, what was owed from before included. Zero where the chain refused.
    pub paid_to_vehicle: Balance,
}

/// Keeps an account for one more use.
///
/// # Errors
/// [`Error::Overflow`].
pub fn open_account(till: &mut impl Till, owner: &AccountId) -> Result<(), Error> {
    let account = till.account(owner).unwrap_or_default();
    let uses = account.uses.checked_add(1).ok_or(Error::Overflow)?;
    till.set_account(owner, Some(Account { uses, ..account }));
    Ok(())
}

/// Settles a session that is over.
pub fn settle(till: &mut impl Till, session: &Session, operator: &AccountId) -> Settlement {
    let (cost, rest) = (session.cost(), session.rest());
    credit(till, operator, cost, 0);
    credit(till, &session.vehicle, rest, 1);
    Settlement {
        energy_wh: session.energy_wh,
        cost,
        rest,
        paid_to_operator: pay(till, operator, operator).unwrap_or_default(),
        paid_to_vehicle: pay(till, &session.vehicle, &session.vehicle).unwrap_or_default(),
    }
}

/// Pays all that is owed to `owner` to an account of its choice, and takes the owner's account away if it is no longer needed.
///
/// # Errors
/// [`Error::InvalidRecipient`], [`Error::NothingOwed`], [`Error::TransferFailed`].
pub fn withdraw(
    till: &mut impl Till,
    owner: &AccountId,
    to: &AccountId,
    station: &AccountId,
) -> Result<Balance, Error> {
    if to == station {
        return Err(Error::InvalidRecipient);
    }
    let account = till.account(owner).ok_or(Error::NothingOwed)?;
    if account.owed == 0 && account.uses > 0 {
        return Err(Error::NothingOwed);
    }
    let paid = pay(till, owner, to)?;
    close_account(till, owner);
    Ok(paid)
}

/// Takes the owner's account away if it is no longer needed. For the owner alone: it gets the deposit.
pub fn close_account(till: &mut impl Till, owner: &AccountId) {
    if till.account(owner) == Some(Account::default()) {
        till.set_account(owner, None);
    }
}

/// The sum of all that is owed and deposited is money that the chain counts: it can't overflow.
fn credit(till: &mut impl Till, owner: &AccountId, amount: Balance, uses_over: u8) {
    let Account { owed, uses } = till.account(owner).unwrap_or_default();
    let account = Account { owed: owed.saturating_add(amount), uses: uses.saturating_sub(uses_over) };
    till.set_account(owner, Some(account));
}

fn pay(till: &mut impl Till, owner: &AccountId, to: &AccountId) -> Result<Balance, Error> {
    let account = till.account(owner).unwrap_or_default();
    if account.owed == 0 {
        return Ok(0);
    }
    till.set_account(owner, Some(Account { owed: 0, ..account }));
    if !till.transfer(to, account.owed) {
        till.set_account(owner, Some(account));
        return Err(Error::TransferFailed);
    }
    Ok(account.owed)
}
