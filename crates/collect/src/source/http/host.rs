//! How fast one host is asked, over all tables and sources of this process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use url::Url;

static HOSTS: LazyLock<Mutex<BTreeMap<String, Arc<Host>>>> = LazyLock::new(Mutex::default);

/// A host that is asked.
#[derive(Debug)]
pub(super) struct Host {
    between: Duration,
    at_once: u32,
    turns: Mutex<Turns>,
    freed: Condvar,
}

#[derive(Debug)]
struct Turns {
    under_way: u32,
    /// Before this nothing is asked.
    next: Option<Instant>,
}

impl Host {
    /// The host of an address. Who asks it first says how fast.
    pub fn of(address: &Url, per_second: u32, at_once: u32) -> Arc<Self> {
        let between = Duration::from_secs(1) / per_second.max(1);
        let new = || {
            let turns = Mutex::new(Turns { under_way: 0, next: None });
            Arc::new(Self { between, at_once, turns, freed: Condvar::new() })
        };
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hosts.entry(address.origin().ascii_serialization()).or_insert_with(new))
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the host may be asked.
    pub fn turn(&self) -> Turn<'_> {
        let mut turns = self.turns();
        loop {
            if turns.under_way >= self.at_once {
                turns = self.freed.wait(turns).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let now = Instant::now();
            match turns.next.filter(|next| *next > now) {
                None => {
                    turns.under_way += 1;
                    turns.next = Some(now + self.between);
                    return Turn(self);
                }
                Some(next) => {
                    drop(turns);
                    thread::sleep(next - now);
                    turns = self.turns();
                }
            }
        }
    }

    /// Lets the host be for a time, whoever would ask it, and waits as long.
    pub fn rest(&self, time: Duration) {
        let until = Instant::now() + time;
        {
            let mut turns = self.turns();
            turns.next = Some(turns.next.map_or(until, |next| next.max(until)));
        }
        thread::sleep(time);
    }
}

/// A request under way.
pub(super) struct Turn<'a>(&'a Host);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.turns().under_way -= 1;
        self.0.freed.notify_one();
    }
}
