//! What a verifier asks the chain: of each device once, and of what it knows nothing.

use futures::future::join_all;
use marque_e2e_tests::{Backend, access::id};
use marque_sdk::{Account, Chain, Verifier, VerifierConfig, VerifierError, primitives::Operation};

use crate::watched::{Watched, soon};

/// The selector of the registry's message `device`.
const DEVICE: &str = "8912f070";
const AT_ONCE: usize = 50;

async fn tell(backend: &Backend) {
    let watched = Watched::begin(backend.url()).await;
    let vehicles = join_all((0..3).map(|_| watched.scene.vehicle())).await;
    let unknown = Account::generate();
    let mut presented = Vec::new();
    for vehicle in vehicles {
        presented.push(watched.token_of(vehicle).await);
    }
    let reads = |vehicle: &Account| watched.line.asked(&format!("{DEVICE}{}", hex::encode(id(vehicle).0)));

    // Registered before their eyes: nothing is read of them.
    watched.catch_up().await;
    for presented in &presented {
        assert_eq!(watched.ask(presented).await, Ok(()));
        assert_eq!(reads(&presented.vehicle), 0);
    }

    // Seen by one that begins now: each is read once, however many ask at once, and no more after that.
    let later = Chain::connect(watched.line.url()).await.unwrap();
    let mut config = VerifierConfig::default();
    config.replay_blocks = 0;
    let access = watched.scene.seen_over(&later).await;
    let watched = Watched { verifier: Verifier::start(&access, config).await.unwrap(), ..watched };
    let reads = |vehicle: &Account| watched.line.asked(&format!("{DEVICE}{}", hex::encode(id(vehicle).0)));
    for presented in &presented {
        assert!(matches!(watched.look(presented), Err(VerifierError::Miss)));
        let answers = join_all((0..AT_ONCE).map(|_| watched.ask(presented))).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(watched.ask(presented).await, Ok(()));
        assert_eq!(reads(&presented.vehicle), 1);
    }
    let before = watched.line.asked("state_call");
    for presented in &presented {
        assert_eq!(watched.look(presented).map_err(|error| error.to_string()), Ok(()));
    }
    assert_eq!(watched.line.asked("state_call"), before, "what is known costs no network");

    // Nor does a change of what is known, or a device that is not there, once that is known.
    let receipt = watched.scene.on_vehicle(&presented[0].vehicle, Operation::Suspend).await;
    soon(watched.verifier.wait_for(receipt.block.number)).await.unwrap();
    let forged = watched.token_of(unknown).await;
    for _ in 0..3 {
        assert!(watched.ask(&presented[0]).await.is_err());
        assert!(watched.ask(&forged).await.is_err());
    }
    assert_eq!((reads(&presented[0].vehicle), reads(&forged.vehicle)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_read_once_on_the_embedded_chain() {
    let backend = Backend::embedded().await;
    tell(&backend).await;
    backend.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_read_once_on_a_node() {
    let backend = Backend::node().await;
    tell(&backend).await;
    backend.stop().await;
}
