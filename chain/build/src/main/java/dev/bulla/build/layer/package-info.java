/**
 * The layer engine: file trees, the archives they come from, and the bytes of a layer as a function
 * of nothing but the tree and one fixed time.
 */
@NullMarked
package dev.bulla.build.layer;

import org.jspecify.annotations.NullMarked;
