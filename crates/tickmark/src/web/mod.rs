//! The web application: one file a page, all routes in one list.
//!
//! Invariant: pages read a moment and hold no lock while they draw; nothing here records a fact.

mod address;
mod anchors;
mod ask;
mod control;
mod control_test;
mod control_tests;
mod controls;
mod entry;
mod exception;
mod exceptions;
mod extract;
mod extract_rows;
mod extracts;
mod figure;
mod firm_tests;
mod guard;
mod home;
mod layout;
mod ledger;
mod pager;
mod problem;
mod routes;
mod rows;
mod score;
mod session;
mod sign_in;
mod sql;
mod style;
mod witness;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tickmark_app::{Error, House, Installation, Moments, ScheduleTrouble, SignIns};

/// What pages read.
pub(crate) struct Application {
    /// Where everything lies.
    pub(crate) installation: Installation,
    /// The organization, at its newest and at past ledger sizes.
    pub(crate) moments: Moments,
    /// Who may sign in on this machine.
    pub(crate) sign_ins: SignIns,
    /// Who is signed in.
    pub(crate) sessions: session::Sessions,
    /// Why the schedule is not kept, if it is not.
    pub(crate) trouble: ScheduleTrouble,
    /// Whether only this machine can reach the address listened on, so that no other name for it is answered to.
    pub(crate) is_loopback: bool,
}

/// Serves until the process is told to stop; `ready` hears the address once requests are answered.
pub fn serve(
    installation: &Installation,
    house: House,
    trouble: ScheduleTrouble,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    let failed = |source| Error::Io { doing: "listen on", path: PathBuf::from(listen.to_string()), source };
    let application = Arc::new(Application {
        installation: installation.clone(),
        moments: Moments::of(house),
        sign_ins: SignIns::read(installation.root())?,
        sessions: session::Sessions::default(),
        trouble,
        is_loopback: listen.ip().is_loopback(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(failed)?;
        ready(listener.local_addr().map_err(failed)?);
        let mut terminated =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(failed)?;
        let stopped = async move {
            // Without signal handling the process ends by the signal itself.
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        };
        axum::serve(listener, routes::routes(application)).with_graceful_shutdown(stopped).await.map_err(failed)
    })
}
