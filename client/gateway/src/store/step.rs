//! What is kept, and what happens to it at once.

use std::fmt;

use marque_sdk::primitives::TimestampMs;

/// An id that is remembered until a time. The id is a hash: what it is of can't be told from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remembered {
    /// The id.
    pub id: [u8; 32],
    /// From this time on it need not be remembered, in milliseconds since the Unix epoch.
    pub expires_ms: TimestampMs,
}

/// What a document is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// An authorization server, by its name.
    Server,
    /// A policy, by its server's name and its own.
    Policy,
    /// An application, by its client id.
    App,
    /// What is known of a device beside what the chain says, by its DID.
    Device,
    /// A network zone, by its name.
    Zone,
    /// A signing key, by its server's name and its thumbprint.
    Key,
    /// A federated issuer, by its server's name and its own.
    Federation,
    /// An operator's access token, by its id.
    Operator,
    /// An initial access token, which clients register with, by its id.
    InitialAccess,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Server,
        Self::Policy,
        Self::App,
        Self::Device,
        Self::Zone,
        Self::Key,
        Self::Federation,
        Self::Operator,
        Self::InitialAccess,
    ];

    /// Its name, as the database has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Policy => "policy",
            Self::App => "app",
            Self::Device => "device",
            Self::Zone => "zone",
            Self::Key => "key",
            Self::Federation => "federation",
            Self::Operator => "operator",
            Self::InitialAccess => "initial_access",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A part of the settings, as JSON. What it says may be a MAC of a secret, and is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is about.
    pub kind: Kind,
    /// What it is found by, among those of its kind.
    pub id: String,
    /// What it says.
    pub body: String,
}

/// A change of the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Puts a document in the place of the one of the same kind and id, if there is one.
    Put(Document),
    /// Takes a document out, if it is there.
    Remove {
        /// What it is about.
        kind: Kind,
        /// What it is found by.
        id: String,
    },
}

/// What happens at once: all of it, and on disk, or nothing. The event tells of it.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The event, as JSON.
    pub event: String,
    /// When it happens, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// What may be used once, and is used now.
    pub uses: Vec<Remembered>,
    /// Tokens that are revoked.
    pub revoked_tokens: Vec<Remembered>,
    /// How the settings change.
    pub changes: Vec<Change>,
    /// The settings that it was decided by: when they are not the current ones any more, nothing happens.
    pub revision: Option<u64>,
}

/// What became of a [`Step`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It happened.
    Done {
        /// The revision of the settings from now on.
        revision: u64,
    },
    /// It did not happen: something was used before.
    UsedBefore {
        /// Its place in [`Step::uses`].
        place: usize,
    },
    /// It did not happen: the settings have changed since.
    Outdated,
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Document({} {})", self.kind.name(), self.id)
    }
}
