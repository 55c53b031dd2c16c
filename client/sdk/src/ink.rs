//! How messages of ink! contracts are called, and how what they return is read.

use parity_scale_codec::{Decode, Encode};

use crate::chain::{CallError, decode_all};

/// What a message is called by.
pub(crate) type Selector = [u8; 4];

/// `ink::LangError`: the contract did not understand the call.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum LangError {
    #[codec(index = 1)]
    CouldNotReadInput,
}

/// Reads what a message that can't be refused returns.
pub(crate) fn returned<T: Decode>(message: &str, data: &[u8]) -> Result<T, CallError> {
    understood(message, decode_all::<Result<T, LangError>>(message, data)?)
}

/// Reads what a message that can be refused for a reason `R` returns.
pub(crate) fn accepted<T: Decode, R: Decode + Into<CallError>>(message: &str, data: &[u8]) -> Result<T, CallError> {
    returned::<Result<T, R>>(message, data)?.map_err(R::into)
}

/// Makes of a revert the reason `R` that the contract gives by it.
pub(crate) fn refused<R: Decode + Into<CallError>>(message: &str, error: CallError) -> CallError {
    match error {
        CallError::Reverted { data } => match returned::<Result<(), R>>(message, &data) {
            Ok(Err(reason)) => reason.into(),
            _ => CallError::Reverted { data },
        },
        other => other,
    }
}

fn understood<T>(message: &str, result: Result<T, LangError>) -> Result<T, CallError> {
    result.map_err(|LangError::CouldNotReadInput| {
        CallError::undecodable(message, "the contract can't read the call: it is another contract")
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use marque_primitives::{Error, access::AccessError, token::VerifyError};

    use super::*;

    /// Label and selector of each constructor and message in a bundle, and the first topic of its one event.
    pub(crate) fn spec(json: &str) -> (Vec<(String, String)>, String) {
        let bundle: serde_json::Value = serde_json::from_str(json).unwrap();
        let spec = &bundle["spec"];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let all = [&spec["constructors"], &spec["messages"]];
        let messages = all.iter().flat_map(|list| list.as_array().unwrap());
        let messages = messages.map(|item| (text(&item["label"]), text(&item["selector"]))).collect();
        assert_eq!(spec["events"].as_array().unwrap().len(), 1, "an event was added or removed");
        (messages, text(&spec["events"][0]["signature_topic"]))
    }

    /// That those are the messages of the bundle, and that its event.
    pub(crate) fn check(json: &str, messages: &[(&str, Selector)], topic: [u8; 32]) {
        let (found, found_topic) = spec(json);
        let known: Vec<(String, String)> = messages
            .iter()
            .map(|(label, selector)| ((*label).to_owned(), format!("0x{}", hex::encode(selector))))
            .collect();
        assert_eq!(found, known, "a message was added, removed or renamed");
        assert_eq!(found_topic, format!("0x{}", hex::encode(topic)));
    }

    #[test]
    fn a_refusal_is_typed() {
        fn reverted(reason: impl Encode) -> CallError {
            CallError::Reverted { data: Ok::<Result<(), _>, LangError>(Err(reason)).encode() }
        }
        let error = refused::<Error>("execute", reverted(Error::Suspended));
        assert_eq!(error.refusal(), Some(Error::Suspended));
        let error = refused::<AccessError>("execute", reverted(AccessError::WrongPayment));
        assert_eq!(error.access_refusal(), Some(AccessError::WrongPayment));
        let error = refused::<VerifyError>("verify", reverted(VerifyError::Expired));
        assert_eq!(error.token_refusal(), Some(VerifyError::Expired));
    }

    #[test]
    fn what_is_no_refusal_stays_as_it_is() {
        for data in [vec![], vec![0], vec![0, 1], vec![0, 1, 255], vec![0, 1, 3, 0], vec![1, 1], vec![0, 0]] {
            let error = refused::<Error>("execute", CallError::Reverted { data: data.clone() });
            assert!(matches!(error, CallError::Reverted { data: kept } if kept == data));
        }
    }

    #[test]
    fn returned_values_cut_or_continued_are_errors() {
        let whole = Ok::<Option<(u32, u64)>, LangError>(Some((1, 2))).encode();
        assert_eq!(returned::<Option<(u32, u64)>>("status", &whole).unwrap(), Some((1, 2)));
        for cut in 0..whole.len() {
            assert!(returned::<Option<(u32, u64)>>("status", &whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(returned::<Option<(u32, u64)>>("status", &[whole, vec![0]].concat()).is_err());
    }

    #[test]
    fn a_call_that_is_not_understood_says_so() {
        assert!(matches!(returned::<()>("info", &[1, 1]), Err(CallError::Undecodable { .. })));
    }
}
