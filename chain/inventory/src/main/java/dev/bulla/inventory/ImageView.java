package dev.bulla.inventory;

import dev.bulla.inventory.archive.PathHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which files of the layers can be seen in the image (OCI image specification, "Layer").
 *
 * <p>A file of a layer is hidden when a higher layer holds the same path, a whiteout of it or of a
 * directory above it, an opaque marker in a directory above it, or anything but a directory where a
 * directory above it was. Because a layer may write through a symbolic link of a lower one ({@code
 * lib -> usr/lib}), a path is also looked for under its resolved name and under the names that
 * links give it.
 */
final class ImageView {
  private static final int MAX_HOPS = 40;

  private final List<LayerFacts> layers;
  private final PathHash hash;
  private final Map<String, String> symlinks = new HashMap<>();
  private final Map<String, List<String>> linksTo = new HashMap<>();

  ImageView(List<LayerFacts> layers, PathHash hash) {
    this.layers = layers;
    this.hash = hash;
    for (int i = 0; i < layers.size(); i++) {
      for (Map.Entry<String, String> link : layers.get(i).symlinks.entrySet()) {
        if (!hidden(link.getKey(), i)) {
          symlinks.put(link.getKey(), link.getValue());
        }
      }
    }
    for (String link : symlinks.keySet()) {
      resolve(link)
          .ifPresent(target -> linksTo.computeIfAbsent(target, key -> new ArrayList<>()).add(link));
    }
  }

  /** Symbolic links that can be seen, path to target as written. */
  Map<String, String> symlinks() {
    return symlinks;
  }

  /** Whether the file that layer {@code index} holds at {@code path} can be seen. */
  boolean visible(String path, int index) {
    if (index == layers.size() - 1) {
      return true;
    }
    for (String name : names(path)) {
      if (hidden(name, index)) {
        return false;
      }
    }
    return true;
  }

  /** The path with all symbolic links followed; empty if they lead nowhere or in a circle. */
  Optional<String> resolve(String path) {
    Deque<String> todo = new ArrayDeque<>(segments(path));
    Deque<String> done = new ArrayDeque<>();
    int hops = 0;
    while (!todo.isEmpty()) {
      String segment = todo.pop();
      if (segment.equals("..")) {
        done.pollLast();
        continue;
      }
      done.addLast(segment);
      String target = symlinks.get(String.join("/", done));
      if (target != null) {
        if (++hops > MAX_HOPS || done.size() + todo.size() > 4096) {
          return Optional.empty();
        }
        done.pollLast();
        if (target.startsWith("/")) {
          done.clear();
        }
        List<String> more = segments(target);
        for (int i = more.size() - 1; i >= 0; i--) {
          todo.push(more.get(i));
        }
      }
    }
    return Optional.of(String.join("/", done));
  }

  /** The path as written, resolved, and as seen through links to the directories above it. */
  private Set<String> names(String path) {
    Set<String> names = new LinkedHashSet<>();
    names.add(path);
    int slash = path.lastIndexOf('/');
    String base = path.substring(slash + 1);
    String resolved =
        slash < 0
            ? path
            : resolve(path.substring(0, slash)).map(parent -> joined(parent, base)).orElse(path);
    names.add(resolved);
    for (int end = resolved.indexOf('/'); end >= 0; end = resolved.indexOf('/', end + 1)) {
      List<String> links = linksTo.get(resolved.substring(0, end));
      if (links != null) {
        for (String link : links) {
          names.add(link + resolved.substring(end));
        }
      }
    }
    return names;
  }

  private boolean hidden(String path, int index) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    for (int layer = index + 1; layer < layers.size(); layer++) {
      LayerFacts above = layers.get(layer);
      long value = hash.start();
      if (above.opaque.contains(value)) {
        return true;
      }
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '/'
            && (above.others.contains(value)
                || above.whiteouts.contains(value)
                || above.opaque.contains(value))) {
          return true;
        }
        value = hash.add(value, bytes[i]);
      }
      if (above.others.contains(value)
          || above.whiteouts.contains(value)
          || above.directories.contains(value)) {
        return true;
      }
    }
    return false;
  }

  private static String joined(String parent, String base) {
    return parent.isEmpty() ? base : parent + "/" + base;
  }

  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/")) {
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return segments;
  }
}
