//! The serving of the gateway, as its clients and operators see it: over real sockets of the loopback interface.

mod bounds;
mod certificates;
mod development;
mod logged;
mod observed;
mod scene;
mod shutdown;
mod telemetry;
