//! An installation: a folder with one database of ledgers, one vault and one or more organizations.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tickmark_catalog::Catalog;
use tickmark_domain::{Command, FoundOrganization, OrganizationId, PersonId, Refusal, Role, State};
use tickmark_ledger::{Opening, Signer, SqliteStore, Store, VerifierKey};
use tickmark_vault::{SealingKey, Vault};

use crate::{Clock, Error, House, durable, house::Parts, organization_keys::KeyFiles, secrets};

/// Name of the settings file; a folder with one is an installation.
const SETTINGS: &str = "tickmark.toml";

/// Stands while an installation is being made. What lies beside it was told to nobody: another `init` starts afresh.
const FOUNDING: &str = ".founding";

/// What `init` makes, beside keys.
const PARTS: [&str; 5] = [SETTINGS, "ledger.db", "ledger.db-wal", "ledger.db-shm", "vault"];

/// Removes what an `init` that was cut short left behind. Nothing without its mark is touched.
fn clear_unfinished(root: &Path) -> Result<(), Error> {
    if !root.join(FOUNDING).exists() {
        return Ok(());
    }
    for part in PARTS.iter().chain(&["keys"]) {
        durable::remove(&root.join(part))?;
    }
    durable::remove(&root.join(FOUNDING))
}

/// `tickmark.toml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Always 1 so far.
    pub format: u32,
    /// The organization that commands are about when they name none.
    pub organization: OrganizationId,
}

/// Who the organization is.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Its id.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// IANA time zone in which its days begin and end.
    pub zone: String,
    /// Business calendar of the catalog.
    pub calendar: String,
    /// Id of the first administrator.
    pub administrator: PersonId,
    /// Their name.
    pub administrator_name: String,
    /// Their mail address.
    pub administrator_mail: String,
}

/// What a person's profile object holds; sealed in the vault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub mail: String,
}

/// A folder with an installation.
#[derive(Debug, Clone)]
pub struct Installation {
    root: PathBuf,
    settings: Settings,
    sealing_key_file: PathBuf,
}

/// What is handed out once when an organization is founded, to be kept outside.
#[derive(Debug)]
pub struct Founded {
    /// The house, open.
    pub house: House,
    /// Seed of the recovery key in hexadecimal digits: keep it offline; it lets the ledger go on after the signing key
    /// was lost or stolen.
    pub recovery_seed: String,
    /// The ledger's public key.
    pub ledger_key: String,
}

impl Installation {
    /// Makes an installation in a folder that is empty or not there yet, and founds its organization.
    pub fn init(
        root: &Path,
        sealing_key_file: Option<PathBuf>,
        founding: &Founding,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Founded), Error> {
        clear_unfinished(root)?;
        if root.join(SETTINGS).exists() {
            return Err(Refusal::AlreadyFounded.into());
        }
        if PARTS.iter().any(|part| root.join(part).exists()) {
            return Err(Error::NotEmpty { path: root.to_owned() });
        }
        durable::folder(&root.join(FOUNDING))?;
        durable::folder(&root.join("sources"))?;
        secrets::private_folder(&root.join("keys"))?;
        let sealing_key_file = secrets::sealing_key_path(root, sealing_key_file);
        let sealing = secrets::sealing_key(&sealing_key_file)?;
        let settings = Settings { format: 1, organization: founding.organization.clone() };
        let installation = Self { root: root.to_owned(), settings, sealing_key_file };
        let founded = installation.found(founding, catalog, clock, &sealing)?;
        let text = toml::to_string(&installation.settings)
            .map_err(|error| Error::Settings { path: root.join(SETTINGS), problem: error.to_string() })?;
        durable::write(&root.join(SETTINGS), text.as_bytes())?;
        durable::remove(&root.join(FOUNDING))?;
        Ok((installation, founded))
    }

    /// Opens the installation in a folder.
    pub fn open(root: &Path, sealing_key_file: Option<PathBuf>) -> Result<Self, Error> {
        if root.join(FOUNDING).exists() {
            return Err(Error::NoInstallation { path: root.to_owned() });
        }
        let path = root.join(SETTINGS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::NoInstallation { path: root.to_owned() });
            }
            Err(source) => return Err(Error::Io { doing: "read", path, source }),
        };
        let settings: Settings = toml::from_str(&text)
            .map_err(|error| Error::Settings { path: path.clone(), problem: error.to_string() })?;
        if settings.format != 1 {
            let problem = format!("format {} is not known to this version", settings.format);
            return Err(Error::Settings { path, problem });
        }
        let sealing_key_file = secrets::sealing_key_path(root, sealing_key_file);
        Ok(Self { root: root.to_owned(), settings, sealing_key_file })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of source settings.
    pub fn sources(&self) -> PathBuf {
        self.root.join("sources")
    }

    /// The folder of packages.
    pub fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    /// Opens the organization that commands are about.
    pub fn house(&self, clock: Arc<dyn Clock>) -> Result<House, Error> {
        let sealing = secrets::read_sealing_key(&self.sealing_key_file)?;
        let vault = self.vault(&sealing)?;
        let in_force = self.store()?.reader()?.head(&self.origin())?.vkey;
        let signer = self.key_files().signer(&sealing, &in_force)?;
        if *signer.verifier() != in_force {
            return Err(Error::Differs {
                what: "the key that signed the ledger's newest checkpoint".to_owned(),
                expected: signer.verifier().to_string(),
                found: in_force.to_string(),
            });
        }
        self.house_signed_by(signer, vault, clock)
    }

    pub(crate) fn vault(&self, sealing: &SealingKey) -> Result<Vault, Error> {
        Ok(Vault::open(&self.root.join("vault"), self.settings.organization.as_str(), sealing)?)
    }

    /// Opens the organization with a signing key that the caller has.
    pub(crate) fn house_signed_by(&self, signer: Signer, vault: Vault, clock: Arc<dyn Clock>) -> Result<House, Error> {
        let item_keys = self.key_files().item_keys(&vault)?;
        House::open(Parts {
            origin: self.origin(),
            store: self.store()?,
            signer,
            vault,
            vault_root: self.root.join("vault"),
            clock,
            item_keys,
        })
    }

    fn found(
        &self,
        founding: &Founding,
        catalog: Arc<Catalog>,
        clock: Arc<dyn Clock>,
        sealing: &SealingKey,
    ) -> Result<Founded, Error> {
        let origin = self.origin();
        let calendar = catalog.calendars.get(founding.calendar.as_str());
        let unknown = || Error::Unknown { kind: "business calendar", name: founding.calendar.clone() };
        let days = calendar.ok_or_else(unknown)?.days();
        let vault = Vault::create(&self.root.join("vault"), founding.organization.as_str(), sealing)?;
        let (signer, item_keys) = self.key_files().create(sealing, &vault, &origin)?;
        let recovery = Signer::generate(&origin)?;
        let store = self.store()?;
        store.create(&Opening {
            origin: &origin,
            signer: &signer,
            recovery_vkey: recovery.verifier(),
            author: founding.administrator.as_str(),
            command: &crate::house::new_id("cmd")?,
            recorded_at: clock.now(),
        })?;
        let ledger_key = signer.verifier().to_string();
        let mut house =
            House::open(Parts { origin, store, signer, vault, vault_root: self.root.join("vault"), clock, item_keys })?;
        let profile = house.put_profile(&founding.administrator_name, &founding.administrator_mail)?;
        let name = house.put_text(&founding.name)?;
        house.execute(
            &founding.administrator,
            Command::FoundOrganization(FoundOrganization {
                organization: founding.organization.clone(),
                name,
                zone: founding.zone.clone(),
                calendar: founding.calendar.parse()?,
                days,
                administrator: founding.administrator.clone(),
                profile,
            }),
        )?;
        house.adopt_catalog(&founding.administrator, catalog)?;
        Ok(Founded { house, recovery_seed: hex::encode(recovery.seed().as_slice()), ledger_key })
    }

    pub(crate) fn store(&self) -> Result<Arc<SqliteStore>, Error> {
        Ok(Arc::new(SqliteStore::open(&self.root.join("ledger.db"))?))
    }

    /// The name of the organization's ledger.
    pub(crate) fn origin(&self) -> String {
        format!("tickmark/{}", self.settings.organization)
    }

    /// The file of the sealing key.
    pub fn sealing_key_file(&self) -> &Path {
        &self.sealing_key_file
    }

    /// Whether the sealing key lies in the installation's own folder, and so beside all that it seals.
    pub fn keeps_its_sealing_key(&self) -> Result<bool, Error> {
        let whole = |path: &Path| {
            path.canonicalize().map_err(|source| Error::Io { doing: "look at", path: path.to_owned(), source })
        };
        Ok(whole(&self.sealing_key_file)?.starts_with(whole(&self.root)?))
    }

    pub(crate) fn key_files(&self) -> KeyFiles {
        KeyFiles::new(&self.root.join("keys"), &self.settings.organization)
    }
}

impl House {
    /// Stores a person's profile, sealed.
    pub fn put_profile(&self, name: &str, mail: &str) -> Result<tickmark_canonical::Digest, Error> {
        let profile = Profile { name: name.to_owned(), mail: mail.to_owned() };
        Ok(self.vault.put_sealed(&tickmark_canonical::to_canonical(&profile)?)?)
    }

    /// A person's name; their id where the profile was erased.
    pub fn name_of(&self, person: &PersonId) -> String {
        self.name_in(self.state(), person)
    }

    /// A person's name by the profile that they had in a state.
    pub(crate) fn name_in(&self, state: &State, person: &PersonId) -> String {
        let profile = state.people.get(person).map(|person| person.profile);
        profile
            .and_then(|digest| self.vault.get(&digest).ok())
            .and_then(|bytes| serde_json::from_slice::<Profile>(&bytes).ok())
            .map_or_else(|| person.to_string(), |profile| profile.name)
    }

    /// Who acts: the person named, or the only administrator.
    pub fn acting(&self, named: Option<&str>) -> Result<PersonId, Error> {
        // Whoever acts changes something.
        self.require_present()?;
        if let Some(name) = named {
            return Ok(name.parse()?);
        }
        let mut administrators =
            self.state().people.iter().filter(|(_, person)| person.roles.contains(&Role::Administrator));
        match (administrators.next(), administrators.next()) {
            (Some((only, _)), None) => Ok(only.clone()),
            _ => Err(Error::WhoActs),
        }
    }
}

/// A ledger key as a person wrote it.
pub fn parse_ledger_key(text: &str) -> Result<VerifierKey, Error> {
    Ok(text.trim().parse::<VerifierKey>()?)
}
