//! Lines of a file, bounded.

use std::io::{self, BufRead};

/// The longest line that is read, its end not counted.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// Reads the next line into `line`, without its end; whether there was one.
///
/// # Errors
/// Those of the reader; `InvalidData` for a line over [`LINE_BYTES_MAX`].
pub fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    // One byte more for the newline: a line without it, at full length, is too long.
    let limit = LINE_BYTES_MAX as u64 + 2;
    let read = io::Read::take(&mut *reader, limit).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if line.len() > LINE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the line is longer than 64 KiB"));
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[&str]) {
        let mut reader = bytes;
        let mut line = Vec::new();
        for expected in expected {
            assert!(read_line(&mut reader, &mut line).unwrap());
            assert_eq!(line, expected.as_bytes());
        }
        assert!(!read_line(&mut reader, &mut line).unwrap());
    }

    #[test]
    fn takes_both_line_ends_and_none() {
        check(b"", &[]);
        check(b"a\nb\r\n\nc", &["a", "b", "", "c"]);
    }

    #[test]
    fn is_bounded() {
        let mut longest = vec![b'a'; LINE_BYTES_MAX];
        longest.push(b'\n');
        let mut line = Vec::new();
        assert!(read_line(&mut longest.as_slice(), &mut line).unwrap());
        let endless = vec![b'a'; LINE_BYTES_MAX + 1];
        let error = read_line(&mut endless.as_slice(), &mut line).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
