//! Services.

use ink::prelude::{string::String, vec::Vec};
use marque_primitives::{bounds, Change, Device, Error, Service};

/// # Errors
/// [`Error::InvalidService`], [`Error::MaxServicesExceeded`].
pub fn set(device: &Device, service: Service) -> Result<Change, Error> {
    service.validate()?;
    let replaces = device.services.iter().any(|existing| existing.id == service.id);
    if !replaces && device.services.len() >= bounds::SERVICES_MAX {
        return Err(Error::MaxServicesExceeded);
    }
    Ok(Change::ServiceSet { service })
}

/// # Errors
/// [`Error::ServiceNotFound`].
pub fn remove(device: &Device, id: String) -> Result<Change, Error> {
    if device.services.iter().any(|existing| existing.id == id) {
        Ok(Change::ServiceRemoved { id })
    } else {
        Err(Error::ServiceNotFound)
    }
}

/// Checks the services of a registration.
///
/// # Errors
/// [`Error::MaxServicesExceeded`], then for each in turn [`Error::InvalidService`], [`Error::ServiceAlreadyExists`].
pub fn initial(services: Vec<Service>) -> Result<Vec<Service>, Error> {
    if services.len() > bounds::SERVICES_MAX {
        return Err(Error::MaxServicesExceeded);
    }
    for (index, service) in services.iter().enumerate() {
        service.validate()?;
        if services.iter().take(index).any(|earlier| earlier.id == service.id) {
            return Err(Error::ServiceAlreadyExists);
        }
    }
    Ok(services)
}
