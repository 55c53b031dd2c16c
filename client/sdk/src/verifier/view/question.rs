//! What a view may have to ask the chain, and the answers.

use std::collections::HashMap;

use marque_primitives::{
    Device, DeviceId, Hash, TimestampMs,
    access::{AccessChange, Issuer, IssuerId, Trust},
};

/// Something about the state at the view's block that events have not told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Question {
    /// An authorization server.
    Issuer(IssuerId),
    /// What one authorization server trusts another for.
    Trust {
        /// The one that trusts.
        by: IssuerId,
        /// The one that is trusted.
        of: IssuerId,
    },
    /// A device.
    Device(DeviceId),
    /// Whether a token is revoked.
    Token {
        /// Its authorization server.
        issuer: IssuerId,
        /// BLAKE2b-256 of its id.
        token: Hash,
    },
    /// Before which time the tokens of a device are revoked.
    TokensBefore {
        /// Their authorization server.
        issuer: IssuerId,
        /// The device.
        device: DeviceId,
    },
}

/// The answer to a [`Question`] of the same name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The authorization server, if there is one.
    Issuer(Option<Issuer>),
    /// The trust, if there is one.
    Trust(Option<Trust>),
    /// The device, if it is registered.
    Device(Option<Box<Device>>),
    /// Whether the token is revoked.
    Token(bool),
    /// The time; 0 if there is none.
    TokensBefore(TimestampMs),
}

/// Questions that are being asked. An answer that the chain has overtaken must not be taken.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// Whether something happened since that may change the answer.
    open: HashMap<Question, bool>,
}

impl Questions {
    pub(super) fn ask(&mut self, question: Question) {
        self.open.insert(question, false);
    }

    /// Ends a question. Whether its answer is still the right one.
    pub(super) fn end(&mut self, question: &Question) -> bool {
        self.open.remove(question) == Some(false)
    }

    pub(super) fn device_changed(&mut self, device: DeviceId) {
        self.overtake(Question::Device(device));
    }

    pub(super) fn issuer_changed(&mut self, issuer: IssuerId, change: &AccessChange) {
        self.overtake(match change {
            AccessChange::TrustSet { issuer: of, .. } | AccessChange::TrustRemoved { issuer: of } => {
                Question::Trust { by: issuer, of: *of }
            }
            AccessChange::TokenRevoked { token, .. } | AccessChange::TokenReclaimed { token, .. } => {
                Question::Token { issuer, token: *token }
            }
            AccessChange::TokensRevokedBefore { device, .. } => Question::TokensBefore { issuer, device: *device },
            _ => Question::Issuer(issuer),
        });
    }

    fn overtake(&mut self, question: Question) {
        if let Some(is_overtaken) = self.open.get_mut(&question) {
            *is_overtaken = true;
        }
    }
}
