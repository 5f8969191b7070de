package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the content of one step at its destination, over what the image already holds: links in the
 * image are followed inside its root, parents are made only where there are none, and what would
 * not change anything is left out of the layer.
 *
 * @param mode permission bits of every file; empty keeps those of the content
 * @param owner of everything this step makes
 */
public record Placement(ImagePath destination, Optional<Integer> mode, Entry.Owner owner) {

  /**
   * The layer for a directory's or an archive's content below the destination.
   *
   * @throws BullaException {@link ErrorCode#TEMPLATE_INVALID} if a file would take the place of a
   *     directory or the reverse
   */
  public FileTree tree(FileTree content, ImageFiles image) {
    FileTree layer = new FileTree();
    ImagePath root = directory(destination, image, layer);
    for (Map.Entry<ImagePath, Entry> one : content.entries().entrySet()) {
      ImagePath wanted = root.resolve(one.getKey());
      switch (one.getValue()) {
        case Entry.Directory directory -> directory(wanted, image, layer);
        case Entry.File file -> object(wanted, adapted(file), image, layer);
        case Entry.Link link -> object(wanted, link.withOwner(owner), image, layer);
      }
    }
    return layer;
  }

  /** The layer for one file at exactly the destination. */
  public FileTree file(Entry.File file, ImageFiles image) {
    FileTree layer = new FileTree();
    object(destination, adapted(file), image, layer);
    return layer;
  }

  private Entry adapted(Entry.File file) {
    return file.withMode(mode.orElse(file.mode())).withOwner(owner);
  }

  private void object(ImagePath wanted, Entry entry, ImageFiles image, FileTree layer) {
    ImagePath parent = parents(wanted.parent(), image, layer, Entry.Owner.ROOT);
    ImagePath path = parent.child(wanted.name());
    if (layer.at(path).isPresent()) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          wanted
              + " and another path of the same step both mean "
              + path
              + ", through a link in the image");
    }
    Optional<Entry> present = image.at(path);
    if (present.isPresent() && present.get() instanceof Entry.Directory) {
      throw new BullaException(
          ErrorCode.TEMPLATE_INVALID,
          path + " is a directory in the image, and a file or link would take its place",
          "End the destination with '/' to put the file into the directory.");
    }
    if (!present.map(known -> same(known, entry)).orElse(false)) {
      layer.set(path, entry);
    }
  }

  private ImagePath directory(ImagePath wanted, ImageFiles image, FileTree layer) {
    return parents(wanted, image, layer, owner);
  }

  /**
   * Makes a directory and those above it where they are missing; the last one gets {@code last} as
   * its owner.
   */
  private static ImagePath parents(
      ImagePath wanted, ImageFiles image, FileTree layer, Entry.Owner last) {
    ImagePath path = image.resolve(wanted, true);
    if (path.isRoot()) {
      return path;
    }
    switch (layer.at(path).or(() -> image.at(path)).orElse(null)) {
      case null -> {
        parents(path.parent(), image, layer, Entry.Owner.ROOT);
        layer.set(path, Entry.Directory.PLAIN.withOwner(last));
      }
      case Entry.Directory known -> {}
      case Entry.File file -> throw notDirectory(path);
      case Entry.Link link -> throw notDirectory(path);
    }
    return path;
  }

  private static BullaException notDirectory(ImagePath path) {
    return new BullaException(
        ErrorCode.TEMPLATE_INVALID,
        path + " is a file in the image, and a directory is needed in its place",
        "Choose another destination.");
  }

  private static boolean same(Entry present, Entry wanted) {
    if (present instanceof Entry.Link) {
      return present.equals(wanted);
    }
    return present instanceof Entry.File a
        && wanted instanceof Entry.File b
        && a.mode() == b.mode()
        && a.owner().equals(b.owner())
        && a.size() == b.size()
        && a.digest().equals(b.digest());
  }
}
