//! The chain behind an address ends, and another begins there: the verifier ends, and vouches for nothing any more.

use std::{net::SocketAddr, time::Duration};

use marque_devnet::{Config, Devnet};
use marque_sdk::{Account, Chain, Signer};

use crate::watched::{Watched, soon};

async fn devnet(listen: SocketAddr) -> Devnet {
    Devnet::start(Config { listen, idle_max: Duration::ZERO, ..Config::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_of_a_chain_that_was_replaced_ends() {
    for more in [-3, 0, 5] {
        let devnet = self::devnet(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let watched = Watched::begin(&devnet.url()).await;
        let presented = watched.present().await;
        let (address, height) = (devnet.address(), devnet.finalized());
        watched.line.cut();
        devnet.stop().await.unwrap();

        let other = self::devnet(address).await;
        let chain = Chain::connect(&other.url()).await.unwrap();
        let (alice, bob) = (Account::from_uri("//Alice").unwrap(), Account::from_uri("//Bob").unwrap());
        for _ in 0..height.saturating_add_signed(more) {
            chain.transfer(&alice, &bob.account(), 1_000_000_000_000).await.unwrap();
        }
        watched.line.mend();
        let ended = soon(watched.verifier.wait_for(u32::MAX)).await.unwrap_err();
        assert!(ended.is_ended(), "{ended}");
        let nothing = watched.look(&presented).unwrap_err();
        assert!(nothing.is_ended(), "{more} blocks more: {nothing}");
        let presenter = presented.vehicle.account();
        let read = watched.verifier.verify(&presented.token, &watched.scene.requirement(), Some(&presenter)).await;
        assert!(read.unwrap_err().is_ended());
        assert!(watched.verifier.view().unwrap_err().is_ended());
        other.stop().await.unwrap();
    }
}
