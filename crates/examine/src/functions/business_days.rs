//! `business_days(a, b, 'calendar')` and `add_business_days(day, n, 'calendar')`.
//!
//! Both are NULL where an argument is, and an error where a day lies outside the calendar: a guess about an unknown year
//! would move a due date in silence.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Date32Array, Int64Array},
        datatypes::{DataType, Date32Type, Int64Type},
    },
    common::{Result, ScalarValue},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility},
};

use super::{
    arguments::{column, literal_text, primitive},
    calendar::{Calendars, left},
};

/// `business_days(a, b, 'calendar')`: how many business days lie after `a` up to and including `b`; negative when `b` is
/// before `a`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct BusinessDays {
    signature: Signature,
    calendars: Arc<Calendars>,
}

impl BusinessDays {
    pub(super) fn new(calendars: Arc<Calendars>) -> Self {
        let arguments = vec![DataType::Date32, DataType::Date32, DataType::Utf8];
        Self { signature: Signature::exact(arguments, Volatility::Immutable), calendars }
    }
}

impl ScalarUDFImpl for BusinessDays {
    fn name(&self) -> &str {
        "business_days"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(name) = literal_text(self.name(), &args.args, 2)? else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Int64(None)));
        };
        let days = self.calendars.get(name)?;
        let from = primitive::<Date32Type>(&args.args, 0, args.number_rows)?;
        let to = primitive::<Date32Type>(&args.args, 1, args.number_rows)?;
        let counted = from.iter().zip(to.iter()).map(|pair| match pair {
            (Some(from), Some(to)) => days.between(from, to).map(Some).map_err(|outside| left(name, outside)),
            (None, _) | (_, None) => Ok(None),
        });
        Ok(column(counted.collect::<Result<Int64Array>>()?))
    }
}

/// `add_business_days(day, n, 'calendar')`: the n-th business day after `day` (before it, when negative); `day` itself
/// when n is 0.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AddBusinessDays {
    signature: Signature,
    calendars: Arc<Calendars>,
}

impl AddBusinessDays {
    pub(super) fn new(calendars: Arc<Calendars>) -> Self {
        let arguments = vec![DataType::Date32, DataType::Int64, DataType::Utf8];
        Self { signature: Signature::exact(arguments, Volatility::Immutable), calendars }
    }
}

impl ScalarUDFImpl for AddBusinessDays {
    fn name(&self) -> &str {
        "add_business_days"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(name) = literal_text(self.name(), &args.args, 2)? else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Date32(None)));
        };
        let days = self.calendars.get(name)?;
        let from = primitive::<Date32Type>(&args.args, 0, args.number_rows)?;
        let by = primitive::<Int64Type>(&args.args, 1, args.number_rows)?;
        let added = from.iter().zip(by.iter()).map(|pair| match pair {
            (Some(from), Some(by)) => days.add(from, by).map(Some).map_err(|outside| left(name, outside)),
            (None, _) | (_, None) => Ok(None),
        });
        Ok(column(added.collect::<Result<Date32Array>>()?))
    }
}
