//! Keeping the schedule in the background, beside whatever else a process does.
//!
//! Invariant: an error is told and the schedule goes on; the end waits for the step at hand and leaves no step half done.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use jiff::{civil::Date, tz::TimeZone};
use tickmark_examine::Limits;
use tickmark_ledger::Store;

use crate::{Clock, DueRun, Error, Installation, moment::locked};

/// How often it is looked whether something is due: a day begins at most so late.
const LOOKED_EVERY: Duration = Duration::from_secs(60);

/// How long it waits after an error: a disk that is full stays full for a while.
const WAITED_AFTER_ERROR: Duration = Duration::from_secs(15 * 60);

/// Why the schedule could not be kept when it was tried last; nothing if it could.
#[derive(Debug, Clone, Default)]
pub struct ScheduleTrouble(Arc<Mutex<Option<String>>>);

impl ScheduleTrouble {
    /// What it was, with its causes.
    pub fn says(&self) -> Option<String> {
        locked(&self.0).clone()
    }
}

/// A schedule that is being kept.
#[derive(Debug)]
pub struct KeptSchedule {
    ended: Arc<(Mutex<bool>, Condvar)>,
    thread: JoinHandle<()>,
    trouble: ScheduleTrouble,
}

impl KeptSchedule {
    /// Why it could not be kept when it was tried last.
    pub fn trouble(&self) -> ScheduleTrouble {
        self.trouble.clone()
    }

    /// Ends it after the step at hand.
    pub fn end(self) {
        *locked(&self.ended.0) = true;
        self.ended.1.notify_all();
        // A thread that panicked has told so itself; nothing is left to end.
        let _ = self.thread.join();
    }
}

/// What was known when it was looked last: the day, where days begin, and the ledger size.
struct Looked {
    zone: TimeZone,
    today: Date,
    size: u64,
}

impl Installation {
    /// Runs what is due in a thread of its own, in the name of `person` or of the only administrator. `tell` hears of each
    /// run, and of an error that was not there before.
    pub fn keep_schedule(
        &self,
        person: Option<String>,
        clock: Arc<dyn Clock>,
        tell: impl Fn(Result<&DueRun, &str>) + Send + 'static,
    ) -> KeptSchedule {
        let (installation, ended) = (self.clone(), Arc::new((Mutex::new(false), Condvar::new())));
        let (trouble, told) = (ScheduleTrouble::default(), Arc::clone(&ended));
        let shown = trouble.clone();
        let thread = std::thread::spawn(move || {
            let goes_on = || !*locked(&told.0);
            let mut looked = None;
            while goes_on() {
                let tried = installation.look(person.as_deref(), &clock, &mut looked, &goes_on);
                let waits = if tried.is_ok() { LOOKED_EVERY } else { WAITED_AFTER_ERROR };
                match tried {
                    Ok(run) => {
                        *locked(&shown.0) = None;
                        run.iter().for_each(|run| tell(Ok(run)));
                    }
                    Err(error) => {
                        let says = crate::error::with_causes(&error);
                        let before = locked(&shown.0).replace(says.clone());
                        if before.as_ref() != Some(&says) {
                            tell(Err(&says));
                        }
                    }
                }
                let waiting = told.1.wait_timeout_while(locked(&told.0), waits, |ended| !*ended);
                drop(waiting.unwrap_or_else(PoisonError::into_inner));
            }
        });
        KeptSchedule { ended, thread, trouble }
    }

    /// Runs what is due, if anything is: nothing new can be due on a day on which nothing was recorded.
    fn look(
        &self,
        person: Option<&str>,
        clock: &Arc<dyn Clock>,
        looked: &mut Option<Looked>,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Option<DueRun>, Error> {
        let size = self.store()?.reader()?.size(&self.origin())?;
        let is_as_before =
            |before: &Looked| before.size == size && before.zone.to_datetime(clock.now()).date() == before.today;
        if looked.as_ref().is_some_and(is_as_before) {
            return Ok(None);
        }
        let lease = match self.lease() {
            Err(Error::ScheduleRuns) => return Ok(None),
            taken => taken?,
        };
        let mut house = self.house(Arc::clone(clock))?;
        let mut run = None;
        if !house.due().is_empty() {
            let person = house.acting(person)?;
            run = Some(house.run_due(&person, self, &lease, &Limits::default(), &(), goes_on)?);
        }
        let zone = house.state().organization.as_ref().and_then(|o| TimeZone::get(&o.zone).ok());
        *looked = Some(Looked { zone: zone.unwrap_or(TimeZone::UTC), today: house.today(), size: house.size() });
        Ok(run)
    }
}
