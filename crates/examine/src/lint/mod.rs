//! Rules that the SQL of control tests must keep, found in its text and syntax before anything is planned.
//!
//! Each rule closes a way in which a query could be wrong in silence. What needs types is found in the plan
//! (`crate::plan`), under the same names.

mod distinct_from;
mod syntax;

use std::{collections::BTreeSet, fmt};

use datafusion::sql::sqlparser::{ast::Statement, tokenizer::Span};
use serde::{Deserialize, Serialize};

use crate::sql;

/// A place where a query breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The file, such as `pay-net-recomputed/test.sql`.
    pub file: String,
    /// Line from 1; 0 when the finding is about the whole file.
    pub line: u64,
    /// Column from 1; 0 when unknown.
    pub column: u64,
    /// The rule.
    pub rule: Rule,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl Finding {
    pub(crate) fn whole(file: &str, rule: Rule, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, rule, message: message.into() }
    }

    pub(crate) fn at(file: &str, span: Span, rule: Rule, message: impl Into<String>) -> Self {
        let (line, column) = (span.start.line, span.start.column);
        Self { file: file.to_owned(), line, column, rule, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}: {} [{}]", self.file, self.message, self.rule),
            (line, 0) => write!(f, "{}:{line}: {} [{}]", self.file, self.message, self.rule),
            (line, column) => write!(f, "{}:{line}:{column}: {} [{}]", self.file, self.message, self.rule),
        }
    }
}

/// The rules, by the names that findings print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The text parses.
    Syntax,
    /// A file holds one SELECT.
    OneQuery,
    /// The query plans: its columns exist and its types fit.
    Plan,
    /// `IS [NOT] DISTINCT FROM` stands in parentheses of its own (sqlparser 0.62 reads past `OR`).
    DistinctFromParentheses,
    /// Columns are named, never `*`.
    NoStar,
    /// No floating-point number anywhere.
    NoFloat,
    /// No `TRY_CAST`: a value that does not fit is an error, not NULL.
    NoTryCast,
    /// Only listed functions.
    FunctionNotListed,
    /// Only declared datasets, and their history.
    TableNotDeclared,
    /// No table functions, pivots, samples or recursion.
    NoTableFunction,
    /// No LIMIT, OFFSET, FETCH, TOP: a cut list hides exceptions.
    NoLimit,
    /// What depends on the order of rows says the order.
    OrderMissing,
    /// Joins name their columns.
    NoNaturalJoin,
    /// Parameters are declared.
    UnknownParameter,
    /// SUM and AVG of money stay within one currency.
    OneCurrency,
    /// SUM and AVG cannot wrap.
    SumCannotWrap,
    /// Integers are not divided with `/`.
    IntegerDivision,
    /// A cast or `/` that rounds a decimal.
    SilentRounding,
    /// Two large tables are not joined without a condition.
    JoinCondition,
    /// The item columns come first and have the right types.
    ItemColumns,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax",
            Self::OneQuery => "one-query",
            Self::Plan => "plan",
            Self::DistinctFromParentheses => "distinct-from-parentheses",
            Self::NoStar => "no-star",
            Self::NoFloat => "no-float",
            Self::NoTryCast => "no-try-cast",
            Self::FunctionNotListed => "function-not-listed",
            Self::TableNotDeclared => "table-not-declared",
            Self::NoTableFunction => "no-table-function",
            Self::NoLimit => "no-limit",
            Self::OrderMissing => "order-missing",
            Self::NoNaturalJoin => "no-natural-join",
            Self::UnknownParameter => "unknown-parameter",
            Self::OneCurrency => "one-currency",
            Self::SumCannotWrap => "sum-cannot-wrap",
            Self::IntegerDivision => "integer-division",
            Self::SilentRounding => "silent-rounding",
            Self::JoinCondition => "join-condition",
            Self::ItemColumns => "item-columns",
        })
    }
}

/// What a query may name.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// Tables: each dataset and its `_history`.
    pub(crate) tables: BTreeSet<String>,
    /// Parameters without `$`.
    pub(crate) parameters: BTreeSet<String>,
}

/// Checks one query's text and syntax. Gives the tree when it parses, and what was found.
pub(crate) fn check(file: &str, text: &str, names: &Names) -> (Option<Statement>, Vec<Finding>) {
    let statement = match sql::parse(file, text) {
        Ok(statement) => statement,
        Err(finding) => return (None, vec![finding]),
    };
    let mut found = distinct_from::check(file, text);
    found.extend(syntax::check(file, &statement, names));
    found.sort();
    found.dedup();
    (Some(statement), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the rules that a query breaks.
    fn broken(text: &str) -> Vec<String> {
        let names = Names {
            tables: ["t", "t_history", "u"].map(str::to_owned).into(),
            parameters: ["on"].map(str::to_owned).into(),
        };
        check("test.sql", text, &names).1.iter().map(|finding| finding.rule.to_string()).collect()
    }

    #[test]
    fn sound_queries_pass() {
        for text in [
            "SELECT a, count(*) AS n FROM t WHERE (b IS DISTINCT FROM c) OR d GROUP BY a",
            "SELECT a FROM t WHERE b <= $on AND NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
            "WITH x AS (SELECT a, row_number() OVER (PARTITION BY b ORDER BY a) AS n FROM t_history) SELECT a FROM x WHERE n = 1",
            "SELECT a FROM t WHERE (b IS DISTINCT FROM c + CASE WHEN d = 1 AND e THEN 1 ELSE 2 END)",
            "SELECT a, string_agg(b, ',' ORDER BY b) AS s FROM t GROUP BY a",
            "SELECT a, sum(b) OVER (PARTITION BY a) AS s FROM t",
            "SELECT round_half_up(CAST(a AS DECIMAL(18, 2)), 1) AS r, extract(year FROM b) AS y, substring(c from 1 for 2) AS z FROM t",
        ] {
            assert_eq!(broken(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn each_rule_has_a_query_that_breaks_it() {
        for (text, rule) in [
            ("SELECT a FROM t WHERE b IS DISTINCT FROM c OR d", "distinct-from-parentheses"),
            ("SELECT a FROM t WHERE b IS NOT DISTINCT FROM c", "distinct-from-parentheses"),
            ("SELECT a FROM t WHERE (b IS DISTINCT FROM c OR d)", "distinct-from-parentheses"),
            ("SELECT a FROM t WHERE (NOT b IS DISTINCT FROM c)", "distinct-from-parentheses"),
            ("SELECT a FROM t WHERE a IN (SELECT a FROM u WHERE b IS DISTINCT FROM c)", "distinct-from-parentheses"),
            ("SELECT CASE WHEN b IS DISTINCT FROM c THEN 1 END AS x FROM t", "distinct-from-parentheses"),
            ("SELECT * FROM t", "no-star"),
            ("SELECT t.* FROM t", "no-star"),
            ("SELECT a FROM t WHERE EXISTS (SELECT * FROM u)", "no-star"),
            ("SELECT CAST(a AS DOUBLE) AS x FROM t", "no-float"),
            ("SELECT a::real AS x FROM t", "no-float"),
            ("SELECT a * 1e3 AS x FROM t", "no-float"),
            ("SELECT TRY_CAST(a AS DATE) AS x FROM t", "no-try-cast"),
            ("SELECT now() AS x FROM t", "function-not-listed"),
            ("SELECT current_date AS x FROM t", "function-not-listed"),
            ("SELECT random() AS x FROM t", "function-not-listed"),
            ("SELECT round(a, 2) AS x FROM t", "function-not-listed"),
            ("SELECT arrow_cast(a, 'Float64') AS x FROM t", "function-not-listed"),
            ("SELECT floor(a) AS x FROM t", "function-not-listed"),
            ("SELECT stddev(a) AS x FROM t", "function-not-listed"),
            ("SELECT a FROM payslip", "table-not-declared"),
            ("SELECT a FROM public.t", "table-not-declared"),
            ("SELECT a FROM '/etc/passwd'", "table-not-declared"),
            ("SELECT a FROM information_schema.tables", "table-not-declared"),
            ("SELECT value FROM generate_series(1, 9)", "no-table-function"),
            ("SELECT a FROM UNNEST([1, 2]) AS x(a)", "no-table-function"),
            ("SELECT a FROM t TABLESAMPLE SYSTEM (10)", "no-table-function"),
            ("WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a FROM x) SELECT a FROM x", "no-table-function"),
            ("SELECT a FROM t LIMIT 10", "no-limit"),
            ("SELECT a FROM t ORDER BY a OFFSET 1", "no-limit"),
            ("SELECT a FROM t FETCH FIRST 1 ROW ONLY", "no-limit"),
            ("SELECT a FROM t WHERE a = (SELECT b FROM u LIMIT 1)", "no-limit"),
            ("SELECT DISTINCT ON (a) a, b FROM t", "order-missing"),
            ("SELECT string_agg(a, ',') AS x FROM t", "order-missing"),
            ("SELECT row_number() OVER (PARTITION BY a) AS x FROM t", "order-missing"),
            ("SELECT lag(a) OVER () AS x FROM t", "order-missing"),
            ("SELECT t.a FROM t NATURAL JOIN u", "no-natural-join"),
            ("SELECT a FROM t WHERE b = $other", "unknown-parameter"),
            ("SELECT a FROM t WHERE b = ?", "unknown-parameter"),
            ("SELECT a FROM t INTO OUTFILE 'x'", "syntax"),
            ("COPY t TO 'x'", "one-query"),
            ("SELECT a INTO x FROM t", "one-query"),
            ("EXPLAIN SELECT a FROM t", "one-query"),
        ] {
            let found = broken(text);
            assert!(found.contains(&rule.to_owned()), "{text}: expected {rule}, found {found:?}");
        }
    }

    #[test]
    fn a_finding_names_its_place() {
        let names = Names { tables: ["t".to_owned()].into(), parameters: BTreeSet::new() };
        let (_, found) = check("x/test.sql", "SELECT a\nFROM t\nWHERE random() = 1", &names);
        assert_eq!(
            found.first().map(ToString::to_string).as_deref(),
            Some(
                "x/test.sql:3:7: the function `random` is not on the list of functions that a control test may call [function-not-listed]"
            )
        );
    }
}
