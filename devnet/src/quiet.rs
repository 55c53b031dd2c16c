//! Panics inside the runtime, caught and kept quiet.
//!
//! Compiled natively, the runtime answers garbage (undecodable arguments, say) by panicking. Any client can cause
//! that, so it is an answer here, not an incident: it is caught, and its message is returned instead of
//! printed. Panics anywhere else in the process are reported as before.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic becomes its message. What `work` was changing must be thrown away by the caller.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    let before = QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    outcome.map_err(|_| MESSAGE.take().unwrap_or_else(|| "no message".into()))
}

/// Wraps the process's panic hook, once, by one that stays silent for threads inside [`catch`].
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if QUIET.get() {
                let payload = info.payload();
                let text = payload.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
                MESSAGE.set(text.map(str::to_owned));
            } else {
                previous(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(catch(|| 7), Ok(7));
        assert_eq!(catch(|| -> u8 { panic!("bad input {}", 3) }), Err("bad input 3".into()));
        assert_eq!(catch(|| 8), Ok(8));
    }
}
