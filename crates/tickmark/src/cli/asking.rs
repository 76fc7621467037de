//! The advisor's conversation: one question after the other, each only if its answer can still matter.
//!
//! Answers are lines, so that a script can give them too: a word, its number, several of either, or a line in the form shown.

use std::io::{BufRead, Result, Write};

use tickmark_app::advisor::{Kind, Profile, Question, next_question};

use super::wrap;

/// The answer that ends the conversation.
const DONE: &str = "done";

/// The answer that asks for help.
const HELP: &str = "help";

/// Asks until no open question is left, or the answers end.
pub fn profile(answers: &mut impl BufRead, out: &mut impl Write) -> Result<Profile> {
    let mut profile = Profile::default();
    let mut unknown = Vec::new();
    writeln!(
        out,
        "Answer with a word or its number, several separated by commas. Enter or `?`: unknown. `help`: why it is asked. `done`: advise now."
    )?;
    while let Some(question) = next_question(&profile, &unknown) {
        show(question, out)?;
        loop {
            write!(out, "> ")?;
            out.flush()?;
            let mut line = String::new();
            if answers.read_line(&mut line)? == 0 {
                writeln!(out)?;
                return Ok(profile);
            }
            match line.trim() {
                DONE => {
                    writeln!(out)?;
                    return Ok(profile);
                }
                HELP => write!(out, "{}", wrap::hanging("  ", question.helps()))?,
                said => match question.answer(&mut profile, said) {
                    Ok(()) => break,
                    Err(why) => write!(out, "{}", wrap::hanging("  ", &format!("{why}. Try again.")))?,
                },
            }
        }
        if !question.is_answered(&profile) {
            unknown.push(question);
        }
    }
    writeln!(out, "\nNo question is left whose answer could still matter.\n")?;
    Ok(profile)
}

fn show(question: Question, out: &mut impl Write) -> Result<()> {
    write!(out, "\n{}", wrap::hanging(&format!("{question}  "), question.asks()))?;
    match question.kind() {
        Kind::One(choices) | Kind::Some(choices) => {
            for (at, choice) in choices.iter().enumerate() {
                // A word that says itself is not said twice.
                let means = if choice.means == choice.id { "" } else { choice.means };
                writeln!(out, "{}", format!("  {:>2}  {:<34}{means}", at + 1, choice.id).trim_end())?;
            }
            if matches!(question.kind(), Kind::Some(_)) {
                writeln!(out, "   –  none")?;
            }
        }
        Kind::Line(example) => writeln!(out, "  such as: {example}")?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversation(answers: &str) -> (Profile, String) {
        let mut out = Vec::new();
        let profile = profile(&mut answers.as_bytes(), &mut out).unwrap();
        (profile, String::from_utf8(out).unwrap())
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
        let (profile, said) = conversation(&"?\n".repeat(40));
        assert_eq!(profile, Profile::default());
        assert!(said.ends_with("could still matter.\n\n"), "{said}");
    }
}
