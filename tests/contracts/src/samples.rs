//! Values that several tests use.

use marque_primitives::{Controller, Did, Operation, Service, TimestampMs, token::Claims};

/// A registration with nothing but the initial key.
pub fn registration(controller: Controller) -> Operation {
    Operation::Register { controller, metadata: None, keys: Vec::new(), services: Vec::new() }
}

/// A service like those of real devices, of this id.
pub fn service(id: &str) -> Service {
    Service {
        id: id.into(),
        service_type: "MeterReadings".into(),
        endpoint: format!("https://meters.example.org/v1/readings/{id}"),
    }
}

/// A service whose texts have the most bytes that they may. `number` is below 10.
pub fn largest_service(number: usize) -> Service {
    use marque_primitives::bounds;
    let filled = |start: &str, bytes: usize| format!("{start}{}", "x".repeat(bytes - start.len()));
    Service {
        id: filled(&number.to_string(), bounds::SERVICE_ID_BYTES_MAX),
        service_type: filled("", bounds::SERVICE_TYPE_BYTES_MAX),
        endpoint: filled("https://", bounds::SERVICE_ENDPOINT_BYTES_MAX),
    }
}

/// What a typical token says that is issued now: one audience, one scope, the device's first epoch, ten minutes.
pub fn claims(issuer: &str, subject: Did, audience: &str, scope: &str, now_ms: TimestampMs) -> Claims {
    let issued_s = now_ms / 1000;
    Claims {
        issuer: issuer.into(),
        subject,
        audience: vec![audience.into()],
        expires_s: issued_s + 600,
        issued_s,
        not_before_s: None,
        token_id: "0b71".into(),
        client_id: subject.to_text(),
        scopes: vec![scope.into()],
        epoch: 0,
        confirmation: None,
    }
}
