//! What is wrong with claims.

use marque_primitives::{DeviceId, Did, bounds};

use super::*;
use crate::item::Item::{Tag, Text};

#[test]
fn claims_that_are_missing_or_there_twice() {
    for key in CLAIMS {
        refused("missing", |parts| remove(&mut parts.claims, key));
        refused("there twice", |parts| {
            let at = parts.claims.iter().position(|(existing, _)| existing.encode() == Int(key).encode()).unwrap();
            let entry = parts.claims[at].clone();
            parts.claims.insert(at, entry);
        });
        refused("there again at the end", |parts| {
            let entry =
                parts.claims.iter().find(|(existing, _)| existing.encode() == Int(key).encode()).unwrap().clone();
            parts.claims.push(entry);
        });
    }
    refused("nbf twice", |parts| {
        set(&mut parts.claims, NBF, Int(1_800_000_000));
        let at = parts.claims.iter().position(|(key, _)| key.encode() == Int(NBF).encode()).unwrap();
        let entry = parts.claims[at].clone();
        parts.claims.insert(at, entry);
    });
    refused("no claims", |parts| parts.claims.clear());
}

#[test]
fn claims_in_another_order() {
    for at in 1..CLAIMS.len() {
        refused("two are swapped", |parts| parts.claims.swap(at - 1, at));
    }
    refused("the order of RFC 7049", |parts| parts.claims.rotate_left(7));
    refused("reversed", |parts| parts.claims.reverse());
}

#[test]
fn unknown_claims() {
    for key in [0, 10, 23, 24, 38, 256, -1, -257, -65536, -65539] {
        refused("unknown", |parts| set(&mut parts.claims, key, Int(1)));
    }
    for key in
        [Item::text("iss"), Item::text("scope"), Bytes(vec![1]), Item::raw("f6"), Item::raw("fb3ff0000000000000")]
    {
        refused("with a key that is no number", |parts| {
            parts.claims.push((key, Item::text("x")));
            parts.claims.sort_by_key(|(key, _)| key.encode());
        });
    }
}

#[test]
fn claims_of_other_types() {
    let each = || {
        [
            Int(0),
            Int(-1),
            Bytes(b"https://as.example/default".to_vec()),
            Array(vec![]),
            Array(vec![Item::text("https://as.example/default")]),
            Map(vec![]),
            Tag(0, Box::new(Item::text("2027-01-15T08:00:00Z"))),
            Tag(32, Box::new(Item::text("https://as.example/default"))),
            Item::raw("f4"),
            Item::raw("f5"),
            Item::raw("f6"),
            Item::raw("f7"),
            Item::raw("f97e00"),
            Item::raw("fb41dad2a48c000000"),
            Item::raw("7f6161ff"),
            Item::raw("ff"),
        ]
    };
    for key in [ISS, SUB, AUD, SCOPE, CLIENT_ID] {
        each().into_iter().for_each(|value| refused_claim(key, value));
        refused_claim(key, Raw(vec![0x62, 0xff, 0xfe]));
        refused_claim(key, Raw(vec![0x62, 0xc3, 0x28]));
    }
    for key in [EXP, IAT, NBF, EPOCH] {
        each().into_iter().skip(1).for_each(|value| refused_claim(key, value));
        refused_claim(key, Item::text("1800000000"));
        refused_claim(key, Tag(1, Box::new(Int(1_800_000_000))));
        refused_claim(key, Tag(2, Box::new(Bytes(vec![0x6b, 0x49, 0xd2, 0x00]))));
    }
    refused_claim(CTI, Item::text("0b71"));
    refused_claim(CTI, Int(0));
    refused_claim(CTI, Bytes(vec![]));
    refused_claim(CTI, Bytes(vec![0x0b, 0x71]));
    refused_claim(CTI, Bytes(vec![0xff; 4]));
    refused_claim(CTI, Bytes(vec![b'a'; bounds::TOKEN_ID_BYTES_MAX + 1]));
    refused_claim(CTI, Item::raw("5f4161ff"));
}

#[test]
fn times_out_of_order_or_out_of_range() {
    let last = 253_402_300_799;
    for expires in [0, 1, 1_799_999_999, 1_800_000_000, last + 1, i128::from(u32::MAX) << 8, i128::from(u64::MAX)] {
        refused_claim(EXP, Int(expires));
    }
    for issued in [1_800_000_300, 1_800_000_301, last, i128::from(i64::MAX), i128::from(u64::MAX)] {
        refused_claim(IAT, Int(issued));
    }
    for not_before in [1_800_000_300, last, i128::from(u64::MAX)] {
        refused_claim(NBF, Int(not_before));
    }
    for negative in [-1, -1_800_000_000, i128::from(i64::MIN), -(1 << 64)] {
        [EXP, IAT, NBF].into_iter().for_each(|key| refused_claim(key, Int(negative)));
    }
    assert_eq!(accepted_claim(EXP, Int(last)).claims.expires_s, last as u64);
    assert_eq!(accepted_claim(IAT, Int(0)).claims.issued_s, 0);
    assert_eq!(accepted_claim(NBF, Int(0)).claims.not_before_s, Some(0));
}

#[test]
fn epochs_out_of_range() {
    for epoch in [1 << 32, i128::from(u64::MAX), -1, -5] {
        refused_claim(EPOCH, Int(epoch));
    }
    assert_eq!(accepted_claim(EPOCH, Int(u32::MAX.into())).claims.epoch, u32::MAX);
}

#[test]
fn subjects_of_other_forms() {
    let did = samples::did().to_text();
    let device = DeviceId(samples::did().device.0).to_text();
    for subject in [
        "erikw",
        "coap://light.example.com",
        &device,
        &format!("did:key:{device}"),
        &did.to_uppercase(),
        &format!("{did}#key-0"),
        &format!(" {did}"),
        &format!("{did}\n"),
        &did.replace("did:marque:", "did:marque::"),
        &did.replacen('m', "ｍ", 1),
        &did[..Did::TEXT_BYTES - 1],
        "",
    ] {
        refused_claim(SUB, Item::text(subject));
    }
}

#[test]
fn scopes_that_look_like_others() {
    for scope in [
        "",
        " ",
        " meter:read",
        "meter:read ",
        "meter:read  charge:start",
        "meter:read\tcharge:start",
        "meter:read\ncharge:start",
        "meter:read\u{a0}charge:start",
        "meter:read,charge:start",
        "meter:read meter:read",
        "meter:read charge:start meter:read",
        "Meter:read",
        "meter:Read",
        "meter:rеad",
        "mëter:read",
        "meter：read",
        "meter:read\u{200b}",
        "meter:read\0",
        "meter:read%20",
        "meter:read:write",
        "meter::read",
        "meter:",
        ":read",
        "meter",
        "*",
        "*:*",
        "meter:*",
        "*:read",
        "admin:all",
        "meter:all",
        "meter:admin",
        "all:read",
        "full_access",
        "meter:full_access",
        "root:read",
        "-meter:read",
        "meter:.read",
        "openid",
    ] {
        refused_claim(SCOPE, Item::text(scope));
    }
    let names = |count: usize| (0..count).map(|n| format!("s{n}:read")).collect::<Vec<_>>().join(" ");
    assert_eq!(accepted_claim(SCOPE, Text(names(bounds::SCOPES_MAX))).claims.scopes.len(), bounds::SCOPES_MAX);
    refused_claim(SCOPE, Text(names(bounds::SCOPES_MAX + 1)));
    let longest = format!("m:{}", "a".repeat(bounds::SCOPE_BYTES_MAX - 2));
    assert_eq!(accepted_claim(SCOPE, Item::text(&longest)).claims.scopes, [&longest[..]]);
    refused_claim(SCOPE, Text(longest + "a"));
}

#[test]
fn audiences_of_other_forms() {
    let list = |items: &[&str]| Array(items.iter().map(|item| Item::text(item)).collect());
    for audience in [
        list(&[]),
        list(&["api://default"]),
        list(&["api://default", "api://default"]),
        list(&["api://default", ""]),
        list(&["a:1", "a:2", "a:3", "a:4", "a:5"]),
        Array(vec![Item::text("a:1"), Bytes(b"a:2".to_vec())]),
        Array(vec![Item::text("a:1"), list(&["a:2"])]),
        Item::text(""),
        Item::text("api://default api://other"),
        Item::text("api://défaut"),
        Text("a".repeat(bounds::AUDIENCE_BYTES_MAX + 1)),
        Item::raw("9f63613a3163613a32ff"),
    ] {
        refused_claim(AUD, audience);
    }
    let four = accepted_claim(AUD, list(&["a:1", "a:2", "a:3", "a:4"]));
    assert_eq!(four.claims.audience, ["a:1", "a:2", "a:3", "a:4"]);
}

#[test]
fn issuers_and_clients_of_other_forms() {
    for issuer in [
        "",
        "as.example",
        "http://as.example/default",
        "HTTPS://as.example/default",
        "https://",
        "https:///default",
        "https://as.example/default?x",
        "https://as.example/default#x",
        "https://user@as.example/default",
        "https://as.example/déf",
        "http://localhost.evil.example",
        " https://as.example/default",
    ] {
        refused_claim(ISS, Item::text(issuer));
    }
    refused_claim(ISS, Text(format!("https://{}", "a".repeat(bounds::ISSUER_URL_BYTES_MAX - 7))));
    for client in ["", "a b", "a\0", "é", "a\"b"] {
        refused_claim(CLIENT_ID, Item::text(client));
    }
    refused_claim(CLIENT_ID, Text("a".repeat(bounds::CLIENT_ID_BYTES_MAX + 1)));
}

#[test]
fn confirmations_of_other_forms() {
    let ints = |entries: &[(i128, Item)]| Map(entries.iter().map(|(key, value)| (Int(*key), value.clone())).collect());
    let key = |entries: &[(i128, Item)]| ints(&[(1, ints(entries))]);
    let x = || Bytes(vec![9; 32]);
    let okp = |curve: i128| [(1, Int(1)), (-1, Int(curve)), (-2, x())];
    let jkt = |value: Item| Map(vec![(Item::text("jkt"), value)]);
    accepted_claim(CNF, key(&okp(6)));
    accepted_claim(CNF, key(&okp(-65537)));
    accepted_claim(CNF, key(&[(1, Int(2)), (-1, Int(1)), (-2, x()), (-3, Item::raw("f4"))]));
    accepted_claim(CNF, jkt(x()));
    let [kty, crv, _] = okp(6);
    for confirmation in [
        Map(vec![]),
        Item::raw("f6"),
        x(),
        // Several methods, an encrypted key, a key id, and what is none.
        Map(vec![(Int(1), ints(&okp(6))), (Item::text("jkt"), x())]),
        ints(&[(2, x())]),
        ints(&[(3, x())]),
        ints(&[(1, x())]),
        Map(vec![(Item::text("jwk"), ints(&okp(6)))]),
        Map(vec![(Item::text("JKT"), x())]),
        jkt(Bytes(vec![9; 31])),
        jkt(Bytes(vec![9; 33])),
        jkt(Text("a".repeat(43))),
        // Other curves and types: X25519, Ed448, P-384, P-256 as OKP, Ed25519 as EC2.
        key(&okp(4)),
        key(&okp(7)),
        key(&okp(1)),
        key(&[(1, Int(2)), (-1, Int(2)), (-2, x()), (-3, Item::raw("f4"))]),
        key(&[(1, Int(2)), (-1, Int(6)), (-2, x()), (-3, Item::raw("f4"))]),
        key(&[(1, Int(4)), (-1, Bytes(vec![1; 32]))]),
        // A private key, a kid, an alg and key_ops.
        key(&[(1, Int(1)), (-1, Int(6)), (-2, x()), (-4, x())]),
        key(&[(1, Int(1)), (2, Bytes(vec![1])), (-1, Int(6)), (-2, x())]),
        key(&[(1, Int(1)), (3, Int(-8)), (-1, Int(6)), (-2, x())]),
        // Parts missing, twice, in another order, of other types or lengths.
        key(&[kty.clone(), crv.clone()]),
        key(&[crv.clone(), kty.clone(), (-2, x())]),
        key(&[kty.clone(), kty.clone(), crv.clone(), (-2, x())]),
        key(&[kty.clone(), crv.clone(), (-2, x()), (-2, x())]),
        key(&[kty.clone(), crv.clone(), (-2, Bytes(vec![9; 31]))]),
        key(&[kty.clone(), crv.clone(), (-2, Bytes(vec![9; 33]))]),
        key(&[kty.clone(), (-1, Item::text("Ed25519")), (-2, x())]),
        key(&[(1, Item::text("OKP")), crv, (-2, x())]),
        key(&[kty, (-1, Int(6)), (-2, x()), (-3, Item::raw("f4"))]),
        // P-256: no y, a whole y, and one that is no sign.
        key(&[(1, Int(2)), (-1, Int(1)), (-2, x())]),
        key(&[(1, Int(2)), (-1, Int(1)), (-2, x()), (-3, x())]),
        key(&[(1, Int(2)), (-1, Int(1)), (-2, x()), (-3, Int(0))]),
        key(&[(1, Int(2)), (-1, Int(1)), (-2, x()), (-3, Item::raw("f6"))]),
        key(&[(1, Int(2)), (-1, Int(1)), (-2, x()), (-3, Item::raw("f815"))]),
    ] {
        refused_claim(CNF, confirmation);
    }
}
