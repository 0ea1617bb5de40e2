//! Text such as `<div>` and a line break, which parses as a cast but is an unfinished element.
//!
//! TypeScript's `<T>x` looks like the beginning of an element whose end has not been typed yet. It counts as an element
//! where a line break follows the tag, or where the tag is one of HTML and a word, a brace or another tag follows it,
//! as elements begin. No type of that name may be declared beside it, and no semicolon may follow.

use std::collections::HashSet;

use drupe_lexer::Text;
use swc_core::atoms::Atom;
use swc_core::common::Spanned;
use swc_core::ecma::ast::{Decl, Expr, Program, TsEntityName, TsType, TsTypeAssertion};
use swc_core::ecma::visit::{Visit, VisitWith};

/// Elements of HTML that people write with contents.
const HTML: [&str; 69] = [
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "blockquote",
    "body",
    "button",
    "canvas",
    "caption",
    "cite",
    "code",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "html",
    "i",
    "iframe",
    "kbd",
    "label",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "picture",
    "pre",
    "q",
    "section",
    "select",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Whether a program has a cast that is the beginning of an element. Positions less `base` are offsets in `source`.
pub(crate) fn has_beginning(program: &Program, source: &str, base: u32) -> bool {
    struct Finder<'a> {
        text: Text<'a>,
        base: u32,
        found: bool,
        types: HashSet<Atom>,
    }
    impl Visit for Finder<'_> {
        fn visit_ts_type_assertion(&mut self, cast: &TsTypeAssertion) {
            self.found |= is_beginning(cast, self.text, self.base, &self.types);
            cast.visit_children_with(self);
        }
    }
    let mut types = Types(HashSet::new());
    program.visit_with(&mut types);
    let mut finder = Finder { text: Text(source), base, found: false, types: types.0 };
    program.visit_with(&mut finder);
    finder.found
}

/// The names of the types that a program declares.
struct Types(HashSet<Atom>);

impl Visit for Types {
    fn visit_decl(&mut self, declaration: &Decl) {
        match declaration {
            Decl::TsTypeAlias(alias) => self.0.insert(alias.id.sym.clone()),
            Decl::TsInterface(interface) => self.0.insert(interface.id.sym.clone()),
            Decl::Class(class) => self.0.insert(class.ident.sym.clone()),
            Decl::TsEnum(declaration) => self.0.insert(declaration.id.sym.clone()),
            Decl::Fn(_) | Decl::Var(_) | Decl::Using(_) | Decl::TsModule(_) => false,
        };
        declaration.visit_children_with(self);
    }
}

fn is_beginning(cast: &TsTypeAssertion, text: Text<'_>, base: u32, types: &HashSet<Atom>) -> bool {
    let TsType::TsTypeRef(name) = &*cast.type_ann else { return false };
    let TsEntityName::Ident(tag) = &name.type_name else { return false };
    let offset = |position: swc_core::common::BytePos| position.0.saturating_sub(base) as usize;
    let end = text.expect(offset(name.span.hi), b'>');
    let breaks = end.is_some_and(|end| text.0[end + 1..].trim_start_matches([' ', '\t']).starts_with(['\n', '\r']));
    let word = matches!(&*cast.expr, Expr::Ident(_) | Expr::Object(_) | Expr::TsTypeAssertion(_));
    let ends = text.expect(offset(cast.span_hi()), b';').is_some();
    let reads_on = word && !ends && HTML.contains(&&*tag.sym);
    name.type_params.is_none() && !types.contains(&tag.sym) && (breaks || reads_on)
}
