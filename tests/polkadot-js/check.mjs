// Shows that polkadot.js works with a chain: connects, transfers, deploys a contract, runs steps on it, and prints the
// events that it decodes.
//
//   node check.mjs ws://127.0.0.1:9944 path/to/artifacts name steps.json
//
// Steps: { "constructor": "new", "args": [], "steps": [{ "message": "…", "args": […], "events": ["…"], "returns": … }] }.
// A step with "events" is a transaction which must emit just these; one with "returns" is a dry run which must return
// that, or an object with at least that. Everything after the deployment is done by a device: an account whose key is an Ed25519
// key. "$DEVICE" in arguments stands for its key, "$GENESIS" for the chain's genesis hash, "$ED25519" for the contract that checks
// signatures, which is deployed first. Ends with status 1 where something is
// not as expected.

import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { u8aToHex } from '@polkadot/util';
import { CodePromise, ContractPromise } from '@polkadot/api-contract';

const [url, artifacts, name, stepsPath] = process.argv.slice(2);
if (!stepsPath) {
  console.error('usage: node check.mjs URL ARTIFACTS NAME STEPS');
  process.exit(2);
}
const bundle = bundleOf(name);
const plan = JSON.parse(readFileSync(stepsPath, 'utf8'));

const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true, throwOnConnect: true });
const keyring = new Keyring({ type: 'sr25519' });
const alice = keyring.addFromUri('//Alice');
const device = new Keyring({ type: 'ed25519' }).addFromUri('//Alice//meter');
let ed25519;
const funds = 1_000_000_000_000_000n;

try {
  await run();
  console.log('all as expected');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await api.disconnect();
  // The library's timers would keep the process for some seconds more.
  process.exit();
}

async function run() {
  console.log(`connected to ${await api.rpc.system.chain()}, ${api.runtimeVersion.specName} ${api.runtimeVersion.specVersion}`);
  const heads = [];
  const endHeads = await api.rpc.chain.subscribeFinalizedHeads((head) => heads.push(head.number.toNumber()));
  const balances = [];
  const endBalances = await api.query.system.account(device.address, (account) => balances.push(account.data.free.toBigInt()));

  const transferred = await send(api.tx.balances.transferKeepAlive(device.address, funds), alice);
  deepStrictEqual(names(transferred).includes('balances.Transfer'), true);
  const account = await api.query.system.account(device.address);
  deepStrictEqual(balances.at(-1) - balances[0], funds, 'the balance subscription missed the transfer');
  deepStrictEqual(account.data.free.toBigInt(), balances.at(-1));
  console.log('transfer: ' + names(transferred).join(', '));

  ed25519 = u8aToHex(keyring.decodeAddress((await deploy(bundleOf('ed25519'), 'new', [])).address));
  const contract = await deploy(bundle, plan.constructor, plan.args ?? []);
  for (const step of plan.steps) {
    await perform(contract, step);
  }
  endHeads();
  endBalances();
  if (heads.length === 0) throw new Error('no finalized head was told');
}

function bundleOf(contract) {
  return JSON.parse(readFileSync(`${artifacts}/${contract}.contract`, 'utf8'));
}

async function deploy(bundle, constructor, args) {
  const code = new CodePromise(api, bundle, '');
  const options = { gasLimit: gasMax(), storageDepositLimit: null, salt: new Uint8Array([plan.salt ?? 0]) };
  const result = await send(code.tx[camel(constructor)](options, ...args.map(filled)), alice);
  const event = result.events.find(({ event }) => api.events.contracts.Instantiated.is(event));
  const address = event.event.data.contract.toString();
  console.log(`${bundle.contract.name} is deployed at ${address}: ${names(result).join(', ')}`);
  return new ContractPromise(api, bundle, address);
}

async function perform(contract, { message, args = [], events, returns }) {
  const name = camel(message);
  const values = args.map(filled);
  const limits = { gasLimit: gasMax(), storageDepositLimit: null };
  const trial = await contract.query[name](device.address, limits, ...values);
  if (trial.result.isErr) throw new Error(`${message}: ${trial.result.asErr.toString()}`);
  if (returns !== undefined) {
    const returned = trial.output.toJSON();
    deepStrictEqual(part(returned, filled(returns)), filled(returns), message);
    console.log(`${message} returns ${JSON.stringify(returned)}`);
  }
  if (events === undefined) return;
  const gasLimit = trial.gasRequired;
  const result = await send(contract.tx[name]({ gasLimit, storageDepositLimit: null }, ...values), device);
  const decoded = (result.contractEvents ?? []).map(({ event, args }) => ({ name: event.identifier.split('::').at(-1), args: args.map((arg) => arg.toHuman()) }));
  deepStrictEqual(decoded.map(({ name }) => name), events, message);
  for (const { name, args } of decoded) console.log(`${message} emits ${name} ${JSON.stringify(args)}`);
}

// Resolves when the transaction is final; rejects when it, or its call, fails.
function send(tx, signer) {
  return new Promise((resolve, reject) => {
    tx.signAndSend(signer, (result) => {
      if (result.dispatchError) {
        const error = result.dispatchError;
        const text = error.isModule ? api.registry.findMetaError(error.asModule) : error;
        reject(new Error(text.section ? `${text.section}.${text.name}` : text.toString()));
      } else if (result.isError) {
        reject(new Error(result.status.toString()));
      } else if (result.isFinalized) {
        resolve(result);
      }
    }).catch(reject);
  });
}

// Less than a block holds, and enough for any message.
function gasMax() {
  return api.registry.createType('WeightV2', { refTime: 1_000_000_000_000n, proofSize: 5_000_000n });
}

function names(result) {
  return result.events.map(({ event }) => `${event.section}.${event.method}`);
}

// What of a value an expectation speaks of.
function part(value, expected) {
  if (value === null || typeof value !== 'object' || typeof expected !== 'object' || expected === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => part(item, expected[index]));
  return Object.fromEntries(Object.keys(expected).map((key) => [key, part(value[key], expected[key])]));
}

// Puts the real values in the place of the names, at any depth.
function filled(value) {
  const names = { $DEVICE: u8aToHex(device.publicKey), $GENESIS: api.genesisHash.toHex(), $ED25519: ed25519 };
  if (typeof value === 'string') return names[value] ?? value;
  if (Array.isArray(value)) return value.map(filled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item)]));
}

function camel(label) {
  return label.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}
