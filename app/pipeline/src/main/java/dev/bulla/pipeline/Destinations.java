package dev.bulla.pipeline;

import dev.bulla.build.Distribution;
import dev.bulla.build.Template;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where an image goes.
 *
 * @param registries names without tag, each with its tags; at least one of both lists is not empty
 * @param layouts directories, each with its tags
 */
record Destinations(List<Named> registries, List<Directory> layouts) {

  /** A repository and the tags to set there. */
  record Named(Reference name, List<String> tags) {
    List<Reference> references() {
      return tags.stream().map(name::withTag).toList();
    }
  }

  record Directory(Path path, List<String> tags) {}

  static Destinations of(Template template, ShipRequest request) {
    if (request.destination().isPresent()) {
      Reference to = request.destination().get();
      if (to.digest().isPresent()) {
        throw new BullaException(
            ErrorCode.USAGE,
            "--to names a digest; the digest is what comes out, give a tag or nothing");
      }
      List<String> tags = to.tag().map(List::of).orElse(List.of("latest"));
      return new Destinations(List.of(new Named(to.name(), tags)), List.of());
    }
    List<Named> registries = new ArrayList<>();
    List<Directory> layouts = new ArrayList<>();
    for (Distribution target : template.distribute()) {
      switch (target) {
        case Distribution.Registry registry ->
            registries.add(
                new Named(name(registry.repository(), request.registry()), tagsOf(registry)));
        case Distribution.OciLayout layout ->
            layouts.add(new Directory(template.directory().resolve(layout.path()), tagsOf(layout)));
      }
    }
    if (registries.isEmpty()) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          template.name()
              + ": no distribute entry of type Registry, so there is nowhere to publish to",
          "Add 'distribute: [{type: Registry, repository: NAME, tags: [TAG]}]', or give --to.");
    }
    return new Destinations(registries, layouts);
  }

  /** The repository in which the image is verified and recorded. */
  Named first() {
    return registries.getFirst();
  }

  /**
   * What documents call the image: without the address of the home's registry, which says nothing
   * elsewhere.
   */
  String imageName(String registry) {
    Reference name = first().name();
    return name.registry().equals(registry) ? name.repository() : name.toString();
  }

  /**
   * Where the evidence of a refused image stays: the home's registry, under the name that the image
   * was to have.
   */
  Reference kept(String registry) {
    Reference wanted = first().references().getFirst();
    return new Reference(registry, wanted.repository(), wanted.tag(), Optional.empty());
  }

  /** A repository without a host belongs to the home's registry, not to docker.io. */
  static Reference name(String repository, String registry) {
    int slash = repository.indexOf('/');
    String head = slash < 0 ? "" : repository.substring(0, slash);
    boolean host = head.contains(".") || head.contains(":") || head.equals("localhost");
    return host
        ? Reference.parseName(repository).name()
        : new Reference(registry, repository, Optional.empty(), Optional.empty());
  }

  private static List<String> tagsOf(Distribution target) {
    return target.tags().isEmpty() ? List.of("latest") : target.tags();
  }
}
