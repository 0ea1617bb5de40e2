//! Computed names of decorated members: the transform of TypeScript's decorators before version 5 evaluates them before
//! the statement of the class. Here they go back, so that all names of a class are evaluated in source order, as often
//! as the class is.

use std::collections::{HashMap, HashSet};

use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith};

/// What the transform calls the variable of a name.
const KEY: &str = "_key";

/// Puts the names back into their classes.
pub(super) fn put_back(program: &mut Program) {
    let mut used = Used(HashSet::new());
    program.visit_with(&mut used);
    if !used.0.is_empty() {
        program.visit_mut_with(&mut PutBack { used: used.0, keys: HashMap::new() });
    }
}

/// The variables that are names of members.
struct Used(HashSet<Id>);

impl Visit for Used {
    fn visit_computed_prop_name(&mut self, name: &ComputedPropName) {
        if let Expr::Ident(key) = &*name.expr
            && key.sym == KEY
        {
            self.0.insert(key.to_id());
        }
        name.visit_children_with(self);
    }
}

struct PutBack {
    used: HashSet<Id>,
    /// Assignments that were taken out, by their variables.
    keys: HashMap<Id, Box<Expr>>,
}

impl PutBack {
    /// The variable that a statement of the transform sets.
    fn set(&self, statement: &Stmt) -> Option<Id> {
        let statement = statement.as_expr().filter(|statement| statement.span.is_dummy())?;
        let assignment = statement.expr.as_assign().filter(|assignment| assignment.span.is_dummy())?;
        let id = assignment.left.as_ident()?.to_id();
        self.used.contains(&id).then_some(id)
    }

    /// Whether an item of a list stays in it.
    fn stays(&mut self, statement: &mut Stmt) -> bool {
        let Some(id) = self.set(statement) else { return true };
        if let Some(statement) = statement.as_mut_expr() {
            self.keys.insert(id, statement.expr.take());
        }
        false
    }
}

impl VisitMut for PutBack {
    fn visit_mut_stmts(&mut self, statements: &mut Vec<Stmt>) {
        statements.retain_mut(|statement| {
            statement.visit_mut_with(self);
            self.stays(statement)
        });
    }

    fn visit_mut_module_items(&mut self, items: &mut Vec<ModuleItem>) {
        items.retain_mut(|item| {
            item.visit_mut_with(self);
            item.as_mut_stmt().is_none_or(|statement| self.stays(statement))
        });
    }

    fn visit_mut_computed_prop_name(&mut self, name: &mut ComputedPropName) {
        if let Expr::Ident(key) = &*name.expr
            && let Some(assignment) = self.keys.remove(&key.to_id())
        {
            name.expr = assignment;
        }
        name.visit_mut_children_with(self);
    }
}
