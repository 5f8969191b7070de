package dev.bulla.store;

/**
 * How content is cut for S3, whose objects cannot grow: they are put together from at most {@value
 * #MAX_PARTS} parts, all but the last of at least 5 MiB (Amazon S3 User Guide, "Multipart upload
 * limits").
 *
 * @param segment bytes of the first segments of an upload; later ones are larger
 * @param smallestPart bytes
 * @param copy bytes that are copied by one request; more takes so many a part
 * @param window bytes that opening a blob reads at once
 */
record S3Sizes(long segment, long smallestPart, long copy, int window) {
  static final int MAX_PARTS = 10_000;

  private static final long MIB = 1024 * 1024;
  private static final int DOUBLING = 2_000;

  static final S3Sizes USUAL = new S3Sizes(16 * MIB, 5 * MIB, 256 * MIB, 256 * 1024);

  /**
   * The size of segment {@code index}: 16 MiB for the first 31 GiB of content, then more and more,
   * so that {@value #MAX_PARTS} of them hold 968 GiB.
   */
  long segmentAt(int index) {
    return segment << Math.min(index / DOUBLING, 4);
  }
}
