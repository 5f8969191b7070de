package dev.bulla.inventory;

/**
 * A visible finding.
 *
 * @param path without leading slash
 * @param layer index of the layer that holds the file, lowest 0; 0 for a directory
 */
record Sighting(String path, int layer, Finding finding) {}
