//! Why a command ended without doing what it was asked to: what it says, and the process's exit code.

use std::{fmt, io};

use serde_json::{Value, json};

/// What went wrong, as far as a script cares: each has its exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Something failed that has no kind of its own, or a check did not hold.
    Failed,
    /// The arguments or the input make no sense.
    Usage,
    /// The node, or the gateway, cannot be reached.
    Unreachable,
    /// The device, the contract, the file or the thing of a gateway is not there.
    NotFound,
    /// A contract or a gateway refused the operation, or a token is not good.
    Refused,
    /// The config file, the keystore or another local file.
    Local,
    /// The account that submits cannot pay.
    CannotPay,
    /// The identifier belongs to another registry or another chain.
    WrongRegistry,
    /// The device is revoked; its DID resolves as deactivated.
    Deactivated,
    /// Stopped by a signal before the end.
    Interrupted,
    /// Whoever read the output has gone.
    ClosedPipe,
}

/// The table of exit codes, as `--help` prints it.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed, or a check did not hold
  2    usage: the arguments or the input make no sense
  3    the node, or the gateway, cannot be reached
  4    not found: no such device, contract, key, file, or thing of a gateway
  5    refused: by a contract or a gateway, or as a token that is not good
  6    config file, keystore or another local file
  7    the account cannot pay
  8    wrong registry or wrong chain
  9    the device is revoked (`resolve`: deactivated)
  130  interrupted";

impl Kind {
    /// The name in JSON errors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Unreachable => "unreachable",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Local => "local",
            Self::CannotPay => "cannot_pay",
            Self::WrongRegistry => "wrong_registry",
            Self::Deactivated => "deactivated",
            Self::Interrupted => "interrupted",
            Self::ClosedPipe => "closed_pipe",
        }
    }

    /// The process's exit code: see [`EXIT_CODES`]; a closed pipe ends as a shell tells SIGPIPE.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::NotFound => 4,
            Self::Refused => 5,
            Self::Local => 6,
            Self::CannotPay => 7,
            Self::WrongRegistry => 8,
            Self::Deactivated => 9,
            Self::Interrupted => 130,
            Self::ClosedPipe => 141,
        }
    }
}

/// Why a command ended, and what to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What a script goes by.
    pub kind: Kind,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// What a contract, a gateway, or who verified a token, answered: the error's name there, for scripts.
    pub reason: Option<String>,
}

/// The result of a command.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure without a hint.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, reason: None }
    }

    /// Arguments or input that make no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Something local: config, keystore, files.
    pub fn local(message: impl Into<String>) -> Self {
        Self::new(Kind::Local, message)
    }

    /// The same, with what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with what to do next where something is known.
    pub fn maybe_hint(self, hint: Option<&str>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// The same, with the name of what was answered.
    pub fn reason(mut self, reason: impl fmt::Debug) -> Self {
        self.reason = Some(format!("{reason:?}"));
        self
    }

    /// A file that could not be read or written.
    pub fn file(action: &str, path: &std::path::Path, error: &io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Local };
        Self::new(kind, format!("cannot {action} {}: {error}", path.display()))
    }

    /// What `--json` prints on stderr.
    pub fn to_json(&self) -> Value {
        let Self { kind, message, hint, reason } = self;
        json!({"error": {"kind": kind.name(), "message": message, "hint": hint, "reason": reason}})
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// An error of writing output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Kind::ClosedPipe, "the reader of the output has gone");
        }
        Self::local(format!("cannot write the output: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kind; 11] = [
        Kind::Failed,
        Kind::Usage,
        Kind::Unreachable,
        Kind::NotFound,
        Kind::Refused,
        Kind::Local,
        Kind::CannotPay,
        Kind::WrongRegistry,
        Kind::Deactivated,
        Kind::Interrupted,
        Kind::ClosedPipe,
    ];

    #[test]
    fn every_kind_has_a_code_and_a_name_of_its_own() {
        for (index, kind) in ALL.iter().enumerate() {
            assert_ne!(kind.exit_code(), 0);
            for other in &ALL[index + 1..] {
                assert_ne!(kind.exit_code(), other.exit_code());
                assert_ne!(kind.name(), other.name());
            }
        }
    }

    #[test]
    fn every_code_but_the_shells_own_is_documented() {
        for kind in ALL.iter().filter(|kind| **kind != Kind::ClosedPipe) {
            let code = format!("\n  {:<4} ", kind.exit_code());
            assert!(EXIT_CODES.contains(&code), "{kind:?} is missing");
        }
    }

    #[test]
    fn a_closed_pipe_is_told_apart() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(closed.kind, Kind::ClosedPipe);
        assert_eq!(Failure::from(io::Error::other("full")).kind, Kind::Local);
    }
}
