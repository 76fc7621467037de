//! `cargo run -p tickmark-sample --example generate -- DIR [SCALE] [SEED]`: writes the sample company and prints what was planted.

use std::path::Path;
use std::time::Instant;

use tickmark_sample::{DEFAULT_SCALE, DEFAULT_SEED, Options, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().ok_or("usage: generate DIR [SCALE] [SEED]")?;
    let scale = arguments.next().map_or(Ok(DEFAULT_SCALE), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(DEFAULT_SEED), |text| text.parse())?;
    let begin = Instant::now();
    let mut tell =
        |step: u32, of: u32, what: &str| eprintln!("{:>6} ms  {step}/{of} {what}", begin.elapsed().as_millis());
    let summary = generate(&Options { seed, scale, dir: Path::new(&dir) }, &mut tell)?;
    eprintln!("{:>6} ms  done", begin.elapsed().as_millis());
    println!("{} payslips, {} bank lines in {}", summary.payslips, summary.bank_lines, summary.systems.display());
    for (test, count) in &summary.faults {
        println!("{count:>4}  {test}");
    }
    Ok(())
}
