//! Whatever is not the one form of a token is malformed. Each case is a good token but for one thing.

use marque_primitives::{
    DeviceId, Did, bounds,
    token::{SignedToken, VerifyError},
};

use crate::{
    item::{
        Item::{self, Array, Bytes, Int, Map, Raw, Tag, Text},
        head, long_head,
    },
    samples, vectors,
};

/// A token in parts, for one of them to be changed.
struct Parts {
    tag: Vec<u8>,
    header: Vec<(Item, Item)>,
    unprotected: Item,
    claims: Vec<(Item, Item)>,
    signature: Item,
    after: Vec<u8>,
}

const ALG: i128 = 1;
const KID: i128 = 4;
const TYP: i128 = 16;
const ISS: i128 = 1;
const SUB: i128 = 2;
const AUD: i128 = 3;
const EXP: i128 = 4;
const NBF: i128 = 5;
const IAT: i128 = 6;
const CTI: i128 = 7;
const CNF: i128 = 8;
const SCOPE: i128 = 9;
const EPOCH: i128 = -65537;
const CLIENT_ID: i128 = -65538;
const CLAIMS: [i128; 9] = [ISS, SUB, AUD, EXP, IAT, CTI, SCOPE, EPOCH, CLIENT_ID];

fn parts() -> Parts {
    let did = Item::text(&samples::did().to_text());
    let claims = [
        (ISS, Item::text("https://as.example/default")),
        (SUB, did.clone()),
        (AUD, Item::text("api://default")),
        (EXP, Int(1_800_000_300)),
        (IAT, Int(1_800_000_000)),
        (CTI, Bytes(b"0b71".to_vec())),
        (SCOPE, Item::text("meter:read")),
        (EPOCH, Int(4)),
        (CLIENT_ID, did),
    ];
    let header = [(ALG, Int(-8)), (KID, Bytes(b"3#key-0".to_vec())), (TYP, Item::text("at+cwt"))];
    let signature = SignedToken::from_cwt(&hex::decode(vectors::PLAIN.1).unwrap()).unwrap().signature;
    Parts {
        tag: head(6, 18),
        header: header.map(|(key, value)| (Int(key), value)).to_vec(),
        unprotected: Map(vec![]),
        claims: claims.map(|(key, value)| (Int(key), value)).to_vec(),
        signature: Bytes(samples::signature_bytes(&signature).to_vec()),
        after: vec![],
    }
}

impl Parts {
    fn encode(&self) -> Vec<u8> {
        self.encode_with(&Map(self.header.clone()).encode(), &Map(self.claims.clone()).encode())
    }

    fn encode_with(&self, header: &[u8], claims: &[u8]) -> Vec<u8> {
        let sign1 = Array(vec![
            Bytes(header.to_vec()),
            self.unprotected.clone(),
            Bytes(claims.to_vec()),
            self.signature.clone(),
        ]);
        [self.tag.clone(), sign1.encode(), self.after.clone()].concat()
    }
}

fn set(entries: &mut Vec<(Item, Item)>, key: i128, value: Item) {
    let key = Int(key).encode();
    match entries.iter_mut().find(|(existing, _)| existing.encode() == key) {
        Some(entry) => entry.1 = value,
        None => entries.push((Raw(key), value)),
    }
    entries.sort_by_key(|(key, _)| key.encode());
}

fn remove(entries: &mut Vec<(Item, Item)>, key: i128) {
    entries.retain(|(existing, _)| existing.encode() != Int(key).encode());
}

fn read(bytes: &[u8]) -> Result<SignedToken, VerifyError> {
    SignedToken::from_cwt(bytes)
}

#[track_caller]
fn refused(what: &str, change: impl FnOnce(&mut Parts)) {
    let mut parts = parts();
    change(&mut parts);
    refused_bytes(what, &parts.encode());
}

#[track_caller]
fn refused_bytes(what: &str, bytes: &[u8]) {
    assert_eq!(read(bytes), Err(VerifyError::Malformed), "{what}: {}", hex::encode(bytes));
}

#[track_caller]
fn refused_claim(key: i128, value: Item) {
    let what = format!("claim {key} is {}", hex::encode(value.encode()));
    refused(&what, |parts| set(&mut parts.claims, key, value));
}

#[track_caller]
fn accepted_claim(key: i128, value: Item) -> SignedToken {
    let mut parts = parts();
    set(&mut parts.claims, key, value);
    read(&parts.encode()).unwrap()
}

#[test]
fn the_parts_are_a_token() {
    assert_eq!(hex::encode(parts().encode()), vectors::PLAIN.1);
}

#[test]
fn cut_anywhere() {
    for sample in samples::all() {
        let token = hex::decode(sample.cwt).unwrap();
        for len in 0..token.len() {
            refused_bytes("cut", &token[..len]);
        }
    }
}

#[test]
fn cut_inside_with_lengths_that_fit() {
    let (header, claims) = (Map(parts().header).encode(), Map(parts().claims).encode());
    for len in 0..header.len() {
        refused_bytes("the header is cut", &parts().encode_with(&header[..len], &claims));
    }
    for len in 0..claims.len() {
        refused_bytes("the claims are cut", &parts().encode_with(&header, &claims[..len]));
    }
}

#[test]
fn bytes_that_follow() {
    for after in ["00", "a0", "f6", "ff", "d284"] {
        let more = hex::decode(after).unwrap();
        refused("bytes after the token", |parts| parts.after = more.clone());
        let (header, claims) = (Map(parts().header).encode(), Map(parts().claims).encode());
        refused_bytes("bytes after the header", &parts().encode_with(&[&header[..], &more].concat(), &claims));
        refused_bytes("bytes after the claims", &parts().encode_with(&header, &[&claims[..], &more].concat()));
    }
    let twice = [parts().encode(), parts().encode()].concat();
    refused_bytes("two tokens", &twice);
}

#[test]
fn other_tags_and_none() {
    for tag in ["", "d1", "d3", "d83d", "d83dd2", "d2d2", "d812", "d90012", "d9d9f7d2", "c0", "d862"] {
        refused(tag, |parts| parts.tag = hex::decode(tag).unwrap());
    }
}

#[test]
fn other_structures() {
    let body = |items: Vec<Item>| Tag(18, Box::new(Array(items))).encode();
    let (header, claims) = (Bytes(Map(parts().header).encode()), Bytes(Map(parts().claims).encode()));
    let signature = parts().signature;
    let none = Map(vec![]);
    refused_bytes("three parts", &body(vec![header.clone(), none.clone(), claims.clone()]));
    refused_bytes(
        "five parts",
        &body(vec![header.clone(), none.clone(), claims.clone(), signature.clone(), none.clone()]),
    );
    refused_bytes(
        "the header is a map",
        &body(vec![Map(parts().header), none.clone(), claims.clone(), signature.clone()]),
    );
    refused_bytes(
        "the claims are a map",
        &body(vec![header.clone(), none.clone(), Map(parts().claims), signature.clone()]),
    );
    refused_bytes("a detached payload", &body(vec![header.clone(), none.clone(), Item::raw("f6"), signature.clone()]));
    refused_bytes("an empty payload", &body(vec![header.clone(), none.clone(), Bytes(vec![]), signature.clone()]));
    refused_bytes("an empty header", &body(vec![Bytes(vec![]), none.clone(), claims.clone(), signature.clone()]));
    let tagged = Bytes(Tag(61, Box::new(Map(parts().claims))).encode());
    refused_bytes("tagged claims", &body(vec![header.clone(), none.clone(), tagged, signature.clone()]));
    let array =
        [head(6, 18), vec![0x9f], header.encode(), none.encode(), claims.encode(), signature.encode(), vec![0xff]];
    refused_bytes("an indefinite array", &array.concat());
    let map = Map(vec![(Int(0), header), (Int(1), none), (Int(2), claims), (Int(3), signature)]);
    refused_bytes("a map", &Tag(18, Box::new(map)).encode());
    for bytes in ["", "00", "80", "a0", "f6", "d284", "d280", "d2f6", "ff"] {
        refused_bytes("no token", &hex::decode(bytes).unwrap());
    }
}

#[test]
fn unprotected_headers() {
    let kid = || (Int(KID), Bytes(b"3#key-0".to_vec()));
    for unprotected in [
        Map(vec![kid()]),
        Map(vec![(Int(ALG), Int(-8))]),
        Array(vec![]),
        Bytes(vec![]),
        Bytes(vec![0xa0]),
        Item::raw("bfff"),
        Item::raw("b800"),
        Item::raw("f6"),
    ] {
        refused("an unprotected header", |parts| parts.unprotected = unprotected);
    }
    refused("a kid that is not protected", |parts| {
        remove(&mut parts.header, KID);
        parts.unprotected = Map(vec![kid()]);
    });
}

#[test]
fn other_algorithms() {
    // None, ES256, ES256K, HMAC, RS256, EdDSA's neighbours, Ed448 and ESP256 of RFC 9864, and what is no number.
    let numbers = [0, -7, -47, 5, 4, -257, -9, -18, -20, -53, 8, -65536, -65538, i128::from(i64::MIN), -(1 << 64)];
    let others = [
        Item::text("EdDSA"),
        Item::text("none"),
        Bytes(vec![]),
        Item::raw("f6"),
        Item::raw("3807"),
        Array(vec![Int(-8)]),
    ];
    for algorithm in numbers.map(Int).into_iter().chain(others) {
        refused("another algorithm", |parts| set(&mut parts.header, ALG, algorithm));
    }
}

#[test]
fn the_scheme_is_as_the_header_says() {
    let mut parts = parts();
    set(&mut parts.header, ALG, Int(-65537));
    let token = read(&parts.encode()).unwrap();
    assert!(matches!(token.signature, marque_primitives::Signature::Sr25519(_)));
}

#[test]
fn other_headers() {
    for key in [ALG, KID, TYP] {
        refused("a parameter is missing", |parts| remove(&mut parts.header, key));
        refused("a parameter is there twice", |parts| {
            let entry =
                parts.header.iter().find(|(existing, _)| existing.encode() == Int(key).encode()).unwrap().clone();
            let at = parts.header.iter().position(|(existing, _)| existing.encode() == Int(key).encode()).unwrap();
            parts.header.insert(at, entry);
        });
    }
    for (key, value) in [(2, Array(vec![Int(1)])), (3, Int(0)), (5, Bytes(vec![1])), (33, Bytes(vec![1])), (0, Int(0))]
    {
        refused("an unknown parameter", |parts| set(&mut parts.header, key, value));
    }
    refused("another order", |parts| parts.header.reverse());
    for typ in ["AT+CWT", "application/at+cwt", "cwt", "at+jwt", "at+cwt ", ""] {
        refused("another type", |parts| set(&mut parts.header, TYP, Item::text(typ)));
    }
    refused("a type as number", |parts| set(&mut parts.header, TYP, Int(61)));
    refused("a type as bytes", |parts| set(&mut parts.header, TYP, Bytes(b"at+cwt".to_vec())));
    for kid in [&b""[..], b"3", b"3#key-00", b"03#key-0", b"4294967296#key-0", b"3#key-0 ", b"\xff", b"3#key-\xc3\xa9"]
    {
        refused("another kid", |parts| set(&mut parts.header, KID, Bytes(kid.to_vec())));
    }
    refused("a kid as text", |parts| set(&mut parts.header, KID, Item::text("3#key-0")));
    refused("a kid as number", |parts| set(&mut parts.header, KID, Int(3)));
}

#[test]
fn signatures_of_other_forms() {
    for len in [0, 1, 32, 63, 65, 128] {
        refused("a signature of another length", |parts| parts.signature = Bytes(vec![1; len]));
    }
    let signature = [1u8; 64];
    refused("as text", |parts| parts.signature = Text("a".repeat(64)));
    refused("as null", |parts| parts.signature = Item::raw("f6"));
    refused("as a long head", |parts| parts.signature = Raw([&long_head(2, 64, 2)[..], &signature].concat()));
    refused("in chunks", |parts| {
        let chunk = Bytes(signature[..32].to_vec()).encode();
        parts.signature = Raw([&[0x5f], &chunk[..], &chunk, &[0xff]].concat());
    });
}

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
fn counts_that_lie() {
    let claims = parts().claims;
    let entries: Vec<u8> = claims.iter().flat_map(|(key, value)| [key.encode(), value.encode()].concat()).collect();
    let header = Map(parts().header).encode();
    for count in [0, 8, 10, 11, 12, 23, 24, 255, 1 << 16, 1 << 32, 1 << 63, u64::MAX] {
        refused_bytes("a count", &parts().encode_with(&header, &[head(5, count), entries.clone()].concat()));
    }
    refused_bytes("indefinite", &parts().encode_with(&header, &[&[0xbf], &entries[..], &[0xff]].concat()));
    refused_bytes("a long count", &parts().encode_with(&header, &[long_head(5, 9, 1), entries].concat()));
}

#[test]
fn numbers_that_are_not_in_their_shortest_form() {
    for (key, value) in [(EXP, 1_800_000_300), (IAT, 1_800_000_000), (EPOCH, 4)] {
        for len in [1, 2, 4, 8] {
            if Int(value).encode().len() < 1 + len {
                refused_claim(key, Raw(long_head(0, value as u64, len)));
            }
        }
    }
    for key in CLAIMS {
        let (major, argument) = if key < 0 { (1, -1 - key) } else { (0, key) };
        for len in [1, 2, 4, 8] {
            let long = long_head(major, argument as u64, len);
            if long == Int(key).encode() {
                continue;
            }
            refused("a long key", |parts| {
                let entry = parts.claims.iter_mut().find(|(existing, _)| existing.encode() == Int(key).encode());
                entry.unwrap().0 = Raw(long);
            });
        }
    }
    let iss = b"https://as.example/default";
    for len in [2, 4, 8] {
        refused_claim(ISS, Raw([&long_head(3, iss.len() as u64, len)[..], iss].concat()));
    }
    let aud = [Item::text("a:1").encode(), Item::text("a:2").encode()].concat();
    refused_claim(AUD, Raw([&long_head(4, 2, 1)[..], &aud].concat()));
}

#[test]
fn lengths_beyond_the_end() {
    for len in [27, 255, 2048, 1 << 16, (1 << 31) - 1, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX] {
        for key in [ISS, SUB, AUD, SCOPE, CLIENT_ID] {
            refused_claim(key, Raw([head(3, len), b"https://as.example/default".to_vec()].concat()));
        }
        refused_claim(CTI, Raw([head(2, len), b"0b71".to_vec()].concat()));
        refused_claim(AUD, Raw([head(4, len), Item::text("a:1").encode(), Item::text("a:2").encode()].concat()));
        refused_bytes("of the header", &[head(6, 18), head(4, 4), head(2, len), vec![0; 64]].concat());
        refused_bytes("of the array", &[head(6, 18), head(4, len), vec![0; 64]].concat());
    }
}

#[test]
fn heads_that_are_reserved() {
    for short in [28, 29, 30] {
        for major in 0..8 {
            refused_claim(EXP, Raw([&[major << 5 | short], &[0; 16][..]].concat()));
        }
    }
}

#[test]
fn nesting() {
    for depth in [1, 100, 1500] {
        refused_claim(ISS, Raw([vec![0x81; depth], vec![0x60]].concat()));
        refused_claim(AUD, Raw([vec![0x82; depth], vec![0x60]].concat()));
        refused_claim(CNF, Raw([[0xa1, 0x01].repeat(depth / 2 + 1), vec![0x00]].concat()));
        refused_claim(EXP, Raw([vec![0xc1; depth], vec![0x00]].concat()));
        refused_bytes("arrays alone", &vec![0x81; depth]);
        refused_bytes("tags alone", &vec![0xd2; depth]);
        refused_bytes("indefinite arrays alone", &vec![0x9f; depth]);
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

#[test]
fn tokens_over_the_bound() {
    // Each claim is within its bound; together they are too many.
    let mut parts = parts();
    set(&mut parts.claims, CTI, Bytes(vec![b'a'; bounds::TOKEN_ID_BYTES_MAX]));
    set(&mut parts.claims, CLIENT_ID, Text("a".repeat(bounds::CLIENT_ID_BYTES_MAX)));
    set(&mut parts.claims, ISS, Text(format!("https://{}", "a".repeat(bounds::ISSUER_URL_BYTES_MAX - 8))));
    let audience = |n: usize| Text(format!("{}{n}", "a".repeat(bounds::AUDIENCE_BYTES_MAX - 1)));
    set(&mut parts.claims, AUD, Array((0..4).map(audience).collect()));
    let scope = |n: usize| format!("{}:{n:02}", "s".repeat(bounds::SCOPE_BYTES_MAX - 3));
    let mut scopes = (0..bounds::SCOPES_MAX).map(scope).collect::<Vec<_>>();
    set(&mut parts.claims, SCOPE, Text(scopes.join(" ")));
    let too_long = parts.encode();
    assert!(too_long.len() > bounds::CWT_BYTES_MAX);
    refused_bytes("too long", &too_long);
    // To the byte.
    let excess = too_long.len() - bounds::CWT_BYTES_MAX;
    scopes.pop();
    let shorter = bounds::SCOPE_BYTES_MAX - excess;
    scopes.push(format!("{}:zz", "z".repeat(shorter - 3)));
    set(&mut parts.claims, SCOPE, Text(scopes.join(" ")));
    assert_eq!(parts.encode().len(), bounds::CWT_BYTES_MAX);
    assert!(read(&parts.encode()).is_ok());
    refused_bytes("a megabyte", &vec![0x81; 1 << 20]);
}

#[test]
fn the_examples_of_rfc_8392_are_no_tokens_of_devices() {
    // Appendix A.1: the claims set, signed as in A.3. Its header, its subject and its cti are of other forms.
    let claims = "a70175636f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e6578616d706c\
        652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b71";
    let signed = format!(
        "d28443a10126a104524173796d6d657472696345434453413235365850{claims}58405427c1ff28d23fbad1f29c4c7c6a555e601d6fa29f9179bc\
         3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9b63632c57209120e1c9e30"
    );
    refused_bytes("A.3", &hex::decode(&signed).unwrap());
    refused_bytes("A.3, tagged as a CWT", &hex::decode(format!("d83d{signed}")).unwrap());
    refused_bytes(
        "A.1 in one of ours",
        &parts().encode_with(&Map(parts().header).encode(), &hex::decode(claims).unwrap()),
    );
}
