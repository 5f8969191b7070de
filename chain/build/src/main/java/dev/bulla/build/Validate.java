package dev.bulla.build;

import dev.bulla.build.layer.Entry;
import dev.bulla.build.layer.ImageFiles;
import dev.bulla.build.layer.ImagePath;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Holds a template's assertions against a finished image, without running anything of it. */
final class Validate {
  private final ImageFiles files;
  private final Fields config;
  private final long layerBytes;

  Validate(ImageFiles files, byte[] config, List<Descriptor> layers) {
    this.files = files;
    this.config = Fields.of(Json.parse(config, "image config"), "image config").object("config");
    this.layerBytes = layers.stream().mapToLong(Descriptor::size).sum();
  }

  List<Check> check(Validation validation) {
    return validation.checks().stream().map(this::check).toList();
  }

  private Check check(Validation.Assertion assertion) {
    return switch (assertion) {
      case Validation.FileAssertion file -> checkFile(file);
      case Validation.ConfigAssertion wanted -> checkConfig(wanted);
      case Validation.SizeAssertion size ->
          layerBytes <= size.maxSizeBytes()
              ? Check.passed(size.name(), layerBytes + " bytes")
              : failed(
                  size.name(),
                  "at most " + size.maxSizeBytes() + " bytes of layers",
                  layerBytes + " bytes");
    };
  }

  private Check checkFile(Validation.FileAssertion wanted) {
    ImagePath path = files.resolve(wanted.path(), true);
    Optional<Entry> found = files.at(path);
    if (found.isEmpty() || !wanted.exists()) {
      boolean passed = found.isPresent() == wanted.exists();
      String is = wanted.path() + (found.isPresent() ? " is there" : " is not there");
      String should = wanted.path() + (wanted.exists() ? " is there" : " is not there");
      return passed ? Check.passed(wanted.name(), is) : failed(wanted.name(), should, is);
    }
    Differences differences = new Differences();
    Entry entry = found.get();
    wanted
        .sha256()
        .ifPresent(sha256 ->
            differences.compare(
                "sha256",
                sha256.hex(),
                entry instanceof Entry.File file ? file.digest().hex() : "none, it is no file"));
    wanted.mode().ifPresent(mode -> differences.compare("mode", octal(mode), octal(entry.mode())));
    wanted
        .owner()
        .ifPresent(
            owner -> differences.compare("owner", owner.toString(), entry.owner().toString()));
    return differences.asCheck(wanted.name(), wanted.path() + " is there");
  }

  private Check checkConfig(Validation.ConfigAssertion wanted) {
    Differences differences = new Differences();
    wanted.user().ifPresent(user -> differences.compare("user", user, text("User")));
    wanted
        .entrypoint()
        .ifPresent(list -> differences.compare("entrypoint", list.toString(), list("Entrypoint")));
    wanted.cmd().ifPresent(list -> differences.compare("cmd", list.toString(), list("Cmd")));
    wanted
        .workingDir()
        .ifPresent(place -> differences.compare("workingDir", place, text("WorkingDir")));
    Map<String, String> labels = config.stringMap("Labels");
    new TreeMap<>(wanted.labels())
        .forEach((name, value) ->
            differences.compare("label " + name, value, labels.getOrDefault(name, "none")));
    return differences.asCheck(wanted.name(), "the configuration is as expected");
  }

  private String text(String name) {
    return config.optionalString(name).orElse("");
  }

  private String list(String name) {
    return config.strings(name).toString();
  }

  private static String octal(int mode) {
    return "%04o".formatted(mode);
  }

  private static Check failed(String name, String expected, String found) {
    return Check.failed(name, ErrorCode.VALIDATION_FAILED, expected, found);
  }

  /** Collects what differs, so that one run names everything that is wrong. */
  private static final class Differences {
    private final List<String> expected = new ArrayList<>();
    private final List<String> found = new ArrayList<>();

    void compare(String what, String wanted, String is) {
      if (!wanted.equals(is)) {
        expected.add(what + " " + wanted);
        found.add(what + " " + is);
      }
    }

    Check asCheck(String name, String fine) {
      return expected.isEmpty()
          ? Check.passed(name, fine)
          : failed(name, String.join(", ", expected), String.join(", ", found));
    }
  }
}
