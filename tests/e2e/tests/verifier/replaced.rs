//! The chain behind an address ends, and this one or another begins there: the verifier goes on, or ends and vouches for nothing any more.

use std::{
    net::{Ipv4Addr, SocketAddr, SocketAddrV4},
    path::Path,
    time::Duration,
};

use marque_devnet::{Config, Devnet};
use marque_sdk::{
    Account, Chain, Signer,
    primitives::{Operation, token::VerifyError},
};

use crate::watched::{Watched, soon};

const ANY_PORT: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

async fn devnet(listen: SocketAddr, data_dir: Option<&Path>) -> Devnet {
    let data_dir = data_dir.map(Path::to_owned);
    Devnet::start(Config { listen, data_dir, idle_max: Duration::ZERO, ..Config::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_of_a_chain_that_was_replaced_ends() {
    for more in [-3, 0, 5] {
        let devnet = self::devnet(ANY_PORT, None).await;
        let watched = Watched::begin(&devnet.url()).await;
        let presented = watched.present().await;
        let (address, height) = (devnet.address(), devnet.finalized());
        watched.line.cut();
        devnet.stop().await.unwrap();

        let other = self::devnet(address, None).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_of_a_chain_that_comes_back_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let devnet = devnet(ANY_PORT, Some(data.path())).await;
    let watched = Watched::begin(&devnet.url()).await;
    let (stays, suspended) = (watched.present().await, watched.present().await);
    let address = devnet.address();
    devnet.stop().await.unwrap();
    let devnet = self::devnet(address, Some(data.path())).await;
    let receipt = watched.scene.on_vehicle(&suspended.vehicle, Operation::Suspend).await;
    soon(watched.verifier.wait_for(receipt.block.number)).await.unwrap();
    assert_eq!(watched.ask(&stays).await, Ok(()));
    assert_eq!(watched.ask(&suspended).await, Err(VerifyError::DeviceSuspended));
    devnet.stop().await.unwrap();
}
