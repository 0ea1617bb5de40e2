//! Object literal or block: decided by parsing, never by running.
//!
//! The rule is Node's: text that starts with `{` and does not end with `;` is an expression if `(text)` is one.

use std::ops::Range;

use drupe_lexer::Text;
use swc_core::common::Spanned;
use swc_core::ecma::ast::{GetterProp, MethodProp, ModuleItem, Program, SetterProp};
use swc_core::ecma::visit::{Visit, VisitWith};

/// Whether a text may begin with an object.
pub(crate) fn begins_with_brace(source: &str) -> bool {
    Text(source).next_byte(0) == Some(b'{')
}

/// Whether a text ends as no expression does.
pub(crate) fn ends_in_semicolon(source: &str) -> bool {
    let text = Text(source);
    text.last_before(source.len()).and_then(|at| text.byte(at)) == Some(b';')
}

/// The chunk in parentheses; the line break keeps a trailing comment from swallowing the last one.
pub(crate) fn parenthesize(source: &str) -> String {
    format!("({source}\n)")
}

/// Where the expression stands that is all of a program but one pair of parentheses, which spans a text of `length`
/// bytes: as byte offsets of the text between the parentheses.
pub(crate) fn in_one_parenthesis(program: &Program, length: usize) -> Option<Range<usize>> {
    let statement = match program {
        Program::Script(script) => match script.body.as_slice() {
            [statement] => statement,
            _ => return None,
        },
        Program::Module(module) => match module.body.as_slice() {
            [ModuleItem::Stmt(statement)] => statement,
            _ => return None,
        },
    };
    let paren = statement.as_expr()?.expr.as_paren()?;
    let is_whole = paren.span.lo.0 == 1 && paren.span.hi.0 as usize == length + 1 && !has_bodiless_method(program);
    let inner = paren.expr.span();
    is_whole.then(|| inner.lo.0.saturating_sub(2) as usize..inner.hi.0.saturating_sub(2) as usize)
}

/// Whether an object has a method without a body. The parser takes `{ f() }` for one where there may be types, and it
/// is none: a block.
fn has_bodiless_method(program: &Program) -> bool {
    struct Finder(bool);
    impl Visit for Finder {
        fn visit_method_prop(&mut self, method: &MethodProp) {
            self.0 |= method.function.body.is_none();
            method.visit_children_with(self);
        }
        fn visit_getter_prop(&mut self, getter: &GetterProp) {
            self.0 |= getter.function.body.is_none();
            getter.visit_children_with(self);
        }
        fn visit_setter_prop(&mut self, setter: &SetterProp) {
            self.0 |= setter.function.body.is_none();
            setter.visit_children_with(self);
        }
    }
    let mut finder = Finder(false);
    program.visit_with(&mut finder);
    finder.0
}
