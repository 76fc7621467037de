//! Sums of money stay within one currency.
//!
//! Money is a decimal of 18 digits or more in a dataset that has a `currency` column. SUM and AVG over it need its
//! currency fixed within each group: by `currency` among the groups, by a filter that sets it to a literal, by the whole
//! key of the dataset among the groups, or by equality with something so fixed.
//!
//! The plan is walked from the scans up. Each mention of a dataset has terms of its own, so that a filter on one alias
//! says nothing of another, and a union has new ones, fixed only by what holds in all of its branches.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::{
    arrow::datatypes::DataType,
    common::{
        Column as ColumnName, DFSchemaRef, JoinType, Result,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Aggregate, Expr, ExprSchemable, Join, LogicalPlan, Operator, Subquery, TableScan, Union,
        WindowFunctionDefinition, utils::split_conjunction,
    },
};
use tickmark_catalog::{ColumnType, Dataset};

use super::equalities::{Equalities, Equality, Term};
use crate::{Finding, lint::Rule, table};

/// Columns of money have at least as many digits; hours and counts have fewer.
const DIGITS_OF_MONEY: u8 = 18;

const CURRENCY: &str = "currency";

pub(super) fn check(file: &str, plan: &LogicalPlan) -> Result<Vec<Finding>> {
    let mut walk = Walk { file, ..Walk::default() };
    walk.columns(plan)?;
    Ok(walk.found)
}

/// What a column of a relation is.
#[derive(Debug, Clone, Default)]
struct Column {
    /// The value itself, if the column only carries it.
    term: Option<Term>,
    /// The currencies of the amounts that the value was made of.
    currencies: BTreeSet<Term>,
}

/// What an expression's columns are looked up in: the inputs of its node.
type Scope = Vec<(DFSchemaRef, Vec<Column>)>;

#[derive(Default)]
struct Walk<'a> {
    file: &'a str,
    known: Equalities,
    /// The dataset of each currency.
    datasets: BTreeMap<Term, String>,
    /// The scopes around a subquery, innermost last.
    around: Vec<Scope>,
    found: Vec<Finding>,
}

impl Walk<'_> {
    /// The columns of a plan's output; notes what is equal in it, and the sums that may mix.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nodes that only pass their input on need no arm of their own")]
    fn columns(&mut self, plan: &LogicalPlan) -> Result<Vec<Column>> {
        match plan {
            LogicalPlan::TableScan(scan) => Ok(self.scan(scan)),
            LogicalPlan::Union(union) => self.union(union),
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate),
            LogicalPlan::Projection(projection) => {
                let scope = self.scope(plan)?;
                projection.expr.iter().map(|expr| self.column(expr, &scope)).collect()
            }
            LogicalPlan::Filter(filter) => {
                let scope = self.scope(plan)?;
                let equal = self.equal_in([&filter.predicate], &scope)?;
                self.learn(equal);
                Ok(only(scope))
            }
            LogicalPlan::Window(window) => {
                let scope = self.scope(plan)?;
                let mut more = Vec::new();
                for expr in &window.window_expr {
                    let partition = partition_of(expr).unwrap_or_default();
                    more.push(self.sum(expr, partition, &scope)?);
                }
                Ok(only(scope).into_iter().chain(more).collect())
            }
            other => {
                let scope = self.scope(other)?;
                for expr in other.expressions() {
                    self.column(&expr, &scope)?;
                }
                let mut columns = only(scope);
                columns.resize_with(other.schema().fields().len(), Column::default);
                Ok(columns)
            }
        }
    }

    /// The inputs of a node.
    fn scope(&mut self, plan: &LogicalPlan) -> Result<Scope> {
        plan.inputs().into_iter().map(|input| Ok((input.schema().clone(), self.columns(input)?))).collect()
    }

    fn scan(&mut self, scan: &TableScan) -> Vec<Column> {
        let fields = scan.projected_schema.fields();
        let Some(dataset) = table::dataset_of(scan) else { return vec![Column::default(); fields.len()] };
        let terms: BTreeMap<&str, Term> =
            dataset.columns.iter().map(|column| (column.name.as_str(), self.known.term())).collect();
        let currency = terms.get(CURRENCY).copied();
        if let Some(currency) = currency {
            self.datasets.insert(currency, dataset.id.to_string());
            let key: Option<Vec<Term>> = dataset.key.iter().map(|name| terms.get(name.as_str()).copied()).collect();
            if let Some(key) = key.filter(|key| !key.is_empty()) {
                self.known.key(key, currency);
            }
        }
        let column = |name: &str| Column {
            term: terms.get(name).copied(),
            currencies: currency.filter(|_| is_money(dataset, name)).into_iter().collect(),
        };
        fields.iter().map(|field| column(field.name())).collect()
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Vec<Column>> {
        let scope = vec![(aggregate.input.schema().clone(), self.columns(&aggregate.input)?)];
        let mut columns = Vec::new();
        for group in &aggregate.group_expr {
            columns.push(self.column(group, &scope)?);
        }
        // ROLLUP and its kin add rows over all groups, and columns of their own.
        columns.resize_with(aggregate.schema.fields().len().saturating_sub(aggregate.aggr_expr.len()), Column::default);
        let is_grouping_set = aggregate.group_expr.iter().any(|group| matches!(group, Expr::GroupingSet(_)));
        let groups: &[Expr] = if is_grouping_set { &[] } else { &aggregate.group_expr };
        for expr in &aggregate.aggr_expr {
            columns.push(self.sum(expr, groups, &scope)?);
        }
        Ok(columns)
    }

    /// The column of an aggregate or window function; a finding if it adds amounts of several currencies.
    fn sum(&mut self, expr: &Expr, groups: &[Expr], scope: &Scope) -> Result<Column> {
        let Some((arguments, filter)) = summed(expr) else { return self.column(expr, scope) };
        let mut currencies = BTreeSet::new();
        for argument in arguments {
            currencies.extend(self.column(argument, scope)?.currencies);
        }
        let mut given = self.outer_terms();
        for group in groups {
            given.extend(self.column(group, scope)?.term);
        }
        let also = self.equal_in(filter, scope)?;
        let fixed = self.known.fixed_by(given, &also);
        if let Some(dataset) = currencies.difference(&fixed).find_map(|currency| self.datasets.get(currency)) {
            let message = format!(
                "`{expr}` may add amounts of several currencies of `{dataset}`: group by its `currency`, or filter on one"
            );
            self.found.push(Finding::whole(self.file, Rule::OneCurrency, message));
        }
        Ok(Column { term: None, currencies })
    }

    fn join(&mut self, join: &Join) -> Result<Vec<Column>> {
        let left = (join.left.schema().clone(), self.columns(&join.left)?);
        let right = (join.right.schema().clone(), self.columns(&join.right)?);
        let terms = |side: &(DFSchemaRef, Vec<Column>)| -> BTreeSet<Term> {
            side.1.iter().flat_map(|column| column.term.into_iter().chain(column.currencies.iter().copied())).collect()
        };
        let (of_left, of_right) = (terms(&left), terms(&right));
        let (from_left, from_right) = (left.1.clone(), right.1.clone());
        let scope = vec![left, right];
        let mut equal = Vec::new();
        for (one, other) in &join.on {
            let (one, other) = (self.column(one, &scope)?, self.column(other, &scope)?);
            equal.extend(both_ways(one.term, other.term));
        }
        equal.extend(self.equal_in(&join.filter, &scope)?);
        // A row that found no partner is there all the same: of the side that is kept whole, the condition says nothing.
        equal.retain(|(_, to)| match join.join_type {
            JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => true,
            JoinType::Left => of_right.contains(to),
            JoinType::Right => of_left.contains(to),
            JoinType::Full | JoinType::LeftAnti | JoinType::RightAnti | JoinType::LeftMark | JoinType::RightMark => {
                false
            }
        });
        self.learn(equal);
        let mut columns = match join.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => from_left,
            JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => from_right,
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => [from_left, from_right].concat(),
        };
        columns.resize_with(join.schema.fields().len(), Column::default);
        Ok(columns)
    }

    fn union(&mut self, union: &Union) -> Result<Vec<Column>> {
        let mut branches = Vec::new();
        for input in &union.inputs {
            branches.push(self.columns(input)?);
        }
        let width = union.schema.fields().len();
        let place = |index: usize| branches.iter().filter_map(move |branch| branch.get(index)).collect::<Vec<_>>();
        let mut columns = vec![Column::default(); width];
        for (index, column) in columns.iter_mut().enumerate() {
            let terms: Option<Vec<Term>> = place(index).into_iter().map(|column| column.term).collect();
            column.term = terms.map(|terms| self.same_value(&terms));
        }
        let carried: Vec<Option<Term>> = columns.iter().map(|column| column.term).collect();
        for (index, column) in columns.iter_mut().enumerate() {
            let amounts: Vec<&BTreeSet<Term>> = place(index).into_iter().map(|column| &column.currencies).collect();
            let all: Vec<Term> = amounts.iter().flat_map(|currencies| currencies.iter().copied()).collect();
            let Some(dataset) = all.iter().find_map(|currency| self.datasets.get(currency)).cloned() else { continue };
            let currency = self.same_value(&all);
            self.datasets.insert(currency, dataset);
            for (other, term) in carried.iter().enumerate() {
                let names_it = place(other).into_iter().zip(&amounts).all(|(column, currencies)| {
                    column
                        .term
                        .is_some_and(|term| currencies.iter().all(|currency| self.known.are_equal(term, *currency)))
                });
                if let Some(term) = term.filter(|_| names_it) {
                    self.known.add([(term, currency)]);
                }
            }
            column.currencies = [currency].into();
        }
        Ok(columns)
    }

    /// A new term; a literal if all of these are the same one.
    fn same_value(&mut self, terms: &[Term]) -> Term {
        let mut values = terms.iter().map(|term| self.known.value(*term));
        let first = values.next().flatten().cloned();
        match first {
            Some(first) if values.all(|value| value == Some(&first)) => self.known.literal(first),
            Some(_) | None => self.known.term(),
        }
    }

    /// The equalities among conditions that all hold.
    fn equal_in<'e>(&mut self, conditions: impl IntoIterator<Item = &'e Expr>, scope: &Scope) -> Result<Vec<Equality>> {
        let mut equal = Vec::new();
        for part in conditions.into_iter().flat_map(split_conjunction) {
            if let Expr::BinaryExpr(binary) = part
                && binary.op == Operator::Eq
            {
                let (left, right) = (self.column(&binary.left, scope)?, self.column(&binary.right, scope)?);
                equal.extend(both_ways(left.term, right.term));
            } else {
                self.column(part, scope)?;
            }
        }
        Ok(equal)
    }

    /// Notes equalities. A subquery's condition chooses among its own rows, never among those around it.
    fn learn(&mut self, mut equal: Vec<Equality>) {
        let around = self.outer_terms();
        equal.retain(|(_, to)| !around.contains(to));
        self.known.add(equal);
    }

    /// Within a subquery, every value of the row around it is one.
    fn outer_terms(&self) -> BTreeSet<Term> {
        let columns = self.around.iter().flatten().flat_map(|(_, columns)| columns);
        columns.flat_map(|column| column.term.into_iter().chain(column.currencies.iter().copied())).collect()
    }

    /// What an expression is; subqueries in it are walked too.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other expressions are made of their parts")]
    fn column(&mut self, expr: &Expr, scope: &Scope) -> Result<Column> {
        match expr {
            Expr::Column(name) => Ok(in_scope(name, scope)),
            Expr::OuterReferenceColumn(_, name) => {
                let known = self.around.iter().rev().find(|scope| is_in_scope(name, scope));
                Ok(known.map(|scope| in_scope(name, scope)).unwrap_or_default())
            }
            Expr::Alias(alias) => self.column(&alias.expr, scope),
            Expr::Literal(value, _) => {
                Ok(Column { term: Some(self.known.literal(value.clone())), currencies: BTreeSet::new() })
            }
            Expr::Cast(cast) => {
                let inner = self.column(&cast.expr, scope)?;
                let was_text =
                    scope.iter().any(|(schema, _)| cast.expr.get_type(schema).is_ok_and(|kind| is_text(&kind)));
                Ok(if was_text && is_text(cast.field.data_type()) { inner } else { Column { term: None, ..inner } })
            }
            Expr::Case(case) => {
                let conditions = case.expr.iter().chain(case.when_then_expr.iter().map(|(when, _)| when));
                for condition in conditions {
                    self.column(condition, scope)?;
                }
                let mut made = Column::default();
                for value in case.when_then_expr.iter().map(|(_, then)| then).chain(&case.else_expr) {
                    made.currencies.extend(self.column(value, scope)?.currencies);
                }
                Ok(made)
            }
            Expr::ScalarSubquery(subquery) => self.subquery(subquery, scope),
            Expr::Exists(exists) => self.subquery(&exists.subquery, scope).map(|_| Column::default()),
            Expr::InSubquery(within) => {
                self.column(&within.expr, scope)?;
                self.subquery(&within.subquery, scope).map(|_| Column::default())
            }
            Expr::SetComparison(within) => {
                self.column(&within.expr, scope)?;
                self.subquery(&within.subquery, scope).map(|_| Column::default())
            }
            other => {
                let mut made = Column::default();
                other.apply_children(|part| {
                    made.currencies.extend(self.column(part, scope)?.currencies);
                    Ok(TreeNodeRecursion::Continue)
                })?;
                // A count of amounts and a comparison of two are no amount.
                if is_count(other) || scope.iter().any(|(schema, _)| is_condition(other, schema)) {
                    made.currencies.clear();
                }
                Ok(made)
            }
        }
    }

    fn subquery(&mut self, subquery: &Subquery, scope: &Scope) -> Result<Column> {
        self.around.push(scope.clone());
        let columns = self.columns(&subquery.subquery);
        self.around.pop();
        // What it gives is one value for the row around it, whose amounts keep their currency.
        Ok(Column { term: None, ..columns?.into_iter().next().unwrap_or_default() })
    }
}

/// The arguments and the FILTER of a SUM or AVG.
fn summed(expr: &Expr) -> Option<(&[Expr], Option<&Expr>)> {
    if let Expr::AggregateFunction(call) = unaliased(expr) {
        return is_sum(call.func.name()).then_some((&call.params.args, call.params.filter.as_deref()));
    }
    if let Expr::WindowFunction(call) = unaliased(expr)
        && let WindowFunctionDefinition::AggregateUDF(function) = &call.fun
    {
        return is_sum(function.name()).then_some((&call.params.args, call.params.filter.as_deref()));
    }
    None
}

fn partition_of(expr: &Expr) -> Option<&[Expr]> {
    if let Expr::WindowFunction(call) = unaliased(expr) { Some(&call.params.partition_by) } else { None }
}

fn is_sum(function: &str) -> bool {
    matches!(function, "sum" | "avg")
}

fn is_count(expr: &Expr) -> bool {
    matches!(expr, Expr::AggregateFunction(call) if call.func.name() == "count")
}

fn is_condition(expr: &Expr, schema: &DFSchemaRef) -> bool {
    expr.get_type(schema).is_ok_and(|kind| kind == DataType::Boolean)
}

/// Text is the same text in each of its types.
const fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_in_scope(name: &ColumnName, scope: &Scope) -> bool {
    scope.iter().any(|(schema, _)| schema.maybe_index_of_column(name).is_some())
}

fn in_scope(name: &ColumnName, scope: &Scope) -> Column {
    let place =
        |(schema, columns): &(DFSchemaRef, Vec<Column>)| columns.get(schema.maybe_index_of_column(name)?).cloned();
    scope.iter().find_map(place).unwrap_or_default()
}

/// The columns of a node's one input.
fn only(scope: Scope) -> Vec<Column> {
    scope.into_iter().next().map(|(_, columns)| columns).unwrap_or_default()
}

fn both_ways(one: Option<Term>, other: Option<Term>) -> impl Iterator<Item = Equality> {
    one.zip(other).into_iter().flat_map(|(one, other)| [(one, other), (other, one)])
}

fn unaliased(expr: &Expr) -> &Expr {
    if let Expr::Alias(alias) = expr { unaliased(&alias.expr) } else { expr }
}

fn is_money(dataset: &Dataset, column: &str) -> bool {
    let is_wide = dataset.column(column).is_some_and(
        |column| matches!(column.kind, ColumnType::Decimal { precision, .. } if precision >= DIGITS_OF_MONEY),
    );
    is_wide && dataset.column(CURRENCY).is_some()
}
