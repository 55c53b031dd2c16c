//! The contract's messages: their selectors.

use crate::ink::Selector;

pub(super) const NEW: Selector = [0x9b, 0xae, 0x9d, 0x5e];
pub(super) const REGISTER_ISSUER: Selector = [0x8b, 0xc5, 0xd3, 0x34];
pub(super) const EXECUTE: Selector = [0xd0, 0x0e, 0xc8, 0x94];
pub(super) const RECLAIM: Selector = [0x5f, 0x5b, 0x46, 0x01];
pub(super) const ISSUER: Selector = [0x2d, 0x41, 0x5a, 0x2e];
pub(super) const SCOPE: Selector = [0xc9, 0x07, 0x7f, 0x00];
pub(super) const ROLE: Selector = [0x12, 0x7e, 0xca, 0x5f];
pub(super) const GRANTS: Selector = [0x9f, 0x77, 0x83, 0x29];
pub(super) const TRUST: Selector = [0x8c, 0x4c, 0x22, 0xe2];
pub(super) const IS_TOKEN_REVOKED: Selector = [0x62, 0x85, 0x15, 0x35];
pub(super) const TOKENS_BEFORE: Selector = [0xf0, 0x78, 0x59, 0x0e];
pub(super) const ENTITLEMENTS: Selector = [0x2c, 0x1a, 0xd9, 0xa4];
pub(super) const INFO: Selector = [0x01, 0x90, 0xe5, 0xac];
pub(super) const VERIFY: Selector = [0x18, 0x60, 0xff, 0x3b];
pub(super) const CHECK: Selector = [0xaf, 0x0a, 0x40, 0x58];
/// The first topic of the event `IssuerChanged`: the hash of its signature.
pub(super) const ISSUER_CHANGED: [u8; 32] = [
    0xb5, 0x49, 0x69, 0x17, 0x3c, 0x19, 0xc9, 0x0c, 0x98, 0x0f, 0x4c, 0xf5, 0xb4, 0x97, 0xca, 0x39, 0x3e, 0xb2, 0x45,
    0x3d, 0xa9, 0x72, 0x0b, 0x82, 0x82, 0xda, 0x1e, 0x06, 0xe9, 0x20, 0x94, 0x50,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selectors_are_those_of_the_bundle() {
        let known = [
            ("new", NEW),
            ("register_issuer", REGISTER_ISSUER),
            ("execute", EXECUTE),
            ("reclaim", RECLAIM),
            ("issuer", ISSUER),
            ("scope", SCOPE),
            ("role", ROLE),
            ("grants", GRANTS),
            ("trust", TRUST),
            ("is_token_revoked", IS_TOKEN_REVOKED),
            ("tokens_before", TOKENS_BEFORE),
            ("entitlements", ENTITLEMENTS),
            ("verify", VERIFY),
            ("check", CHECK),
            ("info", INFO),
        ];
        crate::ink::tests::check(crate::bundle::ACCESS_CONTROL.metadata_json(), &known, ISSUER_CHANGED);
    }
}
