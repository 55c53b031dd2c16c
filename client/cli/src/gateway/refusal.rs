//! What a gateway answers in the place of what was asked for.

use reqwest::StatusCode;
use serde::Deserialize;

use crate::{
    failure::{Failure, Kind},
    shown,
};

/// The most of a summary or a cause that is told, in characters.
const CHARS_MAX: usize = 500;

/// Okta's error body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    error_code: String,
    error_summary: String,
    #[serde(default)]
    error_causes: Vec<Cause>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cause {
    error_summary: String,
}

/// The failure of an answer that is no success.
pub fn failure(status: StatusCode, body: &[u8]) -> Failure {
    let Ok(body) = serde_json::from_slice::<ErrorBody>(body) else { return of_somebody_else(status) };
    let causes = body.error_causes.iter().map(|cause| told(&shown::of_parser(&cause.error_summary)));
    let causes = causes.collect::<Vec<_>>().join("; ");
    let summary = told(&body.error_summary);
    let message = if causes.is_empty() { summary } else { format!("{summary}: {causes}") };
    let failure = Failure::new(kind(status), format!("the gateway refuses: {message}"));
    Failure { reason: Some(told(&body.error_code)), ..failure }.maybe_hint(next_after(status))
}

fn of_somebody_else(status: StatusCode) -> Failure {
    let kind = if status.is_server_error() { Kind::Unreachable } else { Kind::Failed };
    Failure::new(kind, format!("what answers there is no gateway, or its gateway is away (HTTP {})", status.as_u16()))
        .hint("check the URL: --gateway, MARQUE_GATEWAY, or what `marque gateway login` remembered")
}

const fn kind(status: StatusCode) -> Kind {
    match status {
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::SERVICE_UNAVAILABLE => Kind::Unreachable,
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::TOO_MANY_REQUESTS => Kind::Failed,
        _ => Kind::Refused,
    }
}

const fn next_after(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::UNAUTHORIZED => {
            Some("the token is wrong, revoked or over: `marque gateway login` takes another one")
        }
        StatusCode::FORBIDDEN => Some(
            "this needs a token of a greater role: reader, operator and security_officer are the roles, in this order",
        ),
        StatusCode::SERVICE_UNAVAILABLE => {
            Some("try again in a few seconds; the gateway's /ready says what it waits for")
        }
        StatusCode::TOO_MANY_REQUESTS => Some("wait a minute and try again"),
        StatusCode::INTERNAL_SERVER_ERROR => Some("the gateway's own log says why"),
        _ => None,
    }
}

fn told(text: &str) -> String {
    text.chars().take(CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
        failure(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    #[test]
    fn says_what_the_gateway_says_and_what_to_do() {
        let body = r#"{"errorCode":"E0000001","errorSummary":"Api validation failed","errorLink":"E0000001",
            "errorCauses":[{"errorSummary":"too broad"},{"errorSummary":"too long"}]}"#;
        let failure = of(400, body);
        assert_eq!(failure.message, "the gateway refuses: Api validation failed: too broad; too long");
        assert_eq!((failure.kind, failure.reason.as_deref()), (Kind::Refused, Some("E0000001")));
        let body = r#"{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorCauses":[]}"#;
        let failure = of(401, body);
        assert_eq!((failure.kind, failure.reason.as_deref()), (Kind::Refused, Some("E0000011")));
        assert!(failure.hint.unwrap().contains("marque gateway login"));
        for (status, kind) in [
            (403, Kind::Refused),
            (404, Kind::NotFound),
            (429, Kind::Failed),
            (500, Kind::Failed),
            (503, Kind::Unreachable),
        ] {
            assert_eq!(of(status, body).kind, kind, "{status}");
        }
    }

    #[test]
    fn anything_may_answer_there() {
        for body in ["", "<html>", "[]", "{}", "null", "{\"errorCode\":1}"] {
            let failure = of(502, body);
            assert_eq!((failure.kind, failure.reason), (Kind::Unreachable, None));
            assert_eq!(of(404, body).kind, Kind::Failed, "a path that is not there is no thing that is not there");
        }
        let long = format!(r#"{{"errorCode":"E","errorSummary":"{}"}}"#, "x".repeat(100_000));
        assert!(of(400, &long).message.len() < 1000);
    }
}
