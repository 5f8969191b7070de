package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code index.json} of a layout (OCI image specification, "Image Layout"): an index whose
 * entries may carry a tag. What others have written into it, unknown fields included, survives
 * every change.
 */
final class LayoutIndex {
  static final String REF_NAME = "org.opencontainers.image.ref.name";
  static final int MAX_BYTES = 16 * 1024 * 1024;

  /** One entry: the object as it was read, and what Bulla understands of it. */
  private record Entry(ObjectNode node, Descriptor descriptor) {
    Optional<String> tag() {
      return Optional.ofNullable(descriptor.annotations().get(REF_NAME));
    }
  }

  private final ObjectNode root;
  private final List<Entry> entries;

  private LayoutIndex(ObjectNode root, List<Entry> entries) {
    this.root = root;
    this.entries = entries;
  }

  static LayoutIndex empty() {
    ObjectNode root = Json.object();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaTypes.OCI_INDEX);
    root.putArray("manifests");
    return new LayoutIndex(root, new ArrayList<>());
  }

  /**
   * @throws BullaException {@code LAYOUT_INVALID} if it is JSON but no index; JSON errors as {@link
   *     Json#parse}
   */
  static LayoutIndex parse(byte[] bytes, String what) {
    Fields fields = Contents.fields(bytes, what);
    try {
      if (fields.integer("schemaVersion") != 2) {
        throw new BullaException(ErrorCode.LAYOUT_INVALID, what + ": schemaVersion is not 2");
      }
      List<Entry> entries = new ArrayList<>();
      for (Fields one : fields.objects("manifests")) {
        entries.add(new Entry(one.node(), Manifest.descriptorOf(one)));
      }
      return new LayoutIndex(fields.node(), entries);
    } catch (BullaException e) {
      throw e.code() == ErrorCode.LAYOUT_INVALID
          ? e
          : new BullaException(ErrorCode.LAYOUT_INVALID, what + ": " + e.reason(), e);
    }
  }

  List<Descriptor> manifests() {
    return entries.stream().map(Entry::descriptor).toList();
  }

  List<String> tags() {
    return List.copyOf(
        entries.stream()
            .flatMap(entry -> entry.tag().stream())
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** The entry with this tag; the last one if, against the specification, there are several. */
  Optional<Descriptor> tagged(String tag) {
    return last(entry -> entry.tag().equals(Optional.of(tag)));
  }

  Optional<Descriptor> listed(Digest digest) {
    return last(entry -> entry.descriptor.digest().equals(digest));
  }

  private Optional<Descriptor> last(Predicate<Entry> wanted) {
    return entries.reversed().stream().filter(wanted).findFirst().map(Entry::descriptor);
  }

  /**
   * Lists {@code manifest} under each tag, or without one. A tag moves: what had it stays listed
   * without. The children of a newly listed index lose entries of their own that carry no tag,
   * unless they have a subject.
   */
  void add(Manifest manifest, Collection<String> tags, Predicate<Digest> hasSubject) {
    Descriptor listed = manifest.descriptor().bare();
    Descriptor entry = manifest.artifactType().map(listed::withArtifactType).orElse(listed);
    for (String tag : new TreeSet<>(tags)) {
      untag(tag);
      entries.removeIf(
          one -> one.descriptor.digest().equals(entry.digest()) && one.tag().isEmpty());
      put(entry.withAnnotations(Contents.with(entry.annotations(), REF_NAME, tag)));
    }
    if (tags.isEmpty() && listed(entry.digest()).isEmpty()) {
      put(entry);
    }
    Set<Digest> children =
        manifest.manifests().stream().map(Descriptor::digest).collect(Collectors.toSet());
    entries.removeIf(one ->
        one.tag().isEmpty()
            && children.contains(one.descriptor.digest())
            && !hasSubject.test(one.descriptor.digest()));
  }

  private void untag(String tag) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.tag().equals(Optional.of(tag))) {
        ObjectNode node = entry.node.deepCopy();
        if (node.get("annotations") instanceof ObjectNode annotations) {
          annotations.remove(REF_NAME);
          if (annotations.isEmpty()) {
            node.remove("annotations");
          }
        }
        Descriptor bare =
            entry.descriptor.withAnnotations(
                Contents.without(entry.descriptor.annotations(), REF_NAME));
        entries.set(i, new Entry(node, bare));
      }
    }
  }

  void remove(Digest digest) {
    entries.removeIf(one -> one.descriptor.digest().equals(digest));
  }

  /** Adds annotations to every entry of a manifest. */
  void annotate(Digest digest, Map<String, String> annotations) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (entry.descriptor.digest().equals(digest)) {
        ObjectNode node = entry.node.deepCopy();
        ObjectNode written =
            node.get("annotations") instanceof ObjectNode there
                ? there
                : node.putObject("annotations");
        new TreeMap<>(annotations).forEach(written::put);
        Map<String, String> all = new TreeMap<>(entry.descriptor.annotations());
        all.putAll(annotations);
        entries.set(i, new Entry(node, entry.descriptor.withAnnotations(all)));
      }
    }
  }

  private void put(Descriptor descriptor) {
    entries.add(new Entry(Manifest.toJson(descriptor), descriptor));
  }

  void put(Descriptor descriptor, Optional<String> tag) {
    put(
        tag.map(name ->
                descriptor.withAnnotations(Contents.with(descriptor.annotations(), REF_NAME, name)))
            .orElse(descriptor));
  }

  byte[] toJson() {
    ArrayNode all = Json.array();
    entries.forEach(entry -> all.add(entry.node));
    ObjectNode written = root.deepCopy();
    written.set("manifests", all);
    return Json.write(written);
  }
}
