//! Requests that change what a client follows, defines or runs.

use std::sync::Arc;

use drupe_client::{Chunk, Language};

use super::{
    outbox::Outbox,
    requests::{find, start},
};
use crate::{
    Server,
    ceiling::AskedLimits,
    kernel::{Closing, Submitted, attachment::Wishes},
    message::{
        client::{Attach, Language as AskedLanguage, OfKernel, Open, Register, Run},
        server::{Failure, Nothing},
    },
    open, reply,
};

/// The longest name or tag, in bytes.
pub(crate) const MAX_NAME: usize = 1024;

pub(super) fn open(server: &Server, outbox: &Arc<Outbox>, mut asked: Open) {
    let (server, client) = (server.clone(), outbox.clone());
    let id = asked.id;
    let wishes = Wishes::new(asked.answers.take(), asked.slow, asked.events.take());
    start(outbox, id, async move {
        let opened = open::open(&server, &asked).await?;
        let served = &opened.served;
        let defined = define(served, &client, asked.functions.as_deref(), false)
            .and_then(|()| define(served, &client, asked.reserved.as_deref(), true));
        if let Err(failure) = defined {
            served.close(Closing::Asked).await;
            return Err(failure);
        }
        client.follow(served);
        served.attach(&client, Some(0), wishes, |_| {});
        if client.has_left() {
            // It has detached from all that it followed then.
            served.detach(client.id());
        }
        Ok(reply::Opened::new(&served.id, &opened.info))
    });
}

fn define(
    served: &Arc<crate::kernel::Served>,
    client: &Arc<Outbox>,
    functions: Option<&[String]>,
    is_reserved: bool,
) -> Result<(), Failure> {
    let Some(functions) = functions else { return Ok(()) };
    if let Some(name) = functions.iter().find(|name| name.len() > MAX_NAME) {
        let message = format!("a name of {} bytes is too long; {MAX_NAME} are allowed", name.len());
        return Err(Failure::of_field("limit", "functions", message));
    }
    served.define(functions, is_reserved, client.id())?;
    open::define(served, functions, is_reserved)
}

pub(super) fn attach(server: &Server, outbox: &Arc<Outbox>, asked: Attach) {
    let Some(served) = find(server, outbox, asked.id, &asked.kernel) else { return };
    let wishes = Wishes::new(asked.answers, asked.slow, asked.events);
    let last = served.standing().seq;
    if asked.after.is_some_and(|after| after > last) {
        let message = format!("the kernel has said {last} events so far");
        return outbox.fail(asked.id, Failure::of_field("bad_message", "after", message));
    }
    outbox.follow(&served);
    served.attach(outbox, asked.after, wishes, |standing| outbox.reply(asked.id, reply::Attached::new(standing)));
    if outbox.has_left() {
        served.detach(outbox.id());
    }
}

pub(super) fn detach(server: &Server, outbox: &Arc<Outbox>, asked: &OfKernel) {
    let Some(served) = find(server, outbox, asked.id, &asked.kernel) else { return };
    outbox.unfollow(&served.id);
    outbox.calls().cancel_of(&served.id);
    if served.detach(outbox.id()) {
        outbox.reply(asked.id, Nothing {});
    } else {
        outbox.fail(asked.id, Failure::of_field("not_attached", "kernel", "this client is not attached to the kernel"));
    }
}

pub(super) fn register(server: &Server, outbox: &Arc<Outbox>, asked: &Register) {
    let Some(served) = find(server, outbox, asked.id, &asked.kernel) else { return };
    if !served.is_attached(outbox.id()) {
        let message = "only a client that is attached to the kernel defines functions";
        return outbox.fail(asked.id, Failure::of_field("not_attached", "kernel", message));
    }
    match define(&served, outbox, Some(&asked.functions), asked.reserved.unwrap_or(false)) {
        Ok(()) => outbox.reply(asked.id, Nothing {}),
        Err(failure) => outbox.fail(asked.id, failure),
    }
}

pub(super) fn run(server: &Server, outbox: &Arc<Outbox>, mut asked: Run) {
    let id = asked.id;
    let tag = asked.tag.take();
    let kernel = std::mem::take(&mut asked.kernel);
    let inputs = asked.inputs.iter().flat_map(|inputs| &inputs.0).map(|(_, value)| value.0.weight());
    let weight = asked.code.as_ref().map_or(0, String::len) + inputs.sum::<usize>();
    let submitted = server.kernel(&kernel).and_then(|served| {
        if !served.is_attached(outbox.id()) {
            let message = "only a client that is attached to the kernel is told how a run ends: attach first";
            return Err(Failure::of_field("not_attached", "kernel", message));
        }
        for (field, name) in [("tag", &tag), ("name", &asked.name)] {
            if name.as_ref().is_some_and(|name| name.len() > MAX_NAME) {
                return Err(Failure::of_field("limit", field, format!("it has more than {MAX_NAME} bytes")));
            }
        }
        let chunk = chunk(server, asked)?;
        served.submit(chunk, weight, tag, |submitted| {
            let Submitted { run, again, ended } = submitted;
            outbox.reply_soon(id, reply::Submitted { run, again, ended });
        })
    });
    if let Err(failure) = submitted {
        outbox.fail(id, failure);
    }
}

fn chunk(server: &Server, asked: Run) -> Result<Chunk, Failure> {
    let mut chunk = match (asked.code, asked.module) {
        (Some(code), None) => Chunk::new(code),
        (None, Some(module)) => Chunk::program(&module, &asked.args.unwrap_or_default()),
        _ => return Err(Failure::of_field("bad_message", "code", "a run has either code or a module")),
    };
    let limits = server.ceiling().limits(&AskedLimits {
        vm_timeout_ms: asked.vm_timeout_ms,
        wall_timeout_ms: asked.wall_timeout_ms,
        kill_on_timeout: asked.kill_on_timeout,
        memory_limit: asked.memory_limit,
        console_limit: asked.console_limit,
    });
    chunk = chunk.limits(limits?);
    if let Some(name) = &asked.name {
        chunk = chunk.name(name);
    }
    if let Some(language) = asked.language {
        chunk = chunk.language(match language {
            AskedLanguage::Tsx => Language::Tsx,
            AskedLanguage::Ts => Language::TypeScript,
            AskedLanguage::Js => Language::JavaScript,
        });
    }
    for (name, value) in asked.inputs.unwrap_or_default().0 {
        chunk = chunk.input_value(name, value.0);
    }
    if let Some(only) = asked.only {
        chunk = chunk.functions(only);
    }
    if let Some(bytes) = asked.value_limit {
        chunk = chunk.value_limit(bytes);
    }
    for name in asked.grant.unwrap_or_default() {
        chunk = chunk.grant(name);
    }
    Ok(chunk
        .until_idle(asked.until_idle.unwrap_or(false))
        .ends_unsettled(true)
        .keep_last(asked.keep_last.unwrap_or(false))
        .preview(asked.preview.unwrap_or(false))
        .result_handle(asked.handle.unwrap_or(false))
        .inspect_hooks(asked.inspect_hooks.unwrap_or(false))
        .bundle(asked.bundle.unwrap_or(false)))
}
