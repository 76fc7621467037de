//! The advisor's conversation: one question after the other, each only if its answer can still matter.
//!
//! Answers are lines, so that a script can give them too: a word, its number, several of either, or a line in the form shown.

use std::io::{BufRead, Result, Write};

use jiff::civil::Date;
use tickmark_app::advisor::{Choice, Kind, Profile, Question, advise, next_question};

use super::wrap;

/// The answer that ends the conversation.
const DONE: &str = "done";

/// The answer that asks for help.
const HELP: &str = "help";

/// The answer that takes the one before back.
const BACK: &str = "back";

const HOW: &str = "Answer with a word or its number, several separated by commas. Enter or `?`: unknown. `back`: the question before. `help`: why it is asked. `done`: advise now.";

/// What is known so far, and the questions that were put aside as unknown.
#[derive(Clone, Default)]
struct Known {
    profile: Profile,
    unknown: Vec<Question>,
    /// Whether no more questions are wanted.
    is_enough: bool,
}

/// What a line says to do.
enum Said {
    Answer(String),
    Back,
    End,
}

/// Asks until no open question is left, or the answers end; last for the name, which only the memo prints.
pub fn profile(today: Date, answers: &mut impl BufRead, out: &mut impl Write) -> Result<Profile> {
    let mut known = Known::default();
    let mut before: Vec<Known> = Vec::new();
    // What was answered, for who comes back to the question.
    let mut given: Vec<(Question, String)> = Vec::new();
    write!(out, "{}", wrap::hanging("", HOW))?;
    loop {
        let said = match next_question(&known.profile, &known.unknown).filter(|_| !known.is_enough) {
            Some(question) => {
                let kept = given.iter().find(|(of, _)| *of == question).map(|(_, line)| line.as_str());
                show(question, kept, out)?;
                (Some(question), answer(question, kept, &mut known.profile.clone(), answers, out)?)
            }
            None => {
                if !known.is_enough {
                    writeln!(out, "\nNo question is left whose answer could still matter.")?;
                }
                (None, name(answers, out)?)
            }
        };
        match said {
            (Some(_), Said::End) => {
                before.push(known.clone());
                known.is_enough = true;
            }
            (None, Said::End) => return ended(known.profile, out),
            (_, Said::Back) => match before.pop() {
                Some(earlier) => known = earlier,
                None => writeln!(out, "  This is the first question.")?,
            },
            (None, Said::Answer(name)) => {
                known.profile.name = Some(name).filter(|name| !name.is_empty());
                return ended(known.profile, out);
            }
            (Some(question), Said::Answer(line)) => {
                let disagreed = contradictions(&known.profile, today);
                before.push(known.clone());
                given.retain(|(of, _)| *of != question);
                given.push((question, line.clone()));
                // It was read above.
                let _ = question.answer(&mut known.profile, &line);
                if !question.is_answered(&known.profile) {
                    known.unknown.push(question);
                }
                // Told at once, while the answer is fresh; the advice tells what follows from either.
                for found in contradictions(&known.profile, today).iter().filter(|found| !disagreed.contains(found)) {
                    let says = format!("{found} They cannot both be true: `back` takes the answer back.");
                    write!(out, "{}", wrap::hanging("  ! ", &says))?;
                }
            }
        }
    }
}

/// What disagrees in the answers so far.
fn contradictions(profile: &Profile, today: Date) -> Vec<String> {
    advise(profile, today).contradictions.into_iter().map(|found| found.says).collect()
}

fn ended(profile: Profile, out: &mut impl Write) -> Result<Profile> {
    writeln!(out)?;
    Ok(profile)
}

/// Reads lines until one can be read as an answer, or says something else to do.
fn answer(
    question: Question,
    kept: Option<&str>,
    trial: &mut Profile,
    answers: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Said> {
    while let Some(line) = read(answers, out)? {
        match kept.filter(|_| line.trim().is_empty()).unwrap_or_else(|| line.trim()) {
            DONE => return Ok(Said::End),
            BACK => return Ok(Said::Back),
            HELP => write!(out, "{}", wrap::hanging("  ", question.helps()))?,
            said => match question.answer(trial, said) {
                Ok(()) => return Ok(Said::Answer(said.to_owned())),
                Err(why) => write!(out, "{}", wrap::hanging("  ", &format!("{why}. Try again.")))?,
            },
        }
    }
    Ok(Said::End)
}

/// One line; none if the answers ended.
fn read(answers: &mut impl BufRead, out: &mut impl Write) -> Result<Option<String>> {
    write!(out, "> ")?;
    out.flush()?;
    let mut line = String::new();
    if answers.read_line(&mut line)? == 0 {
        writeln!(out)?;
        return Ok(None);
    }
    Ok(Some(line))
}

/// The organization's name, which only the memo prints.
fn name(answers: &mut impl BufRead, out: &mut impl Write) -> Result<Said> {
    writeln!(out, "\nWhat is your organization called? A memo prints it; Enter leaves it out.")?;
    Ok(match read(answers, out)?.as_deref().map(str::trim) {
        None | Some(DONE) => Said::End,
        Some(BACK) => Said::Back,
        Some(name) => Said::Answer(name.to_owned()),
    })
}

fn show(question: Question, kept: Option<&str>, out: &mut impl Write) -> Result<()> {
    write!(out, "\n{}", wrap::hanging(&format!("{question}  "), question.asks()))?;
    if let Some(kept) = kept.filter(|kept| !kept.is_empty()) {
        write!(out, "{}", wrap::hanging("  your answer before (Enter keeps it, `?` makes it unknown): ", kept))?;
    }
    match question.kind() {
        Kind::One(choices) => list(&choices, out),
        Kind::Some(choices) => {
            list(&choices, out)?;
            writeln!(out, "   –  none")
        }
        Kind::Line(example) => write!(out, "{}", wrap::hanging("  such as: ", example)),
    }
}

/// The choices with what they mean: words in one column, as wide as the longest, meanings in the other.
fn list(choices: &[Choice], out: &mut impl Write) -> Result<()> {
    let widest = choices.iter().map(|choice| choice.id.chars().count()).max().unwrap_or(0);
    for (at, choice) in choices.iter().enumerate() {
        // A word that says itself is not said twice.
        let means = if choice.means == choice.id { "" } else { choice.means };
        write!(out, "{}", wrap::hanging(&format!("  {:>2}  {:<widest$}  ", at + 1, choice.id), means))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(answers: &str) -> (Profile, String) {
        let mut out = Vec::new();
        let profile = profile(jiff::civil::date(2026, 11, 22), &mut answers.as_bytes(), &mut out).unwrap();
        (profile, String::from_utf8(out).unwrap())
    }

    #[test]
    fn who_comes_back_keeps_the_answer_with_enter() {
        let (profile, shown) = conversation("direct\nback\n\ndone\n\n");
        assert!(shown.contains("your answer before (Enter keeps it, `?` makes it unknown): direct"), "{shown}");
        assert_eq!(Question::FinancialEffect.answer_in(&profile), "direct");
        let (profile, _) = conversation("direct\nback\n?\ndone\n\n");
        assert!(!Question::FinancialEffect.is_answered(&profile));
    }

    #[test]
    fn wrong_answers_are_asked_again_and_the_end_ends() {
        let (profile, said) = conversation("9\nhelp\n1\n?\n\n1,5\ndone\n");
        assert_eq!(Question::FinancialEffect.answer_in(&profile), "direct");
        assert_eq!(Question::HoldsData.answer_in(&profile), "unknown");
        assert_eq!(Question::AskedFor.answer_in(&profile), "soc1, type-2");
        assert!(said.contains("`9` is no answer here"), "{said}");
        assert!(said.contains("Follow one transaction"), "{said}");
        assert_eq!(conversation("").0, Profile::default());
    }

    #[test]
    fn a_conversation_of_unknowns_ends() {
        let (profile, said) = conversation(&format!("{}\n", "?\n".repeat(23)));
        assert_eq!(Profile { name: None, ..profile }, Profile::default());
        assert!(said.contains("could still matter.\n\nWhat is your organization called?"), "{said}");
    }

    #[test]
    fn back_asks_the_question_before_again() {
        let (profile, said) = conversation("back\ndirect\nyes\nback\nback\nnone\nno\ndone\nHarbor Lane\n");
        assert!(said.contains("This is the first question."), "{said}");
        assert_eq!(Question::FinancialEffect.answer_in(&profile), "none");
        assert_eq!(Question::HoldsData.answer_in(&profile), "no");
        assert_eq!(profile.name.as_deref(), Some("Harbor Lane"));
    }

    #[test]
    fn back_leads_from_the_name_to_the_questions() {
        let (profile, _) = conversation("none\nyes\ndone\nback\nback\nno\ndone\nHarbor Lane\n");
        assert_eq!(Question::HoldsData.answer_in(&profile), "no");
        assert_eq!(profile.name.as_deref(), Some("Harbor Lane"));
    }

    #[test]
    fn answers_that_disagree_are_told_at_once() {
        let (_, said) = conversation("none\nno\nnone\nnone\nsaas\ndone\n");
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = said.find("Q10 names a service that does").unwrap_or_else(|| panic!("{said}"));
        assert!(told > said.find("What kind of service is it?").unwrap_or_else(|| panic!("{said}")));
        assert_eq!(said.matches("cannot both be true").count(), 1, "{said}");
    }

    #[test]
    fn meanings_never_touch_the_word_before() {
        let (_, said) = conversation(&"?\n".repeat(40));
        for line in said.lines().filter(|line| line.contains("controller-or-collects-from-people")) {
            assert!(line.contains("from-people  you collect"), "{line}");
        }
        assert!(said.lines().all(|line| line.chars().count() <= wrap::WIDTH), "{said}");
    }
}
