package dev.bulla.inventory;

import dev.bulla.inventory.archive.LongSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one layer holds, before the layers above it are taken into account. Paths have no leading
 * slash; sets hold hashes of paths. Filled by one thread, then read only.
 */
final class LayerFacts {
  /** Files, links and devices: they hide the same path and everything below it in lower layers. */
  final LongSet others = new LongSet();

  /** Directories: they hide a lower file of the same path. */
  final LongSet directories = new LongSet();

  /** Paths that whiteouts remove from lower layers. */
  final LongSet whiteouts = new LongSet();

  /** Directories whose lower content is hidden. */
  final LongSet opaque = new LongSet();

  final Map<String, Finding> findings = new LinkedHashMap<>();
  final Map<String, String> symlinks = new LinkedHashMap<>();
  final Map<String, String> hardlinks = new LinkedHashMap<>();

  /** Sentences about a file, which count only while the file is visible. */
  final Map<String, List<String>> problems = new LinkedHashMap<>();

  /** Sentences about the layer itself. */
  final List<String> warnings = new ArrayList<>();

  void problem(String path, String problem) {
    List<String> all = problems.computeIfAbsent(path, key -> new ArrayList<>());
    if (all.size() < 20) {
      all.add(problem);
    }
  }
}
