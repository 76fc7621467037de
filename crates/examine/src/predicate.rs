//! The predicates of a query: each condition that stands alone between AND and OR, in WHERE, HAVING, QUALIFY, ON, CASE
//! and FILTER, at any depth.
//!
//! Invariant: predicates have one order, so "the seventh" means the same in every copy of a query's tree.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::{
    ast::{
        BinaryOperator, Expr, JoinConstraint, JoinOperator, Select, Spanned, Statement, UnaryOperator, Value, VisitMut,
        VisitorMut,
    },
    tokenizer::Span,
};
use serde::{Deserialize, Serialize};

/// What a predicate is replaced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mutation {
    /// By `true`: it is not asked.
    True,
    /// By `false`: it never holds.
    False,
    /// By its contrary.
    Negated,
}

/// All of them.
pub(crate) const MUTATIONS: [Mutation; 3] = [Mutation::True, Mutation::False, Mutation::Negated];

/// A predicate of a query.
#[derive(Debug, Clone)]
pub(crate) struct Predicate {
    /// As it is written.
    pub(crate) text: String,
    /// Where.
    pub(crate) span: Span,
}

/// The predicates of a query in their order.
pub(crate) fn predicates(statement: &Statement) -> Vec<Predicate> {
    let mut walk = Walk { found: Vec::new(), target: None, done: false };
    // A walk that never breaks ends with `Continue`.
    let _: ControlFlow<()> = VisitMut::visit(&mut statement.clone(), &mut walk);
    walk.found
}

/// The query with one predicate replaced.
pub(crate) fn mutant(statement: &Statement, predicate: usize, mutation: Mutation) -> Statement {
    let mut mutant = statement.clone();
    let mut walk = Walk { found: Vec::new(), target: Some((predicate, mutation)), done: false };
    let _: ControlFlow<()> = VisitMut::visit(&mut mutant, &mut walk);
    mutant
}

struct Walk {
    found: Vec<Predicate>,
    target: Option<(usize, Mutation)>,
    done: bool,
}

impl Walk {
    /// Goes down a condition to its predicates.
    fn condition(&mut self, expr: &mut Expr) {
        if self.done {
            return;
        }
        if let Expr::Nested(inner) = expr {
            return self.condition(inner);
        }
        if let Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } = expr {
            return self.condition(inner);
        }
        if let Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } = expr {
            self.condition(left);
            return self.condition(right);
        }
        let number = self.found.len();
        self.found.push(Predicate { text: expr.to_string(), span: expr.span() });
        if let Some((target, mutation)) = self.target
            && target == number
        {
            let truth = |value| Expr::Value(Value::Boolean(value).into());
            let before = std::mem::replace(expr, truth(false));
            *expr = match mutation {
                Mutation::True => truth(true),
                Mutation::False => truth(false),
                Mutation::Negated => Expr::Nested(Box::new(Expr::UnaryOp {
                    op: UnaryOperator::Not,
                    expr: Box::new(Expr::Nested(Box::new(before))),
                })),
            };
            self.done = true;
        }
    }
}

impl VisitorMut for Walk {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for join in select.from.iter_mut().flat_map(|from| &mut from.joins) {
            if let Some(JoinConstraint::On(condition)) = constraint(&mut join.join_operator) {
                self.condition(condition);
            }
        }
        for condition in [&mut select.selection, &mut select.having, &mut select.qualify].into_iter().flatten() {
            self.condition(condition);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Case { operand: None, conditions, .. } = expr {
            for when in conditions {
                self.condition(&mut when.condition);
            }
        } else if let Expr::Function(function) = expr
            && let Some(condition) = &mut function.filter
        {
            self.condition(condition);
        }
        ControlFlow::Continue(())
    }
}

/// The constraint of a join, where its kind has one.
fn constraint(operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::parse;

    #[test]
    fn every_condition_is_found_once_and_in_order() {
        let text = "WITH x AS (SELECT a FROM t WHERE b = 1 OR NOT (c AND d > 2)) \
            SELECT CASE WHEN e THEN 1 END AS f, count(*) FILTER (WHERE g) AS n FROM x JOIN u ON x.a = u.a AND h \
            WHERE EXISTS (SELECT 1 FROM v WHERE v.i IS NULL) GROUP BY a HAVING count(*) > 1";
        let statement = parse("t", text).unwrap();
        let found: Vec<String> = predicates(&statement).into_iter().map(|predicate| predicate.text).collect();
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(
            sorted,
            [
                "EXISTS (SELECT 1 FROM v WHERE v.i IS NULL)",
                "b = 1",
                "c",
                "count(*) > 1",
                "d > 2",
                "e",
                "g",
                "h",
                "v.i IS NULL",
                "x.a = u.a"
            ]
        );
        for (number, text) in found.iter().enumerate() {
            let changed = mutant(&statement, number, Mutation::True).to_string();
            assert!(!changed.contains(text.as_str()) || text.len() < 2, "{text}: {changed}");
            let negated = mutant(&statement, number, Mutation::Negated).to_string();
            assert!(negated.contains(&format!("(NOT ({text}))")), "{text}: {negated}");
        }
    }
}
