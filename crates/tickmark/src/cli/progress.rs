//! Progress for people: one line, on the terminal only, for anything that may take over a second.

use std::{sync::Mutex, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tickmark_app::Progress;

use super::print::Printer;

/// A line that says what is being done.
pub struct ProgressLine {
    bar: ProgressBar,
    step: Mutex<String>,
}

impl ProgressLine {
    /// A line, shown if people read along and standard error is a terminal.
    pub fn new(printer: &Printer) -> Self {
        let bar = if printer.is_for_people() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{spinner} {msg} {wide_bar:.dim} {percent:>3}%")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, step: Mutex::new(String::new()) }
    }
}

impl Progress for ProgressLine {
    fn step(&self, name: &str, total: u64) {
        if let Ok(mut step) = self.step.lock() {
            name.clone_into(&mut step);
        }
        self.bar.set_length(total.max(1));
        self.bar.set_position(0);
        self.bar.set_message(name.to_owned());
    }

    fn advance(&self, by: u64) {
        self.bar.inc(by);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
