//! A token as the user gives it: in an argument, in a file, or on stdin.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use marque_sdk::{
    primitives::{
        Signature,
        token::{SignedToken, VerifyError},
    },
    token::{Claims, Jwt, JwtError, read_jwt},
};

use crate::failure::{Failure, Kind, Outcome};

/// The longest token that is read, in whichever form.
const BYTES_MAX: u64 = 16 * 1024;
/// The shortest text that may be a token: its signature alone takes 86 characters.
const TEXT_BYTES_MIN: usize = 86;
/// How a CWT begins: COSE's tag, and an array of four.
const CWT_START: [u8; 2] = [0xd2, 0x84];

/// Where a token is.
#[derive(clap::Args, Clone, Debug)]
pub struct TokenArgs {
    /// The token, the name of a file that has it, or - for stdin
    #[arg(value_name = "TOKEN")]
    pub token: String,
}

/// A token that was read. Nothing of it is believed before it is verified.
#[derive(Debug)]
pub enum Token {
    /// A JWT, and its text.
    Jwt(Box<Jwt>, String),
    /// A CWT, and its bytes.
    Cwt(Box<SignedToken>, Vec<u8>),
}

/// Why something is no token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoToken {
    /// It is no JWT.
    Jwt(JwtError),
    /// It is no CWT.
    Cwt,
}

impl NoToken {
    fn in_words(self) -> String {
        match self {
            Self::Jwt(error) => format!("this is no access token: {error}"),
            Self::Cwt => "this is no access token: neither a JWT, nor a CWT in its one canonical form".into(),
        }
    }

    /// The failure of who looks at it: the input makes no sense.
    pub fn as_input(self) -> Failure {
        Failure::usage(self.in_words()).hint(HINT)
    }

    /// The failure of who verifies it: it is refused.
    pub fn as_refusal(self) -> Failure {
        Failure::new(Kind::Refused, self.in_words()).hint(HINT).reason(VerifyError::Malformed)
    }
}

const HINT: &str = "give the token itself, the name of a file that has it, or - for stdin";

impl TokenArgs {
    /// Reads the token.
    ///
    /// # Errors
    /// When the file or stdin can't be read, or there is no such file; inside, when that is no token. Neither repeats what was given.
    pub fn read(&self) -> Outcome<Result<Token, NoToken>> {
        let bytes = match &*self.token {
            "-" => read_bounded(io::stdin().lock()).map_err(|error| unreadable(&error))?,
            path if Path::new(path).is_file() => {
                File::open(path).and_then(read_bounded).map_err(|error| unreadable(&error))?
            }
            text if text.len() < TEXT_BYTES_MIN => {
                return Err(Failure::new(
                    Kind::NotFound,
                    "that is too short for a token, and there is no file of this name",
                )
                .hint(HINT));
            }
            text => text.as_bytes().to_vec(),
        };
        Ok(Token::parse(&bytes))
    }
}

fn read_bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::local(format!("cannot read the token: {error}"))
}

impl Token {
    /// Reads a token: a JWT, or a CWT as bytes, in base64url or as 0x and hexadecimal.
    fn parse(bytes: &[u8]) -> Result<Self, NoToken> {
        if bytes.len() as u64 > BYTES_MAX {
            return Err(NoToken::Cwt);
        }
        if bytes.starts_with(&CWT_START) {
            return Self::of_cwt(bytes.to_vec());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| NoToken::Cwt)?.trim();
        if text.contains('.') {
            let jwt = Jwt::read(text).map_err(NoToken::Jwt)?;
            return Ok(Self::Jwt(Box::new(jwt), text.to_owned()));
        }
        let decoded = match text.strip_prefix("0x") {
            Some(digits) => HEXLOWER_PERMISSIVE.decode(digits.as_bytes()),
            None => BASE64URL_NOPAD.decode(text.as_bytes()),
        };
        Self::of_cwt(decoded.map_err(|_| NoToken::Cwt)?)
    }

    fn of_cwt(bytes: Vec<u8>) -> Result<Self, NoToken> {
        let token = SignedToken::from_cwt(&bytes).map_err(|_| NoToken::Cwt)?;
        Ok(Self::Cwt(Box::new(token), bytes))
    }

    /// What it says.
    pub fn claims(&self) -> &Claims {
        match self {
            Self::Jwt(jwt, _) => &jwt.claims,
            Self::Cwt(token, _) => &token.claims,
        }
    }

    /// Its form.
    pub const fn form(&self) -> &'static str {
        match self {
            Self::Jwt(..) => "jwt",
            Self::Cwt(..) => "cwt",
        }
    }

    /// The algorithm that it names.
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::Jwt(jwt, _) => jwt.algorithm.name(),
            Self::Cwt(token, _) => match token.signature {
                Signature::Ed25519(_) => "EdDSA",
                Signature::Sr25519(_) => "Sr25519",
            },
        }
    }

    /// The key that it names (`kid`).
    pub fn key_id(&self) -> String {
        match self {
            Self::Jwt(jwt, _) => jwt.key_id.clone(),
            Self::Cwt(token, _) => token.signed_by.to_text(),
        }
    }

    /// The token, for verification by what is on chain.
    ///
    /// # Errors
    /// When it is signed in a way that no key on chain signs.
    pub fn into_signed(self) -> Result<SignedToken, NoToken> {
        match self {
            Self::Jwt(_, text) => read_jwt(&text).map_err(NoToken::Jwt),
            Self::Cwt(token, _) => Ok(*token),
        }
    }
}

#[cfg(test)]
mod tests {
    use marque_sdk::{
        Account,
        primitives::{DeviceId, Did, RegistryId, token::IssuerKeyRef},
        token::{issue_cwt, issue_jwt},
    };

    use super::*;

    fn claims() -> Claims {
        let subject = Did { registry: RegistryId([1; 10]), device: DeviceId([2; 32]) };
        Claims {
            issuer: "https://as.example".into(),
            subject,
            audience: vec!["api://default".into()],
            expires_s: 1_800_000_300,
            issued_s: 1_800_000_000,
            not_before_s: None,
            token_id: "b7f2".into(),
            client_id: subject.to_text(),
            scopes: vec!["meter:read".into()],
            epoch: 0,
            confirmation: None,
        }
    }

    #[test]
    fn each_form_says_the_same() {
        let (key, signed_by) = (Account::generate(), IssuerKeyRef { issuer: 3, key: 1 });
        let jwt = issue_jwt(&claims(), signed_by, &key).unwrap();
        let cwt = issue_cwt(&claims(), signed_by, &key).unwrap();
        let (base64, hex) = (BASE64URL_NOPAD.encode(&cwt), format!("0x{}", hex::encode(&cwt)));
        for (bytes, form) in [
            (jwt.as_bytes(), "jwt"),
            (format!(" {jwt}\n").as_bytes(), "jwt"),
            (&cwt[..], "cwt"),
            (base64.as_bytes(), "cwt"),
            (hex.as_bytes(), "cwt"),
        ] {
            let token = Token::parse(bytes).unwrap();
            assert_eq!((token.form(), token.key_id().as_str()), (form, "3#key-1"));
            assert_eq!(token.claims(), &claims());
            assert_eq!(token.into_signed().unwrap().claims, claims());
        }
    }

    #[test]
    fn anything_else_is_none() {
        let long = "A".repeat(17 * 1024);
        for text in ["", ".", "..", "a.b.c", "0x", "0xzz", "not a token", "token.jwt", "AAAA", &long] {
            assert!(Token::parse(text.as_bytes()).is_err(), "{text:.20}");
        }
        assert!(Token::parse(&[0xff, 0xfe]).is_err());
        assert!(Token::parse(&CWT_START).is_err());
    }
}
