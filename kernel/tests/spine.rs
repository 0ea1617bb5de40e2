//! wip
use std::{thread, time::Duration};
use drupe_kernel::{Config, Platform, serve};
use drupe_protocol::{Event, Request, encode, request::Run};
use drupe_transport::{Incoming, memory};

#[test]
fn one() {
    let (mut data, kernel_data) = memory::pair();
    let (_control, kernel_control) = memory::pair();
    let config = Config { generation: 1, memory_limit: None, platform: Platform::AnyThread, orphaned: || {} };
    let t = thread::spawn(move || serve(kernel_data, kernel_control, &config).unwrap());
    for (i, code) in ["1+1", "let x = {a: [1,2,3], b: 'x', re: /a/gi, d: new Date(0)}; x", "console.log('hi', x, 3n); setTimeout(() => console.log('late'), 10); 5", "await new Promise(r => setTimeout(r, 30)); 'done'", "throw new TypeError('oops')", "throw 3", "let a = ;", "Promise.reject(new Error('r')); 1", "setTimeout(() => { throw new Error('in timer') }, 1); await new Promise(r => setTimeout(r, 30))", "queueMicrotask(() => { throw new RangeError('in micro') })", "console.table([{a:1,b:2},{a:3,c:4}])", "-0", "123456789012345678901234567890n", "NaN", "'\\ud800x'", "function f(){ return new Error('st').stack }; f()", "while(true){}", "x.a", "Temporal.PlainDate.from('2020-01-01')", "new Map([[1,{a:2}]])", "setTimeout(()=>{},5)", "await WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0]))", "console.log('%s is %d years and %i, %f, %j %o %O %c|%%', 'Bob', 42.5, 42.9, '3.25abc', {a:1}, [1], {b:2}, 'color:red')"].iter().enumerate() {
        let mut f = vec![];
        let run = Run { run: i as u64 + 1, code: code.to_string(), name: format!("chunk:{}", i + 1), value_limit: 1 << 20, vm_timeout_ms: code.starts_with("while").then_some(50), ..Default::default() };
        encode(&Request::Run(Box::new(run)), &mut f).unwrap();
        data.sender.send(&f).unwrap();
        println!("--- {code}");
        loop {
            match data.receiver.wait::<Event>(Some(std::time::Instant::now() + Duration::from_secs(5))).unwrap() {
                Incoming::Message(m) => { println!("{m:?}"); if matches!(m, Event::Outcome(_)) { break } }
                other => panic!("{other:?}"),
            }
        }
    }
    drop(data);
    t.join().unwrap();
}
