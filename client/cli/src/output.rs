//! What the user sees: text for people, JSON for programs.
//!
//! Results go to stdout, progress and errors to stderr. Colours appear only on a terminal and without `NO_COLOR`.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::failure::{Failure, Kind, Outcome};

/// Something that matters: names, addresses.
pub const BOLD: Style = Style::new().bold();
/// Something that went as it should.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Something that did not.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something to be careful about.
pub const CAREFUL: Style = AnsiColor::Yellow.on_default();
/// Something of less weight.
pub const DIM: Style = Style::new().dimmed();

/// `text` in `style`; the stream takes the style out where it does not belong.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Where a command writes.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON.
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read this.
    pub const fn is_json(self) -> bool {
        self.json
    }

    /// The result of the command, or one entry of a stream: a line of JSON, or the text (a trailing newline is added).
    ///
    /// # Errors
    /// When stdout cannot be written; [`Kind::ClosedPipe`] when nobody reads it any more.
    pub fn result(self, json: &impl Serialize, text: impl FnOnce() -> String) -> Outcome {
        if self.json {
            let line = serde_json::to_string(json).map_err(|error| Failure::new(Kind::Failed, error.to_string()))?;
            return print(&line);
        }
        print(&text())
    }

    /// Text that a program does not need.
    ///
    /// # Errors
    /// As for [`result`](Self::result).
    pub fn text(self, text: &str) -> Outcome {
        if self.json { Ok(()) } else { print(text) }
    }

    /// Something to know meanwhile, on stderr. Never fails: a lost note is no reason to stop.
    pub fn note(self, text: &str) {
        if !self.json {
            // Nobody to tell when stderr is gone.
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Reports how the command failed, on stderr.
    pub fn failure(self, failure: &Failure) {
        if failure.kind == Kind::ClosedPipe {
            return;
        }
        let mut stderr = anstream::stderr();
        // Nobody to tell when stderr is gone.
        let _ = if self.json {
            writeln!(stderr, "{}", failure.to_json())
        } else {
            let hint = failure.hint.as_ref().map(|hint| format!("\n{} {}", styled(BOLD, "next:"), harmless(hint)));
            writeln!(stderr, "{} {}{}", styled(BAD, "error:"), harmless(&failure.message), hint.unwrap_or_default())
        };
    }

    /// Asks before something that cannot be undone.
    ///
    /// # Errors
    /// [`Kind::Usage`] when there is nobody to ask; [`Kind::Failed`] when the answer is no.
    pub fn confirm(self, question: &str) -> Outcome {
        if self.json || !io::stdin().is_terminal() {
            return Err(Failure::usage(format!("{question} This needs to be confirmed, and there is no terminal."))
                .hint("repeat the command with --yes if you mean it"));
        }
        let mut stderr = anstream::stderr();
        write!(stderr, "{} {question} Type yes: ", styled(CAREFUL, "careful:"))?;
        stderr.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new(Kind::Failed, "not confirmed; nothing was done")) }
    }
}

fn print(text: &str) -> Outcome {
    let mut stdout = anstream::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()?;
    Ok(())
}

/// The text without what could steer a terminal: messages quote what nodes and files say.
pub fn harmless(text: &str) -> String {
    text.chars().map(|char| if char.is_control() && char != '\n' { ' ' } else { char }).collect()
}

/// Rows as a table with aligned columns, two spaces apart. Cells must not carry styles.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = header.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head = line(&header.map(|cell| cell.to_uppercase()));
    let mut lines = vec![styled(DIM, head)];
    lines.extend(rows.iter().map(line));
    lines.join("\n")
}

/// Labelled values, one a line, the labels in one column.
pub fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    let line = |(label, value): &(&str, String)| {
        let label = styled(DIM, format!("{label:<width$}"));
        format!("{label}  {value}")
    };
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let text = table(["name", "id"], &[["a".into(), "1".into()], ["longer".into(), "2".into()]]);
        let plain: Vec<_> = text.lines().map(anstream::adapter::strip_str).map(|line| line.to_string()).collect();
        assert_eq!(plain, ["NAME    ID", "a       1", "longer  2"]);
    }

    #[test]
    fn what_a_node_says_does_not_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{9b}c\nd\r"), "a [2Jb c\nd ");
    }

    #[test]
    fn labels_line_up() {
        let text = fields(&[("a", "1".into()), ("long", "2".into())]);
        let plain: Vec<_> = text.lines().map(anstream::adapter::strip_str).map(|line| line.to_string()).collect();
        assert_eq!(plain, ["a     1", "long  2"]);
    }
}
