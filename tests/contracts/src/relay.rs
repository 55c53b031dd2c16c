//! A contract that passes calls on, so that others can be called from as deep as the chain lets.

use marque_primitives::AccountId;

use crate::{Actor, Chain};

/// Calls the account that its input begins with, with the rest of the input, and returns what that returns. Where there is no answer, it
/// traps.
const CODE: &str = r#"
(module
  (import "seal0" "input" (func $input (param i32 i32)))
  (import "seal1" "call" (func $call (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
  (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
  (import "env" "memory" (memory 2 2))
  ;; 0: length of the input; 4: length of the output; 16: a payment of nothing; 1024: the input; 65536: the output.
  (func (export "deploy"))
  (func (export "call")
    (local $code i32)
    (i32.store (i32.const 0) (i32.const 32768))
    (call $input (i32.const 1024) (i32.const 0))
    (i32.store (i32.const 4) (i32.const 32768))
    (local.set $code
      (call $call (i32.const 0) (i32.const 1024) (i64.const 0) (i32.const 16)
        (i32.const 1056) (i32.sub (i32.load (i32.const 0)) (i32.const 32))
        (i32.const 65536) (i32.const 4)))
    ;; 2 is an answer too: of a contract that had its changes undone.
    (if (i32.and (local.get $code) (i32.const -3)) (then unreachable))
    (call $return (i32.const 0) (i32.const 65536) (i32.load (i32.const 4)))))
"#;

/// Relays on a chain, one behind the other.
pub struct Relays {
    accounts: Vec<AccountId>,
}

impl Relays {
    /// Deploys this many.
    ///
    /// # Panics
    /// When the chain refuses the code.
    pub fn deploy(chain: &mut Chain, count: u8) -> Self {
        let wasm = wat::parse_str(CODE).expect("it is WebAssembly");
        let deployer = Actor::new("deployer").account();
        let mut deploy = |number: u8| chain.deploy(&wasm, Vec::new(), &[number], deployer).expect("it deploys").result;
        Self { accounts: (0..count).map(&mut deploy).collect() }
    }

    /// The account to call, and the input to call it with, so that `contract` is called with `input` through `depth` of them.
    pub fn through(&self, depth: usize, contract: AccountId, input: Vec<u8>) -> (AccountId, Vec<u8>) {
        let relays = self.accounts.iter().take(depth);
        relays.fold((contract, input), |(next, input), relay| (*relay, [&next.0[..], &input].concat()))
    }
}
