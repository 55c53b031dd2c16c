//! Whatever happens on the chain, in whatever order answers come, and however little a view may keep: what it says is what the chain
//! would say at its block.

use marque_primitives::{
    AccountId,
    token::{self, SignedToken, Standing, VerifyError},
};
use proptest::{collection::vec, prelude::*, sample::Index, strategy::ValueTree, test_runner::TestRunner};

use super::{
    super::{Answer, Check, Limits, Question, Unverified, View},
    LIMITS, SKEW_MS, account, at,
    chain::{Act, Chain, Sample},
    requirement,
};

#[derive(Clone, Debug)]
enum Step {
    /// A block, so many seconds after the last.
    Block(u64, Vec<Act>),
    /// Somebody shows a token, and what is missing begins to be asked for.
    Show(Index),
    /// One of the questions is answered, as of the block that it was asked at.
    Answer(Index),
    Withdraw(Index),
    /// All that is missing of a token is asked for and answered, before anything else happens.
    Settle(Index),
}

fn device() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(1u8), 2 => 2u8..6]
}

fn issuer() -> impl Strategy<Value = u32> {
    prop_oneof![3 => Just(0u32), 2 => 1u32..3]
}

/// What ends a device or an authorization server is rare: nothing can be found out about them then.
fn act() -> impl Strategy<Value = Act> {
    let device_acts = prop_oneof![
        8 => device().prop_map(Act::Register),
        3 => (device(), prop::bool::weighted(0.7)).prop_map(|(device, is_for_it)| Act::AddKey(device, is_for_it)),
        3 => device().prop_map(Act::RotateKey),
        2 => device().prop_map(Act::RevokeKey),
        2 => device().prop_map(Act::Suspend),
        6 => device().prop_map(Act::Resume),
        1 => device().prop_map(Act::Bump),
        2 => device().prop_map(Act::SetService),
        1 => (2u8..6).prop_map(Act::RevokeDevice),
    ];
    let issuer_acts = prop_oneof![
        4 => Just(Act::RegisterIssuer),
        2 => issuer().prop_map(Act::AddIssuerKey),
        2 => issuer().prop_map(Act::RotateIssuerKey),
        1 => issuer().prop_map(Act::RevokeIssuerKey),
        1 => issuer().prop_map(Act::Deactivate),
        6 => issuer().prop_map(Act::Reactivate),
        6 => (issuer(), issuer()).prop_map(|(by, of)| Act::SetTrust(by, of)),
        3 => (issuer(), issuer()).prop_map(|(by, of)| Act::RemoveTrust(by, of)),
    ];
    let token_acts = prop_oneof![
        3 => (0usize..64).prop_map(Act::RevokeToken),
        2 => (0usize..64).prop_map(Act::Reclaim),
        2 => (issuer(), device(), any::<bool>())
            .prop_map(|(issuer, device, is_ahead)| Act::RevokeBefore(issuer, device, is_ahead)),
    ];
    prop_oneof![3 => device_acts, 2 => issuer_acts, 2 => token_acts]
}

fn block() -> impl Strategy<Value = Step> {
    let after_s = prop_oneof![8 => Just(0u64), 16 => Just(6), 8 => Just(600), 1 => Just(10_000), 1 => Just(50_000)];
    (after_s, vec(act(), 0..4)).prop_map(|(after_s, acts)| Step::Block(after_s, acts))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => block(),
        2 => any::<Index>().prop_map(Step::Show),
        2 => any::<Index>().prop_map(Step::Answer),
        1 => any::<Index>().prop_map(Step::Withdraw),
        4 => any::<Index>().prop_map(Step::Settle),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    // Most are for the first device, by the first authorization server: else little would ever be good.
    let key = prop_oneof![6 => Just(0u32), 1 => 1u32..3];
    let epoch = prop_oneof![2 => Just(0u32), 3 => 1u32..4];
    let issued_s = prop_oneof![3 => 0u64..60, 1 => 60u64..2000, 1 => 0u64..100_000];
    let lives_s = prop_oneof![1 => Just(600u64), 3 => Just(86_400), 1 => 1u64..90_000];
    (device(), issuer(), key, epoch, issued_s, lives_s, prop::bool::weighted(0.95)).prop_map(
        |(device, issuer, key, epoch, issued_s, lives_s, is_signed)| Sample {
            device,
            issuer,
            key,
            epoch,
            issued_s,
            lives_s,
            is_signed,
        },
    )
}

/// A view that follows a chain, and questions that are on their way.
struct World {
    chain: Chain,
    view: View,
    tokens: Vec<(SignedToken, Option<AccountId>)>,
    asked: Vec<(Question, Answer)>,
    verified: usize,
}

impl World {
    /// A view that begins in one of the blocks before, and follows the others.
    fn begin(Past { samples, before, origin }: &Past, limits: Limits) -> Self {
        let tokens: Vec<SignedToken> =
            samples.iter().enumerate().map(|(number, sample)| sample.token(number)).collect();
        let mut chain = Chain::new(tokens.clone());
        for (after_s, acts) in before {
            chain.make_block(*after_s, acts);
        }
        let first = origin.index(chain.blocks.len());
        let origin = chain.origin(first);
        let mut view = View::begin(origin, at(origin.time_ms), limits);
        for block in &chain.blocks[first + 1..] {
            view.apply(&block.changes).unwrap();
        }
        let presenters = samples.iter().enumerate().map(|(number, sample)| match number % 4 {
            0 => None,
            key => Some(account(sample.device, key as u32 - 1)),
        });
        let tokens = tokens.into_iter().zip(presenters).collect();
        Self { chain, view, tokens, asked: Vec::new(), verified: 0 }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Block(after_s, acts) => {
                self.chain.make_block(after_s, &acts);
                self.view.apply(&self.chain.head().changes).unwrap();
            }
            Step::Show(which) => {
                if let Err(Unverified::Missing(questions)) = self.check(which.index(self.tokens.len())) {
                    for question in questions {
                        self.ask(question);
                    }
                }
            }
            Step::Answer(which) if !self.asked.is_empty() => {
                let (question, answer) = self.asked.remove(which.index(self.asked.len()));
                self.view.answer(&question, answer);
            }
            Step::Withdraw(which) if !self.asked.is_empty() => {
                let (question, _) = self.asked.remove(which.index(self.asked.len()));
                self.view.withdraw(&question);
            }
            Step::Answer(_) | Step::Withdraw(_) => {}
            Step::Settle(which) => {
                self.settle(which.index(self.tokens.len()));
            }
        }
    }

    /// Asks the chain, unless it is being asked.
    fn ask(&mut self, question: Question) {
        if self.asked.iter().any(|(other, _)| *other == question) {
            return;
        }
        let block = self.view.ask(question);
        assert_eq!(block, self.chain.head().changes.block);
        self.asked.push((question, self.chain.head().state.answer(&question)));
    }

    /// Verifies a token, and checks that the chain would say the same, if the view says something.
    fn check(&mut self, number: usize) -> Result<Standing, Unverified> {
        let head = self.chain.head();
        let now = at(head.changes.time_ms + (number as u64 % 3) * 10_000);
        let (token, presenter) = &self.tokens[number];
        let requirement = requirement();
        let presenter = presenter.as_ref();
        let found = self.view.verify(Check { token, requirement: &requirement, presenter }, &now);
        let expected = token::verify(&head.state, token, &requirement, presenter, now.wall_ms, SKEW_MS);
        self.verified += usize::from(found.is_ok());
        match &found {
            Err(Unverified::Missing(questions)) => {
                assert!(!questions.is_empty());
                let is_of_issuers = |question| matches!(question, Question::Issuer(_) | Question::Trust { .. });
                let is_forged = expected == Err(VerifyError::InvalidSignature);
                assert!(!is_forged || questions.iter().copied().all(is_of_issuers), "a forged token has devices read");
            }
            Err(Unverified::Refused(error)) => assert_eq!(Err(*error), expected),
            Err(Unverified::Unfit(unfit)) => panic!("{unfit}"),
            Ok(standing) => {
                assert_eq!(Ok(standing), expected.as_ref());
                let later = token::ensure_standing(&head.state, standing, &requirement, now.wall_ms, SKEW_MS);
                assert_eq!(self.view.check(standing, &requirement, &now), later.map_err(Unverified::Refused));
            }
        }
        found
    }

    fn check_all(&mut self) {
        let alone: Vec<_> = (0..self.tokens.len()).map(|number| self.check(number)).collect();
        for offset in 0..3 {
            let now = at(self.chain.head().changes.time_ms + offset * 10_000);
            let requirement = requirement();
            let checks: Vec<Check<'_>> = self
                .tokens
                .iter()
                .map(|(token, presenter)| Check { token, requirement: &requirement, presenter: presenter.as_ref() })
                .collect();
            let together = self.view.verify_many(&checks, &now);
            let of_this_time = |number: &usize| *number as u64 % 3 == offset;
            for number in (0..self.tokens.len()).filter(of_this_time) {
                assert_eq!(together[number], alone[number], "one by one and together");
            }
        }
    }

    /// Has all that is missing of a token answered at once; whether nothing is missing then.
    fn settle(&mut self, number: usize) -> bool {
        for _ in 0..8 {
            let Err(Unverified::Missing(questions)) = self.check(number) else { return true };
            for question in questions {
                self.asked.retain(|(other, _)| *other != question);
                self.view.ask(question);
                let answer = self.chain.head().state.answer(&question);
                assert!(self.view.answer(&question, answer));
            }
        }
        false
    }
}

/// What was before the view began, and the tokens.
#[derive(Clone, Debug)]
struct Past {
    samples: Vec<Sample>,
    before: Vec<(u64, Vec<Act>)>,
    origin: Index,
}

fn past() -> impl Strategy<Value = Past> {
    let blocks = vec((prop_oneof![3 => Just(6u64), 1 => Just(20_000)], vec(act(), 0..4)), 0..6);
    (vec(sample(), 1..9), blocks, any::<Index>()).prop_map(|(samples, blocks, origin)| {
        let first = [Act::RegisterIssuer, Act::RegisterIssuer, Act::SetTrust(0, 1), Act::Register(1), Act::Register(2)];
        let before = [vec![(6, first.to_vec())], blocks].concat();
        Past { samples, before, origin }
    })
}

/// Returns how often a token was found to be good.
fn run(past: &Past, steps: Vec<Step>, limits: Limits) -> usize {
    let mut world = World::begin(past, limits);
    for step in steps {
        world.take(step);
        world.check_all();
    }
    if limits == LIMITS {
        for number in 0..past.samples.len() {
            assert!(world.settle(number), "there is always something missing");
        }
    }
    world.verified
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_view_says_what_the_chain_says(past in past(), steps in vec(step(), 0..60)) {
        run(&past, steps, LIMITS);
    }

    #[test]
    fn a_view_that_may_keep_next_to_nothing_says_what_the_chain_says(
        past in past(),
        steps in vec(step(), 0..60),
        devices_max in 1usize..5,
        tokens_max in 1usize..3,
    ) {
        run(&past, steps, Limits { devices_max, tokens_max, ..LIMITS });
    }
}

#[test]
fn the_generated_tokens_are_good_now_and_then() {
    let mut runner = TestRunner::deterministic();
    let mut verified = 0;
    for _ in 0..48 {
        let (past, steps) = (past(), vec(step(), 0..60)).new_tree(&mut runner).unwrap().current();
        verified += run(&past, steps, LIMITS);
    }
    assert!(verified > 150, "only {verified} were: the properties say little");
}
