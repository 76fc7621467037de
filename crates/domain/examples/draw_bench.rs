//! Draws a sample from many items that stream by, beside raw SHA-256 of as many keys.
//!
//! `cargo run --release -p tickmark-domain --example draw_bench [ITEMS [SIZE]]`

use std::{error::Error, fs, hint::black_box, io::Write as _};

use tickmark_canonical::Digest;
use tickmark_domain::{
    EngagementId,
    sampling::{Draw, DrawPlan, Offer, Seed},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let items: u64 = arguments.next().map_or(Ok(50_000_000), |text| text.parse())?;
    let size: u64 = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let engagement: EngagementId = "bench".parse()?;
    let population = Digest::of(b"population");
    let seed = Seed::of(&engagement, &population, &Digest::of(b"root"), None);

    let began = processor_ticks()?;
    let mut draw = Draw::new(&seed, &population, DrawPlan::Random { size }, size)?;
    let mut key = Vec::with_capacity(16);
    for item in 0..items {
        write_key(&mut key, item)?;
        draw.offer(Offer::of(&key))?;
    }
    let drawn = draw.finish()?;
    let drew = processor_ticks()?;
    for item in 0..items {
        write_key(&mut key, item)?;
        black_box(Digest::of(&key));
    }
    let hashed = processor_ticks()?;

    let seconds = |ticks: u64| format!("{}.{:02}", ticks / 100, ticks % 100);
    println!("{} of {items} items drawn in {} CPU seconds", drawn.items.len(), seconds(drew - began));
    println!("SHA-256 of the keys alone: {} CPU seconds", seconds(hashed - drew));
    for line in fs::read_to_string("/proc/self/status")?.lines().filter(|line| line.starts_with("VmHWM")) {
        println!("most memory: {}", line.trim_start_matches("VmHWM:").trim());
    }
    Ok(())
}

/// Keys as a payroll has them.
fn write_key(key: &mut Vec<u8>, item: u64) -> std::io::Result<()> {
    key.clear();
    write!(key, "PS-{item:09}")
}

/// User and system time of this process, in hundredths of a second (Linux).
fn processor_ticks() -> Result<u64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // Fields 14 and 15; the name is field 2.
    after_name.split_whitespace().skip(11).take(2).map(|field| Ok(field.parse::<u64>()?)).sum()
}
