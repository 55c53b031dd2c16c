//! Tells the story, and checks each step of it.

use std::{fmt::Debug, future::Future, time::Instant};

use marque_sdk::{
    At, CallError, Chain, Receipt,
    primitives::{AccountId, Error, access::AccessError, token::VerifyError},
};
use serde_json::{Value, json};

use crate::{
    act,
    failure::{Failure, Kind, Outcome},
    output::{self, Output},
    render,
};

/// Why a contract refuses a transaction.
pub trait Refusal: Copy + PartialEq + Debug {
    /// The reason that is in this error.
    fn of(error: &CallError) -> Option<Self>;
}

impl Refusal for Error {
    fn of(error: &CallError) -> Option<Self> {
        error.refusal()
    }
}

impl Refusal for AccessError {
    fn of(error: &CallError) -> Option<Self> {
        error.access_refusal()
    }
}

/// Who tells.
pub struct Teller {
    output: Output,
    chain: Chain,
    chapter: u32,
    title: String,
    steps: u32,
    started: Instant,
}

impl Teller {
    /// Begins.
    pub fn new(output: Output, chain: Chain) -> Self {
        Self { output, chain, chapter: 0, title: String::new(), steps: 0, started: Instant::now() }
    }

    /// Where is told.
    pub const fn output(&self) -> Output {
        self.output
    }

    /// A new chapter, and what it is about.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub fn chapter(&mut self, title: &str, about: &str) -> Outcome {
        self.chapter += 1;
        title.clone_into(&mut self.title);
        let head = output::styled(output::BOLD, format!("{}. {title}", self.chapter));
        self.output.text(&format!("\n{head}\n   {about}"))
    }

    /// Something to look at.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub fn show(&self, text: &str) -> Outcome {
        let indented: Vec<_> = text.lines().map(|line| format!("     {line}")).collect();
        self.output.text(&output::styled(output::DIM, indented.join("\n")))
    }

    /// A transaction that must succeed; what it cost its payer is told.
    ///
    /// # Errors
    /// When it does not, or stdout can't be written.
    pub async fn accepted<E: Into<Failure>>(
        &mut self,
        what: &str,
        payer: AccountId,
        call: impl Future<Output = Result<Receipt, E>>,
    ) -> Outcome<Receipt> {
        let before = self.chain.balance(&payer, At::Finalized).await?.free;
        let receipt = match call.await {
            Ok(receipt) => receipt,
            Err(error) => return Err(self.differs(what, &format!("it should succeed, but: {}", error.into()))),
        };
        let after = self.chain.balance(&payer, At::Finalized).await?.free;
        let deposit = deposit(before, after, receipt.fee);
        let mut cost = act::receipt_json(&receipt);
        cost["deposit"] = json!(deposit.map(|deposit| deposit.to_string()));
        let text = [Some(act::cost(&receipt)), deposit.and_then(deposit_text)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ");
        self.told(what, Some(&text), json!({"cost": cost}))?;
        Ok(receipt)
    }

    /// A transaction that a contract must refuse, with this error.
    ///
    /// # Errors
    /// When it does not, or stdout can't be written.
    pub async fn refused<R: Refusal>(
        &mut self,
        what: &str,
        expected: R,
        call: impl Future<Output = Result<Receipt, CallError>>,
    ) -> Outcome {
        match call.await {
            Err(error) if R::of(&error) == Some(expected) => {
                let refusal = format!("{expected:?}");
                self.told(what, Some(&format!("refused: {refusal}")), json!({"refused": refusal}))
            }
            Err(error) => {
                let error = Failure::from(error);
                Err(self.differs(what, &format!("it should be refused with {expected:?}, but: {error}")))
            }
            Ok(_) => Err(self.differs(what, &format!("it should be refused with {expected:?}, but it was accepted"))),
        }
    }

    /// A token that must be refused, for this reason.
    ///
    /// # Errors
    /// When it is not, or stdout can't be written.
    pub fn token_refused<T>(
        &mut self,
        what: &str,
        expected: VerifyError,
        answer: Result<T, Option<VerifyError>>,
    ) -> Outcome {
        let refusal = format!("{expected:?}");
        match answer {
            Err(Some(found)) if found == expected => {
                self.told(what, Some(&format!("refused: {refusal}")), json!({"refused": refusal}))
            }
            Err(Some(found)) => Err(self.differs(what, &format!("it should be {refusal}, and is {found:?}"))),
            Err(None) => Err(self.differs(what, &format!("it should be {refusal}, and there is no answer"))),
            Ok(_) => Err(self.differs(what, &format!("it should be refused with {refusal}, but it was accepted"))),
        }
    }

    /// A request that was refused as it must be, with an OAuth error and its description.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub fn request_refused(&mut self, what: &str, error: &str, description: &str) -> Outcome {
        let more = json!({"refused": error, "description": description});
        self.told(what, Some(&format!("refused: {error}")), more)
    }

    /// A transaction that went through.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub fn told_of(&mut self, what: &str, receipt: &Receipt) -> Outcome {
        self.told(what, Some(&act::cost(receipt)), json!({"cost": act::receipt_json(receipt)}))
    }

    /// Something that must be so.
    ///
    /// # Errors
    /// When it is not, or stdout can't be written.
    pub fn check(&mut self, what: &str, holds: bool) -> Outcome {
        if holds { self.told(what, None, json!({})) } else { Err(self.differs(what, "it is not so")) }
    }

    /// The end.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub fn end(&self) -> Outcome {
        let seconds = self.started.elapsed().as_secs_f64();
        let steps = self.steps;
        self.output.result(&json!({"ok": true, "steps": steps, "seconds": seconds}), || {
            let head =
                output::styled(output::GOOD, format!("All {steps} steps went as they should, in {seconds:.1} s."));
            let next = "Next: `marque up` keeps a chain running; then `marque device new meter-1`.";
            format!("\n{head}\n{next}")
        })
    }

    fn told(&mut self, what: &str, detail: Option<&str>, more: Value) -> Outcome {
        self.steps += 1;
        let mut line = json!({"step": self.steps, "chapter": self.title, "what": what, "ok": true});
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        self.output.result(&line, || {
            let detail = detail.map(|detail| output::styled(output::DIM, format!("  ({detail})")));
            format!("   {} {what}{}", output::styled(output::GOOD, "✓"), detail.unwrap_or_default())
        })
    }

    /// The failure of a step. The chain or this program is wrong then.
    pub fn differs(&self, what: &str, how: &str) -> Failure {
        Failure::new(Kind::Failed, format!("step {} ({what}): {how}", self.steps + 1))
            .hint("the story is not true here; please report this, with what `marque --version` and your node say")
    }
}

/// What went into deposits, beside the fee; negative if something came back. `None` if the chain does not tell the fee.
fn deposit(before: u128, after: u128, fee: Option<u128>) -> Option<i128> {
    let spent = i128::try_from(before).ok()?.checked_sub(i128::try_from(after).ok()?)?;
    spent.checked_sub(i128::try_from(fee?).ok()?)
}

fn deposit_text(deposit: i128) -> Option<String> {
    let amount = render::amount(deposit.unsigned_abs());
    match deposit {
        0 => None,
        1.. => Some(format!("deposit {amount}")),
        _ => Some(format!("deposit {amount} given back")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposits_are_what_the_fee_does_not_explain() {
        assert_eq!(deposit(100, 60, Some(10)), Some(30));
        assert_eq!(deposit(100, 95, Some(10)), Some(-5));
        assert_eq!(deposit(100, 60, None), None);
        assert_eq!(deposit(u128::MAX, 0, Some(0)), None);
        assert_eq!(deposit_text(0), None);
        assert_eq!(deposit_text(-5_000_000_000_000).as_deref(), Some("deposit 5 UNIT given back"));
    }
}
