//! `.type` and `.doc`: describe a name in words.

use drupe_client::{Inspection, Kernel, Member, MemberKind, Sort};

use crate::{
    ReplError,
    front::Front,
    source_file,
    typings::{self, Typing},
};

/// How many characters of an interface are told on a line.
const MAX_LINE: usize = 600;

/// How many members of a class are listed.
const MAX_MEMBERS: usize = 40;

/// `.type`: one line.
pub(crate) async fn type_of(front: &mut impl Front, expression: &str) -> Result<(), ReplError> {
    let Some(inspection) = look(front, expression).await? else { return Ok(()) };
    let head = inspection.signature.clone().map_or_else(|| default_head(&inspection), |signature| typed(&inspection, signature));
    front.show().brief_answer(&format!("{head}\n")).map_err(ReplError::Output)
}

/// The head of a declaration, with what is known besides: the type and value of a variable, the members of an
/// interface.
fn typed(inspection: &Inspection, head: String) -> String {
    let Inspection { name, type_name, preview, fields, .. } = inspection;
    if type_name == "interface" {
        let body = if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join("; ")) };
        return cut(format!("{head} {body}"));
    }
    let is_variable = ["let ", "const ", "var ", "using ", "await using "].iter().any(|keyword| head.starts_with(keyword));
    if inspection.sort != Sort::Value || !is_variable {
        return head;
    }
    let annotated = head.len() > name.len() && !head.ends_with(&format!(" {name}"));
    let head = if annotated { head } else { format!("{head}: {type_name}") };
    if preview.is_empty() || preview == type_name { head } else { format!("{head} = {preview}") }
}

/// What fits a few lines.
fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_LINE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// `.doc`: all that is known; of what a package brings what its type declarations say, too.
pub(crate) async fn doc(front: &mut impl Front, expression: &str) -> Result<(), ReplError> {
    let Some(inspection) = look(front, expression).await? else { return Ok(()) };
    let policy = front.kernel().permissions().policy();
    let typing = match &inspection.at {
        Some(at) => {
            let (script, name) = (at.script.clone(), inspection.name.clone());
            let look = source_file::on_a_thread(move || Ok(typings::look_up(&script, &name, &policy)));
            match front.wait_for(look).await? {
                Some(found) => found.ok().flatten(),
                None => return Ok(()),
            }
        }
        None => None,
    };
    front.print(&describe(&inspection, typing.as_ref()))
}

async fn look(front: &mut impl Front, expression: &str) -> Result<Option<Inspection>, ReplError> {
    let kernel = front.kernel().clone();
    match front.supervise(inspect(&kernel, expression)).await? {
        Ok(None) => {
            front.fail(&format!("{expression} is no name that this session knows, or needs code to be run"))?;
            Ok(None)
        }
        Ok(found) => Ok(found),
        Err(error) => front.error(&error).map(|()| None),
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
        Sort::Value | Sort::Unknown if preview.is_empty() => format!("{name}: {type_name}"),
        Sort::Value | Sort::Unknown => format!("{name}: {type_name} = {preview}"),
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

fn describe(inspection: &Inspection, typing: Option<&Typing>) -> String {
    let mut text = match typing {
        Some(typing) => typing.heads.iter().map(|head| format!("{head}\n")).collect(),
        None => inspection.signature.clone().unwrap_or_else(|| default_head(inspection)) + "\n",
    };
    if let Some(doc) = typing.and_then(|typing| typing.doc.as_ref()).or(inspection.doc.as_ref()) {
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
    if let Some(typing) = typing {
        text.push_str(&format!("declared in {}:{}\n", typing.file.display(), typing.line));
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
        MemberKind::Field | MemberKind::Unknown => ("", ""),
    };
    format!("  {is_static}{kind}{}{call}\n", member.name)
}
