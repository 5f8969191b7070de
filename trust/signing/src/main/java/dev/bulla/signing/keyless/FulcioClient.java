package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.sigstore.ProtoJson;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a certificate authority of Fulcio's interface for a certificate (fulcio, {@code
 * fulcio.proto}: {@code POST /api/v2/signingCert}, in its JSON mapping).
 */
final class FulcioClient {
  private static final String PATH = "/api/v2/signingCert";
  private static final int MAX_ANSWER = 256 * 1024;
  private static final int MAX_CHAIN = 8;
  private static final Duration TIME = Duration.ofSeconds(30);

  private final ServiceClient.Service service;
  private final ServiceClient client;

  FulcioClient(URI authority, ServiceClient client) {
    this.service =
        new ServiceClient.Service(
            "the certificate authority", SigningServices.below(authority, PATH), MAX_ANSWER, TIME);
    this.client = client;
  }

  /**
   * What the authority answered; nothing of it is believed.
   *
   * @param detached whether the promise of a certificate log came apart from the certificate
   */
  record Issued(List<X509Certificate> chain, boolean detached) {
    X509Certificate leaf() {
      return chain.getFirst();
    }
  }

  /**
   * A certificate for {@code key}, whose possession is proven by a signature over the token's
   * challenge.
   *
   * @throws BullaException {@link ErrorCode#SERVICE_REFUSED} if the token is not accepted, {@link
   *     ErrorCode#CERTIFICATE_INVALID} if the answer holds no certificate
   */
  Issued certify(IdentityToken token, LocalSigner key) {
    byte[] proof =
        key.sign(
            SignatureAlgorithm.ECDSA_P256_SHA256,
            token.challenge().getBytes(StandardCharsets.UTF_8));
    ObjectNode request = Json.object();
    request.putObject("credentials").put("oidcIdentityToken", token.secret());
    ObjectNode wanted = request.putObject("publicKeyRequest");
    wanted
        .putObject("publicKey")
        .put("algorithm", "ECDSA")
        .put(
            "content",
            new String(KeyFiles.publicKeyPem(key.verifier()), StandardCharsets.US_ASCII));
    wanted.put("proofOfPossession", Base64.getEncoder().encodeToString(proof));
    return read(ask(token, Json.write(request)));
  }

  private byte[] ask(IdentityToken token, byte[] request) {
    ServiceClient.Answer answer =
        client.exchange(
            service,
            HttpRequest.newBuilder()
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request)));
    if (answer.granted()) {
      return answer.body();
    }
    BullaException refused = ServiceClient.refused(service, answer);
    throw new BullaException(
        refused.code(),
        refused.reason(),
        "It was shown the %s. Check that it knows this issuer and asks for the token's audience."
            .formatted(token));
  }

  static Issued read(byte[] answer) {
    try {
      Fields root = ProtoJson.parse(answer, MAX_ANSWER, "certificate answer");
      Optional<Fields> embedded = root.optionalObject("signedCertificateEmbeddedSct");
      Fields certificate = embedded.orElseGet(() -> root.object("signedCertificateDetachedSct"));
      boolean detached =
          certificate
              .optionalString("signedCertificateTimestamp")
              .filter(one -> !one.isEmpty())
              .isPresent();
      List<X509Certificate> chain = new ArrayList<>();
      for (String pem : certificate.object("chain").strings("certificates")) {
        if (chain.size() == MAX_CHAIN) {
          throw certificate.invalid("chain", "too long");
        }
        chain.addAll(
            Certificates.parseAll(pem.getBytes(StandardCharsets.US_ASCII), "certificate answer"));
      }
      if (chain.isEmpty()) {
        throw certificate.invalid("chain", "empty");
      }
      return new Issued(List.copyOf(chain), detached);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_INVALID,
          "the certificate authority's answer is none: " + e.reason(),
          e);
    }
  }
}
