package dev.bulla.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Verification;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Evidence that cannot be had is one of two things: wrong (a refusal) or out of reach (nothing can
 * be said).
 */
class UnreachableEvidenceTest {
  @TempDir Path directory;

  private SigningIdentity ours;
  private Repository layout;
  private Descriptor image;

  @BeforeEach
  void signAnImage() {
    ours = Workshop.identity(directory, "ours");
    layout = Workshop.layout(directory);
    image = Workshop.image(layout, "v1");
    new SignImage(ours.signer(), Workshop.CLOCK).sign(layout, image, Map.of());
  }

  @Test
  void aRegistryThatGoesAwayIsNoVerdict() {
    for (ErrorCode code :
        List.of(ErrorCode.REGISTRY_UNAVAILABLE, ErrorCode.REGISTRY_UNAUTHORIZED)) {
      Repository failing = new Failing(layout, code);
      for (Trust trust : trusts()) {
        assertThatThrownBy(() -> new VerifyImage(Workshop.CLOCK).verify(failing, image, trust))
            .isInstanceOfSatisfying(
                BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
      }
    }
  }

  @Test
  void evidenceThatIsGoneOrWrongIsARefusal() {
    for (ErrorCode code :
        List.of(ErrorCode.BLOB_NOT_FOUND, ErrorCode.DIGEST_MISMATCH, ErrorCode.INPUT_TOO_LARGE)) {
      Repository failing = new Failing(layout, code);
      for (Trust trust : trusts()) {
        Verification verification = new VerifyImage(Workshop.CLOCK).verify(failing, image, trust);
        assertThat(verification.failure().orElseThrow().code()).isEqualTo(code);
        assertThat(verification.signatures()).hasSize(1);
      }
    }
  }

  private List<Trust> trusts() {
    return List.of(new Trust.ByPolicy(Workshop.strict(ours)), new Trust.ByKey(Workshop.key(ours)));
  }

  /** A repository whose blobs cannot be had. */
  private record Failing(Repository real, ErrorCode code) implements Repository {
    @Override
    public String name() {
      return real.name();
    }

    @Override
    public Optional<Descriptor> resolve(String tagOrDigest) {
      return real.resolve(tagOrDigest);
    }

    @Override
    public Manifest manifest(Descriptor descriptor) {
      return real.manifest(descriptor);
    }

    @Override
    public InputStream blob(Descriptor descriptor) throws IOException {
      throw new BullaException(code, "no blob");
    }

    @Override
    public byte[] blobBytes(Descriptor descriptor, int maxBytes) {
      throw new BullaException(code, "no blob");
    }

    @Override
    public boolean hasBlob(Descriptor descriptor) {
      return false;
    }

    @Override
    public void pushBlob(Descriptor descriptor, BlobSource source) {
      throw new BullaException(code, "no push");
    }

    @Override
    public void pushManifest(Manifest manifest, Collection<String> tags) {
      throw new BullaException(code, "no push");
    }

    @Override
    public List<Descriptor> referrers(Digest subject, Optional<String> artifactType) {
      return real.referrers(subject, artifactType);
    }

    @Override
    public List<String> tags() {
      return real.tags();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
