//! Accounts as text: SS58, or hexadecimal.

use marque_primitives::AccountId;
use subxt::utils::AccountId32;

/// The longest text that can be an account: SS58 of 32 bytes takes 50 characters at most, hexadecimal 66.
const TEXT_BYTES_MAX: usize = 66;

/// The text is not an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an account: give its SS58 address (such as 5Grw…) or its 32 bytes as 0x… hexadecimal")]
pub struct InvalidAccount {
    /// What was given, shortened.
    pub text: String,
}

/// The account's SS58 address, with the generic Substrate prefix 42.
pub fn format(account: &AccountId) -> String {
    AccountId32(account.0).to_string()
}

/// Reads an account: an SS58 address of any network, or `0x` and 64 hexadecimal digits.
///
/// # Errors
/// [`InvalidAccount`].
pub fn parse(text: &str) -> Result<AccountId, InvalidAccount> {
    let invalid = || InvalidAccount { text: text.chars().take(TEXT_BYTES_MAX).collect() };
    if text.len() > TEXT_BYTES_MAX {
        return Err(invalid());
    }
    if let Some(digits) = text.strip_prefix("0x") {
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| invalid())?;
        return Ok(AccountId(bytes));
    }
    text.parse::<AccountId32>().map(|account| AccountId(account.0)).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `//Alice`, as every Substrate tool writes it.
    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    const ALICE_HEX: &str = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";

    #[test]
    fn both_forms_name_the_same_account() {
        assert_eq!(parse(ALICE), parse(ALICE_HEX));
        assert_eq!(format(&parse(ALICE_HEX).unwrap()), ALICE);
    }

    #[test]
    fn what_is_no_account_is_refused() {
        let long = "5".repeat(100_000);
        for text in ["", "0x", "5Grw", &ALICE[1..], &ALICE_HEX[..64], "0xzz", &ALICE.replace('Y', "Z"), &long] {
            assert!(parse(text).is_err(), "{text:.70}");
        }
    }
}
