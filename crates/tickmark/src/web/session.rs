//! Sessions: who is signed in on which browser, from a sign-in until it ends.
//!
//! A session is no fact and outlives no restart. Its id is another secret than the sign-in's token, so that whoever reads
//! a browser's cookie cannot sign in again once the session has ended.
//!
//! Invariant: a session ends after [`LASTS`], when it is signed out, or with the program; ids are kept as digests.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tickmark_app::Digest;

/// A working day, so that a browser left open is signed out by the next one.
pub const LASTS: Duration = Duration::from_secs(12 * 60 * 60);

/// More than people of one organization; of more, the one that ends first goes.
const MOST: usize = 1000;

#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<BTreeMap<Digest, Session>>,
}

#[derive(Debug)]
struct Session {
    person: String,
    ends: Instant,
}

impl Sessions {
    /// Opens a session for a person and gives its id: 128 random bits as hexadecimal digits.
    pub fn open(&self, person: &str, now: Instant) -> Result<String, getrandom::Error> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)?;
        let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut open = self.open_now(now);
        if open.len() >= MOST
            && let Some(first) = open.iter().min_by_key(|(_, session)| session.ends).map(|(digest, _)| *digest)
        {
            open.remove(&first);
        }
        open.insert(Digest::of(id.as_bytes()), Session { person: person.to_owned(), ends: now + LASTS });
        Ok(id)
    }

    /// The person of a session that has not ended. Looked up by digest, so that timing tells nothing about ids.
    pub fn person(&self, id: &str, now: Instant) -> Option<String> {
        self.open_now(now).get(&Digest::of(id.as_bytes())).map(|session| session.person.clone())
    }

    /// Ends a session.
    pub fn end(&self, id: &str, now: Instant) {
        self.open_now(now).remove(&Digest::of(id.as_bytes()));
    }

    /// The sessions that have not ended.
    fn open_now(&self, now: Instant) -> MutexGuard<'_, BTreeMap<Digest, Session>> {
        // A map of sessions is whole after every step, so a thread that panicked leaves nothing half done.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| now < session.ends);
        open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_in_time_and_when_it_is_signed_out() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let [first, second] = [sessions.open("p-a", now).unwrap(), sessions.open("p-a", now).unwrap()];
        assert_ne!(first, second);
        assert_eq!(sessions.person(&first, now).as_deref(), Some("p-a"));
        assert_eq!(sessions.person("0", now), None);
        sessions.end(&first, now);
        assert_eq!(sessions.person(&first, now), None);
        let last = now + LASTS - Duration::from_secs(1);
        assert_eq!(sessions.person(&second, last).as_deref(), Some("p-a"));
        assert_eq!(sessions.person(&second, now + LASTS), None);
    }

    #[test]
    fn of_too_many_the_one_that_ends_first_goes() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let first = sessions.open("p-first", now).unwrap();
        for _ in 0..MOST {
            sessions.open("p-next", now + Duration::from_secs(1)).unwrap();
        }
        assert_eq!(sessions.person(&first, now), None);
        assert_eq!(sessions.open_now(now).len(), MOST);
    }
}
