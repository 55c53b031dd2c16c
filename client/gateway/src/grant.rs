//! What a client gets: what it asks for, as far as a rule and the chain both allow it. Pure.

use std::collections::BTreeSet;

use marque_sdk::primitives::{
    Did, PublicKey, TimestampMs,
    access::{self, Entitlements, Issuer, IssuerKeyId, IssuerStatus},
    bounds,
    token::{Claims, Confirmation},
};

use crate::{Client, OAuthError, Rights, Rule, exchange::SubjectTokenError};

/// What a token is made of.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// The authorization server's URL, which must be the one on the chain.
    pub url: &'a str,
    /// The key that it signs with, which must be its key of this number on the chain; `None` where the algorithm is none that the chain
    /// knows.
    pub signing_key: Option<(IssuerKeyId, PublicKey)>,
    /// Who asks.
    pub client: &'a Client,
    /// The DID of the device that the token is for: the client's, or the one that the token speaks for which it showed.
    pub subject: Did,
    /// The scopes that it asks for.
    pub scopes: &'a [String],
    /// When the token that was shown for it expires, in seconds since the Unix epoch, if one was: this one is good for no longer.
    pub expires_s: Option<u64>,
    /// The rule that decides.
    pub rule: &'a Rule,
    /// Whom the token is for: all that the rule names, or what the client asked for of it.
    pub audience: BTreeSet<String>,
    /// The key that the token is bound to.
    pub confirmation: Option<Confirmation>,
    /// What the chain says.
    pub rights: &'a Rights,
    /// The token's id.
    pub token_id: &'a str,
    /// Now, in milliseconds since the Unix epoch.
    pub now_ms: TimestampMs,
    /// How far this clock and the chain's may differ, in milliseconds.
    pub skew_max_ms: u64,
}

/// Reads the scopes that are asked for: each once, none but names.
///
/// # Errors
/// [`OAuthError::InvalidScope`] for `openid`, which is for users, for what is no scope's name, and for none or more than 16.
pub fn requested_scopes(scope: Option<&str>, default: &[String]) -> Result<Vec<String>, OAuthError> {
    let mut scopes: Vec<String> = match scope {
        Some(text) => text.split(' ').map(str::to_owned).collect(),
        None => default.to_vec(),
    };
    if scopes.is_empty() {
        return Err(OAuthError::InvalidScope("no scope is asked for, and there is no default"));
    }
    if scopes.iter().any(|scope| scope == "openid") {
        return Err(OAuthError::InvalidScope("openid is for users: client_credentials has none"));
    }
    if !scopes.iter().all(|scope| access::is_scope_name(scope)) {
        return Err(OAuthError::InvalidScope(
            "a scope is named resource:action, and separated from others by one space",
        ));
    }
    scopes.sort();
    scopes.dedup();
    if scopes.len() > bounds::SCOPES_MAX {
        return Err(OAuthError::InvalidScope("at most 16 scopes can be asked for"));
    }
    Ok(scopes)
}

/// The claims of the token. It has those of the scopes that the rule and the chain both give, and ends with
/// the first of their grants, or with the token that was shown for it.
///
/// # Errors
/// [`OAuthError::Unavailable`] where the chain does not have the authorization server as it is here, or its clock is too far ahead;
/// [`OAuthError::InvalidClient`] where the device is not in use; [`OAuthError::ScopesRefused`]; [`OAuthError::InvalidRequest`] where the
/// token that was shown would have expired before this one is issued.
pub fn grant(terms: &Terms<'_>) -> Result<Claims, OAuthError> {
    let issuer = terms.rights.issuer.as_ref().filter(|issuer| is_active_at(issuer, terms.url));
    let issuer = issuer.ok_or(OAuthError::Unavailable)?;
    let entitlements = terms.rights.entitlements.as_ref().filter(|entitlements| entitlements.is_active);
    let entitlements = entitlements.ok_or(OAuthError::InvalidClient("the device is not active"))?;
    let epoch = entitlements.epoch.ok_or(OAuthError::InvalidClient("the device is not active"))?;
    let issued_s = issued_s(terms, entitlements)?;
    if !terms.signing_key.is_none_or(|key| is_current(issuer, key, issued_s)) {
        return Err(OAuthError::Unavailable);
    }
    let given = |scope: &String| {
        let until = entitlements.scopes.iter().find(|entitlement| entitlement.scope == *scope);
        let until_s = until.map_or(0, |entitlement| entitlement.until_ms / 1000);
        (terms.rule.scopes.contains(scope) && until_s > issued_s).then(|| (scope.clone(), until_s))
    };
    let (scopes, until_s): (Vec<String>, Vec<u64>) = terms.scopes.iter().filter_map(given).unzip();
    let until_s = until_s.into_iter().min().ok_or(OAuthError::ScopesRefused)?;
    let until_s = terms.expires_s.map_or(until_s, |expires_s| until_s.min(expires_s));
    if until_s <= issued_s {
        return Err(SubjectTokenError::Expired.into());
    }
    Ok(Claims {
        issuer: terms.url.to_owned(),
        subject: terms.subject,
        audience: terms.audience.iter().cloned().collect(),
        expires_s: issued_s.saturating_add(terms.rule.lifetime_s.into()).min(until_s),
        issued_s,
        not_before_s: None,
        token_id: terms.token_id.to_owned(),
        client_id: terms.client.id.clone(),
        scopes,
        epoch,
        confirmation: terms.confirmation,
    })
}

/// Whether an authorization server's tokens count, under this URL.
fn is_active_at(issuer: &Issuer, url: &str) -> bool {
    issuer.url == url && issuer.status == IssuerStatus::Active
}

/// The whole second that the token is issued in. One that begins before all of the device's earlier tokens were revoked would be dead at
/// birth: it is issued in the next.
fn issued_s(terms: &Terms<'_>, entitlements: &Entitlements) -> Result<u64, OAuthError> {
    let issued_s = (terms.now_ms / 1000).max(entitlements.tokens_before_ms.div_ceil(1000));
    let is_near = issued_s.saturating_mul(1000) <= terms.now_ms.saturating_add(terms.skew_max_ms);
    if is_near { Ok(issued_s) } else { Err(OAuthError::Unavailable) }
}

/// Whether a token counts that this key signs in this second.
fn is_current(issuer: &Issuer, (number, public_key): (IssuerKeyId, PublicKey), issued_s: u64) -> bool {
    let key = issuer.key(number).filter(|key| key.public_key == public_key);
    key.is_some_and(|key| key.is_good_for(issued_s.saturating_mul(1000)))
}

#[cfg(test)]
mod tests;
