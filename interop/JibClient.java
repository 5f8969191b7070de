import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Pushes an image with one file by jib-core, then one on top of that, and prints the digests. */
final class JibClient {
  public static void main(String[] arguments) throws Exception {
    String repository = arguments[0];
    String user = arguments[1];
    String secret = arguments[2];
    Path file = Path.of(arguments[3]);
    RegistryImage first = RegistryImage.named(repository + ":1").addCredential(user, secret);
    System.out.println(
        Jib.fromScratch()
            .addLayer(List.of(file), AbsoluteUnixPath.get("/one"))
            .setCreationTime(Instant.EPOCH)
            .setFormat(ImageFormat.OCI)
            .containerize(to(first, file))
            .getDigest());
    System.out.println(
        Jib.from(RegistryImage.named(repository + ":1").addCredential(user, secret))
            .addLayer(List.of(file), AbsoluteUnixPath.get("/two"))
            .setCreationTime(Instant.EPOCH)
            .containerize(
                to(RegistryImage.named(repository + ":2").addCredential(user, secret), file))
            .getDigest());
  }

  private static Containerizer to(RegistryImage image, Path file) {
    Path cache = file.resolveSibling("jib-cache");
    return Containerizer.to(image)
        .setAllowInsecureRegistries(true)
        .setBaseImageLayersCache(cache)
        .setApplicationLayersCache(cache);
  }
}
