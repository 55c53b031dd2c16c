//! The station's events.

use marque_charging_interface::{EnergyMetered, Event, PriceSet, SessionEnded, SessionStarted, Withdrawn};
use marque_primitives::AccountId;

use super::messages;
use crate::chain::{CallError, ContractEvent, Receipt, decode_all};

/// What the station at `contract` told in a transaction, in order.
///
/// # Errors
/// [`CallError::Undecodable`].
pub(super) fn told(contract: &AccountId, receipt: &Receipt) -> Result<Vec<Event>, CallError> {
    receipt
        .events
        .iter()
        .filter(|event| event.contract == *contract)
        .filter_map(|event| event_of(event).transpose())
        .collect()
}

/// The event; `None` for one that a later station may have.
fn event_of(event: &ContractEvent) -> Result<Option<Event>, CallError> {
    let Some(topic) = event.topics.first() else { return Ok(None) };
    let data = &event.data;
    Ok(Some(match *topic {
        messages::PRICE_SET => Event::PriceSet(decode_all::<PriceSet>("PriceSet", data)?),
        messages::SESSION_STARTED => Event::Started(decode_all::<SessionStarted>("SessionStarted", data)?),
        messages::ENERGY_METERED => Event::Metered(decode_all::<EnergyMetered>("EnergyMetered", data)?),
        messages::SESSION_ENDED => Event::Ended(decode_all::<SessionEnded>("SessionEnded", data)?),
        messages::WITHDRAWN => Event::Withdrawn(decode_all::<Withdrawn>("Withdrawn", data)?),
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use parity_scale_codec::Encode;

    use super::*;

    const CONTRACT: AccountId = AccountId([1; 32]);

    fn metered() -> ContractEvent {
        let topics = vec![messages::ENERGY_METERED];
        ContractEvent { extrinsic_index: Some(1), contract: CONTRACT, topics, data: (1u8, 2u64, 3u64).encode() }
    }

    #[test]
    fn an_event_cut_or_continued_is_an_error() {
        let whole = metered();
        assert!(matches!(event_of(&whole), Ok(Some(Event::Metered(EnergyMetered { energy_wh: 3, .. })))));
        for cut in 0..whole.data.len() {
            assert!(
                event_of(&ContractEvent { data: whole.data[..cut].to_vec(), ..whole.clone() }).is_err(),
                "cut at {cut}"
            );
        }
        let continued = ContractEvent { data: [whole.data.clone(), vec![0]].concat(), ..whole };
        assert!(event_of(&continued).is_err());
    }

    #[test]
    fn events_of_another_kind_are_passed_over() {
        for topics in [vec![], vec![[0; 32]]] {
            assert!(matches!(event_of(&ContractEvent { topics, ..metered() }), Ok(None)));
        }
    }
}
