//! Object literal or block: decided by parsing, never by running.
//!
//! The rule is Node's: text that starts with `{` and does not end with `;` is an expression if `(text)` is one.

use swc_core::ecma::ast::{GetterProp, MethodProp, ModuleItem, Program, SetterProp, Stmt};
use swc_core::ecma::visit::{Visit, VisitWith};

use crate::source::brackets;
use crate::source::text::Text;

/// Whether a chunk is to be tried as an expression in parentheses first.
pub(crate) fn may_be_object(source: &str) -> bool {
    let text = Text(source);
    text.next_byte(0) == Some(b'{') && text.last_before(source.len()).and_then(|at| text.byte(at)) != Some(b';')
}

/// Whether a text begins with a brace and ends inside of it: what ends in a semicolon may be in a method of an object.
pub(crate) fn is_open_brace(source: &str) -> bool {
    Text(source).next_byte(0) == Some(b'{') && brackets::read(source, usize::MAX, true).open > 0
}

/// The chunk in parentheses; the line break keeps a trailing comment from swallowing the last one.
pub(crate) fn parenthesize(source: &str) -> String {
    format!("({source}\n)")
}

/// Whether a program is nothing but one pair of parentheses that spans all of a text of `length` bytes.
pub(crate) fn is_one_parenthesis(program: &Program, length: usize) -> bool {
    let statement = match program {
        Program::Script(script) => match script.body.as_slice() {
            [statement] => statement,
            _ => return false,
        },
        Program::Module(module) => match module.body.as_slice() {
            [ModuleItem::Stmt(statement)] => statement,
            _ => return false,
        },
    };
    let Stmt::Expr(statement) = statement else { return false };
    let Some(paren) = statement.expr.as_paren() else { return false };
    paren.span.lo.0 == 1 && paren.span.hi.0 as usize == length + 1 && !has_bodiless_method(program)
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
