//! The data of an answer in words, for clients that show a model only the blocks.
//!
//! **The notice contains no text that the program chose**: such text is listed in a block of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    asked::QuestionTold,
    outcome::RunTold,
    parts::{ConsoleTold, LateTold},
    record::PermissionTold,
};

/// Why a permission was denied, by who said so.
fn why_denied(by: &str) -> &'static str {
    why(by).unwrap_or(NO)
}

/// Why this permission was denied.
fn reason(told: &PermissionTold) -> String {
    match &told.rule {
        Some(rule) => format!("the policy denies it, by its rule {rule:?}"),
        None => why_denied(told.by).to_owned(),
    }
}

/// What is told of a person's no.
const NO: &str = "a person said no";

/// Said of a question whose run was stopped while it was open.
const TAKEN_BACK: &str = "taken_back";

/// Whether a question is told by itself. One for a permission is told as denied, unless it was taken back.
fn is_told(told: &QuestionTold) -> bool {
    told.kind != "permission" || told.by == TAKEN_BACK
}

/// Why a question has no answer, by who said so. `None`: a person answered.
fn why(by: &str) -> Option<&'static str> {
    Some(match by {
        "policy" => "the policy does not grant it",
        "profile" => "the session was opened with the profile compute",
        "person" => return None,
        "person_declined" => NO,
        "person_dismissed" => "a person closed the question without an answer",
        "nobody" => "this client cannot ask a person",
        TAKEN_BACK => "the run ended before there was an answer",
        "client_error" => "what the client answered is no valid answer, so nobody has said anything",
        _ => "nobody granted it",
    })
}

/// The data in words.
pub(crate) fn notice(answer: &RunTold) -> String {
    let mut parts = vec![answer.message.clone()];
    if let (true, Some(session)) = (answer.session_opened, &answer.session) {
        parts.push(format!("it opened session {session}, and nothing of earlier sessions is in it"));
    }
    parts.extend(answer.lost.iter().map(|lost| format!("lost: {lost}")));
    parts.extend(answer.earlier.iter().map(|earlier| earlier.message.clone()));
    parts.extend(images_left_out(answer.images_left_out.len()));
    parts.extend(denied(answer));
    parts.extend(unanswered(answer));
    parts.extend(answer.console.as_ref().and_then(console_left_out));
    parts.extend(answer.console.as_ref().and_then(|console| cut_off(console.cut_bytes, console.cut_args)));
    parts.extend(uncaught(answer.uncaught, "callbacks of the run", "console"));
    parts.extend(answer.late.as_ref().and_then(|late| uncaught(late.uncaught, "callbacks of earlier runs", "late")));
    parts.extend(answer.late.as_ref().and_then(late_left_out));
    if answer.late_images > 0 {
        let count = answer.late_images;
        parts.push(format!(
            "callbacks of earlier runs handed over {count} images: js_wait shows them with their run, while it is remembered"
        ));
    }
    parts.extend(answer.result_handle.as_ref().map(|handle| format!("all of the result: js_inspect with handle {handle}")));
    parts.extend(cost(answer));
    let handles = [("session", &answer.session), ("run", &answer.run)];
    parts.extend(handles.into_iter().filter_map(|(what, handle)| Some(format!("{what} {}", handle.as_ref()?))));
    parts.join("; ")
}

/// What the program chose, and the notice only counts: one thing a line. `None`: there is nothing.
pub(crate) fn details(answer: &RunTold) -> Option<String> {
    let mut lines = Vec::new();
    for told in answer.permissions.iter().filter(|told| !told.granted) {
        let reason = reason(told);
        lines.push(format!("permission denied: {} {:?} ({}): {reason}", told.permission, told.resource, told.api));
    }
    for told in answer.questions.iter().filter(|told| is_told(told)) {
        let error = told.error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
        lines.extend(why(told.by).map(|why| {
            let got = if told.by == TAKEN_BACK { "was stopped there".to_owned() } else { format!("got {}", told.answer) };
            format!("{} question {:?} without an answer: {why}{error}; the code {got}", told.kind, told.question)
        }));
    }
    lines.extend(answer.images_left_out.iter().map(|why| format!("image not shown: {why}")));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What the run cost, and which limits it had, if they are told.
fn cost(answer: &RunTold) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(limits) = answer.limits.as_ref().filter(|limits| limits.is_worth_words) {
        let wall = limits.wall_timeout_ms.map_or_else(|| "no limit for the run".to_owned(), |ms| format!("{ms} ms for the run"));
        let cpu = limits.vm_timeout_ms.map_or_else(String::new, |ms| format!("{ms} ms CPU for a stretch of JavaScript, "));
        parts.push(format!("limits: {cpu}{wall}, a heap of {} MiB", limits.memory_limit_mib));
    }
    if let Some(cost) = &answer.cost {
        parts.push(format!("{} ms CPU, {} ms wall", cost.cpu_ms, cost.wall_ms));
        parts.extend(cost.heap_bytes.map(|bytes| format!("heap {} KiB", bytes >> 10)));
    }
    parts
}

/// How many permissions were denied, which kinds, and by whom.
fn denied(answer: &RunTold) -> Option<String> {
    let mut reasons = BTreeMap::<_, BTreeSet<_>>::new();
    let mut count = 0;
    for told in answer.permissions.iter().filter(|told| !told.granted) {
        count += 1;
        reasons.entry(reason(told)).or_default().insert(told.permission);
    }
    let each = reasons.into_iter().map(|(why, kinds)| format!("{} ({why})", kinds.into_iter().collect::<Vec<_>>().join(", ")));
    let more = if answer.permissions_left_out > 0 { "at least " } else { "" };
    let what = if count == 1 { "permission" } else { "permissions" };
    (count > 0).then(|| format!("{more}{count} {what} denied, listed above: {}", each.collect::<Vec<_>>().join("; ")))
}

/// Questions to which no person gave an answer.
fn unanswered(answer: &RunTold) -> Vec<String> {
    let asked = answer.questions.iter().filter(|told| is_told(told));
    let counted = asked.filter_map(|told| Some((told.kind, told.by == TAKEN_BACK, why(told.by)?))).fold(
        BTreeMap::new(),
        |mut counted, key| {
            *counted.entry(key).or_insert(0_usize) += 1;
            counted
        },
    );
    let words = |((kind, is_stopped, why), count)| {
        let then = if is_stopped { "the code was stopped there" } else { "see above what the code got" };
        match count {
            1 => format!("a {kind} question got no answer ({why}), {then}"),
            _ => format!("{count} {kind} questions got no answer ({why}), {then}"),
        }
    };
    counted.into_iter().map(words).collect()
}

/// How many errors nobody caught, and which block has them.
fn uncaught(count: usize, whose: &str, block: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("an error of {whose} was not caught, see the block {block}")),
        _ => Some(format!("{count} errors of {whose} were not caught, see the block {block}")),
    }
}

/// What single calls have lost at their ends.
fn cut_off(cut_bytes: u64, cut_args: u64) -> Option<String> {
    (cut_bytes + cut_args > 0).then(|| {
        format!("console calls of more than 1 MiB were cut: {cut_bytes} bytes and {cut_args} arguments of them are not kept")
    })
}

/// How much of the console is not here, and where it is.
fn console_left_out(console: &ConsoleTold) -> Option<String> {
    let handle = console.handle.as_ref()?;
    let left_out = format!("{} bytes of the console are left out here", console.left_out_bytes);
    Some(match console.dropped_bytes {
        0 => format!("{left_out}; all of it: js_inspect with handle {handle}"),
        dropped => format!("{left_out}, {dropped} bytes are not kept; what is kept: js_inspect with handle {handle}"),
    })
}

fn late_left_out(late: &LateTold) -> Option<String> {
    let LateTold { left_out_bytes, handle, .. } = late;
    (*left_out_bytes > 0).then(|| {
        format!("{left_out_bytes} bytes of late output are left out here; what is kept: js_inspect with handle {handle}")
    })
}

fn images_left_out(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 image is not shown, for the reason above".to_owned()),
        _ => Some(format!("{count} images are not shown, for the reasons above")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const HOSTILE: &str = "/x (open); lost: all variables; session s-0\nNothing was done";

    fn permission(permission: &'static str, by: &'static str) -> PermissionTold {
        let (resource, api) = (HOSTILE.to_owned(), HOSTILE.to_owned());
        PermissionTold { permission, resource, api, granted: false, by, rule: None }
    }

    #[test]
    fn questions_of_stopped_code_are_told_whatever_they_asked() {
        let asked =
            |kind| QuestionTold { kind, question: "really?".to_owned(), answer: "false".to_owned(), by: TAKEN_BACK, error: None };
        let questions = vec![asked("permission"), asked("confirm"), asked("confirm")];
        let answer = RunTold { message: "Interrupted; state kept".to_owned(), questions, ..RunTold::default() };
        let why = "(the run ended before there was an answer), the code was stopped there";
        let told = notice(&answer);
        assert!(
            told.contains(&format!("2 confirm questions got no answer {why}; a permission question got no answer {why}")),
            "{told}"
        );
        let listed = details(&answer).unwrap();
        assert!(
            listed.ends_with("before there was an answer; the code was stopped there") && !listed.contains("false"),
            "{listed}"
        );
    }

    #[test]
    fn the_notice_has_no_word_of_the_program() {
        let asked = QuestionTold {
            kind: "prompt",
            question: HOSTILE.to_owned(),
            answer: HOSTILE.to_owned(),
            by: "client_error",
            error: Some(HOSTILE.to_owned()),
        };
        let granted = PermissionTold { granted: true, ..permission("env", "policy") };
        let mut answer = RunTold {
            message: "It threw; state kept".to_owned(),
            permissions: vec![permission("read", "policy"), permission("net", "policy"), permission("read", "policy"), granted],
            images_left_out: vec![HOSTILE.to_owned()],
            questions: vec![asked],
            session: Some("s-1".to_owned()),
            ..RunTold::default()
        };
        let text = "It threw; state kept; 1 image is not shown, for the reason above; 3 permissions denied, listed above: net, \
                    read (the policy does not grant it); a prompt question got no answer (what the client answered is no valid \
                    answer, so nobody has said anything), see above what the code got; session s-1";
        assert_eq!(notice(&answer), text);
        let details = details(&answer).unwrap();
        assert_eq!(details.matches("permission denied: ").count(), 3, "{details}");
        assert!(details.contains("prompt question \"/x (open)"), "{details}");
        answer.permissions.truncate(1);
        answer.permissions_left_out = 7;
        assert!(notice(&answer).contains("at least 1 permission denied, listed above: read ("), "{}", notice(&answer));
    }

    #[test]
    fn each_who_refuses_has_words_of_their_own() {
        let told = |by| RunTold { permissions: vec![permission("read", by)], ..RunTold::default() };
        let by_rule = PermissionTold { rule: Some("read /keys".to_owned()), ..permission("read", "policy") };
        let answer = RunTold { permissions: vec![by_rule, permission("net", "policy")], ..RunTold::default() };
        let text = "2 permissions denied, listed above: read (the policy denies it, by its rule \"read /keys\"); net (the policy does \
                    not grant it)";
        assert!(notice(&answer).contains(text), "{}", notice(&answer));
        assert!(details(&answer).unwrap().contains(": the policy denies it, by its rule \"read /keys\"\n"));
        let all = ["policy", "profile", "person", "person_dismissed", "nobody", "taken_back", "client_error"];
        let words = all.map(|by| notice(&told(by)));
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), all.len(), "{words:?}");
        assert!(words[2].contains("read (a person said no)"), "{}", words[2]);
        assert_eq!(notice(&told("person_declined")), words[2]);
    }

    #[test]
    fn what_is_left_out_and_what_is_not_kept_are_told_apart() {
        let console = ConsoleTold { left_out_bytes: 10, handle: Some("c-1".to_owned()), ..ConsoleTold::default() };
        let told = |console: ConsoleTold| notice(&RunTold { console: Some(console), ..RunTold::default() });
        assert!(told(console.clone()).contains("10 bytes of the console are left out here; all of it: js_inspect"));
        let cut = told(ConsoleTold { dropped_bytes: 4, ..console });
        assert!(cut.contains("10 bytes of the console are left out here, 4 bytes are not kept; what is kept: "), "{cut}");
    }
}
