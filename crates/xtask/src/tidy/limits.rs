//! Checks the numbers of `protocol/WIRE.md` against the constants of the code: those of the section on limits, and
//! those that other sections repeat.
//!
//! A constant is computed from its source, so it may be an expression of numbers, of `Duration`s and of other constants
//! of its file.

use std::path::Path;

use syn::{BinOp, Expr, Item, Lit};

use super::{TidyError, Violation, read};

const REFERENCE: &str = "protocol/WIRE.md";

/// The heading of the section whose rows must all be checked, without its number.
const HEADING: &str = "Limits";

/// A number of the document, and the constant that it must be.
struct Limit {
    /// The words around the number, with `{}` in its place. They occur on one line.
    says: &'static str,
    file: &'static str,
    constant: &'static str,
    /// How many of the constant's units one unit of the document is. Durations are in microseconds.
    unit: u128,
}

const fn limit(says: &'static str, file: &'static str, constant: &'static str) -> Limit {
    Limit { says, file, constant, unit: 1 }
}

impl Limit {
    const fn each(self, unit: u128) -> Self {
        Self { unit, ..self }
    }
}

const MILLISECOND: u128 = 1_000;
const SECOND: u128 = 1_000_000;
const KIB: u128 = 1 << 10;
const MIB: u128 = 1 << 20;

const FRAME: &str = "protocol/src/frame.rs";
const CODEC: &str = "protocol/src/codec.rs";
const HOST: &str = "protocol/src/host.rs";
const HANDLES: &str = "protocol/src/handles.rs";
const FLOOD: &str = "client/src/supervisor/protocol_state.rs";
const PARENT: &str = "crates/base/transport/src/parent.rs";

/// All numbers that are checked: first the rows of the section, then the sentences of the others.
const LIMITS: &[Limit] = &[
    limit("| payload of a frame | {} bytes |", FRAME, "MAX_FRAME"),
    limit("| msgpack objects in a payload | {} |", CODEC, "MAX_ITEMS"),
    limit("| nesting in a payload | {} levels |", CODEC, "MAX_DEPTH"),
    limit("| nesting in one value | {} levels |", CODEC, "MAX_VALUE_DEPTH"),
    limit("| nesting in a value of the kernel | {} levels;", "kernel/src/values/to_wire.rs", "MAX_DEPTH"),
    limit("that have contents in a preview | {} |", "protocol/src/preview.rs", "MAX_DEPTH"),
    limit("| calls to the host open at once | {} |", HOST, "MAX_OPEN_CALLS"),
    limit("| weight of the calls to the host open at once | {} bytes |", HOST, "MAX_CALLS_WEIGHT"),
    limit("| handles that a session holds | {} |", HANDLES, "MAX_HANDLES"),
    limit("| positions in a page of properties | {} |", HANDLES, "MAX_PAGE"),
    limit("| length of a string that has no handle | {} UTF-16", "kernel/src/isolate/handles.rs", "SHORT_STRING"),
    limit("| parts of a bundle together | {} bytes |", "kernel/src/format/bundle.rs", "MAX_BUNDLE"),
    limit("| text of one `output` | {} UTF-16", "kernel/src/environment/program.rs", "PIECE"),
    limit("| `source` of a subject | {} UTF-16", "kernel/src/introspection/describe.rs", "MAX_SOURCE"),
    limit("that are told of one turn | {} |", "kernel/src/errors/rejections.rs", "MAX_WAITING"),
    limit("| CPU time of a `preview` | {} ms |", "kernel/src/introspection/preview.rs", "BUDGET").each(MILLISECOND),
    limit("A length above {} (", FRAME, "MAX_FRAME"),
    limit(" ({} MiB) is a protocol error", FRAME, "MAX_FRAME").each(MIB),
    limit("One payload has at most {} msgpack objects", CODEC, "MAX_ITEMS"),
    limit("arrays, maps and extensions nest at most {} deep", CODEC, "MAX_DEPTH"),
    limit("One value by itself nests at most {} deep", CODEC, "MAX_VALUE_DEPTH"),
    limit("At most {} levels of objects below the first", "protocol/src/preview.rs", "MAX_DEPTH"),
    limit("At most {} calls are open at once", HOST, "MAX_OPEN_CALLS"),
    limit("whose messages weigh at most {} bytes together", HOST, "MAX_CALLS_WEIGHT"),
    limit("its length and {} bytes for each of", CODEC, "ITEM_WEIGHT"),
    limit("(below {} bytes, for each byte)", CODEC, "SMALL"),
    limit("how many positions; of more than {},", HANDLES, "MAX_PAGE"),
    limit("(a session holds {}, and the oldest goes first)", HANDLES, "MAX_HANDLES"),
    limit("or to a string of more than {} UTF-16 code units", "kernel/src/isolate/handles.rs", "SHORT_STRING"),
    limit("All parts of a bundle together take at most {} MiB", "kernel/src/format/bundle.rs", "MAX_BUNDLE").each(MIB),
    limit("several events, each of at most {} characters", "kernel/src/environment/program.rs", "PIECE"),
    limit("cut at {} UTF-16 code units", "kernel/src/introspection/describe.rs", "MAX_SOURCE"),
    limit("unhandled rejections beyond {} of a turn", "kernel/src/errors/rejections.rs", "MAX_WAITING"),
    limit("for at most {} ms of CPU", "kernel/src/introspection/preview.rs", "BUDGET").each(MILLISECOND),
    limit("the engine was told to stop, and {} ms of CPU time later", "kernel/src/isolate/watchdog.rs", "STUCK_AFTER")
        .each(MILLISECOND),
    limit("in milliseconds; {} for jobs", "kernel/src/isolate/stretch.rs", "UNLIMITED_AFTER_STOP").each(MILLISECOND),
    limit("it may take {} at once", FLOOD, "UNASKED"),
    limit("one more every {} ms", FLOOD, "UNASKED_EACH").each(MILLISECOND),
    limit("the reference parent takes {} s", PARENT, "FRAME_TIMEOUT").each(SECOND),
    limit("{} KiB of it (the reference parent", PARENT, "PIECE").each(KIB),
];

pub(super) fn check(root: &Path) -> Result<Vec<Violation>, TidyError> {
    let reference = read(root, REFERENCE)?;
    let mut violations = unchecked(&reference);
    for limit in LIMITS {
        let parsed = syn::parse_file(&read(root, limit.file)?);
        let file = parsed.map_err(|source| TidyError::Parse { path: root.join(limit.file), source })?;
        violations.extend(compare(limit, &file, &reference));
    }
    Ok(violations)
}

/// The rows of the section that no entry of [`LIMITS`] checks. A row that gives a type, such as `u64`, has no number.
fn unchecked(reference: &str) -> Vec<Violation> {
    let is_section = |section: &&str| section.lines().next().is_some_and(|line| line.ends_with(HEADING));
    let section = reference.split("\n## ").find(is_section).unwrap_or_default();
    let has_number = |line: &&str| line.rsplit("| ").next().is_some_and(|cell| cell.starts_with(|c: char| c.is_ascii_digit()));
    let rows = section.lines().filter(|line| line.starts_with("| ")).filter(has_number);
    let unknown = rows.filter(|line| !LIMITS.iter().any(|limit| number(limit.says, line).is_some()));
    let violation = |line: &str| {
        let wrong = format!("{REFERENCE} has a limit that this check does not compare with the code: {line}");
        Violation::new(wrong, "add it to LIMITS, with the constant that holds it")
    };
    unknown.map(violation).collect()
}

fn compare(limit: &Limit, file: &syn::File, reference: &str) -> Option<Violation> {
    let Limit { says, file: path, constant, unit } = limit;
    let Some(told) = number(says, reference) else {
        let wrong = format!("{REFERENCE} does not say {says:?}, the number of {constant} in {path}");
        return Some(Violation::new(wrong, "say it there, or change the words in LIMITS"));
    };
    let Some(value) = value(file, constant) else {
        let wrong = format!("{path} has no constant {constant} that this check can compute; {REFERENCE} says {told}");
        return Some(Violation::new(wrong, "change the name in LIMITS, or write the constant as numbers"));
    };
    let wrong =
        format!("{REFERENCE} says {:?}, and {constant} in {path} is {}", says.replace("{}", &told.to_string()), value / unit);
    let is_same = told.checked_mul(*unit) == Some(value);
    (!is_same).then(|| Violation::new(wrong, "make them the same; a change of the wire is a matter of its revision"))
}

/// The number that stands in `text` where `says` has `{}`.
fn number(says: &str, text: &str) -> Option<u128> {
    let (before, after) = says.split_once("{}")?;
    let is_digit = |c: char| c.is_ascii_digit() || c == ',';
    if before.is_empty() {
        let start = text.match_indices(after).map(|(at, _)| &text[..at]).next()?;
        return parse(&start[start.rfind(|c| !is_digit(c)).map_or(0, |at| at + 1)..]);
    }
    text.match_indices(before).find_map(|(at, _)| {
        let rest = &text[at + before.len()..];
        let (digits, rest) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
        // A comma behind the number belongs to the sentence.
        let number = digits.trim_end_matches(',');
        let follows = digits.len() - number.len();
        let is_there = after.get(..follows).is_some_and(|commas| commas == &digits[number.len()..])
            && after.get(follows..).is_some_and(|after| rest.starts_with(after));
        if is_there { parse(number) } else { None }
    })
}

fn parse(digits: &str) -> Option<u128> {
    digits.replace(',', "").parse().ok()
}

/// The value of a constant of a file; of a duration the microseconds.
fn value(file: &syn::File, name: &str) -> Option<u128> {
    file.items.iter().find_map(|item| match item {
        Item::Const(constant) if constant.ident == name => compute(file, &constant.expr),
        _ => None,
    })
}

fn compute(file: &syn::File, expression: &Expr) -> Option<u128> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Paren(inner) => compute(file, &inner.expr),
        Expr::Binary(binary) => {
            let (left, right) = (compute(file, &binary.left)?, compute(file, &binary.right)?);
            match binary.op {
                BinOp::Shl(_) => left.checked_shl(right.try_into().ok()?),
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                _ => None,
            }
        }
        Expr::Path(path) => value(file, &path.path.get_ident()?.to_string()).filter(|_| path.qself.is_none()),
        Expr::Call(call) => duration(file, call),
        _ => None,
    }
}

/// `Duration::from_millis(n)` and its like, in microseconds.
fn duration(file: &syn::File, call: &syn::ExprCall) -> Option<u128> {
    let Expr::Path(function) = &*call.func else { return None };
    let words = function.path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>();
    let unit = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [.., "Duration", "from_micros"] => 1,
        [.., "Duration", "from_millis"] => MILLISECOND,
        [.., "Duration", "from_secs"] => SECOND,
        _ => return None,
    };
    compute(file, call.args.first()?)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "
        pub const MAX_FRAME: usize = 128 << 20;
        pub const MAX_DEPTH: usize = 64;
        pub const MAX_VALUE_DEPTH: usize = MAX_DEPTH - (2 * 2);
        const BUDGET: std::time::Duration = std::time::Duration::from_millis(50);
        const MANY: u32 = 10_000;
        const OTHER: u32 = other();
    ";

    fn wrong(limit: &Limit, reference: &str) -> Option<String> {
        compare(limit, &syn::parse_file(CODE).unwrap(), reference).map(|violation| violation.wrong)
    }

    #[test]
    fn a_wrong_number_is_found_with_both_places() {
        let frame = limit("| payload of a frame | {} bytes |", FRAME, "MAX_FRAME");
        assert_eq!(wrong(&frame, "| payload of a frame | 134217728 bytes |"), None);
        let expected = "protocol/WIRE.md says \"| payload of a frame | 134217729 bytes |\", \
                        and MAX_FRAME in protocol/src/frame.rs is 134217728";
        assert_eq!(wrong(&frame, "| payload of a frame | 134217729 bytes |").unwrap(), expected);
        assert!(wrong(&frame, "| payload of a frame | 128 MiB |").unwrap().contains("does not say"));
        assert!(wrong(&limit("at most {}", "a.rs", "OTHER"), "at most 7").unwrap().contains("no constant OTHER"));
        assert!(wrong(&limit("at most {}", "a.rs", "GONE"), "at most 7").unwrap().contains("no constant GONE"));
    }

    #[test]
    fn constants_are_computed_and_units_converted() {
        assert_eq!(wrong(&limit("nests {} deep", "a.rs", "MAX_VALUE_DEPTH"), "it nests 60 deep"), None);
        assert_eq!(wrong(&limit("({} MiB)", "a.rs", "MAX_FRAME").each(MIB), "of 1 byte (128 MiB)"), None);
        let budget = limit("for {} ms", "a.rs", "BUDGET").each(MILLISECOND);
        assert_eq!(wrong(&budget, "for 50 ms"), None);
        assert!(wrong(&budget, "for 51 ms").unwrap().ends_with("BUDGET in a.rs is 50"));
        let seconds = limit("for {} s", "a.rs", "BUDGET").each(SECOND);
        assert!(wrong(&seconds, "for 50 s").is_some());
    }

    #[test]
    fn numbers_may_have_commas_in_and_behind_them() {
        let many = limit("of more than {}, that many", "a.rs", "MANY");
        assert_eq!(wrong(&many, "of more than 5. And of more than 10,000, that many"), None);
        assert_eq!(wrong(&limit("{} of it", "a.rs", "MANY"), "each\n10000 of it"), None);
        assert!(wrong(&limit("holds {} of them", "a.rs", "MANY"), "holds 10,000, of them").is_some());
    }

    #[test]
    fn each_row_of_the_section_is_checked() {
        let rows = "## 1. Limits\n\n| what | limit |\n|-|-|\n| nesting in a payload | 64 levels |\n| run ids | u64 |\n";
        assert_eq!(unchecked(&format!("\n{rows}")), []);
        let wrongs = unchecked(&format!("\n{rows}| apples | 7 |\n\n## 2. Other\n\n| pears | 8 |\n"));
        assert_eq!(wrongs.len(), 1);
        assert!(wrongs[0].wrong.ends_with("| apples | 7 |"));
    }
}
