//! Documents and packages as their readers meet them.

#[cfg(test)]
mod checklist;
#[cfg(test)]
mod companions;
#[cfg(test)]
mod control_calendar;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod lints;
#[cfg(test)]
mod matrices;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod populations;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod views;
#[cfg(test)]
mod word;
#[cfg(test)]
mod word_back;
#[cfg(test)]
mod workbook;
