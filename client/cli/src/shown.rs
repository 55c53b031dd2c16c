//! What of the user's own words is repeated in messages. A secret that was given in the wrong place is not: messages end up in logs
//! and bug reports.

use std::path::Path;

use url::{Position, Url};

use crate::{
    failure::{Failure, Outcome},
    session::DEV_NAMES,
};

/// What stands in a message for something that is not repeated.
pub const HIDDEN: &str = "… (not repeated: it may be a secret)";
/// The longest value that is repeated. Sixteen bytes, the smallest secret, take 32 characters of hexadecimal.
const VALUE_BYTES_MAX: usize = 31;
/// The longest run of letters and digits that a name or a path may have: 32 bytes take 43 in base58 and 64 in hexadecimal.
const RUN_BYTES_MAX: usize = 40;
/// The fewest words that look like a phrase; real ones have twelve and more. Shorter words than three letters do not count,
/// because hexadecimal is full of them.
const PHRASE_WORDS_MIN: usize = 10;
const WORD_BYTES_MIN: usize = 3;

/// A value as the user gave it, such as the name of an account; [`HIDDEN`] if it is anything but short and plain.
pub fn value(text: &str) -> &str {
    if is_plain(text) { text } else { HIDDEN }
}

fn is_plain(text: &str) -> bool {
    let is_plain_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/#,+".contains(&byte);
    // Where everybody knows `//Alice`, `//anything-else` may be what somebody keeps to themselves.
    let is_private_path = text.starts_with("//") && !DEV_NAMES.contains(&text);
    text.len() <= VALUE_BYTES_MAX && text.bytes().all(is_plain_byte) && !is_private_path && !looks_like_secret(text)
}

/// Whether a text has the form of a secret: a phrase, a seed or another long token, a secret URI with a password, a URL with what
/// that may carry. Unlike [`value`], this is for names and paths, which may be long and have spaces.
pub fn looks_like_secret(text: &str) -> bool {
    let mut runs = text.split(|char: char| !char.is_ascii_alphanumeric());
    let words = text.split(|char: char| !char.is_alphabetic()).filter(|word| word.len() >= WORD_BYTES_MIN);
    text.contains("///")
        || text.contains("://")
        || runs.any(|run| run.len() > RUN_BYTES_MAX)
        || words.count() >= PHRASE_WORDS_MIN
}

/// A node's address without what may be secret in it: user, password, path and query. What is no address is a [`value`].
pub fn url(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_host() => {
            let rest = &url[Position::AfterPort..];
            // A password with a slash in it ends what is taken for the host.
            if rest.contains('@') {
                return format!("{}://{HIDDEN}", url.scheme());
            }
            let more = if matches!(rest, "" | "/") { "" } else { "/…" };
            format!("{}://{}{more}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort])
        }
        _ => value(text).to_owned(),
    }
}

/// A text of others with each address in it as a [`url`].
pub fn urls_in(text: &str) -> String {
    text.split_inclusive(|char: char| char.is_whitespace() || "\"`".contains(char)).map(with_url_shown).collect()
}

/// A word, and what is written around it.
fn with_url_shown(word: &str) -> String {
    let Some(end_of_scheme) = word.find("://") else { return word.to_owned() };
    let is_scheme = |char: char| char.is_ascii_alphanumeric() || "+-.".contains(char);
    let start = word[..end_of_scheme].trim_end_matches(is_scheme).len();
    let (before, rest) = word.split_at(start);
    let address = rest.trim_end_matches(|char: char| char.is_whitespace() || "\"`'()<>:,;.".contains(char));
    format!("{before}{}{}", url(address), &rest[address.len()..])
}

/// The message of a parser of JSON or TOML, which quotes what it did not expect, with that as a [`value`].
pub fn of_parser(message: &str) -> String {
    const QUOTES: [char; 2] = ['"', '`'];
    let parts = message.rsplit_once(", expected").and_then(|(before, expected)| {
        let (before, quoted) = before.split_at(before.find(QUOTES)?);
        Some((before, quoted.trim_matches(QUOTES), expected))
    });
    match parts {
        Some((before, quoted, expected)) => format!("{before}`{}`, expected{expected}", value(quoted)),
        None => message.to_owned(),
    }
}

/// Refuses a path that is to be read or made, and would be named in messages, if it may be a secret in the place of one. A path from
/// the root is none, and neither is one where something is.
///
/// # Errors
/// [`Kind::Usage`](crate::failure::Kind::Usage), with the option that the path was given with.
pub fn ensure_path(option: &str, path: &Path) -> Outcome {
    let text = path.to_string_lossy();
    let is_rooted = path.is_absolute() && !text.starts_with("//");
    if is_rooted || !looks_like_secret(&text) || path.exists() {
        return Ok(());
    }
    Err(Failure::usage(format!("there is nothing at the path of {option}, and it may be a secret in the place of one"))
        .hint("give a path; one that does look like that must begin at the root, with /"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Kind;

    const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

    #[test]
    fn what_names_something_is_repeated() {
        for text in
            ["", "meter-1", "a/b", "../etc", "//Alice", "127.0.0.1:9944", "2026-07-01T12:00:00Z", "#key-1", "+1"]
        {
            assert_eq!(value(text), text);
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not() {
        let hex = "ab".repeat(32);
        let (seed, entropy, dashed) = (format!("0x{hex}"), "ab".repeat(16), PHRASE.replace(' ', "-"));
        let with_password = format!("{PHRASE}///pass");
        for text in [
            PHRASE,
            &dashed,
            &seed,
            &hex,
            &entropy,
            &with_password,
            "//Alice///pass",
            "//mine",
            "///pass",
            "two words",
            "user:pass@host",
            "ws://host/key",
            "key=value",
            "host?token",
            "p4$$word",
            "пароль",
            "tab\tbed",
        ] {
            assert_eq!(value(text), HIDDEN, "{text}");
        }
    }

    #[test]
    fn names_and_paths_may_be_long_and_have_spaces() {
        for text in ["My Documents/devices of the north.csv", &"meter-".repeat(9), "5f3a2b1c9d8e7f605f3a2b1c9d8e7f60"] {
            assert!(!looks_like_secret(text), "{text}");
        }
        let (seed, dashed, japanese) = ("ab".repeat(32), PHRASE.replace(' ', "_"), "あいこく\u{3000}".repeat(12));
        for text in [PHRASE, &dashed, &seed, &japanese, "//Alice///pass", "wss://user@host"] {
            assert!(looks_like_secret(text), "{text}");
        }
    }

    #[test]
    fn an_address_is_its_scheme_host_and_port() {
        for (text, shown) in [
            ("ws://127.0.0.1:9944", "ws://127.0.0.1:9944"),
            ("wss://node.example/", "wss://node.example"),
            ("ws://user:pass@host:99", "ws://host:99"),
            ("wss://host/rpc/4f9a?token=abc#part", "wss://host/…"),
            ("wss://host?token=abc", "wss://host/…"),
            ("ws://[::1]:9944/x", "ws://[::1]:9944/…"),
            ("localhost:9944", "localhost:9944"),
        ] {
            assert_eq!(url(text), shown);
        }
        for text in ["ws://user:pa/ss@host", "ws://user:12/ss@host", "user:pass@host", "ws://user:pa ss@", PHRASE] {
            let shown = url(text);
            assert!(shown.ends_with(HIDDEN) && !shown.contains("user"), "{text}: {shown}");
        }
    }

    #[test]
    fn addresses_in_a_text_are_shown_the_same() {
        let text = "lost \"ws://u:p@host:1/?t=k\": (wss://host/key), `ws://[::1]:9`; see //Alice at ws://a:b@c.\n";
        let shown = "lost \"ws://host:1/…\": (wss://host/…), `ws://[::1]:9`; see //Alice at ws://c.\n";
        assert_eq!(urls_in(text), shown);
        assert_eq!(urls_in("url=ws://u:p@host"), "url=ws://host");
        assert_eq!(urls_in("://u:p@host"), HIDDEN);
        assert_eq!(urls_in(""), "");
    }

    #[test]
    fn parsers_do_not_repeat_it_either() {
        let long = format!("invalid type: string \"{PHRASE}, expected\", expected a map");
        assert_eq!(of_parser(&long), format!("invalid type: string `{HIDDEN}`, expected a map"));
        let unknown = "unknown field `urk`, expected one of `url`, `keystore`";
        for message in [unknown, "invalid type: integer `7`, expected a string", "missing field `x`", ""] {
            assert_eq!(of_parser(message), message);
        }
    }

    #[test]
    fn a_path_where_nothing_is_may_not_look_like_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let rooted = folder.path().join("ab".repeat(32));
        for path in [rooted.as_path(), Path::new("not/there yet"), Path::new(".")] {
            assert_eq!(ensure_path("--home", path), Ok(()));
        }
        for text in [PHRASE, "//Alice///pass", "ws://user:pass@host"] {
            let failure = ensure_path("--home", Path::new(text)).unwrap_err();
            assert_eq!(failure.kind, Kind::Usage);
            assert!(failure.message.contains("--home") && !failure.message.contains(text), "{failure}");
        }
    }
}
