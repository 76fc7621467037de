//! The cryptography that checking a timestamp needs, on ring and sha2: no second TLS library is built for it.

use std::sync::Once;

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use sigstore_crypto::{CryptoProvider, Error, HashContext, Result, SigningScheme, install_default_provider};
use sigstore_types::HashAlgorithm;

#[derive(Debug)]
struct Ring;

static RING: Ring = Ring;

/// Makes the checks below available to `sigstore-tsa`. Its provider is one for the whole process: if the program
/// installed another one before, that one is used.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that a provider is installed already, which is all that is wanted.
        let _ = install_default_provider(&RING);
    });
}

struct Hashing<D>(D);

impl<D: sha2::Digest + Send> HashContext for Hashing<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

fn algorithm(scheme: SigningScheme) -> Option<&'static dyn VerificationAlgorithm> {
    use SigningScheme as S;
    let algorithms: [(S, &'static dyn VerificationAlgorithm); 11] = [
        (S::EcdsaP256Sha256, &signature::ECDSA_P256_SHA256_ASN1),
        (S::EcdsaP256Sha384, &signature::ECDSA_P256_SHA384_ASN1),
        (S::EcdsaP384Sha256, &signature::ECDSA_P384_SHA256_ASN1),
        (S::EcdsaP384Sha384, &signature::ECDSA_P384_SHA384_ASN1),
        (S::Ed25519, &signature::ED25519),
        (S::RsaPssSha256, &signature::RSA_PSS_2048_8192_SHA256),
        (S::RsaPssSha384, &signature::RSA_PSS_2048_8192_SHA384),
        (S::RsaPssSha512, &signature::RSA_PSS_2048_8192_SHA512),
        (S::RsaPkcs1Sha256, &signature::RSA_PKCS1_2048_8192_SHA256),
        (S::RsaPkcs1Sha384, &signature::RSA_PKCS1_2048_8192_SHA384),
        (S::RsaPkcs1Sha512, &signature::RSA_PKCS1_2048_8192_SHA512),
    ];
    algorithms.into_iter().find(|(known, _)| *known == scheme).map(|(_, algorithm)| algorithm)
}

impl CryptoProvider for Ring {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        if algorithm == HashAlgorithm::Sha2256 {
            Ok(Box::new(Hashing(Sha256::new())))
        } else if algorithm == HashAlgorithm::Sha2384 {
            Ok(Box::new(Hashing(Sha384::new())))
        } else if algorithm == HashAlgorithm::Sha2512 {
            Ok(Box::new(Hashing(Sha512::new())))
        } else {
            Err(Error::UnsupportedAlgorithm(format!("digest {algorithm}")))
        }
    }

    fn verify_raw(&self, scheme: SigningScheme, public_key: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
        let algorithm = algorithm(scheme).ok_or_else(|| Error::UnsupportedAlgorithm(scheme.name().to_owned()))?;
        UnparsedPublicKey::new(algorithm, public_key)
            .verify(data, signature)
            .map_err(|_| Error::Verification(format!("{} signature does not verify", scheme.name())))
    }

    fn verify_prehashed(&self, scheme: SigningScheme, _: &[u8], _: &[u8], _: &[u8]) -> Result<()> {
        // ring verifies over messages only; checking a timestamp never asks for this.
        Err(Error::UnsupportedAlgorithm(format!("{} over a digest", scheme.name())))
    }
}
