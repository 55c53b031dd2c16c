//! As much CBOR (RFC 8949) as tokens take, in its deterministic form (section 4.2.1) alone: shortest integers, definite lengths.
//!
//! Written for contracts. What is read is a slice that shrinks; nothing is allocated for a length that is merely claimed, and
//! nothing recurses.

use alloc::vec::Vec;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;

/// Reads items one after the other. `None` where the next is of another type, not in its shortest form, or cut.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn unsigned(&mut self) -> Option<u64> {
        self.value(UNSIGNED)
    }

    /// An integer of at most 63 bits and a sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        match self.head()? {
            (UNSIGNED, value) => i64::try_from(value).ok(),
            // A negative integer is −1 − value, which is what flipping the bits gives.
            (NEGATIVE, value) => i64::try_from(value).ok().map(|value| !value),
            _ => None,
        }
    }

    /// What follows this integer, which must be next: the value of this key.
    pub(super) fn after(&mut self, key: i64) -> Option<&mut Self> {
        (self.integer()? == key).then_some(self)
    }

    /// As [`after`](Self::after), where the key may be left out.
    pub(super) fn after_if_next(&mut self, key: i64) -> Option<&mut Self> {
        let rest = Reader(self.0).after(key)?.0;
        self.0 = rest;
        Some(self)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.value(BYTES)?;
        self.take(len)
    }

    pub(super) fn array_of_bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let len = self.value(TEXT)?;
        core::str::from_utf8(self.take(len)?).ok()
    }

    /// Bytes that are a text, though they are not written as one.
    pub(super) fn bytes_of_text(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn boolean(&mut self) -> Option<bool> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        match *first {
            FALSE => Some(false),
            TRUE => Some(true),
            _ => None,
        }
    }

    /// The length of an array, whose items follow.
    pub(super) fn array(&mut self) -> Option<u64> {
        self.value(ARRAY)
    }

    /// The number of a map's entries, which follow.
    pub(super) fn map(&mut self) -> Option<u64> {
        self.value(MAP)
    }

    pub(super) fn tag(&mut self) -> Option<u64> {
        self.value(TAG)
    }

    pub(super) fn is_text_next(&self) -> bool {
        self.0.first().is_some_and(|first| first >> 5 == TEXT)
    }

    fn value(&mut self, expected: u8) -> Option<u64> {
        let (major, value) = self.head()?;
        (major == expected).then_some(value)
    }

    /// Major type and argument (RFC 8949, section 3), the argument in its shortest form.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        let (major, short) = (first >> 5, first & 0x1f);
        let (len, least) = match short {
            0..=23 => return Some((major, u64::from(short))),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return None,
        };
        let value = self.take(len)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        (value >= least).then_some((major, value))
    }

    fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = rest;
        Some(taken)
    }
}

/// Writes items one after the other. That keys of maps are in order is up to who writes them.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Goes on after what is there already.
    pub(super) const fn after(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn unsigned(&mut self, value: u64) {
        self.head(UNSIGNED, value);
    }

    pub(super) fn integer(&mut self, value: i64) {
        let (major, value) = if value < 0 { (NEGATIVE, !value) } else { (UNSIGNED, value) };
        self.head(major, value.unsigned_abs());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.0.push(if value { TRUE } else { FALSE });
    }

    pub(super) fn array(&mut self, len: usize) {
        self.head(ARRAY, len as u64);
    }

    pub(super) fn map(&mut self, len: usize) {
        self.head(MAP, len as u64);
    }

    pub(super) fn tag(&mut self, tag: u64) {
        self.head(TAG, tag);
    }

    fn head(&mut self, major: u8, value: u64) {
        let (short, len) = match value {
            0..=23 => (value as u8, 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.0.push(major << 5 | short);
        let bytes = value.to_be_bytes();
        self.0.extend_from_slice(&bytes[bytes.len().saturating_sub(len)..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn integers_are_written_and_read_as_in_the_standard() {
        for (value, encoded) in [
            (0, "00"),
            (10, "0a"),
            (23, "17"),
            (24, "1818"),
            (25, "1819"),
            (100, "1864"),
            (1000, "1903e8"),
            (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"),
            (-1, "20"),
            (-10, "29"),
            (-100, "3863"),
            (-1000, "3903e7"),
            (i64::MAX, "1b7fffffffffffffff"),
            (i64::MIN, "3b7fffffffffffffff"),
        ] {
            let mut writer = Writer::new();
            writer.integer(value);
            let bytes = writer.finish();
            assert_eq!(hex::encode(&bytes), encoded);
            assert_eq!(Reader::new(&bytes).integer(), Some(value));
        }
        let mut writer = Writer::new();
        writer.unsigned(u64::MAX);
        let bytes = writer.finish();
        assert_eq!(hex::encode(&bytes), "1bffffffffffffffff");
        assert_eq!(Reader::new(&bytes).unsigned(), Some(u64::MAX));
        assert_eq!(Reader::new(&bytes).integer(), None, "it does not fit");
    }

    #[test]
    fn heads_on_both_sides_of_each_length() {
        for value in [23, 24, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000] {
            let mut writer = Writer::new();
            writer.unsigned(value);
            let shortest = writer.finish();
            assert_eq!(Reader::new(&shortest).unsigned(), Some(value));
            for (short, len) in [(24, 1), (25, 2), (26, 4), (27, 8)] {
                let long = [&[short], &value.to_be_bytes()[8 - len..]].concat();
                if long.len() > shortest.len() {
                    assert_eq!(Reader::new(&long).unsigned(), None, "{value} in {len} bytes");
                }
            }
        }
    }
}
