//! Where a secret is found. The secret itself never stands in a declaration, in provenance or in an error.

use std::path::PathBuf;

use serde::Deserialize;

use crate::Error;

/// Where a secret is found when a source is collected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Secret {
    /// In an environment variable of the collecting process.
    Env(String),
    /// In a file that nobody but its owner can read. A line end at its end is not part of the secret.
    File(PathBuf),
}

impl Secret {
    /// The secret.
    pub(crate) fn reveal(&self, source: &crate::SourceConfig) -> Result<String, Error> {
        let refused = |problem: String| Error::Config { file: source.file.clone(), line: None, problem };
        match self {
            Self::Env(name) => std::env::var(name)
                .map_err(|_| refused(format!("the environment variable `{name}` with the password is not set"))),
            Self::File(path) => {
                let path = source.path(path);
                let failed = |cause| Error::Io { doing: "reading the password file", path: path.clone(), cause };
                owner_only(&path).map_err(failed)?;
                let text = std::fs::read_to_string(&path).map_err(failed)?;
                Ok(text.trim_end_matches(['\r', '\n']).to_owned())
            }
        }
    }
}

#[cfg(unix)]
fn owner_only(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "others than its owner can read it; set its mode to 0600",
        ))
    }
}

#[cfg(not(unix))]
fn owner_only(_path: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}
