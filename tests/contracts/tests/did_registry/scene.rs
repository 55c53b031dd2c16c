//! A registry with one device, and who has to do with it.

use marque_contract_tests::{Actor, Registry, registry::Written, samples};
use marque_primitives::{Change, Controller, Device, DeviceId, Error, Operation};

/// One hour, in milliseconds.
pub const HOUR_MS: u64 = 60 * 60 * 1000;

/// A registry with one device.
pub struct Scene {
    /// The registry.
    pub registry: Registry,
    /// The device's initial key.
    pub device: Actor,
    /// Its controller. Where the device is its own controller, an account without rights.
    pub controller: Actor,
    /// Somebody without rights.
    pub stranger: Actor,
}

impl Scene {
    /// A registry without devices.
    pub fn empty() -> Self {
        Self {
            registry: Registry::default(),
            device: Actor::new("device"),
            controller: Actor::new("controller"),
            stranger: Actor::new("stranger"),
        }
    }

    /// A device that an account controls.
    pub fn controlled() -> Self {
        let mut scene = Self::empty();
        let controller = Controller::Account(scene.controller.account());
        scene.by_device(samples::registration(controller)).receipt.result.unwrap();
        scene
    }

    /// A device that is its own controller.
    pub fn self_controlled() -> Self {
        let mut scene = Self::empty();
        scene.by_device(samples::registration(Controller::Device)).receipt.result.unwrap();
        scene
    }

    /// The device's id.
    pub fn id(&self) -> DeviceId {
        self.device.device()
    }

    /// The device's record.
    pub fn record(&self) -> &Device {
        self.registry.record(self.id()).expect("the device is registered")
    }

    /// The operation, by this actor.
    pub fn by(&mut self, actor: &Actor, operation: Operation) -> Written<()> {
        self.registry.execute(actor, self.id(), operation)
    }

    /// The operation, by the device's initial key.
    pub fn by_device(&mut self, operation: Operation) -> Written<()> {
        self.by(&self.device.clone(), operation)
    }

    /// The operation, by the controller.
    pub fn by_controller(&mut self, operation: Operation) -> Written<()> {
        self.by(&self.controller.clone(), operation)
    }

    /// The change that the controller makes by this operation.
    pub fn changed(&mut self, operation: Operation) -> Change {
        self.by_controller(operation).change().clone()
    }

    /// Why the controller may not do this.
    pub fn refused(&mut self, operation: Operation) -> Error {
        self.by_controller(operation).error()
    }

    /// Lets time pass.
    pub fn wait(&mut self, ms: u64) {
        let now_ms = self.registry.now_ms() + ms;
        self.registry.chain.set_time(now_ms);
    }
}
