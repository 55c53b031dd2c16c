//! What is wrong with the token around its claims, and with how things are encoded.

use marque_primitives::{Signature, bounds};

use super::*;
use crate::item::{
    Item::{Tag, Text},
    long_head,
};

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
    assert!(matches!(token.signature, Signature::Sr25519(_)));
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
