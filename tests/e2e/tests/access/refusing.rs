//! Each reason for which a token is refused, given by the contract and by a verifier off chain.

use futures::join;
use marque_e2e_tests::access::{ED25519, HOUR_MS, ISSUER_URL, SR25519, Scene, issue, new_key, register_issuer};
use marque_sdk::{
    Account, Signer, Verifier, VerifierConfig,
    primitives::{
        AccountId, Operation, Scheme,
        access::AccessOperation,
        blake2b_256,
        token::{Claims, IssuerKeyRef, Requirement, SignedToken, VerifyError},
    },
};
use parity_scale_codec::Decode;

const HOUR_S: u64 = HOUR_MS / 1000;

/// A token as it is presented, and why it is refused; `None` if it is good.
struct Case {
    how: &'static str,
    expected: Option<VerifyError>,
    token: Vec<u8>,
    requirement: Requirement,
    presenter: AccountId,
}

pub async fn each_refusal_has_its_reason_on_chain_as_off_chain(scene: &Scene) {
    let mut cases = of_the_token(scene).await;
    cases.extend(of_the_issuer(scene).await);
    cases.extend(of_the_device(scene).await);
    let verifier = Verifier::start(&scene.access, VerifierConfig::default()).await.unwrap();
    for Case { how, expected, token, requirement, presenter } in &cases {
        let on_chain = scene.access.verify(token, requirement, presenter).await;
        let refusal =
            on_chain.as_ref().map_err(|error| error.token_refusal().unwrap_or_else(|| panic!("{how}: {error}")));
        assert_eq!(refusal.as_ref().err(), expected.as_ref(), "{how}, on chain");
        let off_chain = match SignedToken::from_cwt(token) {
            Ok(token) => verifier.verify(&token, requirement, Some(presenter)).await.map(|good| good.into_owned()),
            Err(error) => Err(marque_sdk::VerifierError::Refused(error)),
        };
        match (on_chain, off_chain) {
            (Ok(on_chain), Ok(off_chain)) => assert_eq!(on_chain, off_chain, "{how}"),
            (_, Err(error)) if error.refusal() == *expected => {}
            (_, off_chain) => panic!("{how}, off chain: {off_chain:?}"),
        }
    }
    let all = (0..=u8::MAX).map_while(|number| VerifyError::decode(&mut &[number][..]).ok());
    let missing: Vec<_> = all.filter(|error| cases.iter().all(|case| case.expected != Some(*error))).collect();
    // Off chain it does not exist, and on chain it takes a caller who pays too little: see `unavailable`.
    assert_eq!(missing, [VerifyError::Unavailable], "each reason is reached");
}

/// What is wrong with what a token says, and how it is presented.
async fn of_the_token(scene: &Scene) -> Vec<Case> {
    let vehicle = scene.vehicle().await;
    let claims = scene.claims(&vehicle).await;
    let good = scene.issue(&claims);
    let case = |how, expected: Option<VerifyError>, token: Vec<u8>| Case {
        how,
        expected,
        token,
        requirement: scene.requirement(),
        presenter: Signer::account(&vehicle),
    };
    let says = |how, expected, change: &dyn Fn(&mut Claims)| {
        let mut changed = claims.clone();
        change(&mut changed);
        case(how, Some(expected), scene.issue(&changed))
    };
    let with = |case: Case, change: &dyn Fn(&mut Requirement)| {
        let mut requirement = case.requirement.clone();
        change(&mut requirement);
        Case { requirement, ..case }
    };
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    vec![
        case("good, by the Ed25519 key", None, good.clone()),
        case("good, by the Sr25519 key", None, scene.issue_with(&claims, SR25519)),
        case("cut", Some(VerifyError::Malformed), good[..good.len() - 1].to_vec()),
        case("continued", Some(VerifyError::Malformed), [&good[..], &[0]].concat()),
        case("its signature altered", Some(VerifyError::InvalidSignature), forged),
        says("for 25 hours", VerifyError::LifetimeTooLong, &|claims| claims.expires_s = claims.issued_s + 25 * HOUR_S),
        says("of the last hour", VerifyError::Expired, &|claims| {
            claims.issued_s -= HOUR_S - 60;
            claims.expires_s -= HOUR_S - 60;
        }),
        says("for later", VerifyError::NotYetValid, &|claims| claims.not_before_s = Some(claims.issued_s + 300)),
        with(case("for another station", Some(VerifyError::WrongAudience), good.clone()), &|requirement| {
            requirement.audience = "station-2".into();
        }),
        with(case("for another scope", Some(VerifyError::MissingScope), good.clone()), &|requirement| {
            requirement.scopes.push("charge:stop".into());
        }),
        says("of another registry", VerifyError::DeviceUnknown, &|claims| claims.subject.registry.0[0] ^= 1),
        Case {
            presenter: Signer::account(&Account::generate()),
            ..case("stolen", Some(VerifyError::PresenterIsNotSubject), good)
        },
    ]
}

/// What is wrong with who issued it.
async fn of_the_issuer(scene: &Scene) -> Vec<Case> {
    let vehicle = scene.vehicle().await;
    let claims = scene.claims(&vehicle).await;
    let case = |how, expected, claims: &Claims, signed_by, key: &Account| Case {
        how,
        expected: Some(expected),
        token: issue(claims, signed_by, key),
        requirement: scene.requirement(),
        presenter: Signer::account(&vehicle),
    };
    let numbered = |key| IssuerKeyRef { issuer: scene.issuer, key };
    let (key, stranger) = (&scene.keys[ED25519 as usize], new_key(Scheme::Ed25519));
    let other_key = new_key(Scheme::Sr25519);
    let url = "https://other.example/default";
    let other = register_issuer(&scene.access, &scene.alice, url, std::slice::from_ref(&other_key)).await;
    let of_other = Claims { issuer: url.into(), ..claims.clone() };
    let early = Claims { issued_s: claims.issued_s - 2 * HOUR_S, ..claims.clone() };
    let deactivated = register_issuer(&scene.access, &scene.alice, ISSUER_URL, std::slice::from_ref(&stranger)).await;
    scene.access.execute(&scene.alice, deactivated, AccessOperation::Deactivate).await.unwrap();
    vec![
        case("of nobody", VerifyError::UnknownIssuer, &claims, IssuerKeyRef { issuer: 9_999, key: 0 }, &stranger),
        case("under another URL", VerifyError::UnknownIssuer, &of_other, numbered(ED25519), key),
        Case {
            requirement: Requirement { issuer: deactivated, ..scene.requirement() },
            ..case(
                "of a deactivated issuer",
                VerifyError::UnknownIssuer,
                &claims,
                IssuerKeyRef { issuer: deactivated, key: 0 },
                &stranger,
            )
        },
        case(
            "of another issuer",
            VerifyError::UntrustedIssuer,
            &of_other,
            IssuerKeyRef { issuer: other, key: 0 },
            &other_key,
        ),
        case("of a key that is not there", VerifyError::IssuerKeyNotValid, &claims, numbered(7), key),
        case("from before the key", VerifyError::IssuerKeyNotValid, &early, numbered(ED25519), key),
        case("forged", VerifyError::InvalidSignature, &claims, numbered(ED25519), &stranger),
        case("by the other key", VerifyError::InvalidSignature, &claims, numbered(SR25519), key),
    ]
}

/// What became of the device and of the token since.
async fn of_the_device(scene: &Scene) -> Vec<Case> {
    let (suspended, revoked, renewed, robbed) =
        join!(scene.vehicle(), scene.vehicle(), scene.vehicle(), scene.vehicle());
    let unknown = Account::generate();
    let case = async |how, expected, vehicle: &Account, key| Case {
        how,
        expected: Some(expected),
        token: scene.issue_with(&scene.claims(vehicle).await, key),
        requirement: scene.requirement(),
        presenter: Signer::account(vehicle),
    };
    let cases = vec![
        case("of nobody's device", VerifyError::DeviceUnknown, &unknown, ED25519).await,
        case("of a suspended device", VerifyError::DeviceSuspended, &suspended, SR25519).await,
        case("of a revoked device", VerifyError::DeviceRevoked, &revoked, ED25519).await,
        case("of an epoch that is over", VerifyError::StaleEpoch, &renewed, SR25519).await,
        case("revoked", VerifyError::TokenRevoked, &robbed, ED25519).await,
    ];
    scene.on_vehicle(&suspended, Operation::Suspend).await;
    scene.on_vehicle(&revoked, Operation::Revoke).await;
    scene.on_vehicle(&renewed, Operation::BumpEpoch).await;
    let claims = SignedToken::from_cwt(&cases[4].token).unwrap().claims;
    let token = blake2b_256(claims.token_id.as_bytes());
    scene.on_issuer(AccessOperation::RevokeToken { token, expires_ms: claims.expires_ms() }).await;
    cases
}
