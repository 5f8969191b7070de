package dev.bulla.signing.plugin;

import dev.bulla.signing.program.OwnedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a plugin's executable is where only its caller, or root, can have put it. */
final class PluginFile {
  private PluginFile() {}

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
      if (!OwnedFile.isProgram(real)) {
        throw PluginProcess.refused(name, real + " is not a file that can be executed");
      }
      owned(name, plugins.toRealPath());
      for (Path at = real; at != null && at.startsWith(home.toRealPath()); at = at.getParent()) {
        owned(name, at);
      }
      return real;
    } catch (IOException e) {
      throw PluginProcess.refused(name, executable + " cannot be examined: " + e);
    }
  }

  private static void owned(String name, Path path) throws IOException {
    OwnedFile.objection(path, false)
        .ifPresent(objection -> {
          throw PluginProcess.refused(name, objection);
        });
  }
}
