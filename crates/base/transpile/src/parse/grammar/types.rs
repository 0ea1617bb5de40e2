//! Types that have no meaning.

use swc_core::common::Spanned;
use swc_core::ecma::ast::*;

use super::Checker;

impl Checker<'_> {
    pub(super) fn index_signature(&mut self, signature: &TsIndexSignature) {
        if signature.type_ann.is_none() {
            self.report_at(signature.span, "An index signature needs a type: [key: string]: Type");
        }
    }

    pub(super) fn type_operator(&mut self, operator: &TsTypeOperator) {
        let of = &*operator.type_ann;
        match operator.op {
            TsTypeOperatorOp::Unique => {
                let is_symbol = of.as_ts_keyword_type().is_some_and(|keyword| keyword.kind == TsKeywordTypeKind::TsSymbolKeyword);
                if !is_symbol {
                    self.report_at(of.span(), "Only a symbol is unique: 'unique symbol'");
                }
            }
            TsTypeOperatorOp::ReadOnly if !of.is_ts_array_type() && !of.is_ts_tuple_type() => {
                self.report_at(of.span(), "'readonly' stands before types of arrays and tuples: readonly Type[]");
            }
            _ => {}
        }
    }
}
