package dev.bulla.signing.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** Whether a file is where only its caller, or root, can have put it. */
public final class OwnedFile {
  private OwnedFile() {}

  /**
   * Why {@code path} is not to be trusted with the caller's rights; empty if it belongs to the
   * caller or to root and others cannot write it. A link is judged itself, not what it leads to.
   *
   * @param groupMayWrite whether the owning group may, as it may in the directories of some package
   *     managers
   */
  public static Optional<String> objection(Path path, boolean groupMayWrite) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return Optional.empty(); // no owners of this kind here
    }
    PosixFileAttributes attributes = view.readAttributes();
    String owner = attributes.owner().getName();
    Optional<String> caller = ProcessHandle.current().info().user();
    if (!owner.equals("root") && !caller.filter(owner::equals).isPresent()) {
      return Optional.of(
          "%s belongs to %s, expected %s or root"
              .formatted(path, owner, caller.orElse("the caller")));
    }
    Set<PosixFilePermission> permissions = attributes.permissions();
    if (!groupMayWrite && permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      return Optional.of(path + " can be written by others");
    }
    return Optional.empty();
  }

  /** Whether {@code path} is a file that can be executed, and no link. */
  public static boolean isProgram(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && Files.isExecutable(path);
  }
}
