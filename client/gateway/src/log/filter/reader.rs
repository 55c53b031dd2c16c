//! How filters are read: by recursive descent, in one pass.

use serde_json::{Number, Value};

use super::{BYTES_MAX, DEPTH_MAX, FilterError, Node, Operator, TERMS_MAX, Term, Test};

/// The operator that has no value.
const PRESENT: &str = "pr";

pub(super) fn read(text: &str) -> Result<Node, FilterError> {
    if text.len() > BYTES_MAX {
        return Err(FilterError::TooLong);
    }
    let mut reader = Reader { text, at: 0, depth: 0, terms: 0 };
    let node = reader.alternatives()?;
    if reader.rest().is_empty() { Ok(node) } else { Err(reader.expected("`and`, `or` or its end")) }
}

struct Reader<'a> {
    text: &'a str,
    /// Up to where it is read, in bytes.
    at: usize,
    /// The parentheses that are open.
    depth: usize,
    /// The comparisons so far.
    terms: usize,
}

impl<'a> Reader<'a> {
    /// What is still to be read, after spaces.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_ascii_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    const fn expected(&self, expected: &'static str) -> FilterError {
        FilterError::Expected { expected, at: self.at }
    }

    /// The word that comes next, which may be empty: it ends before a space, a parenthesis or a quotation mark.
    fn peek_word(&mut self) -> &'a str {
        let is_end = |character: char| character.is_ascii_whitespace() || matches!(character, '(' | ')' | '"');
        self.rest().split(is_end).next().unwrap_or_default()
    }

    fn take(&mut self, expected: &str) -> bool {
        let is_next = self.rest().starts_with(expected);
        self.at += if is_next { expected.len() } else { 0 };
        is_next
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let is_next = self.peek_word().eq_ignore_ascii_case(keyword);
        self.at += if is_next { keyword.len() } else { 0 };
        is_next
    }

    fn alternatives(&mut self) -> Result<Node, FilterError> {
        let mut parts = vec![self.conjunction()?];
        while self.take_keyword("or") {
            parts.push(self.conjunction()?);
        }
        Ok(one_or(parts, Node::Or))
    }

    fn conjunction(&mut self) -> Result<Node, FilterError> {
        let mut parts = vec![self.part()?];
        while self.take_keyword("and") {
            parts.push(self.part()?);
        }
        Ok(one_or(parts, Node::And))
    }

    /// A group, the opposite of one, or a term. An attribute may be called `not`, as no parenthesis follows it.
    fn part(&mut self) -> Result<Node, FilterError> {
        if self.take("(") {
            return self.group();
        }
        let before = self.at;
        if self.take_keyword("not") && self.take("(") {
            return Ok(Node::Not(Box::new(self.group()?)));
        }
        self.at = before;
        self.term().map(Node::Term)
    }

    /// What is in parentheses, after the first.
    fn group(&mut self) -> Result<Node, FilterError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(FilterError::TooDeep);
        }
        let node = self.alternatives()?;
        self.depth -= 1;
        if self.take(")") { Ok(node) } else { Err(self.expected("`)`, `and` or `or`")) }
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(FilterError::TooManyTerms);
        }
        let path = self.path()?;
        if self.take_keyword(PRESENT) {
            return Ok(Term { path, test: Test::Present });
        }
        let operator = Operator::ALL.into_iter().find(|operator| self.take_keyword(operator.name()));
        let operator = operator.ok_or_else(|| self.expected("an operator such as `eq`"))?;
        let (before, value) = (self.at, self.value()?);
        if is_comparable(operator, &value) {
            return Ok(Term { path, test: Test::Compare(operator, value) });
        }
        Err(FilterError::Expected { expected: "a value that the operator is for", at: before })
    }

    fn path(&mut self) -> Result<Vec<String>, FilterError> {
        let word = self.peek_word();
        if !word.split('.').all(is_attribute_name) {
            return Err(self.expected("an attribute such as `actor.id`"));
        }
        self.at += word.len();
        Ok(word.split('.').map(str::to_owned).collect())
    }

    fn value(&mut self) -> Result<Value, FilterError> {
        let rest = self.rest();
        let text = if rest.starts_with('"') { quoted(rest) } else { Some(self.peek_word()) };
        let value = text.and_then(read_value).ok_or_else(|| self.expected("a value as in JSON"))?;
        self.at += text.map_or(0, str::len);
        Ok(value)
    }
}

fn one_or(mut parts: Vec<Node>, several: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => several(parts.into_iter().chain(last).collect()),
    }
}

/// `ATTRNAME` of RFC 7644; names of ours may also begin with `_`.
fn is_attribute_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The string of JSON that a text begins with, with its quotation marks; `None` where it does not end.
fn quoted(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    text.get(..end + 2)
}

/// Null, a boolean, a number or a string.
fn read_value(text: &str) -> Option<Value> {
    match serde_json::from_str(text).ok()? {
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(Value::Number(number)),
        // The parser of JSON may be off by the last bit, or keep numbers that are too large as text, where another crate has it do so.
        Value::Number(_) => Number::from_f64(text.parse().ok()?).map(Value::Number),
        Value::Array(_) | Value::Object(_) => None,
        value => Some(value),
    }
}

/// Whether an operator is for values of this kind: parts are of strings, and only numbers and strings are more or less than others.
fn is_comparable(operator: Operator, value: &Value) -> bool {
    match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => value.is_string(),
        Operator::Greater | Operator::GreaterOrEqual | Operator::Less | Operator::LessOrEqual => {
            value.is_string() || value.is_number()
        }
    }
}
