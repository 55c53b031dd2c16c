//! An operator's token: from a file, the environment, stdin or the terminal, never from the command line.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
};

use zeroize::Zeroizing;

use crate::failure::{Failure, Outcome};

/// The environment variable with the token.
pub const VARIABLE: &str = "MARQUE_GATEWAY_TOKEN";
/// The longest token that is read, in bytes.
const BYTES_MAX: u64 = 4096;

/// Reads a file that has a token. Its name is not repeated where that may be the token itself.
///
/// # Errors
/// When it can't be read, or has no token.
pub fn from_file(path: &Path) -> Outcome<Zeroizing<String>> {
    let read = File::open(path).and_then(read_bounded);
    let text = read.map_err(|error| {
        Failure::local(format!("cannot read the token file: {error}"))
            .hint("--token-file is the name of a file that has the token, and nothing else")
    })?;
    parse(&text)
}

/// Reads a token from the terminal, which does not show it, or else from stdin.
///
/// # Errors
/// When nothing can be read, or that is no token.
pub fn from_stdin() -> Outcome<Zeroizing<String>> {
    let failed = |error: io::Error| Failure::local(format!("cannot read the token: {error}"));
    if io::stdin().is_terminal() {
        return parse(&Zeroizing::new(rpassword::prompt_password("Token: ").map_err(failed)?));
    }
    parse(&read_bounded(io::stdin().lock()).map_err(failed)?)
}

fn read_bounded(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    from.take(BYTES_MAX + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// A token as a header can carry it.
///
/// # Errors
/// When it is none.
pub fn parse(text: &str) -> Outcome<Zeroizing<String>> {
    let token = text.trim();
    let is_token =
        !token.is_empty() && token.len() as u64 <= BYTES_MAX && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_token {
        return Err(Failure::usage("that is no operator's token: it is one word, such as 00T….…")
            .hint("`marque gateway token create` makes one; a gateway's first one is where `marque gateway serve --first-token` wrote it"));
    }
    Ok(Zeroizing::new(token.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word() {
        assert_eq!(&**parse(" 00Tx.y\n").unwrap(), "00Tx.y");
        for text in ["", "\n", "two words", "a\r\nb", "schlüssel", &"x".repeat(4097)] {
            let failure = parse(text).unwrap_err();
            assert!(text.trim().is_empty() || !failure.message.contains(text.trim()), "{failure}");
        }
    }
}
