package dev.bulla.signing.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** Whether a program is where only its caller, or root, can have put it. */
final class OwnedFile {
  private OwnedFile() {}

  /**
   * The real path of a plugin's executable.
   *
   * @param plugins the directory of all plugins
   * @throws dev.bulla.core.BullaException {@code PLUGIN_REFUSED}
   */
  static Path check(String name, Path plugins, Path executable) {
    try {
      Path home = executable.toAbsolutePath().getParent();
      if (home == null || Files.isSymbolicLink(home)) {
        throw PluginProcess.refused(name, "its directory " + home + " is a link");
      }
      Path real = executable.toRealPath();
      if (!real.startsWith(home.toRealPath())) {
        throw PluginProcess.refused(name, executable + " is a link that leads out to " + real);
      }
      if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS) || !Files.isExecutable(real)) {
        throw PluginProcess.refused(name, real + " is not a file that can be executed");
      }
      Optional<String> caller = ProcessHandle.current().info().user();
      owned(name, plugins.toRealPath(), caller);
      for (Path at = real; at != null && at.startsWith(home.toRealPath()); at = at.getParent()) {
        owned(name, at, caller);
      }
      return real;
    } catch (IOException e) {
      throw PluginProcess.refused(name, executable + " cannot be examined: " + e);
    }
  }

  private static void owned(String name, Path path, Optional<String> caller) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return; // no owners of this kind here
    }
    PosixFileAttributes attributes = view.readAttributes();
    String owner = attributes.owner().getName();
    if (!owner.equals("root") && !caller.filter(owner::equals).isPresent()) {
      throw PluginProcess.refused(
          name,
          "%s belongs to %s, expected %s or root"
              .formatted(path, owner, caller.orElse("the caller")));
    }
    Set<PosixFilePermission> permissions = attributes.permissions();
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw PluginProcess.refused(name, path + " can be written by others");
    }
  }
}
