//! Timestamps of an authority (RFC 3161) over a checkpoint: the request, and the full check of the response.
//!
//! Invariant: the signer must be the pinned certificate, its chain must end at the pinned root with the time-stamping
//! usage at the time signed, and imprint and nonce must be the request's. (`sigstore-tsa` does all but the nonce.)

use cms::{content_info::ContentInfo, signed_data::SignedData};
use der::{
    AnyRef, Decode as _, Encode as _, Header, Reader as _, Sequence, SliceReader, Tag,
    asn1::{GeneralizedTime, Int, ObjectIdentifier, OctetString},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sigstore_types::{DerCertificate, SignatureBytes, TimestampToken, TsaAuthority};
use tickmark_canonical::Digest;
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::{Anchor, AnchorKind, rfc3161_crypto};
use crate::{checkpoint::SignedCheckpoint, error::Error, key::random};

/// id-sha256 (RFC 5754).
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// PKIStatus `granted` and `grantedWithMods` (RFC 3161 section 2.4.2).
const GRANTED: [u8; 2] = [0, 1];

/// An authority that a checker trusts: exactly one signing certificate, and the chain to its root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// What people call it.
    pub name: String,
    /// Certificates in PEM: the signing one first, the root last.
    pub certificates: Vec<String>,
}

impl Authority {
    /// Takes a chain in one PEM text: the signing certificate first, the root last.
    pub fn from_pem_chain(name: &str, pem: &str) -> Result<Self, Error> {
        const END: &str = "-----END CERTIFICATE-----";
        let certificates = pem
            .split_inclusive(END)
            .filter_map(|part| part.find("-----BEGIN CERTIFICATE-----").and_then(|start| part.get(start..)))
            .map(|certificate| format!("{certificate}\n"))
            .collect();
        let authority = Self { name: name.to_owned(), certificates };
        authority.chain()?;
        Ok(authority)
    }

    fn chain(&self) -> Result<TsaAuthority, Error> {
        let malformed = |reason: String| Error::malformed("timestamp authority", format!("`{}`: {reason}", self.name));
        let mut chain = self
            .certificates
            .iter()
            .map(|pem| DerCertificate::from_pem(pem).map_err(|error| malformed(error.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        let root = chain.pop().ok_or_else(|| malformed("no certificate".to_owned()))?;
        if chain.is_empty() {
            return Err(malformed("expected the signing certificate and the root".to_owned()));
        }
        let leaf = chain.remove(0);
        // No window beside the certificates' own validity, which the chain is checked against.
        Ok(TsaAuthority::new(leaf, chain, root, None))
    }
}

#[derive(Sequence)]
struct MessageImprint {
    hash_algorithm: AlgorithmIdentifierOwned,
    hashed_message: OctetString,
}

#[derive(Sequence)]
struct TimeStampReq {
    version: u8,
    message_imprint: MessageImprint,
    nonce: Int,
    cert_req: bool,
}

/// A request to be sent as `application/timestamp-query`, and what is needed to check its response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampRequest {
    /// DER of the TimeStampReq.
    pub der: Vec<u8>,
    /// The nonce, as the response must repeat it (a positive DER integer's content).
    pub nonce: Vec<u8>,
}

/// What is stamped: the checkpoint as it was issued, with the ledger's signature alone.
fn stamped(checkpoint: &SignedCheckpoint) -> Vec<u8> {
    checkpoint.as_issued().to_note().into_bytes()
}

/// Writes the request for a timestamp over the checkpoint, with a fresh nonce.
pub fn request(checkpoint: &SignedCheckpoint) -> Result<TimestampRequest, Error> {
    let mut nonce = [0_u8; 16];
    random(&mut nonce)?;
    // A DER integer that is positive and has no leading zero: the first byte from 0x40 to 0x7f.
    if let Some(first) = nonce.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    let failed = |error: der::Error| Error::Timestamp { reason: format!("the request cannot be written: {error}") };
    let request = TimeStampReq {
        version: 1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifierOwned { oid: SHA_256, parameters: Some(der::Any::null()) },
            hashed_message: OctetString::new(Digest::of(&stamped(checkpoint)).as_bytes().as_slice()).map_err(failed)?,
        },
        nonce: Int::new(&nonce).map_err(failed)?,
        cert_req: true,
    };
    Ok(TimestampRequest { der: request.to_der().map_err(failed)?, nonce: nonce.to_vec() })
}

/// Checks the response to `request` and makes the anchor.
pub fn accept(
    checkpoint: &SignedCheckpoint,
    request: &TimestampRequest,
    response: &[u8],
    authority: &Authority,
) -> Result<Anchor, Error> {
    let info = TstInfo::of_response(response)?;
    if info.nonce.as_deref() != Some(request.nonce.as_slice()) {
        return Err(refuse("its nonce is not the request's: it answers another request"));
    }
    let at = verify(checkpoint, response, authority)?;
    Ok(Anchor::of(AnchorKind::Rfc3161, &checkpoint.as_issued(), at, response.to_vec()))
}

/// Verifies a response over the checkpoint against one authority; gives the time signed.
pub fn verify(checkpoint: &SignedCheckpoint, response: &[u8], authority: &Authority) -> Result<Timestamp, Error> {
    let info = TstInfo::of_response(response)?;
    if info.algorithm != SHA_256 {
        return Err(refuse("its imprint is not SHA-256"));
    }
    rfc3161_crypto::install();
    let time = sigstore_tsa::verify_timestamp_for_authority(
        &TimestampToken::from_bytes(response),
        &SignatureBytes::from_bytes(&stamped(checkpoint)),
        &authority.chain()?,
    )
    .map_err(|error| Error::Timestamp { reason: format!("{error} (authority `{}`)", authority.name) })?;
    if time == info.time { Ok(time) } else { Err(refuse("it says two times")) }
}

/// Verifies a response against whichever authority signed it; gives time and authority.
pub(super) fn verify_with_any(
    checkpoint: &SignedCheckpoint,
    response: &[u8],
    authorities: &[Authority],
) -> Result<(Timestamp, String), Error> {
    let mut reason = refuse("no timestamp authority is trusted");
    for authority in authorities {
        match verify(checkpoint, response, authority) {
            Ok(at) => return Ok((at, authority.name.clone())),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

/// What is needed of a TSTInfo (RFC 3161 section 2.4.2).
struct TstInfo {
    algorithm: ObjectIdentifier,
    time: Timestamp,
    nonce: Option<Vec<u8>>,
}

impl TstInfo {
    fn of_response(response: &[u8]) -> Result<Self, Error> {
        let unreadable = |error: der::Error| refuse(&format!("the response is not readable: {error}"));
        let mut reader = SliceReader::new(response).map_err(unreadable)?;
        Header::decode(&mut reader).map_err(unreadable)?;
        let status = AnyRef::decode(&mut reader).map_err(unreadable)?;
        let granted =
            SliceReader::new(status.value()).and_then(|mut reader| u8::decode(&mut reader)).map_err(unreadable)?;
        if !GRANTED.contains(&granted) {
            return Err(refuse(&format!("the authority did not grant it (status {granted})")));
        }
        if reader.is_finished() {
            return Err(refuse("the response has no token"));
        }
        let token = ContentInfo::decode(&mut reader).map_err(unreadable)?;
        reader.finish(()).map_err(unreadable)?;
        let signed: SignedData = token.content.decode_as().map_err(unreadable)?;
        if signed.signer_infos.0.len() != 1 {
            return Err(refuse("a token has exactly one signer"));
        }
        let content = signed.encap_content_info.econtent.ok_or_else(|| refuse("the token is empty"))?;
        Self::parse(content.value()).map_err(unreadable)
    }

    fn parse(bytes: &[u8]) -> Result<Self, der::Error> {
        let mut reader = SliceReader::new(bytes)?;
        Header::decode(&mut reader)?.tag.assert_eq(Tag::Sequence)?;
        u8::decode(&mut reader)?;
        ObjectIdentifier::decode(&mut reader)?;
        let imprint = MessageImprint::decode(&mut reader)?;
        Int::decode(&mut reader)?;
        let time = GeneralizedTime::decode(&mut reader)?.to_unix_duration();
        let mut nonce = None;
        while !reader.is_finished() {
            // After the time the only plain integer is the nonce; accuracy, ordering, name and extensions are not used.
            let field = AnyRef::decode(&mut reader)?;
            if der::Tagged::tag(&field) == Tag::Integer {
                nonce = Some(field.value().to_vec());
            }
        }
        let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let time = time.ok_or_else(|| Tag::GeneralizedTime.value_error())?;
        Ok(Self { algorithm: imprint.hash_algorithm.oid, time, nonce })
    }
}

fn refuse(reason: &str) -> Error {
    Error::Timestamp { reason: reason.to_owned() }
}
