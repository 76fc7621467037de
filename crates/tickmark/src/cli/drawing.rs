//! `tickmark sample draw|redraw|replace|extend|void|show|list|nonce`: samples as facts. The arithmetic is in the same command.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use tickmark_app::{
    Aim, Digest, DrawRequest, Error, Extension, House, ReplacedItem, ReplacementCause, SampleId, SampleLine,
    SampleView, Selection, SelectionMethod, Span, new_nonce, sampling::Rate,
};

use super::{
    Outcome,
    arguments::{Acting, Folder},
    exit::Exit,
    outside,
    population::day,
    print::Printer,
    progress::ProgressLine,
    table::{Table, grouped, many},
};

/// What to do with samples.
#[derive(Debug, Subcommand)]
pub enum DrawingAct {
    /// Draw from a frozen population whose check passed; of the firm with its nonce, else of management.
    Draw(Draw),
    /// Draw a sample again from the frozen rows and compare. Exit code 4 if anything differs.
    Redraw {
        /// The sample.
        sample: String,
        #[command(flatten)]
        folder: Folder,
    },
    /// Replace an item to which the control did not apply by the next rank. Lost evidence is no reason: that is a deviation.
    Replace(Replace),
    /// Add a second stage; the first result stays, and both are evaluated as one plan.
    Extend(Extend),
    /// Say that a sample is not to be relied on; it stays and shows.
    Void {
        /// The sample.
        sample: String,
        /// Why.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        folder: Folder,
        #[command(flatten)]
        acting: Acting,
    },
    /// Show a sample with its items and what became of them.
    Show {
        /// The sample.
        sample: String,
        #[command(flatten)]
        folder: Folder,
    },
    /// List samples.
    List {
        #[command(flatten)]
        folder: Folder,
    },
    /// Make a nonce on the firm's own machine, or commit to one before a population is frozen (firm).
    Nonce(Nonce),
}

#[derive(Debug, Args)]
pub struct Draw {
    /// Id of the sample.
    pub sample: String,
    /// The population.
    #[arg(long)]
    pub population: String,
    /// How items are selected.
    #[arg(long, value_enum, default_value_t = Method::Random)]
    pub method: Method,
    /// How many; the sum of `--stratum` if these have counts.
    #[arg(long, value_name = "COUNT", required_unless_present = "stratum")]
    pub size: Option<u64>,
    /// The column with the stratum or the amount.
    #[arg(long, value_name = "COLUMN", required_if_eq_any([("method", "stratified"), ("method", "monetary-unit")]))]
    pub by: Option<String>,
    /// A stratum and how many of it; may stand several times. A text stands for itself, FROM..TO for numbers, amounts and days,
    /// both ends in it. Without counts and with `--size`, in proportion to their items.
    #[arg(long, value_name = "STRATUM[=COUNT]", requires = "by")]
    pub stratum: Vec<String>,
    /// Why so many, and so.
    #[arg(long, value_name = "TEXT")]
    pub basis: Option<String>,
    /// Risk of overreliance that the sample is to keep, in percent.
    #[arg(long, value_name = "PERCENT", requires = "tolerable")]
    pub risk: Option<Rate>,
    /// Rate of deviation that the sample is to show as not passed, in percent.
    #[arg(long, value_name = "PERCENT", requires = "risk")]
    pub tolerable: Option<Rate>,
    /// The file with the firm's nonce, which this draw opens.
    #[arg(long, value_name = "FILE")]
    pub nonce: Option<PathBuf>,
    /// Why it is drawn once more, if the same side drew from this population before.
    #[arg(long)]
    pub reason: Option<String>,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
}

/// How items are selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Each item is as likely as any other.
    Random,
    /// At equal distances from a random start.
    Systematic,
    /// So many at random of each stratum.
    Stratified,
    /// As likely as its amount is large.
    MonetaryUnit,
}

#[derive(Debug, Args)]
pub struct Replace {
    /// The sample.
    pub sample: String,
    /// The item's number in it.
    #[arg(long)]
    pub item: u64,
    /// Why the control did not apply to it.
    #[arg(long, value_enum)]
    pub because: Because,
    /// The reason in words.
    #[arg(long)]
    pub reason: String,
    /// The file that shows it.
    #[arg(long, value_name = "FILE")]
    pub evidence: PathBuf,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
}

/// Why a control did not apply to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Because {
    /// It was canceled before the control applied.
    Canceled,
    /// It never was one of the population's kind.
    Void,
    /// It stands in the sample under another key.
    Duplicate,
}

#[derive(Debug, Args)]
pub struct Extend {
    /// The sample.
    pub sample: String,
    /// How many more items.
    #[arg(long, value_name = "COUNT")]
    pub more: u64,
    /// Deviations that the first stage found.
    #[arg(long, value_name = "COUNT")]
    pub deviations: u64,
    /// Why the first stage is thought not to be typical.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
}

#[derive(Debug, Args)]
pub struct Nonce {
    /// File for the nonce, for the firm's people only; it must not exist.
    #[arg(required_unless_present = "commit", conflicts_with = "commit")]
    pub file: Option<PathBuf>,
    /// Commit to the nonce with this commitment (firm preparer or reviewer).
    #[arg(long, value_name = "COMMITMENT", requires = "engagement")]
    pub commit: Option<String>,
    /// The engagement.
    #[arg(long, requires = "commit")]
    pub engagement: Option<String>,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub acting: Acting,
}

pub fn run(act: &DrawingAct, printer: &Printer) -> Outcome {
    match act {
        DrawingAct::Draw(draw) => draw_sample(draw, printer),
        DrawingAct::Redraw { sample, folder } => {
            let (_, house) = outside::house(folder)?;
            let progress = ProgressLine::new(printer);
            let redrawn = house.redraw_sample(&sample.parse()?, &progress)?;
            drop(progress);
            printer.result(&redrawn, || match &redrawn.differs {
                None => format!(
                    "{} of {} items drawn again from seed {}: the same items.",
                    grouped(redrawn.items),
                    grouped(redrawn.population),
                    redrawn.seed
                ),
                Some(first) => format!("Drawn again, this differs: {first}."),
            });
            Ok(if redrawn.differs.is_none() { Exit::Done } else { Exit::Corrupt })
        }
        DrawingAct::Replace(replace) => {
            let (_, mut house) = outside::house(&replace.folder)?;
            let author = house.acting(replace.acting.person.as_deref())?;
            let cause = match replace.because {
                Because::Canceled => ReplacementCause::Canceled,
                Because::Void => ReplacementCause::Void,
                Because::Duplicate => ReplacementCause::Duplicate,
            };
            let replaced =
                ReplacedItem { number: replace.item, cause, reason: &replace.reason, evidence: &replace.evidence };
            let progress = ProgressLine::new(printer);
            let next = house.replace_sample_item(&author, &replace.sample.parse()?, &replaced, &progress)?;
            drop(progress);
            printer.result(&next, || {
                format!(
                    "Item {} stays as {cause}; item {} takes its place: {}",
                    replace.item,
                    next.number,
                    next.item.join(" ")
                )
            });
            Ok(Exit::Done)
        }
        DrawingAct::Extend(extend) => {
            let (_, mut house) = outside::house(&extend.folder)?;
            let author = house.acting(extend.acting.person.as_deref())?;
            let Extend { more, deviations, reason, .. } = extend;
            let extension = Extension { more: *more, deviations: *deviations, reason };
            let progress = ProgressLine::new(printer);
            house.extend_sample(&author, &extend.sample.parse()?, &extension, &progress)?;
            drop(progress);
            show(&house, &extend.sample.parse()?, printer)
        }
        DrawingAct::Void { sample, reason, folder, acting } => {
            let (_, mut house) = outside::house(folder)?;
            house.void_sample(&house.acting(acting.person.as_deref())?, &sample.parse()?, reason)?;
            show(&house, &sample.parse()?, printer)
        }
        DrawingAct::Show { sample, folder } => {
            let (_, house) = outside::house(folder)?;
            let view = house.sample_view(&sample.parse()?)?;
            printer.result(&view, || text(&view));
            Ok(Exit::Done)
        }
        DrawingAct::List { folder } => {
            let (_, house) = outside::house(folder)?;
            let list = house.samples()?;
            printer.result(&list, || table(&list));
            Ok(Exit::Done)
        }
        DrawingAct::Nonce(nonce) => commit_or_make(nonce, printer),
    }
}

fn draw_sample(draw: &Draw, printer: &Printer) -> Outcome {
    let (_, mut house) = outside::house(&draw.folder)?;
    let author = house.acting(draw.acting.person.as_deref())?;
    let in_proportion = draw.size.is_some();
    let counted = if in_proportion { &[][..] } else { &draw.stratum };
    let sizes = counted.iter().map(|text| stratum(text)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let request = DrawRequest {
        sample: draw.sample.parse()?,
        population: draw.population.parse()?,
        selection: Selection {
            method: match draw.method {
                Method::Random => SelectionMethod::Random,
                Method::Systematic => SelectionMethod::Systematic,
                Method::Stratified => SelectionMethod::Stratified,
                Method::MonetaryUnit => SelectionMethod::MonetaryUnit,
            },
            size: draw.size.unwrap_or_else(|| sizes.values().sum()),
            by: draw.by.clone(),
            sizes,
            strata: if in_proportion { draw.stratum.clone() } else { Vec::new() },
        },
        basis: draw.basis.clone(),
        aim: draw.risk.zip(draw.tolerable).map(|(risk, tolerable)| Aim { risk, tolerable }),
        nonce: draw.nonce.clone(),
        reason: draw.reason.clone(),
    };
    let progress = ProgressLine::new(printer);
    house.draw_sample(&author, &request, &progress)?;
    drop(progress);
    show(&house, &request.sample, printer)
}

fn stratum(text: &str) -> Result<(String, u64), Error> {
    let unknown = || Error::Unknown { kind: "stratum (written STRATUM=COUNT)", name: text.to_owned() };
    let (name, count) = text.rsplit_once('=').ok_or_else(unknown)?;
    Ok((name.to_owned(), count.parse().map_err(|_| unknown())?))
}

fn commit_or_make(nonce: &Nonce, printer: &Printer) -> Outcome {
    match (&nonce.file, &nonce.commit, &nonce.engagement) {
        (_, Some(commitment), Some(engagement)) => {
            let (_, mut house) = outside::house(&nonce.folder)?;
            let author = house.acting(nonce.acting.person.as_deref())?;
            let unknown = |_| Error::Unknown { kind: "commitment", name: commitment.clone() };
            let commitment: Digest = commitment.parse().map_err(unknown)?;
            let entry = house.commit_nonce(&author, engagement.parse()?, commitment)?;
            printer.result(&serde_json::json!({ "entry": entry, "commitment": commitment }), || {
                format!("Committed in entry {entry}. It counts for populations that are frozen from now on.")
            });
        }
        (Some(file), ..) => {
            let made = new_nonce(file)?;
            printer.result(&made, || {
                format!(
                    "Nonce, for the firm's people only until the draw:\n  {}\nCommitment:\n  {}\n\nNext: commit to it \
                     before the population is frozen.\n  tickmark sample nonce --commit COMMITMENT --engagement ID --as PERSON",
                    made.file.display(),
                    made.commitment
                )
            });
        }
        (None, ..) => {}
    }
    Ok(Exit::Done)
}

fn show(house: &House, id: &SampleId, printer: &Printer) -> Outcome {
    let view = house.sample_view(id)?;
    printer.result(&view, || text(&view));
    Ok(Exit::Done)
}

fn text(view: &SampleView) -> String {
    let nonce = if view.nonce.is_some() { "with the firm's nonce" } else { "without a nonce" };
    let mut text = format!(
        "Sample {} of {}, from population {}: {} of {} items to test\n  {}, {nonce}, drawn by {} on {}, entry {}\n",
        view.sample,
        view.side,
        view.population,
        grouped(view.items_to_test),
        grouped(view.population_items),
        view.selection.method,
        view.drawn_by,
        day(&view.drawn_at),
        view.entry
    );
    let aim = view.aim.map(|aim| aim.words());
    let facts = [("basis", &view.basis), ("to support", &aim), ("drawn again", &view.reason), ("VOID", &view.voided)];
    for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    if let Some(standing) = &view.population_not_checked {
        text.push_str(&format!("  NOT TO BE RELIED ON while its population is: {standing}\n"));
    }
    if let Some(extension) = &view.extension {
        text.push_str(&format!(
            "  extended by {} after {} in the first stage: {}\n  evaluated as one plan of two stages: \
             `tickmark sample evaluate`\n",
            many(extension.more, "item"),
            many(extension.deviations, "deviation"),
            extension.reason
        ));
    }
    let mut table = Table::new(&["#item", "key", "stratum", "what became of it"]);
    for line in &view.items {
        let became = line.replaced.map(|(by, cause)| format!("{cause}, replaced by item {by}"));
        table.row([
            line.item.number.to_string(),
            line.item.item.join(" "),
            line.item.stratum.clone().unwrap_or_default(),
            became.unwrap_or_default(),
        ]);
    }
    text.push_str(&table.text());
    for Span { first, last } in &view.bare {
        text.push_str(&format!("No item of {first} to {last}: see whether that matters.\n"));
    }
    text
}

fn table(list: &[SampleLine]) -> String {
    if list.is_empty() {
        return "No sample was drawn.".to_owned();
    }
    let mut table =
        Table::new(&["sample", "engagement", "population", "of", "method", "#items", "#replaced", "what shows"]);
    for line in list {
        let shows = [
            (line.again, "drawn again"),
            (line.extended, "extended"),
            (line.voided, "void"),
            (!line.population_checked, "population not checked"),
        ];
        let shows: Vec<&str> = shows.into_iter().filter(|(shows, _)| *shows).map(|(_, what)| what).collect();
        table.row([
            line.sample.clone(),
            line.engagement.clone(),
            line.population.clone(),
            line.side.to_string(),
            line.method.clone(),
            grouped(line.items),
            grouped(line.replaced),
            shows.join(", "),
        ]);
    }
    table.text()
}
