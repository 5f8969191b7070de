package dev.bulla.build.layer;

/**
 * What an archive or directory may grow to before it is refused.
 *
 * @param entries files, directories and links together
 * @param bytes expanded size of everything together
 * @param ratio expanded bytes per archived byte, once {@code ratioFloor} bytes are passed
 * @param ratioFloor expanded bytes that are allowed whatever the ratio: small archives of zeros do
 *     no harm
 */
public record ArchiveLimits(int entries, long bytes, int ratio, long ratioFloor) {
  /** 200 000 entries, 16 GiB, and a ratio of 100 beyond 64 MiB. */
  public static final ArchiveLimits DEFAULT = new ArchiveLimits(200_000, 16L << 30, 100, 64L << 20);

  /** The expanded size allowed for an archive of this many bytes. */
  long expandedFor(long archiveBytes) {
    long byRatio = archiveBytes > Long.MAX_VALUE / ratio ? Long.MAX_VALUE : archiveBytes * ratio;
    return Math.min(bytes, Math.max(ratioFloor, byRatio));
  }
}
