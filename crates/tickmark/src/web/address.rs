//! Addresses of pages: every part is escaped, whatever an id holds.

use std::fmt::Write;

/// Escapes what may not stand in a part of a path or a value of a query (RFC 3986, unreserved characters and `:`).
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':') {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// The address of a page by the parts of its path.
pub fn path(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |mut path, part| {
        path.push('/');
        path.push_str(&escaped(part));
        path
    })
}

/// An address with a query; pairs without a value are left out.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.contains('?') { '&' } else { '?' });
        let _ = write!(address, "{name}={}", escaped(value));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_one_part_of_a_path() {
        assert_eq!(path(&["exceptions", "leaver-access:1"]), "/exceptions/leaver-access:1");
        assert_eq!(path(&["controls", "a/../b"]), "/controls/a%2F..%2Fb");
        assert_eq!(with_query("/", &[("q", "a&b=ü"), ("state", ""), ("at", "3")]), "/?q=a%26b%3D%C3%BC&at=3");
    }
}
