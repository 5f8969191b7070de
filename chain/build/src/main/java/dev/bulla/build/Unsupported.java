package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.Map;
import java.util.Optional;

/** What other builders know and this one refuses, with what to use instead. */
final class Unsupported {
  private static final String RUN_NOTHING =
      "Steps that run commands are not built yet: prepare the files with your own build and add"
          + " them with a File step.";

  private static final Map<String, String> STEPS =
      Map.of(
          "Shell",
          RUN_NOTHING,
          "PowerShell",
          RUN_NOTHING,
          "WindowsRestart",
          "A container image is not booted, so there is nothing to restart; leave the step"
              + " out.",
          "WindowsUpdate",
          "Choose a newer base image in 'source' instead.",
          "Dockerfile",
          "Build it with another tool into an OCI layout, and use that as 'source' (type"
              + " OciLayout).");

  private static final String BASE =
      "Use Scratch, OciLayout or Image; a base image has to be an OCI image.";

  private static final Map<String, String> SOURCES =
      Map.of(
          "PlatformImage", BASE,
          "ManagedImage", BASE,
          "SharedImageVersion", BASE,
          "Packages",
              "Package sources are not built yet: use an Image or OciLayout that holds the"
                  + " packages.",
          "Dockerfile", "Build it with another tool into an OCI layout, and use type OciLayout.");

  private static final String REGISTRY = "Use Registry or OciLayout.";

  private static final Map<String, String> TARGETS =
      Map.of("ManagedImage", REGISTRY, "SharedImage", REGISTRY, "VHD", REGISTRY);

  private static final String NO_MACHINE =
      "No machine is started for a build; leave the field out.";

  private static final Map<String, String> FIELDS =
      Map.of(
          "properties",
          "Write the fields at the top level, without 'properties'.",
          "vmProfile",
          NO_MACHINE,
          "optimize",
          NO_MACHINE,
          "identity",
          NO_MACHINE,
          "stagingResourceGroup",
          NO_MACHINE,
          "managedResourceTags",
          NO_MACHINE,
          "errorHandling",
          "A failed build leaves nothing behind; leave the field out.",
          "autoRun",
          "Run 'bulla ship' when you want a build; leave the field out.",
          "location",
          "A build runs where it is started; leave the field out.",
          "tags",
          "Use 'artifactTags' in 'distribute', or 'labels' in 'config'.");

  private Unsupported() {}

  static Optional<BullaException> step(String type, String where) {
    return refusal(STEPS, type, where + ": customize steps of type " + type + " are not supported");
  }

  static Optional<BullaException> source(String type, String where) {
    return refusal(SOURCES, type, where + ": a source of type " + type + " is not supported");
  }

  static Optional<BullaException> target(String type, String where) {
    return refusal(TARGETS, type, where + ": a distribution of type " + type + " is not supported");
  }

  static Optional<BullaException> field(String name, String where) {
    return refusal(FIELDS, name, where + ": the field '" + name + "' is not supported");
  }

  private static Optional<BullaException> refusal(
      Map<String, String> known, String name, String message) {
    return Optional.ofNullable(known.get(name))
        .map(next -> new BullaException(ErrorCode.TEMPLATE_UNSUPPORTED, message, next));
  }
}
