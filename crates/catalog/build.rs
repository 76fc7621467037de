//! Tells Cargo to build the embedded catalog anew when a file of it is added, changed or removed.

fn main() {
    println!("cargo::rerun-if-changed=../../catalog");
}
