//! The contract's messages and events: their selectors and topics.

/// What a message is called by.
pub type Selector = [u8; 4];

pub const NEW: Selector = [0x9b, 0xae, 0x9d, 0x5e];
pub const START: Selector = [0x3c, 0x1e, 0x39, 0x86];
pub const METER: Selector = [0x3a, 0xbe, 0x22, 0xd0];
pub const STOP: Selector = [0x9e, 0x31, 0x9d, 0x78];
pub const RECHECK: Selector = [0x57, 0xea, 0x55, 0xd9];
pub const WITHDRAW: Selector = [0x41, 0x0f, 0xcc, 0x9d];
pub const SET_PRICE: Selector = [0x3d, 0xf9, 0x58, 0xaf];
pub const INFO: Selector = [0x01, 0x90, 0xe5, 0xac];
pub const SESSION: Selector = [0xf8, 0x8e, 0xf8, 0xc4];
pub const OWED: Selector = [0x55, 0xa0, 0xc5, 0x94];
/// The first topic of the event `SessionStarted`: the hash of its signature.
pub const SESSION_STARTED: [u8; 32] = [
    0xf0, 0xd6, 0x3e, 0xf6, 0x58, 0x31, 0xe3, 0x57, 0x8f, 0xa4, 0x57, 0x5f, 0x8c, 0xb0, 0x32, 0xfa, 0x8c, 0x00, 0xf7,
    0x26, 0x03, 0xda, 0xba, 0xf5, 0x83, 0x5b, 0xb1, 0x72, 0xf9, 0x5e, 0x0f, 0x19,
];
/// The first topic of the event `SessionEnded`: the hash of its signature.
pub const SESSION_ENDED: [u8; 32] = [
    0x9f, 0x33, 0x54, 0x39, 0xcc, 0xfd, 0x00, 0xba, 0x89, 0xea, 0x77, 0x4b, 0xe3, 0x4c, 0xba, 0x38, 0x0b, 0x0c, 0x7b,
    0xe7, 0xc3, 0x33, 0xe1, 0xdb, 0x58, 0x4b, 0x76, 0x44, 0x68, 0x78, 0x5e, 0x6d,
];
/// The first topic of the event `Withdrawn`: the hash of its signature.
pub const WITHDRAWN: [u8; 32] = [
    0x63, 0x3e, 0xb6, 0x6b, 0xd4, 0x55, 0x0f, 0x12, 0xa9, 0x3b, 0xb8, 0x0d, 0x93, 0x6f, 0xfc, 0xe4, 0xc7, 0x76, 0xeb,
    0x35, 0x48, 0x18, 0xf9, 0x75, 0xd2, 0x36, 0xc4, 0x93, 0x37, 0x83, 0x89, 0x80,
];

#[cfg(test)]
mod tests {
    use marque_sdk::bundle::CHARGING;
    use serde_json::Value;

    use super::*;

    /// The hexadecimal `value` of the one with this label.
    fn named<'spec>(of: &'spec Value, label: &str, value: &str) -> &'spec str {
        let found = of.as_array().unwrap().iter().find(|item| item["label"] == label);
        found.unwrap_or_else(|| panic!("there is no {label}"))[value].as_str().unwrap()
    }

    #[test]
    fn selectors_and_topics_are_those_of_the_bundle() {
        let bundle: Value = serde_json::from_str(CHARGING.metadata_json()).unwrap();
        let spec = &bundle["spec"];
        assert_eq!(named(&spec["constructors"], "new", "selector"), format!("0x{}", hex::encode(NEW)));
        let messages = [
            ("start", START),
            ("meter", METER),
            ("stop", STOP),
            ("recheck", RECHECK),
            ("withdraw", WITHDRAW),
            ("set_price", SET_PRICE),
            ("info", INFO),
            ("session", SESSION),
            ("owed", OWED),
        ];
        for (label, selector) in messages {
            assert_eq!(named(&spec["messages"], label, "selector"), format!("0x{}", hex::encode(selector)), "{label}");
        }
        for (label, topic) in
            [("SessionStarted", SESSION_STARTED), ("SessionEnded", SESSION_ENDED), ("Withdrawn", WITHDRAWN)]
        {
            assert_eq!(
                named(&spec["events"], label, "signature_topic"),
                format!("0x{}", hex::encode(topic)),
                "{label}"
            );
        }
    }
}
