//! Functions whose calls are events of their runs.

use drupe_client::{Chunk, Event, Kernel, Run, RunId, Value};

use crate::support::{block_on, spawn};

/// What is told of a call or of a console call, with its run.
fn told(event: &Event) -> Option<(Option<RunId>, String)> {
    match event {
        Event::Console(console) => Some((console.run, console.text().to_owned())),
        Event::Custom(custom) => Some((custom.run, format!("{} {:?}", custom.name, custom.args))),
        _ => None,
    }
}

async fn told_by(run: &mut Run) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(event) = run.next_event().await {
        all.extend(told(&event).map(|(of, text)| {
            assert_eq!(of, Some(run.id()));
            text
        }));
    }
    all
}

#[test]
fn calls_are_told_in_order_with_what_is_printed() {
    block_on(async {
        let kernel = spawn().await;
        kernel.register_event("page.show").unwrap();
        let code = "for (let i = 0; i < 200; i++) { console.log(`${i}`); host.page.show(i) } await host.page.show('last')";
        for _ in 0..2 {
            let mut run = kernel.run(code);
            let told = told_by(&mut run).await;
            let number = |index: usize| format!("page.show {:?}", [Value::from(u32::try_from(index).unwrap())]);
            let expected = (0..200).flat_map(|index| [index.to_string(), number(index)]);
            let expected: Vec<_> = expected.chain([format!("page.show {:?}", [Value::from("last")])]).collect();
            assert_eq!(told, expected);
            assert_eq!(run.await.unwrap().outcome.value(), Some(&Value::Undefined));
            // A session that comes later has the function, too.
            kernel.restart().await.unwrap();
        }
    });
}

#[test]
fn late_calls_have_their_run() {
    block_on(async {
        let kernel = spawn().await;
        kernel.register_event("note").unwrap();
        let mut late = kernel.late_events();
        let run = kernel.run("setTimeout(() => { console.log('a'); host.note('b') }, 10); 1");
        let id = run.id();
        run.await.unwrap();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.extend(late.next_event().await.as_ref().and_then(told));
        }
        assert_eq!(seen, [(Some(id), "a".to_owned()), (Some(id), format!("note {:?}", [Value::from("b")]))]);
    });
}

#[test]
fn a_call_that_was_not_granted_is_not_told() {
    block_on(async {
        let kernel = spawn().await;
        kernel.register_event("note").unwrap();
        let limited = Chunk::new("await host.note(1).catch(error => console.log(error.name))").functions(Vec::<String>::new());
        assert_eq!(told_by(&mut kernel.run(limited)).await, ["PermissionDenied"]);
    });
}

#[test]
fn what_was_told_before_a_kernel_died_arrives() {
    block_on(async {
        let kernel: Kernel = spawn().await;
        kernel.register_event("note").unwrap();
        let mut run = kernel.run("host.note('last words'); for (;;);");
        let mut seen = Vec::new();
        while let Some(event) = run.next_event().await {
            if let Some((_, text)) = told(&event) {
                seen.push(text);
                kernel.restart().await.unwrap();
            }
        }
        assert_eq!(seen, [format!("note {:?}", [Value::from("last words")])]);
        assert!(run.await.is_err());
    });
}
