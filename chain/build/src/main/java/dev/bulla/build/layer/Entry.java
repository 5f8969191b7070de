package dev.bulla.build.layer;

import dev.bulla.core.Digest;
import dev.bulla.oci.BlobSource;

/**
 * One file system object of a layer. Times, user names and extended attributes have no place here:
 * what is not in an entry cannot make two layers differ.
 */
public sealed interface Entry {
  /** Permission bits of a directory that nobody spoke about. */
  int DIRECTORY_MODE = 0755;

  /** Permission bits of a link, which Linux ignores. */
  int LINK_MODE = 0777;

  Owner owner();

  /** Permission bits, 0 to 07777. */
  int mode();

  Entry withOwner(Owner owner);

  /** Numeric user and group, 0 to 2^31-1. */
  record Owner(int uid, int gid) {
    public static final Owner ROOT = new Owner(0, 0);

    public Owner {
      if (uid < 0 || gid < 0) {
        throw new IllegalArgumentException("user and group ids are not negative");
      }
    }

    @Override
    public String toString() {
      return uid + ":" + gid;
    }
  }

  /** A directory. */
  record Directory(int mode, Owner owner) implements Entry {
    public static final Directory PLAIN = new Directory(DIRECTORY_MODE, Owner.ROOT);

    @Override
    public Entry withOwner(Owner value) {
      return new Directory(mode, value);
    }
  }

  /**
   * A regular file; a hard link becomes one too.
   *
   * @param digest of the content; the layer writer refuses content that has another
   * @param content where the bytes are read from
   */
  record File(int mode, Owner owner, long size, Digest digest, BlobSource content)
      implements Entry {
    /**
     * Permission bits of a file: its executable bit is all that survives, so that no umask matters.
     */
    public static int normalMode(boolean executable) {
      return executable ? 0755 : 0644;
    }

    public File withMode(int value) {
      return new File(value, owner, size, digest, content);
    }

    @Override
    public Entry withOwner(Owner value) {
      return new File(mode, value, size, digest, content);
    }
  }

  /** A symbolic link whose target stays inside the root. */
  record Link(String target, Owner owner) implements Entry {
    @Override
    public int mode() {
      return LINK_MODE;
    }

    @Override
    public Entry withOwner(Owner value) {
      return new Link(target, value);
    }
  }
}
