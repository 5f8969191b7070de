package dev.bulla.inventory;

import java.time.Instant;

/**
 * What a document says about its own making; everything else in it follows from the inventory.
 *
 * @param timestamp when the document was made, written with whole seconds; give a fixed time for
 *     reproducible bytes
 * @param toolVersion version of Bulla
 */
public record SbomOptions(Instant timestamp, String toolVersion) {}
