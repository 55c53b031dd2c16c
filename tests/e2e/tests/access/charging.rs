//! A vehicle presents its token to a station, and charges.

use futures::future::join_all;
use marque_charging::{Balance, EndReason, Error, SessionId, Settlement, Station, StationAttachError, Terms};
use marque_e2e_tests::access::{AUDIENCE, HOUR_MS, SR25519, Scene, id};
use marque_sdk::{
    Account, At, Signer,
    primitives::{
        Operation,
        access::AccessOperation,
        blake2b_256,
        token::{Claims, VerifyError},
    },
};

/// What a Wh costs: so much that a little of it can be seen.
const PRICE: Balance = 1_000_000_000;
/// For 100 Wh.
const DEPOSIT: Balance = 100 * PRICE;
/// As much as any station may give, so that a little flows in the time between two blocks.
const POWER_MAX_W: u32 = 10_000_000;
const ENERGY_WH: u64 = 10;
const CONNECTOR: u8 = 1;

/// A station with those who run it.
struct Place<'scene> {
    scene: &'scene Scene,
    station: Station,
    operator: Account,
    meter: Account,
}

pub async fn a_vehicle_charges(scene: &Scene) {
    let place = Place::open(scene).await;
    place.what_is_no_such_station_is_not_attached_to().await;
    let vehicle = scene.vehicle().await;
    scene.fund(&vehicle.account()).await;
    place.refuses(&vehicle).await;
    place.settles_by_the_meter(&vehicle).await;
    place.ends_when_the_vehicle_is_suspended(&vehicle).await;
    place.ends_for_anybody_when_the_vehicle_is_revoked(&vehicle).await;
}

impl<'scene> Place<'scene> {
    async fn open(scene: &'scene Scene) -> Self {
        let (operator, meter) = (Account::generate(), Account::generate());
        join_all([&operator, &meter].map(|account| async { scene.fund(&account.account()).await })).await;
        let terms = Terms {
            operator: operator.account(),
            meter: meter.account(),
            connectors: 2,
            price_per_wh: PRICE,
            power_max_w: POWER_MAX_W,
            session_max_ms: HOUR_MS,
        };
        let unpaid = Terms { price_per_wh: 0, ..terms.clone() };
        let refused = Station::deploy(&scene.access, &scene.alice, scene.issuer, AUDIENCE, &unpaid).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(Error::InvalidTerms), "{refused}");
        let deployed = Station::deploy(&scene.access, &scene.alice, scene.issuer, AUDIENCE, &terms).await;
        let (station, _) = deployed.unwrap();
        assert_eq!(station.info().await.unwrap().terms, terms);
        Self { scene, station, operator, meter }
    }

    async fn what_is_no_such_station_is_not_attached_to(&self) {
        let access = &self.scene.access;
        assert!(Station::attach(access, self.station.contract()).await.is_ok());
        let nobody = Station::attach(access, self.meter.account()).await;
        assert!(matches!(nobody, Err(StationAttachError::NoContract { .. })), "{nobody:?}");
        let other = Station::attach(access, access.contract()).await;
        assert!(matches!(other, Err(StationAttachError::WrongCode { .. })), "{other:?}");
        let another = marque_sdk::Access::deploy(access.registry(), &self.scene.alice).await.unwrap();
        let elsewhere = Station::attach(&another, self.station.contract()).await;
        assert!(matches!(elsewhere, Err(StationAttachError::WrongAccess { .. })), "{elsewhere:?}");
    }

    async fn start(&self, vehicle: &Account, token: &[u8]) -> Result<SessionId, Error> {
        let started = self.station.start(vehicle, CONNECTOR, PRICE, DEPOSIT, token).await;
        match started {
            Ok((id, _)) => Ok(id),
            Err(error) => Err(error.refusal().unwrap_or_else(|| panic!("{error}"))),
        }
    }

    /// Each with a reason of its own, and nothing paid.
    async fn refuses(&self, vehicle: &Account) {
        let Self { scene, station, operator, .. } = self;
        let claims = scene.claims(vehicle).await;
        let token = scene.issue_with(&claims, SR25519);
        let before = self.free(vehicle).await;
        let elsewhere = scene.issue(&Claims { audience: vec!["station-2".into()], ..claims.clone() });
        let unscoped = scene.issue(&Claims { scopes: vec!["charge:stop".into()], ..claims.clone() });
        let late = Claims { issued_s: claims.issued_s - 1800, expires_s: claims.issued_s - 900, ..claims.clone() };
        let lost = Claims { token_id: "lost".into(), ..claims.clone() };
        let expires_ms = lost.expires_ms();
        scene.on_issuer(AccessOperation::RevokeToken { token: blake2b_256(b"lost"), expires_ms }).await;
        for (token, reason) in [
            (&elsewhere[..], VerifyError::WrongAudience),
            (&unscoped, VerifyError::MissingScope),
            (&scene.issue(&late), VerifyError::Expired),
            (&scene.issue(&lost), VerifyError::TokenRevoked),
            (&token[1..], VerifyError::Malformed),
            (&[0; 4096], VerifyError::Malformed),
        ] {
            let refused = station.start(vehicle, CONNECTOR, PRICE, DEPOSIT, token).await.unwrap_err();
            assert_eq!(refused.token_refusal(), Some(reason), "{refused}");
        }
        assert_eq!(self.free(vehicle).await, before, "who is refused has paid nothing");
        let stolen = station.start(operator, CONNECTOR, PRICE, DEPOSIT, &token).await.unwrap_err();
        assert_eq!(stolen.token_refusal(), Some(VerifyError::PresenterIsNotSubject), "{stolen}");
        let dear = station.start(vehicle, CONNECTOR, PRICE - 1, DEPOSIT, &token).await.unwrap_err();
        assert_eq!(dear.refusal(), Some(Error::PriceTooHigh), "{dear}");
        let free = station.start(vehicle, CONNECTOR, PRICE, 0, &token).await.unwrap_err();
        assert_eq!(free.refusal(), Some(Error::NoDeposit), "{free}");
        let nowhere = station.start(vehicle, 9, PRICE, DEPOSIT, &token).await.unwrap_err();
        assert_eq!(nowhere.refusal(), Some(Error::ConnectorNotFound), "{nowhere}");
    }

    async fn settles_by_the_meter(&self, vehicle: &Account) {
        let Self { scene, station, operator, meter } = self;
        let token = scene.token(vehicle).await;
        let id = self.start(vehicle, &token).await.unwrap();
        assert_eq!(station.session(CONNECTOR).await.unwrap().map(|session| session.deposit), Some(DEPOSIT));
        assert_eq!(self.start(vehicle, &token).await, Err(Error::ConnectorBusy));
        let forged = station.meter(vehicle, id, ENERGY_WH).await.unwrap_err();
        assert_eq!(forged.refusal(), Some(Error::NotAuthorized), "{forged}");
        // The chain's time goes on with its blocks: in the block of its start no energy can have flowed.
        let at_once = station.meter(meter, id, ENERGY_WH).await.unwrap_err();
        assert_eq!(at_once.refusal(), Some(Error::EnergyExceedsPower), "{at_once}");
        scene.fund(&meter.account()).await;
        let (ended, _) = station.meter(meter, id, ENERGY_WH).await.unwrap();
        assert_eq!(ended, None);
        let backwards = station.meter(meter, id, ENERGY_WH - 1).await.unwrap_err();
        assert_eq!(backwards.refusal(), Some(Error::EnergyDecreased), "{backwards}");
        let impossible = station.meter(meter, id, u64::MAX).await.unwrap_err();
        assert_eq!(impossible.refusal(), Some(Error::EnergyExceedsPower), "{impossible}");

        let before = self.free(operator).await;
        let (ended, _) = station.stop(vehicle, id).await.unwrap();
        let (cost, rest) = (Balance::from(ENERGY_WH) * PRICE, DEPOSIT - Balance::from(ENERGY_WH) * PRICE);
        let paid = Settlement { energy_wh: ENERGY_WH, cost, rest, paid_to_operator: cost, paid_to_vehicle: rest };
        assert_eq!((ended.reason, ended.settlement), (EndReason::StoppedByVehicle, paid));
        assert_eq!(self.free(operator).await - before, cost);
        assert_eq!(station.session(CONNECTOR).await.unwrap(), None);
        let again = station.stop(vehicle, id).await.unwrap_err();
        assert_eq!(again.refusal(), Some(Error::SessionNotFound), "{again}");
        let nothing = station.withdraw(vehicle, &vehicle.account()).await.unwrap_err();
        assert_eq!(nothing.refusal(), Some(Error::NothingOwed), "{nothing}");
    }

    async fn ends_when_the_vehicle_is_suspended(&self, vehicle: &Account) {
        let Self { scene, station, meter, .. } = self;
        let token = scene.token(vehicle).await;
        let id = self.start(vehicle, &token).await.unwrap();
        let (goes_on, _) = station.recheck(meter, id).await.unwrap();
        assert_eq!(goes_on, None, "its token is good");
        scene.on_vehicle(vehicle, Operation::Suspend).await;
        let (ended, _) = station.meter(meter, id, ENERGY_WH).await.unwrap();
        let ended = ended.expect("it ends");
        assert_eq!(ended.reason, EndReason::TokenRefused(VerifyError::DeviceSuspended));
        assert_eq!((ended.settlement.energy_wh, ended.settlement.paid_to_vehicle), (0, DEPOSIT));
        scene.on_vehicle(vehicle, Operation::Resume).await;
        let stale = station.start(vehicle, CONNECTOR, PRICE, DEPOSIT, &token).await.unwrap_err();
        assert_eq!(stale.token_refusal(), Some(VerifyError::StaleEpoch), "{stale}");
        let (amount, _) = station.withdraw(vehicle, &vehicle.account()).await.unwrap();
        assert_eq!(amount, 0, "its account there is closed, for the deposit that it paid for it");
    }

    async fn ends_for_anybody_when_the_vehicle_is_revoked(&self, vehicle: &Account) {
        let Self { scene, station, .. } = self;
        let claims = Claims { epoch: self.epoch(vehicle).await, ..scene.claims(vehicle).await };
        let id = self.start(vehicle, &scene.issue(&claims)).await.unwrap();
        scene.on_vehicle(vehicle, Operation::Revoke).await;
        let (ended, _) = station.recheck(&scene.alice, id).await.unwrap();
        assert_eq!(ended.map(|ended| ended.reason), Some(EndReason::TokenRefused(VerifyError::DeviceRevoked)));
        assert_eq!(station.owed(&vehicle.account()).await.unwrap(), 0, "it has its money back");
    }

    async fn epoch(&self, vehicle: &Account) -> u32 {
        self.scene.registry().status(id(vehicle)).await.unwrap().expect("it is registered").epoch
    }

    async fn free(&self, account: &Account) -> Balance {
        self.scene.chain().balance(&account.account(), At::Finalized).await.unwrap().free
    }
}
