//! What is read from the chain, by whom, and how often: with a chain that answers when it is told to.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::{FutureExt, future::BoxFuture, future::join_all};
use marque_primitives::token::{SignedToken, Standing, VerifyError};
use tokio::sync::Semaphore;

use super::{
    Answer, Check, Clock, Contradiction, Moment, Question, Unverified, VerifierConfig, VerifierError, View,
    reads::Source,
    shell::Shell,
    view::tests::{
        LIMITS, SAMPLE, at, begin,
        chain::{Act, Chain, Sample},
        device_id, requirement,
    },
};
use crate::chain::{BlockRef, CallError, ChainError};

/// A clock that stands still.
#[derive(Debug)]
struct Still(Moment);

impl Clock for Still {
    fn now(&self) -> Moment {
        self.0
    }
}

/// A chain that gives so many answers as there are permits.
struct Node {
    chain: Mutex<Chain>,
    permits: Semaphore,
    asked: AtomicUsize,
    is_down: bool,
}

impl Source for Arc<Node> {
    fn answer(&self, question: Question, block: BlockRef) -> BoxFuture<'_, Result<Answer, CallError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        async move {
            self.permits.acquire().await.unwrap().forget();
            if self.is_down {
                return Err(ChainError::Disconnected { url: "ws://node.example".into() }.into());
            }
            let chain = self.chain.lock().unwrap();
            Ok(chain.blocks[block.number as usize].state.answer(&question))
        }
        .boxed()
    }
}

/// A node whose chain has devices 1 to 9, and a shell whose view knows none of them.
fn world(is_down: bool) -> (Arc<Node>, Arc<Shell>) {
    let (mut chain, mut view) = begin(super::Limits { devices_max: 1, ..LIMITS });
    chain.make_block(0, &(2..10).map(Act::Register).collect::<Vec<_>>());
    view.apply(&chain.head().changes).unwrap();
    let config =
        VerifierConfig { clock: Arc::new(Still(at(chain.head().changes.time_ms))), ..VerifierConfig::default() };
    let node =
        Arc::new(Node { chain: Mutex::new(chain), permits: Semaphore::new(0), asked: AtomicUsize::new(0), is_down });
    let shell = Arc::new(Shell::new(config, Box::new(node.clone()), view));
    (node, shell)
}

fn token(device: u8) -> SignedToken {
    Sample { device, ..SAMPLE }.token(device.into())
}

fn verify(shell: &Arc<Shell>, device: u8) -> impl Future<Output = Result<Standing, VerifierError>> + Send + use<> {
    let (shell, token) = (shell.clone(), token(device));
    async move {
        let requirement = requirement();
        let check = Check { token: &token, requirement: &requirement, presenter: None };
        shell.look_until_settled(|view, now| view.verify(check, now)).await
    }
}

/// Lets everything run that can.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn however_many_ask_for_a_device_it_is_read_once() {
    let (node, shell) = world(false);
    let all: Vec<_> = (0..100).map(|_| tokio::spawn(verify(&shell, 1))).collect();
    settle().await;
    assert_eq!(node.asked.load(Ordering::SeqCst), 1);
    node.permits.add_permits(1);
    for outcome in join_all(all).await {
        assert_eq!(outcome.unwrap().unwrap().device, device_id(1));
    }
    assert_eq!(node.asked.load(Ordering::SeqCst), 1, "and it is known from then on");
}

#[tokio::test]
async fn who_looked_before_a_read_ended_and_asks_after_it_reads_nothing() {
    let (node, shell) = world(false);
    node.permits.add_permits(2);
    verify(&shell, 1).await.unwrap();
    let (token, requirement, looks) = (token(1), requirement(), AtomicUsize::new(0));
    let check = Check { token: &token, requirement: &requirement, presenter: None };
    let look = |view: &View, now: &Moment| match looks.fetch_add(1, Ordering::SeqCst) {
        0 => Err(Unverified::Missing(vec![Question::Device(device_id(1))])),
        _ => view.verify(check, now),
    };
    shell.look_until_settled(look).await.unwrap();
    assert_eq!(node.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_a_block_has_overtaken_is_asked_for_again() {
    let (node, shell) = world(false);
    let outcome = tokio::spawn(verify(&shell, 1));
    settle().await;
    let revoked = {
        let mut chain = node.chain.lock().unwrap();
        chain.make_block(0, &[Act::RevokeDevice(1)]);
        chain.head().changes.clone()
    };
    shell.apply(&revoked).unwrap();
    node.permits.add_permits(2);
    let outcome = outcome.await.unwrap();
    assert!(matches!(outcome, Err(VerifierError::Refused(VerifyError::DeviceRevoked))), "{outcome:?}");
    assert_eq!(node.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_read_goes_on_when_who_asked_goes_away() {
    let (node, shell) = world(false);
    let outcome = tokio::spawn(verify(&shell, 1));
    settle().await;
    outcome.abort();
    assert!(outcome.await.unwrap_err().is_cancelled());
    node.permits.add_permits(1);
    settle().await;
    verify(&shell, 1).await.unwrap();
    assert_eq!(node.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_read_that_fails_says_so_to_all_who_wait_and_is_tried_again_by_the_next() {
    let (node, shell) = world(true);
    let all: Vec<_> = (0..10).map(|_| tokio::spawn(verify(&shell, 1))).collect();
    settle().await;
    node.permits.add_permits(2);
    for outcome in join_all(all).await {
        let error = outcome.unwrap().unwrap_err();
        assert!(error.is_unreachable() && matches!(error, VerifierError::Read(_)), "{error}");
    }
    assert_eq!(node.asked.load(Ordering::SeqCst), 1);
    assert!(verify(&shell, 1).await.is_err());
    assert_eq!(node.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_node_is_not_asked_for_everything_at_once() {
    let (node, shell) = world(false);
    let questions: Vec<Question> = (0..200).map(|device| Question::Device(device_id(device))).collect();
    let found = {
        let shell = shell.clone();
        let missing = move |_: &View, _: &Moment| Err::<(), _>(Unverified::Missing(questions.clone()));
        tokio::spawn(async move { join_all(shell.reads_for(missing)).await })
    };
    for _ in 0..20 {
        settle().await;
    }
    assert_eq!(node.asked.load(Ordering::SeqCst), super::reads::READS_MAX);
    node.permits.add_permits(200);
    assert!(found.await.unwrap().iter().all(Result::is_ok));
    assert_eq!(node.asked.load(Ordering::SeqCst), 200);
}

#[tokio::test]
async fn a_forged_token_has_nothing_read() {
    let (node, shell) = world(false);
    let forged = Sample { is_signed: false, ..SAMPLE }.token(0);
    let requirement = requirement();
    let check = Check { token: &forged, requirement: &requirement, presenter: None };
    let outcome = shell.look_until_settled(|view, now| view.verify(check, now)).await;
    assert!(matches!(outcome, Err(VerifierError::Refused(VerifyError::InvalidSignature))), "{outcome:?}");
    assert_eq!(node.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn after_its_end_nothing_is_said_and_nobody_waits_for_ever() {
    let (_, shell) = world(false);
    let waiting = {
        let shell = shell.clone();
        tokio::spawn(async move { shell.wait_until(|view, _| view.block().number > 100).await })
    };
    settle().await;
    shell.end(Contradiction::OtherBlock { number: 2 }.into());
    assert!(waiting.await.unwrap().unwrap_err().is_ended());
    assert!(verify(&shell, 1).await.unwrap_err().is_ended());
    assert!(shell.view().is_err_and(|error| error.is_ended()));
}
