//! `IS [NOT] DISTINCT FROM` must stand alone in its parentheses.
//!
//! sqlparser 0.62, which DataFusion 55 pins, reads `a IS DISTINCT FROM b OR c` as `a IS DISTINCT FROM (b OR c)`: the
//! exception that `c` would have found is lost in silence (apache/datafusion#23692). The tree is wrong by then, so this
//! rule reads tokens.

use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer};

use super::{Finding, Rule};
use crate::sql::DIALECT;

/// Words that may not share parentheses with the operator: each binds in another way than the misread tree does, or
/// shows that the parentheses are those of a query.
const REFUSED_BESIDE: [&str; 9] = ["AND", "OR", "NOT", "SELECT", "BETWEEN", "IN", "LIKE", "VALUES", "WITH"];

/// One group of parentheses, a CASE, or the whole text.
#[derive(Default)]
struct Group {
    /// Where the operator stands in this group, if it does.
    operator: Option<Span>,
    /// Whether a refused word, a comma or a comparison stands beside it.
    crowded: bool,
    operators: usize,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "of many tokens these open and close groups")]
pub(super) fn check(file: &str, text: &str) -> Vec<Finding> {
    // A text that has no tokens does not parse either; the parser reports it.
    let Ok(tokens) = Tokenizer::new(&DIALECT, text).tokenize_with_location() else { return Vec::new() };
    let tokens: Vec<TokenWithSpan> =
        tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let mut found = Vec::new();
    let mut open = vec![Group { crowded: true, ..Group::default() }];
    for (index, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen => open.push(Group::default()),
            Token::RParen => {
                if let Some(group) = open.pop() {
                    report(file, &group, &mut found);
                }
            }
            // What stands between CASE and END is apart from what stands around it, and never alone.
            Token::Word(_) if is_word(token, "CASE") => open.push(Group { crowded: true, ..Group::default() }),
            Token::Word(_) if is_word(token, "END") => {
                if let Some(group) = open.pop() {
                    report(file, &group, &mut found);
                }
            }
            _ => {
                let Some(group) = open.last_mut() else { continue };
                if is_word(token, "IS") && is_distinct_from(&tokens, index) {
                    group.operator = Some(token.span);
                    group.operators += 1;
                } else if is_crowding(token) && !belongs_to_operator(&tokens, index) {
                    group.crowded = true;
                }
            }
        }
    }
    for group in &open {
        report(file, group, &mut found);
    }
    found
}

fn report(file: &str, group: &Group, found: &mut Vec<Finding>) {
    if let Some(span) = group.operator
        && (group.crowded || group.operators > 1)
    {
        let message =
            "write `(a IS DISTINCT FROM b)` in parentheses of its own: the parser reads past a following AND or OR";
        found.push(Finding::at(file, span, Rule::DistinctFromParentheses, message));
    }
}

fn is_word(token: &TokenWithSpan, word: &str) -> bool {
    matches!(&token.token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

/// Whether the `IS` at `index` begins `IS [NOT] DISTINCT FROM`.
fn is_distinct_from(tokens: &[TokenWithSpan], index: usize) -> bool {
    let word = |offset: usize, word| tokens.get(index + offset).is_some_and(|token| is_word(token, word));
    let distinct = if word(1, "NOT") { 2 } else { 1 };
    word(distinct, "DISTINCT") && word(distinct + 1, "FROM")
}

/// Whether the token at `index` is the `NOT` of `IS NOT`.
fn belongs_to_operator(tokens: &[TokenWithSpan], index: usize) -> bool {
    index > 0 && tokens.get(index - 1).is_some_and(|before| is_word(before, "IS"))
}

fn is_crowding(token: &TokenWithSpan) -> bool {
    let comparison = matches!(
        token.token,
        Token::Eq | Token::DoubleEq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq | Token::Comma
    );
    comparison || REFUSED_BESIDE.iter().any(|word| is_word(token, word))
}
