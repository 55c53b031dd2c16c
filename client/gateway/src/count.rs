//! Counting requests: how many may be made, and what is written down when there are too many.

use crate::{
    OAuthError,
    decide::{Case, Trail},
    gateway::Gateway,
    limit::{Counts, Judged, Kind},
    log::{Actor, Caller, Event, EventType},
    random,
    store::Step,
};

impl Gateway {
    /// Counts a request, before it is known who makes it, and says what the limits leave, unless it can't be counted.
    ///
    /// # Errors
    /// [`OAuthError::TooMany`]; [`OAuthError::Server`].
    pub(crate) async fn admit(&self, server: &str, caller: &Caller) -> (Result<Counts, OAuthError>, Option<Judged>) {
        let counts = match self.count_request(server, caller).await {
            Ok(counts) => counts,
            Err(error) => return (Err(error), None),
        };
        let judged = self.parts.limits.judge(&counts);
        let admitted = judged.wait(self.now_ms()).map_or(Ok(counts), |wait| Err(wait.into()));
        (admitted, Some(judged))
    }

    async fn count_request(&self, server: &str, caller: &Caller) -> Result<Counts, OAuthError> {
        let (limits, counters) = (&self.parts.limits, &*self.parts.counters);
        let counts = limits.count_request(counters, server, caller.address, self.now_ms()).await?;
        self.tell_of_limits(&limits.judge(&counts), server, None, caller).await;
        Ok(counts)
    }

    /// Counts a request of a client that has proved who it is.
    ///
    /// # Errors
    /// [`OAuthError::TooMany`].
    pub(crate) async fn count_client(
        &self,
        case: Case<'_>,
        client_id: &str,
        trail: &mut Trail,
    ) -> Result<(), OAuthError> {
        let (limits, counters) = (&self.parts.limits, &*self.parts.counters);
        let (server, now_ms) = (case.server.name(), self.now_ms());
        let counts = limits.count_client(counters, case.counts, server, client_id, now_ms).await?;
        trail.counts = Some(counts);
        let mut judged = limits.judge(&counts);
        // The others were told of already.
        judged.warnings.retain(|kind| *kind == Kind::Client);
        self.tell_of_limits(&judged, server, Some(client_id), case.caller).await;
        match judged.wait(now_ms) {
            Some(wait) => {
                trail.is_quiet = true;
                Err(wait.into())
            }
            None => Ok(()),
        }
    }

    /// Writes down that a limit is near, or was passed for the first time in a minute. The request is answered all the same when that
    /// fails.
    async fn tell_of_limits(&self, judged: &Judged, server: &str, client_id: Option<&str>, caller: &Caller) {
        let near = judged.warnings.iter().map(|kind| match kind {
            Kind::Client => EventType::ClientLimitNear,
            Kind::Server | Kind::Address => EventType::LimitNear,
        });
        let passed = judged.is_first_refused.then_some(EventType::LimitExceeded);
        for event_type in near.chain(passed) {
            let event = Event {
                event_type,
                server: Some(server),
                actor: Actor::Client(client_id),
                caller,
                failure: None,
                targets: Vec::new(),
                details: serde_json::Map::from_iter([("limit".to_owned(), judged.limit.into())]),
            };
            let now_ms = self.now_ms();
            let Some(uuid) = random::uuid(&*self.parts.random) else { continue };
            let step = Step { event: event.to_json(&uuid, now_ms).to_string(), now_ms, ..Step::default() };
            if let Err(error) = self.parts.store.commit(step).await {
                tracing::error!(%error, "that a limit is near could not be written down");
            }
        }
    }
}
