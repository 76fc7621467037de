//! The rules that show in the syntax tree.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::sql::sqlparser::{
    ast::{
        CastKind, DataType, Distinct, Expr, Function, FunctionArgumentClause, FunctionArguments, Ident, JoinConstraint,
        JoinOperator, Query, Select, SelectItem, SetExpr, Spanned, Statement, TableFactor, Value, Visit, Visitor,
        WindowType,
    },
    tokenizer::Span,
};

use super::{Finding, Names, Rule};
use crate::{functions, sql};

/// Functions whose result depends on the order of rows.
const NEED_ORDER: [&str; 9] =
    ["string_agg", "first_value", "last_value", "nth_value", "row_number", "rank", "dense_rank", "lag", "lead"];

/// Names that SQL gives to functions on our list.
const OTHER_NAMES: [&str; 9] =
    ["char_length", "length", "trim", "substring", "position", "extract", "datepart", "datetrunc", "ifnull"];

pub(super) fn check(file: &str, statement: &Statement, names: &Names) -> Vec<Finding> {
    let mut walk = Walk { file, names, found: Vec::new(), ordered_windows: BTreeSet::new() };
    for table in sql::tables(statement) {
        if !names.tables.contains(&table.name) {
            let message = format!("`{}` is not a declared dataset nor the history of one", table.name);
            walk.found.push(Finding::at(file, table.span, Rule::TableNotDeclared, message));
        }
    }
    // A walk that never breaks ends with `Continue`.
    let _: ControlFlow<()> = statement.visit(&mut walk);
    walk.found
}

struct Walk<'a> {
    file: &'a str,
    names: &'a Names,
    found: Vec<Finding>,
    /// Named windows that say an order.
    ordered_windows: BTreeSet<String>,
}

impl Walk<'_> {
    fn refuse(&mut self, span: Span, rule: Rule, message: impl Into<String>) {
        self.found.push(Finding::at(self.file, span, rule, message));
    }

    fn check_function(&mut self, function: &Function) {
        let name = function.name.to_string().to_ascii_lowercase();
        let listed = functions::OURS.contains(&name.as_str())
            || functions::SCALARS.contains(&name.as_str())
            || functions::AGGREGATES.contains(&name.as_str())
            || functions::WINDOWS.contains(&name.as_str())
            || OTHER_NAMES.contains(&name.as_str());
        if !listed {
            let message = format!("the function `{name}` is not on the list of functions that a control test may call");
            self.refuse(function.span(), Rule::FunctionNotListed, message);
        }
        if NEED_ORDER.contains(&name.as_str()) && !self.has_order(function) {
            let message = format!("`{name}` depends on the order of rows: give it an ORDER BY");
            self.refuse(function.span(), Rule::OrderMissing, message);
        }
    }

    fn has_order(&self, function: &Function) -> bool {
        let in_window = match &function.over {
            Some(WindowType::WindowSpec(window)) => {
                !window.order_by.is_empty() || window.window_name.as_ref().is_some_and(|name| self.is_ordered(name))
            }
            Some(WindowType::NamedWindow(name)) => self.is_ordered(name),
            None => false,
        };
        let in_arguments = match &function.args {
            FunctionArguments::List(list) => {
                list.clauses.iter().any(|clause| matches!(clause, FunctionArgumentClause::OrderBy(_)))
            }
            FunctionArguments::None | FunctionArguments::Subquery(_) => false,
        };
        in_window || in_arguments || !function.within_group.is_empty()
    }

    fn is_ordered(&self, window: &Ident) -> bool {
        self.ordered_windows.contains(&window.value.to_ascii_lowercase())
    }
}

impl Visitor for Walk<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if query.limit_clause.is_some() || query.fetch.is_some() {
            self.refuse(query.span(), Rule::NoLimit, "LIMIT, OFFSET and FETCH hide rows; name the rows by a condition");
        }
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            self.refuse(query.span(), Rule::NoTableFunction, "a recursive query has no bound; use window functions");
        }
        if !query.locks.is_empty() || !query.pipe_operators.is_empty() || query.for_clause.is_some() {
            self.refuse(query.span(), Rule::OneQuery, "only a plain SELECT may stand here");
        }
        if !is_plain(&query.body) {
            self.refuse(
                query.span(),
                Rule::OneQuery,
                "only SELECT, VALUES, UNION, INTERSECT and EXCEPT may stand here",
            );
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for window in &select.named_window {
            if let datafusion::sql::sqlparser::ast::NamedWindowExpr::WindowSpec(spec) = &window.1
                && !spec.order_by.is_empty()
            {
                self.ordered_windows.insert(window.0.value.to_ascii_lowercase());
            }
        }
        for item in &select.projection {
            if matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)) {
                self.refuse(item.span(), Rule::NoStar, "name the columns: `*` changes when a dataset does");
            }
        }
        if select.top.is_some() {
            self.refuse(select.span(), Rule::NoLimit, "TOP hides rows; name the rows by a condition");
        }
        if select.into.is_some() {
            self.refuse(select.span(), Rule::OneQuery, "SELECT INTO writes; a control test only reads");
        }
        if matches!(select.distinct, Some(Distinct::On(_))) {
            self.refuse(
                select.span(),
                Rule::OrderMissing,
                "DISTINCT ON picks a row by an unseen order; use row_number()",
            );
        }
        for join in select.from.iter().flat_map(|from| &from.joins) {
            if matches!(constraint(&join.join_operator), Some(JoinConstraint::Natural)) {
                self.refuse(join.span(), Rule::NoNaturalJoin, "name the columns of the join with ON");
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let plain = match factor {
            TableFactor::Table { args, sample, version, with_ordinality, partitions, json_path, .. } => {
                args.is_none()
                    && sample.is_none()
                    && version.is_none()
                    && !with_ordinality
                    && partitions.is_empty()
                    && json_path.is_none()
            }
            TableFactor::Derived { sample, .. } => sample.is_none(),
            TableFactor::NestedJoin { .. } => true,
            TableFactor::TableFunction { .. }
            | TableFactor::Function { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::Pivot { .. }
            | TableFactor::Unpivot { .. }
            | TableFactor::MatchRecognize { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => false,
        };
        if !plain {
            self.refuse(factor.span(), Rule::NoTableFunction, "only datasets and subqueries may stand in FROM");
        }
        ControlFlow::Continue(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the parser knows 60 expressions; the rules are about these")]
    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function) => self.check_function(function),
            Expr::Cast { kind, data_type, .. } => {
                if matches!(kind, CastKind::TryCast | CastKind::SafeCast) {
                    self.refuse(expr.span(), Rule::NoTryCast, "TRY_CAST turns a wrong value into NULL; use CAST");
                }
                if is_float(data_type) {
                    self.refuse(
                        expr.span(),
                        Rule::NoFloat,
                        "floating-point numbers are not exact; cast to DECIMAL(p, s)",
                    );
                }
            }
            Expr::Convert { .. } | Expr::AtTimeZone { .. } | Expr::Ceil { .. } | Expr::Floor { .. } => {
                let message =
                    "use CAST, local_date and round_half_up in the place of CONVERT, AT TIME ZONE, CEIL and FLOOR";
                self.refuse(expr.span(), Rule::FunctionNotListed, message);
            }
            Expr::TypedString(typed) if is_float(&typed.data_type) => {
                self.refuse(expr.span(), Rule::NoFloat, "floating-point numbers are not exact");
            }
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) if text.contains(['e', 'E']) => {
                    self.refuse(value.span, Rule::NoFloat, "write the number without an exponent");
                }
                Value::Placeholder(name)
                    if !name.strip_prefix('$').is_some_and(|name| self.names.parameters.contains(name)) =>
                {
                    let known: Vec<String> = self.names.parameters.iter().map(|name| format!("${name}")).collect();
                    let message = format!("the parameter `{name}` is not declared (known: {})", known.join(", "));
                    self.refuse(value.span, Rule::UnknownParameter, message);
                }
                _ => {}
            },
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Whether a query's body reads only.
fn is_plain(body: &SetExpr) -> bool {
    match body {
        // Rows written out are constants; tests count out days with them.
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => true,
        SetExpr::SetOperation { left, right, .. } => is_plain(left) && is_plain(right),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) | SetExpr::Table(_) => false,
    }
}

fn is_float(kind: &DataType) -> bool {
    let name = kind.to_string().to_ascii_uppercase();
    ["FLOAT", "DOUBLE", "REAL"].iter().any(|float| name.starts_with(float))
}

/// The constraint of a join, where its kind has one.
pub(crate) fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::Semi(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::RightSemi(constraint)
        | JoinOperator::Anti(constraint)
        | JoinOperator::LeftAnti(constraint)
        | JoinOperator::RightAnti(constraint)
        | JoinOperator::StraightJoin(constraint)
        | JoinOperator::AsOf { constraint, .. } => Some(constraint),
        JoinOperator::CrossApply
        | JoinOperator::OuterApply
        | JoinOperator::ArrayJoin
        | JoinOperator::LeftArrayJoin
        | JoinOperator::InnerArrayJoin => None,
    }
}
