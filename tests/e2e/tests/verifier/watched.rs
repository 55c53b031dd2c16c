//! A verifier with a clock of its own, which sees the chain over a line.

use std::{sync::Arc, time::Duration};

use marque_e2e_tests::{Line, ShiftedClock, access::Scene};
use marque_sdk::{
    Account, Chain, ChainConfig, Signer, Verifier, VerifierConfig, VerifierError,
    primitives::token::{SignedToken, VerifyError},
};

/// How old the verifiers' views may be.
pub const AGE_MAX: Duration = Duration::from_secs(60);
/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A scene, and a verifier that sees it over a line.
pub struct Watched {
    pub scene: Scene,
    pub line: Line,
    pub clock: Arc<ShiftedClock>,
    pub verifier: Verifier,
}

/// A token and who presents it.
pub struct Presented {
    pub token: SignedToken,
    pub vehicle: Account,
}

impl Watched {
    /// A verifier that begins at the chain's head: what was before it has to read.
    pub async fn begin(url: &str) -> Self {
        let scene = Scene::begin(&Chain::connect(url).await.unwrap()).await;
        let (line, clock) = (Line::to(url).await, Arc::<ShiftedClock>::default());
        let mut config = ChainConfig::default();
        // It is heard of new blocks at once, unless the line is bad.
        config.poll_interval = Duration::from_millis(100);
        config.request_timeout = Duration::from_secs(2);
        let access = scene.seen_over(&Chain::connect_with(line.url(), config).await.unwrap()).await;
        let mut config = VerifierConfig::default();
        config.age_max = AGE_MAX;
        config.replay_blocks = 0;
        config.clock = clock.clone();
        let verifier = Verifier::start(&access, config).await.unwrap();
        Self { scene, line, clock, verifier }
    }

    /// A new vehicle with a good token, which the verifier has seen to be good.
    pub async fn present(&self) -> Presented {
        let vehicle = self.scene.vehicle().await;
        let presented = self.token_of(vehicle).await;
        self.catch_up().await;
        assert_eq!(self.ask(&presented).await, Ok(()));
        presented
    }

    /// Waits until the verifier has come to the head.
    pub async fn catch_up(&self) {
        let head = self.scene.chain().finalized().await.unwrap();
        soon(self.verifier.wait_for(head.number)).await.unwrap();
    }

    /// A good token of a vehicle.
    pub async fn token_of(&self, vehicle: Account) -> Presented {
        let token = SignedToken::from_cwt(&self.scene.token(&vehicle).await).unwrap();
        Presented { token, vehicle }
    }

    /// What the verifier says, with what it has to read.
    pub async fn ask(&self, presented: &Presented) -> Result<(), VerifyError> {
        let presenter = presented.vehicle.account();
        let verified = self.verifier.verify(&presented.token, &self.scene.requirement(), Some(&presenter)).await;
        verified.map(|_| ()).map_err(|error| error.refusal().unwrap_or_else(|| panic!("{error}")))
    }

    /// What it says from memory.
    pub fn look(&self, presented: &Presented) -> Result<(), VerifierError> {
        let presenter = presented.vehicle.account();
        let verified = self.verifier.verify_cached(&presented.token, &self.scene.requirement(), Some(&presenter));
        verified.map(|_| ())
    }

    /// Makes a block.
    pub async fn block(&self) -> u32 {
        let bob = Account::from_uri("//Bob").unwrap().account();
        self.scene.chain().transfer(&self.scene.alice, &bob, 1_000_000_000_000).await.unwrap().block.number
    }
}

/// Waits, but not for ever.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it does not take for ever")
}
