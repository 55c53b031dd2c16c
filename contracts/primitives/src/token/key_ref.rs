//! Which key signed a token, and how that is written.

use alloc::string::String;

use parity_scale_codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::access::{IssuerId, IssuerKeyId};

/// Which key of which authorization server signed a token: `kid`, written `<issuer>#key-<key>`, such as `3#key-0`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, TypeInfo)]
#[cfg_attr(all(feature = "ink", feature = "std"), derive(ink::storage::traits::StorageLayout))]
pub struct IssuerKeyRef {
    /// The authorization server.
    pub issuer: IssuerId,
    /// Its key.
    pub key: IssuerKeyId,
}

const BETWEEN: &str = "#key-";
/// Digits of the largest number.
const DIGITS_MAX: usize = 10;

impl IssuerKeyRef {
    /// The longest text, in bytes.
    pub const TEXT_BYTES_MAX: usize = 2 * DIGITS_MAX + BETWEEN.len();

    /// Reads a `kid`. Numbers are decimal, without leading zeros or signs: there is one text for each.
    pub fn from_text(text: &str) -> Option<Self> {
        let (issuer, rest) = text.split_once('#')?;
        let key = rest.strip_prefix(&BETWEEN[1..])?;
        Some(Self { issuer: read_number(issuer)?, key: read_number(key)? })
    }

    /// The `kid`.
    pub fn to_text(self) -> String {
        let mut text = String::with_capacity(Self::TEXT_BYTES_MAX);
        write_number(&mut text, self.issuer);
        text.push_str(BETWEEN);
        write_number(&mut text, self.key);
        text
    }
}

fn read_number(digits: &str) -> Option<u32> {
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    digits.bytes().try_fold(0u32, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit.wrapping_sub(b'0'))?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// Without the formatter, which is more code than all the rest of this module's users.
fn write_number(text: &mut String, mut number: u32) {
    let mut digits = [0; DIGITS_MAX];
    let mut len = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' | (number % 10) as u8;
        number /= 10;
        len += 1;
        if number == 0 {
            break;
        }
    }
    digits[DIGITS_MAX - len..].iter().for_each(|digit| text.push(char::from(*digit)));
}
