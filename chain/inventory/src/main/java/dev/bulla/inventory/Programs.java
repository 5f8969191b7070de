package dev.bulla.inventory;

import dev.bulla.core.Shown;
import dev.bulla.inventory.Finding.Found;
import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.format.ElfFile;
import dev.bulla.inventory.format.GoBuildInfo;
import dev.bulla.inventory.format.RustAudit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Modules that a program file says it was built from: Go's build information, cargo-auditable's
 * crate list.
 */
final class Programs {
  private static final List<String> GO_SETTINGS =
      List.of("vcs.revision", "vcs.time", "vcs.modified", "CGO_ENABLED", "GOOS", "GOARCH");

  private Programs() {}

  static List<Found> read(Bytes content, Consumer<String> problems) throws IOException {
    Optional<ElfFile> elf = ElfFile.read(content);
    if (elf.isEmpty()) {
      return List.of();
    }
    List<Found> found = new ArrayList<>();
    try {
      GoBuildInfo.read(elf.get(), content).ifPresent(info -> addGo(info, found));
    } catch (IOException e) {
      problems.accept("Go modules are not known: " + Shown.text(String.valueOf(e.getMessage())));
    }
    try {
      Optional<Bytes> crates = elf.get().section(".dep-v0");
      if (crates.isPresent()) {
        addRust(RustAudit.parse(crates.get()), found);
      }
    } catch (IOException e) {
      problems.accept("Rust crates are not known: " + Shown.text(String.valueOf(e.getMessage())));
    }
    return found;
  }

  private static void addGo(GoBuildInfo info, List<Found> found) {
    String version = info.goVersion();
    int space = version.indexOf(' ');
    String plain = space < 0 ? version : version.substring(0, space);
    found.add(
        go(
            "stdlib",
            plain.startsWith("go") ? plain.substring(2) : version,
            Map.of("goVersion", version)));
    for (GoBuildInfo.Module module : info.modules()) {
      Map<String, String> properties = new TreeMap<>();
      if (module.main()) {
        properties.put("goMain", "true");
        properties.put("goVersion", version);
        for (String setting : GO_SETTINGS) {
          String value = info.settings().getOrDefault(setting, "");
          if (!value.isEmpty()) {
            properties.put("go." + setting, value);
          }
        }
      }
      if (!module.replaces().isEmpty()) {
        properties.put("goReplaces", module.replaces());
      }
      found.add(
          go(
              module.path(),
              module.version().equals("(devel)") ? "" : module.version(),
              properties));
    }
  }

  private static Found go(String name, String version, Map<String, String> properties) {
    return new Found("golang", "", name, version, true, List.of(), List.of(), Map.of(), properties);
  }

  private static void addRust(List<RustAudit.Crate> crates, List<Found> found) {
    for (RustAudit.Crate crate : crates) {
      Map<String, String> properties = new TreeMap<>();
      if (!crate.source().isEmpty()) {
        properties.put("crateSource", crate.source());
      }
      if (crate.root()) {
        properties.put("crateRoot", "true");
      }
      found.add(
          new Found(
              "cargo",
              "",
              crate.name(),
              crate.version(),
              true,
              List.of(),
              List.of(),
              Map.of(),
              properties));
    }
  }
}
