//! `round_half_up(x, scale)`, `round_half_even(x, scale)` and `div_scale(a, b, scale)` on exact decimals.
//!
//! The rule of rounding is a named choice of the test, never a property of a cast. `half up` rounds a half away from zero
//! (-2.5 to -3), as tax tables and invoices mean it.
//!
//! Invariant: no value passes through a binary fraction, and a result that does not fit is an error, never a wrapped one.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::Decimal128Array,
        datatypes::{DataType, Decimal128Type, DecimalType, Field, FieldRef, i256},
    },
    common::{Result, exec_datafusion_err, exec_err, internal_err, plan_err},
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};

use super::arguments::{as_decimal, column, literal_scale, primitive};

/// What happens to a value that lies exactly between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Half {
    Up,
    Even,
}

/// `round_half_up` and `round_half_even`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Round {
    signature: Signature,
    half: Half,
}

impl Round {
    pub(super) fn half_up() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable), half: Half::Up }
    }

    pub(super) fn half_even() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable), half: Half::Even }
    }
}

impl ScalarUDFImpl for Round {
    fn name(&self) -> &str {
        match self.half {
            Half::Up => "round_half_up",
            Half::Even => "round_half_even",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        match kinds {
            [value, scale] if scale.is_integer() => Ok(vec![as_decimal(self.name(), value)?, DataType::Int64]),
            _ => plan_err!("{} takes a decimal and a scale", self.name()),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("the type of {} depends on its scale", self.name())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let scale = literal_scale(self.name(), args.scalar_arguments.get(1).copied().flatten())?;
        let (precision, from) = decimal(args.arg_fields.first().map(|field| field.data_type()))?;
        // Digits before the point stay; one more may be carried into.
        let digits = (i16::from(precision) - i16::from(from) + i16::from(scale) + 1).clamp(i16::from(scale).max(1), 38);
        let kind = DataType::Decimal128(u8::try_from(digits).unwrap_or(38), scale);
        Ok(Arc::new(Field::new(self.name(), kind, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (precision, scale) = decimal(Some(args.return_field.data_type()))?;
        let values = primitive::<Decimal128Type>(&args.args, 0, args.number_rows)?;
        let from = values.scale();
        let rounded: Decimal128Array = if scale >= from {
            let factor = power_of_ten(scale - from)?;
            values.try_unary(|value| value.checked_mul(factor).ok_or_else(|| overflow(self.name())))?
        } else {
            let divisor = power_of_ten(from - scale)?;
            let half = self.half;
            values.unary(|value| rounded_quotient(value, divisor, half))
        };
        fitting(self.name(), rounded, precision, scale)
    }
}

/// `value / divisor`, rounded to a whole number; `divisor` is a positive power of ten.
#[inline]
fn rounded_quotient(value: i128, divisor: i128, half: Half) -> i128 {
    let quotient = value / divisor;
    let twice = (value % divisor).unsigned_abs() * 2;
    let away = match twice.cmp(&divisor.unsigned_abs()) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => half == Half::Up || quotient % 2 != 0,
    };
    if away { quotient + value.signum() } else { quotient }
}

/// `div_scale(a, b, scale)`: the exact quotient, rounded half up to `scale` digits after the point.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DivScale {
    signature: Signature,
}

impl DivScale {
    pub(super) fn new() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for DivScale {
    fn name(&self) -> &str {
        "div_scale"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, kinds: &[DataType]) -> Result<Vec<DataType>> {
        match kinds {
            [a, b, scale] if scale.is_integer() => {
                Ok(vec![as_decimal(self.name(), a)?, as_decimal(self.name(), b)?, DataType::Int64])
            }
            _ => plan_err!("div_scale takes two decimals and a scale"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("the type of div_scale depends on its scale")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let scale = literal_scale(self.name(), args.scalar_arguments.get(2).copied().flatten())?;
        let (precision, from) = decimal(args.arg_fields.first().map(|field| field.data_type()))?;
        let (_, by) = decimal(args.arg_fields.get(1).map(|field| field.data_type()))?;
        // The smallest divisor is 10^-by, so the quotient has at most `by` digits more before its point than `a`.
        let whole = i16::from(precision) - i16::from(from) + i16::from(by);
        let digits = (whole + i16::from(scale) + 1).clamp(i16::from(scale).max(1), 38);
        let kind = DataType::Decimal128(u8::try_from(digits).unwrap_or(38), scale);
        Ok(Arc::new(Field::new(self.name(), kind, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let (precision, scale) = decimal(Some(args.return_field.data_type()))?;
        let dividends = primitive::<Decimal128Type>(&args.args, 0, args.number_rows)?;
        let divisors = primitive::<Decimal128Type>(&args.args, 1, args.number_rows)?;
        let shift = i16::from(scale) + i16::from(divisors.scale()) - i16::from(dividends.scale());
        let ten = |power: i16| {
            let power = u32::try_from(power).unwrap_or(0);
            i256::from_i128(10).checked_pow(power).ok_or_else(|| overflow("div_scale"))
        };
        let (up, down) = (ten(shift.max(0))?, ten((-shift).max(0))?);
        let divided = dividends.iter().zip(divisors.iter()).map(|pair| match pair {
            (Some(a), Some(b)) => Ok(Some(quotient(a, b, up, down)?)),
            (None, _) | (_, None) => Ok(None),
        });
        fitting("div_scale", divided.collect::<Result<Decimal128Array>>()?, precision, scale)
    }
}

/// `a * up / (b * down)` rounded half up. Both products stay below 10^38 * 10^76, past which the check refuses.
#[inline]
fn quotient(a: i128, b: i128, up: i256, down: i256) -> Result<i128> {
    if b == 0 {
        return exec_err!("div_scale: division by zero");
    }
    let a = i256::from_i128(a).checked_mul(up).ok_or_else(|| overflow("div_scale"))?;
    let b = i256::from_i128(b).checked_mul(down).ok_or_else(|| overflow("div_scale"))?;
    let whole = a.checked_div(b).ok_or_else(|| overflow("div_scale"))?;
    let rest = a.checked_rem(b).ok_or_else(|| overflow("div_scale"))?;
    let twice = rest.wrapping_abs().checked_mul(i256::from_i128(2)).ok_or_else(|| overflow("div_scale"))?;
    let mut result = whole;
    if twice >= b.wrapping_abs() {
        let away = if (a < i256::ZERO) == (b < i256::ZERO) { i256::ONE } else { i256::MINUS_ONE };
        result = result.checked_add(away).ok_or_else(|| overflow("div_scale"))?;
    }
    result.to_i128().ok_or_else(|| overflow("div_scale"))
}

fn decimal(kind: Option<&DataType>) -> Result<(u8, i8)> {
    match kind {
        Some(DataType::Decimal128(precision, scale)) => Ok((*precision, *scale)),
        other => internal_err!("expected a decimal, found {other:?}"),
    }
}

fn power_of_ten(power: i8) -> Result<i128> {
    u32::try_from(power).ok().and_then(|power| 10_i128.checked_pow(power)).ok_or_else(|| overflow("rounding"))
}

fn fitting(function: &str, values: Decimal128Array, precision: u8, scale: i8) -> Result<ColumnarValue> {
    for value in values.iter().flatten() {
        if !Decimal128Type::is_valid_decimal_precision(value, precision) {
            return Err(overflow(function));
        }
    }
    Ok(column(values.with_precision_and_scale(precision, scale)?))
}

fn overflow(function: &str) -> datafusion::common::DataFusionError {
    exec_datafusion_err!("{function}: the result has more digits than its type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_the_name_says() {
        for (value, up, even) in [
            (250, 3, 2),
            (350, 4, 4),
            (249, 2, 2),
            (251, 3, 3),
            (-250, -3, -2),
            (-350, -4, -4),
            (-249, -2, -2),
            (0, 0, 0),
        ] {
            assert_eq!(rounded_quotient(value, 100, Half::Up), up, "{value} up");
            assert_eq!(rounded_quotient(value, 100, Half::Even), even, "{value} even");
        }
    }

    #[test]
    fn quotients_are_exact_at_the_edge() {
        let (one, hundred) = (i256::ONE, i256::from_i128(100));
        assert_eq!(quotient(200, 3, hundred, one).unwrap(), 6_667);
        assert_eq!(quotient(-200, 3, hundred, one).unwrap(), -6_667);
        assert_eq!(quotient(-1, 2, one, one).unwrap(), -1);
        assert_eq!(quotient(1, 3, one, one).unwrap(), 0);
        assert!(quotient(1, 0, one, one).is_err());
        assert!(quotient(i128::MAX, 1, hundred, one).is_err());
    }
}
