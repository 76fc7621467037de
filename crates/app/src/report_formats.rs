//! The documents of an engagement in other formats than PDF: Word, workbooks, and the two texts that say how to check them.
//!
//! Invariant: each is a function of a view that stands in the package, so that `verify` makes it again and compares bytes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use tickmark_domain::EngagementId;
use tickmark_report::{
    Document, WordTemplate, for_auditors, for_auditors_without_tests, how_to_check, report_docx, report_workbook,
    sheets_workbook, testing_workbook,
    view::{ManagementTestingView, ReportKind},
};

use crate::{
    Error, House,
    packaging::{io_error, paths},
    views::Scene,
};

/// What a firm must test to rely on the package, for this engagement.
pub(crate) const FOR_AUDITORS: &str = "for-auditors.md";

/// One page on checking the package.
pub(crate) const HOW_TO_CHECK: &str = "how-to-check.md";

/// The other formats of documents, by their paths in a package. Every package says how to check it, and to the firm what to
/// test of it.
pub(crate) fn other_formats(documents: &BTreeMap<String, Document>) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    for (name, document) in documents {
        let path = |ending: &str| format!("{}/{name}.{ending}", paths::DOCUMENTS);
        match document {
            Document::Report(view) => {
                files.insert(path("docx"), report_docx(view, None)?);
                let how = how_to_check(&view.engagement, &view.provenance, &view.overruled);
                files.insert(HOW_TO_CHECK.to_owned(), how.into_bytes());
                if view.engagement.report != ReportKind::Soc3 {
                    files.insert(path("xlsx"), report_workbook(view)?);
                }
                if !documents.values().any(|other| matches!(other, Document::ManagementTesting(_))) {
                    files.insert(FOR_AUDITORS.to_owned(), for_auditors_without_tests(view).into_bytes());
                }
            }
            Document::ManagementTesting(view) => {
                files.insert(path("xlsx"), testing_workbook(view)?);
                files.insert(FOR_AUDITORS.to_owned(), for_auditors(view).into_bytes());
            }
            Document::Exceptions(_) => {}
        }
    }
    Ok(files)
}

fn guides(view: &ManagementTestingView) -> [(String, Vec<u8>); 2] {
    [
        (FOR_AUDITORS.to_owned(), for_auditors(view).into_bytes()),
        (HOW_TO_CHECK.to_owned(), how_to_check(&view.engagement, &view.provenance, &[]).into_bytes()),
    ]
}

impl House {
    /// The two texts of a package that is made for the firm's tests and holds no documents.
    pub(crate) fn guides_of(&self, id: &EngagementId) -> Result<[(String, Vec<u8>); 2], Error> {
        let figures = self.state().figures(self.catalog_index(), id)?;
        Ok(guides(&Scene::new(self, self.state(), self.size(), id, &figures)?.management_testing()?))
    }

    /// Writes the report of an engagement as a Word document, as it is now, in the styles of a template if one is given.
    pub fn write_report_docx(&self, id: &EngagementId, template: Option<&Path>, path: &Path) -> Result<(), Error> {
        let template = template
            .map(|path| {
                let bytes = fs::read(path).map_err(io_error("read", path))?;
                let problem = |error: tickmark_report::Error| error.to_string();
                WordTemplate::read(&bytes)
                    .map_err(|error| Error::Settings { path: path.to_owned(), problem: problem(error) })
            })
            .transpose()?;
        let figures = self.state().figures(self.catalog_index(), id)?;
        let view = Scene::new(self, self.state(), self.size(), id, &figures)?.report()?;
        fs::write(path, report_docx(&view, template.as_ref())?).map_err(io_error("write", path))
    }

    /// Writes the matrices of an engagement as workbooks into a folder: of the report if there is a description, of
    /// management's testing, and what a firm will ask for. Gives their paths.
    pub fn write_matrices(&self, id: &EngagementId, folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let figures = self.state().figures(self.catalog_index(), id)?;
        let scene = Scene::new(self, self.state(), self.size(), id, &figures)?;
        let mut workbooks = Vec::new();
        if scene.engagement.description.is_some() {
            workbooks.push(("report", report_workbook(&scene.report()?)?));
        }
        let testing = scene.management_testing()?;
        workbooks.push(("management-testing", testing_workbook(&testing)?));
        let title = self.workbook_title(self.state(), &format!("What a firm asks for, engagement {id}"))?;
        workbooks.push(("requests", sheets_workbook(&title, &[scene.requests(&testing)?])?));
        fs::create_dir_all(folder).map_err(io_error("make", folder))?;
        let mut written = Vec::new();
        for (name, bytes) in workbooks {
            let path = folder.join(format!("{id}-{name}.xlsx"));
            fs::write(&path, bytes).map_err(io_error("write", &path))?;
            written.push(path);
        }
        Ok(written)
    }
}
