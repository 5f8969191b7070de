package dev.bulla.build;

import dev.bulla.build.layer.ImagePath;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code validate}. */
final class ValidationReader {
  private static final int MAX_CHECKS = 1000;
  private static final String[] FIELDS = {
    "continueDistributeOnFailure", "sourceValidationOnly", "checks"
  };

  private final String what;

  ValidationReader(String what) {
    this.what = what;
  }

  Validation read(Fields fields) {
    if (fields.has("inVMValidations")) {
      throw unsupported(
          "'inVMValidations' would run commands in the image",
          "Use 'checks': assertions about files, configuration and size.");
    }
    fields.only(FIELDS);
    if (fields.optionalBoolean("sourceValidationOnly").orElse(false)) {
      throw unsupported(
          "'sourceValidationOnly' builds nothing",
          "Leave it out: the checks run over the image that is built from the source.");
    }
    List<Validation.Assertion> checks = new ArrayList<>();
    for (Fields one : fields.objects("checks")) {
      checks.add(check(one, "check-" + (checks.size() + 1)));
    }
    if (checks.size() > MAX_CHECKS) {
      throw fields.invalid(
          "checks", checks.size() + " checks, at most " + MAX_CHECKS + " are read");
    }
    return new Validation(
        fields.optionalBoolean("continueDistributeOnFailure").orElse(false), checks);
  }

  private Validation.Assertion check(Fields fields, String defaultName) {
    String name = fields.optionalString("name").orElse(defaultName);
    String type = fields.string("type");
    return switch (type) {
      case "File" -> file(fields, name);
      case "Config" -> {
        fields.only("type", "name", "user", "entrypoint", "cmd", "workingDir", "labels");
        yield new Validation.ConfigAssertion(
            name,
            fields.optionalString("user"),
            Values.list(fields, "entrypoint"),
            Values.list(fields, "cmd"),
            fields.optionalString("workingDir"),
            fields.stringMap("labels"));
      }
      case "Size" -> {
        fields.only("type", "name", "maxSizeBytes");
        long limit = fields.integer("maxSizeBytes");
        if (limit < 0) {
          throw fields.invalid("maxSizeBytes", limit + ", expected 0 or more");
        }
        yield new Validation.SizeAssertion(name, limit);
      }
      case "Shell", "PowerShell" ->
          throw unsupported(
              "checks of type " + type + " would run commands in the image",
              "Use checks of type File, Config and Size.");
      default -> throw TemplateReader.unknownType(fields, type, "File", "Config", "Size");
    };
  }

  private static Validation.FileAssertion file(Fields fields, String name) {
    fields.only("type", "name", "path", "exists", "sha256", "mode", "owner");
    boolean exists = fields.optionalBoolean("exists").orElse(true);
    Optional<Digest> sha256 = Values.checksum(fields, "sha256");
    if (!exists && (sha256.isPresent() || fields.has("mode") || fields.has("owner"))) {
      throw fields.invalid("exists", "false, and what is not there has no sha256, mode or owner");
    }
    return new Validation.FileAssertion(
        name,
        ImagePath.parse(fields.string("path")),
        exists,
        sha256,
        Values.mode(fields),
        Values.owner(fields));
  }

  private BullaException unsupported(String why, String next) {
    return new BullaException(
        ErrorCode.TEMPLATE_UNSUPPORTED, what + ": " + why + ", which is not supported", next);
  }
}
