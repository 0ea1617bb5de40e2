//! Not of swc: a parser whose reading is counted, and ends when a budget is used up.
//!
//! The parser tries what may be types or arrow functions, goes back, and tries something else. Nested in each other, such attempts read
//! the same text exponentially often. Here every token that is read is charged for, however often it is read: all clones and
//! checkpoints of the source of tokens share one [`Meter`]. When that is used up, the text seems to end, and the parse with it.

use std::{
    cell::{Cell, RefCell},
    sync::atomic::{AtomicBool, Ordering},
};

use swc_common::{BytePos, Span, Spanned};
use swc_ecma_ast::{EsVersion, Program};

use crate::{
    error::{Error, SyntaxError},
    input::Tokens,
    lexer::{Lexer, Token, TokenAndSpan, TokenFlags, TokenValue},
    parser::PResult,
    syntax::SyntaxFlags,
    Context, Parser,
};

/// How many units are spent between two looks at the flag that stops.
const SLICE: u64 = 4096;

/// What an error costs, which is more than what it takes to read its token.
const ERROR: u64 = 32;

/// What it costs to copy what the parser made of a byte: each node is allocated again.
const COPY: u64 = 4;

/// How many failed attempts are kept.
const TRIED: usize = 8;

/// How much may be read, in units: one for a token, and one for each byte that was read for it; and how deep the parser may call itself.
#[derive(Debug)]
pub struct Meter<'a> {
    /// What is left before the next look at `stop`.
    slice: Cell<u64>,
    /// What is left besides.
    rest: Cell<u64>,
    spent: Cell<u64>,
    /// How many bytes' worth was copied.
    copied: Cell<u64>,
    end: Cell<Option<End>>,
    /// Why attempts of the parser failed after all of the text was read, with nothing wrong before: the last ones.
    tried: RefCell<Vec<Error>>,
    stop: &'a AtomicBool,
    /// Where the stack was when this was made, and how many bytes of it may be used beyond.
    base: usize,
    stack: usize,
}

/// Why nothing more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The budget is used up.
    Spent,
    /// The parser has called itself too deeply.
    Deep,
    /// Somebody raised the flag.
    Stopped,
    /// What was read would cost too much to go on with.
    Costly,
}

impl<'a> Meter<'a> {
    /// A meter with a budget of units and of bytes of the stack, from here on; whoever raises `stop` ends the reading soon.
    pub fn new(budget: u64, stack: usize, stop: &'a AtomicBool) -> Self {
        Self {
            slice: Cell::new(0),
            rest: Cell::new(budget),
            spent: Cell::new(0),
            copied: Cell::new(0),
            end: Cell::new(None),
            tried: RefCell::default(),
            stop,
            base: here(),
            stack,
        }
    }

    /// Adds to the budget, if it is not used up.
    pub fn allow(&self, more: u64) {
        if self.end.get().is_none() {
            self.rest.set(self.rest.get().saturating_add(more));
        }
    }

    /// Why nothing more is read, if that is so.
    pub fn end(&self) -> Option<End> {
        self.end.get()
    }

    /// How much was spent.
    pub fn spent(&self) -> u64 {
        self.spent.get() - self.slice.get()
    }

    /// Takes the reasons for which attempts failed after all of the text was read, the last ones.
    pub fn take_tried(&self) -> Vec<Error> {
        self.tried.take()
    }

    /// Keeps why an attempt failed.
    fn keep_tried(&self, error: Error) {
        let mut all = self.tried.borrow_mut();
        if all.len() == TRIED {
            all.remove(0);
        }
        all.push(error);
    }

    /// Ends the reading where the stack is too deep.
    #[inline]
    fn look_at_stack(&self) {
        if self.base.abs_diff(here()) > self.stack {
            self.finish(End::Deep);
        }
    }

    /// Ends the reading.
    #[cold]
    pub fn finish(&self, end: End) {
        if self.end.get().is_none() {
            self.spent.set(self.spent());
            self.slice.set(0);
            self.end.set(Some(end));
        }
    }

    /// Whether there was that much left.
    #[inline]
    pub fn spend(&self, units: u64) -> bool {
        match self.slice.get().checked_sub(units) {
            Some(left) => {
                self.slice.set(left);
                true
            }
            None => self.refill(units),
        }
    }

    #[cold]
    fn refill(&self, units: u64) -> bool {
        if self.end.get().is_some() {
            return false;
        }
        if self.stop.load(Ordering::Relaxed) {
            self.finish(End::Stopped);
            return false;
        }
        if units > self.rest.get() + self.slice.get() {
            self.finish(End::Spent);
            return false;
        }
        // What is missing, and a slice more if there is one.
        let taken = self.rest.get().min(units - self.slice.get() + SLICE);
        self.rest.set(self.rest.get() - taken);
        self.spent.set(self.spent.get() + taken);
        self.slice.set(self.slice.get() + taken - units);
        true
    }
}

/// About where the stack is.
#[inline(always)]
fn here() -> usize {
    let local = 0_u8;
    std::ptr::from_ref(&local).addr()
}

/// Parses a program. What is wrong with it is in the result or among the errors, or both, as swc has it; `leave` is taken off the
/// context before the errors are collected. Errors that are `tolerated` do not spoil an attempt, see [`Meter::take_tried`].
pub fn parse_program<'a>(
    lexer: Lexer<'a>,
    meter: &'a Meter<'a>,
    leave: Context,
    tolerated: &'a dyn Fn(&SyntaxError) -> bool,
) -> (PResult<Program>, Vec<Error>) {
    meter.take_tried();
    let mut parser = Parser::new_from(Metered::new(lexer, meter, tolerated));
    let parsed = parser.parse_program();
    let context = parser.input_mut().get_ctx() - leave;
    parser.input_mut().set_ctx(context);
    let errors = parser.take_errors();
    (parsed, errors)
}

/// A lexer that charges for its tokens.
#[derive(Clone)]
struct Metered<'a> {
    lexer: Lexer<'a>,
    meter: &'a Meter<'a>,
    /// How far it has read.
    at: BytePos,
    tolerated: &'a dyn Fn(&SyntaxError) -> bool,
    /// How many errors there are so far that are not tolerated, also of those that attempts ignore.
    wrong: usize,
}

/// A place to go back to. The meter does not go back.
struct MeteredCheckpoint<'a> {
    lexer: <Lexer<'a> as Tokens>::Checkpoint,
    at: BytePos,
    wrong: usize,
}

impl<'a> Metered<'a> {
    fn new(lexer: Lexer<'a>, meter: &'a Meter<'a>, tolerated: &'a dyn Fn(&SyntaxError) -> bool) -> Self {
        let at = lexer.start_pos();
        Self { lexer, meter, at, tolerated, wrong: 0 }
    }

    /// Counts an error, unless it is where the text ends.
    fn count(&mut self, at: BytePos, error: &SyntaxError) {
        if at < self.end_pos() && !(self.tolerated)(error) {
            self.wrong += 1;
        }
    }

    /// Charges for what was read from `from` to the end of `token`.
    #[inline]
    fn charge(&mut self, from: BytePos, token: TokenAndSpan) -> TokenAndSpan {
        self.at = token.span.hi;
        let bytes = u64::from(token.span.hi.0.saturating_sub(from.0));
        let mut units = 1 + bytes;
        if token.token == Token::BigInt {
            // Its digits become a number in quadratic time.
            units += bytes * bytes / 16_384;
        }
        if self.meter.spend(units) {
            token
        } else {
            self.nothing()
        }
    }

    /// The next token, as long as the meter lets one be read.
    #[inline]
    fn read(&mut self, read: impl FnOnce(&mut Lexer<'a>) -> TokenAndSpan) -> TokenAndSpan {
        self.meter.look_at_stack();
        if self.meter.end().is_some() {
            return self.nothing();
        }
        let from = self.at;
        let token = read(&mut self.lexer);
        self.charge(from, token)
    }

    /// A token again, read in another way: **it is always read**, for the parser relies on what comes of it.
    #[inline]
    fn reread(&mut self, from: BytePos, read: impl FnOnce(&mut Lexer<'a>) -> TokenAndSpan) -> TokenAndSpan {
        let token = read(&mut self.lexer);
        self.at = token.span.hi;
        self.meter.spend(1 + u64::from(token.span.hi.0.saturating_sub(from.0)));
        token
    }

    /// The end of the text.
    #[cold]
    fn nothing(&mut self) -> TokenAndSpan {
        self.lexer.take_token_value();
        let end = self.lexer.end_pos();
        TokenAndSpan { token: Token::Eof, had_line_break: true, span: Span::new_with_checked(end, end) }
    }
}

impl<'a> Tokens for Metered<'a> {
    type Checkpoint = MeteredCheckpoint<'a>;

    fn checkpoint_save(&self) -> Self::Checkpoint {
        MeteredCheckpoint { lexer: self.lexer.checkpoint_save(), at: self.at, wrong: self.wrong }
    }

    fn checkpoint_load(&mut self, checkpoint: Self::Checkpoint) {
        self.at = checkpoint.at;
        self.wrong = checkpoint.wrong;
        self.lexer.checkpoint_load(checkpoint.lexer);
    }

    fn copied(&self) -> u64 {
        self.meter.copied.get()
    }

    fn copies(&mut self, start: BytePos, here: BytePos, copied: u64) {
        // What is copied may hold copies itself.
        let own = u64::from(here.0.saturating_sub(start.0));
        let bytes = own.saturating_add(self.meter.copied.get().saturating_sub(copied));
        self.meter.copied.set(self.meter.copied.get().saturating_add(bytes));
        self.meter.spend(bytes.saturating_mul(COPY));
    }

    fn tried(&mut self, error: Error) {
        if self.wrong == 0 && self.at >= self.end_pos() {
            self.meter.keep_tried(error);
        }
    }

    fn ignored(&mut self, at: BytePos, error: &SyntaxError) {
        self.count(at, error);
    }

    fn add_error(&mut self, error: Error) {
        self.meter.spend(ERROR);
        self.count(error.span().lo, error.kind());
        self.lexer.add_error(error);
    }

    fn add_module_mode_error(&mut self, error: Error) {
        self.meter.spend(ERROR);
        self.lexer.add_module_mode_error(error);
    }

    #[inline]
    fn first_token(&mut self) -> TokenAndSpan {
        self.read(Tokens::first_token)
    }

    #[inline]
    fn next_token(&mut self) -> TokenAndSpan {
        self.read(Tokens::next_token)
    }

    fn scan_jsx_token(&mut self) -> TokenAndSpan {
        self.read(Tokens::scan_jsx_token)
    }

    fn scan_jsx_open_el_terminal_token(&mut self) -> TokenAndSpan {
        self.read(Tokens::scan_jsx_open_el_terminal_token)
    }

    fn scan_jsx_attribute_value(&mut self) -> TokenAndSpan {
        self.read(Tokens::scan_jsx_attribute_value)
    }

    fn rescan_jsx_open_el_terminal_token(&mut self, reset: BytePos) -> TokenAndSpan {
        self.reread(reset, |lexer| Tokens::rescan_jsx_open_el_terminal_token(lexer, reset))
    }

    fn rescan_jsx_token(&mut self, reset: BytePos) -> TokenAndSpan {
        self.reread(reset, |lexer| Tokens::rescan_jsx_token(lexer, reset))
    }

    fn rescan_type_gt(&mut self, span: Span) -> TokenAndSpan {
        self.reread(span.lo, |lexer| Tokens::rescan_type_gt(lexer, span))
    }

    fn scan_jsx_identifier(&mut self, start: BytePos) -> TokenAndSpan {
        self.reread(start, |lexer| Tokens::scan_jsx_identifier(lexer, start))
    }

    fn rescan_template_token(&mut self, start: BytePos, start_with_back_tick: bool) -> TokenAndSpan {
        self.reread(start, |lexer| Tokens::rescan_template_token(lexer, start, start_with_back_tick))
    }

    #[inline]
    fn read_string(&self, span: Span) -> &str {
        self.lexer.read_string(span)
    }

    #[inline]
    fn set_ctx(&mut self, ctx: Context) {
        self.lexer.set_ctx(ctx);
    }

    #[inline]
    fn ctx(&self) -> Context {
        self.lexer.ctx()
    }

    #[inline]
    fn ctx_mut(&mut self) -> &mut Context {
        self.lexer.ctx_mut()
    }

    #[inline]
    fn syntax(&self) -> SyntaxFlags {
        self.lexer.syntax()
    }

    #[inline]
    fn target(&self) -> EsVersion {
        self.lexer.target()
    }

    #[inline]
    fn start_pos(&self) -> BytePos {
        self.lexer.start_pos()
    }

    #[inline]
    fn end_pos(&self) -> BytePos {
        self.lexer.end_pos()
    }

    fn set_expr_allowed(&mut self, allow: bool) {
        self.lexer.set_expr_allowed(allow);
    }

    fn set_next_regexp(&mut self, start: Option<BytePos>) {
        // It is read again from there.
        if let Some(start) = start {
            self.at = self.at.min(start);
        }
        self.lexer.set_next_regexp(start);
    }

    fn take_errors(&mut self) -> Vec<Error> {
        self.lexer.take_errors()
    }

    fn has_errors(&self) -> bool {
        self.lexer.has_errors()
    }

    fn diagnostic_checkpoint_save(&self) -> (usize, usize) {
        self.lexer.diagnostic_checkpoint_save()
    }

    fn diagnostic_checkpoint_load(&mut self, checkpoint: (usize, usize)) {
        self.lexer.diagnostic_checkpoint_load(checkpoint);
    }

    fn take_script_module_errors(&mut self) -> Vec<Error> {
        self.lexer.take_script_module_errors()
    }

    fn set_defer_comments(&mut self, defer: bool) {
        self.lexer.set_defer_comments(defer);
    }

    fn finalize_comments(&mut self) {
        Tokens::finalize_comments(&mut self.lexer);
    }

    fn update_token_flags(&mut self, f: impl FnOnce(&mut TokenFlags)) {
        self.lexer.update_token_flags(f);
    }

    #[inline]
    fn token_flags(&self) -> TokenFlags {
        self.lexer.token_flags()
    }

    fn clone_token_value(&self) -> Option<TokenValue> {
        self.lexer.clone_token_value()
    }

    #[inline]
    fn take_token_value(&mut self) -> Option<TokenValue> {
        self.lexer.take_token_value()
    }

    #[inline]
    fn get_token_value(&self) -> Option<&TokenValue> {
        self.lexer.get_token_value()
    }

    #[inline]
    fn set_token_value(&mut self, token_value: Option<TokenValue>) {
        self.lexer.set_token_value(token_value);
    }
}
