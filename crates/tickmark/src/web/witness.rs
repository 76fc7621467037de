//! `POST /add-checkpoint`: holding another installation's checkpoints (C2SP tlog-witness).

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tickmark_app::MachineClock;

use super::Application;

/// `POST /add-checkpoint`. A request is at most some kilobytes of text; the route's limit is axum's own of 2 MiB.
pub async fn answer(State(application): State<Arc<Application>>, request: String) -> Response {
    let answered =
        tokio::task::spawn_blocking(move || application.installation.answer_as_witness(&request, &MachineClock)).await;
    match answered {
        Ok(Ok(answer)) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
        }
        Ok(Err(_)) | Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "this witness failed\n").into_response(),
    }
}
