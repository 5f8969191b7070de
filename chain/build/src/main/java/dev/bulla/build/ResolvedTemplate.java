package dev.bulla.build;

import dev.bulla.build.layer.Entry;
import dev.bulla.build.layer.FileTree;
import dev.bulla.core.json.Json;
import dev.bulla.oci.Manifest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A template with everything it names read and hashed: what is built from it can no longer depend
 * on anything else. Valid as long as the work directory it was resolved into.
 */
public final class ResolvedTemplate {
  private final Template template;
  private final List<Input> inputs;
  private final Optional<Base> base;
  private final List<Content> contents;
  private final Path work;
  private final Deadline deadline;

  ResolvedTemplate(
      Template template,
      List<Input> inputs,
      Optional<Base> base,
      List<Content> contents,
      Path work,
      Deadline deadline) {
    this.template = template;
    this.inputs = List.copyOf(inputs);
    this.base = base;
    this.contents = List.copyOf(contents);
    this.work = work;
    this.deadline = deadline;
  }

  /**
   * A base image, its blobs already here and verified.
   *
   * @param layers files of the compressed layers, in the manifest's order
   */
  record Base(Manifest manifest, byte[] config, List<Path> layers) {}

  /** What one step adds. */
  sealed interface Content {
    /** One file, to be named as the destination says. */
    record Single(String fileName, Entry.File file) implements Content {}

    /** A directory's or an archive's content. */
    record Tree(FileTree tree) implements Content {}
  }

  public Template template() {
    return template;
  }

  /**
   * The base image first, if there is one, then one input for each customize step, in their order.
   */
  public List<Input> inputs() {
    return inputs;
  }

  Optional<Base> base() {
    return base;
  }

  List<Content> contents() {
    return contents;
  }

  Path work() {
    return work;
  }

  /** Until when the image has to be finished. */
  public Deadline deadline() {
    return deadline;
  }

  /**
   * What the gate before the build judges, in a stable order: {@code template} (name, digest, the
   * normalised document), {@code base} (type, uri, digest, pinned) and {@code inputs} (name, kind,
   * uri, digest, size, pinned).
   */
  public ObjectNode facts() {
    ObjectNode root = Json.object();
    ObjectNode about = root.putObject("template");
    about.put("name", template.name());
    about.put("digest", template.digest().toString());
    about.set("document", template.normalised());
    ObjectNode from = root.putObject("base");
    from.put("type", typeName(template.source()));
    baseInput()
        .ifPresentOrElse(
            input -> from.put("uri", input.uri()).put("digest", input.digest().toString()),
            () -> from.put("uri", "").put("digest", ""));
    from.put("pinned", template.source().isPinned());
    root.set("inputs", inputList());
    return root;
  }

  /** The inputs as the facts and the lock list them. */
  ArrayNode inputList() {
    ArrayNode all = Json.array();
    for (Input input : inputs) {
      all.addObject()
          .put("name", input.name())
          .put("kind", input.kind().id())
          .put("uri", input.uri())
          .put("digest", input.digest().toString())
          .put("size", input.size())
          .put("pinned", input.pinned());
    }
    return all;
  }

  /** The base image as an input, if there is one. */
  Optional<Input> baseInput() {
    return inputs.stream().filter(input -> input.kind() == Input.Kind.BASE_IMAGE).findFirst();
  }

  private static String typeName(Source source) {
    return switch (source) {
      case Source.Scratch scratch -> "Scratch";
      case Source.OciLayout layout -> "OciLayout";
      case Source.Image image -> "Image";
    };
  }
}
