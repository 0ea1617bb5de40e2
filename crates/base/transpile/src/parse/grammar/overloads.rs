//! Functions and methods without bodies: each is an overload, and its implementation follows it.

use swc_core::ecma::ast::*;

use super::Checker;
use crate::parse::ends;
use crate::parse::signatures::{Head, NO_BODY};

impl Checker<'_> {
    /// The functions in a module or a namespace.
    pub(super) fn functions_of_items(&mut self, items: &[ModuleItem]) {
        let mut heads: Vec<_> = items.iter().filter(|item| !is_empty(item)).map(Head::of_item).collect();
        if self.is_top_level() {
            // More text may bring the implementation of the last: who asks for a program tells that it is missing.
            let items = items.iter().filter(|item| !is_empty(item));
            wait_for_rest(&mut heads, &items.map(ends::stays).collect::<Vec<_>>());
        }
        self.overloads(&heads);
    }

    /// The functions in a script or a block.
    pub(super) fn functions_of_statements(&mut self, statements: &[Stmt]) {
        let mut heads: Vec<_> = statements.iter().filter(|statement| !statement.is_empty()).map(Head::of_statement).collect();
        if self.is_top_level() {
            let stays = vec![true; heads.len()];
            wait_for_rest(&mut heads, &stays);
        }
        self.overloads(&heads);
    }

    /// The methods of a class.
    pub(super) fn methods(&mut self, class: &Class) {
        let members = class.body.iter().filter(|member| !matches!(member, ClassMember::Empty(_)));
        let heads: Vec<_> = members.map(Head::of_member).collect();
        self.overloads(&heads);
    }

    fn is_top_level(&self) -> bool {
        !self.place.is_nested && !self.place.is_namespace
    }

    fn overloads(&mut self, heads: &[Option<Head<'_>>]) {
        if self.place.is_ambient {
            return;
        }
        for (index, head) in heads.iter().enumerate() {
            let Some(head) = head.as_ref().filter(|head| !head.has_body) else { continue };
            match heads.get(index + 1).and_then(Option::as_ref) {
                Some(next) if next.name == head.name && next.is_static == head.is_static => {}
                Some(next) if next.name == head.name => {
                    self.report_at(next.at, "All overloads of a method are static, or none is");
                }
                Some(next) if next.has_body && !head.name.is_empty() && !next.name.is_empty() => {
                    self.report_at(next.at, format!("The implementation of '{}' must stand here", head.name));
                }
                _ if head.is_static.is_some() && head.name == "constructor" => {
                    self.report_at(head.at, "The constructor has no body, and no implementation follows it directly");
                }
                _ if head.is_static.is_some() => {
                    self.report_at(head.at, "The method has no body, and no implementation follows it directly");
                }
                _ => self.report_at(head.at, NO_BODY),
            }
        }
    }
}

/// Takes the last head for one with a body.
fn wait_for_rest(heads: &mut [Option<Head<'_>>], stays: &[bool]) {
    let last = stays.iter().rposition(|stays| *stays);
    if let Some(head) = last.and_then(|last| heads[last].as_mut()) {
        head.has_body = true;
    }
}

fn is_empty(item: &ModuleItem) -> bool {
    item.as_stmt().is_some_and(Stmt::is_empty)
}
