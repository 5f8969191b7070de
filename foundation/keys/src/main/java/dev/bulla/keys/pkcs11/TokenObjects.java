package dev.bulla.keys.pkcs11;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.PublicKeyVerifier;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** What belongs to a private key in a token: its public half, its certificates. */
record TokenObjects(Cryptoki module, long session) {
  private static final int MAX_CHAIN = 10;

  /** From the public key object beside the private key, from itself (RSA), or its certificate. */
  PublicKeyVerifier publicKey(long key, String what) {
    return described(key, what, () -> beside(key, Cryptoki.CKO_PUBLIC_KEY))
        .or(() -> certificate(key).map(Certificates::verifier))
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.KEY_INVALID,
                what + ": the token has neither a public key nor a certificate for this key",
                "Store the public key, or the certificate, under the same CKA_ID."));
  }

  /**
   * From the one public key object, else the one certificate, that has these attributes; empty if
   * there is none of either kind, or several.
   */
  Optional<PublicKeyVerifier> published(Map<Long, byte[]> attributes, String what) {
    return only(attributes, Cryptoki.CKO_PUBLIC_KEY)
        .flatMap(object -> described(object, what, () -> Optional.of(object)))
        .or(() ->
            only(attributes, Cryptoki.CKO_CERTIFICATE)
                .flatMap(this::parsed)
                .map(Certificates::verifier));
  }

  private Optional<Long> only(Map<Long, byte[]> attributes, long type) {
    Map<Long, byte[]> wanted = new HashMap<>(attributes);
    wanted.put(Cryptoki.CKA_CLASS, module.number(type));
    List<Long> found = module.find(session, wanted);
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  /**
   * What the attributes of a key object say.
   *
   * @param open the object that shows the public key, if {@code key} does not itself
   */
  private Optional<PublicKeyVerifier> described(
      long key, String what, Supplier<Optional<Long>> open) {
    try {
      long type =
          module
              .attribute(session, key, Cryptoki.CKA_KEY_TYPE)
              .map(module::number)
              .orElse(Cryptoki.CKK_EC);
      if (type != Cryptoki.CKK_RSA && type != Cryptoki.CKK_EC && type != Cryptoki.CKK_EC_EDWARDS) {
        throw new BullaException(
            ErrorCode.KEY_UNSUPPORTED,
            what + ": a key of type 0x" + Long.toHexString(type) + ", expected RSA, EC or Ed25519");
      }
      Optional<byte[]> info =
          type == Cryptoki.CKK_RSA
              ? rsa(key).or(() -> open.get().flatMap(this::rsa))
              : open.get().flatMap(one -> curve(one, type));
      return info.map(spki -> PublicKeyVerifier.of(spki, what));
    } catch (IOExceptionInside | IllegalArgumentException | IllegalStateException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID,
          what + ": the public key in the token is not readable: " + e.getMessage(),
          e);
    }
  }

  /**
   * The key's certificate and its issuers as far as the token has them; empty unless they reach a
   * self-signed one, for half a chain is of no use to a verifier.
   */
  List<X509Certificate> chain(long key) {
    List<X509Certificate> chain = new ArrayList<>();
    Optional<X509Certificate> next = certificate(key);
    if (next.isEmpty()) {
      return List.of();
    }
    List<X509Certificate> all =
        module
            .find(session, Map.of(Cryptoki.CKA_CLASS, module.number(Cryptoki.CKO_CERTIFICATE)))
            .stream()
            .flatMap(object -> readable(object).stream())
            .toList();
    while (next.isPresent() && chain.size() < MAX_CHAIN) {
      X509Certificate last = next.get();
      chain.add(last);
      if (Certificates.isIssuedBy(last, last)) {
        return List.copyOf(chain);
      }
      next =
          all.stream()
              .filter(one -> !chain.contains(one) && Certificates.isIssuedBy(last, one))
              .findFirst();
    }
    return List.of();
  }

  private Optional<X509Certificate> certificate(long key) {
    return beside(key, Cryptoki.CKO_CERTIFICATE).flatMap(this::parsed);
  }

  private Optional<X509Certificate> parsed(long object) {
    return module
        .attribute(session, object, Cryptoki.CKA_VALUE)
        .map(der -> Certificates.parse(der, "certificate in the token"));
  }

  /** What else lies in the token need not be a certificate that can be read. */
  private Optional<X509Certificate> readable(long object) {
    try {
      return parsed(object);
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  /** The object of a class with the key's CKA_ID, or if the key has none, with its label. */
  private Optional<Long> beside(long key, long type) {
    for (long name : new long[] {Cryptoki.CKA_ID, Cryptoki.CKA_LABEL}) {
      Optional<byte[]> value =
          module.attribute(session, key, name).filter(bytes -> bytes.length > 0);
      if (value.isPresent()) {
        return module
            .find(session, Map.of(Cryptoki.CKA_CLASS, module.number(type), name, value.get()))
            .stream()
            .findFirst();
      }
    }
    return Optional.empty();
  }

  private Optional<byte[]> rsa(long object) {
    Optional<byte[]> modulus = module.attribute(session, object, Cryptoki.CKA_MODULUS);
    Optional<byte[]> exponent = module.attribute(session, object, Cryptoki.CKA_PUBLIC_EXPONENT);
    if (modulus.filter(bytes -> bytes.length > 0).isEmpty()
        || exponent.filter(bytes -> bytes.length > 0).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        encoded(
            new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
            new RSAPublicKey(new BigInteger(1, modulus.get()), new BigInteger(1, exponent.get()))));
  }

  /** CKA_EC_POINT is the point inside an OCTET STRING; some modules leave the wrapping out. */
  private Optional<byte[]> curve(long object, long type) {
    Optional<byte[]> parameters = module.attribute(session, object, Cryptoki.CKA_EC_PARAMS);
    Optional<byte[]> point = module.attribute(session, object, Cryptoki.CKA_EC_POINT);
    if (parameters.isEmpty() || point.isEmpty()) {
      return Optional.empty();
    }
    byte[] bare =
        isWrapped(point.get()) ? ASN1OctetString.getInstance(point.get()).getOctets() : point.get();
    try {
      AlgorithmIdentifier algorithm =
          type == Cryptoki.CKK_EC
              ? new AlgorithmIdentifier(
                  X9ObjectIdentifiers.id_ecPublicKey, ASN1Primitive.fromByteArray(parameters.get()))
              : new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519);
      return Optional.of(new SubjectPublicKeyInfo(algorithm, bare).getEncoded());
    } catch (IOException e) {
      throw new IOExceptionInside(e);
    }
  }

  /** Whether the bytes are exactly one DER OCTET STRING. */
  private static boolean isWrapped(byte[] bytes) {
    try {
      return bytes.length > 2
          && bytes[0] == 4
          && ASN1Primitive.fromByteArray(bytes) instanceof ASN1OctetString;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private static byte[] encoded(AlgorithmIdentifier algorithm, ASN1Encodable key) {
    try {
      return new SubjectPublicKeyInfo(algorithm, key).getEncoded();
    } catch (IOException e) {
      throw new IOExceptionInside(e);
    }
  }

  private static final class IOExceptionInside extends RuntimeException {
    private static final long serialVersionUID = 1;

    IOExceptionInside(IOException cause) {
      super(Shown.text(String.valueOf(cause.getMessage())), cause);
    }
  }
}
