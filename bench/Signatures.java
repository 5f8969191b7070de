import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.CryptoProvider;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.keys.LocalSigner;
import dev.bulla.keys.PublicKeyVerifier;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Verifications a second of one thread: by the JDK's own engines, by what Bulla uses without native
 * code, and with it. Run by bench/signatures.sh.
 */
class Signatures {
  private static final int BATCHES = 7;
  private static final long BATCH_NANOS = 400_000_000L;

  private record Row(String name, KeyAlgorithm key, SignatureAlgorithm algorithm, String jca) {}

  private interface Verification {
    boolean run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    List<Row> rows =
        List.of(
            new Row(
                "ECDSA P-256",
                KeyAlgorithm.ECDSA_P256,
                SignatureAlgorithm.ECDSA_P256_SHA256,
                "SHA256withECDSA"),
            new Row(
                "ECDSA P-384",
                KeyAlgorithm.ECDSA_P384,
                SignatureAlgorithm.ECDSA_P384_SHA384,
                "SHA384withECDSA"),
            new Row(
                "ECDSA P-521",
                KeyAlgorithm.ECDSA_P521,
                SignatureAlgorithm.ECDSA_P521_SHA512,
                "SHA512withECDSA"),
            new Row("Ed25519", KeyAlgorithm.ED25519, SignatureAlgorithm.ED25519, "Ed25519"),
            new Row(
                "RSA 2048 PKCS#1",
                KeyAlgorithm.RSA_2048,
                SignatureAlgorithm.RSA_PKCS1_SHA256,
                "SHA256withRSA"),
            new Row(
                "RSA 4096 PKCS#1",
                KeyAlgorithm.RSA_4096,
                SignatureAlgorithm.RSA_PKCS1_SHA256,
                "SHA256withRSA"));
    byte[] message = new byte[400];
    System.out.println(
        "| algorithm | JDK engine | Bulla, `BULLA_CRYPTO=jdk` | Bulla, `BULLA_CRYPTO=native` |");
    System.out.println("|---|---|---|---|");
    for (Row row : rows) {
      LocalSigner signer = row.key().generate(new SecureRandom());
      byte[] signature = signer.sign(row.algorithm(), message);
      PublicKey jdkKey = signer.publicKey();
      List<Double> rates = new ArrayList<>();
      rates.add(
          rate(() -> {
            Signature engine = Signature.getInstance(row.jca());
            engine.initVerify(jdkKey);
            engine.update(message);
            return engine.verify(signature);
          }));
      for (CryptoProvider.Choice choice :
          List.of(CryptoProvider.Choice.JDK, CryptoProvider.Choice.NATIVE)) {
        CryptoProvider.choose(choice);
        PublicKeyVerifier verifier = PublicKeyVerifier.of(jdkKey);
        rates.add(rate(() -> verifier.verify(row.algorithm(), message, signature)));
      }
      System.out.printf(
          "| %s | %,.0f | %,.0f | %,.0f |%n", row.name(), rates.get(0), rates.get(1), rates.get(2));
    }
    System.out.println();
    System.out.println(
        "Native: "
            + CryptoProvider.description()
            + "; JDK "
            + Runtime.version()
            + "; "
            + Map.of("processors", Runtime.getRuntime().availableProcessors()));
  }

  /** The best batch: what the neighbours left of the machine. */
  private static double rate(Verification verification) throws Exception {
    double best = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
      long start = System.nanoTime();
      int done = 0;
      while (System.nanoTime() - start < BATCH_NANOS) {
        if (!verification.run()) {
          throw new IllegalStateException("a good signature was refused");
        }
        done++;
      }
      best = Math.max(best, done * 1e9 / (System.nanoTime() - start));
    }
    return best;
  }
}
