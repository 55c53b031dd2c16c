//! Scopes, roles and grants.

use marque_charging::SCOPE;
use marque_e2e_tests::access::{HOUR_MS, MINUTE_MS, Scene, id};
use marque_sdk::primitives::{
    Operation,
    access::{AccessError, AccessOperation, Grant, Grantee, Right, Sensitivity},
};

const ROLE: &str = "fleet-vehicle";

pub async fn what_is_granted_is_the_ceiling(scene: &Scene) {
    let Scene { access, alice, issuer, .. } = scene;
    let define = |name: &str| AccessOperation::DefineScope {
        name: name.into(),
        description: [1; 32],
        sensitivity: Sensitivity::Medium,
    };
    let refused = access.execute(alice, *issuer, define("charge:all")).await.unwrap_err();
    assert_eq!(refused.access_refusal(), Some(AccessError::InvalidScopeName), "{refused}");
    scene.on_issuer(define(SCOPE)).await;
    assert_eq!(access.scope(*issuer, SCOPE).await.unwrap().map(|scope| scope.is_retired), Some(false));
    scene.on_issuer(AccessOperation::SetRole { name: ROLE.into(), scopes: vec![SCOPE.into()] }).await;

    let vehicle = scene.vehicle().await;
    let device = id(&vehicle);
    let before = access.entitlements(*issuer, device).await.unwrap().unwrap();
    assert_eq!((before.is_active, before.epoch, before.scopes.len()), (true, Some(0), 0));
    let (right, until_ms) = (Right::Role(ROLE.into()), scene.now_ms().await + HOUR_MS);
    let grantee = Grantee::Device(device);
    scene.on_issuer(AccessOperation::Grant { grantee, right: right.clone(), until_ms }).await;
    assert_eq!(access.grants(*issuer, grantee).await.unwrap(), [Grant { right: right.clone(), until_ms }]);
    let granted = access.entitlements(*issuer, device).await.unwrap().unwrap();
    assert_eq!((&granted.scopes[0].scope[..], granted.scopes[0].until_ms), (SCOPE, until_ms));

    scene.on_vehicle(&vehicle, Operation::Suspend).await;
    assert!(!access.entitlements(*issuer, device).await.unwrap().unwrap().is_active);
    scene.on_issuer(AccessOperation::Withdraw { grantee, right }).await;
    assert_eq!(access.entitlements(*issuer, device).await.unwrap().unwrap().scopes, []);
    let past = scene.now_ms().await - MINUTE_MS;
    let late = AccessOperation::Grant { grantee, right: Right::Scope(SCOPE.into()), until_ms: past };
    let refused = access.execute(alice, *issuer, late).await.unwrap_err();
    assert_eq!(refused.access_refusal(), Some(AccessError::InvalidExpiry), "{refused}");
}
