use std::{collections::BTreeSet, sync::Mutex};

use futures::future::BoxFuture;
use marque_sdk::{
    BlockRef,
    primitives::{
        Device, TimestampMs,
        access::{Issuer, IssuerId},
        token::{Claims, Confirmation, IssuerKeyRef, Requirement, SignedToken},
    },
    token::issue_jwt,
};

use super::*;
use crate::{Directory, OAuthError, Rights, Unavailable};

/// A chain that trusts for these scopes, and was asked these questions.
#[derive(Default)]
struct Chain {
    trusted: Vec<&'static str>,
    is_down: bool,
    asked: Mutex<Vec<Requirement>>,
}

fn down<'a, T>() -> BoxFuture<'a, Result<T, Unavailable>> {
    Box::pin(async { Err(Unavailable { reason: "down".into() }) })
}

impl Directory for Chain {
    fn registry(&self) -> RegistryId {
        REGISTRY
    }

    fn ensure_fresh(&self) -> Result<(), Unavailable> {
        Ok(())
    }

    fn block(&self) -> BoxFuture<'_, Result<BlockRef, Unavailable>> {
        down()
    }

    fn issuer(&self, _: IssuerId, _: BlockRef) -> BoxFuture<'_, Result<Option<Issuer>, Unavailable>> {
        down()
    }

    fn device(&self, _: DeviceId, _: BlockRef) -> BoxFuture<'_, Result<Option<Device>, Unavailable>> {
        down()
    }

    fn rights<'a>(
        &'a self,
        _: IssuerId,
        _: DeviceId,
        _: &'a [String],
        _: BlockRef,
    ) -> BoxFuture<'a, Result<Rights, Unavailable>> {
        down()
    }

    fn roles(
        &self,
        _: IssuerId,
        _: DeviceId,
        _: BlockRef,
        _: TimestampMs,
    ) -> BoxFuture<'_, Result<BTreeSet<String>, Unavailable>> {
        down()
    }

    fn is_good<'a>(
        &'a self,
        _: &'a SignedToken,
        requirement: &'a Requirement,
    ) -> BoxFuture<'a, Result<bool, Unavailable>> {
        if self.is_down {
            return down();
        }
        self.asked.lock().unwrap().push(requirement.clone());
        let is_trusted = requirement.scopes.iter().all(|scope| self.trusted.contains(&scope.as_str()));
        Box::pin(async move { Ok(is_trusted) })
    }
}

fn neighbour() -> Federation {
    Federation {
        source: Source::Marque(MarqueIssuer { issuer: 3, audiences: set(&[AUDIENCE]) }),
        subject: SubjectMapping::DidClaim { claim: "sub".into() },
        scopes: vec![
            mapping(Some("meters:read"), &["meters:read"]),
            mapping(Some("doors:open"), &["doors:open", "doors:read"]),
        ],
        ..federation()
    }
}

fn said(scopes: &[&str]) -> Claims {
    Claims {
        issuer: "https://neighbour.example/oauth2/default".into(),
        subject: device(1).into(),
        audience: vec!["api://other".into(), AUDIENCE.into()],
        expires_s: NOW_S + 60,
        issued_s: NOW_S,
        not_before_s: None,
        token_id: "AT.1".into(),
        client_id: "0oa1".into(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        epoch: 0,
        confirmation: None,
    }
}

async fn verify(chain: &Chain, federation: &Federation, claims: &Claims) -> Result<Subject, OAuthError> {
    let text = issue_jwt(claims, IssuerKeyRef { issuer: 3, key: 0 }, &account(9)).unwrap();
    let token = ChainToken::read(&text, SubjectTokenType::AccessToken).unwrap();
    assert_eq!((token.issuer(), &token.token().claims), (3, claims));
    token.verify(chain, 1, &expected(federation, &ProvenKeys::default())).await
}

#[tokio::test]
async fn scopes_count_as_far_as_the_chain_trusts() {
    let chain = Chain { trusted: vec!["meters:read", "pumps:stop"], ..Chain::default() };
    let claims = said(&["meters:read", "doors:open", "pumps:stop"]);
    let subject = verify(&chain, &neighbour(), &claims).await.unwrap();
    assert_eq!(subject.device, device(1));
    assert_eq!(subject.scopes, set(&["meters:read"]));
    assert_eq!((subject.token_id.as_deref(), subject.subject), (Some("AT.1"), device(1).to_string()));
    let asked = chain.asked.into_inner().unwrap();
    let asked_for: Vec<&[String]> = asked.iter().map(|requirement| &*requirement.scopes).collect();
    assert_eq!(asked_for, [["doors:open"], ["meters:read"]], "one by one, and none that is not mapped");
    assert!(asked.iter().all(|requirement| requirement.issuer == 1 && requirement.audience == AUDIENCE));
}

#[tokio::test]
async fn a_token_that_the_chain_says_nothing_good_of_is_worth_nothing() {
    let trusting = || Chain { trusted: vec!["meters:read", "pumps:stop"], ..Chain::default() };
    let not_trusted = Err(SubjectTokenError::NotTrusted.into());
    assert_eq!(verify(&Chain::default(), &neighbour(), &said(&["meters:read"])).await, not_trusted);
    assert_eq!(verify(&trusting(), &neighbour(), &said(&["pumps:stop"])).await, not_trusted, "nothing was verified");
    let down = Chain { is_down: true, ..Chain::default() };
    assert_eq!(verify(&down, &neighbour(), &said(&["meters:read"])).await, Err(OAuthError::Unavailable));
}

#[tokio::test]
async fn a_token_must_be_the_federations() {
    let chain = Chain { trusted: vec!["meters:read"], ..Chain::default() };
    let good = said(&["meters:read"]);
    let other = Source::Marque(MarqueIssuer { issuer: 4, audiences: set(&[AUDIENCE]) });
    for source in [other, federation().source] {
        let federation = Federation { source, ..neighbour() };
        assert_eq!(verify(&chain, &federation, &good).await, Err(SubjectTokenError::WrongIssuer.into()));
    }
    let elsewhere = Claims { audience: vec!["api://other".into()], ..good.clone() };
    assert_eq!(verify(&chain, &neighbour(), &elsewhere).await, Err(SubjectTokenError::WrongAudience.into()));
    let key = account(1).public_key();
    let bound = Claims { confirmation: Some(Confirmation::Key(key)), ..good.clone() };
    assert_eq!(verify(&chain, &neighbour(), &bound).await, Err(SubjectTokenError::NotHolder.into()));
    let over = Claims { issued_s: NOW_S - 60, expires_s: NOW_S, ..good };
    assert_eq!(verify(&chain, &neighbour(), &over).await, Err(SubjectTokenError::Expired.into()));
}

#[test]
fn what_is_no_token_of_the_chain_is_not_read() {
    let read = |text: &str, token_type| ChainToken::read(text, token_type).err();
    let text = issue_jwt(&said(&["meters:read"]), IssuerKeyRef { issuer: 3, key: 0 }, &account(9)).unwrap();
    assert_eq!(read(&text, SubjectTokenType::IdToken), Some(SubjectTokenError::WrongType));
    assert_eq!(read(&text, SubjectTokenType::Jwt), None);
    for text in ["", "a.b.c", &signed(&claims())] {
        assert_eq!(read(text, SubjectTokenType::AccessToken), Some(SubjectTokenError::NotJwt), "{text}");
    }
}
