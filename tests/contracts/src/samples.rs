//! Values that several tests use.

use marque_primitives::{Controller, Operation, Service};

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
