//! The firm's key: X25519, in one line of text.
//!
//! A line is `tickmark-firm-key-1 public|secret KEY-ID BASE64`; lines that begin with `#` are remarks.

use std::{fmt, fs, io::Write, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256};
use serde::{Deserialize, Serialize};
use tickmark_canonical::Digest;
use zeroize::{Zeroize, Zeroizing};

use crate::Error;

type Public = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type Secret = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;

const FORMAT: &str = "tickmark-firm-key-1";

/// The first 16 hexadecimal digits of the digest of a public key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the firm gives out.
#[derive(Clone)]
pub struct FirmPublicKey(Public);

impl FirmPublicKey {
    /// The key's id.
    pub fn id(&self) -> KeyId {
        let digest = Digest::of_parts(&[FORMAT.as_bytes(), &self.0.to_bytes()]).to_string();
        KeyId(digest.chars().take(16).collect())
    }

    /// The key as a line of text.
    pub fn to_text(&self) -> String {
        format!("{FORMAT} public {} {}\n", self.id(), STANDARD.encode(self.0.to_bytes()))
    }

    /// Reads the text that `to_text` writes.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let (id, bytes) = parse(text, "public")?;
        let key = Self(Public::from_bytes(&bytes).map_err(|_| unusable("its public half is no point of X25519"))?);
        if key.id().0 == id {
            Ok(key)
        } else {
            Err(unusable("its id does not belong to its bytes (was a digit changed?)"))
        }
    }

    pub(crate) fn as_hpke(&self) -> &Public {
        &self.0
    }
}

impl fmt::Debug for FirmPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FirmPublicKey({})", self.id())
    }
}

/// What only the firm's people hold.
pub struct FirmSecretKey(Secret);

impl FirmSecretKey {
    /// A fresh key from the operating system's randomness.
    pub fn generate() -> Self {
        Self(X25519HkdfSha256::gen_keypair().0)
    }

    /// The public half.
    pub fn public(&self) -> FirmPublicKey {
        FirmPublicKey(X25519HkdfSha256::sk_to_pk(&self.0))
    }

    /// The key as a line of text.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = self.0.to_bytes();
        let encoded = Zeroizing::new(STANDARD.encode(bytes));
        bytes.as_mut_slice().zeroize();
        Zeroizing::new(format!("{FORMAT} secret {} {}\n", self.public().id(), *encoded))
    }

    /// Reads the text that `to_text` writes.
    pub fn from_text(text: &str) -> Result<Self, Error> {
        let (id, bytes) = parse(text, "secret")?;
        let key = Self(Secret::from_bytes(&bytes).map_err(|_| unusable("its secret half is no key of X25519"))?);
        if key.public().id().0 == id {
            Ok(key)
        } else {
            Err(unusable("its id does not belong to its bytes (was a digit changed?)"))
        }
    }

    /// Writes the key to a new file that only its owner can read (0600); an existing file is an error.
    pub fn save_new(&self, path: &Path) -> Result<(), Error> {
        let doing = || format!("writing the firm key `{}`", path.display());
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(Error::io(doing()))?;
        file.write_all(self.to_text().as_bytes()).map_err(Error::io(doing()))?;
        file.sync_all().map_err(Error::io(doing()))
    }

    /// Reads a key file and refuses one that others on the machine can read.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let doing = || format!("reading the firm key `{}`", path.display());
        let text = Zeroizing::new(fs::read_to_string(path).map_err(Error::io(doing()))?);
        // Its rights are open as they should be, so it is told apart before they are looked at.
        if let Ok(public) = FirmPublicKey::from_text(&text) {
            return Err(unusable(&format!(
                "`{}` is the public key, which only seals; what is sealed to it opens with the secret key {}, by itself in `firm.key` beside it",
                path.display(),
                public.id()
            )));
        }
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).map_err(Error::io(doing()))?);
            if mode & 0o077 != 0 {
                return Err(unusable(&format!("others can read `{}`; set its mode to 0600", path.display())));
            }
        }
        Self::from_text(&text)
    }

    pub(crate) fn as_hpke(&self) -> &Secret {
        &self.0
    }
}

impl fmt::Debug for FirmSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FirmSecretKey({}, …)", self.public().id())
    }
}

fn unusable(because: &str) -> Error {
    Error::FirmKey { because: because.to_owned() }
}

/// The id and the bytes of the one key in a text.
fn parse(text: &str, half: &'static str) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return Err(unusable("a key file holds exactly one key"));
    };
    let words: Vec<&str> = line.split(' ').collect();
    let [format, found, id, encoded] = words.as_slice() else {
        return Err(unusable("a key is four words: the format, `public` or `secret`, the id, and the key in base64"));
    };
    if *format != FORMAT {
        return Err(unusable(&format!("its format is not `{FORMAT}`")));
    }
    if *found != half {
        return Err(unusable(&format!("a {half} key is needed, and this is not one")));
    }
    let bytes = STANDARD.decode(encoded).map_err(|_| unusable("its key is not base64"))?;
    Ok(((*id).to_owned(), Zeroizing::new(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_text() {
        let secret = FirmSecretKey::generate();
        let again = FirmSecretKey::from_text(&format!("# Alder & Finch LLP\n{}", *secret.to_text())).unwrap();
        assert_eq!(again.public().id(), secret.public().id());
        let public = FirmPublicKey::from_text(&secret.public().to_text()).unwrap();
        assert_eq!(public.id(), secret.public().id());
    }

    #[test]
    fn what_is_no_key_is_refused_with_the_reason() {
        let secret = FirmSecretKey::generate();
        let public = secret.public().to_text();
        for (text, because) in [
            (String::new(), "exactly one key"),
            (public.clone() + &public, "exactly one key"),
            (public.replace("key-1", "key-9"), "its format"),
            (secret.to_text().to_string(), "public key is needed"),
            (public.replace(' ', "  "), "four words"),
            (public.replace(&secret.public().id().to_string(), "0000000000000000"), "its id"),
        ] {
            let error = FirmPublicKey::from_text(&text).unwrap_err().to_string();
            assert!(error.contains(because), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_written_once_and_for_its_owner_only() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firm.key");
        let secret = FirmSecretKey::generate();
        secret.save_new(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(FirmSecretKey::load(&path).unwrap().public().id(), secret.public().id());
        assert!(secret.save_new(&path).is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(FirmSecretKey::load(&path).unwrap_err().to_string().contains("0600"));
        let public = folder.path().join("firm.key.pub");
        fs::write(&public, secret.public().to_text()).unwrap();
        let told = FirmSecretKey::load(&public).unwrap_err().to_string();
        assert!(told.contains("is the public key") && told.contains("`firm.key`"), "{told}");
    }
}
