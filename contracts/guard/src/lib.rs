//! For contracts that act only on verified machine identity.
//!
//! A [`Guard`] in a contract's storage names the contract `access_control` and what to ask of tokens. One call demands a scope of who
//! calls: [`Guard::demand`] has the token verified, with the caller as the one who presents it, so that a stolen token is useless.
//!
//! ```
//! #[ink::contract]
//! mod door {
//!     use ink::prelude::{string::String, vec::Vec};
//!     use marque_guard::{Guard, GuardError};
//!
//!     #[ink(event)]
//!     pub struct Opened {
//!         pub device: [u8; 32],
//!     }
//!
//!     #[ink(storage)]
//!     pub struct Door {
//!         guard: Guard,
//!     }
//!
//!     impl Door {
//!         #[ink(constructor)]
//!         pub fn new(access_control: AccountId, issuer: u32, audience: String) -> Self {
//!             Self { guard: Guard::new(access_control, issuer, audience) }
//!         }
//!
//!         #[ink(message)]
//!         pub fn open(&mut self, token: Vec<u8>) -> Result<(), GuardError> {
//!             let robot = self.guard.demand(self.env().caller(), token, &["door:open"])?;
//!             self.env().emit_event(Opened { device: robot.standing.device.0 });
//!             Ok(())
//!         }
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! Calls between contracts do not exist in ink!'s off-chain test environment: there, both methods panic. Keep what the contract decides in
//! functions that take a [`Verified`], and test the whole on a chain, such as drink's.
#![cfg_attr(not(feature = "std"), no_std)]

mod answer;
mod error;
mod guard;

pub use error::GuardError;
pub use guard::Guard;
/// What a consumer meets of Marque's own types.
pub use marque_primitives::{
    access::IssuerId,
    token::{Claims, Standing, Verified, VerifyError},
};
