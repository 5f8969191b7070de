import com.sun.management.ThreadMXBean;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.keys.CryptoProvider;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyBlob;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TextPattern;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.zip.ZipFile;

/**
 * How fast the library verifies, warm and with its trust read once: distinct images signed by a
 * key, and a keyless bundle with certificate, log entry and timestamps. No network: the repository
 * is in memory.
 *
 * <p>Run by bench/side-by-side.sh library, from the repository's root: {@code java -cp
 * "dist/target/bulla/lib/*" bench/VerifyRate.java native|jdk}.
 */
final class VerifyRate {
  private static final int IMAGES = 2000;
  private static final long WARM_NANOS = 8_000_000_000L;
  private static final int SAMPLES = 3000;

  public static void main(String[] args) throws Exception {
    CryptoProvider.choose(CryptoProvider.Choice.parse(args[0]));
    Path temp = Files.createTempDirectory("verify-rate");
    SigningIdentity identity =
        SigningIdentity.create(
            temp.resolve("keys"), InstantSource.system(), new SecureRandom(), "bench");
    InMemory repository = new InMemory();
    List<Descriptor> images = new ArrayList<>();
    CosignSigner signer = new CosignSigner(identity.signer(), InstantSource.system());
    for (int i = 0; i < IMAGES; i++) {
      byte[] config = ("{\"author\":\"" + i + "\"}").getBytes(StandardCharsets.UTF_8);
      Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
      Manifest manifest =
          Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of());
      repository.pushManifest(manifest, List.of());
      signer.sign(repository, manifest.descriptor());
      images.add(manifest.descriptor());
    }
    Trust byKey = new Trust.ByKey(new CosignTrust(identity.signer().verifier(), "bench"));
    VerifyImage verify = new VerifyImage(InstantSource.system());
    System.out.println(
        "\nECDSA by " + CryptoProvider.description() + ", " + Runtime.version() + "\n");
    System.out.println(
        "| what | p50 ms | p99 ms | KiB allocated each | CPU ms each | each s on one core | each s"
            + " on two cores |");
    System.out.println("|---|---|---|---|---|---|---|");
    measure(
        "image signed by a key, " + IMAGES + " distinct",
        i -> verify.verify(repository, images.get(i % IMAGES), byKey).accepted());

    try (ZipFile zip = new ZipFile("app/cli/src/test/resources/dev/bulla/cli/evidence.zip")) {
      byte[] bundle = entry(zip, "bundles/keyless-email.sigstore.json");
      Digest digest = Digest.of(Digest.Algorithm.SHA256, entry(zip, "artifacts/doc.txt"));
      CosignTrust trust =
          new CosignTrust(
              new SignerIdentity(
                  TextPattern.exactly("alice@example.test"),
                  TextPattern.exactly("http://127.0.0.1:8900")),
              TrustedRoot.parse(entry(zip, "roots/trusted_root.json")),
              "alice");
      VerifyBlob blobs = new VerifyBlob();
      measure("keyless bundle", i -> blobs.verify(digest, bundle, trust).accepted());
    }
    System.exit(0);
  }

  private static byte[] entry(ZipFile zip, String name) throws Exception {
    return zip.getInputStream(zip.getEntry(name)).readAllBytes();
  }

  private static void measure(String what, IntPredicate work) throws Exception {
    long end = System.nanoTime() + WARM_NANOS;
    for (int i = 0; System.nanoTime() < end; i++) {
      run(work, i);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] nanos = new long[SAMPLES];
    long allocated = threads.getCurrentThreadAllocatedBytes();
    long cpu = threads.getCurrentThreadCpuTime();
    long started = System.nanoTime();
    for (int i = 0; i < SAMPLES; i++) {
      long before = System.nanoTime();
      run(work, i);
      nanos[i] = System.nanoTime() - before;
    }
    double one = SAMPLES / ((System.nanoTime() - started) / 1e9);
    double each = (threads.getCurrentThreadCpuTime() - cpu) / 1e6 / SAMPLES;
    double kib = (threads.getCurrentThreadAllocatedBytes() - allocated) / 1024.0 / SAMPLES;
    Arrays.sort(nanos);
    System.out.printf(
        "| %s | %.2f | %.2f | %.0f | %.2f | %.0f | %.0f |%n",
        what,
        nanos[SAMPLES / 2] / 1e6,
        nanos[SAMPLES * 99 / 100] / 1e6,
        kib,
        each,
        one,
        both(work));
  }

  private static double both(IntPredicate work) throws Exception {
    List<Thread> threads = new ArrayList<>();
    long started = System.nanoTime();
    for (int t = 0; t < 2; t++) {
      int first = t * SAMPLES;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = first; i < first + SAMPLES; i++) {
                  run(work, i);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return 2.0 * SAMPLES / ((System.nanoTime() - started) / 1e9);
  }

  private static void run(IntPredicate work, int i) {
    if (!work.test(i)) {
      throw new IllegalStateException("refused");
    }
  }

  /** Manifests and blobs in maps. */
  private static final class InMemory implements Repository {
    private final Map<Digest, Manifest> manifests = new HashMap<>();
    private final Map<Digest, byte[]> blobs = new HashMap<>();
    private final Map<Digest, List<Descriptor>> referrers = new HashMap<>();

    @Override
    public String name() {
      return "registry.example/bench";
    }

    @Override
    public Optional<Descriptor> resolve(String tagOrDigest) {
      return Optional.ofNullable(manifests.get(Digest.parse(tagOrDigest)))
          .map(Manifest::descriptor);
    }

    @Override
    public Manifest manifest(Descriptor descriptor) {
      return Manifest.parse(manifests.get(descriptor.digest()).bytes(), descriptor.mediaType());
    }

    @Override
    public InputStream blob(Descriptor descriptor) {
      return new ByteArrayInputStream(blobs.get(descriptor.digest()));
    }

    @Override
    public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
      return blobs.get(descriptor.digest()).clone();
    }

    @Override
    public boolean hasBlob(Descriptor descriptor) {
      return blobs.containsKey(descriptor.digest());
    }

    @Override
    public void pushBlob(Descriptor descriptor, BlobSource source) {
      try (InputStream in = source.open()) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        in.transferTo(out);
        blobs.put(descriptor.digest(), out.toByteArray());
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void pushManifest(Manifest manifest, Collection<String> tags) {
      manifests.put(manifest.descriptor().digest(), manifest);
      manifest
          .subject()
          .ifPresent(subject ->
              referrers
                  .computeIfAbsent(subject.digest(), any -> new ArrayList<>())
                  .add(manifest.descriptor()));
    }

    @Override
    public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
      return List.copyOf(referrers.getOrDefault(subject, List.of()));
    }

    @Override
    public List<String> tags() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
