//! CBOR of any kind, good or bad: what hostile tokens are made of. Apart from the crate's own writer.

/// A data item.
#[derive(Clone)]
pub enum Item {
    Int(i128),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    /// Entries as they come: in any order, and as often as they like.
    Map(Vec<(Item, Item)>),
    Tag(u64, Box<Item>),
    /// Encoded already, well or not.
    Raw(Vec<u8>),
}

use Item::{Array, Bytes, Int, Map, Raw, Tag, Text};

impl Item {
    pub fn text(text: &str) -> Self {
        Text(text.into())
    }

    pub fn raw(hex: &str) -> Self {
        Raw(hex::decode(hex).unwrap())
    }

    pub fn encode(&self) -> Vec<u8> {
        match self {
            Int(value) if *value < 0 => head(1, u64::try_from(-1 - value).unwrap()),
            Int(value) => head(0, u64::try_from(*value).unwrap()),
            Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Text(text) => [head(3, text.len() as u64), text.clone().into_bytes()].concat(),
            Array(items) => [head(4, items.len() as u64), items.iter().flat_map(Self::encode).collect()].concat(),
            Map(entries) => {
                let encoded = entries.iter().flat_map(|(key, value)| [key.encode(), value.encode()].concat());
                [head(5, entries.len() as u64), encoded.collect()].concat()
            }
            Tag(tag, item) => [head(6, *tag), item.encode()].concat(),
            Raw(bytes) => bytes.clone(),
        }
    }
}

/// A head in its shortest form.
pub fn head(major: u8, value: u64) -> Vec<u8> {
    let len = match value {
        0..=23 => return vec![major << 5 | value as u8],
        24..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    };
    long_head(major, value, len)
}

/// A head whose argument takes 1, 2, 4 or 8 bytes, needed or not.
pub fn long_head(major: u8, value: u64, len: usize) -> Vec<u8> {
    let short = 24 + len.trailing_zeros() as u8;
    [&[major << 5 | short], &value.to_be_bytes()[8 - len..]].concat()
}
