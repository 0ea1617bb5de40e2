//! `.type` and `.doc`: what a name is, in words.

use drupe_client::{Inspection, Kernel, Member, MemberKind, Sort};

use crate::{ReplError, interactive::Interactive, show::Show};

/// How many members of a class are listed.
const MAX_MEMBERS: usize = 40;

impl Interactive {
    /// `.type`: one line.
    pub(crate) async fn type_of(&mut self, expression: &str) -> Result<(), ReplError> {
        self.explain(expression, |inspection| {
            let head = inspection.signature.clone().unwrap_or_else(|| default_head(inspection));
            format!("{head}\n")
        })
        .await
    }

    /// `.doc`: all that is known.
    pub(crate) async fn doc(&mut self, expression: &str) -> Result<(), ReplError> {
        self.explain(expression, describe).await
    }

    async fn explain(&mut self, expression: &str, words: impl Fn(&Inspection) -> String) -> Result<(), ReplError> {
        match inspect(&self.kernel, expression).await {
            Ok(Some(inspection)) => self.print(&words(&inspection)),
            Ok(None) => self.say(&format!("{expression} is no name that this session knows, or needs code to be run")),
            Err(error) => self.screen.error(None, &error).map_err(ReplError::Output),
        }
    }
}

async fn inspect(kernel: &Kernel, expression: &str) -> Result<Option<Inspection>, drupe_client::Error> {
    let cursor = u32::try_from(expression.encode_utf16().count()).unwrap_or(u32::MAX);
    kernel.inspect(expression, cursor).await
}

/// What can be said of a thing whose declaration the session has not seen.
fn default_head(inspection: &Inspection) -> String {
    let Inspection { name, type_name, preview, length, sort, .. } = inspection;
    match sort {
        Sort::Value if preview.is_empty() => format!("{name}: {type_name}"),
        Sort::Value => format!("{name}: {type_name} = {preview}"),
        Sort::Accessor => format!("{name}: accessor, which is not run to look"),
        Sort::Uninitialized => format!("{name}: its declaration has not been reached"),
        Sort::Class => format!("class {name}"),
        Sort::Function | Sort::AsyncFunction | Sort::GeneratorFunction | Sort::AsyncGeneratorFunction => {
            let arguments = match length {
                Some(1) => "1 argument".to_owned(),
                Some(count) => format!("{count} arguments"),
                None => "arguments".to_owned(),
            };
            format!("{type_name} {name}, expects {arguments}")
        }
    }
}

/// What to tell of a function while its arguments are typed, in a line. `None`: it is none.
pub(crate) fn call_head(inspection: &Inspection, is_new: bool) -> Option<String> {
    let name = &inspection.name;
    match inspection.sort {
        Sort::Value | Sort::Accessor | Sort::Uninitialized => None,
        Sort::Class => {
            let parameters = inspection.constructor.as_ref().filter(|_| is_new)?;
            Some(format!("new {name}{parameters}"))
        }
        Sort::Function | Sort::AsyncFunction | Sort::GeneratorFunction | Sort::AsyncGeneratorFunction => {
            Some(inspection.signature.clone().unwrap_or_else(|| default_head(inspection)))
        }
    }
}

fn describe(inspection: &Inspection) -> String {
    let mut text = inspection.signature.clone().unwrap_or_else(|| default_head(inspection)) + "\n";
    if let Some(doc) = &inspection.doc {
        text.extend(doc.lines().map(|line| format!("  {line}").trim_end().to_owned() + "\n"));
    }
    if let Some(parameters) = &inspection.constructor {
        text.push_str(&format!("  constructor{parameters}\n"));
    }
    text.extend(inspection.fields.iter().map(|field| format!("  {field}\n")));
    text.extend(inspection.members.iter().take(MAX_MEMBERS).map(member));
    if let Some(more) = inspection.members.len().checked_sub(MAX_MEMBERS + 1) {
        text.push_str(&format!("  ... and {} more\n", more + 1));
    }
    if inspection.private_members > 0 {
        text.push_str(&format!("  and {} private\n", inspection.private_members));
    }
    if let Some(at) = &inspection.at {
        text.push_str(&format!("declared at {}:{}:{}\n", at.script, at.position.line + 1, at.position.column + 1));
    }
    text
}

fn member(member: &Member) -> String {
    let is_static = if member.is_static { "static " } else { "" };
    let (kind, call) = match member.kind {
        MemberKind::Method => ("", "()"),
        MemberKind::Accessor => ("accessor ", ""),
        MemberKind::Field => ("", ""),
    };
    format!("  {is_static}{kind}{}{call}\n", member.name)
}
