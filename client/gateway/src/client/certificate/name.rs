//! Distinguished names as text (RFC 4514, section 2).

use data_encoding::HEXLOWER;
use x509_parser::{
    asn1_rs::ToDer,
    x509::{AttributeTypeAndValue, RelativeDistinguishedName, X509Name},
};

/// Attributes with a name (section 3), and `serialNumber` (RFC 4519, section 2.31), by which devices are called.
const NAMES: [(&str, &str); 10] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("2.5.4.5", "serialNumber"),
];

/// The name as text, from its last part to its first. Two names that differ have two texts, but where one value is encoded in two ways.
pub(super) fn to_text(name: &X509Name<'_>) -> Option<String> {
    let mut parts: Vec<String> = name.iter_rdn().map(part_to_text).collect::<Option<_>>()?;
    parts.reverse();
    Some(parts.join(","))
}

fn part_to_text(part: &RelativeDistinguishedName<'_>) -> Option<String> {
    let attributes: Option<Vec<String>> = part.iter().map(attribute_to_text).collect();
    Some(attributes?.join("+"))
}

/// A type without a name, and a value that is no text, are written as they are encoded (section 2.4).
fn attribute_to_text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let number = attribute.attr_type().to_id_string();
    let name = NAMES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
    Some(match (name, attribute.as_str()) {
        (Some(name), Ok(value)) => format!("{name}={}", escape(value)),
        _ => {
            let value = attribute.attr_value().to_der_vec().ok()?;
            format!("{}=#{}", name.unwrap_or(&number), HEXLOWER.encode(&value))
        }
    })
}

fn escape(value: &str) -> String {
    let last = value.len().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (position, character) in value.char_indices() {
        let is_special = matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (position == 0 && matches!(character, ' ' | '#'))
            || (position == last && character == ' ');
        if character.is_ascii_control() {
            escaped.push_str(&format!("\\{:02x}", u32::from(character)));
        } else if is_special {
            escaped.extend(['\\', character]);
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What was escaped, up to the first character that ends a value.
    fn unescape(escaped: &str) -> String {
        let mut characters = escaped.chars().peekable();
        let mut value = String::new();
        while let Some(character) = characters.next_if(|character| !matches!(character, ',' | '+')) {
            if character != '\\' {
                value.push(character);
            } else if let Some(high) = characters.next_if(char::is_ascii_hexdigit) {
                let digits: String = [high, characters.next().unwrap()].iter().collect();
                value.push(u8::from_str_radix(&digits, 16).unwrap().into());
            } else {
                value.extend(characters.next());
            }
        }
        value
    }

    proptest! {
        #[test]
        fn no_value_looks_like_another_or_like_a_further_part(value in "[ -~\\x00-\\x1fé]{0,12}", rest in "[,+][ -~]{0,8}") {
            prop_assert_eq!(unescape(&format!("{}{rest}", escape(&value))), value);
        }
    }

    #[test]
    fn what_has_a_meaning_is_escaped() {
        for (value, escaped) in [
            // RFC 4514, section 4.
            ("James \"Jim\" Smith, III", "James \\\"Jim\\\" Smith\\, III"),
            ("Before\rAfter", "Before\\0dAfter"),
            ("Lu\u{10d}i\u{107}", "Lu\u{10d}i\u{107}"),
            ("#1 # ", "\\#1 #\\ "),
            ("  ", "\\ \\ "),
            (" ", "\\ "),
            ("a+b;c<d>e\\", "a\\+b\\;c\\<d\\>e\\\\"),
            ("\0", "\\00"),
            ("", ""),
        ] {
            assert_eq!(escape(value), escaped);
        }
    }
}
