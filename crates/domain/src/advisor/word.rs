//! Words that an answer can consist of: each has an id for files, and a clause for people.
//!
//! Invariant: the clause reads on after "if", since what would change the answer is told in it.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de};

/// A word of an answer.
pub trait Word: Copy + Ord + 'static {
    /// Every word, in the order in which people are shown them.
    const ALL: &'static [Self];

    /// The word in files, such as `claims-benefits`.
    fn id(self) -> &'static str;

    /// What it means, for people.
    fn means(self) -> &'static str;

    /// The word that an id stands for.
    fn of(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.id() == id)
    }
}

/// Enumerations whose variants are words of answers.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident { $($variant:ident = $id:literal, $means:literal;)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $means] $variant,)+
        }

        impl $crate::advisor::word::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            fn means(self) -> &'static str {
                match self { $(Self::$variant => $means,)+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::advisor::word::Word::id(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(deserializer)?;
                $crate::advisor::word::read(&id).map_err(serde::de::Error::custom)
            }
        }
    )+};
}

pub(crate) use words;

/// The answer that nobody knows (yet).
pub(crate) const UNKNOWN: &str = "unknown";

/// The answer that says: not one of them.
pub(crate) const NONE: &str = "none";

/// The word of an id, or what is wrong with it.
pub(crate) fn read<T: Word>(id: &str) -> Result<T, String> {
    T::of(id).ok_or_else(|| format!("`{id}` is no answer here; answers are {}", listed::<T>()))
}

/// The ids of all words.
fn listed<T: Word>() -> String {
    T::ALL.iter().map(|word| word.id()).collect::<Vec<_>>().join(", ")
}

/// Reads one word, or `unknown`.
pub(crate) fn one<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let id = String::deserialize(deserializer)?;
    if id == UNKNOWN { Ok(None) } else { read(&id).map(Some).map_err(de::Error::custom) }
}

/// Reads a list of words; `none` or `[]` is the empty set, `unknown` no answer.
pub(crate) fn some_of<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BTreeSet<T>>, D::Error> {
    struct Words<T>(std::marker::PhantomData<T>);

    impl<'de, T: Word> de::Visitor<'de> for Words<T> {
        type Value = Option<BTreeSet<T>>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of {}; or \"none\", or \"unknown\"", listed::<T>())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            match text {
                UNKNOWN => Ok(None),
                NONE => Ok(Some(BTreeSet::new())),
                other => Err(E::custom(format!("a list is written [\"{other}\"]"))),
            }
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut words = BTreeSet::new();
            while let Some(id) = list.next_element::<String>()? {
                if id == NONE || id == UNKNOWN {
                    return Err(de::Error::custom(format!(
                        "`{id}` is the whole answer: write \"{id}\" in place of the list"
                    )));
                }
                words.insert(read(&id).map_err(de::Error::custom)?);
            }
            Ok(Some(words))
        }
    }

    deserializer.deserialize_any(Words(std::marker::PhantomData))
}

/// Words in a sentence: "a", "a and b", "a, b and c".
pub(crate) fn joined(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., tail] => format!("{} {last} {tail}", head.join(", ")),
    }
}
