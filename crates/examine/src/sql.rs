//! The text of a query as a syntax tree, and the parameters put into it.
//!
//! Invariant: a parameter enters the tree as a typed literal, never as text, so no value can become syntax.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use datafusion::sql::sqlparser::{
    ast::{
        CastKind, DataType, ExactNumberInfo, Expr, ObjectName, Query, Statement, TimezoneInfo, Value, Visit, VisitMut,
        Visitor, VisitorMut,
    },
    dialect::GenericDialect,
    parser::{Parser, ParserError},
    tokenizer::{Span, Token, Tokenizer},
};
use tickmark_catalog::ColumnType;

use crate::{Finding, lint::Rule};

/// The dialect that control tests are written in: DataFusion's default.
pub(crate) const DIALECT: GenericDialect = GenericDialect {};

/// How many words and signs a query may have. A chain of thousands of operators is read by nobody, and what walks through it
/// runs out of stack.
const TOKENS: usize = 2_000;

/// The values of a query's parameters, by name without `$`: type and text as the catalog writes it.
pub(crate) type Parameters = BTreeMap<String, (ColumnType, String)>;

/// Reads `text` as exactly one query.
pub(crate) fn parse(file: &str, text: &str) -> Result<Statement, Finding> {
    let tokens = Tokenizer::new(&DIALECT, text).tokenize().map_err(|error| syntax(file, &error.into()))?;
    let tokens = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).count();
    if tokens > TOKENS {
        let message =
            format!("the query has {tokens} words and signs; a query that a person can check has at most {TOKENS}");
        return Err(Finding::whole(file, Rule::Syntax, message));
    }
    let statements = Parser::parse_sql(&DIALECT, text).map_err(|error| syntax(file, &error))?;
    let mut statements = statements.into_iter();
    match (statements.next(), statements.next()) {
        (Some(statement @ Statement::Query(_)), None) => Ok(statement),
        (None, _) => Err(Finding::whole(file, Rule::OneQuery, "the file holds no query")),
        (Some(_), None) => Err(Finding::whole(file, Rule::OneQuery, "the statement is not a SELECT")),
        (Some(_), Some(_)) => Err(Finding::whole(file, Rule::OneQuery, "the file holds more than one statement")),
    }
}

/// The parser's own message ends in ` at Line: 3, Column: 14`.
fn syntax(file: &str, error: &ParserError) -> Finding {
    let message = match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        ParserError::RecursionLimitExceeded => "expressions are nested too deeply".to_owned(),
    };
    let (what, line, column) = match message.split_once(" at Line: ") {
        None => (message.as_str(), 0, 0),
        Some((what, place)) => {
            let (line, column) = place.split_once(", Column: ").unwrap_or((place, "0"));
            (what, line.trim().parse().unwrap_or(0), column.trim().parse().unwrap_or(0))
        }
    };
    Finding { file: file.to_owned(), line, column, rule: Rule::Syntax, message: what.to_owned() }
}

/// A table that a query names, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TableName {
    /// As written, folded to lower case when it was not quoted.
    pub(crate) name: String,
    /// The place of its first mention.
    pub(crate) span: Span,
}

/// The tables that a query names, without those it defines itself in `WITH`.
pub(crate) fn tables(statement: &Statement) -> Vec<TableName> {
    let mut found = Tables::default();
    // A walk that never breaks ends with `Continue`.
    let _: ControlFlow<()> = statement.visit(&mut found);
    found.named.into_iter().filter(|table| !found.defined.contains(&table.name)).collect()
}

/// The names of the tables alone.
pub(crate) fn table_names(statement: &Statement) -> BTreeSet<String> {
    tables(statement).into_iter().map(|table| table.name).collect()
}

#[derive(Default)]
struct Tables {
    named: Vec<TableName>,
    defined: BTreeSet<String>,
}

impl Visitor for Tables {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.defined.insert(folded(&cte.alias.name.value, cte.alias.name.quote_style));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let parts: Vec<_> = relation.0.iter().filter_map(|part| part.as_ident()).collect();
        let name = match parts.as_slice() {
            [one] => folded(&one.value, one.quote_style),
            _ => relation.to_string(),
        };
        let span = parts.first().map_or(Span::empty(), |ident| ident.span);
        self.named.push(TableName { name, span });
        ControlFlow::Continue(())
    }
}

fn folded(name: &str, quote: Option<char>) -> String {
    if quote.is_some() { name.to_owned() } else { name.to_ascii_lowercase() }
}

/// The tree with each `$name` replaced by its value; names without a value stay, and the lint refuses them.
pub(crate) fn with_parameters(mut statement: Statement, parameters: &Parameters) -> Statement {
    let _: ControlFlow<()> = VisitMut::visit(&mut statement, &mut Substitute(parameters));
    statement
}

struct Substitute<'a>(&'a Parameters);

impl VisitorMut for Substitute<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Value(value) = expr
            && let Value::Placeholder(name) = &value.value
            && let Some((kind, text)) = name.strip_prefix('$').and_then(|name| self.0.get(name))
        {
            *expr = literal(*kind, text);
        }
        ControlFlow::Continue(())
    }
}

/// A value as a typed literal. Numbers go through a cast from text: it is exact, and the type is the declared one.
fn literal(kind: ColumnType, text: &str) -> Expr {
    let cast = |data_type| Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(Value::SingleQuotedString(text.to_owned()).into())),
        data_type,
        array: false,
        format: None,
    };
    match kind {
        ColumnType::Text => Expr::Value(Value::SingleQuotedString(text.to_owned()).into()),
        ColumnType::Bool => Expr::Value(Value::Boolean(text == "true").into()),
        ColumnType::Int => cast(DataType::BigInt(None)),
        ColumnType::Date => cast(DataType::Date),
        ColumnType::Timestamp => cast(DataType::Timestamp(None, TimezoneInfo::WithTimeZone)),
        ColumnType::Decimal { precision, scale } => {
            cast(DataType::Decimal(ExactNumberInfo::PrecisionAndScale(u64::from(precision), i64::from(scale))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_becomes_syntax() {
        let statement = parse("test.sql", "SELECT a FROM t WHERE b = $name AND c = $day AND d = $limit").unwrap();
        let parameters = Parameters::from([
            ("name".to_owned(), (ColumnType::Text, "x' OR '1'='1".to_owned())),
            ("day".to_owned(), (ColumnType::Date, "2026-09-30".to_owned())),
            ("limit".to_owned(), (ColumnType::Decimal { precision: 18, scale: 2 }, "0.05".to_owned())),
        ]);
        assert_eq!(
            with_parameters(statement, &parameters).to_string(),
            "SELECT a FROM t WHERE b = 'x'' OR ''1''=''1' AND c = CAST('2026-09-30' AS DATE) AND d = CAST('0.05' AS DECIMAL(18,2))"
        );
    }

    #[test]
    fn tables_of_with_are_not_tables() {
        let statement = parse(
            "t",
            "WITH x AS (SELECT a FROM Payslip) SELECT a FROM x JOIN \"pay_run\" ON true WHERE a IN (SELECT b FROM s.t)",
        );
        let names: Vec<String> = table_names(&statement.unwrap()).into_iter().collect();
        assert_eq!(names, ["pay_run", "payslip", "s.t"]);
    }

    #[test]
    fn only_one_query_and_its_place_when_it_does_not_parse() {
        let error = parse("test.sql", "SELECT a\nFROM t WHERE )").unwrap_err();
        assert_eq!((error.rule, error.line, error.column), (Rule::Syntax, 2, 14), "{error}");
        for text in [
            "",
            "SELECT 1; SELECT 2",
            "DELETE FROM t",
            "INSERT INTO t VALUES (1)",
            "CREATE TABLE t (a int)",
            "SET a = 1",
        ] {
            assert_eq!(parse("test.sql", text).unwrap_err().rule, Rule::OneQuery, "{text}");
        }
    }

    #[test]
    fn a_query_that_nobody_can_check_is_refused_before_it_is_walked_through() {
        let chain = |terms: usize| format!("SELECT 1 WHERE {}", vec!["1 = 0"; terms].join(" OR "));
        for (terms, is_refused) in [(400, false), (1_000, true), (100_000, true)] {
            let told = parse("test.sql", &chain(terms)).err().map(|finding| finding.to_string());
            assert_eq!(told.is_some(), is_refused, "{terms} terms: {told:?}");
        }
    }
}
