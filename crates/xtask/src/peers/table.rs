//! The table: a row for each figure, a column for each contender, and the goals.

use super::{
    figures::{Figure, Verdict},
    measured::Measured,
    peer::Who,
};

/// For a terminal: aligned by spaces.
pub(super) fn terminal(measured: &Measured) -> String {
    aligned(&cells(measured), "  ", false)
}

/// For a document: a table of Markdown, aligned as well.
pub(super) fn markdown(measured: &Measured) -> String {
    aligned(&cells(measured), " | ", true)
}

/// The titles, then the lines.
fn cells(measured: &Measured) -> Vec<Vec<String>> {
    let columns: Vec<Who> = Who::ALL.into_iter().filter(|who| measured.is_present(*who)).collect();
    let titles = ["what"].into_iter().chain(columns.iter().map(|who| who.title())).chain(["drupe : node", "goal"]);
    let mut lines = vec![titles.map(str::to_owned).collect()];
    for figure in Figure::all(measured) {
        let mut line = vec![figure.what.clone()];
        line.extend(columns.iter().map(|who| figure.of(measured, *who).map_or("-".to_owned(), |value| figure.unit.text(value))));
        let (ours, theirs) = (figure.of(measured, Who::Drupe), figure.of(measured, Who::Node));
        line.push(ours.zip(theirs).map_or("-".to_owned(), |(ours, theirs)| times(ours / theirs)));
        line.push(figure.verdicts(measured).iter().map(verdict).collect::<Vec<_>>().join("; "));
        lines.push(line);
    }
    lines
}

fn verdict(verdict: &Verdict) -> String {
    let Verdict { goal, times: ratio, met } = verdict;
    let met = match met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "not measured",
    };
    let ratio = ratio.map_or(String::new(), |ratio| format!(" ({})", times(ratio)));
    format!("{goal}: {met}{ratio}")
}

fn times(ratio: f64) -> String {
    if ratio < 0.1 { format!("{ratio:.3}") } else { format!("{ratio:.2}") }
}

/// The first column and the last to the left, the others to the right.
fn aligned(lines: &[Vec<String>], between: &str, is_markdown: bool) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let is_left = |column: usize| column == 0 || column + 1 == columns;
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let pad = |(column, cell): (usize, &String)| {
            let width = widths[column];
            if is_left(column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        };
        let joined = line.iter().enumerate().map(pad).collect::<Vec<_>>().join(between);
        if is_markdown {
            text += &format!("| {joined} |\n");
        } else {
            text += joined.trim_end();
            text.push('\n');
        }
        if index == 0 && is_markdown {
            let rule =
                |column: usize| if is_left(column) { "-".repeat(widths[column]) } else { "-".repeat(widths[column] - 1) + ":" };
            text += &format!("| {} |\n", (0..columns).map(rule).collect::<Vec<_>>().join(between));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[[&str; 3]]) -> Vec<Vec<String>> {
        lines.iter().map(|line| line.map(str::to_owned).to_vec()).collect()
    }

    #[test]
    fn figures_stand_to_the_right() {
        let lines = lines(&[["what", "drupe", "goal"], ["reset", "1 ms", ""]]);
        assert_eq!(aligned(&lines, "  ", false), "what   drupe  goal\nreset   1 ms\n");
        assert_eq!(
            aligned(&lines, " | ", true),
            "| what  | drupe | goal |\n| ----- | ----: | ---- |\n| reset |  1 ms |      |\n"
        );
    }
}
