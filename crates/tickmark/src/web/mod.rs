//! The web application: one file a page, all routes in one list.

mod layout;
mod routes;
mod sign_in;
mod status;
mod witness;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use tickmark_app::{Error, House, Installation, SignIns};

/// What pages read.
pub(crate) struct Application {
    /// Where everything lies.
    pub(crate) installation: Installation,
    /// The organization. A page takes it for the milliseconds that its figures need.
    pub(crate) house: Mutex<House>,
    /// Who may sign in on this machine.
    pub(crate) sign_ins: SignIns,
}

/// Serves until the process is told to stop; `ready` hears the address once requests are answered.
pub fn serve(
    installation: &Installation,
    house: House,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    let failed = |source| Error::Io { doing: "listen on", path: PathBuf::from(listen.to_string()), source };
    let application = Arc::new(Application {
        installation: installation.clone(),
        house: Mutex::new(house),
        sign_ins: SignIns::read(installation.root())?,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(failed)?;
        ready(listener.local_addr().map_err(failed)?);
        let stopped = async {
            // Without signal handling the process ends by the signal itself.
            let _ = tokio::signal::ctrl_c().await;
        };
        axum::serve(listener, routes::routes(application)).with_graceful_shutdown(stopped).await.map_err(failed)
    })
}
