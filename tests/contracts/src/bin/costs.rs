//! rough
use marque_contract_tests::{Actor, Registry, samples};
use marque_primitives::*;
fn main() {
    let t=std::time::Instant::now();
    let mut r = Registry::default();
    let dev=Actor::new("dev");
    println!("code {} setup {:?}", r.code_bytes(), t.elapsed());
    let w=r.execute(&dev, dev.device(), samples::registration(Controller::Device));
    println!("self-registration {:?} {} {}", w.receipt.result, w.receipt.ref_time_ps, w.receipt.deposit);
    let st: marque_contract_tests::Receipt<Option<DeviceStatus>>=r.read("status", dev.device()); println!("status read {}", st.ref_time_ps);
    let inf: marque_contract_tests::Receipt<RegistryInfo>=r.read("info", ()); println!("info read {}", inf.ref_time_ps);
    let dev2=Actor::new("dev2");
    let signed=r.sign(&dev2, dev2.device(), samples::registration(Controller::Account(dev.account())));
    let t=std::time::Instant::now();
    let w=r.submit(&dev, signed);
    println!("sponsored {:?} {} {} ({:?})", w.receipt.result, w.receipt.ref_time_ps, w.receipt.deposit, t.elapsed());
    let w=r.execute(&dev2, dev2.device(), Operation::BumpEpoch);
    println!("bump {:?} {}", w.receipt.result, w.receipt.ref_time_ps);
    let w=r.execute(&dev2, dev2.device(), Operation::AddKey{key:Actor::new("k").new_key(Relationships::AUTHENTICATION)});
    println!("add key ed {:?} {}", w.receipt.result, w.receipt.ref_time_ps);
    let w=r.execute(&dev2, dev2.device(), Operation::AddKey{key:NewKey{public_key:PublicKey::P256([2;33]),relationships:Relationships::AUTHENTICATION}});
    println!("add key p256 {:?} {}", w.receipt.result, w.receipt.ref_time_ps);
    let mut kx=[0u8;32]; kx[0]=9;
    let w=r.execute(&dev2, dev2.device(), Operation::AddKey{key:NewKey{public_key:PublicKey::X25519(kx),relationships:Relationships::KEY_AGREEMENT}});
    println!("add key x25519 {:?} {}", w.receipt.result, w.receipt.ref_time_ps);
    let dev3=Actor::new("dev3");
    r.execute(&dev3, dev3.device(), Operation::Register{controller:Controller::Device, metadata:Some([1;32]), keys:(0..15).map(|i|Actor::new(format!("k{i}")).new_key(Relationships::AUTHENTICATION)).collect(), services:(0..8).map(|i|samples::largest_service(i)).collect()});
    let t=std::time::Instant::now();
    let st: marque_contract_tests::Receipt<Option<DeviceStatus>>=r.read("status", dev3.device()); println!("status read large {} ({:?})", st.ref_time_ps, t.elapsed());
    let st: marque_contract_tests::Receipt<Option<Device>>=r.read("device", dev3.device()); println!("device read large {} proof {}", st.ref_time_ps, st.proof_bytes);
    let w=r.execute(&dev3, dev3.device(), Operation::BumpEpoch);
    println!("bump large {:?} {}", w.receipt.result, w.receipt.ref_time_ps);
    let t=std::time::Instant::now();
    r.trial(|_| ()); println!("trial {:?}", t.elapsed());
    let none: marque_contract_tests::Receipt<Option<DeviceStatus>>=r.read("status", DeviceId([0;32])); println!("status none {}", none.ref_time_ps);
    // unknown selector
    let x=r.chain.call(r.contract, vec![0;4], dev.account()); println!("bad selector {:?}", x.map(|x| (x.ref_time_ps, x.result)));
}
